"""Founding programmes and publishing plans."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.errors import NotFound, Refused, Text
from academy.core.fingerprints import fingerprint
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.plans import queries
from academy.programme.plans.models import Clock, PlanVersion, Programme
from academy.programme.plans.rules import Plan, PlanError, needs_longer_notice, parse_plan, why_not_after


@action
def found_programme(slug: str, *, name: str, timezone: str, clock: str = Clock.LIVE) -> UUID:
    """Make a programme, or return the one of that slug."""
    programme, _ = Programme.objects.get_or_create(
        slug=slug, defaults={"name": name, "timezone": timezone, "clock": clock}
    )
    return programme.pk


@action
def publish_plan(
    actor: Actor | None,
    programme: UUID,
    written: Mapping[str, Any],
    *,
    reason: str,
    effective_from: datetime,
    now: datetime,
) -> UUID:
    """Publish the next version of a plan. `actor` is None when the house publishes its own, at set-up.

    Raises Refused when the plan cannot be read, begins in the past, or lowers a figure without the grace's notice.
    """
    if actor is not None:
        allow(actor, "plan.publish")
    with connection.cursor() as cursor:
        cursor.execute(
            "select slug, timezone, clock from programme_programme where id = %s for no key update", [programme]
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such programme.")
    newest = PlanVersion.objects.filter(programme_id=programme).order_by("-number").first()
    number = newest.number + 1 if newest else 1
    try:
        plan = parse_plan(written, reference=f"{row[0]}-{number}", zone=row[1])
    except PlanError as wrong:
        raise Refused(wrong.args[0]) from None
    if plan.grace_days == 0 and row[2] == Clock.LIVE:
        raise Refused("Partners of this programme must be warned: let the grace be 30 days or more.")
    if newest is not None:
        _check_notice(queries.plan_version(newest.pk), plan, newest, effective_from, now)
    version = PlanVersion.objects.create(
        id=uuid7(),
        programme_id=programme,
        number=number,
        written=dict(written),
        effective_from=effective_from,
        published_at=now,
        published_by_id=actor.person_id if actor else None,
        reason=reason,
    )
    record(
        "plan.published",
        at=now,
        now=now,
        thing=Thing("plan", version.pk),
        numbers={
            "programme": str(programme),
            "number": number,
            "effective_from": effective_from.isoformat(),
            "fingerprint": fingerprint(written),
        },
        key=f"plan.published:{version.pk}",
    )
    return version.pk


def _check_notice(old: Plan, new: Plan, newest: PlanVersion, effective_from: datetime, now: datetime) -> None:
    if effective_from < now or effective_from <= newest.effective_from:
        raise Refused("A plan begins now or later, and after the version before it.")
    if why_not := why_not_after(old, new):
        raise Refused(why_not)
    notice = timedelta(days=old.grace_days)
    if needs_longer_notice(old, new) and effective_from < now + notice:
        raise Refused(
            Text(
                "This plan lowers a figure, so it needs %(grace_days)s days' notice: let it begin later.",
                grace_days=old.grace_days,
            )
        )
