"""A partner's money in sum: in which payment each line is, made or planned, and which payment comes next.

Every line is in exactly one group: those of one statement, and those that no statement names by the payment that is
planned for them and by whether they are still on hold. Every sum that is shown anywhere is one of groups.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property

from academy.programme.balance.rules import Calendar, LineStands, Named
from academy.programme.closes.rules import last_day, next_month
from academy.programme.commissions.rules import LineState

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Total:
    """What some lines come to, in minor units, and how many they are."""

    amount: int
    lines: int


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
    """A made statement that pays: the sum of the lines that it names, in minor units, and how many they are.

    Those are all that may be paid from `since` to its month's end. `waits`: it is not in the payment file before the
    latest payee details are checked.
    """

    since: date
    amount: int
    lines: int
    named: Named
    waits: bool = False

    @property
    def until(self) -> date:
        """The last day from which a line is in it."""
        return last_day(self.named.month)

    @property
    def state(self) -> LineState:
        """Where the money of its lines is."""
        if self.named.paid_on is not None:
            return LineState.PAID
        return LineState.READY if self.waits else LineState.ON_ITS_WAY

    @property
    def pays_on(self) -> date:
        """When it is or was paid."""
        return self.named.paid_on or self.named.pays_on


class Waits(StrEnum):
    """Why no payment is planned, or why the planned one may not come."""

    NOTHING = "nothing"
    NEGATIVE = "negative"
    BELOW_MINIMUM = "below_minimum"
    TERMS = "terms"
    PAYEE = "payee"
    HELD = "held"
    PAST = "past"  # imported history: it says what was owed then


@dataclass(frozen=True, slots=True)
class Holding:
    """What a person holds: the sum of a month's statement, in minor units. What came since is not of it."""

    month: date
    amount: int


@dataclass(frozen=True, slots=True)
class Account:
    """All of a partner's money in one currency: its days in order, its paying statements newest first.

    `waits` is what a person has to do before anything is paid; else None. `held` is told where that is to let it go.
    """

    currency: str
    days: Sequence[Day] = ()
    statements: Sequence[Paying] = ()
    waits: Waits | None = None
    held: Holding | None = None

    @property
    def open_since(self) -> date:
        """The first day from which a line may be payable that no statement names: after all days of the last one."""
        return self.statements[0].until + A_DAY if self.statements else date.min

    def open_until(self, day: date) -> Total:
        """What no statement names of the lines that may be paid on a day. Statements name nothing later than that."""
        total, named = _added_up(one for one in self.days if one.payable_on <= day), _added_up(self.statements)
        return Total(total.amount - named.amount, total.lines - named.lines)

    def open_between(self, since: date, until: date) -> Total:
        """The same of lines that may be paid from a day on, where no statement has a day after it."""
        if since <= self.open_since:
            return self.open_until(until)
        return _added_up(day for day in self.days if since <= day.payable_on <= until)


