"""Reading statements: a partner's list, one with its lines and its bridge to last month."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import reads
from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.balance.queries import PAYS_FOR
from academy.programme.closes.rules import Stage, due_on, last_day, runs_on
from academy.programme.commissions.rules import LineKind
from academy.programme.plans.queries import plan_version
from academy.programme.statements.rules import BridgeLine, Cause, Found, Outcome, bridge


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement with its dates, its close and its last payment. Minor units.

    `payee`: the number of the payee profile that it was paid to, or is to be; 0 where none was checked. `payee_now`:
    that of its partner's latest one, 0 without any. `since`: the first payable day of its lines; its month's end is the
    last.
    """

    id: UUID
    number: str
    partner: UUID
    slug: str
    partner_name: str
    close: UUID
    programme: str
    stage: Stage
    month: date
    zone: str
    currency: str
    since: date
    amount: int
    lines: int
    outcome: Outcome
    flags: tuple[str, ...]
    held_reason: str
    found: Found
    seen_at: datetime | None
    made_at: datetime | None
    runs_on: date
    pays_on: date
    paid_on: date | None
    reference: str
    attempt: int
    returned_on: date | None
    payee: int
    payee_now: int
    payee_is_checked: bool

    @property
    def has_other_payee(self) -> bool:
        """Whether its partner's payee details are others by now than it is to be paid by, or are not checked."""
        return self.payee_now != self.payee or not self.payee_is_checked

    @property
    def waits_for_payee(self) -> bool:
        """Whether it would be paid, were the latest payee details checked."""
        return self.outcome is Outcome.PAY and self.paid_on is None and not self.payee_is_checked


_SHOWN = """
    select s.id, s.number, s.partner_id as partner, p.slug, p.name as partner_name, s.close_id as close,
           g.slug as programme, c.stage, c.month, g.timezone as zone, s.currency, s.since, s.amount, s.lines, s.outcome,
           s.flags, s.held_reason, s.inputs::text as found, s.seen_at, s.made_at, c.plan_id, c.cut_at, c.handed_over_at,
           case when r.payout_id is null then o.paid_on end as paid_on, coalesce(o.reference, '') as reference,
           coalesce(o.attempt, 0) as attempt, r.returned_on, coalesce(payee.number, 0) as payee_now,
           payee.checked_at is not null as payee_is_checked,
           coalesce(case when r.payout_id is null then o.payee end,
                    (select max(handed.payee) from programme_order handed where handed.statement_id = s.id),
                    (s.inputs->>'payee')::int) as payee
      from programme_statement s
      join people_partner p on p.id = s.partner_id
      join programme_close c on c.id = s.close_id
      join programme_programme g on g.id = c.programme_id
      left join lateral (select q.id, q.paid_on, q.reference, q.attempt, q.payee from programme_payout q
                          where q.statement_id = s.id order by q.attempt desc limit 1) o on true
      left join programme_return r on r.payout_id = o.id
      left join lateral (select y.number, y.checked_at from programme_payee y
                          where y.partner_id = s.partner_id order by y.number desc limit 1) payee on true
"""


def _shown(row: dict[str, Any]) -> Shown:
    plan, handed = plan_version(row.pop("plan_id")), row.pop("handed_over_at")
    cut_on = row.pop("cut_at").astimezone(plan.zone).date()
    return Shown(
        **{
            **row,
            "stage": Stage(row["stage"]),
            "outcome": Outcome(row["outcome"]),
            "flags": tuple(row["flags"]),
            "found": Found.from_json(json.loads(row["found"])),
            "runs_on": handed.astimezone(plan.zone).date() if handed else runs_on(row["month"], plan.pay_day, cut_on),
            "pays_on": due_on(row["month"], plan.pay_day, cut_on, came_back_on=row["returned_on"]),
        }
    )


def of_partner(by: Actor, partner: UUID, *, limit: int = 60, before: date | None = None) -> list[Shown]:
    """A partner's made statements, newest first; `before` a month for older ones. One query.

    Raises NotFound, Forbidden.
    """
    allow(by, "statement.see", partner_id=partner)
    statement = f"""{_SHOWN} where s.partner_id = %(partner)s and s.made_at is not null
        and (%(before)s::date is null or c.month < %(before)s) order by c.month desc, s.currency limit %(limit)s"""
    return [_shown(row) for row in reads.named(statement, {"partner": partner, "before": before, "limit": limit})]


