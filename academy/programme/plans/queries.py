"""Reading plans. A version never changes, so it is parsed once a process."""

import functools
from datetime import datetime
from uuid import UUID

from academy.programme.plans.models import PlanVersion
from academy.programme.plans.rules import Plan, parse_plan


@functools.lru_cache(maxsize=256)
def plan_version(version: UUID) -> Plan:
    """The plan of a version."""
    row = PlanVersion.objects.select_related("programme").get(pk=version)
    return parse_plan(row.written, reference=f"{row.programme.slug}-{row.number}", zone=row.programme.timezone)


def plan_by_reference(reference: str) -> Plan:
    """The plan that a decision names, such as `agencies-1`."""
    slug, _, number = reference.rpartition("-")
    return plan_version(PlanVersion.objects.values_list("id", flat=True).get(programme__slug=slug, number=int(number)))


def version_in_force(programme: UUID, at: datetime) -> UUID:
    """The version that a programme is judged by at an instant."""
    return (
        PlanVersion.objects.filter(programme_id=programme, effective_from__lte=at)
        .order_by("-effective_from", "-number")
        .values_list("id", flat=True)[0:1]
        .get()
    )
