"""What was told of a deal late: the day it happened is not the day from which it counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, tzinfo


@dataclass(frozen=True, slots=True)
class Late:
    """What happened to a deal `happened_at`, was told `told_at`, and counts from `counts_from`, which is later.

    A partner's time only moves forward, so it counts from the latest that was known of the partner then. `moved` is by
    how many minor units the deal changed, or what was refunded of it; 0 for a win.
    """

    happened_at: datetime
    told_at: datetime
    counts_from: datetime
    kind: str
    moved: int = 0

    def is_by_days(self, zone: tzinfo) -> bool:
        """Whether it is another day in a zone. Within one the days say all."""
        return self.happened_at.astimezone(zone).date() != self.counts_from.astimezone(zone).date()


WIN, REFUND, CHANGE = "deal.won", "deal.refunded", "deal.changed"


def late_win(told: Collection[Late]) -> Late | None:
    """How late it was told that a deal was won; None where it was in time."""
    return next((one for one in told if one.kind == WIN), None)


def late_move(told: Collection[Late], counts_from: datetime, *, refunded: int, changed: int) -> Late | None:
    """How late a refund, or a change of what the deal is worth, was told; None where it was in time."""
    kind, moved = (REFUND, refunded) if refunded else (CHANGE, changed)
    asked = (kind, moved, counts_from)
    return next((one for one in told if (one.kind, one.moved, one.counts_from) == asked), None)
