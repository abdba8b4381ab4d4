"""Who has a second step at sign-in, and of which sort. For administrators, who can take away what was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator

from academy.core.errors import NotFound
from academy.people.accounts.models import Person
from academy.people.accounts.queries import person_by_address
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class SecondSteps:
    """A person, and what it needs at sign-in besides its password or code: allauth's words for each, in order."""

    person_id: UUID
    name: str
    email: str
    kinds: Sequence[str]


def second_steps_of(by: Actor, person_id: UUID) -> SecondSteps:
    """What one person has. Two queries. Raises NotFound, and Forbidden for whoever may not take it away."""
    allow(by, "second_step.forget")
    found = Person.objects.filter(id=person_id, is_active=True).first()
    if found is None:
        raise NotFound
    kinds = Authenticator.objects.filter(user=found).order_by("type").values_list("type", flat=True)
    return SecondSteps(found.pk, str(found), found.email, list(dict.fromkeys(kinds)))


def person_with_address(by: Actor, email: str) -> UUID | None:
    """Whose address this is; None for nobody's. Raises Forbidden."""
    allow(by, "second_step.forget")
    found = person_by_address(email.strip())
    return found.pk if found else None
