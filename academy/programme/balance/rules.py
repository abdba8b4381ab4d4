"""Where a partner's money is, line by line and in sum, and when the next of it comes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from academy.programme.closes.rules import last_day, month_before, month_of, next_month, pays_on
from academy.programme.commissions.rules import LineState, state_of


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
    """Where one line stands. `month` is that of the statement that named it, or that will look at it first."""

    state: LineState
    payable_on: date
    month: date
    statement: Named | None


def stands(payable: date, today: date, next_close: date, statement: Named | None) -> LineStands:
    """Where a line stands on a day. `next_close` is the first month that nobody has begun to close."""
    state = state_of(
        payable,
        today,
        on_statement=statement is not None,
        is_paid=statement is not None and statement.paid_on is not None,
    )
    month = statement.month if statement else max(month_of(payable), next_close)
    return LineStands(state, payable, month, statement)


@dataclass(frozen=True, slots=True)
class Balance:
    """A partner's money by state, in minor units of one currency. States are never added together on a screen."""

    currency: str
    on_hold: int
    ready: int
    on_its_way: int
    paid: int


def first_open(last: date | None, today: date, pay_day: int) -> date:
    """The first month whose statements are still to come: the one after the last that was approved.

    Where none was yet, the month before today as long as its pay day is ahead.
    """
    if last is not None:
        return next_month(last)
    before = month_before(month_of(today))
    return before if pays_on(before, pay_day, before) >= today else month_of(today)


@dataclass(frozen=True, slots=True)
class Total:
    """What some lines come to, in minor units, and how many they are."""

    amount: int
    lines: int


class Waits(StrEnum):
    """Why no payment is planned."""

    NOTHING = "nothing"
    NEGATIVE = "negative"
    BELOW_MINIMUM = "below_minimum"
    TERMS = "terms"
    PAYEE = "payee"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class NextPayment:
    """The payment that comes next: its date before its sum, in minor units. `waits` says why none is planned.

    `amount` is then what waits. `number` names the statement when it is made; `minimum` is that of the currency.
    """

    currency: str
    amount: int
    date: date | None
    number: str
    waits: Waits | None
    minimum: int


@dataclass(frozen=True, slots=True)
class Day:
    """What all lines come to that may be paid from one day on, in minor units, and how many they are.

    The first of an account's days may stand for all that are long over.
    """

    payable_on: date
    amount: int
    lines: int


@dataclass(frozen=True, slots=True)
class Paying:
    """A made statement that pays: the sum of the lines that it names, in minor units, and how many they are."""

    id: UUID
    amount: int
    lines: int
    named: Named


@dataclass(frozen=True, slots=True)
class Account:
    """All of a partner's money in one currency: its days in order, its paying statements newest first.

    `waits` is why the last close paid nothing, where a person can mend that; else None.
    """

    currency: str
    days: Sequence[Day] = ()
    statements: Sequence[Paying] = ()
    waits: Waits | None = None

    @property
    def named(self) -> Total:
        """What statements name."""
        return added_up(self.statements)

    def of_month(self, month: date) -> Paying | None:
        """The statement of a month, where one is made."""
        return next((one for one in self.statements if one.named.month == month), None)

    def open_until(self, day: date) -> Total:
        """What no statement names of the lines that may be paid on a day. Statements name nothing later than that."""
        total, named = added_up(one for one in self.days if one.payable_on <= day), self.named
        return Total(total.amount - named.amount, total.lines - named.lines)


def added_up(parts: Iterable[Day | Paying]) -> Total:
    """The sum of some days or statements."""
    amount = lines = 0
    for one in parts:
        amount, lines = amount + one.amount, lines + one.lines
    return Total(amount, lines)


