"""Windows of time: half open (start, T], cut in one time zone, months by the calendar and clipped to a month's end."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Span(StrEnum):
    """How a window is cut."""

    LIFETIME = "lifetime"
    NOW = "now"
    DAYS = "d"
    MONTHS = "m"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Window:
    """`lifetime`, `now`, `trailing:90d`, `trailing:12m` or `calendar:month|quarter|year`."""

    span: Span
    length: int = 0

    def __str__(self) -> str:
        if self.span in (Span.DAYS, Span.MONTHS):
            return f"trailing:{self.length}{self.span}"
        if self.span is Span.CALENDAR:
            return f"calendar:{ {1: 'month', 3: 'quarter', 12: 'year'}[self.length] }"
        return str(self.span)

    def start(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The instant after which things count at `at`; None when everything does."""
        match self.span:
            case Span.DAYS:
                return _local_shift(at, zone, days=-self.length)
            case Span.MONTHS:
                return shift_months(at, -self.length, zone)
            case Span.CALENDAR:
                return _period_start(at, self.length, zone)
            case _:
                return None

    def leaves_at(self, happened: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant at which what happened then no longer counts; None when it always does.

        The inverse of `start`: the first T at which start(T) >= happened.
        """
        match self.span:
            case Span.DAYS:
                return _local_shift(happened, zone, days=self.length)
            case Span.MONTHS:
                return self._months_leave(happened, zone)
            case Span.CALENDAR:
                return shift_months(_period_start(happened, self.length, zone), self.length, zone)
            case _:
                return None

    def _months_leave(self, happened: datetime, zone: ZoneInfo) -> datetime:
        leaves = shift_months(happened, self.length, zone)
        start = self.start(leaves, zone)
        if start is None or start >= happened:
            return leaves
        # Clipped: 31 August plus 6 months is 28 February, whose window begins on 28 August. It leaves as March begins.
        local = leaves.astimezone(zone) + timedelta(days=1)
        return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(happened.tzinfo)


LIFETIME = "lifetime"
    NOW = "now"
    DAYS = "d"
    MONTHS = "m"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Window:
    """`lifetime`, `now`, `trailing:90d`, `trailing:12m` or `calendar:month|quarter|year`."""

    span: Span
    length: int = 0

    def __str__(self) -> str:
        if self.span in (Span.DAYS, Span.MONTHS):
            return f"trailing:{self.length}{self.span}"
        if self.span is Span.CALENDAR:
            return f"calendar:{ {1: 'month', 3: 'quarter', 12: 'year'}[self.length] }"
        return str(self.span)

    def start(self, at: datetime, zone: ZoneInfo) -> datetime | None:
        """The instant after which things count at `at`; None when everything does."""
        match self.span:
            case Span.DAYS:
                return _local_shift(at, zone, days=-self.length)
            case Span.MONTHS:
                return shift_months(at, -self.length, zone)
            case Span.CALENDAR:
                return _period_start(at, self.length, zone)
            case _:
                return None

    def leaves_at(self, happened: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant at which what happened then no longer counts; None when it always does.

        The inverse of `start`: the first T at which start(T) >= happened.
        """
        match self.span:
            case Span.DAYS:
                return _local_shift(happened, zone, days=self.length)
            case Span.MONTHS:
                return self._months_leave(happened, zone)
            case Span.CALENDAR:
                return shift_months(_period_start(happened, self.length, zone), self.length, zone)
            case _:
                return None

    def _months_leave(self, happened: datetime, zone: ZoneInfo) -> datetime:
        leaves = shift_months(happened, self.length, zone)
        start = self.start(leaves, zone)
        # 31 August + 6 months clips to 28 February, whose window begins on 28 August: not left yet on that day.
        while start is not None and start < happened:
            leaves = _local_shift(leaves, zone, days=1)
            start = self.start(leaves, zone)
        return leaves


LIFETIME = Window(Span.LIFETIME)
NOW = Window(Span.NOW)


def parse_window(text: str) -> Window:
    """The window that a text names. Raises ValueError with a sentence."""
    if text in ("lifetime", "now"):
        return Window(Span(text))
    kind, _, rest = text.partition(":")
    months = {"month": 1, "quarter": 3, "year": 12}
    if kind == "calendar" and rest in months:
        return Window(Span.CALENDAR, months[rest])
    if kind == "trailing" and rest[:-1].isdigit() and rest[-1:] in ("d", "m") and 0 < int(rest[:-1]) <= 1200:
        return Window(Span(rest[-1]), int(rest[:-1]))
    raise ValueError(
        f"“{text}” is not a window; write lifetime, now, trailing:90d, trailing:12m or calendar:month."
    )


def shift_months(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same local day and time `months` later, clipped to the month's end, in UTC."""
    local = at.astimezone(zone)
    index = local.year * 12 + local.month - 1 + months
    year, month = divmod(index, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(at.tzinfo)


def _local_shift(at: datetime, zone: ZoneInfo, *, days: int) -> datetime:
    return (at.astimezone(zone) + timedelta(days=days)).astimezone(at.tzinfo)


def _period_start(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    month = (local.month - 1) // months * months + 1
    return local.replace(month=month, day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(at.tzinfo)
