"""A partner's lines as it sees them: a page at a time, with where each stands, and what they come to.

The page is read along the index of a partner's lines, and sums from sums by day, so that neither costs more where there
are many lines.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.core.pagination import Page, decode_cursor, page, unknown_cursor
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.balance.accounts.queries import overview_of
from academy.programme.balance.accounts.rules import Overview, Run
from academy.programme.balance.queries import NAMED, PAYS_FOR, line_stands, lines_stand
from academy.programme.balance.rules import Calendar, LineStands
from academy.programme.commissions.queries import CAUSE
from academy.programme.commissions.rules import LineKind, Moved
from academy.programme.deals.late.queries import TOLD_LATE, late_from
from academy.programme.deals.late.rules import Late, late_move, late_win
from academy.programme.earnings.rules import Wanted, spans
from academy.programme.standing.queries import Stands, stands


@dataclass(frozen=True, slots=True)
class Row:
    """A line as a list shows it. Minor units, basis points.

    `priced` is the deal's amount that an earned line was worked out from. `moved` is there for a refund or a changed
    amount, and `before` is the deal before that. `is_asked`: a question about it is open. `late`: what was told late of
    its deal. `cause`: the place in the journal of what a refund's or change's line followed from.
    """

    id: UUID
    kind: LineKind
    amount: int
    currency: str
    rate: int
    effective_at: datetime
    payable_on: date
    is_correction: bool
    deal: UUID
    source: str
    external_id: str
    client: str
    product: str
    won_at: datetime
    priced: int
    moved: Moved | None
    before: Moved | None
    is_asked: bool
    stands: LineStands
    late: Sequence[Late] = ()
    cause: int | None = None

    @property
    def happened_at(self) -> datetime:
        """When the deal was won, however late that was told."""
        late = late_win(self.late)
        return late.happened_at if late else self.won_at

    @property
    def told_late(self) -> Late | None:
        """How late the refund or the change was told that the line follows from."""
        return None if self.moved is None else late_move(self.late, self.cause)


def overview(by: Actor, found: Stands, now: datetime) -> Overview:
    """All sums of the money of a partner that stands there. One query. Raises NotFound, Forbidden."""
    allow(by, "commission.see", partner_id=found.partner)
    return overview_of(found, now)


@dataclass(frozen=True, slots=True)
class Paid:
    """One attempt to pay the statement that names a line, and whether the bank sent it back."""

    paid_on: date
    reference: str
    returned_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where some lines of one partner are, and the payments that are planned."""

    stands: Mapping[UUID, LineStands]
    seen: Overview

    def run(self, line: UUID) -> Run | None:
        """The planned payment of a line; None where a statement names it, or none is planned."""
        return self.seen.run_of(self.stands[line])


def placed(partner: UUID, lines: Sequence[UUID], now: datetime) -> Placed:
    """Where these lines of one partner are. Three queries. Whoever asks has settled who may see them."""
    found = stands(partner)
    assert found is not None  # who has lines is in a programme
    seen = overview_of(found, now)
    return Placed(lines_stand(lines, seen.calendar), seen)


_PAYMENTS = f"""
    select p.paid_on, p.reference, r.returned_on, coalesce(r.reason, '') from programme_commissionline l
     cross join lateral {PAYS_FOR.format(line="l")} s
      join programme_payout p on p.statement_id = s.id
      left join programme_return r on r.payout_id = p.id
     where l.id = %s order by p.attempt
"""  # noqa: S608 - a constant


def payments_of(line: UUID) -> list[Paid]:
    """Every attempt to pay the statement that names a line, the first first. One query. Asks no permission."""
    return [Paid(*row) for row in reads.rows(_PAYMENTS, [line])]


