"""Many facts at once, for imports and month closes: what follows from them is worked out already, and nothing reacts.

Both take the journal's lock and hold it from there to the commit, so an action calls them last.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from academy.journal.actions import COLUMNS, Recorded, columns_of, flush

THE_JOURNAL = 7237014
"""The advisory lock under which positions are given; the journal's trigger takes the same."""


def write_history(facts: Sequence[Recorded]) -> None:
    """Write facts whose consequences are worked out already and written beside them: for imports. Nothing reacts.

    Their places are one block, taken under the journal's lock, which is held from here to the commit: call it last.
    """
    if not facts:
        return
    flush()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [THE_JOURNAL])
        cursor.execute(
            "select setval('journal_pos', nextval('journal_pos') + %s) - %s", [len(facts) - 1, len(facts) - 1]
        )
        first = int(cursor.fetchone()[0])
        with cursor.copy(f"copy journal_fact (pos, {COLUMNS}) from stdin") as copy:
            for pos, fact in enumerate(facts, first):
                copy.write_row((pos, *columns_of(fact)))
        cursor.execute("select pg_notify('journal', '')")


def record_many(rows: str, parameters: Mapping[str, Any]) -> int:
    """Enter many facts by one statement, and say how many. For bulk work; call it last, as sealing does.

    `rows` is a select of `id, kind, partner, person, thing_kind, thing, numbers, occurred_at, effective_at,
    recorded_at, rule, inputs, key`. Nothing reacts to these facts. The journal's lock is held from here to the commit,
    and their places are given at once, in the order of the select.
    """
    flush()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [THE_JOURNAL])
        cursor.execute(
            f"insert into journal_fact ({COLUMNS}, pos)"  # noqa: S608 - a constant of whoever calls
            f" select made.*, nextval('journal_pos') from ({rows}) made",
            parameters,
        )
        count: int = cursor.rowcount
        cursor.execute("select pg_notify('journal', '')")
    return count
