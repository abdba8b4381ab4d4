"""Reading a partner's money in sum: however many lines there are, as many rows as there are days and statements.

One statement reads it, and `Overview` says the rest: what is where, and what comes next. Whoever asks has settled who
may see it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.programme.balance.accounts.rules import Account, Day, Holding, Overview, Paying, Waits
from academy.programme.balance.queries import named_by
from academy.programme.balance.rules import Closing, calendar_of
from academy.programme.plans.models import Clock
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Stands
from academy.programme.statements.rules import Outcome

# As of `told`: what was written down later is not there yet. The present is `infinity`, so that a clock that steps back
# hides nothing.
PRESENT = "infinity"

_LATEST = """
    select json_build_array(c.month, c.cut_at, c.approved_at is null or c.approved_at > %(told)s::timestamptz
           or exists (select from programme_statement s where s.close_id = c.id and s.partner_id = %(partner)s
                         and (s.made_at is null or s.made_at > %(told)s::timestamptz)))
      from programme_close c
     where c.programme_id = %(programme)s and c.cut_at <= %(told)s::timestamptz
     order by c.month desc limit 1
"""

# Days that are long over are one: nothing asks for them apart any more, and there are many of them.
_DAYS = """
    select currency, greatest(payable_on, %(over)s::date) as payable_on, sum(amount)::bigint as amount,
           sum(lines)::int as lines
      from programme_daysum where partner_id = %(partner)s group by 1, 2
"""
_DAYS_THEN = """
    select currency, greatest(payable_on, %(over)s::date) as payable_on, sum(amount)::bigint as amount,
           count(*)::int as lines
      from programme_commissionline
     where partner_id = %(partner)s and effective_at <= %(told)s::timestamptz group by 1, 2
"""
OVER = timedelta(days=100)

_STATEMENTS = """
    select s.currency, s.outcome, s.since, s.amount, s.lines, s.number, c.month, c.plan_id, c.cut_at,
           case when c.handed_over_at <= %(told)s::timestamptz then c.handed_over_at end as handed_over_at,
           case when r.payout_id is null then o.paid_on end as paid_on,
           case when r.payout_id is null then o.reference end as reference, r.returned_on
      from programme_statement s
      join programme_close c on c.id = s.close_id
      left join lateral (select p.id, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id and p.recorded_at <= %(told)s::timestamptz
                          order by p.attempt desc limit 1) o on true
      left join programme_return r on r.payout_id = o.id and r.recorded_at <= %(told)s::timestamptz
     where s.partner_id = %(partner)s and s.made_at <= %(told)s::timestamptz
"""


# Whether the owner accepted the terms in force, and whether finance checked the latest payee details: a payment waits
# for both. Where there are no terms nothing has to be accepted.
_MAY_BE_PAID = """
    select json_build_array(
        coalesce((select exists (select from programme_acceptance a where a.terms_id = t.id
                                    and a.partner_id = %(partner)s and a.accepted_at <= %(told)s::timestamptz)
                    from programme_terms t
                   where t.programme_id = %(programme)s and t.effective_from <= %(at)s::timestamptz
                   order by t.number desc limit 1), true),
        coalesce((select p.checked_at <= %(told)s::timestamptz from programme_payee p
                   where p.partner_id = %(partner)s and p.changed_at <= %(told)s::timestamptz
                   order by p.number desc limit 1), false))
"""


def _money(days: str) -> str:
    return f"""
    select ({_LATEST}), ({_MAY_BE_PAID}),
           (select coalesce(json_agg(json_build_array(currency, payable_on, amount, lines) order by payable_on), '[]')
              from ({days}) days),
           (select coalesce(json_agg(json_build_array(currency, outcome, since, amount, lines, number, month, plan_id,
                                                      cut_at, handed_over_at, paid_on, reference, returned_on)
                                     order by month desc), '[]') from ({_STATEMENTS}) statements)
    """  # noqa: S608 - constants


MONEY = _money(_DAYS)
"""One row of four columns for `overview_from`, to be read with `parameters`."""
_MONEY_THEN = _money(_DAYS_THEN)


def parameters(partner: UUID, programme: UUID, plan: Plan, at: datetime) -> dict[str, Any]:
    """What MONEY asks for."""
    over = today_of(plan, at) - OVER
    return {"partner": partner, "programme": programme, "at": at, "told": PRESENT, "over": over}


def today_of(plan: Plan, now: datetime) -> date:
    """The day it is in the programme's zone."""
    return now.astimezone(plan.zone).date()