_LINES = f"""
    with shown as materialized (
        select l.* from programme_commissionline l
         where l.partner_id = %(partner)s and l.payable_on between %(since)s and %(until)s
           and (l.payable_on, l.id) < (%(day)s::date, %(last)s::uuid)
           and exists (select from unnest(%(begin)s::date[], %(end)s::date[]) wanted (since, until)
                        where l.payable_on between wanted.since and wanted.until)
         order by l.payable_on desc, l.id desc limit %(limit)s
    )
    select l.id, l.kind, l.amount, l.currency, l.rate, l.effective_at, l.payable_on, l.corrects_id is not null,
           l.deal_id, d.source, d.external_id, d.client_name, d.product, d.won_at, l.inputs::text, before.inputs::text,
           exists (select from programme_linequestion q where q.line_id = l.id and q.answered_at is null),
           {TOLD_LATE.format(deal="l.deal_id")},
           case when l.kind <> 'earned' and l.corrects_id is null
                then {CAUSE.format(deal="l.deal_id", line="l.id")} end,
           named.*
      from shown l
      join programme_deal d on d.id = l.deal_id
      left join lateral (select e.inputs from programme_commissionline e
                          where e.deal_id = l.deal_id and e.corrects_id is null and l.kind <> 'earned'
                            and (e.effective_at, e.id) < (l.effective_at, l.id)
                          order by e.effective_at desc, e.id desc limit 1) before on true
      left join lateral ({NAMED}) named on true
     order by l.payable_on desc, l.id desc
"""  # noqa: S608 - a constant
_FIRST = (date.max, UUID(int=2**128 - 1))


def lines(
    by: Actor,
    partner: UUID,
    seen: Overview,
    wanted: Wanted,
    *,
    cursor: str | None = None,
    limit: int = 25,
) -> Page[Row]:
    """A page of a partner's lines, those that are paid last first. One query. Raises NotFound, Forbidden, Refused."""
    allow(by, "commission.see", partner_id=partner)
    day, last = _place(cursor)
    days = spans(wanted, seen)
    if not days:
        return Page([], None)
    begin, end = [one.since for one in days], [one.until for one in days]
    asked = {"partner": partner, "day": day, "last": last, "limit": limit + 1}
    asked |= {"begin": begin, "end": end, "since": min(begin), "until": max(end)}
    cut = page(reads.rows(_LINES, asked), limit, lambda row: (row[6].isoformat(), str(row[0])))
    return Page([_row(row, seen.calendar) for row in cut.items], cut.next)


def _row(row: Sequence[Any], days: Calendar) -> Row:
    key, kind, amount, currency, rate, effective_at, payable_on, is_correction, *deal = row[:14]
    deal_id, source, external_id, client, product, won_at = deal
    inputs, before, is_asked, late, cause, *named = row[14:]
    written = json.loads(inputs)
    is_earned = kind == LineKind.EARNED
    return Row(
        id=key,
        kind=LineKind(kind),
        amount=amount,
        currency=currency,
        rate=rate,
        effective_at=effective_at,
        payable_on=payable_on,
        is_correction=is_correction,
        deal=deal_id,
        source=source,
        external_id=external_id,
        client=client,
        product=product,
        won_at=won_at,
        priced=written["amount"] if is_earned else 0,
        moved=None if is_earned or is_correction else Moved.from_json(written),
        before=_before(json.loads(before)) if before else None,
        is_asked=is_asked,
        stands=line_stands(payable_on, named, days),
        late=late_from(late),
        cause=cause,
    )


def _before(written: Mapping[str, Any]) -> Moved:
    """A deal as the line before told of it: the first was priced, and nothing had come back."""
    return Moved(written["amount"], written.get("refunded", 0), written.get("before", 0))


def day_before(cursor: str | None) -> date | None:
    """From when the last line of the page before may be paid; None on the first page. Refuses what is none of ours."""
    return _place(cursor)[0] if cursor else None


def _place(cursor: str | None) -> tuple[date, UUID]:
    """Where a cursor stands in the order. Refuses what is none of ours."""
    after = decode_cursor(cursor, 2)
    if after is None:
        return _FIRST
    try:
        return date.fromisoformat(str(after[0])), UUID(str(after[1]))
    except ValueError:
        raise unknown_cursor() from None
