"""Static files: where they lie, and addresses that change when their content does."""

import time
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

import django_htmx
from django.conf import settings

PREFIX = "/static/"
# In this order. The ASGI root serves exactly these folders under PREFIX.
FOLDERS = (Path(__file__).parent / "static", Path(django_htmx.__file__).parent / "static")


def find(path: str) -> Path | None:
    """The file of a path below PREFIX, or None when there is none or it would lie outside our folders."""
    for folder in FOLDERS:
        file = (folder / path).resolve()
        if file.is_relative_to(folder.resolve()) and file.is_file():
            return file
    return None


@lru_cache(maxsize=256)
def _digest(file: Path, changed: int) -> str:
    """The first twelve hex digits of a file's content. `changed` is its mtime: an edit is seen at once."""
    return sha256(file.read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=256)
def _found(path: str) -> Path:
    if file := find(path):
        return file
    raise FileNotFoundError(f"There is no static file {path}. The folders are {', '.join(map(str, FOLDERS))}.")


@cache
def _ours() -> tuple[Path, ...]:
    return tuple(file for file in FOLDERS[0].rglob("*") if file.suffix in (".css", ".js", ".svg"))


def edited() -> int:
    """Changes when a file of ours is edited; 0 where files are installed and stay as they are."""
    return 0 if settings.PRODUCTION else _edited(int(time.monotonic()))


@lru_cache(maxsize=1)
def _edited(second: int) -> int:
    """The newest mtime of our files, looked at once a second: every page asks."""
    return max(file.stat().st_mtime_ns for file in _ours())


def static(path: str) -> str:
    """The address of a static file with its content's hash, so that browsers may keep it for ever."""
    file = _found(path)
    return f"{PREFIX}{path}?v={_digest(file, file.stat().st_mtime_ns)}"
