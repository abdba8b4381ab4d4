"""Reading the journal: by cursor, by partner, by person."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.journal.kinds import KINDS, Audience
from academy.journal.models import Fact


def head() -> int:
    """The cursor of the newest fact that everybody can see; 0 in an empty journal."""
    with connection.cursor() as cursor:
        cursor.execute("select pos from journal_fact where pos is not null order by pos desc limit 1")
        row = cursor.fetchone()
    return row[0] if row else 0


def last_effective(partner: UUID) -> datetime | None:
    """The effective time up to which a partner's time has moved."""
    return (
        Fact.objects.filter(partner=partner).order_by("-effective_at").values_list("effective_at", flat=True).first()
    )


def facts_of_partner(partner: UUID, *, until: datetime | None = None) -> list[Fact]:
    """Every fact about a partner in the order in which it was entered, oldest first."""
    facts = Fact.objects.filter(partner=partner).order_by("pos")
    if until is not None:
        facts = facts.filter(effective_at__lte=until)
    return list(facts)


@dataclass(frozen=True, slots=True)
class Passed:
    """When a person last proved something."""

    thing: UUID
    at: datetime


def facts_of_person(person: UUID, kinds: Iterable[str]) -> list[Fact]:
    """A person's facts of some kinds, in order; sees what this transaction has flushed."""
    return list(Fact.objects.filter(person=person, kind__in=list(kinds)).order_by("effective_at", "id"))


def activity(
    *, person: UUID, partner: UUID | None, after: int, limit: int, kinds: Sequence[str]
) -> list[Fact]:
    """What happened to a person, and to its partner, after a cursor, oldest first."""
    mine = Fact.objects.filter(person=person, pos__gt=after, kind__in=kinds)
    if partner is not None:
        mine = Fact.objects.filter(pos__gt=after, kind__in=kinds).extra(
            where=["(person = %s or (partner = %s and person is null))"], params=[person, partner]
        )
    return list(mine.order_by("pos")[:limit])


def raw_rows(after: int, limit: int) -> list[tuple[Any, ...]]:
    """The journal's rows after a cursor, for replay."""
    return list(Fact.objects.filter(pos__gt=after).order_by("pos")[:limit].values_list())


_VISIBLE_COLUMNS = "pos, kind, partner, person, thing_kind, thing, numbers, occurred_at"
_VISIBLE = f"""
    (select {_VISIBLE_COLUMNS} from journal_fact
        where pos > %(after)s and person = %(person)s and kind = any(%(personal)s)
        order by pos limit %(limit)s)
    union
    (select {_VISIBLE_COLUMNS} from journal_fact
        where pos > %(after)s and partner = %(partner)s and kind = any(%(shared)s)
        order by pos limit %(limit)s)
    union
    (select {_VISIBLE_COLUMNS} from journal_fact
        where pos > %(after)s and kind = any(%(everyone)s)
        order by pos limit %(limit)s)
    order by pos limit %(limit)s
"""  # noqa: S608 - constants


def told_to(
    person: UUID, *, partner: UUID | None, owner: bool, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """The facts after a cursor that a person is told of as the live stream tells them, oldest first.

    Each is `pos, kind, partner, person, thing_kind, thing, numbers, occurred_at`. One query, along three indexes.
    """
    personal, shared = {Audience.PERSON, Audience.OWNERS}, {Audience.PARTNER} | ({Audience.OWNERS} if owner else set())
    with connection.cursor() as cursor:
        cursor.execute(
            _VISIBLE,
            {
                "person": person,
                "partner": partner,
                "personal": [kind.name for kind in KINDS.values() if kind.audience in personal],
                "shared": [kind.name for kind in KINDS.values() if kind.audience in shared],
                "everyone": [kind.name for kind in KINDS.values() if kind.audience is Audience.EVERYONE],
                "after": after,
                "limit": limit,
            },
        )
        return [(*row[:6], json.loads(row[6]), row[7]) for row in cursor.fetchall()]
