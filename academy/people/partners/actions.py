"""Partners: opening them, locking their time, and changing who belongs to them."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from babel.numbers import is_currency
from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Opening, Thing, action, flush, latest_time, reactions, record
from academy.people.accounts.actions import check_name
from academy.people.accounts.models import Person
from academy.people.accounts.rules import clean_name
from academy.people.partners import access
from academy.people.partners.models import MemberRole, Membership, Partner, PartnerKind
from academy.people.partners.rules import slugs
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


def lock_partner(partner_id: UUID, now: datetime) -> datetime:
    """Take the partner's lock and say the effective time of what its client sends now.

    Call it inside an action before reading what will change; it lasts until the commit. The time is `now`, or
    the partner's latest effective time where that is later: a partner's time never goes back. What time alone
    changed before that instant has been applied on return. Raises NotFound.
    """
    return _lock(partner_id, now, now, trusted=False)


def lock_partner_trusting(partner_id: UUID, occurred_at: datetime, now: datetime) -> datetime:
    """The same for a trusted source (deals, importers), which may say when something happened."""
    return _lock(partner_id, occurred_at, now, trusted=True)


def lock_learner(by: Actor, now: datetime) -> datetime:
    """The same for what a person learns: locks the actor's partner, or the person where there is none.

    Raises Conflict when the person left or joined a partner since we asked who it is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select is_still_there, effective_at from people_lock_learner(%s, %s)",
            [by.person_id, by.partner_id],
        )
        is_still_there, latest = cursor.fetchone()
    if not is_still_there:
        raise Conflict(_("Your membership changed a moment ago. Try again."), code="membership_changed")
    if by.partner_id is None:
        return _time_of_person(by.person_id, now)
    return _settled(by.partner_id, latest, now, now, trusted=False)


def lock_partner_of(person_id: UUID, now: datetime) -> tuple[UUID | None, datetime]:
    """Lock whichever partner a person is a member of, or the person where there is none. Also says the effective time.

    Raises Conflict when somebody without a partner joined one meanwhile.
    """
    partner_id = _partner_of(person_id)
    while partner_id is not None:
        at = lock_partner(partner_id, now)
        again = _partner_of(person_id)
        if again == partner_id:
            return partner_id, at
        partner_id = again
    _lock_person(person_id)
    if _partner_of(person_id) is not None:
        raise Conflict(_("This membership changed a moment ago. Try again."), code="membership_changed")
    return None, _time_of_person(person_id, now)


def _lock_person(person_id: UUID) -> None:
    """Wait for whatever somebody without a partner is doing, and let nothing else begin. After the partner's lock."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from people_person where id = %s for no key update", [person_id])


def _time_of_person(person_id: UUID, at: datetime) -> datetime:
    """An instant, or the latest at which something about the person counts: nobody's time goes back either."""
    flush()
    with connection.cursor() as cursor:
        cursor.execute("select max(effective_at) from journal_fact where person = %s", [person_id])
        latest: datetime | None = cursor.fetchone()[0]
    return max(filter(None, (latest, at)))


def _partner_of(person_id: UUID) -> UUID | None:
    here = Membership.objects.filter(person_id=person_id, left_at=None)
    return here.values_list("partner_id", flat=True).first()


def _lock(partner_id: UUID, at: datetime, now: datetime, *, trusted: bool) -> datetime:
    with connection.cursor() as cursor:
        # One round trip; migration 0002 says why the two steps are a function and no single statement.
        cursor.execute("select effective_at from people_lock_partner(%s)", [partner_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return _settled(partner_id, row[0], at, now, trusted=trusted)


def _settled(partner_id: UUID, latest: datetime | None, at: datetime, now: datetime, *, trusted: bool) -> datetime:
    known = max(filter(None, (latest, latest_time(partner_id))), default=None)
    return reactions().before(Opening(partner_id, at, known, now, trusted))


@action
def create_partner(
    name: str,
    *,
    by: Actor,
    now: datetime,
    kind: str = PartnerKind.COMPANY,
    currency: str = "GBP",
    timezone: str = "Europe/London",
    owner_id: UUID | None = None,
    partner_id: UUID | None = None,
) -> Partner:
    """Open a partner, with its first owner if there is one yet; without one, nothing is recorded about it.

    Its programme is none of this chapter's business. `partner_id` is for importers whose partners keep their
    ids. Raises Refused for what is wrong in a field, Conflict when the owner is a member elsewhere or the id
    is taken.
    """
    allow(by, "partner.create")
    shown = clean_name(name)
    _check_partner(shown, kind, currency, timezone)
    partner = Partner(
        id=partner_id or uuid7(), name=shown, kind=kind, currency=currency, timezone=timezone, created_at=now
    )
    _insert_partner(partner)
    if owner_id is not None:
        join(partner.id, owner_id, role=MemberRole.OWNER, at=lock_partner(partner.id, now), now=now)
    return partner


def _check_partner(name: str, kind: str, currency: str, timezone: str) -> None:
    check_name(name)
    if kind not in PartnerKind.values:
        raise Refused(_("A partner is a company or a freelancer."), fields={"kind": _("Choose one of the two.")})
    if not _is_currency(currency):
        raise Refused(_("This currency is not known."), fields={"currency": _("Write a code such as GBP.")})
    if timezone not in available_timezones():
        raise Refused(_("This time zone is not known."), fields={"timezone": _("Choose one such as Europe/London.")})


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isupper() and is_currency(code)


def _insert_partner(partner: Partner) -> None:
    """Write the partner under the first address that is free; two of the same name at once get two
    addresses.
    """
    insert = """
        insert into people_partner (id, slug, name, kind, currency, timezone, created_at)
        values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing returning slug
    """
    if Partner.objects.filter(id=partner.id).exists():
        raise Conflict(_("This partner is here already."))
    for slug in slugs(partner.name):
        values: list[Any] = [
            partner.id,
            slug,
            partner.name,
            partner.kind,
            partner.currency,
            partner.timezone,
            partner.created_at,
        ]
        with connection.cursor() as cursor:
            cursor.execute(insert, values)
            if cursor.fetchone():
                partner.slug = slug
                return
    raise Conflict(_("Too many partners bear this name. Add a word that tells them apart."))


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
    _lock_person(person_id)
    if (latest := _time_of_person(person_id, at)) > at:
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
