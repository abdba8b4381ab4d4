"""Reading standings. Verdicts and arithmetic are worked out again from the stored levels, which costs no query."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import bulk, reads
from academy.journal.actions import flush
from academy.programme.judging.rules import Before, Position
from academy.programme.plans.models import Clock
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, Rate, TierView, next_tier, rate


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a partner stands, as stored, with the plan it was judged by."""

    partner: UUID
    programme: UUID
    clock: str
    currency: str
    plan_id: UUID
    plan: Plan
    held: Held
    levels: Mapping[str, int]
    tier_since: datetime
    judged_at: datetime
    next_change_at: datetime | None
    safe_until: datetime | None
    at_risk: bool
    version: int
    before: Before

    def for_deals_at(self, at: datetime) -> Before:
        """What prices a deal won at an instant: what was held strictly before it."""
        return self.position.for_deals_at(at)

    @property
    def position(self) -> Position:
        """Where it stands as far as judging goes."""
        return Position(
            plan_id=self.plan_id,
            plan=self.plan,
            currency=self.currency,
            held=self.held,
            levels=self.levels,
            tier_since=self.tier_since,
            judged_at=self.judged_at,
            next_change_at=self.next_change_at,
            before=self.before,
            judges_once=self.clock == Clock.SOURCE,
        )

    def is_due(self, now: datetime) -> bool:
        """Whether something fell due before now that nobody has judged yet."""
        return self.next_change_at is not None and self.next_change_at < now and self.clock == Clock.LIVE

    @property
    def tier_lost_at(self) -> datetime | None:
        """When time alone would take what the tier rests on; None when it never does, or a notice says so already."""
        if self.safe_until is None or any(warning.part is Part.TIER for warning in self.held.warnings):
            return None
        return self.safe_until - timedelta(days=self.plan.grace_days)

    def rate(self, product: str | None = None) -> Rate:
        """The rate of today, with its steps."""
        return rate(self.plan, self.held, product)

    def next_tier(self) -> TierView | None:
        """What is missing for the next tier; None at the top."""
        return next_tier(self.plan, self.held, self.levels, self.currency)


# When time alone may next change something, a newer plan's beginning included. Plans are looked up and not stored
# with each standing: publishing one touches no partner. One that was published while a partner was judged, or for an
# instant at which it was judged already, is due at once.
DUE_AT = """
    least(s.next_change_at, (select min(greatest(v.effective_from, s.judged_at)) from programme_planversion v
                               where v.programme_id = s.programme_id and v.number > (
                                     select old.number from programme_planversion old where old.id = s.plan_id)))
"""

TIER_NAME = """
    (select coalesce((select tier->>'name' from jsonb_array_elements(plan.written->'tiers') tiers(tier)
                       where tier->>'slug' = standing.tier), initcap(standing.tier))
       from programme_standing standing join programme_planversion plan on plan.id = standing.plan_id
      where standing.partner_id = partner.id)
"""
"""SQL of what the tier of a partner is called, where `partner` is its row: for the frame around every page."""

# The columns that `stands_from` takes; ends before the condition that chooses partners.
STANDS = f"""
    select s.partner_id, s.programme_id, g.clock, p.currency, s.plan_id, s.held::json, s.levels::json, s.tier_since,
           s.judged_at, {DUE_AT}, s.safe_until, s.at_risk, s.version, s.before::json
      from programme_standing s
      join programme_programme g on g.id = s.programme_id
      join people_partner p on p.id = s.partner_id
"""  # noqa: S608 - constants

_DUE = f"""
    select partner_id, due_at from (
        select s.partner_id, {DUE_AT} as due_at from programme_standing s
          join programme_programme g on g.id = s.programme_id where g.clock = '{Clock.LIVE}') waiting
     where due_at < %s order by due_at limit %s
"""  # noqa: S608 - constants

