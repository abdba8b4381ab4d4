"""Changing a payee profile, checking it, and forgetting whose it was."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner
from academy.people.partners.models import MemberRole, Membership, PartnerKind
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.payees.models import Payee
from academy.programme.payees.rules import LENGTHS, Profile, Wrong, wrong_with

FORGOTTEN = "-"
"""In the place of what a person who was erased had written."""


@action
def change_payee(by: Actor, partner: UUID, profile: Profile, *, now: datetime) -> Payee:
    """Write the next version. Nothing is paid by it before somebody of finance has checked it; the same again is none.

    Whoever shows the form asks for a recent sign-in. Raises Refused, NotFound, Forbidden.
    """
    allow(by, "payee.edit", partner_id=partner)
    at = lock_partner(partner, now)
    if wrong := wrong_with(profile):
        said = {name: _sentence(name, code) for name, code in wrong.items()}
        raise Refused(next(iter(said.values())), fields=said)
    latest = Payee.objects.filter(partner_id=partner).order_by("-number").first()
    if latest is not None and Profile.cleaned({name: getattr(latest, name) for name in LENGTHS}) == profile:
        return latest
    payee = Payee.objects.create(
        id=uuid7(),
        partner_id=partner,
        number=latest.number + 1 if latest else 1,
        changed_by_id=by.signature,
        changed_at=at,
        **{name: getattr(profile, name) for name in LENGTHS},
    )
    record(
        "payee.changed",
        partner=partner,
        person=payee.changed_by_id,
        thing=Thing("payee", payee.pk),
        at=at,
        now=now,
        numbers={"number": payee.number},
        key=f"payee.changed:{payee.pk}",
    )
    return payee


@action
def check_payee(by: Actor, partner: UUID, number: int, *, now: datetime) -> Payee:
    """Say that the latest version is right, so that the partner is paid again. Repeated it changes nothing.

    Raises Conflict when the profile changed again meanwhile; NotFound, Forbidden.
    """
    allow(by, "payee.check")
    at = lock_partner(partner, now)
    payee = Payee.objects.filter(partner_id=partner).order_by("-number").first()
    if payee is None:
        raise NotFound
    if payee.number != number:
        raise Conflict(_("This profile was changed again meanwhile. Look at the newest version."))
    if payee.checked_at is not None:
        return payee
    payee.checked_at, payee.checked_by_id = at, by.signature
    payee.save(update_fields=["checked_at", "checked_by"])
    record(
        "payee.checked",
        partner=partner,
        thing=Thing("payee", payee.pk),
        at=at,
        now=now,
        numbers={"number": payee.number},
        key=f"payee.checked:{payee.pk}",
    )
    return payee


def forget_person(person_id: UUID, addresses: list[str]) -> None:
    """A freelancer's profile is about the freelancer: its texts go. Of a company's only the person's address goes.

    Versions, their times and checks stay, since payments rest on them.
    """
    own = Membership.objects.filter(person_id=person_id, role=MemberRole.OWNER, partner__kind=PartnerKind.FREELANCER)
    freelancer = Payee.objects.filter(partner_id__in=own.values("partner_id"))
    freelancer.update(
        legal_name=FORGOTTEN, address=FORGOTTEN, tax_number="", invoice_email="", provider_reference=FORGOTTEN
    )
    Payee.objects.filter(invoice_email__in=addresses).update(invoice_email="")


def _sentence(name: str, code: str) -> str:
    match code:
        case Wrong.BANK:
            return _(
                "This looks like the number of an account or a card. We never keep those: give it to the payment "
                "provider alone, and write here what the provider calls you."
            )
        case Wrong.LONG:
            return _("At most %(count)d letters.") % {"count": LENGTHS[name]}
        case Wrong.COUNTRY:
            return _("Choose a country.")
        case Wrong.E_MAIL:
            return _("Write an address such as accounts@example.com.")
        case _:
            return _MISSING[name]()


_MISSING = {
    "legal_name": lambda: _("Write the name under which you are registered or taxed."),
    "address": lambda: _("Write the address that stands on your invoices."),
    "country": lambda: _("Choose a country."),
    "invoice_email": lambda: _("Write the address to which remittance advice goes."),
    "provider_reference": lambda: _("Write what the payment provider calls you."),
}
