"""Finding every job of the house: each module called `jobs` is imported by the worker, and so known to it."""

import pkgutil
from importlib import import_module

import academy

MODULE = "jobs"


def import_jobs() -> list[str]:
    """Import each module called `jobs`, so that its jobs and periodic jobs are known; their names, sorted."""
    found = pkgutil.walk_packages(academy.__path__, f"{academy.__name__}.", onerror=_broken)
    named = sorted(module.name for module in found if module.name.rpartition(".")[2] == MODULE)
    for name in named:
        import_module(name)
    return named


def _broken(package: str) -> None:
    """Import again what could not be: its own error says more than a name."""
    import_module(package)
