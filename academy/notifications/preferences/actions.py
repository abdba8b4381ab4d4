"""Choosing how one is told, on a page or by a mail's own link."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.journal.actions import action
from academy.notifications.notices.queries import registry
from academy.notifications.notices.rules import Cadence, Kind, ever
from academy.notifications.preferences.models import Choice, Quiet
from academy.notifications.preferences.queries import DAILY_MAIL, LINK_LASTS, SALT, chosen_by
from academy.people.accounts.models import Person
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def choose(
    by: Actor, mail: Mapping[str, str], *, quiet_begins: time | None, quiet_ends: time | None, now: datetime
) -> None:
    """Set how one is mailed about these kinds, and one's quiet hours; None and None are no quiet hours.

    Raises Refused for a kind or choice that is not there, for what nobody may switch off, and for half of a time span
    or one that ends where it begins: whether that were all day or never, nobody could tell.
    """
    allow(by, "notice.choose", person_id=by.person_id)
    if (quiet_begins is None) != (quiet_ends is None):
        missing = "quiet.begins" if quiet_begins is None else "quiet.ends"
        sentence = _("Say both when quiet hours begin and when they end.")
        raise Refused(sentence, fields={missing: sentence})
    if quiet_begins is not None and quiet_begins == quiet_ends:
        sentence = _("Choose another time than the one at which they begin.")
        raise Refused(_("Quiet hours that end when they begin hold nothing back."), fields={"quiet.ends": sentence})
    for kind, cadence in mail.items():
        _check(kind, cadence)
    for kind, cadence in mail.items():
        _set(by.person_id, kind, Cadence(cadence), now)
    Quiet.objects.update_or_create(person_id=by.person_id, defaults={"begins": quiet_begins, "ends": quiet_ends})


def _check(name: str, cadence: str) -> None:
    kind, field = registry().kinds.get(name), f"mail.{name}"
    if kind is None or cadence not in list(Cadence):
        raise Refused(_("Choose from the list."), fields={field: _("Choose from the list.")})
    if cannot_be_off(kind) and cadence != Cadence.AT_ONCE:
        raise Refused(str(kind.why), fields={field: str(kind.why)})


def cannot_be_off(kind: Kind) -> bool:
    """Whether every notice of a kind must be mailed, whatever it says."""
    must: object = kind.must
    return must is ever


def _set(person_id: UUID, kind: str, cadence: Cadence, now: datetime) -> None:
    Choice.objects.update_or_create(person_id=person_id, kind=kind, defaults={"mail": cadence, "chosen_at": now})


@dataclass(frozen=True, slots=True)
class Stop:
    """What a mail's link stops: mail about some kinds, to one person. `name` is the kind's, or DAILY_MAIL."""

    person_id: UUID
    email: str
    name: str
    kinds: tuple[Kind, ...]


def read_stop(token: str) -> Stop:
    """What a link stops, without stopping it. Raises NotFound for what we did not sign, Conflict when it is too old."""
    try:
        person, name = signing.loads(token, salt=SALT, max_age=LINK_LASTS)
        person_id = UUID(hex=str(person))
    except signing.SignatureExpired:
        sentence = _("This link is too old to be used without signing in. Choose in your profile what we mail you.")
        raise Conflict(sentence, code="link_expired") from None
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound(_("This link is not complete. Open it from the mail again.")) from None
    email = Person.objects.filter(id=person_id, is_active=True).values_list("email", flat=True).first()
    kinds = _stoppable(person_id, name)
    if email is None or not kinds:
        raise NotFound(_("There is nothing to stop by this link any more."))
    return Stop(person_id, email, name, kinds)


def _stoppable(person_id: UUID, name: str) -> tuple[Kind, ...]:
    known = registry().kinds
    if name != DAILY_MAIL:
        return (known[name],) if name in known and not cannot_be_off(known[name]) else ()
    chosen = chosen_by(person_id)
    daily = (kind for kind in known.values() if chosen.get(kind.name, kind.mail) == Cadence.DAILY)
    return tuple(kind for kind in daily if not cannot_be_off(kind)) or tuple(
        kind for kind in known.values() if kind.mail == Cadence.DAILY and not cannot_be_off(kind)
    )


@action
def stop(token: str, *, now: datetime) -> Stop:
    """Stop what a mail's link stops, for the one person whom it was sent to. Repeating it changes nothing."""
    found = read_stop(token)
    for kind in found.kinds:
        _set(found.person_id, kind.name, Cadence.OFF, now)
    return found


def forget_person(person_id: UUID, _addresses: list[str]) -> None:
    """Delete what a person who is being erased chose."""
    Choice.objects.filter(person_id=person_id).delete()
    Quiet.objects.filter(person_id=person_id).delete()
