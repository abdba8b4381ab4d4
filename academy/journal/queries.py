"""Reading the journal: by cursor, by partner, by person."""

import json
from typing import Any
from uuid import UUID

from django.db import connection

from academy.journal.kinds import KINDS, Audience


def head() -> int:
    """The cursor of the newest fact that everybody can see; 0 in an empty journal."""
    with connection.cursor() as cursor:
        cursor.execute("select pos from journal_fact where pos is not null order by pos desc limit 1")
        row = cursor.fetchone()
    return row[0] if row else 0


_VISIBLE_COLUMNS = "pos, kind, partner, person, thing_kind, thing, numbers, occurred_at"


def _visible(bound: str, direction: str) -> str:
    """The three ways in which a fact is somebody's to see, along three indexes, cut before they are joined."""
    tail = f"and {bound} order by pos {direction} limit %(limit)s"
    return f"""
        (select {_VISIBLE_COLUMNS} from journal_fact where person = %(person)s and kind = any(%(personal)s) {tail})
        union
        (select {_VISIBLE_COLUMNS} from journal_fact where partner = %(partner)s and kind = any(%(shared)s) {tail})
        union
        (select {_VISIBLE_COLUMNS} from journal_fact where kind = any(%(everyone)s) {tail})
        order by pos {direction} limit %(limit)s
    """  # noqa: S608 - constants


_AFTER = _visible("pos > %(from)s", "asc")
_BEFORE = _visible("pos < %(from)s", "desc")


def told_to(person: UUID, *, partner: UUID | None, owner: bool, after: int, limit: int) -> list[tuple[Any, ...]]:
    """The facts after a cursor that a person is told of as the live stream tells them, oldest first.

    Each is `pos, kind, partner, person, thing_kind, thing, numbers, occurred_at`. One query.
    """
    return _told(_AFTER, person, partner, owner, after, limit)


def told_before(
    person: UUID, *, partner: UUID | None, owner: bool, before: int | None, limit: int
) -> list[tuple[Any, ...]]:
    """The same, newest first, before a cursor or from the newest on. One query."""
    return _told(_BEFORE, person, partner, owner, before if before is not None else 2**62, limit)


def _told(
    statement: str, person: UUID, partner: UUID | None, owner: bool, start: int, limit: int
) -> list[tuple[Any, ...]]:
    personal, shared = {Audience.PERSON, Audience.OWNERS}, {Audience.PARTNER} | ({Audience.OWNERS} if owner else set())
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "person": person,
                "partner": partner,
                "personal": [kind.name for kind in KINDS.values() if kind.audience in personal],
                "shared": [kind.name for kind in KINDS.values() if kind.audience in shared],
                "everyone": [kind.name for kind in KINDS.values() if kind.audience is Audience.EVERYONE],
                "from": start,
                "limit": limit,
            },
        )
        return [(*row[:6], json.loads(row[6]), row[7]) for row in cursor.fetchall()]
