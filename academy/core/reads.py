"""Prepared reads, for the few that every page or every lesson asks: parsed and planned once a connection."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections


def rows(statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a prepared statement, inside the transaction of Django's connection.

    Parameters are bound by the server: where their type does not follow from the statement, cast them there. A jsonb
    column comes as text, as Django's connection has it; cast to json it comes read.

    A connection that was lost since it was last used is made anew: that costs nothing as long as none is.
    """
    try:
        return _rows(statement, parameters)
    except OperationalError:
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return _rows(statement, parameters)


def _rows(statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[tuple[Any, ...]]:
    ours = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` looks it up with every attribute
    ours.ensure_connection()
    began = time.monotonic()
    with ours.wrap_database_errors, psycopg.Cursor(ours.connection) as cursor:
        found = cursor.execute(statement, parameters, prepare=True).fetchall()
    if ours.queries_logged:  # so that tests which count queries see these too
        ours.queries_log.append({"sql": statement, "time": f"{time.monotonic() - began:.3f}"})
    return found


def row(statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row, or None."""
    found = rows(statement, parameters)
    return found[0] if found else None


def named(statement: str, parameters: Mapping[str, Any] | Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a statement that is not asked often enough to be prepared, by the names of their columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
