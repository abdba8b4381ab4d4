"""Who is asking, and what a person's own pages show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils.crypto import constant_time_compare

from academy.core import reads
from academy.core.errors import NotFound
from academy.people.accounts.models import Person
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class PartnerOf:
    """The partner of which somebody is an active member, as a page's frame needs it."""

    id: UUID
    slug: str
    name: str
    kind: str
    currency: str
    timezone: str
    membership_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asking, with all that every page needs of it. `session_key` or `token_id` says how it came
    in.
    """

    actor: Actor
    email: str
    name: str
    language: str
    timezone: str
    theme: str
    welcomed_at: datetime | None
    partner: PartnerOf | None
    session_key: str | None = None
    token_id: UUID | None = None
    token_used_at: datetime | None = None
    also: tuple[Any, ...] = ()


_COLUMNS = """
    person.id, person.email, person.name, person.language, person.timezone, person.theme, person.roles,
    person.welcomed_at, membership.role, partner.id, partner.slug, partner.name, partner.kind,
    partner.currency, partner.timezone, membership.id
"""
_JOINS = """
    left join people_membership membership on membership.person_id = person.id and membership.left_at is null
    left join people_partner partner on partner.id = membership.partner_id
"""
_BY_PERSON = f"select {_COLUMNS} from people_person person {_JOINS} where person.id = %s and person.is_active"  # noqa: S608 - constants
_BY_SESSION = f"""
    select {_COLUMNS}{{also}}, session.session_data, person.password
    from usersessions_usersession known
    join django_session session on session.session_key = known.session_key
    join people_person person on person.id = known.user_id {_JOINS}
    where known.session_key = %s and session.expire_date > %s and person.is_active
"""  # noqa: S608 - constants
_BY_TOKEN = f"""
    select {_COLUMNS}, token.id, token.scopes, token.last_used_at
    from people_apitoken token
    join people_person person on person.id = token.person_id {_JOINS}
    where token.secret_hash = %s and token.revoked_at is null and person.is_active
      and (token.expires_at is null or token.expires_at > %s)
"""  # noqa: S608 - constants


def actor_of(person_id: UUID) -> Actor:
    """The actor that a person is now. One query. Raises NotFound when there is nobody, or nobody any more."""
    return asker_of(person_id).actor


def asker_of(person_id: UUID) -> Asker:
    """The same with what a page's frame needs."""
    row = reads.row(_BY_PERSON, [person_id])
    if row is None:
        raise NotFound
    return _asker(row)


def asker_by_session(session_key: str, *, now: datetime, also: Sequence[str] = ()) -> Asker | None:
    """Who holds a session, in one query; None when it ended, expired, or was opened with an earlier
    password. `also` is the SQL of more values about the rows `person` and `partner`, for chapters above this one.
    """
    row = reads.row(_BY_SESSION.format(also="".join(f", {value}" for value in also)), [session_key, now])
    if row is None:
        return None
    if not _is_opened_by(row[0], row[-2], row[-1]):
        return None
    return _asker(row, session_key=session_key, also=row[16:-2])


@lru_cache(maxsize=10_000)
def _is_opened_by(person_id: UUID, session_data: str, password: str) -> bool:
    """Whether a session's signed data says that this person opened it, with this hash of a password.

    It follows from what it is given and the server's key, so every page after a person's first finds it worked out.
    """
    held = SessionStore().decode(session_data)
    person = Person(id=person_id, password=password)
    if held.get(SESSION_KEY) != str(person_id) or held.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    return constant_time_compare(held.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())


def asker_by_token_hash(secret_hash: bytes, *, now: datetime) -> Asker | None:
    """Who is meant by a token with this hash, in one query; None when it is unknown, expired or revoked."""
    row = reads.row(_BY_TOKEN, [secret_hash, now])
    if row is None:
        return None
    return _asker(row, scopes=frozenset(row[-2]), token_id=row[-3], token_used_at=row[-1])


def _asker(row: tuple[Any, ...], *, scopes: frozenset[str] = frozenset(), **how: Any) -> Asker:
    person_id, email, name, language, timezone, theme, roles, welcomed_at, member_role, *partner = row[:16]
    shown = PartnerOf(*partner) if partner[0] is not None else None
    actor = Actor(person_id, frozenset(roles), shown.id if shown else None, member_role, scopes)
    return Asker(actor, email, name, language, timezone, theme, welcomed_at, shown, **how)


def person_by_address(email: str) -> Person | None:
    """The active person with this address, whatever its case. For the command line and for invitations."""
    return Person.objects.filter(email__iexact=email.strip(), is_active=True).first()


def people_with_role(role: str) -> list[Person]:
    """The active people of the house with a role, by name. For notices; asks no permission. One query."""
    return list(Person.objects.filter(roles__contains=[role], is_active=True).order_by("name", "email"))


def names_of(people: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called, by their address where they gave no name. One query; none for nobody."""
    wanted = set(people)
    rows = Person.objects.filter(id__in=wanted).values_list("id", "name", "email") if wanted else ()
    return {person: name or email for person, name, email in rows}


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person may change about itself, and what it answered on the first day."""

    id: UUID
    email: str
    name: str
    language: str
    timezone: str
    theme: str
    shows_name: bool
    sells: str
    sells_to: str
    minutes_a_week: int | None
    joined_at: datetime
    welcomed_at: datetime | None


def profile(person_id: UUID) -> Profile:
    """A person's own profile. Raises NotFound."""
    fields = tuple(Profile.__dataclass_fields__)
    row = Person.objects.filter(id=person_id, is_active=True).values_list(*fields).first()
    if row is None:
        raise NotFound
    return Profile(*row)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One place where a person is signed in."""

    id: int
    user_agent: str
    ip: str
    created_at: datetime
    is_current: bool


def sessions_of(person_id: UUID, *, current: str | None, now: datetime) -> list[SessionLine]:
    """Where a person is signed in, newest first; `current` is the key of the session that asks."""
    alive = UserSession.objects.filter(user_id=person_id).extra(
        tables=["django_session"],
        where=[
            "django_session.session_key = usersessions_usersession.session_key",
            "django_session.expire_date > %s",
        ],
        params=[now],
    )
    return [
        SessionLine(one.pk, one.user_agent, one.ip, one.created_at, one.session_key == current)
        for one in alive.order_by("-created_at", "-id")
    ]


@dataclass(frozen=True, slots=True)
class WaysIn:
    """How a person can sign in. A code by mail always works besides."""

    password: bool
    passkeys: int
    authenticator_app: bool
    recovery_codes: bool


def ways_in(person: Person) -> WaysIn:
    """How this person signs in, for its own profile. One query."""
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return WaysIn(
        person.has_usable_password(),
        kinds.count(Authenticator.Type.WEBAUTHN),
        Authenticator.Type.TOTP in kinds,
        Authenticator.Type.RECOVERY_CODES in kinds,
    )
