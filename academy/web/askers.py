"""Who is asking, as the models that pages know. Made from one row; a field that was not read loads when asked for."""

from functools import cache
from typing import Any, TypeVar

from django.db.models import Model

from academy.people.accounts.models import Person
from academy.people.accounts.queries import Asker
from academy.people.partners.models import Membership, Partner

M = TypeVar("M", bound=Model)


def person_of(asker: Asker) -> Person:
    """The person, as far as every page needs it."""
    known = {
        "id": asker.actor.person_id,
        "email": asker.email,
        "name": asker.name,
        "language": asker.language,
        "timezone": asker.timezone,
        "theme": asker.theme,
        "roles": sorted(asker.actor.roles),
        "welcomed_at": asker.welcomed_at,
    }
    return _loaded(Person, known)


def membership_of(asker: Asker) -> Membership | None:
    """The active membership with its partner; None for people of the house."""
    if asker.partner is None:
        return None
    place = asker.partner
    partner = _loaded(
        Partner,
        {
            "id": place.id,
            "slug": place.slug,
            "name": place.name,
            "kind": place.kind,
            "currency": place.currency,
            "timezone": place.timezone,
        },
    )
    membership = _loaded(
        Membership,
        {
            "id": place.membership_id,
            "partner_id": place.id,
            "person_id": asker.actor.person_id,
            "role": asker.actor.member_role,
        },
    )
    membership.partner = partner
    return membership


def _loaded(model: type[M], known: dict[str, Any]) -> M:
    """A row that was read in part."""
    names = _in_order(model, frozenset(known))
    return model.from_db("default", names, [known[name] for name in names])


@cache
def _in_order(model: type[Model], names: frozenset[str]) -> list[str]:
    """Django wants the values in the order of the model's fields."""
    return [field.attname for field in model._meta.concrete_fields if field.attname in names]
