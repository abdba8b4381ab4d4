"""A tier that a person of the house has pinned: held whatever is measured, until it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any


@dataclass(frozen=True, slots=True)
class Pin:
    """At least this tier is held until just before `until`. What ends then is announced like everything that falls."""

    tier: str
    until: datetime

    def as_json(self) -> dict[str, str]:
        """Plain data."""
        return {"tier": self.tier, "until": self.until.isoformat()}

    @classmethod
    def from_json(cls, written: Mapping[str, Any] | None) -> "Pin | None":
        """The inverse of `as_json`, of nothing too."""
        return cls(str(written["tier"]), datetime.fromisoformat(written["until"])) if written else None


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """When a day is over in a zone. Raises OverflowError for the last day that there is."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def in_force(pin: Pin | None, at: datetime) -> Pin | None:
    """The pin at an instant; None once it has ended."""
    return pin if pin is not None and pin.until > at else None
