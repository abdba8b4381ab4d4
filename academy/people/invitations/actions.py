"""Invitations: a link that makes whoever holds it a member. Only its hash is kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.journal.actions import action
from academy.people.accounts.actions import enter_person
from academy.people.accounts.models import Person
from academy.people.accounts.queries import person_by_address
from academy.people.accounts.rules import clean_address, is_address
from academy.people.invitations.rules import Wrong, hash_of, read_invite_list
from academy.people.memberships.actions import check_role, join
from academy.people.partners import access
from academy.people.partners.actions import lock_partner
from academy.people.partners.models import Invitation, Membership, Partner
from academy.people.permissions.rules import Actor

LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was just made. `url` is told this once and cannot be found out again."""

    id: UUID
    email: str
    url: str
    expires_at: datetime


@action
def invite_member(partner_id: UUID, email: str, *, role: str, by: Actor, now: datetime) -> Invited:
    """Invite an address to a partner, by mail. Inviting it again replaces the link that it had.

    Raises NotFound, Forbidden, Refused for a wrong address or role, Conflict when it is a member there
    already.
    """
    partner = access.partner(by, "member.invite", partner_id)
    address = clean_address(email)
    if not is_address(address):
        raise Refused(_("This is not an e-mail address."), fields={"email": _("Write it like name@company.com.")})
    check_role(role)
    lock_partner(partner_id, now)
    if address in _addresses_of(partner_id):
        raise Conflict(_("%(email)s is a member already.") % {"email": address}, code="member_here")
    return _invite(partner, address, role, by=by, now=now)


@action
def invite_list(partner_id: UUID, text: str, *, by: Actor, now: datetime) -> list[Invited]:
    """Invite everybody in a list of `email,role` lines, or nobody.

    Raises Refused whose `fields` are `line 3` and the like, each with what is wrong there.
    """
    partner = access.partner(by, "member.invite", partner_id)
    lock_partner(partner_id, now)
    read = read_invite_list(text, members=_addresses_of(partner_id))
    if read.wrong:
        fields = {f"line {line}": _worded(wrong) for line, wrong in sorted(read.wrong.items())}
        raise Refused(_("Nobody was invited yet. Mend these lines and send the list again."), fields=fields)
    return [_invite(partner, one.email, one.role, by=by, now=now) for one in read.invitees]


def _worded(wrong: Wrong) -> str:
    sentences = {
        "empty": _("There is nobody in this list. Write one address a line."),
        "too_many": _("%(what)s people at a time; put the rest in a second list."),
        "quotes": _("A quotation mark is opened and not closed, or closed too early."),
        "columns": _("There are more than two columns. Write the address, then owner or member."),
        "address": _("“%(what)s” is not an e-mail address."),
        "role": _("“%(what)s” is not a role. Write owner or member."),
        "member": _("%(what)s is a member already."),
        "twice": _("This address stands in line %(what)s already."),
    }
    return sentences[wrong.code] % {"what": wrong.what}


def _addresses_of(partner_id: UUID) -> set[str]:
    people = Person.objects.filter(memberships__partner_id=partner_id, memberships__left_at=None)
    return set(people.values_list("email", flat=True))


def _invite(partner: Partner, address: str, role: str, *, by: Actor, now: datetime) -> Invited:
    inviter = Person.objects.filter(id=by.person_id).first()
    if inviter is None:
        raise Forbidden(_("An invitation says who invites, so a person has to send it."))
    open_ones = Invitation.objects.filter(partner=partner, email=address, accepted_at=None, withdrawn_at=None)
    open_ones.update(withdrawn_at=now)
    secret = secrets.token_urlsafe(30)
    made = Invitation.objects.create(
        partner=partner,
        email=address,
        role=role,
        secret_hash=hash_of(secret),
        invited_by=inviter,
        created_at=now,
        expires_at=now + LASTS,
    )
    url = f"{settings.ORIGIN}/invitations/{secret}/"
    _mail(made, partner, inviter, url, now=now)
    return Invited(made.id, address, url, made.expires_at)


