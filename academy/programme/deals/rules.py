"""How far a deal is and where it may go from there; when it must be answered and how long it is protected."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from academy.core.periods import working_days_after

OURS = "academy"
"""The source of deals that partners register here; every other source is somebody's system."""
AHEAD = timedelta(minutes=5)
"""How far another system's clock may be ahead of ours."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 10**11
"""Minor units of one deal; more is a mistake."""
ANSWER_WORKING_DAYS = 3
PROTECTED_DAYS = 90


class Stage(StrEnum):
    """How far a deal is. Protection and what is still to be answered follow from the dates beside it."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    WON = "won"
    LOST = "lost"
    REFUSED = "refused"


class DealKind(StrEnum):
    """A credit names no sale: it takes an amount back at the rate of its own instant."""

    SALE = "sale"
    CREDIT = "credit"


class NameKind(StrEnum):
    """What a source's word may stand for."""

    PARTNER = "partner"
    PRODUCT = "product"


OPEN = frozenset({Stage.REGISTERED, Stage.ACCEPTED})

_ONWARD = {
    Stage.REGISTERED: frozenset({Stage.ACCEPTED, Stage.WON, Stage.LOST, Stage.REFUSED}),
    Stage.ACCEPTED: frozenset({Stage.WON, Stage.LOST}),
    # A client may come back; a deal that was refused is registered anew.
    Stage.LOST: frozenset({Stage.WON}),
    Stage.WON: frozenset[Stage](),
    Stage.REFUSED: frozenset[Stage](),
}


class Move(StrEnum):
    """What a report of a stage means for a deal that is there already."""

    ONWARD = "onward"
    NOTHING = "nothing"
    REFUSED = "refused"


def move(now: Stage, reported: Stage, *, is_older: bool) -> Move:
    """What follows from a report. An older one than the deal's last change arrived late and changes nothing."""
    if reported == now:
        return Move.NOTHING
    if reported in _ONWARD[now]:
        return Move.ONWARD
    return Move.NOTHING if is_older else Move.REFUSED


@dataclass(frozen=True, slots=True)
class Registration:
    """What deciding about a deal needs of it."""

    stage: Stage
    protected_until: datetime | None

    def holds_its_client(self, at: datetime) -> bool:
        """Whether another partner's claim on the same client has to be decided: open, and not run out."""
        if self.stage is Stage.ACCEPTED:
            return self.protected_until is None or self.protected_until > at
        return self.stage is Stage.REGISTERED


def answer_by(registered_at: datetime, zone: ZoneInfo) -> datetime:
    """When a registration is answered at the latest: the end of the third working day after its own."""
    day = working_days_after(registered_at.astimezone(zone).date(), ANSWER_WORKING_DAYS)
    return datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(minutes=1)


def protected_until(accepted_at: datetime, zone: ZoneInfo) -> datetime:
    """Until when nobody else may have this client: the end of a day, so many days after it was accepted."""
    day = accepted_at.astimezone(zone).date() + timedelta(days=PROTECTED_DAYS + 1)
    return datetime.combine(day, time(), zone)
