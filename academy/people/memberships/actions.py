"""Who belongs to a partner: joining, leaving, and the role one has there."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.journal.actions import Thing, action, record
from academy.people.accounts.models import Person
from academy.people.partners import access
from academy.people.partners.actions import lock_partner, lock_partner_trusting, lock_person, time_of_person
from academy.people.partners.models import MemberRole, Membership
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def add_member(partner_id: UUID, person_id: UUID, *, role: str, by: Actor, now: datetime) -> Membership:
    """Make a known person a member without an invitation: for staff and importers.

    Raises NotFound, and Conflict when the person is a member somewhere.
    """
    access.partner(by, "member.add", partner_id)
    at = lock_partner(partner_id, now)
    check_role(role)
    if not Person.objects.filter(id=person_id, is_active=True).exists():
        raise NotFound
    return join(partner_id, person_id, role=role, at=at, now=now)


def check_role(role: str) -> None:
    """Refuse what is neither of the two roles."""
    if role not in MemberRole.values:
        raise Refused(_("A member is an owner or a member."), fields={"role": _("Choose one of the two.")})


def join(partner_id: UUID, person_id: UUID, *, role: str, at: datetime, now: datetime) -> Membership:
    """Write the membership and its fact, under the partner's lock; `at` is what lock_partner said.

    What the person did before it joined is evidence from then on, so that joining never lies before it: where a clock
    stepped back, the partner's time moves on to the person's. Raises Conflict when the person is an active member of
    any partner.
    """
    lock_person(person_id)
    if (latest := time_of_person(person_id, at)) > at:
        at = lock_partner_trusting(partner_id, latest, now)
    membership = Membership(partner_id=partner_id, person_id=person_id, role=role, joined_at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into people_membership (id, partner_id, person_id, role, joined_at)
            values (%s, %s, %s, %s, %s)
            on conflict (person_id) where left_at is null do nothing returning id
            """,
            [membership.id, partner_id, person_id, role, at],
        )
        if cursor.fetchone() is None:
            sentence = _("One is a member of one partner at a time. Leave the other one first, in your profile.")
            raise Conflict(sentence, code="member_elsewhere")
    record(
        "member.joined",
        partner=partner_id,
        person=person_id,
        thing=Thing("membership", membership.id),
        numbers={"role": role},
        at=at,
        now=now,
        key=f"member.joined:{membership.id}",
    )
    return membership


@action
def leave_partner(person_id: UUID, *, by: Actor, now: datetime) -> Membership:
    """Leave one's partner. What one proved there counts on only through warning and grace.

    Raises NotFound without a partner, Conflict for the last owner.
    """
    allow(by, "partner.leave", person_id=person_id)
    here = Membership.objects.filter(person_id=person_id, left_at=None).first()
    if here is None:
        raise NotFound(_("You are not a member of a partner."))
    at = lock_partner(here.partner_id, now)
    return _leave(_under_lock(here.partner_id, person_id), at=at, now=now)


@action
def remove_member(partner_id: UUID, person_id: UUID, *, by: Actor, now: datetime) -> Membership:
    """Take somebody out of a partner. Raises NotFound, Forbidden, and Conflict for the last owner."""
    access.membership(by, "member.remove", partner_id, person_id)
    at = lock_partner(partner_id, now)
    return _leave(_under_lock(partner_id, person_id), at=at, now=now)


def _under_lock(partner_id: UUID, person_id: UUID) -> Membership:
    """The open membership as it is now that nobody else can change it. Raises NotFound when it ended
    meanwhile.
    """
    found = Membership.objects.filter(partner_id=partner_id, person_id=person_id, left_at=None).first()
    if found is None:
        raise NotFound(_("This person is not a member, or no longer."))
    return found


def _leave(membership: Membership, *, at: datetime, now: datetime) -> Membership:
    if membership.role == MemberRole.OWNER and not _has_other_owner(membership):
        raise Conflict(_("The last owner cannot leave. Make somebody else an owner first."), code="last_owner")
    return close(membership, at=at, now=now)


def close(membership: Membership, *, at: datetime, now: datetime) -> Membership:
    """End the membership with its fact, under the partner's lock, for actions that have settled that it may
    be.
    """
    membership.left_at = at
    membership.save(update_fields=["left_at"])
    record(
        "member.left",
        partner=membership.partner_id,
        person=membership.person_id,
        thing=Thing("membership", membership.id),
        at=at,
        now=now,
        key=f"member.left:{membership.id}",
    )
    return membership


def _has_other_owner(membership: Membership) -> bool:
    owners = Membership.objects.filter(partner_id=membership.partner_id, role=MemberRole.OWNER, left_at=None)
    return owners.exclude(id=membership.id).exists()


@action
def change_role(partner_id: UUID, person_id: UUID, *, role: str, by: Actor, now: datetime) -> Membership:
    """Make a member an owner, or an owner a member. Raises Conflict when no owner would be left."""
    access.membership(by, "member.change_role", partner_id, person_id)
    check_role(role)
    lock_partner(partner_id, now)
    membership = _under_lock(partner_id, person_id)
    if role == membership.role:
        return membership
    if role == MemberRole.MEMBER and not _has_other_owner(membership):
        raise Conflict(_("A partner keeps at least one owner. Make somebody else an owner first."), code="last_owner")
    membership.role = role
    membership.save(update_fields=["role"])
    return membership
