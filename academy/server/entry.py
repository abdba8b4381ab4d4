"""How each command begins."""

import os
from pathlib import Path

from academy.core.errors import Refused
from academy.server import folder


def data_folder() -> Path:
    """Where everything is kept."""
    return Path(os.environ.get("ACADEMY_DATA_DIR", "var")).resolve()


def prepare(*, may_be_empty: bool = False) -> None:
    """Find or start the database, load the settings, set up logging; a database that is empty is migrated first.

    `may_be_empty` leaves it as it is, for commands that make the tables themselves, look whether any are missing, or
    read a backup into none.
    """
    folder.claim(data_folder())
    from academy import start  # noqa: PLC0415 - imports Django

    start.prepare()
    from django.conf import settings  # noqa: PLC0415 - readable only now

    from academy.server import logs  # noqa: PLC0415

    logs.configure(json_lines=settings.PRODUCTION, process="command")
    if not may_be_empty:
        from academy.server import first_start  # noqa: PLC0415 - imports this file

        first_start.migrate_empty()


def refuse_old_tables() -> None:
    """Raise Refused where migrations are missing: a server on old tables would fail here and there."""
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    if missing := len(executor.migration_plan(executor.loader.graph.leaf_nodes())):
        raise Refused(f"The database lacks {missing} migrations of this release. Run `academy migrate` first.")
