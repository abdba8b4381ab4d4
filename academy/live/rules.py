"""Who is told of a fact, and in which words. Pure: no database, no clock, no sockets."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from academy.core.money import Money, percent
from academy.journal.kinds import KINDS, Audience, Kind

SUBPROTOCOL = "academy.v1"
BEARER = "bearer."
OLDEST = timedelta(hours=24)
MOST_FACTS = 10_000  # a longer absence is answered with `reset`
LARGEST_CURSOR = 2**63 - 1


class Close:
    """The codes with which a socket is closed, as the contract names them."""

    ENDED = 4401
    FOREIGN = 4403
    UNREADABLE = 4400
    TOO_SLOW = 1013
    AGAIN = 1012


class Circle(StrEnum):
    """A kind of group that sockets join."""

    PERSON = "person"
    PARTNER = "partner"
    OWNERS = "owners"
    STAFF = "staff"
    ALL = "all"


class Group(NamedTuple):
    """One group of sockets: those of a person, of a partner's members, of its owners, of the staff,
    or all.
    """

    circle: Circle
    id: UUID | None = None


STAFF = Group(Circle.STAFF)
ALL = Group(Circle.ALL)


class Seen(NamedTuple):
    """A fact as the journal gives it to the hub; the columns of journal.audiences.FACT in their order."""

    pos: int
    kind: str
    partner: UUID | None
    person: UUID | None
    thing_kind: str
    thing: UUID | None
    numbers: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands in the house: the membership that is open, and whether it is staff."""

    partner: UUID | None = None
    owner: bool = False
    staff: bool = False


def groups_of(person: UUID, place: Place) -> frozenset[Group]:
    """Every group that a person's socket belongs to."""
    groups = {Group(Circle.PERSON, person), ALL}
    if place.partner is not None:
        groups.add(Group(Circle.PARTNER, place.partner))
        if place.owner:
            groups.add(Group(Circle.OWNERS, place.partner))
    if place.staff:
        groups.add(STAFF)
    return frozenset(groups)


def hinted(fact: Seen) -> tuple[Group, ...]:
    """The groups that are told of a fact without its numbers, unless they were told of it before."""
    kind = KINDS.get(fact.kind)
    return _group(Circle.PARTNER, fact.partner) if kind and kind.audience is Audience.SHARED else ()


def told(fact: Seen) -> tuple[Group, ...]:
    """The groups that are told all of a fact. They may overlap; a socket takes each position once."""
    kind = KINDS.get(fact.kind)
    audience = kind.audience if kind else Audience.STAFF
    match audience:
        case Audience.EVERYONE:
            return (ALL,)
        case Audience.STAFF:
            return (STAFF,)
        case Audience.PERSON:
            return (*_group(Circle.PERSON, fact.person), STAFF)
        case Audience.PARTNER:
            return (*_group(Circle.PARTNER, fact.partner), STAFF)
        case _:  # owners, and the person; other members of what is shared: see `hinted`
            return (*_group(Circle.OWNERS, fact.partner), *_group(Circle.PERSON, fact.person), STAFF)


def _group(circle: Circle, member: UUID | None) -> tuple[Group, ...]:
    return () if member is None else (Group(circle, member),)


def frame(fact: Seen, *, with_numbers: bool = True) -> str:
    """The fact as it leaves the house: one JSON object, with the numbers that its kind lets go and
    no others; without `with_numbers` with none.
    """
    kind = KINDS.get(fact.kind)
    return json.dumps(
        {
            "cursor": fact.pos,
            "kind": fact.kind,
            "occurred_at": rfc3339(fact.occurred_at),
            "subject": _subject(fact),
            "data": _leaving(kind, fact.numbers) if with_numbers else {},
        },
        separators=(",", ":"),
    )


