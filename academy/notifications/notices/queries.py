"""Reading notices: one's own inbox, how many are unread, and the table of kinds."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q

from academy.core import bulk, reads
from academy.core.pagination import MOST, Page, decode_cursor, page
from academy.notifications.notices.models import Delivery, Notice
from academy.notifications.notices.rules import Registry, Told, Words
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

UNREAD = "(select count(*) from notifications_notice where person_id = person.id and read_at is null)"
"""SQL of how many notices somebody has not read, where `person` is a row of people: for who asks one query already."""


@functools.cache
def registry() -> Registry:
    """The table of kinds that `settings.NOTICES` names: a reference upwards, for words are made above this chapter."""
    module, _, name = str(settings.NOTICES).rpartition(".")
    found: Registry = getattr(import_module(module), name)
    return found


@dataclass(frozen=True, slots=True)
class Line:
    """A notice with its words in the language that is active."""

    told: Told
    words: Words


def inbox(by: Actor, *, cursor: str | None = None, limit: int = 40, unread: bool = False) -> Page[Line]:
    """One's own notices, newest first, `limit` at a time, in words. Raises Refused for a cursor that is not ours.

    One query for the notices, and as many for the names in them as the registry needs for any number.
    """
    allow(by, "notice.see", person_id=by.person_id)
    limit = max(1, min(limit, MOST))
    mine = Notice.objects.filter(person_id=by.person_id, kind__in=registry().kinds)
    if unread:
        mine = mine.filter(read_at=None)
    if after := decode_cursor(cursor, 2):
        at, last = _instant(after[0]), _id(after[1])
        mine = mine.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=last))
    cut = page([told_of(row) for row in mine.order_by("-created_at", "-id")[: limit + 1]], limit, _key)
    return Page(in_words(cut.items), cut.next)


def _key(told: Told) -> tuple[str, str]:
    return told.created_at.isoformat(), str(told.id)


def _instant(part: str | int) -> datetime:
    """A cursor's time. Whoever writes a cursor by hand is answered as if nothing were older."""
    try:
        at = datetime.fromisoformat(str(part))
    except ValueError:
        return datetime.fromisoformat("0001-01-02T00:00:00+00:00")
    return at if at.tzinfo else datetime.fromisoformat("0001-01-02T00:00:00+00:00")


def _id(part: str | int) -> UUID:
    try:
        return UUID(str(part))
    except ValueError:
        return UUID(int=0)


def told_of(row: Notice) -> Told:
    """A row as the rules know it."""
    return Told(row.id, row.kind, row.partner_id, row.params, row.url, row.created_at, row.read_at)


def in_words(told: Sequence[Told]) -> list[Line]:
    """Notices in the language that is active; the names in them are looked up once for all."""
    known = registry()
    names = known.names(told)
    return [Line(one, known.kinds[one.kind].words(one, names)) for one in told]


def unread_of(person_id: UUID) -> int:
    """How many notices a person has not read. One query; asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {UNREAD} from (select %s::uuid as id) person", [person_id])  # noqa: S608 - a constant
        count: int = cursor.fetchone()[0]
    return count


def notices_of(person_id: UUID) -> list[Mapping[str, Any]]:
    """All that a person was told, oldest first, as plain data, for the person's own file."""
    fields = ("id", "kind", "partner__name", "params", "url", "created_at", "read_at")
    rows = list(Notice.objects.filter(person_id=person_id).order_by("created_at", "id").values(*fields))
    sent: dict[UUID, list[dict[str, Any]]] = {}
    for way in Delivery.objects.filter(notice__person_id=person_id).order_by("due_at", "id"):
        kept = {"channel": way.channel, "cadence": way.cadence, "due_at": way.due_at, "done_at": way.done_at}
        sent.setdefault(way.notice_id, []).append(kept)
    return [{**row, "deliveries": sent.get(row["id"], [])} for row in rows]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who may be told, with all that decides how."""

    id: UUID
    email: str
    name: str
    language: str
    timezone: str
    has_quiet: bool
    quiet_begins: Any
    quiet_ends: Any
    chosen: str | None
    comes_back: bool


_RECIPIENTS = """
    select p.id, p.email, p.name, p.language, p.timezone, q.person_id is not null, q.begins, q.ends, c.mail,
           r.id is not null
      from people_person p
      left join notifications_quiet q on q.person_id = p.id
      left join notifications_choice c on c.person_id = p.id and c.kind = %(kind)s
      left join notifications_return r on lower(r.address) = lower(p.email)
     where p.id = any(%(people)s::uuid[]) and p.is_active
     order by p.id
"""


def recipients(kind: str, people: Sequence[UUID]) -> list[Recipient]:
    """Those of these people who are still here, with their choices for a kind. One query."""
    return [Recipient(*row) for row in reads.rows(_RECIPIENTS, {"kind": kind, "people": bulk.ids(people)})]


def as_json(params: Mapping[str, Any]) -> str:
    """Params as they are kept: ids and times become texts."""
    return json.dumps(params, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
