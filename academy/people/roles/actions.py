"""Giving and taking staff roles. Weighty ones need a reason, and where the house wants it a second person."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.journal.actions import action
from academy.people.accounts.actions import create_person
from academy.people.accounts.models import Person, StaffRole
from academy.people.partners.models import Membership
from academy.people.permissions.access import allow
from academy.people.permissions.rules import ADMINISTRATOR, Actor
from academy.people.roles import rules
from academy.people.roles.models import RoleChange


@action
def enter_staff(
    email: str, *, name: str, roles: Iterable[str], reason: str, by: Actor, now: datetime
) -> tuple[Person, list[RoleChange]]:
    """Enter somebody new of the house, who signs in by a mailed code. Raises as create_person and set_roles do."""
    allow(by, "role.grant")
    wanted = list(roles)
    if not wanted:
        sentence = _("Choose at least one role.")
        raise Refused(sentence, fields={"roles": sentence})
    person = create_person(email, name=name, by=by, now=now)
    return person, set_roles(person.id, wanted, reason=reason, by=by, now=now)


@action
def set_roles(person_id: UUID, wanted: Iterable[str], *, reason: str, by: Actor, now: datetime) -> list[RoleChange]:
    """Give and take what makes a person's staff roles the wanted ones; says what changed, or waits to be confirmed.

    Raises NotFound, Refused for an unknown role or a missing reason, and Conflict for a partner's member, for the
    last administrator, and for a role that waits already.
    """
    allow(by, "role.grant")
    roles = list(wanted)
    if unknown := rules.unknown(roles):
        sentence = _("“%(role)s” is not a staff role.") % {"role": unknown[0]}
        raise Refused(sentence, fields={"roles": _("Choose from the list.")})
    person = _locked(person_id)
    given, taken = rules.difference(person.roles, roles)
    why = _reason(reason, given)
    if given:
        _check_belongs_nowhere(person)
    if ADMINISTRATOR in taken:
        _check_not_last(person)
    changes = [_ask(person, role, granted=True, reason=why, by=by, now=now) for role in given]
    changes += [_ask(person, role, granted=False, reason=why, by=by, now=now) for role in taken]
    _apply(person, [change for change in changes if change.decided_at is not None], now=now)
    return changes


@action
def confirm_role(change_id: UUID, *, by: Actor, now: datetime) -> RoleChange:
    """Give a role that another administrator asked for. Raises NotFound, Forbidden for whoever asked or is to have
    it, and Conflict when it was decided already.
    """
    change = _waiting(change_id, by)
    if by.person_id in (change.asked_by_id, change.person_id):
        raise Forbidden(_("A second person has to confirm this: neither who asked for it nor who is to have it."))
    person = _locked(change.person_id)
    _check_belongs_nowhere(person)
    _decide(change, by=by, now=now)
    _apply(person, [change], now=now)
    return change


@action
def decline_role(change_id: UUID, *, by: Actor, now: datetime) -> RoleChange:
    """Say no to a role that waits, or take one's own request back. Raises NotFound, and Conflict when decided."""
    change = _waiting(change_id, by)
    change.declined = True
    _decide(change, by=by, now=now)
    return change


def _locked(person_id: UUID) -> Person:
    """The person, under the lock of all administrators, so that two of them cannot withdraw each other at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select 1 from people_person where roles @> %s or id = %s order by id for no key update",
            [[ADMINISTRATOR], person_id],
        )
    found = Person.objects.filter(id=person_id, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def _reason(text: str, given: list[str]) -> str:
    reason = " ".join(text.split())
    if len(reason) > rules.LONGEST_REASON:
        sentence = _("Write at most %(most)s characters.") % {"most": rules.LONGEST_REASON}
        raise Refused(sentence, fields={"reason": sentence})
    if not reason and any(rules.needs_reason(role) for role in given):
        raise Refused(
            _("Finance and administrator need a reason."),
            fields={"reason": _("Write why this person needs it. It is kept with the change.")},
        )
    return reason


def _check_belongs_nowhere(person: Person) -> None:
    if Membership.objects.filter(person=person, left_at=None).exists():
        sentence = _("%(name)s is a member of a partner. Who works for the house belongs to none.")
        raise Conflict(sentence % {"name": person}, code="member_of_partner")


def _check_not_last(person: Person) -> None:
    others = Person.objects.filter(roles__contains=[ADMINISTRATOR], is_active=True).exclude(id=person.id)
    if not others.exists():
        sentence = _("The last administrator stays one. Make somebody else an administrator first.")
        raise Conflict(sentence, code="last_administrator")


def _ask(person: Person, role: str, *, granted: bool, reason: str, by: Actor, now: datetime) -> RoleChange:
    if RoleChange.objects.filter(person=person, role=role, decided_at=None).exists():
        sentence = _("That role waits to be confirmed already. Confirm or decline it first.")
        raise Conflict(sentence, code="waits_already")
    asker = by.person_id if Person.objects.filter(id=by.person_id).exists() else None
    waits = granted and asker is not None and rules.needs_second(role, four_eyes=settings.FOUR_EYES)
    change = RoleChange(person=person, role=role, granted=granted, reason=reason, asked_by_id=asker, asked_at=now)
    if not waits:
        change.decided_by_id, change.decided_at = asker, now
    change.save(force_insert=True)
    return change


def _waiting(change_id: UUID, by: Actor) -> RoleChange:
    allow(by, "role.grant")
    found = RoleChange.objects.select_for_update(no_key=True).filter(id=change_id).first()
    if found is None:
        raise NotFound
    if found.decided_at is not None:
        raise Conflict(_("This was decided already."), code="decided")
    return found


def _decide(change: RoleChange, *, by: Actor, now: datetime) -> None:
    change.decided_by_id, change.decided_at = by.person_id, now
    change.save(update_fields=["decided_by", "decided_at", "declined"])


def _apply(person: Person, changes: list[RoleChange], *, now: datetime) -> None:
    """Make decided changes true at once: in what the person may do, on its open pages, and by mail."""
    if not changes:
        return
    held = set(person.roles)
    for change in changes:
        (held.add if change.granted else held.discard)(change.role)
    person.roles = sorted(held)
    person.save(update_fields=["roles"])
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('access', %s)", [str(person.id)])
    _tell(person, changes, now=now)


def _tell(person: Person, changes: list[RoleChange], *, now: datetime) -> None:
    """The person is told, so that nobody gains or loses a role unnoticed."""
    with translation.override(person.language):
        lines = [
            (_("You are now: %(role)s.") if change.granted else _("You are no longer: %(role)s."))
            % {"role": StaffRole(change.role).label}
            for change in changes
        ]
        reasons = list(dict.fromkeys(change.reason for change in changes if change.reason))
        text = _("Hello,\n\n%(changes)s\n\n%(reason)sYour rooms are at %(url)s.\n") % {
            "changes": "\n".join(lines),
            "reason": _("Why: %(reason)s\n\n") % {"reason": reasons[0]} if reasons else "",
            "url": settings.ORIGIN,
        }
        subject = _("Your role at SISO Academy has changed")
    EmailMessage(subject, text, to=[person.email], headers={"Date": format_datetime(now)}).send()