def statement(by: Actor, number: str) -> Shown:
    """One statement by its number; a draft only for the house. One query. Raises NotFound, Forbidden."""
    if by.is_staff:
        allow(by, "statement.see")
    if "\x00" in number:  # which no text in a database can hold
        raise NotFound
    found = reads.named(f"{_SHOWN} where s.number = %(number)s", {"number": number})
    if not found or (found[0]["made_at"] is None and not by.is_staff):
        raise NotFound
    allow(by, "statement.see", partner_id=found[0]["partner"])
    return _shown(found[0])


def called(number: str) -> tuple[UUID, UUID]:
    """The ids of the statement of this number, a draft too, and of its close. One query; asks no permission.

    Raises NotFound.
    """
    found = reads.row("select id, close_id from programme_statement where number = %s", [number])
    if found is None:
        raise NotFound
    statement, close = found
    return statement, close


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a statement looks at. Minor units, basis points.

    `deal_amount`: what an earned line was worked out from; 0 for any other. `known`: an earlier month looked at it.
    `earned_on`: the other statement that names what the deal had earned.
    """

    id: UUID
    kind: LineKind
    amount: int
    rate: int
    effective_at: datetime
    payable_on: date
    deal: UUID
    client: str
    product: str
    deal_amount: int
    is_correction: bool
    known: bool
    earned_on: str


# What a close looked at: also of a month that was closed long ago, and whatever became of it.
_LINES = f"""
    select l.id, l.kind, l.amount, l.rate, l.effective_at, l.payable_on, l.deal_id as deal, d.client_name as client,
           d.product, case when l.kind = 'earned' then (l.inputs->>'amount')::bigint else 0 end as deal_amount,
           l.corrects_id is not null as is_correction, l.payable_on <= %(known_until)s as known,
           coalesce((select s.number from programme_commissionline e cross join lateral {PAYS_FOR.format(line="e")} s
                      where e.deal_id = l.deal_id and e.kind = 'earned' and e.id <> l.id
                        and s.id <> %(statement)s), '') as earned_on
      from programme_commissionline l
      join programme_deal d on d.id = l.deal_id
     where l.partner_id = %(partner)s and l.currency = %(currency)s and l.payable_on between %(since)s and %(until)s
     order by l.effective_at, l.id
"""  # noqa: S608 - a constant

_BEFORE = """
    select c.month, coalesce(s.amount, 0), s.number
      from programme_close c
      left join programme_statement s on s.close_id = c.id and s.partner_id = %(partner)s
                                     and s.currency = %(currency)s and s.outcome = 'pay'
     where c.programme_id = (select programme_id from programme_close where id = %(close)s) and c.month < %(month)s
     order by c.month desc limit 1
"""

# Of the month before alone: what was sold longer ago was paid by a rate that may have changed more than once since.
_RATES = """
    select distinct on (d.product) d.product, l.rate from programme_commissionline l
      join programme_deal d on d.id = l.deal_id
     where l.partner_id = %(partner)s and l.currency = %(currency)s and l.kind = 'earned' and l.amount > 0
       and l.payable_on between %(month_before)s and %(known_until)s
     order by d.product, l.effective_at desc, l.id desc
"""


@dataclass(frozen=True, slots=True)
class Before:
    """The month that was closed before, and what it paid: 0 where it paid nothing, with an empty number."""

    month: date
    paid: int
    number: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement's lines, and the bridge from the month before; None where this month was the first."""

    lines: list[Line]
    before: Before | None
    bridge: list[tuple[Cause, int]]


def opened(shown: Shown) -> Opened:
    """What a statement rests on. Three queries. Whoever asks has been shown the statement."""
    parameters: dict[str, Any] = {
        "statement": shown.id,
        "partner": shown.partner,
        "currency": shown.currency,
        "close": shown.close,
        "month": shown.month,
        "since": shown.since,
        "until": last_day(shown.month),
        "month_before": date.min,
        "known_until": date.min,
    }
    before: Before | None = None
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE, parameters)
        if row := cursor.fetchone():
            before = Before(row[0], row[1], row[2] or "")
            parameters |= {"month_before": before.month, "known_until": last_day(before.month)}
        cursor.execute(_RATES, parameters)
        rates: dict[str, int] = dict(cursor.fetchall())
    lines = [Line(**{**row, "kind": LineKind(row["kind"])}) for row in reads.named(_LINES, parameters)]
    causes = bridge(before.paid if before else 0, [_for_bridge(line, rates) for line in lines])
    return Opened(lines, before, causes)


def _for_bridge(line: Line, rates: Mapping[str, int]) -> BridgeLine:
    return BridgeLine(line.kind, line.amount, line.rate, line.known, line.deal_amount, rates.get(line.product))
