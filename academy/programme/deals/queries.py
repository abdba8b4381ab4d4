"""Reading deals: a partner's own, the house's lists, what waits for an answer. One statement a question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.pagination import MOST, Page, decode_place, page
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor, may
from academy.programme.deals.late.queries import TOLD_LATE, late_from
from academy.programme.deals.late.rules import Late, late_win
from academy.programme.deals.rules import OPEN, Stage


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deals of a list: at these stages, of this source, `q` in the name of client or partner; empty for all."""

    stages: frozenset[Stage] = frozenset()
    q: str = ""
    source: str = ""


ALL = Wanted()
SUGGESTED = 200
"""How many clients a form suggests at most."""


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal with what it earned so far. `claimed_at` and `decide_by` are those of a case that is open, without names.

    Amounts are minor units; `earned` is the sum of its lines, None without any. `late`: how late its win was told.
    """

    id: UUID
    source: str
    external_id: str
    partner: UUID
    partner_name: str
    client: str
    product: str
    kind: str
    amount: int
    currency: str
    original_amount: int | None
    original_currency: str
    refunded: int
    stage: str
    expected_on: date | None
    registered_at: datetime
    registered_by: UUID | None
    answer_by: datetime | None
    protected_until: datetime | None
    won_at: datetime | None
    closed_at: datetime | None
    reason: str
    claim: UUID | None
    claimed_at: datetime | None
    decide_by: datetime | None
    earned: int | None
    rate: int | None
    line: UUID | None
    late: Late | None = None

    @property
    def happened_at(self) -> datetime | None:
        """When it was won, however late that was told; None while it is not."""
        return self.late.happened_at if self.late else self.won_at

    @property
    def is_open(self) -> bool:
        """Whether it may still be won."""
        return self.stage in OPEN

    @property
    def answered_by(self) -> datetime:
        """By when a registered deal is answered; a case has a day of its own."""
        return self.decide_by or self.answer_by or self.registered_at


@dataclass(frozen=True, slots=True)
class Group:
    """Deals at one stage in one currency, counted, and what they are worth in minor units, refunds taken off."""

    stage: str
    currency: str
    deals: int
    worth: int


_DEALS = f"""
    select d.id, d.source, d.external_id, d.partner_id, p.name, d.client_name, d.product, d.kind, d.amount, d.currency,
           d.original_amount, d.original_currency, d.refunded, d.stage, d.expected_on, d.registered_at,
           d.registered_by_id, d.answer_by, d.protected_until, d.won_at, d.closed_at, d.reason,
           k.id, a.registered_at, k.decide_by, l.earned, l.rate, l.line, d.moved_at, {TOLD_LATE.format(deal="d.id")}
      from programme_deal d
      join people_partner p on p.id = d.partner_id
      left join programme_claim k on k.deal_id = d.id and k.decided_at is null
      left join programme_deal a on a.id = k.against_id
      left join lateral (
           select sum(l.amount)::bigint as earned, max(l.rate) as rate,
                  (array_agg(l.id) filter (where l.kind = 'earned'))[1] as line
             from programme_commissionline l where l.deal_id = d.id) l on true
"""  # noqa: S608 - pieces of this file
_FITS = """
    (%(partner)s::uuid is null or d.partner_id = %(partner)s)
       and (%(source)s = '' or d.source = %(source)s)
       and (%(like)s = '' or d.client_name ilike %(like)s
            or d.partner_id in (select named.id from people_partner named where named.name ilike %(like)s))
"""
_LIST = f"""
    {_DEALS}
     where {_FITS}
       and (%(stages)s::text[] is null or d.stage = any(%(stages)s::text[]))
       and (%(moved)s::timestamptz is null or (d.moved_at, d.id) < (%(moved)s::timestamptz, %(last)s::uuid))
     order by d.moved_at desc, d.id desc limit %(limit)s
"""
_GROUPS = f"""
    select d.stage, d.currency, count(*), sum(d.amount - d.refunded)::bigint from programme_deal d
     where {_FITS} group by 1, 2 order by 1, 2
