"""Windows of time: half open (start, T], cut in one zone, months by the calendar and clipped to a month's end.

A window never reaches back further as time goes on: what has left it does not come back. So a trailing window
begins as long after a midnight as T stands after its own, and at most with the last instant of that day.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from academy.core.errors import Text

time_zones = cache(available_timezones)
"""The names of all time zones. Asking the system reads hundreds of folders, which do not change."""
TICK = timedelta(microseconds=1)
"""The finest step of time that the database keeps."""
LONGEST = 1200


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
        """The instant after which things count at `at`; None when everything does.

        A calendar period has its first instant and not its last: at midnight the new one has begun.
        """
        today = at.astimezone(zone).date()
        match self.span:
            case Span.DAYS | Span.MONTHS:
                day = self._shifted(today, -1)
                last = _midnight(day + _DAY, zone) - TICK
                if self._shifted(day, 1) != today:
                    return last  # Clipped: 29, 30 and 31 August less 6 months all end with 28 February.
                since_midnight = at.astimezone(UTC) - _midnight(today, zone)
                return min(_midnight(day, zone) + since_midnight, last)
            case Span.CALENDAR:
                return _midnight(_first_day(today, self.length), zone) - TICK
            case _:
                return None

    def leaves_at(self, happened: datetime, zone: ZoneInfo) -> datetime | None:
        """The first instant at which what happened then no longer counts; None when it always does.

        The inverse of `start`: the first T at which start(T) >= happened.
        """
        day = happened.astimezone(zone).date()
        match self.span:
            case Span.DAYS | Span.MONTHS:
                leaves = self._shifted(day, 1)
                if self._shifted(leaves, -1) < day:
                    # 31 August + 6 months clips to 28 February, whose window still begins on 28 August.
                    leaves += _DAY
                if self._shifted(leaves, -1) > day:
                    return _midnight(leaves, zone)
                since_midnight = happened.astimezone(UTC) - _midnight(day, zone)
                return min(_midnight(leaves, zone) + since_midnight, _midnight(leaves + _DAY, zone))
            case Span.CALENDAR:
                return _midnight(_shift_day(_first_day(day, self.length), self.length), zone)
            case _:
                return None

    def _shifted(self, day: date, sign: int) -> date:
        if self.span is Span.DAYS:
            return day + timedelta(days=sign * self.length)
        return _shift_day(day, sign * self.length)


LIFETIME = Window(Span.LIFETIME)
NOW = Window(Span.NOW)
_DAY = timedelta(days=1)


def parse_window(text: str) -> Window:
    """The window that a text names. Raises ValueError with a sentence."""
    if text in ("lifetime", "now"):
        return Window(Span(text))
    kind, _, rest = text.partition(":")
    months = {"month": 1, "quarter": 3, "year": 12}
    if kind == "calendar" and rest in months:
        return Window(Span.CALENDAR, months[rest])
    number, unit = rest[:-1], rest[-1:]
    if kind == "trailing" and unit in ("d", "m") and number.isascii() and number.isdecimal():
        # Four digits at most: a longer number need not even be read.
        if len(number) <= 4 and 0 < int(number) <= LONGEST:
            return Window(Span(unit), int(number))
        raise ValueError(
            Text(
                "“%(text)s” is not a window; a trailing window has 1 to %(longest)s days or months.",
                text=text,
                longest=LONGEST,
            )
        )
    raise ValueError(
        Text(
            "“%(text)s” is not a window; write lifetime, now, trailing:90d, trailing:12m or calendar:month.", text=text
        )
    )


def shift_months(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The same local day and time `months` later, clipped to the month's end, written as `at` is."""
    local = at.astimezone(zone)
    return datetime.combine(_shift_day(local.date(), months), local.timetz()).astimezone(at.tzinfo)


def midnight_before(at: datetime, zone: ZoneInfo) -> datetime:
    """When the day of an instant began in a zone."""
    return _midnight(at.astimezone(zone).date(), zone)


@lru_cache(maxsize=4096)
def _shift_day(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _first_day(day: date, months: int) -> date:
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def working_days_after(day: date, count: int) -> date:
    """The day that comes so many working days, Monday to Friday, after another."""
    while count:
        day += _DAY
        count -= day.weekday() < 5
    return day
