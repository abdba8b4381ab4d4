"""Outlooks: what is promised is what would be, and no shorter way to it was tried."""

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.outlook.rules import Offer, Outlook, completed_by, look_ahead, monthly, offer_after, suppose
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, TierView, judge, next_tier, ranks, rate
from academy.programme.steps.rules import MOST_SETS, NextStep, _sets, missing_sales, next_step, raising

from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, offer, sales, the_plan, tiers

DAY = timedelta(days=1)
ALL_MONEY = ("GBP", "EUR", "USD")


def won(amount: int, window: str = "trailing:12m") -> dict[str, Any]:
    return at_least("won", dict.fromkeys(ALL_MONEY, amount), window=window)


TEN = dict.fromkeys(CORE, 10)
GOLD_BUT_ONE = evidence({"ann": CORE[1:]}, {"bob": {ADVANCED[0]: None}}, sold=sales(*[900_000] * 5))


BRONZE = Held("bronze")


def step(plan: Plan, known: Evidence, ahead: Offer, held: Held = BRONZE) -> NextStep | None:
    """The next step of a partner who holds what it deserves."""
    return raising(plan, held, known, ahead, AT)


def test_one_module_from_gold() -> None:
    held = Held("silver", False, 1)
    found = step(PLAN, GOLD_BUT_ONE, offer(TEN), held)
    assert found is not None
    assert (found.modules, found.credentials, found.minutes) == ((CORE[0],), (), 10)
    assert (found.outlook.held, found.outlook.basis_points) == (Held("gold", True, 1), 1465)
    # 45,000.00 in 90 days is 15,000.00 a month, times 14.65 % less 12.50 %.
    assert rate(PLAN, held).basis_points == 1250
    assert found.outlook.monthly == 32_250
    assert found.outlook.next is not None
    assert found.outlook.next.tier.slug == "platinum"


@pytest.mark.parametrize(
    ("sold", "old", "new", "amount"),
    [
        ([900_000], 1000, 1150, 4_500),
        ([100, 100], 1000, 1005, 0),
        ([1_000], 1000, 1150, 5),
        ([900_000], 1150, 1000, -4_500),
        ([], 1000, 1150, 0),
        # Who took back more than was sold has nothing to estimate from.
        ([-900_000], 1000, 1150, 0),
    ],
)
def test_money_a_month(sold: list[int], old: int, new: int, amount: int) -> None:
    assert monthly(old, new, evidence(sold=sales(*sold)), AT) == amount


def test_money_a_month_rests_on_ninety_days() -> None:
    edge = Sales.of([Sale(AT - 90 * DAY, "oak", 700), Sale(AT - 90 * DAY + DAY, "fern", 3_000)])
    assert monthly(0, 10_000, evidence(sold=edge), AT) == 1_000


def test_supposed_sales_move_the_tier_but_are_not_what_was_sold() -> None:
    known = evidence({"ann": CORE[:6]}, sold=sales(900_000))
    supposed = suppose(known, offer({}), sales=100_000, at=AT)
    found = look_ahead(PLAN, Held("bronze"), supposed, AT, sold=known.sales)
    assert (found.held, found.basis_points, found.monthly) == (Held("silver"), 1150, 4_500)
    assert look_ahead(PLAN, Held("bronze"), supposed, AT).monthly == 5_000


def test_looking_ahead_at_nothing_is_where_one_stands() -> None:
    levels = measure_all(PLAN, GOLD_BUT_ONE, AT)
    held = Held("silver", False, 1)
    assert look_ahead(PLAN, held, GOLD_BUT_ONE, AT) == Outlook(
        held, levels, 1250, 0, next_tier(PLAN, held, levels, "GBP")
    )


def test_what_is_supposed() -> None:
    known = evidence({"ann": ["a"], "bob": ["z"]}, {"ann": {"old": AT}}, sold=sales(100))
    ahead = offer({"b": 1, "c": 1, "d": 1}, {"first": ["b", "c"], "second": ["d"], "none": []})
    found = suppose(known, ahead, modules=["b", "c"], credentials=["second"], sales=50, at=AT)
    assert found.passed == {"ann": {"a", "b", "c", "d"}, "bob": {"z"}}
    assert found.held == {"ann": {"old": AT, "first": None, "second": None}}
    assert found.sales == known.sales.and_also(50, AT)
    assert suppose(known, ahead, at=AT) == known


