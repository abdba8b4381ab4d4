"""Reading claims: the cases of a deal, whichever side it is on, and those of the whole house."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from uuid import UUID

from django.db.models import Q

from academy.core.errors import NotFound
from academy.core.pagination import Page, decode_place, page
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.rules import OPEN, Registration, Stage


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


class Holder(Enum):
    """Who has a client once a deal with it is over, as far as that deal's partner is told."""

    NOBODY = "nobody"
    ITSELF = "itself"
    """Another deal of the same partner is open."""
    ANOTHER = "another"
    """A deal of another partner, never said which, stands in everybody's way."""


def who_has_the_client(of: Deal, at: datetime) -> Holder:
    """Who has the client of a deal that is over; one query. Asks no permission."""
    others = Deal.objects.filter(client_id=of.client_id, stage__in=OPEN)
    found = list(others.values_list("partner_id", "stage", "protected_until"))
    if any(partner == of.partner_id for partner, _stage, _until in found):
        return Holder.ITSELF
    held = any(Registration(Stage(stage), until).holds_its_client(at) for _partner, stage, until in found)
    return Holder.ANOTHER if held else Holder.NOBODY


def cases_of(by: Actor, deal: UUID) -> list[Case]:
    """The cases of a deal, for the house alone, since they name two partners; one query. Raises Forbidden."""
    allow(by, "deal.see_any")
    found = Claim.objects.filter(Q(deal=deal) | Q(against=deal)).select_related("decided_by").order_by("opened_at")
    return [_case(one) for one in found]


def cases(by: Actor, *, is_open: bool, cursor: str | None = None, limit: int = 50) -> Page[Case]:
    """The cases of the house that are open, the oldest first, or those that ended; one query. Raises Forbidden."""
    allow(by, "deal.see_any")
    found = Claim.objects.filter(decided_at__isnull=is_open).select_related("decided_by").order_by("opened_at", "id")
    if after := decode_place(cursor):
        at, last = after
        found = found.filter(Q(opened_at__gt=at) | Q(opened_at=at, id__gt=last))
    return page([_case(one) for one in found[: limit + 1]], limit, lambda one: (one.opened_at.isoformat(), str(one.id)))


def case_with(key: UUID) -> Case:
    """One case; one query. Asks no permission. Raises NotFound."""
    found = Claim.objects.filter(pk=key).select_related("decided_by").first()
    if found is None:
        raise NotFound
    return _case(found)


def _case(one: Claim) -> Case:
    return Case(
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
