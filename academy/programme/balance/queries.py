"""Reading where money is: lines with their state, a partner's balance by state, and its next payment.

A line is on its way from the moment its statement is made, after approval. Whoever asks has settled who may see it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import reads
from academy.programme.balance.rules import (
    Account,
    Balance,
    Day,
    LineStands,
    Named,
    NextPayment,
    Paying,
    Run,
    Waits,
    first_open,
    next_of,
    planned,
    runs,
    stands,
)
from academy.programme.closes.rules import pays_on, runs_on
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Stands
from academy.programme.standing.queries import stands as standing_of
from academy.programme.statements.rules import Outcome

NAMED = """
    select n.line_id, s.id as statement_id, s.number, c.month, c.plan_id, c.cut_at, c.handed_over_at,
           case when r.payout_id is null then o.paid_on end as paid_on,
           case when r.payout_id is null then o.reference end as reference, r.returned_on
      from programme_statementline n
      join programme_statement s on s.id = n.statement_id and s.made_at is not null
      join programme_close c on c.id = s.close_id
      left join lateral (select p.id, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id order by p.attempt desc limit 1) o on true
      left join programme_return r on r.payout_id = o.id
"""
"""The made statement of a line and its last payment, for joining with lines on `line_id`."""

_OF_LINES = f"""
    select l.id, l.payable_on, l.partner_id, named.* from programme_commissionline l
      left join ({NAMED}) named on named.line_id = l.id
     where l.id = any(%s)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the days of a partner's money follow from: its plan, the first month not begun to be closed, and today."""

    plan: Plan
    next_close: date
    today: date


def calendar(partner: UUID, now: datetime) -> Calendar | None:
    """A partner's calendar; None outside every programme. Two queries."""
    standing = standing_of(partner)
    return calendar_of(standing, now) if standing else None


def calendar_of(standing: Stands, now: datetime) -> Calendar:
    """The calendar of a partner that stands there. One query."""
    today = now.astimezone(standing.plan.zone).date()
    row = reads.row(
        "select max(month) from programme_close where programme_id = %s and stage not in ('collecting', 'checking')",
        [standing.programme],
    )
    last: date | None = row[0] if row else None
    return Calendar(standing.plan, first_open(last, today, standing.plan.pay_day), today)


def lines_stand(lines: Sequence[UUID], calendar: Calendar) -> dict[UUID, LineStands]:
    """Where these lines of one partner stand. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_LINES, [list(lines)])
        return {row[0]: line_stands(row[1], row[3:], calendar) for row in cursor.fetchall()}


def line_stands(payable_on: date, named: Sequence[Any], calendar: Calendar) -> LineStands:
    """Where a line stands, from its payable day and the columns of NAMED."""
    return stands(payable_on, calendar.today, calendar.next_close, _named(named, calendar))


def _named(row: Sequence[Any], calendar: Calendar) -> Named | None:
    line, _statement, number, month, plan_id, cut_at, handed_over_at, paid_on, reference, returned_on = row
    if line is None:
        return None
    plan = plan_version(plan_id)
    cut_on = cut_at.astimezone(plan.zone).date()
    run = handed_over_at.astimezone(plan.zone).date() if handed_over_at else runs_on(month, plan.pay_day, cut_on)
    return Named(number, month, run, pays_on(month, plan.pay_day, cut_on), paid_on, reference or "", returned_on)


@dataclass(frozen=True, slots=True)
class StatementOfLine:
    """The statement that names a line."""

    id: UUID
    number: str
    month: date


def statement_of_line(line: UUID) -> StatementOfLine | None:
    """The made statement that names a line; None while none does. One query."""
    found = reads.row(
        "select s.id, s.number, c.month from programme_statementline n"
        " join programme_statement s on s.id = n.statement_id join programme_close c on c.id = s.close_id"
        " where n.line_id = %s and s.made_at is not null",
        [line],
    )
    return StatementOfLine(*found) if found else None


_BALANCE = f"""
    select l.currency,
           coalesce(sum(l.amount) filter (where n.line_id is null and l.payable_on > %(today)s), 0)::bigint,
           coalesce(sum(l.amount) filter (where n.line_id is null and l.payable_on <= %(today)s), 0)::bigint,
           coalesce(sum(l.amount) filter (where n.line_id is not null and n.paid_on is null), 0)::bigint,
           coalesce(sum(l.amount) filter (where n.line_id is not null and n.paid_on is not null), 0)::bigint
      from programme_commissionline l left join ({NAMED}) n on n.line_id = l.id
     where l.partner_id = %(partner)s group by l.currency order by l.currency
