"""How every entry point begins: find the database, then set up Django. Command line, server, jobs and tests
call it.
"""

import gc
import os
from pathlib import Path

import django

from academy import postgres


def prepare() -> None:
    """Make the database reachable and load the settings. Repeating it does nothing more.

    With DATABASE_URL in the environment that database is used; without it the embedded server of the data
    folder is started, or joined, and DATABASE_URL is set for this process and those that it starts. Raises
    PostgresError with a sentence when neither works.
    """
    find_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "academy.settings")
    django.setup()
    gc.freeze()  # what is loaded by now stays: looking through it again and again was a tenth of an import's time


def find_database() -> str:
    """The address of the database to use, which is also left in DATABASE_URL. Loads no settings."""
    if not os.environ.get("DATABASE_URL"):
        folder = Path(os.environ.get("ACADEMY_DATA_DIR", "var")).resolve()
        durable = os.environ.get("ACADEMY_ENV") != "test"
        os.environ["DATABASE_URL"] = postgres.ensure(folder, durable=durable).url
    return os.environ["DATABASE_URL"]
