"""Reading the journal: by cursor, by partner, by person."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.journal.audiences import to_whom, told


def head() -> int:
    """The cursor of the newest fact that everybody can see; 0 in an empty journal."""
    with connection.cursor() as cursor:
        cursor.execute("select pos from journal_fact where pos is not null order by pos desc limit 1")
        row = cursor.fetchone()
    return row[0] if row else 0


_AFTER = told("pos > %(from)s")
_BEFORE = told("pos < %(from)s", newest_first=True)


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
    with connection.cursor() as cursor:
        cursor.execute(statement, {**to_whom(person, partner, owner=owner), "from": start, "limit": limit})
        return [(*row[:6], json.loads(row[6]), row[7]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Followed:
    """A fact that came of what somebody did, the deed itself first."""

    kind: str
    thing: UUID | None
    numbers: Mapping[str, Any]
    effective_at: datetime


_FOLLOWED = """
    with deed as (
        select pos, recorded_at from journal_fact
         where thing = %(thing)s and person = %(person)s and kind = any(%(kinds)s) and pos > %(after)s
         order by pos desc limit 1)
    select f.kind, f.thing, f.numbers, f.effective_at
      from journal_fact f join deed on f.pos between deed.pos and deed.pos + 1000 and f.recorded_at = deed.recorded_at
     where f.person = %(person)s or (f.partner = %(partner)s and f.person is null)
     order by f.pos
"""


def what_followed(
    person: UUID, partner: UUID | None, thing: UUID, kinds: Sequence[str], *, after: int = 0
) -> list[Followed]:
    """What a person last did with a thing, by kinds of fact, and all that followed from it in the same transaction.

    Empty when nothing of the kind stands in the journal after the cursor. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOWED,
            {"thing": thing, "person": person, "partner": partner, "kinds": list(kinds), "after": after},
        )
        return [Followed(kind, about, json.loads(numbers), at) for kind, about, numbers, at in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Line:
    """A fact as the house reads it: all that the journal holds of it."""

    pos: int
    kind: str
    person: UUID | None
    thing: UUID | None
    numbers: Mapping[str, Any]
    occurred_at: datetime
    effective_at: datetime
    recorded_at: datetime
    rule: str
    inputs: Mapping[str, Any] | None


_OF_PARTNER = """
    select pos, kind, person, thing, numbers, occurred_at, effective_at, recorded_at, rule, inputs from journal_fact
     where partner = %(partner)s and pos < %(before)s and (%(until)s::timestamptz is null or effective_at <= %(until)s)
     order by pos desc limit %(limit)s
"""


def of_partner(partner: UUID, *, limit: int, before: int | None = None, until: datetime | None = None) -> list[Line]:
    """What is recorded about a partner, newest first, from before a cursor and of what counted until an instant.

    One query. Asks no permission: who may see it is for the caller to say.
    """
    values: dict[str, Any] = {"partner": partner, "until": until, "limit": limit}
    values["before"] = before if before is not None else 2**62
    with connection.cursor() as cursor:
        cursor.execute(_OF_PARTNER, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [_line(*row) for row in rows]


def of_things(things: Collection[UUID]) -> list[Line]:
    """What is recorded about these things, oldest first; one query. Asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pos, kind, person, thing, numbers, occurred_at, effective_at, recorded_at, rule, inputs"
            " from journal_fact where thing = any(%s) and pos is not null order by pos",
            [list(things)],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [_line(*row) for row in rows]


def _line(*row: Any) -> Line:
    """A row with its two columns of JSON read, which a plain cursor gives as text."""
    numbers, inputs = json.loads(row[4]), json.loads(row[9]) if row[9] else None
    return Line(row[0], row[1], row[2], row[3], numbers, row[5], row[6], row[7], row[8], inputs)
