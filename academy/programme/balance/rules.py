"""Where a partner's money is, line by line and in sum, and when the next of it comes."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from academy.programme.closes.rules import month_of, next_month, pays_on
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
