"""What a notice says beside what falls and when: why, what keeps it, and what it costs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.standing.rules import Held, Part, Warning, all_told, fallen_by, grace_ends
from academy.programme.warnings.rules import Fall, leaf_from_json

from .plans import ADVANCED, AT, CORE, PLAN, evidence

LATER = AT + timedelta(days=400)


def gold(**changes: Any) -> Evidence:
    """All that Gold asks for: five clients of 10,000.00 each, bought in the last 90 days."""
    sold = Sales.of(Sale(AT - timedelta(days=10 + n), f"client-{n}", 1_000_000) for n in range(5))
    whole = evidence({"ann": CORE, "bob": CORE[:1]}, {"ann": {ADVANCED[0]: LATER}}, sold=sold)
    return replace(whole, **changes)


def said(part: Part, to: int, before: Evidence, now: Evidence, *, held: Held | None = None) -> dict[str, Any]:
    held = held or Held("gold", bonus=True, uplifts=1)
    return as_told([(part, 0, to)], before, now, held)[0]


def as_told(due: list[tuple[Part, int, int]], before: Evidence, now: Evidence, held: Held) -> list[dict[str, Any]]:
    """What the notices of one judgement say that are due beside those that are open."""
    falls_at = grace_ends(PLAN, AT)
    by_then = fallen_by(PLAN, all_told(PLAN, held, due, AT, falls_at), falls_at)
    had, have = (measure_all(PLAN, one, AT) for one in (before, now))
    return [Fall(PLAN, held, part, to, had, have, by_then).as_json(now, AT) for part, _, to in due]


def test_a_tier_that_loses_its_advanced_certificate() -> None:
    assert said(Part.TIER, 1, gold(), gold(held={})) == {
        "rate": 1465,
        "rate_then": 1308,
        "rate_with_all": 1308,
        "cause": "advanced_certificates",
        "before": {
            "core_modules@lifetime": len(CORE),
            "won@trailing:12m": 5_000_000,
            "advanced_certificates@now": 1,
            "active_clients@trailing:6m": 5,
        },
        "missing": [{"metric": "advanced_certificates", "window": "now", "have": 0, "need": 1}],
        "monthly": -26_167,  # 1.57 % of a third of 50,000.00
        "monthly_with_all": -26_167,
        "currency": "GBP",
    }


FIGURES = ("rate", "rate_then", "rate_with_all", "monthly", "monthly_with_all")


def figures(told: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    return [tuple(one[name] for name in FIGURES) for one in told]


@pytest.mark.parametrize("order", [1, -1])
def test_each_notice_of_a_judgement_knows_of_the_others_whichever_comes_first(order: int) -> None:
    """Of 50,000.00 in 90 days a third a month, by 1.57, 1.00 and 2.57 points."""
    due = [(Part.TIER, 2, 1), (Part.UPLIFT, 1, 0)]
    told = as_told(due[::order], gold(), gold(held={}), Held("gold", bonus=True, uplifts=1))
    assert figures(told)[::order] == [
        (1465, 1308, 1208, -26_167, -42_833),
        (1465, 1365, 1208, -16_667, -42_833),
    ]


@pytest.mark.parametrize(("later", "rate", "monthly"), [(-1, 1150, -52_500), (0, 1150, -52_500), (1, 1208, -42_833)])
def test_what_was_warned_of_before_counts_where_it_falls_by_then(later: int, rate: int, monthly: int) -> None:
    """The bonus was told of at some other time; it may fall before, with, or after tier and uplift."""
    open_one = Warning(Part.BONUS, 0, AT - timedelta(days=1), grace_ends(PLAN, AT) + timedelta(seconds=later))
    held = Held("gold", bonus=True, uplifts=1, warnings=(open_one,))
    told = as_told([(Part.TIER, 2, 1), (Part.UPLIFT, 1, 0)], gold(), gold(held={}), held)
    assert figures(told) == [
        (1465, 1308, rate, -26_167, monthly),
        (1465, 1365, rate, -16_667, monthly),
    ]


def test_sales_that_left_their_window_and_somebody_who_left_with_her_core_modules() -> None:
    sold = Sales.of([Sale(AT - timedelta(days=100), "client-0", 3_100_000)])
    found = said(Part.TIER, 0, gold(), gold(sales=sold, passed={}, members=frozenset({"bob"})))
    assert (found["cause"], found["monthly"]) == ("core_modules", 0)
    assert found["missing"] == [
        {"metric": "core_modules", "window": "lifetime", "have": 0, "need": len(CORE)},
        {"metric": "won", "window": "trailing:12m", "have": 3_100_000, "need": 3_200_000},
        {"metric": "advanced_certificates", "window": "now", "have": 0, "need": 1},
        {"metric": "active_clients", "window": "trailing:6m", "have": 1, "need": 4},
    ]


def test_people_of_platinum() -> None:
    both = evidence({"ann": CORE, "bob": CORE}, sold=gold().sales)
    found = said(Part.TIER, 2, both, replace(both, passed={"ann": frozenset(CORE)}), held=Held("platinum"))
    assert found["cause"] == "people"
    assert {"metric": "people", "window": "lifetime", "have": 1, "need": 2} in found["missing"]


@pytest.mark.parametrize(
    ("part", "now", "cause", "missing"),
    [
        (Part.BONUS, {"passed": {"ann": frozenset(CORE[1:])}}, "people", ("people", 0, 1)),
        (Part.UPLIFT, {"held": {}}, "advanced_certificates", ("advanced_certificates", 0, 1)),
    ],
)
def test_bonus_and_uplift(part: Part, now: dict[str, Any], cause: str, missing: tuple[str, int, int]) -> None:
    found = said(part, 0, gold(), gold(**now))
    (leaf,) = map(leaf_from_json, found["missing"])
    assert (found["cause"], (leaf.metric, leaf.have, leaf.need), leaf.met) == (cause, missing, False)
    assert leaf.progress * leaf.need == leaf.have


def test_where_nothing_fell_the_plan_asks_for_more() -> None:
    assert said(Part.TIER, 1, gold(held={}), gold(held={}))["cause"] == "plan"
