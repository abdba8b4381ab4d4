"""Reading what partners ask about money, and the corrections that wait for a second person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

_LINE = """
      join programme_commissionline l on l.id = q.line_id
      join programme_deal d on d.id = l.deal_id
      join people_partner p on p.id = l.partner_id
"""
_QUESTIONS = f"""
    select q.id, l.id, p.name, p.slug, d.client_name, l.amount, l.currency, q.text,
           coalesce(nullif(a.name, ''), a.email), q.asked_at, q.answered_at, coalesce(b.name, '')
      from programme_linequestion q {_LINE}
      join people_person a on a.id = q.asked_by_id
      left join people_person b on b.id = q.answered_by_id
     where {{which}} order by q.asked_at, q.id limit %(limit)s
"""  # noqa: S608 - pieces of this file
_CORRECTIONS = f"""
    select q.id, l.id, p.name, p.slug, d.client_name, q.amount, l.currency, q.reason, coalesce(a.name, ''),
           q.proposed_by_id, q.proposed_at, q.confirmed_at, q.dropped_at
      from programme_correction q {_LINE}
      left join people_person a on a.id = q.proposed_by_id
     where {{which}} order by q.proposed_at, q.id limit %(limit)s
"""  # noqa: S608 - pieces of this file


@dataclass(frozen=True, slots=True)
class Question:
    """What a partner asked about a line of so many minor units."""

    id: UUID
    line: UUID
    partner_name: str
    partner_slug: str
    client: str
    amount: int
    currency: str
    text: str
    asked_by: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction of so many minor units that somebody proposed."""

    id: UUID
    line: UUID
    partner_name: str
    partner_slug: str
    client: str
    amount: int
    currency: str
    reason: str
    proposed_by: str
    proposed_by_id: UUID | None
    proposed_at: datetime
    confirmed_at: datetime | None
    dropped_at: datetime | None


def open_questions(by: Actor, *, limit: int) -> list[Question]:
    """What waits for an answer, longest first; one query. Raises Forbidden."""
    return [Question(*row) for row in _read(by, "line.answer", _QUESTIONS, "q.answered_at is null", limit=limit)]


def questions(by: Actor, ids: Iterable[UUID]) -> dict[UUID, Question]:
    """These questions, whether they are answered or not; one query. Raises Forbidden."""
    rows = _read(by, "line.answer", _QUESTIONS, "q.id = any(%(ids)s::uuid[])", ids=list(ids))
    return {row[0]: Question(*row) for row in rows}


def waiting_corrections(by: Actor, *, limit: int) -> list[Proposal]:
    """What waits for a second person, longest first; one query. Raises Forbidden."""
    waits = "q.confirmed_at is null and q.dropped_at is null"
    return [Proposal(*row) for row in _read(by, "line.correct", _CORRECTIONS, waits, limit=limit)]


def corrections(by: Actor, ids: Iterable[UUID]) -> dict[UUID, Proposal]:
    """These corrections, decided or not; one query. Raises Forbidden."""
    rows = _read(by, "line.correct", _CORRECTIONS, "q.id = any(%(ids)s::uuid[])", ids=list(ids))
    return {row[0]: Proposal(*row) for row in rows}


def proposals_of(by: Actor, line: UUID) -> list[Proposal]:
    """What was proposed to be corrected of a line and waits for a second person; one query. Raises Forbidden."""
    waits = "q.line_id = %(line)s and q.confirmed_at is null and q.dropped_at is null"
    return [Proposal(*row) for row in _read(by, "line.answer", _CORRECTIONS, waits, line=line)]


def _read(
    by: Actor, verb: str, statement: str, which: str, *, limit: int = 200, **values: Any
) -> list[tuple[Any, ...]]:
    allow(by, verb)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(which=which), {"limit": limit, **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
