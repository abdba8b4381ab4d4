"""Reading partners and who belongs to them."""

from academy.people.accounts.models import Person
from academy.people.partners.models import Membership


def open_membership(person: Person) -> Membership | None:
    """The membership that a person holds now, with its partner, in one query; None for people of the house."""
    return Membership.objects.select_related("partner").filter(person=person, left_at__isnull=True).first()
