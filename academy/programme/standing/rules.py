"""Where a partner stands: tier, bonus, uplift and rate, from measured levels and what was held before.

Three parts are judged alike, each a rank on a ladder: the tier (its place), the bonus (0 or 1) and the uplift (how many
advanced certificates pay). A part rises at once. It falls only when a warning about it has run its grace, and never
further than that warning said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from academy.core.criteria import Levels, Verdict, comparisons, evaluate
from academy.core.money import half_away
from academy.programme.evidence.rules import Evidence, changes_at, is_moved_by_time, measure
from academy.programme.plans.rules import ADVANCED, Plan, Tier


class Part(StrEnum):
    """What a partner can gain and lose."""

    TIER = "tier"
    BONUS = "bonus"
    UPLIFT = "uplift"


@dataclass(frozen=True, slots=True)
class Warning:
    """A notice sent: this part falls to `to` at `falls_at` unless it is deserved again by then."""

    part: Part
    to: int
    sent_at: datetime
    falls_at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """What a partner has at an instant. `awaiting` is a tier whose criteria hold but which a person must confirm."""

    tier: str
    bonus: bool = False
    uplifts: int = 0
    warnings: tuple[Warning, ...] = ()
    approved: str | None = None
    awaiting: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data for the standing row and for a decision's inputs."""
        return {
            "tier": self.tier,
            "bonus": self.bonus,
            "uplifts": self.uplifts,
            "approved": self.approved,
            "awaiting": self.awaiting,
            "warnings": [
                {
                    "part": str(warning.part),
                    "to": warning.to,
                    "sent_at": warning.sent_at.isoformat(),
                    "falls_at": warning.falls_at.isoformat(),
                }
                for warning in self.warnings
            ],
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Held":
        """The inverse of `as_json`."""
        return cls(
            tier=written["tier"],
            bonus=written["bonus"],
            uplifts=written["uplifts"],
            approved=written["approved"],
            awaiting=written["awaiting"],
            warnings=tuple(
                Warning(
                    Part(warning["part"]),
                    warning["to"],
                    datetime.fromisoformat(warning["sent_at"]),
                    datetime.fromisoformat(warning["falls_at"]),
                )
                for warning in written["warnings"]
            ),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging concludes: what is held now, and the notices (part, from rank, to rank) that are due."""

    held: Held
    due_warnings: tuple[tuple[Part, int, int], ...]


def judge(plan: Plan, held: Held, levels: Levels, currency: str, at: datetime) -> Judged:
    """Apply the plan at one instant. The same inputs always conclude the same."""
    tier, awaiting = _deserved_tier(plan, held, levels, currency)
    deserved = {
        Part.TIER: tier,
        Part.BONUS: int(evaluate(plan.bonus_when, levels, currency).met),
        Part.UPLIFT: min(levels.get(ADVANCED.key, 0), plan.uplift_most),
    }
    now = ranks(plan, held)
    after: dict[Part, int] = {}
    warnings: list[Warning] = []
    due: list[tuple[Part, int, int]] = []
    for part in Part:
        open_warnings = [warning for warning in held.warnings if warning.part is part]
        after[part], kept, warn_to = _settle(now[part], deserved[part], open_warnings, at, plan.grace_days)
        warnings += kept
        if warn_to is not None:
            due.append((part, after[part], warn_to))
    tier_now = plan.tiers[after[Part.TIER]].slug
    settled = Held(
        tier=tier_now,
        bonus=bool(after[Part.BONUS]),
        uplifts=after[Part.UPLIFT],
        warnings=tuple(sorted(warnings, key=lambda warning: (warning.falls_at, warning.part))),
        approved=None if tier_now == held.approved else held.approved,
        awaiting=awaiting,
    )
    return Judged(settled, tuple(due))


def _settle(
    now: int, deserved: int, warnings: list[Warning], at: datetime, grace_days: int
) -> tuple[int, list[Warning], int | None]:
    """One part: its rank after this instant, the warnings still open, and the rank to warn of, if any."""
    if deserved >= now:
        return deserved, [], None
    if grace_days == 0:
        return deserved, [], None
    # What is deserved may have risen since a warning: nothing falls further than it must.
    softened = [replace(warning, to=max(warning.to, deserved)) for warning in warnings]
    run_out = [warning.to for warning in softened if warning.falls_at <= at]
    rank = min([now, *run_out])
    still_open = [warning for warning in softened if warning.falls_at > at and warning.to < rank]
    announced = min([rank, *(warning.to for warning in still_open)])
    return rank, still_open, deserved if deserved < announced else None


def _deserved_tier(plan: Plan, held: Held, levels: Levels, currency: str) -> tuple[int, str | None]:
    """The rank deserved, and a higher tier that only waits for a person's word."""
    now = ranks(plan, held)[Part.TIER]
    awaiting = None
    for rank in range(len(plan.tiers) - 1, now, -1):
        tier = plan.tiers[rank]
        if evaluate(tier.enter, levels, currency).met:
            if not tier.approve or held.approved == tier.slug:
                return rank, awaiting
            awaiting = awaiting or tier.slug
    for rank in range(now, 0, -1):
        if evaluate(plan.tiers[rank].stay, levels, currency).met:
            return rank, awaiting
    return 0, awaiting


def ranks(plan: Plan, held: Held) -> dict[Part, int]:
    """What is held, as a rank a part. A tier that a new plan no longer has counts as its lowest."""
    known = {tier.slug: rank for rank, tier in enumerate(plan.tiers)}
    return {Part.TIER: known.get(held.tier, 0), Part.BONUS: int(held.bonus), Part.UPLIFT: held.uplifts}


def warned(held: Held, part: Part, to: int, sent_at: datetime, falls_at: datetime) -> Held:
    """What is held once a notice about it was sent."""
    return replace(held, warnings=(*held.warnings, Warning(part, to, sent_at, falls_at)))


def grace_ends(plan: Plan, sent_at: datetime) -> datetime:
    """When a part falls of which the partner was told then."""
    return sent_at + timedelta(days=plan.grace_days)


def approved(held: Held, tier: str) -> Held:
    """What is held once a person has confirmed a rise."""
    return replace(held, approved=tier)


def fallen(plan: Plan, held: Held, part: Part, to: int) -> Held:
    """What would be held after a part fell to a rank."""
    match part:
        case Part.TIER:
            return replace(held, tier=plan.tiers[to].slug)
        case Part.BONUS:
            return replace(held, bonus=bool(to))
        case Part.UPLIFT:
            return replace(held, uplifts=to)


def name_of_rank(plan: Plan, part: Part, rank: int) -> str | int:
    """A tier's slug, or the number that bonus and uplift are."""
    return plan.tiers[rank].slug if part is Part.TIER else rank


def cause_of_tier(plan: Plan, old: Held, new: Held, before: Levels, after: Levels, at: datetime) -> str:
    """Why a tier changed, as a code: what was measured differently, an approval, a grace that ended, or the plan."""
    falling = ranks(plan, new)[Part.TIER] < ranks(plan, old)[Part.TIER]
    if falling and any(warning.part is Part.TIER and warning.falls_at <= at for warning in old.warnings):
        return "grace_ended"
    if old.approved == new.tier:
        return "approved"
    tier = plan.tier(old.tier if falling and old.tier in {tier.slug for tier in plan.tiers} else new.tier)
    for comparison in comparisons(tier.stay if falling else tier.enter):
        if before.get(comparison.key, 0) != after.get(comparison.key, 0):
            return "people" if comparison.who is not None else comparison.metric
    return "plan"


def causes_of_rate(old: Held, new: Held) -> list[str]:
    """Which parts moved the rate; `plan` when none of them did."""
    moved = [
        str(part)
        for part, same in (
            (Part.TIER, old.tier == new.tier),
            (Part.BONUS, old.bonus == new.bonus),
            (Part.UPLIFT, old.uplifts == new.uplifts),
        )
        if not same
    ]
    return moved or ["plan"]


def tier_lost_at(plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime) -> datetime | None:
    """The first instant at which the tier would no longer be deserved if nothing more happened; None if never.

    Only what time moves is measured again on the way: windows and certificates.
    """
    stay = plan.tiers[ranks(plan, held)[Part.TIER]].stay
    moving = [comparison for comparison in comparisons(stay) if is_moved_by_time(comparison)]
    if not moving:
        return None
    moment = changes_at(plan, evidence, at)
    while moment is not None:
        then = {**levels, **{one.key: measure(one, plan, evidence, moment) for one in moving}}
        if not evaluate(stay, then, evidence.currency).met:
            return moment
        moment = changes_at(plan, evidence, moment)
    return None


def safe_until(plan: Plan, held: Held, evidence: Evidence, levels: Levels, at: datetime) -> datetime | None:
    """Until when the tier is held if nothing more happens: a notice's end, or grace after it is lost. None: for ever."""
    noticed = [warning.falls_at for warning in held.warnings if warning.part is Part.TIER]
    if noticed:
        return min(noticed)
    lost_at = tier_lost_at(plan, held, evidence, levels, at)
    return lost_at + timedelta(days=plan.grace_days) if lost_at else None


class StepKind(StrEnum):
    """A line of the rate's arithmetic."""

    BASE = "base"
    TIER = "tier"
    BONUS = "bonus"
    UPLIFT = "uplift"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Step:
    """`value` is a share of one for base, uplift and cap, a factor for tier and bonus; `result` is the rate so far."""

    kind: StepKind
    value: Fraction
    result: Fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """What is shown, stored and paid, with the steps that lead to it."""

    basis_points: int
    product: str
    steps: tuple[Step, ...]


def rate(plan: Plan, held: Held, product: str | None = None) -> Rate:
    """The rate for deals won from now on.

    min(cap, base(product) x tier multiplier x (1 + training bonus) + certification uplift); exact until the one
    rounding at the end, half away from zero to a basis point.
    """
    product = product or plan.default_product
    so_far = plan.base[product]
    steps = [Step(StepKind.BASE, so_far, so_far)]
    multiplier = plan.tiers[ranks(plan, held)[Part.TIER]].multiplier
    if multiplier != 1:
        so_far *= multiplier
        steps.append(Step(StepKind.TIER, multiplier, so_far))
    if held.bonus and plan.bonus:
        so_far = so_far + plan.bonus if plan.bonus_adds_points else so_far * (1 + plan.bonus)
        steps.append(Step(StepKind.BONUS, plan.bonus if plan.bonus_adds_points else 1 + plan.bonus, so_far))
    if held.uplifts and plan.uplift:
        uplift = plan.uplift * held.uplifts
        so_far += uplift
        steps.append(Step(StepKind.UPLIFT, uplift, so_far))
    if so_far > plan.cap:
        so_far = plan.cap
        steps.append(Step(StepKind.CAP, plan.cap, so_far))
    return Rate(half_away(so_far * 10_000), product, tuple(steps))


@dataclass(frozen=True, slots=True)
class TierView:
    """The tier above, how near it is, and what is still missing."""

    tier: Tier
    verdict: Verdict


def next_tier(plan: Plan, held: Held, levels: Levels, currency: str) -> TierView | None:
    """What stands between a partner and the next rung; None at the top."""
    above = plan.above(plan.tiers[ranks(plan, held)[Part.TIER]].slug)
    return TierView(above, evaluate(above.enter, levels, currency)) if above else None
