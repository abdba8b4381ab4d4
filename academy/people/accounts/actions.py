"""Entering people, what they change about themselves, and ending their sessions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, Refused
from academy.core.periods import time_zones
from academy.journal.actions import action
from academy.people.accounts import access, rules
from academy.people.accounts.models import Person, StaffRole
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def create_person(
    email: str,
    *,
    by: Actor,
    now: datetime,
    name: str = "",
    roles: Iterable[str] = (),
    password: str | None = None,
    hashed: str | None = None,
    language: str = "en",
    timezone: str = "Europe/London",
    verified: bool = False,
) -> Person:
    """Enter somebody who can then sign in: staff, or a person whom an importer brings.

    A partner's people come by invitation. Staff roles need an administrator. `hashed` is a password that Django's
    hashers have hashed before, in place of `password`. Raises Refused for what is wrong in a field and Conflict when
    the address is taken.
    """
    allow(by, "person.create")
    wanted = sorted(set(roles))
    if wanted:
        allow(by, "role.grant")
    if unknown := [role for role in wanted if role not in StaffRole.values]:
        sentence = _("“%(role)s” is not a staff role.") % {"role": unknown[0]}
        raise Refused(sentence, fields={"roles": _("Choose from the list.")})
    person = enter_person(email, name=name, password=password, now=now, verified=verified, hashed=hashed)
    _check_choices(language, timezone, None)
    person.roles, person.language, person.timezone = wanted, language, timezone
    person.save(update_fields=["roles", "language", "timezone"])
    return person


def enter_person(
    email: str,
    *,
    name: str,
    password: str | None,
    now: datetime,
    verified: bool = False,
    hashed: str | None = None,
) -> Person:
    """Write a new person. For actions that have settled that it may be; call it inside one.

    `verified` says that the address was proved to be theirs. Raises Refused or Conflict as create_person
    does.
    """
    address, shown = rules.clean_address(email), rules.clean_name(name)
    if not rules.is_address(address):
        raise Refused(_("This is not an e-mail address."), fields={"email": _("Write it like name@company.com.")})
    if shown:
        check_name(shown)
    person = Person(email=address, name=shown, joined_at=now)
    if hashed is None:
        check_password(password, person)
        person.set_password(password)
    else:
        person.password = hashed
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            EmailAddress.objects.create(user=person, email=address, verified=verified, primary=True)
    except IntegrityError:
        raise Conflict(_("Somebody with this address is here already."), code="address_taken") from None
    return person


def check_name(name: str) -> None:
    """Refuse a name, cleaned by rules.clean_name, that is empty or too long."""
    if not rules.is_name(name):
        sentence = _("Write a name of at most 120 characters.")
        raise Refused(sentence, fields={"name": sentence})


def check_password(password: str | None, person: Person) -> None:
    """Refuse a password that is too weak, with what to do. None is no password: one signs in by code then."""
    if password is None:
        return
    try:
        validate_password(password, person)
    except ValidationError as weak:
        sentence = " ".join(weak.messages)
        raise Refused(sentence, fields={"password": sentence}) from None


@action
def change_profile(
    person_id: UUID,
    *,
    by: Actor,
    now: datetime,
    name: str | None = None,
    language: str | None = None,
    timezone: str | None = None,
    theme: str | None = None,
    shows_name: bool | None = None,
) -> Person:
    """Change what is given and leave the rest. Raises Refused with the field that is wrong."""
    person = access.person(by, "person.edit", person_id)
    if name is not None:
        name = rules.clean_name(name)
        check_name(name)
    _check_choices(language, timezone, theme)
    given = {
        "name": name,
        "language": language,
        "timezone": timezone,
        "theme": theme,
        "shows_name": shows_name,
    }
    changed = {field: value for field, value in given.items() if value is not None}
    for field, value in changed.items():
        setattr(person, field, value)
    if changed:
        person.save(update_fields=list(changed))
    return person


def _check_choices(language: str | None, timezone: str | None, theme: str | None) -> None:
    if language is not None and language not in dict(settings.LANGUAGES):
        raise Refused(_("This language is not offered."), fields={"language": _("Choose one from the list.")})
    if timezone is not None and timezone not in time_zones():
        raise Refused(_("This time zone is not known."), fields={"timezone": _("Choose one such as Europe/London.")})
    if theme is not None and theme not in rules.THEMES:
        raise Refused(_("This look is not offered."), fields={"theme": _("Choose light, dark, or as the device.")})


@action
def answer_welcome(
    person_id: UUID,
    *,
    by: Actor,
    now: datetime,
    sells: str = "",
    sells_to: str = "",
    minutes_a_week: int | None = None,
) -> Person:
    """Keep the answers of the first day; every one may be skipped. Repeating it changes answers, not the
    first time.
    """
    person = access.person(by, "person.edit", person_id)
    if sells and sells not in rules.SELLS:
        raise Refused(_("Choose what you sell from the list, or skip."), fields={"sells": _("Choose or skip.")})
    if sells_to and sells_to not in rules.SELLS_TO:
        raise Refused(_("Choose to whom you sell from the list, or skip."), fields={"sells_to": _("Choose or skip.")})
    if minutes_a_week is not None and minutes_a_week not in rules.MINUTES_A_WEEK:
        raise Refused(_("Choose a time from the list, or skip."), fields={"minutes_a_week": _("Choose or skip.")})
    person.sells, person.sells_to, person.minutes_a_week = sells, sells_to, minutes_a_week
    person.welcomed_at = person.welcomed_at or now
    person.save(update_fields=["sells", "sells_to", "minutes_a_week", "welcomed_at"])
    return person


@action
def end_session(session_id: int, *, by: Actor, now: datetime) -> None:
    """Sign out one place at once; what was open there is closed. Raises NotFound."""
    session = access.session(by, "session.end", session_id)
    _end([session.session_key])


@action
def end_other_sessions(person_id: UUID, *, keep: str | None, by: Actor, now: datetime) -> int:
    """Sign out everywhere but in the session with the key `keep`; says how many ended."""
    person = access.person(by, "session.end", person_id)
    return end_sessions_of(person.id, keep=keep)


def end_sessions_of(person_id: UUID, *, keep: str | None = None) -> int:
    """End a person's sessions, for actions that have settled that it may be; call it inside one."""
    keys = UserSession.objects.filter(user_id=person_id).values_list("session_key", flat=True)
    ended = [key for key in keys if key != keep]
    _end(ended)
    return len(ended)


@action
def forget_session(session_key: str, *, now: datetime) -> None:
    """Clear up after somebody signed out of this very session."""
    _end([session_key])


@action
def forget_expired(*, now: datetime) -> None:
    """Delete sessions that expired, what was noted about them, and outdated entries of the shared cache."""
    Session.objects.filter(expire_date__lte=now).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            delete from usersessions_usersession known
            where not exists (select from django_session where session_key = known.session_key)
            """
        )
        cursor.execute("delete from people_cache where expires <= %s", [now])


def _end(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    for key in keys:
        announce_end("session", key)


def announce_end(what: str, name: str) -> None:
    """Close, at commit, what is open live for a `session` (its key), a `token` or a `person` (their id)."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('live_ended', %s)", [f"{what}:{name}"])
