"""What was told of a deal late: the day it happened is not the day from which it counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Late:
    """What happened to a deal `happened_at`, was told `told_at`, and counts from `counts_from`, which is later.

    A partner's time only moves forward, so it counts from the latest that was known of the partner then. `place` is
    that of the fact in the journal.
    """

    happened_at: datetime
    told_at: datetime
    counts_from: datetime
    kind: str
    place: int

    def is_by_days(self, zone: tzinfo) -> bool:
        """Whether it is another day in a zone. Within one the days say all."""
        return self.happened_at.astimezone(zone).date() != self.counts_from.astimezone(zone).date()


WIN = "deal.won"


def late_win(told: Collection[Late]) -> Late | None:
    """How late it was told that a deal was won; None where it was in time."""
    return next((one for one in told if one.kind == WIN), None)


def late_move(told: Collection[Late], cause: int | None) -> Late | None:
    """How late that was told which stands in the journal at the place `cause`; None where it was in time."""
    return next((one for one in told if one.place == cause), None)
