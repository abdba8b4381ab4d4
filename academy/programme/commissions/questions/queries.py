"""Reading what partners ask about money, and the corrections that wait for a second person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions import access
from academy.programme.commissions.questions.models import LineQuestion

Place = tuple[datetime, UUID]
"""Where a list goes on: behind the row of this instant and id."""
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


def questions_of(line: UUID) -> list[LineQuestion]:
    """What was asked about a line and answered beside it, oldest first; one query. Asks no permission."""
    asked = LineQuestion.objects.filter(line_id=line).select_related("asked_by", "answered_by", "correction")
    return list(asked.order_by("asked_at", "id"))


def questions_about(by: Actor, line: UUID) -> list[LineQuestion]:
    """The same for somebody who asks. Raises NotFound, Forbidden."""
    return questions_of(access.line(by, "commission.see", line).pk)


def open_questions(by: Actor, *, limit: int, after: Place | None = None) -> list[Question]:
    """What waits for an answer, longest first; one query. Raises Forbidden."""
    waits = "q.answered_at is null"
    return [Question(*row) for row in _waiting(by, "line.answer", _QUESTIONS, waits, "q.asked_at", limit, after)]


def questions(by: Actor, ids: Iterable[UUID]) -> dict[UUID, Question]:
    """These questions, whether they are answered or not; one query. Raises Forbidden."""
    rows = _read(by, "line.answer", _QUESTIONS, "q.id = any(%(ids)s::uuid[])", ids=list(ids))
    return {row[0]: Question(*row) for row in rows}


def waiting_corrections(by: Actor, *, limit: int, after: Place | None = None) -> list[Proposal]:
    """What waits for a second person, longest first; one query. Raises Forbidden."""
    waits = "q.confirmed_at is null and q.dropped_at is null"
    return [Proposal(*row) for row in _waiting(by, "line.correct", _CORRECTIONS, waits, "q.proposed_at", limit, after)]


def corrections(by: Actor, ids: Iterable[UUID]) -> dict[UUID, Proposal]:
    """These corrections, decided or not; one query. Raises Forbidden."""
    rows = _read(by, "line.correct", _CORRECTIONS, "q.id = any(%(ids)s::uuid[])", ids=list(ids))
    return {row[0]: Proposal(*row) for row in rows}


def proposals_of(by: Actor, line: UUID) -> list[Proposal]:
    """What was proposed to be corrected of a line and waits for a second person; one query. Raises Forbidden."""
    waits = "q.line_id = %(line)s and q.confirmed_at is null and q.dropped_at is null"
    return [Proposal(*row) for row in _read(by, "line.answer", _CORRECTIONS, waits, line=line)]


def _waiting(
    by: Actor, verb: str, statement: str, waits: str, since: str, limit: int, after: Place | None
) -> list[tuple[Any, ...]]:
    """What waits, longest first, behind a place among it."""
    if after is None:
        return _read(by, verb, statement, waits, limit=limit)
    behind = f"{waits} and ({since}, q.id) > (%(at)s, %(last)s::uuid)"
    return _read(by, verb, statement, behind, limit=limit, at=after[0], last=after[1])


def _read(
    by: Actor, verb: str, statement: str, which: str, *, limit: int = 200, **values: Any
) -> list[tuple[Any, ...]]:
    allow(by, verb)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(which=which), {"limit": limit, **values})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
