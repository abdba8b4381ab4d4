"""The ways to a person for somebody who asks, and to a person who holds a link from our mail."""

from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.core import signing
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound
from academy.people.accounts.models import Person
from academy.people.accounts.rules import LINK_LASTS
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

_SALT = "academy.people.sign_in_link"


def person(by: Actor, verb: str, person_id: UUID) -> Person:
    """The person, if `by` may do this to it and it was not erased. Raises NotFound or Forbidden."""
    allow(by, verb, person_id=person_id)
    found = Person.objects.filter(id=person_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def session(by: Actor, verb: str, session_id: int) -> UserSession:
    """The signed-in session, if `by` may do this to it. Raises NotFound; also for somebody else's."""
    found = UserSession.objects.filter(id=session_id).first()
    if found is None:
        raise NotFound
    allow(by, verb, person_id=found.user_id)
    return found


def link_secret(person: Person, *, now: datetime) -> str:
    """What a sign-in link carries. It holds for fifteen minutes, and only until the person next signs in."""
    seen = person.last_login.isoformat() if person.last_login else ""
    return signing.dumps([str(person.id), seen, (now + LINK_LASTS).timestamp()], salt=_SALT, compress=False)


def person_by_link(secret: str, *, now: datetime) -> Person:
    """Whom a sign-in link signs in. Raises NotFound for what we did not write, Conflict for what is too old
    or used.
    """
    try:
        person_id, seen, until = signing.loads(secret, salt=_SALT)
    except signing.BadSignature:
        raise NotFound(_("This link is not complete. Open it from the mail again, or ask for a new one.")) from None
    found = Person.objects.filter(id=person_id, is_active=True).first()
    if found is None:
        raise NotFound
    if now.timestamp() > until:
        raise Conflict(_("This link is older than 15 minutes. Ask for a new one."), code="link_expired")
    if seen != (found.last_login.isoformat() if found.last_login else ""):
        raise Conflict(_("This link was used already. Ask for a new one."), code="link_used")
    return found
