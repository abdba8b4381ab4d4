"""The ways to a partner and its people for somebody who asks; what is not theirs is not there."""

from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import NotFound
from academy.people.partners.models import Invitation, Membership, Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


def partner(by: Actor, verb: str, partner_id: UUID) -> Partner:
    """The partner, if `by` may do this to it. Raises NotFound or Forbidden."""
    allow(by, verb, partner_id=partner_id)
    found = Partner.objects.filter(id=partner_id).first()
    if found is None:
        raise NotFound
    return found


def membership(by: Actor, verb: str, partner_id: UUID, person_id: UUID) -> Membership:
    """The person's open membership of the partner, if `by` may do this there. Raises NotFound or
    Forbidden.
    """
    allow(by, verb, partner_id=partner_id)
    found = Membership.objects.filter(partner_id=partner_id, person_id=person_id, left_at=None).first()
    if found is None:
        raise NotFound(_("This person is not a member, or no longer."))
    return found


def invitation(by: Actor, verb: str, invitation_id: UUID) -> Invitation:
    """The invitation, if `by` may do this to the partner that it is for. Raises NotFound or Forbidden."""
    found = Invitation.objects.filter(id=invitation_id).first()
    if found is None:
        raise NotFound
    allow(by, verb, partner_id=found.partner_id)
    return found


def colleague(by: Actor, verb: str, person_id: UUID) -> None:
    """Go on if `by` may do this to a person: oneself, one's member as owner, anybody as staff. Raises
    NotFound else.
    """
    shared = None
    if by.partner_id is not None and person_id != by.person_id:
        ours = Membership.objects.filter(partner_id=by.partner_id, person_id=person_id, left_at=None).exists()
        shared = by.partner_id if ours else None
    allow(by, verb, partner_id=shared, person_id=person_id)
