"""Forgetting who somebody was, while what happened stays."""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from academy.core.errors import Conflict
from academy.journal.actions import action
from academy.people.accounts import access
from academy.people.accounts.actions import announce_end, end_sessions_of
from academy.people.accounts.models import Person
from academy.people.accounts.rules import ERASED_DOMAIN
from academy.people.memberships.actions import close
from academy.people.partners.actions import lock_partner_of
from academy.people.partners.models import Invitation, MemberRole, Membership
from academy.people.permissions.rules import Actor
from academy.people.privacy.queries import holdings
from academy.people.roles.models import RoleChange
from academy.people.tokens.models import ApiToken


@action
def erase_person(person_id: UUID, *, by: Actor, now: datetime) -> None:
    """Replace a person's identity with nothing, for ever. Facts, certificates and money keep their bare id.

    The membership ends as if the person had left. Raises NotFound, and Conflict for an owner on whom other
    members still depend, unless the house itself or an administrator asks.
    """
    access.person(by, "person.erase", person_id)
    _partner, at = lock_partner_of(person_id, now)
    person = Person.objects.select_for_update(no_key=True).get(id=person_id)
    membership = Membership.objects.filter(person_id=person_id, left_at=None).first()
    if membership is not None:
        if by.person_id == person_id and _others_depend_on(membership):
            sentence = _("The other members need an owner. Make one of them an owner first.")
            raise Conflict(sentence, code="last_owner")
        close(membership, at=at, now=now)
    addresses = sorted({person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)})
    _remove_ways_in(person, now=now)
    for holding in holdings():
        if holding.erase is not None:
            holding.erase(person_id, addresses)
    _forget_addresses(person, addresses, now=now)
    _forget_reasons(person, now=now)
    _blank(person)
    announce_end("person", str(person_id))


def _others_depend_on(membership: Membership) -> bool:
    others = Membership.objects.filter(partner_id=membership.partner_id, left_at=None).exclude(id=membership.id)
    is_owner = membership.role == MemberRole.OWNER
    return is_owner and others.exists() and not others.filter(role=MemberRole.OWNER).exists()


def _remove_ways_in(person: Person, *, now: datetime) -> None:
    end_sessions_of(person.id)
    Authenticator.objects.filter(user=person).delete()
    ApiToken.objects.filter(person=person).delete()
    EmailAddress.objects.filter(user=person).delete()


def _forget_addresses(person: Person, addresses: list[str], *, now: datetime) -> None:
    """Open invitations to the person end; used ones keep only when they were."""
    theirs = Invitation.objects.filter(email__in=addresses)
    theirs.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=now)
    theirs.update(email=_nowhere(person))


def _forget_reasons(person: Person, *, now: datetime) -> None:
    """Which roles it had stays, under the bare id; why does not, and what waits is over."""
    theirs = RoleChange.objects.filter(person=person)
    theirs.filter(decided_at=None).update(decided_at=now, declined=True)
    theirs.update(reason="")


def _nowhere(person: Person) -> str:
    return f"{person.id}@{ERASED_DOMAIN}"  # unique, as the table demands, and nobody's


def _blank(person: Person) -> None:
    erased = Person(id=person.id, email=_nowhere(person), joined_at=person.joined_at, is_active=False)
    erased.set_unusable_password()
    erased.save(force_update=True)