"""  # noqa: S608 - constants


def balance(partner: UUID, calendar: Calendar) -> list[Balance]:
    """A partner's money by state, a row for each currency that it has lines in. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, {"partner": partner, "today": calendar.today})
        return [Balance(*row) for row in cursor.fetchall()]


_PAYS = """
    select case when s.made_at is null then '' else s.number end as number, s.amount, s.currency, c.month, c.plan_id,
           c.cut_at
      from programme_statement s
      join programme_close c on c.id = s.close_id
     where s.partner_id = %(partner)s and s.outcome = 'pay'
       and not exists (select from programme_payout p where p.statement_id = s.id and not exists (
                           select from programme_return r where r.payout_id = p.id))
     order by c.month limit 1
"""

_UNNAMED = """
    select l.currency, l.payable_on, sum(l.amount)::bigint from programme_commissionline l
     where l.partner_id = %(partner)s
       and not exists (select from programme_statementline n where n.line_id = l.id)
     group by 1, 2
"""

_LATEST = """
    select distinct on (s.currency) s.currency, s.outcome from programme_statement s
      join programme_close c on c.id = s.close_id
     where s.partner_id = %(partner)s and s.made_at is not null order by s.currency, c.month desc
"""


# One row for `coming_from`; asks for `partner`, and `programme`, of which it is.
COMING = f"""
    select (select max(month) from programme_close
             where programme_id = %(programme)s and stage not in ('collecting', 'checking')),
           (select json_build_array(number, amount, currency, month, plan_id, cut_at) from ({_PAYS}) made),
           (select coalesce(json_agg(json_build_array(currency, payable_on, amount)), '[]') from ({_UNNAMED})
                   as unnamed (currency, payable_on, amount)),
           (select coalesce(json_agg(json_build_array(currency, outcome)), '[]') from ({_LATEST}) latest)
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Coming:
    """What a partner will be paid next, and what is on hold, in minor units of its currency."""

    next: NextPayment
    on_hold: int


def coming(partner: UUID, programme: UUID, currency: str, plan: Plan, now: datetime) -> Coming:
    """A partner's next payment and what is on hold; one query."""
    row = reads.row(COMING, {"partner": partner, "programme": programme})
    return coming_from(row or (None, None, [], []), currency, plan, now)


def coming_from(row: Sequence[Any], currency: str, plan: Plan, now: datetime) -> Coming:
    """What comes, from a row of COMING."""
    last_close, made, unnamed, latest = row
    today = now.astimezone(plan.zone).date()
    calendar = Calendar(plan, first_open(last_close, today, plan.pay_day), today)
    payable = {date.fromisoformat(day): amount for of, day, amount in unnamed if of == currency}
    on_hold = sum(amount for day, amount in payable.items() if day > today)
    if made:
        number, amount, of, month, plan_id, cut_at = made
        written = (number, amount, of, date.fromisoformat(month), UUID(plan_id), datetime.fromisoformat(cut_at))
        return Coming(_made(written), on_hold)
    return Coming(_planned(currency, payable, dict(latest), calendar), on_hold)


