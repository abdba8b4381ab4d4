"""Reading standings. Verdicts and arithmetic are worked out again from the stored levels, which costs no query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Least

from academy.programme.plans.models import Clock, PlanVersion
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.standing.models import Standing
from academy.programme.standing.rules import Held, Rate, TierView, next_tier, rate


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a partner stands, as stored, with the plan it was judged by."""

    partner: UUID
    programme: UUID
    clock: str
    currency: str
    plan: Plan
    held: Held
    levels: Mapping[str, int]
    tier_since: datetime
    judged_at: datetime
    next_change_at: datetime | None
    safe_until: datetime | None
    at_risk: bool
    version: int

    def rate(self, product: str | None = None) -> Rate:
        """The rate of today, with its steps."""
        return rate(self.plan, self.held, product)

    def next_tier(self) -> TierView | None:
        """What is missing for the next tier; None at the top."""
        return next_tier(self.plan, self.held, self.levels, self.currency)


_FIELDS = (
    "partner_id",
    "programme_id",
    "programme__clock",
    "partner__currency",
    "plan_id",
    "held",
    "levels",
    "tier_since",
    "judged_at",
    "due_at",
    "safe_until",
    "at_risk",
    "version",
)


def stands(partner: UUID) -> Stands | None:
    """Where a partner stands now; None when it is in no programme. One query."""
    row = _with_due().filter(pk=partner).values_list(*_FIELDS).first()
    return _stands(row) if row else None


def _stands(row: tuple[Any, ...]) -> Stands:
    return Stands(*row[:4], plan_version(row[4]), Held.from_json(row[5]), *row[6:])


def _with_due() -> QuerySet[Standing]:
    """Standings with `due_at`: when time alone may next change something, a newer plan's beginning included.

    Plans are looked up and not stored with each standing: publishing one touches no partner.
    """
    newer = (
        PlanVersion.objects.filter(programme=OuterRef("programme"), effective_from__gt=OuterRef("judged_at"))
        .order_by("effective_from")
        .values("effective_from")[:1]
    )
    return Standing.objects.annotate(due_at=Least("next_change_at", Subquery(newer)))


def due_before(at: datetime, limit: int) -> list[UUID]:
    """Partners of programmes on the present clock for whom time alone may have changed something, longest first."""
    due = _with_due().filter(due_at__lt=at, programme__clock=Clock.LIVE).order_by("due_at")
    return list(due.values_list("pk", flat=True)[:limit])


def oldest_due() -> datetime | None:
    """When something first falls due, or fell due; long past means that nobody judges any more."""
    due = _with_due().filter(due_at__isnull=False, programme__clock=Clock.LIVE).order_by("due_at")
    return due.values_list("due_at", flat=True).first()


@dataclass(frozen=True, slots=True)
class Change:
    """A line of `what changed`: a fact of tier or rate about a partner."""

    kind: str
    numbers: Mapping[str, Any]
    effective_at: datetime
    pos: int


def changes(partner: UUID, *, since: datetime, limit: int) -> list[Change]:
    """What changed in a partner's tier and rate, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select kind, numbers, effective_at, pos from journal_fact
             where partner = %s and kind in ('tier.changed', 'rate.changed', 'tier.warned')
               and effective_at > %s and pos is not null
             order by pos desc limit %s
            """,
            [partner, since, limit],
        )
        return [Change(kind, json.loads(numbers), *rest) for kind, numbers, *rest in cursor.fetchall()]


def stands_of(partners: Sequence[UUID]) -> dict[UUID, Stands]:
    """Where each of these partners stands, as stored; one query."""
    rows = _with_due().filter(pk__in=partners).values_list(*_FIELDS)
    return {row[0]: _stands(row) for row in rows}
