"""Reading what people chose, and the links by which mail is stopped without signing in."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing

from academy.notifications.notices import rules
from academy.notifications.notices.queries import registry
from academy.notifications.notices.rules import Kind, Reader
from academy.notifications.preferences.models import Choice, Quiet
from academy.people.permissions.access import allow
from academy.people.permissions.rules import OWNER, Actor

SALT = "academy.notices.unsubscribe"
LINK_LASTS = timedelta(days=180)
DAILY_MAIL = "daily"
"""Stands in a link for all that goes out once a day."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One kind, and how the person is mailed about it."""

    kind: Kind
    mail: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """All that one chooses about being told. Without quiet hours both ends are None."""

    kinds: list[Wish]
    quiet_begins: time | None
    quiet_ends: time | None


def readers_of(by: Actor) -> frozenset[Reader]:
    """Which sorts of reader somebody is."""
    found = {Reader.STAFF} if by.is_staff else set()
    if by.partner_id is not None:
        found.add(Reader.OWNER if by.member_role == OWNER else Reader.MEMBER)
    return frozenset(found)


def chosen_by(person_id: UUID) -> dict[str, str]:
    """What a person chose, by kind. One query; asks no permission."""
    return dict(Choice.objects.filter(person_id=person_id).values_list("kind", "mail"))


def wishes_of(by: Actor) -> Wishes:
    """How one is told, kind by kind, with the usual where nothing was chosen. Two queries."""
    allow(by, "notice.see", person_id=by.person_id)
    return chosen_wishes(by)


def chosen_wishes(by: Actor) -> Wishes:
    """The same for whoever has just chosen. Asks no permission."""
    chosen = chosen_by(by.person_id)
    kinds = [Wish(kind, chosen.get(kind.name, kind.mail)) for kind in rules.kinds_for(registry(), readers_of(by))]
    quiet = Quiet.objects.filter(person_id=by.person_id).first()
    if quiet is not None:
        return Wishes(kinds, quiet.begins, quiet.ends)
    return Wishes(kinds, rules.USUAL_QUIET.begins, rules.USUAL_QUIET.ends)


def unsubscribe_url(person_id: UUID, kind: str) -> str:
    """The address by which a person's mail about a kind is stopped by whoever holds it, and nothing else is done."""
    token = signing.dumps([person_id.hex, kind], salt=SALT)
    return f"{settings.ORIGIN}/notices/unsubscribe/{token}/"


def choices_of(person_id: UUID) -> dict[str, Any]:
    """What a person chose, as plain data, for its own file."""
    fields = ("kind", "mail", "chosen_at")
    quiet = Quiet.objects.filter(person_id=person_id).values("begins", "ends").first()
    return {
        "mail": list(Choice.objects.filter(person_id=person_id).order_by("kind").values(*fields)),
        "quiet_hours": quiet,
    }
