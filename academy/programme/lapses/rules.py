"""What will be lost, and when: parts that are not deserved any more, and what time alone takes next."""

from dataclasses import dataclass
from datetime import datetime

from academy.core.criteria import Levels, comparisons, holds
from academy.core.periods import TICK, midnight_before
from academy.programme.evidence.rules import SOLD, Evidence, changes_at, is_moved_by_time, measure, measure_all
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import (
    Held,
    Part,
    as_of,
    deserved,
    fallen,
    grace_ends,
    judged_and_told,
    keeps,
    pinned_rank,
    rank_of_name,
    ranks,
)


@dataclass(frozen=True, slots=True)
class Risk:
    """A part that is held but not deserved any more: at `falls_at` it falls to the rank `to`, unless it is again.

    `least` is a rank between: what can at least be kept where all of it cannot.
    """

    part: Part
    to: int
    falls_at: datetime
    least: int | None = None


def at_risk(plan: Plan, held: Held, levels: Levels, currency: str, at: datetime) -> tuple[Risk, ...]:
    """Everything that is not deserved any more, the first to fall first. Nothing where a plan gives no grace."""
    held = as_of(held, at)
    now, earned = ranks(plan, held), deserved(plan, held, levels, currency)
    risks = [risk_of(plan, held, part, earned[part], at) for part in Part if earned[part] < now[part]]
    return tuple(sorted(risks, key=lambda risk: risk.falls_at)) if plan.grace_days else ()


def risk_of(plan: Plan, held: Held, part: Part, earned: int, at: datetime, *, least: int | None = None) -> Risk:
    """By the notice that runs out first; what nobody was told of yet falls a whole grace from now.

    Of `least`, a rank between what is held and what is earned: by the first notice that says that it is lost too.
    """
    told = [
        Risk(part, max(to, earned), warning.falls_at, least)
        for warning in held.warnings
        if warning.part is part and (to := rank_of_name(plan, part, warning.to)) is not None
    ]
    lower = [risk for risk in told if least is None or risk.to < least]
    return min(lower, key=lambda risk: risk.falls_at, default=Risk(part, earned, grace_ends(plan, at), least))


def without(plan: Plan, held: Held, risks: tuple[Risk, ...]) -> Held:
    """What would be held once all of these had fallen."""
    for risk in risks:
        held = fallen(plan, held, risk.part, risk.to)
    return held


def with_the_least(plan: Plan, held: Held, risks: tuple[Risk, ...]) -> Held:
    """What would be held once only what cannot be kept of these had fallen."""
    for risk in risks:
        if risk.least is not None:
            held = fallen(plan, held, risk.part, risk.least)
    return held


def next_risks(
    plan: Plan, held: Held, evidence: Evidence, at: datetime, *, until: datetime
) -> tuple[datetime, tuple[Risk, ...]]:
    """The first instant up to `until` at which time alone puts something at risk, and what; `until` when none does.

    For those who have nothing at risk now.
    """
    moment = _next_moment(plan, held, evidence, at)
    while moment is not None and moment <= until:
        levels = measure_all(plan, evidence, moment)
        if risks := at_risk(plan, held, levels, evidence.currency, moment):
            return moment, risks
        moment = _next_moment(plan, held, evidence, moment)
    return until, ()


def next_change_at(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> datetime | None:
    """When time alone may next change something, the end of a notice or a pin included; None when it never will."""
    ends = [warning.falls_at for warning in held.warnings if warning.falls_at > at]
    ends += [held.pin.until] if held.pin else []
    by_time = changes_at(plan, evidence, at)
    return min([*ends, by_time] if by_time else ends, default=None)


def held_then(plan: Plan, held: Held, evidence: Evidence, at: datetime, then: datetime) -> Held:
    """What will be held at a later instant if nothing more happens until then."""
    moment = next_change_at(plan, held, evidence, at)
    while moment is not None and moment <= then:
        held = judged_and_told(plan, held, measure_all(plan, evidence, moment), evidence.currency, moment)
        moment = next_change_at(plan, held, evidence, moment)
    return held


def tier_lost_at(plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime) -> datetime | None:
    """The first instant at which the tier would no longer be deserved if nothing more happened; None if never.

    Only what time moves is measured again on the way: windows and certificates.
    """
    rank = ranks(plan, held)[Part.TIER]
    tier = plan.tiers[rank]
    asked = [*comparisons(tier.stay), *comparisons(tier.enter)] if rank else []
    moving = {one.key: one for one in asked if is_moved_by_time(one)}.values()
    moment = _next_moment(plan, held, evidence, at) if moving or held.pin else None
    while moment is not None:
        then = {**levels, **{one.key: measure(one, plan, evidence, moment) for one in moving}}
        if pinned_rank(plan, as_of(held, moment)) < rank and not keeps(tier, then, evidence.currency):
            return moment
        moment = _next_moment(plan, held, evidence, moment)
    return None


def _next_moment(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> datetime | None:
    """The next instant at which time alone may change what is deserved: what is measured, or a pin that ends."""
    ends = held.pin.until if held.pin is not None and held.pin.until > at else None
    return min(filter(None, (changes_at(plan, evidence, at), ends)), default=None)


def safe_until(plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime) -> datetime | None:
    """Until when the tier is held if nothing more happens: a notice's end, or grace after it is lost. None: ever."""
    noticed = [warning.falls_at for warning in held.warnings if warning.part is Part.TIER]
    if noticed:
        return min(noticed)
    lost_at = tier_lost_at(plan, held, evidence, levels, at)
    return grace_ends(plan, lost_at) if lost_at else None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Sales that leave a window and take a tier with them: minor units where the metric is `won`, else clients.

    Of the `have` that count today, `leaves` are gone `by` that instant, the first at which the tier is not deserved
    any more if nothing more happens; `stays` is left of the `needs` that keep it. `on_the_day` says that all of it
    leaves on that day and none before.
    """

    tier: str
    metric: str
    window: str
    by: datetime
    have: int
    stays: int
    needs: int
    on_the_day: bool

    @property
    def leaves(self) -> int:
        """How much will be gone."""
        return self.have - self.stays


def leaving(
    plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime, *, lost_at: datetime
) -> Leaving | None:
    """What leaves its window by `lost_at` (see `tier_lost_at`) and takes the tier; None when no sales take it."""
    tier, currency = plan.tiers[ranks(plan, held)[Part.TIER]], evidence.currency
    kept_by = tier.stay if holds(tier.stay, levels, currency) else tier.enter
    for one in comparisons(kept_by):
        have, needs = levels.get(one.key, 0), one.needed(currency)
        if one.metric not in SOLD or have < needs:
            continue
        stays = measure(one, plan, evidence, lost_at)
        if stays < needs:
            eve = max(at, midnight_before(lost_at, plan.zone) - TICK)
            on_the_day = measure(one, plan, evidence, eve) == have
            return Leaving(tier.slug, one.metric, str(one.window), lost_at, have, stays, needs, on_the_day)
    return None
