"""Keeping house: what grew too old is deleted."""

from datetime import datetime

from django.db import connection
from psycopg import sql

from academy.operations.rules import RETENTION, Kept

BATCH = 5_000


def delete_old(*, now: datetime) -> dict[str, int]:
    """Delete what has been kept long enough, a few thousand rows at a time; how many of each went.

    Each batch commits by itself, so that nobody waits for a long transaction, and a job that is cut off goes
    on later.
    """
    return {kept.what: _delete(kept, now) for kept in RETENTION}


def _delete(kept: Kept, now: datetime) -> int:
    key, table = sql.Identifier(kept.key), sql.Identifier(kept.table)
    statement = sql.SQL(
        "delete from {table} where {key} in (select {key} from {table} where {since} < %s limit {batch})"
    ).format(key=key, table=table, since=sql.SQL(kept.since), batch=sql.Literal(BATCH))
    gone: int = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [kept.before(now)])
            gone += cursor.rowcount
            if cursor.rowcount < BATCH:
                return gone