"""  # noqa: S608 - pieces of this file
# What a person is asked to decide first stands first; a case is decided by its own day.
_TO_ANSWER = f"""
    {_DEALS} where d.stage = 'registered'
       and (%(at)s::timestamptz is null or
            (coalesce(k.decide_by, d.answer_by, d.registered_at), d.id) > (%(at)s::timestamptz, %(last)s::uuid))
     order by coalesce(k.decide_by, d.answer_by, d.registered_at), d.id limit %(limit)s
"""
_SOME = f"{_DEALS} where d.id = any(%(deals)s::uuid[])"


def _line(row: Sequence[Any]) -> DealLine:
    return DealLine(*(*row[:28], late_win(late_from(row[29]))))


def deals_of(
    by: Actor, partner: UUID | None = None, *, wanted: Wanted = ALL, cursor: str | None = None, limit: int = 50
) -> Page[DealLine]:
    """A partner's deals, or everybody's for the house, the latest move first; one query. Raises NotFound, Forbidden."""
    _allow(by, partner)
    after = decode_place(cursor)
    limit = min(limit, MOST)
    values = _values(partner, wanted) | {"limit": limit + 1, "moved": None, "last": None}
    values["stages"] = sorted(wanted.stages) or None
    if after is not None:
        values |= {"moved": after[0], "last": after[1]}
    with connection.cursor() as asked:
        asked.execute(_LIST, values)
        rows = asked.fetchall()
    cut = page(rows, limit, lambda row: (row[28].isoformat(), str(row[0])))
    return Page([_line(row) for row in cut.items], cut.next)


def groups(by: Actor, partner: UUID | None = None, *, wanted: Wanted = ALL) -> list[Group]:
    """All that a list could show, counted by stage and currency, whichever stages are asked for; one query.

    Raises NotFound, Forbidden.
    """
    _allow(by, partner)
    with connection.cursor() as asked:
        asked.execute(_GROUPS, _values(partner, wanted))
        return [Group(*row) for row in asked.fetchall()]


def _allow(by: Actor, partner: UUID | None) -> None:
    allow(by, "deal.see" if partner else "deal.see_any", partner_id=partner)


def _values(partner: UUID | None, wanted: Wanted) -> dict[str, Any]:
    found = wanted.q.strip()
    for special in "\\%_":
        found = found.replace(special, "\\" + special)
    return {"partner": partner, "source": wanted.source, "like": f"%{found}%" if found else ""}


def deal_line(deal: UUID) -> DealLine:
    """One deal, which is there; one query. Asks no permission."""
    return deal_lines([deal])[deal]


def deal_lines(deals: Iterable[UUID]) -> dict[UUID, DealLine]:
    """These deals, as far as they are there; one query. Asks no permission."""
    with connection.cursor() as asked:
        asked.execute(_SOME, {"deals": list(deals)})
        return {row[0]: _line(row) for row in asked.fetchall()}


def deals_to_answer(by: Actor, *, limit: int, after: tuple[datetime, UUID] | None = None) -> list[DealLine]:
    """What waits for a word of the house, claims among it, by when it is answered; behind a deal of an instant and id.

    One query. Raises Forbidden.
    """
    _allow(by, None)
    at, last = after or (None, None)
    with connection.cursor() as asked:
        asked.execute(_TO_ANSWER, {"limit": limit, "at": at, "last": last})
        return [_line(row) for row in asked.fetchall()]


def sees_value(by: Actor, deal: DealLine) -> bool:
    """Whether somebody may see what a deal is worth: who sees amounts, and who typed it in."""
    return deal.registered_by == by.person_id or may(by, "amounts.see", partner_id=deal.partner)


def own_clients(by: Actor, partner: UUID) -> list[str]:
    """Whom a partner has registered so far, by name; one query. Raises NotFound or Forbidden."""
    allow(by, "deal.see", partner_id=partner)
    with connection.cursor() as asked:
        asked.execute(
            "select client_name from (select distinct on (client_id) client_name from programme_deal"
            " where partner_id = %s order by client_id, registered_at desc, id desc) one order by client_name limit %s",
            [partner, SUGGESTED],
        )
        return [name for (name,) in asked.fetchall()]
