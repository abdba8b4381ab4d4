"""Reading what a month still has to pay: the rows of its payment file, and what is left out of it and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.programme.statements.orders.rules import Place

# What is not paid: never, or its payment came back. Beside each stands its partner's latest profile: a later version
# has a higher number, and so has what was handed over to it.
WAITING = """
    select s.id, s.number, p.slug, p.name, s.amount, s.currency, coalesce(last.attempt, 0) + 1 as attempt,
           r.returned_on, payee.number as payee, payee.provider_reference as reference, payee.legal_name,
           payee.checked_by_id as checked_by, payee.number <> (s.inputs->>'payee')::int as is_newer,
           case when payee.checked_at is null then 'unchecked'
                when ordered.payee = payee.number then 'in_file' else 'ready' end as place,
           (ordered.payee <> payee.number and (last.id is null or ordered.placed_at > last.recorded_at)) is true
           as elsewhere
      from programme_statement s
      join people_partner p on p.id = s.partner_id
      left join lateral (select q.id, q.attempt, q.recorded_at from programme_payout q
                          where q.statement_id = s.id order by q.attempt desc limit 1) last on true
      left join programme_return r on r.payout_id = last.id
      join lateral (select y.number, y.provider_reference, y.legal_name, y.checked_at, y.checked_by_id
                       from programme_payee y
                     where y.partner_id = s.partner_id order by y.number desc limit 1) payee on true
      left join lateral (select o.payee, o.placed_at from programme_order o
                          where o.statement_id = s.id order by o.payee desc limit 1) ordered on true
     where s.close_id = %(close)s and s.outcome = 'pay' and s.made_at is not null
       and (last.id is null or r.payout_id is not null)
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement that is still to be paid. `amount` in minor units; `attempt`: which one its next payment is.

    `payee`: the number of its partner's latest profile; `reference` and `legal_name` are what that says. `elsewhere`:
    this very attempt was handed over with an earlier profile, by which the provider may still pay it.
    """

    id: UUID
    number: str
    slug: str
    name: str
    amount: int
    currency: str
    attempt: int
    returned_on: date | None
    payee: int
    reference: str
    legal_name: str
    place: Place
    elsewhere: bool


_WAITING_AT = f"""
    select {", ".join(Waiting.__dataclass_fields__)} from ({WAITING}) w
     where place = %(place)s and (is_newer or not %(newer)s) order by number limit %(limit)s
"""  # noqa: S608 - a constant


def waiting(close: UUID, place: Place, *, newer: bool = False, limit: int | None = None) -> list[Waiting]:
    """What stands there of a close, in the order of its numbers; with `newer` only what goes to payee details that are
    newer than the approval. One query; asks no permission.
    """
    parameters: dict[str, Any] = {"close": close, "place": place, "newer": newer, "limit": limit}
    return [Waiting(**{**row, "place": Place(row["place"])}) for row in reads.named(_WAITING_AT, parameters)]


_COUNTS = f"""
    select place, count(*) as statements, count(returned_on) as came_back,
           count(*) filter (where elsewhere) as elsewhere, count(*) filter (where is_newer) as newer
      from ({WAITING}) w group by place
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class Count:
    """So many statements; how many of them were paid before and came back; are handed over elsewhere; and go to payee
    details that are newer than the approval.
    """

    statements: int = 0
    came_back: int = 0
    elsewhere: int = 0
    newer: int = 0


_MAY_BE_HANDED_OVER = f"""
    select c.id from programme_statement mine join programme_close c on c.id = mine.close_id
     where mine.partner_id = %(partner)s and mine.outcome = 'pay' and c.stage in ('approved', 'handed_over')
       and exists (select from ({WAITING.replace("%(close)s", "c.id")}) w
                    where w.id = mine.id and w.place = '{Place.READY}')
"""  # noqa: S608 - constants


def may_be_handed_over(partner: UUID) -> bool:
    """Whether an approved month can hand something over to a partner that it has not. One query; asks no permission."""
    return bool(reads.named(_MAY_BE_HANDED_OVER, {"partner": partner}))


def counts(close: UUID) -> Mapping[Place, Count]:
    """How much stands where of a close; where nothing does is left out. One query; asks no permission."""
    return {Place(row.pop("place")): Count(**row) for row in reads.named(_COUNTS, {"close": close})}
