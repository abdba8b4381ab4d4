"""Reading invitations: the one behind a link, and those of a partner that are still open."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.core.errors import NotFound
from academy.people.invitations.rules import hash_of
from academy.people.partners.models import Invitation
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class InvitationShown:
    """What the page behind a link shows. `state` is `open`, `used`, `withdrawn` or `expired`."""

    id: UUID
    email: str
    role: str
    partner: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    state: str


def by_secret(secret: str, *, now: datetime) -> InvitationShown:
    """The invitation behind a link, for whoever holds it. Raises NotFound for a link that is not ours."""
    found = Invitation.objects.select_related("partner", "invited_by").filter(secret_hash=hash_of(secret)).first()
    if found is None:
        raise NotFound
    return _shown(found, now)


def open_invitations(by: Actor, partner_id: UUID, *, now: datetime) -> list[InvitationShown]:
    """Who was invited and has not come yet, newest first. One query."""
    allow(by, "invitation.see", partner_id=partner_id)
    waiting = Invitation.objects.select_related("partner", "invited_by").filter(
        partner_id=partner_id, accepted_at=None, withdrawn_at=None, expires_at__gt=now
    )
    return [_shown(one, now) for one in waiting.order_by("-created_at", "-id")]


def _shown(one: Invitation, now: datetime) -> InvitationShown:
    if one.accepted_at is not None:
        state = "used"
    elif one.withdrawn_at is not None:
        state = "withdrawn"
    else:
        state = "open" if now < one.expires_at else "expired"
    return InvitationShown(
        one.id,
        one.email,
        one.role,
        one.partner.name,
        one.invited_by.name,
        one.created_at,
        one.expires_at,
        state,
    )
