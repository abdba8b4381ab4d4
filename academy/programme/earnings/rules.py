"""Which lines somebody wants to see, what those come to, and on which days they may be paid."""

from dataclasses import dataclass
from datetime import date

from academy.programme.balance.accounts.rules import A_DAY, Group, Overview, Total, added_up
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
class Span:
    """Lines that may be paid from one day to another."""

    since: date
    until: date


def spans(wanted: Wanted, seen: Overview) -> list[Span]:
    """The days of the lines that are wanted, the latest first: as few spans as there can be; none where no line is."""
    if wanted == ALL:
        return [Span(date.min, date.max)]
    found: list[Span] = []
    for group in sorted(groups(wanted, seen), key=lambda one: one.since, reverse=True):
        if found and found[-1].since == group.until + A_DAY:
            found[-1] = Span(group.since, found[-1].until)
        else:
            found.append(Span(group.since, group.until))
    return found
