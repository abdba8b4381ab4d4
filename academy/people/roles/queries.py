"""Who works for the house, what waits for a second person, and what changed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Max, Q, QuerySet

from academy.core.errors import NotFound
from academy.people.accounts.models import Person
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.people.roles.models import RoleChange


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Somebody of the house, or who had or is to have a role."""

    id: UUID
    name: str
    email: str
    roles: list[str]
    changed_at: datetime | None
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A role given, taken, or waiting."""

    id: UUID
    person_id: UUID
    person: str
    role: str
    granted: bool
    reason: str
    asked_by_id: UUID | None
    asked_by: str
    asked_at: datetime
    decided_by: str
    decided_at: datetime | None
    declined: bool


def staff_of_the_house(by: Actor) -> list[StaffLine]:
    """Everybody with a role, or with one in waiting, by name. One query. Raises Forbidden."""
    allow(by, "role.see")
    wanted = Q(roles__len__gt=0) | Q(role_changes__decided_at=None, role_changes__isnull=False)
    found = Person.objects.filter(wanted, is_active=True).annotate(
        changed_at=Max("role_changes__decided_at", filter=Q(role_changes__declined=False))
    )
    return [_line(one) for one in found.order_by("name", "email")]


def staff_member(by: Actor, person_id: UUID) -> StaffLine:
    """One person, who may have no role yet. Raises NotFound and Forbidden."""
    allow(by, "role.see")
    found = Person.objects.filter(id=person_id, is_active=True).annotate(
        changed_at=Max("role_changes__decided_at", filter=Q(role_changes__declined=False))
    )
    if (person := found.first()) is None:
        raise NotFound
    return _line(person)


def _line(person: Person) -> StaffLine:
    changed_at: datetime | None = person.changed_at  # type: ignore[attr-defined]  # annotated
    return StaffLine(person.id, str(person), person.email, list(person.roles), changed_at, person.last_login)


def waiting_changes(by: Actor) -> list[ChangeLine]:
    """What waits for a second person, oldest first. One query."""
    allow(by, "role.see")
    return _changes(RoleChange.objects.filter(decided_at=None).order_by("asked_at", "id"))


def latest_changes(by: Actor, *, person_id: UUID | None = None, limit: int = 30) -> list[ChangeLine]:
    """What was decided, newest first; of one person where it is named. One query."""
    allow(by, "role.see")
    found = RoleChange.objects.exclude(decided_at=None)
    if person_id is not None:
        found = found.filter(person_id=person_id)
    return _changes(found.order_by(F("decided_at").desc(), "-id")[:limit])


def _changes(found: QuerySet[RoleChange]) -> list[ChangeLine]:
    return [
        ChangeLine(
            id=one.id,
            person_id=one.person_id,
            person=str(one.person),
            role=one.role,
            granted=one.granted,
            reason=one.reason,
            asked_by_id=one.asked_by_id,
            asked_by=str(one.asked_by) if one.asked_by else "",
            asked_at=one.asked_at,
            decided_by=str(one.decided_by) if one.decided_by else "",
            decided_at=one.decided_at,
            declined=one.declined,
        )
        for one in found.select_related("person", "asked_by", "decided_by")
    ]
