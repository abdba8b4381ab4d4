"""What a kind of notice is, whether it is mailed, and when. Pure: no clock, no database, no language."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Params = Mapping[str, Any]
Text = Any
"""A text in the reader's language: a `str`, or one that is translated when it is written."""

DAILY_AT = time(8)
"""When the mail of a day goes out, on the reader's clock."""


class Channel(StrEnum):
    """A way to a person beside the page."""

    MAIL = "mail"


class Cadence(StrEnum):
    """How often somebody is mailed about a kind."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    OFF = "off"


class Topic(StrEnum):
    """What kinds are grouped by where one chooses."""

    TIER = "tier"
    MONEY = "money"
    DEALS = "deals"
    LEARNING = "learning"
    PEOPLE = "people"


class Reader(StrEnum):
    """Whom a kind is for: so nobody is asked about what never reaches them."""

    OWNER = "owner"
    MEMBER = "member"
    STAFF = "staff"


OWNERS = frozenset({Reader.OWNER})
MEMBERS = frozenset({Reader.MEMBER})
PARTNERS_PEOPLE = frozenset({Reader.OWNER, Reader.MEMBER})
STAFF = frozenset({Reader.STAFF})


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as it is kept."""

    id: UUID
    kind: str
    partner: UUID | None
    params: Params
    url: str
    created_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in the reader's language.

    `title` is the mail's subject too: it says what it is about and never an amount. `sentence` is the same on page,
    mail and API. `more` are further sentences that only the mail has room for.
    """

    title: str
    sentence: str
    more: Sequence[str] = ()


def never(_params: Params) -> bool:
    """For kinds that one may always switch off."""
    return False


def ever(_params: Params) -> bool:
    """For kinds that nobody may switch off."""
    return True


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of thing that people are told.

    `words` makes its texts of a notice and of the names that the registry looked up. `mail` is how it is mailed to
    somebody who has not chosen. Where `must` holds of a notice's params it is mailed at once whatever was chosen, has
    no way to unsubscribe, and `why` says why. `by_night` goes out in quiet hours too: a period runs from it, or
    somebody else may be at the reader's money.
    """

    name: str
    topic: Topic
    readers: frozenset[Reader]
    label: Text
    words: Callable[[Told, Any], Words]
    url: str = "/"
    mail: Cadence = Cadence.AT_ONCE
    must: Callable[[Params], bool] = never
    why: Text = ""
    by_night: bool = False


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom a letter goes to."""

    id: UUID
    email: str
    name: str
    language: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A mail's texts."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Every kind by its name, and how their texts are made.

    `names` looks up what some notices mention, all at once; `letter` writes one or several of them to somebody, with
    the address by which mail about them is stopped, if it can be.
    """

    kinds: Mapping[str, Kind]
    names: Callable[[Iterable[Told]], Any]
    letter: Callable[[Addressee, Sequence[Told], str | None, datetime], Composed] = field(repr=False)


def kinds_for(registry: Registry, readers: frozenset[Reader]) -> list[Kind]:
    """The kinds that can reach somebody, in the registry's order."""
    return [kind for kind in registry.kinds.values() if kind.readers & readers]


def cadence(kind: Kind, params: Params, *, chosen: str | None, comes_back: bool) -> Cadence:
    """Whether and how often this very notice is mailed.

    To an address whose mail comes back only what must be mailed goes: more of it would hurt everybody's mail.
    """
    if kind.must(params):
        return Cadence.AT_ONCE
    if comes_back:
        return Cadence.OFF
    return Cadence(chosen) if chosen else kind.mail


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From when until when no mail goes out, on the reader's clock. They may run over midnight."""

    begins: time
    ends: time


USUAL_QUIET = QuietHours(time(21), time(7))


def zone(name: str) -> ZoneInfo:
    """A person's zone; UTC where its name is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def after_quiet(at: datetime, quiet: QuietHours | None, where: ZoneInfo) -> datetime:
    """The first instant from `at` on that is not in quiet hours, in UTC.

    They are cut by the clock on the wall: the night in which it jumps is an hour shorter or longer.
    """
    if quiet is None or quiet.begins == quiet.ends:
        return at
    local = at.astimezone(where)
    wall = local.time().replace(tzinfo=None)
    over_midnight = quiet.begins > quiet.ends
    inside = (wall >= quiet.begins or wall < quiet.ends) if over_midnight else quiet.begins <= wall < quiet.ends
    if not inside:
        return at
    tomorrow = over_midnight and wall >= quiet.begins
    return max(at, _at(local, quiet.ends, where, days=int(tomorrow)))


def next_daily(at: datetime, quiet: QuietHours | None, where: ZoneInfo) -> datetime:
    """When the mail of the day goes out next, after `at`, in UTC; later where quiet hours still last then."""
    local = at.astimezone(where)
    today = _at(local, DAILY_AT, where)
    return after_quiet(today if today > at else _at(local, DAILY_AT, where, days=1), quiet, where)


def _at(local: datetime, clock: time, where: ZoneInfo, *, days: int = 0) -> datetime:
    wall = datetime.combine(local.date() + timedelta(days=days), clock, where)
    return wall.astimezone(ZoneInfo("UTC"))


def due(kind: Kind, how: Cadence, at: datetime, quiet: QuietHours | None, where: ZoneInfo) -> datetime:
    """When a notice may be mailed."""
    if how is Cadence.DAILY:
        return next_daily(at, quiet, where)
    return at if kind.by_night else after_quiet(at, quiet, where)
