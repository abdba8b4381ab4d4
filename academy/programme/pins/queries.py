"""Reading pins, with the reason that a person gave."""

from uuid import UUID

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.pins.models import TierPin


def last_pin(by: Actor, partner: UUID) -> TierPin | None:
    """The pin of a partner that nobody has taken back or replaced, run out or not; one query. Raises Forbidden."""
    allow(by, "standing.see_any")
    return pin_of(partner)


def pin_of(partner: UUID) -> TierPin | None:
    """The same for whoever has just made it or taken it back. Asks no permission."""
    return TierPin.objects.select_related("pinned_by").filter(partner_id=partner, ended_at=None).first()