def test_a_renewed_credential_counts_again() -> None:
    known = evidence(held={"ann": {ADVANCED[0]: AT}})
    found = suppose(known, offer({"b": 1}, {ADVANCED[0]: ["b"]}), modules=["b"], at=AT)
    assert measure_all(PLAN, found, AT)["advanced_certificates@now"] == 1


def test_what_is_left_after_that() -> None:
    ahead = offer({"b": 3, "c": 4, "d": 5}, {"first": ["b", "c"], "second": ["c", "d"]})
    passed, earned = completed_by(ahead, modules=["b"], credentials=["first"])
    assert (passed, earned) == (frozenset("bc"), frozenset(["first"]))
    assert offer_after(ahead, passed=passed, earned=earned) == offer({"b": 0, "c": 0, "d": 5}, {"second": ["d"]})


def test_for_whom_learning_changes_nothing_there_is_no_step() -> None:
    everything = evidence({"ann": CORE, "bob": CORE}, {"ann": dict.fromkeys(ADVANCED)}, sold=sales(*[9_000_000] * 5))
    assert step(PLAN, everything, offer({}), Held("platinum", True, 3)) is None
    # Sales are missing for Silver, and the bonus is theirs already.
    assert step(PLAN, evidence({"bob": CORE}), offer(TEN), Held("bronze", True)) is None
    # All minutes of the world do not help when too few modules are offered.
    assert step(PLAN, evidence(sold=sales(9_000_000)), offer(dict.fromkeys(CORE[:5], 1))) is None


def test_who_is_no_active_member_moves_nothing() -> None:
    known = evidence(sold=sales(9_000_000))
    ahead = offer({**TEN, "a": 1}, {ADVANCED[0]: ["a"]}, person="zoe")
    assert step(PLAN, known, ahead) is None


def test_the_shortest_modules_come_first_and_ties_go_by_slug() -> None:
    known = evidence({"ann": CORE[:4]}, sold=sales(1_000_000))
    minutes = dict(zip(CORE, [0, 0, 0, 0, 30, 9, 9, 9, 30, 30, 30, 30], strict=True))
    found = step(PLAN, known, offer(minutes))
    assert found is not None
    assert (found.modules, found.minutes) == (tuple(sorted(CORE[5:8])[:2]), 18)
    assert found.outlook.held == Held("silver")


def test_ties_go_to_the_larger_sum_then_to_the_slug() -> None:
    plan = the_plan(
        core=["b", "c"],
        advanced=["advanced"],
        tiers=tiers({"slug": "silver", "multiplier": 2, "enter": at_least("modules", 1, only=["c"])}),
    )
    ahead = offer({"a": 5, "b": 5, "c": 5}, {"advanced": ["a"], "also": ["b"]})
    rich = step(plan, evidence(sold=sales(900_000)), ahead)
    poor = step(plan, evidence(), ahead)
    assert rich is not None
    assert poor is not None
    assert (rich.modules, rich.outlook.monthly) == (("c",), 30_000)
    assert (poor.modules, poor.outlook.monthly) == (("a",), 0)


def test_a_step_that_takes_no_time_may_take_two() -> None:
    plan = the_plan(tiers=tiers())
    ahead = offer({"a": 0, "b": 0}, {ADVANCED[0]: ["a"], ADVANCED[1]: ["b"]})
    found = step(plan, evidence(sold=sales(900_000)), ahead)
    assert found is not None
    assert (found.modules, found.credentials) == (("a", "b"), tuple(sorted(ADVANCED[:2])))


def test_a_rise_that_will_wait_for_a_word_is_a_step_that_says_so() -> None:
    """It leads to where that word will lead; what waits already is nobody's step any more."""
    silver = {"slug": "silver", "enter": at_least("modules", 1, only=["a"]), "promotion": "approve"}
    plan = the_plan(tiers=tiers(silver))
    found = step(plan, evidence(), offer({"a": 5, "b": 1}))
    assert found is not None
    assert (found.modules, found.minutes, found.awaits) == (("a",), 5, "silver")
    assert (found.outlook.held, found.outlook.basis_points) == (Held("silver"), 1100)
    done = evidence({"ann": ["a"]})
    waiting = judge(plan, Held("bronze"), measure_all(plan, done, AT), "GBP", AT).held
    assert next_step(plan, waiting, done, offer({"b": 1}), AT) is None


