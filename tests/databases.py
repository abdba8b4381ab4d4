"""A database for each worker, copied from a template that is migrated once and kept until a migration
changes.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from academy.start import find_database

ACADEMY = Path(__file__).parent.parent / "academy"
ONE_AT_A_TIME = 7_237_015  # the advisory lock of whoever makes the template


@contextmanager
def copy_for(worker: str) -> Iterator[str]:
    """Point Django at a fresh database, and DATABASE_URL too, for processes that tests start; drop it
    afterwards.
    """
    url = find_database()
    name = f"test_{os.getpid()}_{worker}"
    with psycopg.connect(url, autocommit=True) as house:
        house.execute("select pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        _tidy(house)
        template = _template(house, url)
        _create(house, name, template)
        house.execute("select pg_advisory_unlock(%s)", [ONE_AT_A_TIME])
    ours = make_conninfo(url, dbname=name)
    os.environ["DATABASE_URL"] = ours
    _use(ours)
    try:
        yield ours
    finally:
        connection.close()
        os.environ["DATABASE_URL"] = url
        with psycopg.connect(url, autocommit=True) as house:
            house.execute(SQL("drop database if exists {} with (force)").format(Identifier(name)))


def _use(url: str) -> None:
    """What settings.py makes of DATABASE_URL, for a Django that has read its settings already."""
    given = conninfo_to_dict(url)
    connection.close()
    connection.settings_dict.update(
        NAME=given.pop("dbname"),
        USER=given.pop("user", ""),
        PASSWORD=given.pop("password", ""),
        HOST=given.pop("host", ""),
        PORT=given.pop("port", ""),
        OPTIONS=settings.DATABASES["default"]["OPTIONS"] | given,
        CONN_MAX_AGE=0,  # a thread that a job or request ran in leaves no connection open
    )


def _template(house: "psycopg.Connection[tuple[object, ...]]", url: str) -> str:
    name = f"template_{_fingerprint()}"
    if house.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        return name
    unfinished = f"unfinished_{os.getpid()}"
    _create(house, unfinished, "template0")
    _use(make_conninfo(url, dbname=unfinished))
    call_command("migrate", verbosity=0)
    connection.close()
    house.execute(SQL("alter database {} rename to {}").format(Identifier(unfinished), Identifier(name)))
    return name


def _create(house: "psycopg.Connection[tuple[object, ...]]", name: str, template: str) -> None:
    house.execute(SQL("create database {} template {}").format(Identifier(name), Identifier(template)))


def _tidy(house: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Drop what runs that were killed, and migrations that have changed since, left behind."""
    kept = f"template_{_fingerprint()}"
    rows = house.execute("select datname from pg_database where datname ~ '^(test|unfinished|template)_'").fetchall()
    for (found,) in rows:
        kind, _, rest = str(found).partition("_")
        if found == kept or (kind != "template" and _is_alive(rest.partition("_")[0])):
            continue
        with suppress(psycopg.errors.ObjectInUse):
            house.execute(SQL("drop database if exists {}").format(Identifier(str(found))))


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _fingerprint() -> str:
    """Changes whenever the schema can have changed."""
    told = hashlib.sha256(repr(settings.INSTALLED_APPS).encode())
    for package in ("django", "django-allauth", "procrastinate"):
        told.update(version(package).encode())
    for path in sorted(ACADEMY.glob("*/migrations/*.py")):
        told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()[:12]