@dataclass(frozen=True, slots=True)
class Run:
    """A statement to come that would pay: the lines that none names and that may be paid `until` its month's end.

    Those of the run before it are not among them. Minor units.
    """

    month: date
    pays_on: date
    amount: int
    lines: int

    @property
    def until(self) -> date:
        """The last day from which a line is in it."""
        return last_day(self.month)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that stand together: in one state, and in one payment, made by a statement or planned by a run.

    Without both no payment is planned. Its lines are those that may be paid from `since` to `until`: a statement's own
    days, or days after those of every statement.
    """

    state: LineState
    total: Total
    statement: Paying | None = None
    run: Run | None = None
    since: date = date.min
    until: date = date.max

    @property
    def pays_on(self) -> date | None:
        """When it is or was paid; None while nothing is planned."""
        if self.statement is not None:
            return self.statement.pays_on
        return self.run.pays_on if self.run else None

    @property
    def month(self) -> date | None:
        """The month of the statement that names it, or that is planned to; None while nothing is planned."""
        if self.statement is not None:
            return self.statement.named.month
        return self.run.month if self.run else None

    @property
    def is_paid(self) -> bool:
        """Whether its payment is over."""
        return self.state is LineState.PAID

    def has(self, line: LineStands) -> bool:
        """Whether a line of the account is in it."""
        return self.since <= line.payable_on <= self.until


@dataclass(frozen=True, slots=True)
class NextPayment:
    """The payment that comes next: its date before its sum, in minor units. `waits` says why none is planned.

    `amount` is then what waits; `date` says on which day its lines would be paid if a person did what is in the way,
    and `held` what that person holds. `is_made`: statements say all of it; `minimum` is that of the currency.
    """

    currency: str
    amount: int
    date: date | None
    is_made: bool
    waits: Waits | None
    minimum: int
    held: Holding | None = None

    @property
    def is_planned(self) -> bool:
        """Whether it comes on its date with nothing in the way. Its date may be told nowhere else."""
        return self.date is not None and self.waits is None


@dataclass(frozen=True)
class Overview:
    """What a partner's money comes to on a day."""

    calendar: Calendar
    account: Account

    @property
    def minimum(self) -> int:
        """Below what nothing is paid, in minor units."""
        return self.calendar.plan.minimum.get(self.account.currency, 0)

    @cached_property
    def runs(self) -> list[Run]:
        """The payments that the lines lead to as they are now, the next first."""
        return [] if self.calendar.is_past else runs(self.account, self.minimum, self.calendar)

    @cached_property
    def groups(self) -> list[Group]:
        """All lines, each in one group; what comes in the order of time, then what statements name, newest first."""
        return [*unnamed(self.account, self.runs, self.calendar.today), *map(_of_statement, self.account.statements)]

    @property
    def coming(self) -> list[Group]:
        """What is paid next: all that comes on the first day on which anything does, made or planned."""
        ahead = [(one.pays_on, one) for one in self.groups if one.pays_on is not None and not one.is_paid]
        first = min((day for day, _ in ahead), default=None)
        return [one for day, one in ahead if day == first]

    @property
    def next(self) -> NextPayment:
        """The next payment, which is the sum of what comes; where nothing does, why, and what waits."""
        currency, coming = self.account.currency, self.coming
        if not coming:
            return self._waiting()
        is_made = all(one.statement for one in coming)
        amount, day, waits = added_up(coming).amount, coming[0].pays_on, self.in_the_way(coming)
        held = self.account.held if waits is Waits.HELD else None
        return NextPayment(currency, amount, day, is_made, waits, self.minimum, held)

    def in_the_way(self, coming: Sequence[Group]) -> Waits | None:
        """What a person has to do before these are paid. A made statement waits for nothing but the payee's check."""
        made = [one.statement for one in coming if one.statement]
        if not made:
            return self.account.waits if any(one.run for one in coming) else None
        return Waits.PAYEE if any(one.waits for one in made) else None

    def _waiting(self) -> NextPayment:
        owed = added_up(one for one in self.groups if not one.is_paid)
        if not owed.lines:
            return NextPayment(self.account.currency, 0, None, False, Waits.NOTHING, self.minimum)
        if self.calendar.is_past:  # what was on hold then stands beside it
            ready = self.in_state(LineState.READY)
            return NextPayment(self.account.currency, ready.amount, None, False, Waits.PAST, self.minimum)
        waits = Waits.NEGATIVE if owed.amount < 0 else Waits.BELOW_MINIMUM
        return NextPayment(self.account.currency, owed.amount, None, False, waits, self.minimum)

    def group_of(self, line: LineStands) -> Group:
        """The group of a line."""
        return next(one for one in self.groups if one.has(line))

    def run_of(self, line: LineStands) -> Run | None:
        """The planned payment of a line; None where a statement names it, or none is planned."""
        return run_of(self.runs, line.payable_on) if line.statement is None else None

    def in_state(self, state: LineState) -> Total:
        """What the lines in a state come to. States are never added together on a screen."""
        return added_up(one for one in self.groups if one.state is state)


def added_up(groups: Iterable[Group]) -> Total:
    """The sum of some groups."""
    return _added_up(one.total for one in groups)


def _added_up(parts: Iterable[Day | Paying | Total]) -> Total:
    amount = lines = 0
    for one in parts:
        amount, lines = amount + one.amount, lines + one.lines
    return Total(amount, lines)


def runs(account: Account, minimum: int, calendar: Calendar) -> list[Run]:
    """The payments that the lines lead to as they are now, the next first: each month that comes to the minimum.

    What does not come to it waits for the next month, and is in no run where none follows.
    """
    found: list[Run] = []
    left = account.open_until(date.max)
    month, done = calendar.next_close, Total(0, 0)
    while left.lines > done.lines:
        until = account.open_until(last_day(month))
        amount, lines = until.amount - done.amount, until.lines - done.lines
        if lines and amount >= max(minimum, 1):
            found.append(Run(month, calendar.pays_on(month), amount, lines))
            done = until
        elif until.lines == left.lines:
            break
        month = next_month(month)
    return found


def _of_statement(one: Paying) -> Group:
    return Group(one.state, Total(one.amount, one.lines), one, since=one.since, until=one.until)


def run_of(runs: Sequence[Run], payable_on: date) -> Run | None:
    """The planned payment that a line is in which no statement names; None while it waits for others."""
    return next((run for run in runs if payable_on <= run.until), None)


def unnamed(account: Account, runs: Sequence[Run], today: date) -> Iterator[Group]:
    """The lines that no statement names: by the payment that is planned for them, and those without one last."""
    since = account.open_since
    for run in (*runs, None):
        until = run.until if run else date.max
        spans = ((LineState.READY, since, min(until, today)), (LineState.ON_HOLD, max(since, today + A_DAY), until))
        for state, first, last in spans:
            total = account.open_between(first, last) if first <= last else Total(0, 0)
            if total.lines:
                yield Group(state, total, run=run, since=first, until=last)
        if run is not None:
            since = until + A_DAY
