"""Reading plans. A version never changes, so it is parsed once a process."""

import functools
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from academy.core import reads
from academy.core.errors import NotFound
from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.plans.rules import Plan, Version, parse_plan


@functools.lru_cache(maxsize=256)
def plan_version(version: UUID) -> Plan:
    """The plan of a version."""
    row = PlanVersion.objects.select_related("programme").get(pk=version)
    return parse_plan(row.written, reference=f"{row.programme.slug}-{row.number}", zone=row.programme.timezone)


def plan_by_reference(reference: str) -> Plan:
    """The plan that a decision names, such as `agencies-1`."""
    slug, _, number = reference.rpartition("-")
    return plan_version(PlanVersion.objects.values_list("id", flat=True).get(programme__slug=slug, number=int(number)))


_IN_FORCE = """
    select id from programme_planversion where programme_id = %s and effective_from <= %s
     order by effective_from desc, number desc limit 1
"""


def version_in_force(programme: UUID, at: datetime) -> UUID:
    """The version that a programme is judged by at an instant. Raises PlanVersion.DoesNotExist before the first."""
    found = reads.row(_IN_FORCE, [programme, at])
    if found is None:
        raise PlanVersion.DoesNotExist
    version: UUID = found[0]
    return version


def versions_of(programme: UUID) -> tuple[Version, ...]:
    """Every version of a programme's plan, in the order in which they come into force."""
    rows = PlanVersion.objects.filter(programme_id=programme).order_by("effective_from", "number")
    return tuple(
        Version(pk, number, effective_from, plan_version(pk))
        for pk, number, effective_from in rows.values_list("id", "number", "effective_from")
    )


def begins_at(programme: UUID) -> datetime | None:
    """When the first plan of a programme comes into force; None before it has one."""
    rows = PlanVersion.objects.filter(programme_id=programme).order_by("effective_from")
    return rows.values_list("effective_from", flat=True).first()


def programme_called(slug: str) -> UUID:
    """The programme of this address. Raises NotFound."""
    found = Programme.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound
    return found


def zone_of(programme: UUID) -> ZoneInfo:
    """The zone in which a programme's periods are cut. Raises NotFound."""
    zone = Programme.objects.filter(pk=programme).values_list("timezone", flat=True).first()
    if zone is None:
        raise NotFound
    return ZoneInfo(zone)


def products_sold(at: datetime) -> list[str]:
    """Every product that some programme pays for by its plan of an instant, by name; one query, and parsed plans."""
    latest = PlanVersion.objects.filter(effective_from__lte=at).order_by("programme_id", "-effective_from", "-number")
    versions = latest.distinct("programme_id").values_list("id", flat=True)
    return sorted({product for version in versions for product in plan_version(version).base})