def _leaving(kind: Kind | None, numbers: Mapping[str, Any]) -> dict[str, Any]:
    """What may leave, money and rates as the API writes them: a sum carries its currency, a rate is percent."""
    if kind is None:
        return {}
    currency = numbers.get("currency") if "currency" in kind.leaves else None
    return {
        name: _written(kind.name, name, value, currency)
        for name, value in numbers.items()
        if name in kind.leaves and name != "currency"
    }


MONEY = frozenset({"amount", "from", "to"})
"""What counts minor units where a fact names a currency."""


def _written(kind: str, name: str, value: Any, currency: str | None) -> Any:
    if currency is not None and name in MONEY:
        return Money(value, currency).as_json()
    if name == "rate" or (kind == "rate.changed" and name in ("from", "to")):
        return percent(value)
    return value


def _subject(fact: Seen) -> dict[str, str] | None:
    if fact.thing is not None:
        return {"kind": fact.thing_kind, "id": str(fact.thing)}
    if fact.person is not None:
        return {"kind": "person", "id": str(fact.person)}
    return {"kind": "partner", "id": str(fact.partner)} if fact.partner is not None else None


def rfc3339(at: datetime) -> str:
    """An instant in UTC, as the API writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def hello(cursor: int) -> str:
    """The first frame of a socket that begins at now."""
    return f'{{"cursor":{cursor},"kind":"hello"}}'


def reset(cursor: int) -> str:
    """The answer to a cursor that is too old: fetch everything anew and go on from here."""
    return f'{{"cursor":{cursor},"kind":"reset"}}'


NOTICES = '{"kind":"notices"}'
"""What a page of ours hears when its person's inbox is another: no fact, so without a cursor, and not made up for."""


def must_reset(*, after: int, head: int, next_recorded: datetime | None, visible: int, now: datetime) -> bool:
    """Whether a cursor cannot be resumed from.

    `head`: the journal's end. `next_recorded`: when the first fact after the cursor was recorded, so that a
    cursor of a quiet week is still young. `visible`: how many facts wait, counted no further than needed.
    """
    if after > head:
        return True  # of a journal that was restored to an earlier day
    if next_recorded is not None and next_recorded <= now - OLDEST:
        return True
    return visible > MOST_FACTS


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser or program asks for at the door. `after` None: begin at now.

    `notices`: a page of ours, which also wants to hear that its person's inbox is another.
    """

    after: int | None
    token: str | None
    subprotocol: str | None
    origin: str | None
    notices: bool = False


class UnreadableError(ValueError):
    """The address asks for something that cannot be."""


def asked(query: bytes, subprotocols: Iterable[str], origin: str | None) -> Asked:
    """Read the address and the offered subprotocols. Raises UnreadableError with a sentence."""
    offered = list(subprotocols)
    token = next((name.removeprefix(BEARER) for name in offered if name.startswith(BEARER)), None)
    given = parse_qs(query.decode("latin-1"))
    written = given.get("after", [""])[-1]
    after: int | None = None
    if written:
        after = int(written) if written.isascii() and written.isdigit() and len(written) < 20 else -1
        if not 0 <= after <= LARGEST_CURSOR:
            raise UnreadableError("after must be a cursor: a whole number that a frame or a page gave you.")
    return Asked(after, token or None, SUBPROTOCOL if SUBPROTOCOL in offered else None, origin, "notices" in given)


def is_ours(origin: str | None, *, allowed: Callable[[str], bool], trusted: Iterable[str]) -> bool:
    """Whether a page of this Origin may use its visitor's session. A browser always sends one."""
    if not origin:
        return False
    if origin in trusted:
        return True
    try:
        parts = urlsplit(origin)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    return allowed(f"[{host}]" if ":" in host else host)


class Ended(NamedTuple):
    """What an ending action announced on the channel `live_ended`."""

    what: str
    id: str


def ended(payload: str) -> Ended | None:
    """Read `person:<id>`, `session:<key>` or `token:<id>`; None for anything else."""
    what, _, name = payload.partition(":")
    return Ended(what, name) if what in ("person", "session", "token") and name else None