def test_what_a_word_adds_to_what_comes_at_once_is_promised_together() -> None:
    """The bonus rises at once and the tier after the word; a shorter step that brings less comes first all the same."""
    silver = {"slug": "silver", "enter": at_least("modules", 1, only=["a"]), "promotion": "approve"}
    plan = the_plan(tiers=tiers(silver), core=["a"], bonus={"share": 5, "when": at_least("core_modules", 1)})
    found = step(plan, evidence(), offer({"a": 5}))
    assert found is not None
    assert (found.awaits, found.outlook.held, found.outlook.basis_points) == ("silver", Held("silver", True), 1155)


def test_numbers_of_modules_count_what_a_certificate_needs_anyway() -> None:
    """Two of four core modules, and a certificate that needs the two longest: no short ones besides."""
    silver = {"slug": "silver", "enter": {"all": [at_least("core_modules", 2), at_least("advanced_certificates", 1)]}}
    plan = the_plan(core=["a", "b", "c", "d"], tiers=tiers(silver), uplift={"each": 0, "most": 0})
    found = step(plan, evidence(), offer({"a": 1, "b": 1, "c": 20, "d": 20}, {ADVANCED[0]: ["c", "d"]}))
    assert found is not None
    assert (found.modules, found.credentials, found.minutes) == (("c", "d"), (ADVANCED[0],), 40)


@pytest.mark.parametrize(
    ("enter", "modules"),
    [
        (at_least("modules", 2), ("a", "b")),
        (at_least("modules", 1, only=["c"]), ("c",)),
        # The narrower choice first: the wider one counts it.
        ({"all": [at_least("modules", 2), at_least("modules", 1, only=["c"])]}, ("a", "c")),
        (at_least("certificates", 1), ("b",)),
        (at_least("certificates", 1, only=["long"]), ("a", "c")),
        (at_least("certificates", 2), ("a", "b", "c")),
        (at_least("certificates", 3), None),
        (at_least("active_clients", 2), None),
        (won(1), None),
        ({"any": [won(1), at_least("modules", 1, only=["c"])]}, ("c",)),
        ({"all": [at_least("modules", 1, only=["a"]), at_least("modules", 1, only=["c"])]}, ("a", "c")),
        ({"at_least": 2, "of": [at_least("modules", 1, only=[name]) for name in "abc"]}, ("a", "b")),
        ({"all": [{"not": won(1)}, at_least("modules", 1)]}, ("a",)),
        ({"all": [{"not": at_least("modules", 1)}, at_least("modules", 1)]}, None),
        # A denial is not expanded; what is tried for another reason may still meet it.
        ({"not": {"not": at_least("modules", 1, only=["c"])}}, ("a", "c")),
        ({"people": at_least("modules", 2), "value": 1}, ("a", "b")),
        # One person cannot be two, nor count twice.
        ({"people": at_least("modules", 2), "value": 2}, None),
        ({"all": [{"people": at_least("modules", 1, only=["d"]), "value": 2}, at_least("modules", 2)]}, None),
    ],
)
def test_a_criterion_is_expanded_as_the_tree_it_is(enter: dict[str, Any], modules: tuple[str, ...] | None) -> None:
    plan = the_plan(core=["x"], advanced=[], tiers=tiers({"slug": "silver", "enter": enter}))
    known = evidence({"bob": ["e"], "ann": ["d"]} if "people" in str(enter) and "only" in str(enter) else {})
    ahead = offer({"a": 1, "b": 2, "c": 3}, {"short": ["b"], "long": ["a", "c"]})
    found = step(plan, known, ahead)
    assert (found.modules if found else None) == modules


def test_a_module_that_nobody_offers_is_never_proposed() -> None:
    plan = the_plan(core=["a", "gone"], tiers=tiers({"slug": "silver", "enter": at_least("core_modules", 1)}))
    found = step(plan, evidence(), offer({"a": 9}, {ADVANCED[0]: ["gone"]}))
    assert found is not None
    assert found.modules == ("a",)


def test_at_most_64_sets_are_tried() -> None:
    silver = {"slug": "silver", "enter": at_least("certificates", 3)}
    plan = the_plan(tiers=tiers(silver))
    many = offer({f"m{n:02}": n for n in range(40)}, {f"c{n:02}": [f"m{n:02}"] for n in range(40)})
    found = _sets(plan, Held("bronze"), evidence(), many, AT)
    assert len(found) == len(set(found)) == MOST_SETS
    first = step(plan, evidence(), many)
    assert first is not None
    assert (first.modules, first.minutes) == (("m00", "m01", "m02"), 3)


