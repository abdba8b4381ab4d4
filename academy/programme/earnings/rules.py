"""Which lines somebody wants to see, what those come to, and in which payment each of them is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from academy.programme.balance.rules import Account, LineStands, Paying, Run, Total, added_up, run_of
from academy.programme.closes.rules import last_day
from academy.programme.commissions.rules import LineState


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: in one state, paid in one year, or in the payment of one month. Without any, all of them.

    `waiting` means those that are in no payment, made or planned.
    """

    state: LineState | None = None
    year: int | None = None
    month: date | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The same as the lines' table knows it: payable from `since` to `until`, and named by one of these statements.

    `statements` None: named or not. `named` false: named by none. Empty where there can be no such line.
    """

    since: date = date.min
    until: date = date.max
    named: bool | None = None
    statements: tuple[Paying, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether no line can be meant."""
        return self.since > self.until or (self.named is True and not self.statements)


NOTHING = Chosen(since=date.max, until=date.min)


def chosen(wanted: Wanted, account: Account, runs: Sequence[Run], today: date) -> Chosen:
    """Which of an account's lines are wanted."""
    found = Chosen()
    if wanted.state is not None:
        found = _in_state(wanted.state, account, today)
    if wanted.year is not None:
        paid = tuple(one for one in account.statements if one.named.paid_on and one.named.paid_on.year == wanted.year)
        found = both(found, _named_by(paid))
    if wanted.month is not None:
        found = both(found, _of_month(wanted.month, account, runs))
    if wanted.waiting:
        found = both(found, in_run(None, runs))
    return found


def _in_state(state: LineState, account: Account, today: date) -> Chosen:
    match state:
        case LineState.ON_HOLD:
            return Chosen(since=today + timedelta(days=1), named=False)
        case LineState.READY:
            return Chosen(until=today, named=False)
        case LineState.ON_ITS_WAY:
            return _named_by(tuple(one for one in account.statements if one.named.paid_on is None))
        case _:
            return _named_by(tuple(one for one in account.statements if one.named.paid_on is not None))


def _of_month(month: date, account: Account, runs: Sequence[Run]) -> Chosen:
    if made := account.of_month(month):
        return _named_by((made,))
    run = next((one for one in runs if one.month == month), None)
    return in_run(run, runs) if run else NOTHING


def _named_by(statements: tuple[Paying, ...]) -> Chosen:
    """What these statements name. None of it was payable after their months."""
    until = max((last_day(one.named.month) for one in statements), default=date.min)
    return Chosen(until=until, named=True, statements=statements)


def in_run(run: Run | None, runs: Sequence[Run]) -> Chosen:
    """The lines of a planned payment; with None those that are in none."""
    after = run.after if run else runs[-1].until if runs else None
    since = after + timedelta(days=1) if after else date.min
    return Chosen(since=since, until=run.until if run else date.max, named=False)


def both(one: Chosen, other: Chosen) -> Chosen:
    """The lines that are in both."""
    since, until = max(one.since, other.since), min(one.until, other.until)
    if one.named is None or other.named is None:
        narrower = other if one.named is None else one
        return Chosen(since, until, narrower.named, narrower.statements)
    if one.named is not other.named:
        return NOTHING
    shared = tuple(it for it in one.statements if it in other.statements)
    return Chosen(since, until, one.named, shared)


def total(it: Chosen, account: Account) -> Total | None:
    """What the lines come to; None where they may be in several states, which are never added together."""
    if it.is_empty:
        return Total(0, 0)
    if it.named is None:
        return None
    if it.named:
        return added_up(it.statements)
    found = added_up(day for day in account.days if it.since <= day.payable_on <= it.until)
    if it.since > date.min:
        return found  # what statements name was payable before
    return Total(found.amount - account.named.amount, found.lines - account.named.lines)


def narrowed(it: Chosen, account: Account) -> Chosen:
    """The same lines, without the years in which there is none of them, so that nobody looks through those in vain.

    A statement names nothing that was payable after its month. So where as many lines were payable by a month's end as
    the statements up to that month name, those are all of them, and none that is wanted is among them.
    """
    if it.named is None:
        return it
    first = min((one.named.month for one in it.statements), default=date.max)
    before = [one for one in account.statements if one.named.month < first]
    if not before:
        return it
    end = last_day(before[0].named.month)
    if added_up(day for day in account.days if day.payable_on <= end).lines != added_up(before).lines:
        return it
    return Chosen(max(it.since, end + timedelta(days=1)), it.until, it.named, it.statements)


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that stand together: in one state, and in one payment. `pays_on` None: no payment is planned."""

    state: LineState
    pays_on: date | None
    statement: UUID | None
    total: Total


def group_of(stands: LineStands, account: Account, runs: Sequence[Run], today: date) -> Group:
    """The group of a line, with what all of it comes to."""
    if stands.statement is not None:
        made = account.of_month(stands.statement.month)
        assert made is not None
        sum_ = Total(made.amount, made.lines)
        return Group(stands.state, made.named.paid_on or made.named.pays_on, made.id, sum_)
    run = run_of(runs, stands.payable_on)
    sum_ = total(both(_in_state(stands.state, account, today), in_run(run, runs)), account) or Total(0, 0)
    return Group(stands.state, run.pays_on if run else None, None, sum_)
