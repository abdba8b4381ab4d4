"""What a notice says beside what falls and when: why, what keeps it, and what it costs."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.standing.rules import Held, Part
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
    fall = Fall(PLAN, held, part, to, measure_all(PLAN, before, AT), measure_all(PLAN, now, AT))
    return fall.as_json(now, AT)


def test_a_tier_that_loses_its_advanced_certificate() -> None:
    assert said(Part.TIER, 1, gold(), gold(held={})) == {
        "rate": 1465,
        "rate_then": 1308,
        "cause": "advanced_certificates",
        "before": {
            "core_modules@lifetime": len(CORE),
            "won@trailing:12m": 5_000_000,
            "advanced_certificates@now": 1,
            "active_clients@trailing:6m": 5,
        },
        "missing": [{"metric": "advanced_certificates", "window": "now", "have": 0, "need": 1}],
        "monthly": -26_167,  # 1.57 % of a third of 50,000.00
        "currency": "GBP",
    }


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
