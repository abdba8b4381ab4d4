"""Reading tokens. Their secrets cannot be read: only hashes are kept."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.people.tokens.models import ApiToken


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token of a person. Without scopes it may do all that the person may."""

    id: UUID
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def tokens_of(by: Actor, person_id: UUID) -> list[TokenLine]:
    """A person's tokens, newest first, revoked ones too. One query."""
    allow(by, "token.see", person_id=person_id)
    return [
        TokenLine(
            one.id,
            one.label,
            tuple(one.scopes),
            one.created_at,
            one.expires_at,
            one.last_used_at,
            one.revoked_at,
        )
        for one in ApiToken.objects.filter(person_id=person_id).order_by("-created_at", "-id")
    ]
