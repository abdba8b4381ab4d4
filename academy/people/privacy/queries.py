"""All that is held of a person, as plain data."""

import functools
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings

from academy.journal.models import Fact
from academy.people.accounts import access
from academy.people.partners.models import Invitation, Membership
from academy.people.permissions.rules import Actor
from academy.people.privacy.rules import Holding
from academy.people.roles.models import RoleChange
from academy.people.tokens.models import ApiToken

PERSON = (
    "id",
    "email",
    "name",
    "language",
    "timezone",
    "theme",
    "roles",
    "joined_at",
    "last_login",
    "welcomed_at",
    "sells",
    "sells_to",
    "minutes_a_week",
    "shows_name",
)
FACT = (
    "pos",
    "kind",
    "partner",
    "thing_kind",
    "thing",
    "numbers",
    "occurred_at",
    "effective_at",
    "recorded_at",
)


@functools.cache
def holdings() -> tuple[Holding, ...]:
    """The chapters above that hold something of people, by the name in `settings.HOLDINGS`."""
    module, _, name = str(settings.HOLDINGS).rpartition(".")
    found: tuple[Holding, ...] = getattr(import_module(module), name)
    return found


def export_person(by: Actor, person_id: UUID) -> dict[str, Any]:
    """Everything we hold of a person, by where we hold it. Raises NotFound.

    Times stay times and ids stay ids; whoever writes it to a file turns them into text. Secrets, such as the
    password's hash and an authenticator's key, are not told.
    """
    person = access.person(by, "person.export", person_id)
    mine: dict[str, Any] = {
        "person": {field: getattr(person, field) for field in PERSON},
        "addresses": _rows(EmailAddress.objects.filter(user_id=person_id), "email", "verified", "primary"),
        "sign_in_methods": _rows(Authenticator.objects.filter(user_id=person_id), "type", "created_at", "last_used_at"),
        "sessions": _rows(
            UserSession.objects.filter(user_id=person_id), "ip", "user_agent", "created_at", "last_seen_at"
        ),
        "tokens": _rows(
            ApiToken.objects.filter(person_id=person_id),
            *("label", "scopes", "created_at", "expires_at", "revoked_at", "last_used_at"),
        ),
        "memberships": _rows(
            Membership.objects.filter(person_id=person_id), "partner__name", "role", "joined_at", "left_at"
        ),
        "invitations": _rows(
            Invitation.objects.filter(email=person.email),
            *("partner__name", "role", "created_at", "expires_at", "accepted_at", "withdrawn_at"),
        ),
        "role_changes": _rows(
            RoleChange.objects.filter(person_id=person_id),
            *("role", "granted", "reason", "asked_at", "decided_at", "declined"),
        ),
        "facts": list(Fact.objects.filter(person=person_id).order_by("pos").values(*FACT)),
    }
    return mine | {holding.name: holding.export(person_id) for holding in holdings()}


def _rows(found: Any, *fields: str) -> list[Mapping[str, Any]]:
    return list(found.order_by("pk").values(*fields))