_DUE_OF = f"""
    select partner_id from (
        select s.partner_id, {DUE_AT} as due_at from programme_standing s
          join programme_programme g on g.id = s.programme_id
         where g.clock = '{Clock.LIVE}' and s.partner_id = any(%s::uuid[])) waiting
     where due_at < %s order by partner_id
"""  # noqa: S608 - constants


_TOLD_UNTIL = f"""
    select max(s.judged_at) from programme_standing s join programme_programme g on g.id = s.programme_id
     where s.programme_id = %s and g.clock = '{Clock.SOURCE}'
"""  # noqa: S608 - constants


def stands(partner: UUID) -> Stands | None:
    """Where a partner stands now; None when it is in no programme. One query."""
    return stands_of([partner]).get(partner)


def stands_of(partners: Sequence[UUID]) -> dict[UUID, Stands]:
    """Where each of these partners stands, as stored; one query."""
    return {row[0]: stands_from(row) for row in reads.rows(f"{STANDS} where s.partner_id = any(%s)", [list(partners)])}


def stands_from(row: Sequence[Any]) -> Stands:
    """A standing from a row of STANDS."""
    partner, programme, clock, currency, plan, held, levels, since, judged_at, due_at, *rest = row
    safe_until, at_risk, version, before = rest
    return Stands(
        partner=partner,
        programme=programme,
        clock=clock,
        currency=currency,
        plan_id=plan,
        plan=plan_version(plan),
        held=Held.from_json(held),
        levels=levels,
        tier_since=since,
        judged_at=judged_at,
        next_change_at=due_at,
        safe_until=safe_until,
        at_risk=at_risk,
        version=version,
        before=Before.from_json(before),
    )


def latest_time(partner: UUID) -> datetime:
    """The latest effective time of a partner, what is not written yet included. It has one: somebody enrolled it."""
    flush()
    with connection.cursor() as cursor:
        cursor.execute("select max(effective_at) from journal_fact where partner = %s", [partner])
        latest: datetime = cursor.fetchone()[0]
    return latest


def present_of(stands: Stands, now: datetime) -> datetime:
    """The present as a partner's programme knows it: now, or the last instant of which its source has told.

    Nothing is measured beyond it. No query where the clock is live, else one.
    """
    return now if stands.clock == Clock.LIVE else min(now, told_until(stands.programme) or now)


def told_until(programme: UUID) -> datetime | None:
    """The last instant of which the source of a programme has told; None where the clock is live. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD_UNTIL, [programme])
        latest: datetime | None = cursor.fetchone()[0]
    return latest


def due_before(at: datetime, limit: int) -> list[UUID]:
    """Partners of programmes on the present clock for whom time alone may have changed something, longest first."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [at, limit])
        return [partner for partner, _ in cursor.fetchall()]


def due_of(partners: Collection[UUID], at: datetime) -> list[UUID]:
    """Those of these partners for whom time alone may have changed something strictly before an instant."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_OF, [bulk.ids(partners), at])
        return [partner for (partner,) in cursor.fetchall()]


def oldest_due() -> datetime | None:
    """When something first falls due, or fell due; long past means that nobody judges any more."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [datetime.max.replace(tzinfo=UTC), 1])
        row = cursor.fetchone()
    return row[1] if row else None


@dataclass(frozen=True, slots=True)
class Change:
    """A line of `what changed`: a fact of tier or rate about a partner."""

    kind: str
    numbers: Mapping[str, Any]
    effective_at: datetime
    pos: int


def changes(partner: UUID, *, since: datetime, limit: int) -> list[Change]:
    """What changed in a partner's tier and rate from an instant on, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select kind, numbers, effective_at, pos from journal_fact
             where partner = %s and kind in ('tier.changed', 'rate.changed', 'tier.warned')
               and effective_at >= %s and pos is not null
             order by pos desc limit %s
            """,
            [partner, since, limit],
        )
        return [Change(kind, json.loads(numbers), *rest) for kind, numbers, *rest in cursor.fetchall()]
