"""Backup and restore: PostgreSQL's own archive, from either mode of database, whole or not at all."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from academy.core.errors import Refused
from academy.postgres import PostgresError, binaries

FORGOTTEN = ("people_cache",)  # counts that a crash may lose anyway
USED = """
    select count(*) from pg_class
    where relkind in ('r', 'p', 'v', 'm', 'S') and relnamespace = 'public'::regnamespace
"""


def backup(file: Path, *, url: str) -> int:
    """Write the whole database as it is at this moment into a new file; its size in bytes.

    Nobody has to stop working meanwhile. Raises Refused with a sentence; then there is no file.
    """
    if file.exists():
        raise Refused(f"{file} is there already. Name a new file; a backup never replaces another.")
    if not file.parent.is_dir():
        raise Refused(f"There is no folder {file.parent}. Make it first.")
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        excluded = [f"--exclude-table-data={table}" for table in FORGOTTEN]
        _run("pg_dump", url, ["--format=custom", "--no-comments", *excluded, f"--file={unfinished}", *_target(url)])
        unfinished.rename(file)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror}.") from None
    finally:
        unfinished.unlink(missing_ok=True)
    return file.stat().st_size


def restore(file: Path, *, url: str) -> None:
    """Read a backup into an empty database; all of it, or nothing. Raises Refused with a sentence."""
    _refuse_unreadable(file)
    with psycopg.connect(url) as connection:
        row = connection.execute(USED).fetchone()
    if row and row[0]:
        raise Refused(
            "This database is not empty, and a restore never replaces anything. Name a new folder in "
            "ACADEMY_DATA_DIR, or an empty database in DATABASE_URL."
        )
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", url, [*options, *_target(url), str(file)])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("analyze")


@contextmanager
def scratch(url: str) -> Iterator[str]:
    """The address of a new empty database on the same server, dropped afterwards. Raises Refused."""
    name = f"academy_check_{secrets.token_hex(4)}"
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        raise Refused(
            "A check needs a database to read the backup into, and this user may not create one. "
            "Allow it with ALTER ROLE ... CREATEDB, or restore into an empty database of your own."
        ) from None
    try:
        yield named(url, name)
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def named(url: str, database: str) -> str:
    """The same server's address with another database."""
    if "://" not in url:
        return make_conninfo(url, dbname=database)
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def elsewhere(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one of our commands on another database, in a process of its own: settings are read once
    a process.
    """
    return subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "academy.cli", *arguments],
        env={**os.environ, "DATABASE_URL": url},
        text=True,
        capture_output=True,
        check=False,
    )


def _refuse_unreadable(file: Path) -> None:
    try:
        with file.open("rb") as opened:
            is_archive = opened.read(5) == b"PGDMP"
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from None
    if not is_archive:
        raise Refused(f"{file} is no backup of ours. A backup is what `academy backup FILE` wrote.")


def _target(url: str) -> list[str]:
    """Where to, without a password, which everybody on the machine could read in the list of processes."""
    given = {name: str(value) for name, value in conninfo_to_dict(url).items() if name != "password"}
    return [f"--dbname={make_conninfo('', **given)}"]


def _run(program: str, url: str, arguments: list[str]) -> None:
    try:
        path = binaries.find().program(program)
    except PostgresError as error:
        raise Refused(str(error)) from None
    done = subprocess.run(  # noqa: S603 - PostgreSQL's own programs
        [path, "--no-password", *arguments], env=_environment(url), text=True, capture_output=True, check=False
    )
    if done.returncode != 0:
        raise Refused(f"{program} could not do it: {_last_line(done.stderr)}")


def _environment(url: str) -> Mapping[str, str]:
    password = conninfo_to_dict(url).get("password")
    return {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    loud = [line for line in lines if "error:" in line or "FATAL" in line]
    return (loud or lines or ["it said nothing."])[0]
