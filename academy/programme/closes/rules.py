"""How a close goes on, which month may be closed, and when its money moves."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

STALLED = timedelta(seconds=20)
"""A run that has not come further for so long was stopped."""
MOST_MONTHS = 24
"""So many months are offered to be closed at most."""


class Stage(StrEnum):
    """How far a close is."""

    COLLECTING = "collecting"
    CHECKING = "checking"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    DONE = "done"


OPEN = frozenset({Stage.COLLECTING, Stage.CHECKING})


class Obstacle(StrEnum):
    """Why a close cannot go on."""

    COLLECTING = "collecting"  # not everybody has been looked at
    NOT_CHECKING = "not_checking"  # it is approved already
    PAYEES = "payees"  # payee details changed, or were checked, after its statements were looked at
    OWN_PAYEE = "own_payee"  # whoever checked new payee details is not the second who looks at them
    UNSEEN = "unseen"  # an exception was neither looked at nor held
    SAME_PERSON = "same_person"
    NOT_APPROVED = "not_approved"
    BEING_WRITTEN = "being_written"  # approved, and not every statement has its number in the journal
    NOT_HANDED_OVER = "not_handed_over"


@dataclass(frozen=True, slots=True)
class Situation:
    """What deciding about a close needs of it. `second` says whether a second person is asked for.

    `payees_changed`: how many drafts pay a payee that is not their partner's latest, or that nobody has checked; or
    wait for a check that is made by now. `handed_over_by`: whoever handed over all that was; None where two did.
    """

    stage: Stage
    unseen: int
    payees_changed: int
    unwritten: int
    started_by: UUID | None
    handed_over_by: UUID | None
    second: bool


def why_not_approve(close: Situation, by: UUID) -> Obstacle | None:
    """Why somebody cannot approve; None when they can."""
    if close.stage is Stage.COLLECTING:
        return Obstacle.COLLECTING
    if close.stage is not Stage.CHECKING:
        return Obstacle.NOT_CHECKING
    if close.payees_changed:
        return Obstacle.PAYEES
    if close.unseen:
        return Obstacle.UNSEEN
    return Obstacle.SAME_PERSON if close.second and by == close.started_by else None


def why_not_hand_over(close: Situation) -> Obstacle | None:
    """Why the payment file cannot be handed over; None when it can, also once more."""
    if close.stage in OPEN:
        return Obstacle.NOT_APPROVED
    return Obstacle.BEING_WRITTEN if close.unwritten else None


def why_not_paid(close: Situation, by: UUID) -> Obstacle | None:
    """Why somebody cannot enter any payment; None when they can. Of what two handed over each enters the other's."""
    if close.stage in OPEN or close.stage is Stage.APPROVED:
        return Obstacle.NOT_HANDED_OVER
    return Obstacle.SAME_PERSON if close.second and by == close.handed_over_by else None


def month_of(day: date) -> date:
    """The month of a day, as its first day."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """The month after one."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(month: date) -> date:
    """The month before one."""
    return (month - timedelta(days=1)).replace(day=1)


def last_day(month: date) -> date:
    """The last day of a month: what is payable until then belongs to it."""
    return next_month(month) - timedelta(days=1)


def ends_at(month: date, zone: ZoneInfo) -> datetime:
    """The instant at which a month is over."""
    return datetime.combine(next_month(month), time(), zone)


def pays_on(month: date, pay_day: int, cut_on: date) -> date:
    """When what a month's statement names is paid: on the pay day after it, or, where it is cut later, on the next."""
    day = next_month(month).replace(day=pay_day)
    while day < cut_on:
        day = next_month(month_of(day)).replace(day=pay_day)
    return day


def due_on(month: date, pay_day: int, cut_on: date, *, came_back_on: date | None) -> date:
    """The same of a statement whose payment may have come back: that is paid on the first pay day after."""
    return pays_on(month, pay_day, came_back_on + timedelta(days=1) if came_back_on else cut_on)


def runs_on(month: date, pay_day: int, cut_on: date) -> date:
    """When it is handed over: the day before, and never before it is cut."""
    return max(pays_on(month, pay_day, cut_on) - timedelta(days=1), cut_on)


def months_to_close(last: date | None, first: date, today: date) -> list[date]:
    """The months that may be closed on a day, oldest first.

    Those after the last close, or from `first` on where there was none, that are over; at most the latest MOST_MONTHS.
    """
    month = next_month(last) if last is not None else month_of(first)
    found = []
    while next_month(month) <= today:
        found.append(month)
        month = next_month(month)
    return found[-MOST_MONTHS:]


def statement_number(programme: str, month: date, position: int) -> str:
    """What a statement is called on paper and in payment files: agencies-2026-12-0017."""
    return f"{programme}-{month.year:04d}-{month.month:02d}-{position:04d}"
