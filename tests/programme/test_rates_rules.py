"""The rate, by the figures of the design: what is shown is what is paid."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.money import commission
from academy.programme.rates.rules import Rate, Step, StepKind, rate_of
from academy.programme.standing.rules import Held, rate

from .plans import PLAN, at_least, the_plan

POINTS = the_plan(bonus={"share": 5, "adds_points": True, "when": at_least("modules", 1)})
NOTHING_EXTRA = the_plan(bonus={"share": 0, "when": at_least("modules", 1)}, uplift={"each": 0, "most": 3})


@pytest.mark.parametrize(
    ("tier", "bonus", "uplifts", "basis_points"),
    [
        ("bronze", False, 0, 1000),
        ("silver", False, 0, 1150),
        ("silver", True, 0, 1208),  # 12.075 rounds half away from zero
        ("gold", False, 0, 1300),
        ("gold", True, 1, 1465),
        ("platinum", False, 0, 1500),
        ("platinum", True, 3, 1875),
        ("bronze", True, 3, 1350),
    ],
)
def test_the_default_rates(tier: str, bonus: bool, uplifts: int, basis_points: int) -> None:
    assert rate(PLAN, Held(tier, bonus, uplifts)).basis_points == basis_points


def test_a_deal_at_silver_with_bonus_pays_what_the_shown_rate_says() -> None:
    assert commission(1_840_000, rate(PLAN, Held("silver", bonus=True)).basis_points) == 222_272


def test_the_steps_are_the_arithmetic() -> None:
    assert rate(PLAN, Held("gold", True, 1)) == Rate(
        1465,
        "automation",
        (
            Step(StepKind.BASE, Fraction("0.10"), Fraction("0.10")),
            Step(StepKind.TIER, Fraction("1.30"), Fraction("0.13")),
            Step(StepKind.BONUS, Fraction("1.05"), Fraction("0.1365")),
            Step(StepKind.UPLIFT, Fraction("0.01"), Fraction("0.1465")),
        ),
    )


def test_what_changes_nothing_is_no_step() -> None:
    base = (Step(StepKind.BASE, Fraction("0.1"), Fraction("0.1")),)
    assert rate(PLAN, Held("bronze")) == Rate(1000, "automation", base)
    assert rate(NOTHING_EXTRA, Held("bronze", True, 3)) == Rate(1000, "automation", base)


def test_points_are_added_where_the_plan_says_so() -> None:
    assert rate(POINTS, Held("silver", bonus=True)) == Rate(
        1650,
        "automation",
        (
            Step(StepKind.BASE, Fraction("0.10"), Fraction("0.10")),
            Step(StepKind.TIER, Fraction("1.15"), Fraction("0.115")),
            Step(StepKind.BONUS, Fraction("0.05"), Fraction("0.165")),
        ),
    )


def test_the_cap_comes_last() -> None:
    dear = the_plan(base={"audit": 22}, default_product="audit")
    assert rate(dear, Held("platinum", True, 3)).basis_points == 2500
    assert rate(dear, Held("platinum", True, 3)).steps[-1] == Step(StepKind.CAP, Fraction("0.25"), Fraction("0.25"))
    # Exactly at the cap nothing is cut.
    at_cap = the_plan(base={"audit": 25}, default_product="audit")
    assert rate(at_cap, Held("bronze")).steps == (Step(StepKind.BASE, Fraction("0.25"), Fraction("0.25")),)


@pytest.mark.parametrize(("product", "basis_points"), [(None, 1150), ("website", 920), ("ai-assistant", 1380)])
def test_each_product_has_its_base(product: str | None, basis_points: int) -> None:
    found = rate(PLAN, Held("silver"), product)
    assert (found.basis_points, found.product) == (basis_points, product or "automation")


def test_an_unknown_product_has_no_rate() -> None:
    with pytest.raises(KeyError, match="hosting"):
        rate(PLAN, Held("silver"), "hosting")


percentages = st.decimals(0, 100, places=2).map(str)


@given(percentages, percentages, percentages, st.booleans(), st.booleans(), st.integers(0, 3), st.integers(0, 3))
def test_a_rate_is_the_formula_rounded_once(
    base: str, share: str, cap: str, points: bool, bonus: bool, uplifts: int, rank: int
) -> None:
    changes: dict[str, Any] = {
        "base": {"any": base},
        "default_product": "any",
        "bonus": {"share": share, "adds_points": points, "when": at_least("modules", 1)},
        "cap": cap,
    }
    plan = the_plan(**changes)
    tier = plan.tiers[rank]
    exact = plan.base["any"] * tier.multiplier
    if bonus:
        exact = exact + plan.bonus if points else exact * (1 + plan.bonus)
    exact = min(plan.cap, exact + plan.uplift * uplifts)
    found = rate_of(plan, tier, bonus=bonus, uplifts=uplifts, product="any")
    assert abs(found.basis_points - exact * 10_000) <= Fraction(1, 2)
    assert found.steps[-1].result == exact
    assert 0 <= found.basis_points <= plan.cap * 10_000 + Fraction(1, 2)
