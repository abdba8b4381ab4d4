"""The rate: min(cap, base(product) x tier multiplier x (1 + training bonus) + certification uplift).

Exact until the one rounding at the end, half away from zero to a basis point.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from academy.core.money import half_away
from academy.programme.plans.rules import Plan, Tier


class StepKind(StrEnum):
    """A line of the rate's arithmetic."""

    BASE = "base"
    TIER = "tier"
    BONUS = "bonus"
    UPLIFT = "uplift"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Step:
    """`value` is a share of one for base, uplift and cap, else a factor; `result` is the rate so far.

    A bonus that adds points is a share too.
    """

    kind: StepKind
    value: Fraction
    result: Fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """What is shown, stored and paid, with the steps that lead to it."""

    basis_points: int
    product: str
    steps: tuple[Step, ...]


def rate_of(plan: Plan, tier: Tier, *, bonus: bool, uplifts: int, product: str) -> Rate:
    """The rate of a product; what changes nothing is no step. Raises KeyError for an unknown product."""
    so_far = plan.base_of(product)
    steps = [Step(StepKind.BASE, so_far, so_far)]
    if tier.multiplier != 1:
        so_far *= tier.multiplier
        steps.append(Step(StepKind.TIER, tier.multiplier, so_far))
    if bonus and plan.bonus:
        value = plan.bonus if plan.bonus_adds_points else 1 + plan.bonus
        so_far = so_far + value if plan.bonus_adds_points else so_far * value
        steps.append(Step(StepKind.BONUS, value, so_far))
    if uplifts and plan.uplift:
        so_far += plan.uplift * uplifts
        steps.append(Step(StepKind.UPLIFT, plan.uplift * uplifts, so_far))
    if so_far > plan.cap:
        so_far = plan.cap
        steps.append(Step(StepKind.CAP, plan.cap, so_far))
    return Rate(half_away(so_far * 10_000), product, tuple(steps))
