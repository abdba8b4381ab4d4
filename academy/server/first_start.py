"""From an empty folder to an academy that can be entered."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from academy.core import clock
from academy.server import terminal
from academy.server.entry import data_folder
from academy.server.folder import being_filled

Tell = Callable[[int, int], None]

_ONE_AT_A_TIME = 7_237_017
"""The advisory lock of whoever makes the tables of an empty database."""


def migrate(tell: Tell = lambda done, total: None) -> int:
    """Bring the database to this release; how many migrations were applied. Repeating it does nothing."""
    from django.core.management import call_command  # noqa: PLC0415 - loads every app
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    total = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if not total:
        return 0
    call_command("migrate", verbosity=1, interactive=False, stdout=_Counted(tell, total))
    return total


def migrate_empty() -> None:
    """Make the tables where none of ours is there, and say so; tables of an older release are left alone.

    Whoever comes at the same time waits until all of them are made. They do not wait for the lock itself: an index that
    is built beside other work would wait for them.
    """
    from django.db import connection  # noqa: PLC0415 - needs Django

    with connection.cursor() as cursor:
        if _are_made(cursor):
            return
        with terminal.progress("Preparing the database") as tell:
            while not _holds(cursor):
                time.sleep(0.2)
            try:
                if not _has_tables():
                    migrate(tell)
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


def _are_made(cursor: Any) -> bool:
    """Whether there are tables, and nobody is making them just now: the first is there long before the last."""
    if not _holds(cursor, "_shared"):
        return False
    try:
        return _has_tables()
    finally:
        cursor.execute("select pg_advisory_unlock_shared(%s)", [_ONE_AT_A_TIME])


def _has_tables() -> bool:
    """Whether any migration was ever applied."""
    from django.db import connection  # noqa: PLC0415 - needs Django
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415

    return bool(MigrationRecorder(connection).applied_migrations())


def _holds(cursor: Any, how: str = "") -> bool:
    cursor.execute(f"select pg_try_advisory_lock{how}(%s)", [_ONE_AT_A_TIME])
    (is_ours,) = cursor.fetchone()
    return bool(is_ours)


class _Counted:
    """Where the command writes its lines: each migration that begins is one more."""

    def __init__(self, tell: Tell, total: int) -> None:
        self.tell, self.total, self.done = tell, total, 0

    def write(self, text: str) -> int:
        if "Applying " in text:
            self.done += 1
            self.tell(self.done, self.total)
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""


def is_empty() -> bool:
    """Whether nobody has ever been entered."""
    from academy.people.accounts.models import Person  # noqa: PLC0415 - needs Django

    return not Person.objects.exists()


def make_demo() -> bool:
    """Migrate, and fill an empty database with the demo academy; whether it was filled."""
    with terminal.progress("Preparing the database") as tell:
        migrate(tell)
    if not is_empty():
        return False
    from academy.demo import create  # noqa: PLC0415 - needs Django

    progress = terminal.progress("Making the demo academy and its year")
    with progress as tell, being_filled(data_folder()), kept_at_the_end():
        create(now=clock.now(), progress=tell)
    return True


@contextmanager
def kept_at_the_end() -> Iterator[None]:
    """Let no commit wait for the disk, and wait for all of them once, at the end; statistics are fresh then as well.

    For what is begun anew where it was cut off.
    """
    from django.db import connection  # noqa: PLC0415 - needs Django

    with connection.cursor() as cursor:
        cursor.execute("set synchronous_commit = off")
        yield
        cursor.execute("reset synchronous_commit")
        cursor.execute("analyze")


def import_folder(folder: Path) -> None:
    """Import the catalogue and the deals of a folder, whichever there are, and say what came of it."""
    from academy.integrations.catalogue import holds_catalogue  # noqa: PLC0415 - needs Django
    from academy.integrations.deals import holds_deals  # noqa: PLC0415

    has_deals = holds_deals(folder)
    if holds_catalogue(folder) or not has_deals:
        _import_catalogue(folder)
    if has_deals:
        _import_deals(folder)


def _import_catalogue(folder: Path) -> None:
    from academy.integrations.catalogue import import_catalogue  # noqa: PLC0415 - needs Django

    with terminal.progress(f"Importing {folder.name}") as tell:
        report = import_catalogue(folder, by=None, now=clock.now(), progress=tell)
    _say(f"Imported {folder}", report.as_json())


def _import_deals(folder: Path) -> None:
    from academy.integrations.deals import import_deals  # noqa: PLC0415 - needs Django

    with terminal.progress(f"Importing the deals of {folder.name}") as tell:
        report = import_deals(folder, now=clock.now(), progress=tell)
    _say(f"Imported the deals of {folder}", report.as_json())


def _say(what: str, told: Mapping[str, Any]) -> None:
    counts = f"{told['added']} added, {told['changed']} changed, {told['unchanged']} unchanged"
    terminal.err.print(f"{what}: {counts}, {len(told['refused'])} refused.", markup=False)
    for refused in told["refused"][:10]:
        terminal.err.print(f"  {refused['file']}:{refused['line']}: {refused['reason']}", markup=False)
