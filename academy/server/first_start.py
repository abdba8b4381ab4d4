"""From an empty folder to an academy that can be entered."""

from collections.abc import Callable
from pathlib import Path

from academy.core import clock
from academy.server import terminal
from academy.server.entry import data_folder
from academy.server.folder import being_filled

Tell = Callable[[int, int], None]


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

    with terminal.progress("Making the demo academy and its year") as tell, being_filled(data_folder()):
        create(now=clock.now(), progress=tell)
    return True


def import_folder(folder: Path) -> None:
    """Import every catalogue of a folder, and say what came of it."""
    from academy.integrations.catalogue import import_catalogue  # noqa: PLC0415 - needs Django

    with terminal.progress(f"Importing {folder.name}") as tell:
        report = import_catalogue(folder, by=None, now=clock.now(), progress=tell)
    told = report.as_json()
    terminal.err.print(
        f"Imported {folder}: {told['added']} added, {told['changed']} changed, {told['unchanged']} unchanged, "
        f"{len(told['refused'])} refused.",
        markup=False,
    )
