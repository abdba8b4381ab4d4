"""Reading claims: the cases of a deal, whichever side it is on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.models import Claim


@dataclass(frozen=True, slots=True)
class Case:
    """Two deals with one client: `deal` is the later, `against` the earlier. `outcome` is empty while it is open."""

    id: UUID
    deal: UUID
    against: UUID
    opened_at: datetime
    decide_by: datetime
    decided_at: datetime | None
    decided_by: str
    outcome: str
    reason: str


def cases_of(by: Actor, deal: UUID) -> list[Case]:
    """The cases of a deal, for the house alone, since they name two partners; one query. Raises Forbidden."""
    allow(by, "deal.see_any")
    found = Claim.objects.filter(Q(deal=deal) | Q(against=deal)).select_related("decided_by").order_by("opened_at")
    return [
        Case(
            one.pk,
            one.deal_id,
            one.against_id,
            one.opened_at,
            one.decide_by,
            one.decided_at,
            one.decided_by.name if one.decided_by else "",
            one.outcome,
            one.reason,
        )
        for one in found
    ]
