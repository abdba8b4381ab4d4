"""Reading deals: a partner's own, the house's lists, what waits for an answer. One statement a question."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.errors import Refused
from academy.core.pagination import MOST, Page, decode_cursor, page
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.rules import Stage


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal with what it earned so far. `claimed_at` and `decide_by` are those of a case that is open, without names.

    Amounts are minor units; `earned` is the sum of its lines, None without any.
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


_DEALS = """
    select d.id, d.source, d.external_id, d.partner_id, p.name, c.name, d.product, d.kind, d.amount, d.currency,
           d.original_amount, d.original_currency, d.refunded, d.stage, d.expected_on, d.registered_at,
           d.registered_by_id, d.answer_by, d.protected_until, d.won_at, d.closed_at, d.reason,
           k.id, a.registered_at, k.decide_by, l.earned, l.rate, l.line, d.moved_at
      from programme_deal d
      join people_partner p on p.id = d.partner_id
      join programme_client c on c.id = d.client_id
      left join programme_claim k on k.deal_id = d.id and k.decided_at is null
      left join programme_deal a on a.id = k.against_id
      left join lateral (
           select sum(l.amount)::bigint as earned, max(l.rate) as rate,
                  (array_agg(l.id) filter (where l.kind = 'earned'))[1] as line
             from programme_commissionline l where l.deal_id = d.id) l on true
"""
_LIST = f"""
    {_DEALS}
     where (%(partner)s::uuid is null or d.partner_id = %(partner)s)
       and (%(stage)s = '' or d.stage = %(stage)s)
       and (%(moved)s::timestamptz is null or (d.moved_at, d.id) < (%(moved)s::timestamptz, %(last)s::uuid))
     order by d.moved_at desc, d.id desc limit %(limit)s
"""
_ONE = f"{_DEALS} where d.id = %(deal)s"


def _line(row: Sequence[Any]) -> DealLine:
    return DealLine(*row[:28])


def deals_of(
    by: Actor, partner: UUID | None = None, *, stage: str = "", cursor: str | None = None, limit: int = 50
) -> Page[DealLine]:
    """A partner's deals, or everybody's for the house, the latest move first; one query. Raises NotFound, Forbidden."""
    allow(by, "deal.see" if partner else "deal.see_any", partner_id=partner)
    if stage and stage not in list(Stage):
        sentence = f"“{stage[:20]}” is not a stage."
        raise Refused(sentence, fields={"stage": sentence})
    after = decode_cursor(cursor, 2)
    limit = min(limit, MOST)
    values: dict[str, Any] = {"partner": partner, "stage": stage, "limit": limit + 1, "moved": None, "last": None}
    if after is not None:
        values |= _place(*after)
    with connection.cursor() as asked:
        asked.execute(_LIST, values)
        rows = asked.fetchall()
    cut = page(rows, limit, lambda row: (row[28].isoformat(), str(row[0])))
    return Page([_line(row) for row in cut.items], cut.next)


def deal_line(deal: UUID) -> DealLine:
    """One deal, which is there; one query. Asks no permission."""
    with connection.cursor() as asked:
        asked.execute(_ONE, {"deal": deal})
        return _line(asked.fetchone())


def _place(moved: str | int, last: str | int) -> dict[str, object]:
    """Where a cursor stands in the order. Refuses what is none of ours."""
    try:
        at = datetime.fromisoformat(str(moved))
        return {"moved": at if at.tzinfo else at.replace(tzinfo=UTC), "last": UUID(str(last))}
    except ValueError:
        sentence = "This cursor is not one of ours. Ask again without it."
        raise Refused(sentence, fields={"cursor": "Unknown."}) from None