def next_payment(partner: UUID, currency: str, calendar: Calendar) -> NextPayment:
    """The next payment of a partner: of its oldest statement that waits for money, else of the next that would pay.

    One that is still being checked has no number yet, and is told as the plan it is. When nothing would pay, why, and
    what waits. One query, or three.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYS, {"partner": partner})
        if made := cursor.fetchone():
            return _made(made)
        cursor.execute(_UNNAMED, {"partner": partner})
        payable = {day: amount for of, day, amount in cursor.fetchall() if of == currency}
        cursor.execute(_LATEST, {"partner": partner})
        return _planned(currency, payable, dict(cursor.fetchall()), calendar)


def _made(row: tuple[str, int, str, date, UUID, datetime]) -> NextPayment:
    """The payment of a statement that pays."""
    number, amount, currency, month, plan_id, cut_at = row
    plan = plan_version(plan_id)
    due = pays_on(month, plan.pay_day, cut_at.astimezone(plan.zone).date())
    return NextPayment(currency, amount, due, number, None, plan.minimum.get(currency, 0))


def _planned(currency: str, payable: dict[date, int], latest: Mapping[str, str], calendar: Calendar) -> NextPayment:
    """The payment that the next statements would make; `latest` are the outcomes of the last close by currency."""
    minimum = calendar.plan.minimum.get(currency, 0)
    found = planned(
        currency,
        payable,
        minimum,
        next_close=calendar.next_close,
        pay_day=calendar.plan.pay_day,
        today=calendar.today,
    )
    outcome = latest.get(currency, "")
    if found.date is None or outcome not in ("terms", "payee", "held"):
        return found
    # The last close did not pay for a reason that nobody can compute away: it is told with the day it may end.
    return NextPayment(currency, found.amount, found.date, "", Waits(outcome), minimum)


# Days that are long over are one: nothing asks for them apart any more, and there are many of them.
_DAYS = """
    select currency, greatest(payable_on, %(over)s::date), sum(amount)::bigint, sum(lines)::int from programme_daysum
     where partner_id = %(partner)s group by 1, 2 order by 1, 2
"""
OVER = timedelta(days=100)

_STATEMENTS = """
    select s.currency, s.id, s.amount, s.lines, s.outcome, s.id, s.id, s.number, c.month, c.plan_id, c.cut_at,
           c.handed_over_at, case when r.payout_id is null then o.paid_on end as paid_on,
           case when r.payout_id is null then o.reference end as reference, r.returned_on
      from programme_statement s
      join programme_close c on c.id = s.close_id
      left join lateral (select p.id, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id order by p.attempt desc limit 1) o on true
      left join programme_return r on r.payout_id = o.id
     where s.partner_id = %s and s.made_at is not null order by c.month desc
"""

MENDED_BY_A_PERSON = (Outcome.TERMS, Outcome.PAYEE, Outcome.HELD)


def accounts(partner: UUID, calendar: Calendar) -> dict[str, Account]:
    """A partner's money by currency, of which it has one or none. Two queries, however many lines there are."""
    days: defaultdict[str, list[Day]] = defaultdict(list)
    for currency, *day in reads.rows(_DAYS, {"partner": partner, "over": calendar.today - OVER}):
        days[currency].append(Day(*day))
    statements: defaultdict[str, list[Paying]] = defaultdict(list)
    last: dict[str, Waits] = {}
    for currency, key, amount, lines, outcome, *named in reads.rows(_STATEMENTS, [partner]):
        told = _named(named, calendar)
        assert told is not None
        if outcome == Outcome.PAY:
            statements[currency].append(Paying(key, amount, lines, told))
        last.setdefault(currency, outcome)
    return {
        currency: Account(currency, found, statements[currency], _waits(last.get(currency)))
        for currency, found in days.items()
    }


def _waits(outcome: str | None) -> Waits | None:
    """The last close did not pay for a reason that nobody can compute away: it is told with the day it may end."""
    return Waits(outcome) if outcome in MENDED_BY_A_PERSON else None


def account_in(partner: UUID, currency: str, calendar: Calendar) -> Account:
    """A partner's money in one currency; empty before its first line. Two queries."""
    return accounts(partner, calendar).get(currency) or Account(currency)


def next_payment_of(account: Account, calendar: Calendar) -> NextPayment:
    """The same, of what is read already."""
    return next_of(account, *_terms(account, calendar))


def runs_of(account: Account, calendar: Calendar) -> list[Run]:
    """The payments that the lines lead to as they are now, the next first."""
    return runs(account, *_terms(account, calendar))


def _terms(account: Account, calendar: Calendar) -> tuple[int, date, int, date]:
    plan = calendar.plan
    return plan.minimum.get(account.currency, 0), calendar.next_close, plan.pay_day, calendar.today
