"""Which lines somebody wants to see, what those come to, and where they are to be looked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from academy.programme.balance.accounts.rules import Account, Group, Overview, Total, added_up
from academy.programme.closes.rules import last_day
from academy.programme.commissions.rules import LineState


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: in one state, paid in one year, or in the payments of one day. Without any, all of them.

    The payments of a day are those that come on it, or with `is_paid` those that came. `waiting` means the lines that
    are in no payment, made or planned.
    """

    state: LineState | None = None
    year: int | None = None
    day: date | None = None
    is_paid: bool = False
    waiting: bool = False

    def takes(self, group: Group) -> bool:
        """Whether the lines of a group are wanted."""
        day, paid_on = group.pays_on, group.pays_on if group.is_paid else None
        return (
            self.state in (None, group.state)
            and (self.year is None or (paid_on is not None and paid_on.year == self.year))
            and (self.day is None or (self.day == day and self.is_paid == group.is_paid))
            and (not self.waiting or day is None)
        )


ALL = Wanted()


def groups(wanted: Wanted, seen: Overview) -> list[Group]:
    """The groups whose lines are wanted."""
    return [one for one in seen.groups if wanted.takes(one)]


def total(wanted: Wanted, seen: Overview) -> Total | None:
    """What the lines come to that are wanted; None for all of them: states are never added together."""
    return None if wanted == ALL else added_up(groups(wanted, seen))


@dataclass(frozen=True, slots=True)
class Chosen:
    """The same as the lines' table knows it: payable from `since` to `until`, and named by one of these statements, or
    by none and payable between `open_since` and `open_until`.

    Without statements and without the latter two, whether they are named or not. Empty where there can be no such line.
    """

    since: date = date.min
    until: date = date.max
    statements: tuple[UUID, ...] = ()
    open_since: date | None = None
    open_until: date | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no line can be meant."""
        return self.since > self.until


NOTHING = Chosen(since=date.max, until=date.min)


def chosen(wanted: Wanted, seen: Overview) -> Chosen:
    """Where the lines are that are wanted."""
    if wanted == ALL:
        return Chosen()
    found = groups(wanted, seen)
    named = _named([one for one in found if one.statement], seen.account)
    unnamed = _unnamed([one for one in found if not one.statement], seen.account)
    if named.is_empty or unnamed.is_empty:
        return unnamed if named.is_empty else named
    return Chosen(
        min(named.since, unnamed.since),
        max(named.until, unnamed.until),
        named.statements,
        unnamed.open_since,
        unnamed.open_until,
    )


def _named(found: Sequence[Group], account: Account) -> Chosen:
    """What these statements name. None of it was payable after their months."""
    statements = [one.statement for one in found if one.statement]
    if not statements:
        return NOTHING
    months = [one.named.month for one in statements]
    return Chosen(all_named_until(account, min(months)), last_day(max(months)), tuple(one.id for one in statements))


def _unnamed(found: Sequence[Group], account: Account) -> Chosen:
    """The lines of these groups, whose spans follow one another."""
    if not found:
        return NOTHING
    since, until = min(one.since for one in found), max(one.until for one in found)
    since = max(since, all_named_until(account, date.max))
    return Chosen(since, until, open_since=since, open_until=until)


def all_named_until(account: Account, month: date) -> date:
    """The first day from which a line may be payable that no statement names of the months before one.

    So that nobody looks in vain through the years in which there is none. A statement names nothing that was payable
    after its month. So where as many lines were payable by a month's end as the statements up to that month name, those
    are all of them.
    """
    before = [one for one in account.statements if one.named.month < month]
    if not before:
        return date.min
    end = last_day(before[0].named.month)
    payable = sum(day.lines for day in account.days if day.payable_on <= end)
    return end + timedelta(days=1) if payable == sum(one.lines for one in before) else date.min
