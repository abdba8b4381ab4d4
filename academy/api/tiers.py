"""Tiers in the shapes of `schemas.standing`: the one that is held, the next, and what leaves soon."""

from datetime import datetime
from typing import Any

from academy.api.schemas.standing import Awaiting, Leaving, NextTier, Tier
from academy.core.criteria import Levels
from academy.programme.evidence.rules import Evidence
from academy.programme.history.queries import Stood
from academy.programme.lapses.queries import leaving_of
from academy.programme.lapses.rules import Leaving as Leaves
from academy.programme.lapses.rules import leaving, tier_lost_at
from academy.programme.plans.rules import MONEY_METRICS, Plan
from academy.programme.promotions.rules import confirmed_by
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Held, Part, TierView, next_tier
from academy.programme.steps.rules import SOON
from academy.web import fall_words, sentences


def tier_of(found: Stands, evidence: Evidence, at: datetime, *, sees_amounts: bool) -> Tier:
    """A stored standing's tier."""
    leaves = leaving_of(found, evidence, at, within=SOON)
    return Tier(
        current=sentences.tier_name(found.plan, found.held.tier),
        since=found.tier_since,
        safe_until=found.safe_until,
        next=next_tier_of(found.next_tier(), sees_amounts=sees_amounts),
        awaiting=awaiting(found.plan, found.held),
        at_risk=found.at_risk,
        leaving=shape_of_leaving(leaves, found.plan, found.currency, sees_amounts=sees_amounts),
    )


def leaves_soon(plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime) -> Leaves | None:
    """The same for a standing that is stored nowhere."""
    if any(warning.part is Part.TIER for warning in held.warnings):
        return None
    lost_at = tier_lost_at(plan, held, evidence, levels, at)
    if lost_at is None or lost_at > at + SOON:
        return None
    return leaving(plan, held, evidence, levels, at, lost_at=lost_at)


def shape_of_leaving(one: Leaves | None, plan: Plan, currency: str, *, sees_amounts: bool) -> Leaving | None:
    """What leaves its window and takes the tier, with its figures for those who may see amounts."""
    if one is None:
        return None
    shows = sees_amounts or one.metric not in MONEY_METRICS
    return Leaving(
        metric=one.metric,
        window=one.window,
        by=one.by,
        have=one.have if shows else None,
        leaves=one.leaves if shows else None,
        stays=one.stays if shows else None,
        needs=one.needs if shows else None,
        text=fall_words.leaving(one, plan, currency, sees_amounts=sees_amounts),
    )


def tier_then(it: Stood, currency: str) -> Tier:
    """The tier of a standing that was worked out again, as its staff sees it."""
    return Tier(
        current=sentences.tier_name(it.plan, it.held.tier),
        since=it.tier_since,
        safe_until=it.safe_until,
        next=next_tier_of(next_tier(it.plan, it.held, it.levels, currency), sees_amounts=True),
        awaiting=awaiting(it.plan, it.held),
        at_risk=bool(it.held.warnings),
        leaving=shape_of_leaving(
            leaves_soon(it.plan, it.held, it.evidence, it.levels, it.at), it.plan, currency, sees_amounts=True
        ),
    )


def awaiting(plan: Plan, held: Held) -> Awaiting | None:
    """The tier that waits for a word of the house, and by when it comes; None where none does."""
    if held.awaiting is None:
        return None
    since = held.awaiting_since
    by = confirmed_by(since, plan.zone) if since else None
    return Awaiting(name=sentences.tier_name(plan, held.awaiting), since=since, confirmed_by=by)


def next_tier_of(view: TierView | None, *, sees_amounts: bool) -> NextTier | None:
    """The next tier with what is missing; sums only for those who may see amounts. None at the top."""
    if view is None:
        return None
    verdict = (view.verdict if sees_amounts else view.verdict.coarse(MONEY_METRICS)).as_json()
    return NextTier(
        name=view.tier.name,
        met=view.verdict.met,
        progress=verdict["progress"],
        verdict=verdict if sees_amounts else _without_sums(verdict),
    )


def _without_sums(verdict: dict[str, Any]) -> dict[str, Any]:
    if verdict.get("metric") in MONEY_METRICS:
        return {**verdict, "have": None, "need": None, "gap": None}
    if "parts" in verdict:
        return {**verdict, "parts": [_without_sums(part) for part in verdict["parts"]]}
    return verdict