def view(enter: dict[str, Any], known: Evidence) -> TierView | None:
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": enter}))
    return next_tier(plan, Held("bronze"), measure_all(plan, known, AT), "GBP")


@pytest.mark.parametrize(
    ("enter", "gap"),
    [
        (won(1_000), 400),
        (won(600), None),
        (at_least("modules", 1), None),
        ({"all": [won(1_000), at_least("modules", 1)]}, None),
        ({"any": [won(1_000), at_least("modules", 1)]}, 400),
        ({"any": [won(5_000), won(2_000)]}, 1_400),
        # A sale counts in every window that ends now.
        ({"all": [won(1_000), won(500, "trailing:5d")]}, 500),
        ({"all": [won(1_000), {"not": at_least("modules", 1)}]}, 400),
        ({"all": [won(1_000), at_least("active_clients", 5)]}, None),
    ],
)
def test_what_must_still_be_won_when_that_is_all(enter: dict[str, Any], gap: int | None) -> None:
    assert missing_sales(view(enter, evidence(sold=sales(600)))) == gap


def test_at_the_top_no_sale_is_missing() -> None:
    assert missing_sales(None) is None


MODULES = ["a", "b", "c", "d", "e"]
some_modules = st.frozensets(st.sampled_from(MODULES))
minutes_ = st.fixed_dictionaries({module: st.integers(0, 9) for module in MODULES})
asks = st.dictionaries(st.sampled_from([*ADVANCED, "basic"]), st.frozensets(st.sampled_from(MODULES), min_size=1))
parts = st.one_of(
    st.builds(at_least, st.just("core_modules"), st.integers(1, 4)),
    st.builds(at_least, st.just("modules"), st.integers(1, 4)),
    st.builds(lambda name: at_least("modules", 1, only=[name]), st.sampled_from(MODULES)),
    st.builds(at_least, st.sampled_from(["certificates", "advanced_certificates"]), st.integers(1, 2)),
    st.builds(lambda count: {"people": at_least("core_modules", count), "value": 1}, st.integers(1, 4)),
    st.just(won(500)),
)
enters = st.one_of(
    parts,
    st.builds(
        lambda word, some: {word: some}, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)
    ),
)


@settings(max_examples=100)
@given(enters, parts, some_modules, some_modules, some_modules, minutes_, asks, st.sampled_from([0, 400, 900]))
def test_the_step_keeps_its_promise_and_none_that_was_tried_is_shorter(
    enter: dict[str, Any],
    bonus: dict[str, Any],
    core: frozenset[str],
    anns: frozenset[str],
    bobs: frozenset[str],
    minutes: dict[str, int],
    credentials: dict[str, frozenset[str]],
    amount: int,
) -> None:
    plan = the_plan(
        core=sorted(core), tiers=tiers({"slug": "silver", "enter": enter}), bonus={"share": 5, "when": bonus}
    )
    known = evidence({"ann": anns, "bob": bobs}, sold=sales(amount))
    left = {key: missing - anns for key, missing in credentials.items()}
    ahead = offer({name: least for name, least in minutes.items() if name not in anns}, left)
    held = judge(plan, Held("bronze"), measure_all(plan, known, AT), "GBP", AT).held

    def better(modules: frozenset[str]) -> bool:
        then = suppose(known, ahead, modules=modules, at=AT)
        after = judge(plan, held, measure_all(plan, then, AT), "GBP", AT).held
        rises = ranks(plan, after)[Part.TIER] > ranks(plan, held)[Part.TIER]
        return rises or rate(plan, after).basis_points > rate(plan, held).basis_points

    found = raising(plan, held, known, ahead, AT)
    tried = _sets(plan, held, known, ahead, AT)
    least = [sum(minutes[name] for name in one) for one in tried if better(one)]
    assert (found.minutes if found else None) == min(least, default=None)
    if found is not None:
        then = suppose(known, ahead, modules=found.modules, at=AT)
        after = judge(plan, held, measure_all(plan, then, AT), "GBP", AT).held
        assert (found.outlook.held, found.outlook.basis_points) == (after, rate(plan, after).basis_points)
        assert better(frozenset(found.modules))
        assert found.minutes == sum(minutes[name] for name in found.modules)
    every = (frozenset(some) for size in range(6) for some in combinations(sorted(ahead.minutes), size))
    shortest = [sum(minutes[name] for name in some) for some in every if better(some)]
    assert (found.minutes if found else None) == min(shortest, default=None)
