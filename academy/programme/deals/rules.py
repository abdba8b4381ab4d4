"""How far a deal is and where it may go from there; when it must be answered and how long it is protected."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from academy.core.money import threshold
from academy.core.periods import working_days_after

OURS = "academy"
"""The source of deals that partners register here; every other source is somebody's system."""
AHEAD = timedelta(minutes=5)
"""How far another system's clock may be ahead of ours."""
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 10**9
"""Pounds, or so, of one deal; see `most`."""
LONGEST_REASON = 500
ANSWER_WORKING_DAYS = 3
PROTECTED_DAYS = 90


def most(currency: str) -> int:
    """Minor units of one deal; more is a mistake."""
    return threshold(MOST, currency)


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


class Outcome(StrEnum):
    """How a case between two partners ends: by a person's word, or because there is nothing left to decide."""

    GRANTED = "granted"
    """The later deal is accepted beside the earlier one."""
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    """The later deal came to nothing."""
    WON = "won"
    """Its source says that the later deal is won: then it is, whatever was still to be decided."""
    FREED = "freed"
    """The earlier deal is no longer in the way: it is closed or won, or one of the two is about another client."""


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


def move(now: Stage, reported: Stage, *, is_late: bool) -> Move:
    """What follows from a report for the stage. One that arrives late still leads an open deal on: what it says comes
    after that stage, whenever we hear of it. Otherwise it is behind what its source says by now, and changes nothing.
    """
    if reported == now:
        return Move.NOTHING
    if reported in _ONWARD[now] and (now in OPEN or not is_late):
        return Move.ONWARD
    return Move.NOTHING if is_late else Move.REFUSED


class Voice(StrEnum):
    """By what a source speaks of its deals."""

    REPORT = "report"
    """A program of its own, which says as of when it speaks."""
    LINE = "line"
    """A line of a file, which says the day of the deal again in every later file, whatever has changed since."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What a source told of a deal: how far it is, for how many minor units, at an instant of the source's own clock.

    Never the instant from which something counts here, which a partner's later facts move on.
    """

    stage: Stage
    amount: int
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """Plain data, to be kept."""
        return {"stage": self.stage.value, "amount": self.amount, "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, written: Mapping[str, Any] | None) -> "Telling | None":
        """The inverse of `as_json`; None of nothing."""
        if written is None:
            return None
        return cls(Stage(written["stage"]), written["amount"], datetime.fromisoformat(written["at"]))


@dataclass(frozen=True, slots=True)
class Said:
    """What a source has told of one deal so far: the last by each voice."""

    report: Telling | None = None
    line: Telling | None = None

    def by(self, voice: Voice) -> Telling | None:
        """The last by a voice."""
        return self.report if voice is Voice.REPORT else self.line

    def is_late(self, told: Telling) -> bool:
        """Whether the source has told of a later instant already, by whichever voice."""
        return any(last is not None and told.at < last.at for last in (self.report, self.line))

    def is_again(self, told: Telling, voice: Voice) -> bool:
        """Whether a voice only repeats itself. The day in a line is no part of what it says."""
        last = self.by(voice)
        return last is not None and told == (last if voice is Voice.REPORT else replace(last, at=told.at))

    def brings_amount(self, told: Telling, voice: Voice) -> bool:
        """Whether the amount is one that the deal has not heard of.

        A report's is, unless it is late or says the same again. A line's is where it differs from what the line before
        it said: whatever a report has changed between two files stays.
        """
        last = self.line
        if voice is Voice.LINE and last is not None:
            return told.amount != last.amount and _follows(told, last)
        return not self.is_late(told) and not self.is_again(told, voice)

    def with_last(self, told: Telling, voice: Voice) -> "Said":
        """The same once a voice has told this."""
        last = self.by(voice)
        if last is not None and not (_follows(told, last) if voice is Voice.LINE else told.at >= last.at):
            return self
        return replace(self, report=told) if voice is Voice.REPORT else replace(self, line=told)


def _follows(told: Telling, last: Telling) -> bool:
    """Whether a line comes after another: a later day, or the same stage for another amount on a day put right."""
    return told.at >= last.at or (told.stage == last.stage and told.amount != last.amount)


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
