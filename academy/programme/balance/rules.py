"""Where one commission line is on its way from a deal to the bank, and the days that its way follows from."""

from dataclasses import dataclass
from datetime import date

from academy.programme.closes.rules import month_before, month_of, next_month, pays_on
from academy.programme.commissions.rules import LineState, state_of
from academy.programme.plans.rules import Plan


@dataclass(frozen=True, slots=True)
class Named:
    """The statement that names a line, once it is made, and its payment; None and empty while that is not there."""

    number: str
    month: date
    runs_on: date
    pays_on: date
    paid_on: date | None
    reference: str
    came_back_on: date | None = None


@dataclass(frozen=True, slots=True)
class LineStands:
    """Where one line stands. `month` is that of the statement that named it, or that will look at it first.

    None where no statement ever will.
    """

    state: LineState
    payable_on: date
    month: date | None
    statement: Named | None


@dataclass(frozen=True, slots=True)
class Calendar:
    """What the days of a partner's money follow from: its plan, the first month to come to statements, and today.

    `cut_on` is when that month was cut, once it is being closed; else None. What is imported as history `is_past`: it
    says what was owed then, and comes to no statement. What a statement names is ready and not on its way while
    `is_payee_checked` is not so: it is not in the payment file.
    """

    plan: Plan
    next_close: date
    today: date
    cut_on: date | None = None
    is_past: bool = False
    is_payee_checked: bool = True

    def pays_on(self, month: date) -> date:
        """When what a month's statement will name is paid, as things stand."""
        cut_on = self.cut_on if month == self.next_close else None
        return pays_on(month, self.plan.pay_day, cut_on or self.today)


def stands(payable: date, calendar: Calendar, statement: Named | None) -> LineStands:
    """Where a line stands on a day."""
    state = state_of(
        payable,
        calendar.today,
        on_statement=statement is not None and calendar.is_payee_checked,
        is_paid=statement is not None and statement.paid_on is not None,
    )
    to_come = None if calendar.is_past else max(month_of(payable), calendar.next_close)
    return LineStands(state, payable, statement.month if statement else to_come, statement)


@dataclass(frozen=True, slots=True)
class Closing:
    """The latest close of a programme. It `is_open` to a partner until the partner's statements in it are made."""

    month: date
    cut_on: date
    is_open: bool


def calendar_of(plan: Plan, latest: Closing | None, today: date) -> Calendar:
    """The calendar of a partner. The first month to come is the one after the latest that was closed for it.

    Where none ever was, that is the month before today as long as its pay day is ahead.
    """
    if latest is not None and latest.is_open:
        return Calendar(plan, latest.month, today, latest.cut_on)
    if latest is not None:
        return Calendar(plan, next_month(latest.month), today)
    before = month_before(month_of(today))
    is_ahead = pays_on(before, plan.pay_day, before) >= today
    return Calendar(plan, before if is_ahead else month_of(today), today)
