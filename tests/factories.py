"""People and partners to test with. Plain functions: what is not said is harmless, and nothing happens behind
them.

A membership is made by the same steps as in the house, so that its facts are there; everything else is rows.
"""

import itertools
from datetime import UTC, datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from academy.journal.actions import action
from academy.people.accounts.models import Person
from academy.people.accounts.queries import actor_of
from academy.people.memberships.actions import close, join
from academy.people.partners.actions import lock_partner_trusting
from academy.people.partners.models import Membership, Partner
from academy.people.permissions.rules import Actor

LONG_AGO = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)
PASSWORD = "a-harmless-sentence"
_numbers = itertools.count(1)


def a_person(
    *,
    email: str | None = None,
    name: str | None = None,
    roles: tuple[str, ...] = (),
    password: str | None = PASSWORD,
    language: str = "en",
    timezone: str = "Europe/London",
    verified: bool = True,
    is_active: bool = True,
    joined_at: datetime = LONG_AGO,
) -> Person:
    """Somebody who can sign in and belongs nowhere."""
    number = next(_numbers)
    person = Person(
        email=email or f"person{number}@example.com",
        name=name if name is not None else f"Person {number}",
        roles=sorted(roles),
        language=language,
        timezone=timezone,
        is_active=is_active,
        joined_at=joined_at,
        welcomed_at=joined_at,
    )
    person.set_password(password)
    person.save(force_insert=True)
    EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
    return person


def a_staff_member(*roles: str, email: str | None = None, name: str | None = None) -> Person:
    """Somebody of the house: `a_staff_member("manager")`."""
    return a_person(email=email, name=name, roles=roles)


def a_partner(
    *,
    name: str | None = None,
    slug: str | None = None,
    kind: str = "company",
    currency: str = "GBP",
    timezone: str = "Europe/London",
    created_at: datetime = LONG_AGO,
) -> Partner:
    """A company, or with kind="freelancer" somebody who works alone; without members."""
    number = next(_numbers)
    return Partner.objects.create(
        name=name or f"Partner {number}",
        slug=slug or f"partner-{number}",
        kind=kind,
        currency=currency,
        timezone=timezone,
        created_at=created_at,
    )


def a_member(
    *,
    partner: Partner | None = None,
    person: Person | None = None,
    role: str = "member",
    joined_at: datetime = LONG_AGO,
    left_at: datetime | None = None,
) -> Membership:
    """A membership, of a new person at a new partner unless said otherwise; with its facts, at the partner's time."""
    where, who = partner or a_partner(), person or a_person()
    key = _joined(where.pk, who.pk, role, joined_at)
    if left_at is not None:
        _left(key, left_at)
    membership = Membership.objects.get(pk=key)
    membership.partner, membership.person = where, who
    return membership


@action
def _joined(partner: UUID, person: UUID, role: str, at: datetime) -> UUID:
    return join(partner, person, role=role, at=lock_partner_trusting(partner, at, at), now=at).pk


@action
def _left(membership: UUID, at: datetime) -> None:
    leaver = Membership.objects.get(pk=membership)
    close(leaver, at=lock_partner_trusting(leaver.partner_id, at, at), now=at)


def acting(who: Person | Membership) -> Actor:
    """The actor that somebody is now, as every page and API call makes it."""
    return actor_of(who.person_id if isinstance(who, Membership) else who.id)


def a_session(person: Person) -> str:
    """The key of a session of this person, as a sign-in leaves it."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.create()
    key = str(session.session_key)
    UserSession.objects.create(user=person, session_key=key, ip="127.0.0.1", user_agent="A browser")
    return key


def signed_in(person: Person) -> Client:
    """A browser in which this person is signed in."""
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = a_session(person)
    return browser
