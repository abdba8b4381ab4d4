"""Making, using and revoking bearer tokens."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from academy.core.errors import Forbidden, NotFound, Refused
from academy.journal.actions import action
from academy.people.accounts import access
from academy.people.accounts.actions import announce_end
from academy.people.accounts.queries import Asker, asker_by_token_hash
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.people.tokens import rules
from academy.people.tokens.models import ApiToken


@dataclass(frozen=True, slots=True)
class Created:
    """A token that was just made. The secret is told this once."""

    id: UUID
    secret: str


@action
def create_token(
    person_id: UUID,
    *,
    by: Actor,
    now: datetime,
    label: str = "",
    scopes: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> Created:
    """Make a token that acts for a person; without scopes it may do all that the person may.

    Raises Refused for an unknown scope or a time that has passed, Forbidden when one token asks for a wider
    one.
    """
    person = access.person(by, "token.create", person_id)
    wanted = sorted(set(scopes))
    if unknown := rules.unknown_scopes(wanted):
        sentence = _("“%(scope)s” is not a scope.") % {"scope": unknown[0]}
        raise Refused(sentence, fields={"scopes": _("Choose from the list.")})
    if rules.widens(wanted, by.scopes):
        raise Forbidden(_("A token cannot make one that may do more than itself."))
    if expires_at is not None and expires_at <= now:
        raise Refused(_("A token has to end in the future."), fields={"expires_at": _("Choose a later day.")})
    secret = rules.PREFIX + secrets.token_urlsafe(30)
    made = ApiToken.objects.create(
        person=person,
        secret_hash=rules.hash_secret(secret),
        label=label.strip()[:80],
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    return Created(made.id, secret)


def person_of_token(secret: str, *, now: datetime) -> Asker | None:
    """Who is meant by a bearer token; None when it is unknown, expired, revoked, or its person is gone.

    One query, and at most once a minute a second one that notes the use.
    """
    if not rules.looks_like_ours(secret):
        return None
    asker = asker_by_token_hash(rules.hash_secret(secret), now=now)
    if asker and asker.token_id and rules.is_worth_noting(asker.token_used_at, now):
        note_use(asker.token_id, now=now)
    return asker


@action
def note_use(token_id: UUID, *, now: datetime) -> None:
    """Write down that a token was used, for its owner to see. Of many uses at once one is written."""
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - rules.NOTED_EVERY)
    ApiToken.objects.filter(stale, id=token_id).update(last_used_at=now)


@action
def revoke_token(token_id: UUID, *, by: Actor, now: datetime) -> None:
    """End a token at once; what it holds open is closed. Repeated it changes nothing. Raises NotFound."""
    found = ApiToken.objects.filter(id=token_id).first()
    if found is None:
        raise NotFound
    allow(by, "token.revoke", person_id=found.person_id)
    if found.revoked_at is None:
        found.revoked_at = now
        found.save(update_fields=["revoked_at"])
        announce_end("token", str(found.id))
