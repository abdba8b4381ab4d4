"""What happened in the demo's year, drawn by chance from a fixed seed: who learned what when, who sold what to whom.

Pure: outlines and cast in, dated events out. `play` carries them out through the same actions as everybody's.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

YEAR = 400
"""Days of history: a little more than a year, so that sales have begun to leave their twelve months."""


@dataclass(frozen=True, slots=True)
class LessonOf:
    """A lesson of a module, as far as learning it takes."""

    id: UUID
    quiz: bool
    minutes: int


@dataclass(frozen=True, slots=True)
class ModuleOf:
    """A module by its name in plans, `course/module`."""

    name: str
    lessons: tuple[LessonOf, ...]


@dataclass(frozen=True, slots=True)
class Learned:
    """Somebody finishes a lesson, or tries a quiz with so many of its questions answered wrongly."""

    at: datetime
    person: str
    lesson: UUID
    quiz: bool
    seconds: int
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody registers a client whom their partner is about to win, for so many major units."""

    at: datetime
    partner: str
    person: str
    client: str
    product: str
    amount: int
    number: int
    expected: date


@dataclass(frozen=True, slots=True)
class Accepted:
    """The manager accepts a registered deal."""

    at: datetime
    partner: str
    number: int


@dataclass(frozen=True, slots=True)
class Declined:
    """The manager refuses a registered deal."""

    at: datetime
    partner: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """An open deal comes to nothing."""

    at: datetime
    partner: str
    person: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Sold:
    """A partner wins a deal of so many major units: one it registered, or one that the agency's system tells of."""

    at: datetime
    partner: str
    client: str
    product: str
    amount: int
    number: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A won deal turns out to be worth so many major units."""

    at: datetime
    partner: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The agency's system tells of a won deal in words that nobody here knows yet."""

    at: datetime
    partner: str
    client: str
    product: str
    amount: int
    number: int


@dataclass(frozen=True, slots=True)
class Asked:
    """An owner says that the line of a deal looks wrong."""

    at: datetime
    partner: str
    person: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Replied:
    """Finance answers the question about a deal, and adds what so many major units more would have earned."""

    at: datetime
    partner: str
    number: int
    text: str
    left_out: int


@dataclass(frozen=True, slots=True)
class Pinned:
    """The manager pins a partner's tier for so many days."""

    at: datetime
    partner: str
    tier: str
    days: int
    reason: str


@dataclass(frozen=True, slots=True)
class Refunded:
    """A client takes part of a deal back."""

    at: datetime
    partner: str
    number: int
    amount: int


@dataclass(frozen=True, slots=True)
class Revoked:
    """An administrator takes a certificate back."""

    at: datetime
    partner: str
    person: str
    credential: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The academy looks at a partner of whom time alone has changed something, as its job does every minute."""

    at: datetime
    partner: str


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody leaves a partner."""

    at: datetime
    partner: str
    person: str


@dataclass(frozen=True, slots=True)
class MonthClosed:
    """Finance closes a month and hands it over."""

    at: datetime
    month: date


@dataclass(frozen=True, slots=True)
class MonthPaid:
    """The bank has paid what a month's statements name."""

    at: datetime
    month: date


DealEvent = Registered | Accepted | Declined | Lost | Sold | Changed | Refunded | Unmatched | Asked | Replied
Event = Learned | DealEvent | Pinned | Revoked | Judged | Left | MonthClosed | MonthPaid

STYLES: Mapping[str, tuple[float, tuple[int, int]]] = {
    # deals a month, and how much one brings
    "little": (0.5, (600, 2_400)),
    "steady": (1.1, (900, 3_400)),
    "strong": (2.2, (1_500, 5_200)),
    "large": (3.4, (2_400, 9_800)),
}
PRODUCTS = ("automation", "automation", "website", "ai-assistant", "retainer")


def study(
    person: str,
    modules: Sequence[ModuleOf],
    *,
    begins: datetime,
    ends: datetime,
    chance: random.Random,
) -> Iterator[Learned]:
    """Work through modules between two days, a sitting at a time, on working days between calls."""
    lessons = [lesson for module in modules for lesson in module.lessons]
    if not lessons:
        return
    step = (ends - begins) / (len(lessons) + 1)
    at = begins
    for index, lesson in enumerate(lessons):
        planned = begins + step * (index + chance.uniform(0.2, 1.2))
        at = max(between_calls(planned, chance), at + timedelta(minutes=lesson.minutes + 1))
        seconds = int(lesson.minutes * 60 * chance.uniform(0.7, 1.25))
        if lesson.quiz and chance.random() < 0.22:
            yield Learned(at, person, lesson.id, True, seconds, wrong=2)
            at += timedelta(minutes=chance.randint(9, 55))
        yield Learned(at, person, lesson.id, lesson.quiz, seconds, wrong=int(lesson.quiz and chance.random() < 0.3))


def sales(
    partner: str,
    style: str,
    clients: Sequence[str],
    *,
    begins: datetime,
    ends: datetime,
    chance: random.Random,
) -> Iterator[Sold | Refunded]:
    """Deals of a style, mostly with the same few clients; now and then one takes something back."""
    monthly, (least, most) = STYLES[style]
    count = int((ends - begins).days / 30 * monthly)
    own = chance.sample(list(clients), k=min(len(clients), 4 + int(monthly * 1.5)))
    for number in range(count):
        at = begins + (ends - begins) * ((number + chance.uniform(0.1, 0.9)) / count)
        amount = round(chance.triangular(least, most, (least * 2 + most) / 3) / 50) * 50
        client = own[number % len(own)] if chance.random() < 0.7 else chance.choice(own)
        when = between_calls(at, chance)
        yield Sold(when, partner, client, chance.choice(PRODUCTS), amount, number)
        if chance.random() < 0.05 and when + timedelta(days=14) < ends:
            yield Refunded(when + timedelta(days=chance.randint(5, 13)), partner, number, amount // 4)


def between_calls(at: datetime, chance: random.Random) -> datetime:
    """The same day, or the Monday after a weekend, at some minute of working hours."""
    if at.weekday() >= 5:
        at += timedelta(days=7 - at.weekday())
    return at.replace(hour=chance.randint(8, 17), minute=chance.randint(0, 59), second=chance.randint(0, 59))


def clients_of(index: int, known: Mapping[str, Sequence[str]]) -> list[str]:
    """Twelve clients of the partner of that index and of nobody else: one name of a place with each trade."""
    place = known["places"][index]
    return [f"{place} {trade}" for trade in known["trades"]]
