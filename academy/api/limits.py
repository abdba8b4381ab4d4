"""How much one caller may ask in a minute, over all processes.

Each process counts in memory and tells the shared table only of every full portion, so that a learner at work costs
no query and a script at full speed one in twenty-five. With one process the count is exact; each further process may
let through at most one portion more.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock

from django.conf import settings
from django.db import connection
from django.http import HttpRequest

from academy.api.problems import TooFast

PORTION = 25
SECONDS = 60
READS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Left:
    """What a caller may still ask in this minute, and in how many seconds the next one begins."""

    most: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """As every answer says it."""
        return {
            "RateLimit-Limit": str(self.most),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


@dataclass(slots=True)
class _Count:
    here: int = 0
    told: int = 0
    elsewhere: int = 0

    def total(self) -> int:
        return self.here + self.elsewhere


@dataclass(slots=True)
class _Window:
    began: int = 0
    counts: dict[str, _Count] = field(default_factory=dict)


_lock = Lock()
_window = _Window()


def spend(caller: str, request: HttpRequest) -> Left:
    """Count one request of a caller. Raises TooFast when the minute's share is used up."""
    reads = request.method in READS
    most: int = settings.API_READS_A_MINUTE if reads else settings.API_WRITES_A_MINUTE
    seconds = int(request.now.timestamp())  # type: ignore[attr-defined]
    left = _spend(f"{caller}:{'reads' if reads else 'writes'}", most, seconds)
    if left.remaining < 0:
        raise TooFast(Left(most, 0, left.reset))
    return left


def _spend(key: str, most: int, seconds: int) -> Left:
    began, passed = divmod(seconds, SECONDS)
    with _lock:
        if began != _window.began:
            _window.began, _window.counts = began, {}
        count = _window.counts.setdefault(key, _Count())
        if count.total() >= most:
            return Left(most, -1, SECONDS - passed)
        count.here += 1
        portion = count.here - count.told
        if portion < PORTION:
            return Left(most, most - count.total(), SECONDS - passed)
        count.told = count.here
    everywhere = _tell(key, began, portion)
    with _lock:
        count.elsewhere = max(everywhere - count.told, count.elsewhere)
        return Left(most, max(most - count.total(), 0), SECONDS - passed)


def _tell(key: str, began: int, portion: int) -> int:
    """Add a portion to the shared count; what it then is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into api_minute as minute (caller, began_at, spent) values (%s, %s, %s)"
            " on conflict (caller, began_at) do update set spent = minute.spent + excluded.spent returning spent",
            [key, datetime.fromtimestamp(began * SECONDS, UTC), portion],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else portion


def forget() -> None:
    """Begin to count anew in this process; for tests."""
    with _lock:
        _window.began, _window.counts = 0, {}