def overview_of(standing: Stands, now: datetime) -> Overview:
    """The money of a partner that stands there, in its currency. One query."""
    asked = parameters(standing.partner, standing.programme, standing.plan, now)
    row = reads.row(MONEY, asked)
    assert row is not None
    return overview_from(row, standing, standing.plan, now)


def overview_then(standing: Stands, plan: Plan, at: datetime) -> Overview:
    """The same as of an instant that has passed, by the plan of then: by what was written down by then. One query."""
    asked = parameters(standing.partner, standing.programme, plan, at)
    row = reads.row(_MONEY_THEN, {**asked, "told": at})
    assert row is not None
    return overview_from(row, standing, plan, at)


def overview_from(row: Sequence[Any], standing: Stands, plan: Plan, now: datetime) -> Overview:
    """The money of a partner in its currency, from a row of MONEY."""
    latest, may_be_paid, days, statements = row
    calendar = calendar_of(plan, _closing(latest, plan), today_of(plan, now))
    _are_terms_accepted, is_payee_checked = may_be_paid
    calendar = replace(calendar, is_past=standing.clock != Clock.LIVE, is_payee_checked=is_payee_checked)
    return Overview(calendar, _account(standing.currency, may_be_paid, days, statements))


def _closing(latest: Sequence[Any] | None, plan: Plan) -> Closing | None:
    if latest is None:
        return None
    month, cut_at, is_open = latest
    return Closing(date.fromisoformat(month), datetime.fromisoformat(cut_at).astimezone(plan.zone).date(), is_open)


def _account(currency: str, may_be_paid: Sequence[bool], days: Sequence[Any], statements: Sequence[Any]) -> Account:
    mine = [row[1:] for row in statements if row[0] == currency]
    _are_terms_accepted, is_payee_checked = may_be_paid
    held = _holding(*mine[0]) if mine else None
    return Account(
        currency,
        [Day(date.fromisoformat(day), amount, lines) for of, day, amount, lines in days if of == currency],
        [_paying(*row, is_payee_checked=is_payee_checked) for outcome, *row in mine if outcome == Outcome.PAY],
        Waits.HELD if held else _waits(*may_be_paid),
        held,
    )


def _holding(
    outcome: str, _since: str, amount: int, _lines: int, _number: str, month: str, *_days: object
) -> Holding | None:
    """What the last statement of a partner holds; None where it does not."""
    return Holding(date.fromisoformat(month), amount) if outcome == Outcome.HELD else None


def _paying(
    since: str, amount: int, lines: int, number: str, month: str, plan: str, *days: str | None, is_payee_checked: bool
) -> Paying:
    cut_at, handed_over_at, paid_on, reference, returned_on = days
    assert cut_at is not None
    named = named_by(
        number,
        date.fromisoformat(month),
        UUID(plan),
        datetime.fromisoformat(cut_at),
        datetime.fromisoformat(handed_over_at) if handed_over_at else None,
        date.fromisoformat(paid_on) if paid_on else None,
        reference,
        date.fromisoformat(returned_on) if returned_on else None,
    )
    waits = named.paid_on is None and not is_payee_checked
    return Paying(date.fromisoformat(since), amount, lines, named, waits)


def _waits(are_terms_accepted: bool, is_payee_checked: bool) -> Waits | None:
    """What a person has to do before the next payment, as a close would find it today."""
    if not are_terms_accepted:
        return Waits.TERMS
    return None if is_payee_checked else Waits.PAYEE
