"""The ways to a line for somebody who asks; another partner's line is not there."""

from uuid import UUID

from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions.models import CommissionLine


def line(by: Actor, verb: str, line_id: UUID) -> CommissionLine:
    """The line with its deal and plan, if `by` may do this to it. Raises NotFound or Forbidden."""
    rows = CommissionLine.objects.select_related("deal", "plan__programme", "partner")
    found = rows.filter(pk=line_id).first()
    if found is None:
        raise NotFound
    allow(by, verb, partner_id=found.partner_id)
    return found