def by_state(account: Account, today: date) -> dict[LineState, Total]:
    """What the lines in each state come to."""
    paid = [one for one in account.statements if one.named.paid_on is not None]
    return {
        LineState.ON_HOLD: added_up(one for one in account.days if one.payable_on > today),
        LineState.READY: account.open_until(today),
        LineState.ON_ITS_WAY: added_up(one for one in account.statements if one.named.paid_on is None),
        LineState.PAID: added_up(paid),
    }


def paid_in(account: Account, year: int) -> Total:
    """What was paid in a year."""
    return added_up(one for one in account.statements if one.named.paid_on and one.named.paid_on.year == year)


@dataclass(frozen=True, slots=True)
class Run:
    """A payment that is planned: the lines that no statement names and that may be paid `until` a month's end.

    Those until `after`, the last day of the run before, are not among them. Minor units.
    """

    month: date
    pays_on: date
    amount: int
    lines: int
    after: date | None

    @property
    def until(self) -> date:
        """The last day from which a line is in it."""
        return last_day(self.month)


def runs(account: Account, minimum: int, next_close: date, pay_day: int, today: date) -> list[Run]:
    """The payments that the lines lead to as they are now, the next first: each month that comes to the minimum.

    What does not come to it waits for the next month, and is in no run where none follows.
    """
    found: list[Run] = []
    left = account.open_until(date.max)
    month, done = next_close, Total(0, 0)
    while left.lines > done.lines:
        until = account.open_until(last_day(month))
        amount, lines = until.amount - done.amount, until.lines - done.lines
        if lines and amount >= max(minimum, 1):
            after = found[-1].until if found else None
            found.append(Run(month, pays_on(month, pay_day, today), amount, lines, after))
            done = until
        elif until.lines == left.lines:
            break
        month = next_month(month)
    return found


def run_of(runs: Sequence[Run], payable_on: date) -> Run | None:
    """The planned payment that a line is in which no statement names; None while it waits for others."""
    return next((run for run in runs if payable_on <= run.until), None)


def planned_of(account: Account, minimum: int, next_close: date, pay_day: int, today: date) -> NextPayment:
    """The first payment that is planned. Where there is none, why, and what waits."""
    if found := runs(account, minimum, next_close, pay_day, today):
        return NextPayment(account.currency, found[0].amount, found[0].pays_on, "", account.waits, minimum)
    owed = account.open_until(date.max)
    if not owed.lines:
        return NextPayment(account.currency, 0, None, "", Waits.NOTHING, minimum)
    waits = Waits.NEGATIVE if owed.amount < 0 else Waits.BELOW_MINIMUM
    return NextPayment(account.currency, owed.amount, None, "", waits, minimum)


def next_of(account: Account, minimum: int, next_close: date, pay_day: int, today: date) -> NextPayment:
    """The next payment: of the oldest statement that waits for money, else the first that is planned."""
    waiting = [one for one in account.statements if one.named.paid_on is None]
    if not waiting:
        return planned_of(account, minimum, next_close, pay_day, today)
    oldest = min(waiting, key=lambda one: one.named.month)
    return NextPayment(account.currency, oldest.amount, oldest.named.pays_on, oldest.named.number, None, minimum)


def planned(
    currency: str, payable: dict[date, int], minimum: int, *, next_close: date, pay_day: int, today: date
) -> NextPayment:
    """What the next statements will come to, from the unnamed lines' sums by payable day: the first that would pay."""
    owed = sum(payable.values())
    if not payable:
        return NextPayment(currency, 0, None, "", Waits.NOTHING, minimum)
    month, last = next_close, max(month_of(max(payable)), next_close)
    while month <= last:
        sum_then = sum(amount for day, amount in payable.items() if day < next_month(month))
        if sum_then >= max(minimum, 1):
            return NextPayment(currency, sum_then, pays_on(month, pay_day, today), "", None, minimum)
        month = next_month(month)
    return NextPayment(currency, owed, None, "", Waits.NEGATIVE if owed < 0 else Waits.BELOW_MINIMUM, minimum)
