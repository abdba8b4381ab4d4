"""Imports, and following a source: never at the same time, since half an import tells of late instants too early."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_KEY = 7_237_017
"""Names the lock of this connection that importing and following share."""


@contextmanager
def importing() -> Iterator[None]:
    """Several imports may run at once, each of its own source. Waits for a following that runs."""
    _ask("select pg_advisory_lock_shared(%s)")
    try:
        yield
    finally:
        _ask("select pg_advisory_unlock_shared(%s)")


@contextmanager
def following() -> Iterator[bool]:
    """Whether one may follow now: not while anybody imports, which follows itself when it is done."""
    may_follow = _ask("select pg_try_advisory_lock(%s)")
    try:
        yield may_follow
    finally:
        if may_follow:
            _ask("select pg_advisory_unlock(%s)")


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [_KEY])
        return bool(cursor.fetchone()[0])
