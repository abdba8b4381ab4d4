"""The ways to a deal for somebody who asks; another partner's deal is not there."""

from uuid import UUID

from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.models import Claim, Deal


def deal(by: Actor, verb: str, deal_id: UUID) -> Deal:
    """The deal, if `by` may do this to it. Raises NotFound or Forbidden."""
    found = Deal.objects.filter(pk=deal_id).first()
    return _checked(by, verb, found)


def deal_of_source(by: Actor, verb: str, source: str, external_id: str) -> Deal:
    """The same by the source's own id."""
    found = Deal.objects.filter(source=source, external_id=external_id).first()
    return _checked(by, verb, found)


def _checked(by: Actor, verb: str, found: Deal | None) -> Deal:
    if found is None:
        raise NotFound
    allow(by, verb, partner_id=found.partner_id)
    return found


def claim(by: Actor, verb: str, claim_id: UUID) -> Claim:
    """The claim, if `by` may do this. Raises NotFound or Forbidden."""
    allow(by, verb)
    found = Claim.objects.select_related("deal").filter(pk=claim_id).first()
    if found is None:
        raise NotFound
    return found