def _mail(invitation: Invitation, partner: Partner, inviter: Person, url: str, *, now: datetime) -> None:
    """Hand the message to Django's mail backend, which writes it as a row in this transaction."""
    words = {
        "who": inviter.name or _("Somebody"),
        "partner": partner.name,
        "url": url,
        "day": date_format(invitation.expires_at, "j F Y"),
    }
    text = _(
        "Hello,\n\n"
        "%(who)s invites you to join %(partner)s at SISO Academy: short lessons, certificates, "
        "and a commission rate that rises with what you know.\n\n"
        "Open this link to see the invitation and accept it:\n\n%(url)s\n\n"
        "It holds until %(day)s and works once. If you did not expect it, do nothing.\n"
    )
    subject = _("%(who)s invites you to %(partner)s") % words
    headers = {"Date": format_datetime(now)}
    EmailMessage(subject[:200], text % words, to=[invitation.email], headers=headers).send()


@action
def withdraw_invitation(invitation_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take an open invitation back: its link stops working. Raises NotFound, and Conflict when it was
    accepted.
    """
    found = access.invitation(by, "member.invite", invitation_id)
    lock_partner(found.partner_id, now)
    found.refresh_from_db()
    if found.accepted_at is not None:
        raise Conflict(_("This invitation was accepted already. Remove the member instead."))
    found.withdrawn_at = found.withdrawn_at or now
    found.save(update_fields=["withdrawn_at"])


@action
def accept_invitation(
    secret: str, *, by: Actor, now: datetime, name: str = "", password: str | None = None
) -> Membership:
    """Join the partner that the link invites to; makes the person when the address is new here.

    Somebody who has an account must be signed in with it, since a link can be forwarded. Raises NotFound for
    an unknown link, Conflict when it was used, withdrawn, is too old, or one is a member elsewhere, and
    Refused for a weak password or a wrong name.
    """
    found = Invitation.objects.filter(secret_hash=hash_of(secret)).first()
    if found is None:
        raise NotFound(_("This invitation is not complete. Open the link from the mail again."))
    at = lock_partner(found.partner_id, now)
    found.refresh_from_db()
    if mine := _accepted_before(found, by):
        return mine
    _check_open(found, now)
    person = _invited_person(found, by=by, now=now, name=name, password=password)
    membership = join(found.partner_id, person.id, role=found.role, at=at, now=now)
    found.accepted_at = now
    found.save(update_fields=["accepted_at"])
    return membership


def _accepted_before(invitation: Invitation, by: Actor) -> Membership | None:
    """The membership of somebody who presses the button twice."""
    if invitation.accepted_at is None or not by.is_somebody:
        return None
    mine = Membership.objects.filter(partner_id=invitation.partner_id, person_id=by.person_id, left_at=None)
    return mine.filter(person__email=invitation.email).first()


def _check_open(invitation: Invitation, now: datetime) -> None:
    if invitation.accepted_at is not None:
        raise Conflict(_("This invitation was used already. Sign in instead."), code="invitation_used")
    if invitation.withdrawn_at is not None:
        raise Conflict(_("This invitation was taken back. Ask for a new one."), code="invitation_withdrawn")
    if now >= invitation.expires_at:
        raise Conflict(_("This invitation is too old. Ask for a new one."), code="invitation_expired")


def _invited_person(invitation: Invitation, *, by: Actor, now: datetime, name: str, password: str | None) -> Person:
    known = person_by_address(invitation.email)
    if known is not None and known.id == by.person_id:
        return known
    if by.is_somebody:
        sentence = _("This invitation is for %(email)s. Sign out and open it again, or ask for one to your address.")
        raise Conflict(sentence % {"email": invitation.email}, code="other_address")
    if known is not None:
        sentence = _("%(email)s has an account. Sign in with it, then open the invitation again.")
        raise Conflict(sentence % {"email": invitation.email}, code="sign_in_first")
    if not name.strip():
        raise Refused(_("Write your name."), fields={"name": _("Write the name that others should see.")})
    return enter_person(invitation.email, name=name, password=password, now=now)
