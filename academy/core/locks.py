"""Locks that have a name and no row: who comes first holds one until its transaction ends, others wait or pass over."""

from typing import Any

from django.db import connection


def wait_for(name: str) -> None:
    """Go on once nobody else holds this name; it is this transaction's from then on."""
    _ask("select pg_advisory_xact_lock(hashtextextended(%s, 0))", name)


def is_free(name: str) -> bool:
    """Whether nobody else holds this name; then it is this transaction's from now on."""
    return bool(_ask("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", name))


def _ask(question: str, name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question, [name])
        return cursor.fetchone()[0]
