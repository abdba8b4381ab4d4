"""Who carries what, on whom a tier hangs, and who closes its gaps with the least effort."""

from typing import Any

import pytest

from academy.programme.evidence.rules import Evidence
from academy.programme.outlook.rules import Offer
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held
from academy.programme.team.rules import Share, columns, effort, hangs_on

from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, offer, sales, the_plan, tiers

TEN = dict.fromkeys(CORE, 10)
BOTH = evidence({"ann": CORE[:4], "bob": CORE[2:6]}, {"ann": {ADVANCED[0]: None}}, sold=sales(*[100_000] * 12))


def shares(found: Evidence, plan: Plan = PLAN, rank: int = 2) -> list[tuple[str | None, bool, dict[str, Share]]]:
    return [
        (one.verdict.metric, one.verdict.met, dict(one.shares)) for one in columns(plan, plan.tiers[rank], found, AT)
    ]


def test_each_requirement_says_what_everybody_brings_and_what_nobody_else_has() -> None:
    assert shares(BOTH) == [
        ("core_modules", False, {"ann": Share(4, 2), "bob": Share(4, 2)}),
        ("won", False, {}),
        ("advanced_certificates", True, {"ann": Share(1, 1), "bob": Share(0, 0)}),
        ("active_clients", True, {}),
    ]


def test_of_people_each_one_counts_alone() -> None:
    found = evidence({"ann": CORE})
    assert shares(found, rank=3)[-1] == ("people", False, {"ann": Share(1, 1), "bob": Share(0, 0)})


def hanging(found: Evidence, held: str = "silver") -> list[tuple[str, list[tuple[str | None, int]]]]:
    return [
        (one.person, [(leaf.metric, leaf.gap) for leaf in one.missing]) for one in hangs_on(PLAN, Held(held), found, AT)
    ]


@pytest.mark.parametrize(
    ("found", "held", "expected"),
    [
        (BOTH, "silver", [("ann", [("core_modules", 2)]), ("bob", [("core_modules", 2)])]),
        (
            evidence({"ann": CORE[:6], "bob": CORE[5:6]}, sold=sales(2_000_000)),
            "silver",
            [("ann", [("core_modules", 5)])],
        ),
        (
            evidence({"ann": CORE[:6], "bob": CORE[:1]}, members=["ann", "bob", "cyd"], sold=sales(2_000_000)),
            "silver",
            [("ann", [("core_modules", 5)])],
        ),
        (evidence({"ann": CORE[:6], "bob": CORE[:6]}, sold=sales(2_000_000)), "silver", []),
        (evidence({"ann": CORE[:6]}, members=["ann"], sold=sales(2_000_000)), "silver", []),
        (evidence({"ann": CORE[:3]}, sold=sales(2_000_000)), "silver", []),
        (BOTH, "bronze", []),
    ],
    ids=["on both", "on one", "on one of three", "on nobody", "one alone", "lost anyway", "lowest tier"],
)
def test_on_whom_the_tier_hangs(found: Evidence, held: str, expected: Any) -> None:
    assert hanging(found, held) == expected


def test_the_one_with_most_to_lose_comes_first() -> None:
    found = evidence({"ann": CORE[:1], "bob": CORE[1:6]}, sold=sales(2_000_000))
    assert [person for person, _ in hanging(found)] == ["bob", "ann"]


def way(
    found: Evidence, ahead: Offer, rank: int = 1, plan: Plan = PLAN
) -> tuple[tuple[str, ...], int, list[tuple[str | None, int]]] | None:
    made = effort(plan, plan.tiers[rank], found, ahead, AT)
    if made is None:
        return None
    return made.modules, made.minutes, [(leaf.metric, leaf.gap) for leaf in made.missing]


def test_the_shortest_modules_that_nobody_has_close_the_gap() -> None:
    found = evidence({"bob": CORE[:4]}, sold=sales(2_000_000))
    ahead = offer({**TEN, CORE[7]: 3, CORE[9]: 4, CORE[0]: 1})
    assert way(found, ahead) == (tuple(sorted([CORE[7], CORE[9]])), 7, [])


def test_what_only_sales_can_close_stays_named() -> None:
    found = evidence({"bob": CORE[:5]}, sold=sales(400_000))
    assert way(found, offer(TEN)) == ((min(CORE[5:]),), 10, [("won", 600_000)])


def test_a_certificate_s_modules_are_chosen_first_since_they_count_twice() -> None:
    found = evidence({"bob": CORE[:10]}, sold=sales(*[900_000] * 5))
    ahead = offer({**TEN, "extra": 5}, {ADVANCED[0]: [*CORE[10:], "extra"], ADVANCED[1]: [*CORE[:9]], "plain": ["x"]})
    assert way(found, ahead, rank=2) == (tuple(sorted([*CORE[10:], "extra"])), 25, [])


def test_a_certificate_that_a_colleague_holds_brings_nothing_new() -> None:
    found = evidence({"bob": CORE}, {"bob": {ADVANCED[0]: None}}, sold=sales(*[3_000_000] * 5))
    ahead = offer({**TEN, "extra": 5}, {ADVANCED[0]: ["extra"]})
    # Two more certificates are needed and none is offered; Ann can still be the second with all core modules.
    assert way(found, ahead, rank=3) == (tuple(sorted(CORE)), 120, [("advanced_certificates", 2)])


def test_whoever_counts_already_has_nothing_to_add() -> None:
    found = evidence({"ann": CORE}, {"bob": dict.fromkeys(ADVANCED)}, sold=sales(*[3_000_000] * 5))
    assert way(found, offer(TEN), rank=3) is None


@pytest.mark.parametrize("sold", [1, 2_000_000])
def test_where_learning_closes_nothing_there_is_no_way(sold: int) -> None:
    assert way(evidence({"bob": CORE[:6]}, sold=sales(sold)), offer(TEN)) is None


def test_named_modules_and_certificates_are_closed_too() -> None:
    enter = {"all": [at_least("modules", 2, only=["a", "b", "c"]), at_least("certificates", 1, only=["k"])]}
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": enter}))
    ahead = offer({"a": 9, "b": 2, "c": 3, "d": 1}, {"k": ["c", "d"], "other": ["a"]})
    assert way(evidence(), ahead, plan=plan) == (("b", "c", "d"), 6, [])


def test_people_are_counted_by_core_modules_only() -> None:
    who = {"people": {"all": [at_least("core_modules", 1), at_least("certificates", 1)]}, "value": 1}
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": who}))
    # Having the core module is not enough: what brings the level no nearer is no way.
    assert way(evidence(), offer({CORE[0]: 5, CORE[1]: 7}), plan=plan) is None
