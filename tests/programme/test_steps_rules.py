"""The next step: what is at risk is kept first, by learning before sales, and what is said to be kept is."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.lapses.rules import Risk, at_risk
from academy.programme.outlook.rules import Offer
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, Warning, deserved, judge, ranks, rate, warned
from academy.programme.steps.rules import NextStep, keeping, kept_by, next_step, selling

from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, offer, sales, the_plan, tiers

DAY = timedelta(days=1)
TEN = dict.fromkeys(CORE, 10)
ENOUGH = sales(*[1_000_000] * 5)
GOLD = Held("gold", True, 1)


def told(plan: Plan, held: Held, known: Evidence, at: datetime = AT) -> Held:
    """What is held once it was judged and everything due was warned of."""
    judged = judge(plan, held, measure_all(plan, known, at), "GBP", at)
    for part, _, to in judged.due_warnings:
        name = plan.tiers[to].slug if part is Part.TIER else to
        judged = replace(judged, held=warned(judged.held, part, name, at, at + timedelta(days=plan.grace_days)))
    return judged.held


def step(known: Evidence, ahead: Offer, held: Held = GOLD, *, plan: Plan = PLAN, at: datetime = AT) -> NextStep | None:
    return next_step(plan, told(plan, held, known, at), known, ahead, at)


def summary(found: NextStep | None) -> tuple[Any, ...] | None:
    """Modules, credentials, minutes, sales, and what is kept: parts, from when, the rate without it and its cost."""
    if found is None:
        return None
    keeps = found.keeps and (
        [str(risk.part) for risk in found.keeps.risks],
        found.keeps.until,
        found.keeps.basis_points,
        found.keeps.monthly,
    )
    return found.modules, found.credentials, found.minutes, found.sales, keeps


FALLS = AT + 60 * DAY


def test_somebody_left_with_the_certificate_and_another_earns_it() -> None:
    """Gold and the uplift rest on it: 14.65 % now, 12.08 % without, on 50,000.00 in 90 days."""
    known = evidence({"ann": CORE}, sold=ENOUGH)
    found = step(known, offer({"a": 7, "b": 6}, {ADVANCED[0]: ["a", "b"]}))
    assert summary(found) == (("a", "b"), (ADVANCED[0],), 13, 0, (["tier", "uplift"], FALLS, 1208, 42_833))
    assert found is not None
    assert (found.outlook.held, found.outlook.basis_points, found.outlook.monthly) == (GOLD, 1465, 0)


def test_keeping_comes_before_a_shorter_way_to_more() -> None:
    """A certificate of one minute would raise the rate; the bonus that falls comes first."""
    known = evidence({"ann": CORE[1:], "bob": CORE[:1]}, sold=sales(900_000))
    ahead = offer({**TEN, "short": 1}, {ADVANCED[0]: ["short"]})
    found = step(known, ahead, Held("bronze", True))
    assert summary(found) == ((CORE[0],), (), 10, 0, (["bonus"], FALLS, 1000, 1_500))
    calm = step(evidence({"ann": CORE}, sold=sales(900_000)), ahead, Held("bronze", True))
    assert calm is not None
    assert (calm.modules, calm.keeps) == (("short",), None)


def test_only_the_uplift_is_kept_by_another_certificate() -> None:
    known = evidence({"ann": CORE}, {"bob": {ADVANCED[0]: None}}, sold=ENOUGH)
    found = step(known, offer({"a": 7}, {ADVANCED[1]: ["a"]}), Held("gold", True, 2))
    assert summary(found) == (("a",), (ADVANCED[1],), 7, 0, (["uplift"], FALLS, 1465, 16_667))


@pytest.mark.parametrize(
    ("core", "won", "modules", "minutes", "amount"),
    [
        # Only sales are missing: the smaller sum of what stays and what enters.
        (CORE, 700_000, (), 0, 100_000),
        # Only a module is missing.
        (CORE[:5], 900_000, (CORE[5],), 10, 0),
        # Both are.
        (CORE[:5], 700_000, (CORE[5],), 10, 100_000),
    ],
)
def test_silver_is_kept_by_learning_by_sales_or_by_both(
    core: list[str], won: int, modules: tuple[str, ...], minutes: int, amount: int
) -> None:
    known = evidence({"ann": core}, sold=sales(won))
    offered = {CORE[5]: 10}
    found = step(known, offer(offered), Held("silver", core == CORE))
    assert found is not None
    assert (found.modules, found.minutes, found.sales) == (modules, minutes, amount)
    assert found.keeps is not None
    assert found.keeps.risks == (Risk(Part.TIER, 0, FALLS),)
    assert found.outlook.held == Held("silver", core == CORE)


def test_the_first_notice_to_run_out_is_kept_first_and_says_what_it_falls_to() -> None:
    known = evidence({"ann": CORE[1:]}, {"bob": {ADVANCED[0]: None}}, sold=ENOUGH)
    warnings = (
        Warning(Part.BONUS, 0, AT - DAY, AT + 9 * DAY),
        Warning(Part.TIER, "silver", AT - DAY, AT + 20 * DAY),
    )
    held = replace(GOLD, warnings=warnings)
    found = next_step(PLAN, held, known, offer(TEN), AT)
    risks = (Risk(Part.BONUS, 0, AT + 9 * DAY), Risk(Part.TIER, 1, AT + 20 * DAY))
    assert at_risk(PLAN, held, measure_all(PLAN, known, AT), "GBP", AT) == risks
    assert found is not None
    assert found.keeps is not None
    assert (found.modules, found.keeps.risks, found.keeps.until) == ((CORE[0],), risks, AT + 9 * DAY)


def test_what_cannot_be_kept_leaves_the_way_to_what_can() -> None:
    """Active clients are missing for Gold, which neither learning nor a sum brings; the uplift can be kept."""
    known = evidence({"ann": CORE}, sold=sales(5_000_000))
    found = step(known, offer({"a": 7}, {ADVANCED[0]: ["a"]}))
    assert found is not None
    assert found.keeps is not None
    assert (found.modules, [str(risk.part) for risk in found.keeps.risks]) == (("a",), ["uplift"])
    # The tier falls with it in any case: 13.08 % with the step, 12.08 % without, of 50,000.00 in 90 days.
    assert (found.keeps.kept_basis_points, found.keeps.basis_points, found.keeps.monthly) == (1308, 1208, 16_667)
    assert keeping(PLAN, told(PLAN, GOLD, known), known, offer({}), AT) is None


FEW_CLIENTS = evidence({"ann": CORE[:5]}, sold=sales(5_000_000))
"""Gold lacks clients, which nobody learns; Silver lacks one module."""


def test_who_cannot_keep_gold_is_told_what_keeps_silver() -> None:
    """11.50 % would be 10 % on 50,000.00 in 90 days: what Silver adds, not what Gold did."""
    found = step(FEW_CLIENTS, offer({CORE[5]: 10}), Held("gold"))
    assert summary(found) == ((CORE[5],), (), 10, 0, (["tier"], FALLS, 1000, 25_000))
    assert found is not None
    assert found.keeps is not None
    assert (found.keeps.risks, found.keeps.kept_basis_points) == ((Risk(Part.TIER, 0, FALLS, least=1),), 1150)
    # What is held falls all the same, to Silver.
    warned_of = [(one.part, one.to, one.falls_at) for one in found.outlook.held.warnings]
    assert (found.outlook.held.tier, warned_of) == ("gold", [(Part.TIER, "silver", FALLS)])
    ticked = kept_by(
        PLAN, told(PLAN, Held("gold"), FEW_CLIENTS), FEW_CLIENTS, offer({CORE[5]: 10}), AT, modules=[CORE[5]]
    )
    assert ticked == found.keeps


def test_what_keeps_silver_is_due_when_silver_would_fall() -> None:
    """Of two notices the one about Gold runs out sooner; it is not the one that the step answers."""
    notices = (Warning(Part.TIER, "silver", AT, AT + 9 * DAY), Warning(Part.TIER, "bronze", AT, AT + 30 * DAY))
    found = next_step(PLAN, Held("gold", warnings=notices), FEW_CLIENTS, offer({CORE[5]: 10}), AT)
    assert found is not None
    assert found.keeps is not None
    assert found.keeps.risks == (Risk(Part.TIER, 0, AT + 30 * DAY, least=1),)


def test_of_three_uplifts_two_can_be_kept() -> None:
    known = evidence({"ann": CORE}, {"bob": {ADVANCED[0]: None}})
    found = step(known, offer({"a": 7}, {ADVANCED[1]: ["a"]}), Held("bronze", True, 3))
    assert summary(found) == (("a",), (ADVANCED[1],), 7, 0, (["uplift"], FALLS, 1150, 0))
    assert found is not None
    assert found.keeps is not None
    assert (found.keeps.risks, found.keeps.kept_basis_points) == ((Risk(Part.UPLIFT, 1, FALLS, least=2),), 1250)


@pytest.mark.parametrize(("later", "rates"), [(-1, (1308, 1208)), (0, (1308, 1208)), (1, (1465, 1365))])
def test_what_falls_only_after_what_is_kept_still_counts(later: int, rates: tuple[int, int]) -> None:
    known = evidence({"ann": CORE}, sold=sales(5_000_000))
    warnings = (
        Warning(Part.TIER, "silver", AT, FALLS + timedelta(seconds=later)),
        Warning(Part.UPLIFT, 0, AT, FALLS),
    )
    kept = kept_by(
        PLAN, replace(GOLD, warnings=warnings), known, offer({"a": 7}, {ADVANCED[0]: ["a"]}), AT, modules=["a"]
    )
    assert kept is not None
    assert ([str(risk.part) for risk in kept.risks], kept.until) == (["uplift"], FALLS)
    assert (kept.kept_basis_points, kept.basis_points) == rates


def test_a_plan_without_grace_warns_nobody_so_nothing_is_at_risk() -> None:
    plan = the_plan(grace_days=0)
    assert at_risk(plan, GOLD, {}, "GBP", AT) == ()


def test_a_notice_of_a_tier_that_the_plan_does_not_have_says_nothing() -> None:
    held = Held("silver", warnings=(Warning(Part.TIER, "tin", AT, AT + DAY),))
    assert at_risk(PLAN, held, {}, "GBP", AT) == (Risk(Part.TIER, 0, AT + timedelta(days=PLAN.grace_days)),)


def test_only_sales_are_missing_for_more() -> None:
    known = evidence({"ann": CORE[:6]}, sold=sales(900_000))
    found = step(known, offer({}), Held("bronze"))
    assert summary(found) == ((), (), 0, 100_000, None)
    assert found is not None
    # From what was sold, not from what is supposed.
    assert (found.outlook.held, found.outlook.basis_points, found.outlook.monthly) == (Held("silver"), 1150, 4_500)
    assert selling(PLAN, Held("platinum", True, 3), known, offer({}), AT) is None


NOTHING_LEFT = evidence({"ann": CORE, "bob": CORE}, {"ann": dict.fromkeys(ADVANCED)}, sold=sales(*[9_000_000] * 5))
PLATINUM = Held("platinum", True, 3)


def test_nothing_left_to_do_but_to_renew_in_time() -> None:
    """Every certificate ends in 30 days; who renews keeps tier and uplift, which would fall a grace later."""
    ends = AT + 30 * DAY
    known = replace(
        NOTHING_LEFT, held={"ann": {**dict.fromkeys(ADVANCED), ADVANCED[0]: ends, "not asked for": AT + 9 * DAY}}
    )
    found = step(known, offer({"a": 3, "b": 4}, {ADVANCED[0]: ["a", "b"]}), PLATINUM)
    assert summary(found) == (("a", "b"), (ADVANCED[0],), 7, 0, (["tier", "uplift"], ends + 60 * DAY, 1565, 465_000))


def test_who_can_do_nothing_about_it_or_has_time_is_told_nothing() -> None:
    ending = replace(NOTHING_LEFT, held={"ann": {**dict.fromkeys(ADVANCED), ADVANCED[0]: AT + 30 * DAY}})
    assert step(ending, offer({}), PLATINUM) is None
    later = replace(NOTHING_LEFT, held={"ann": {**dict.fromkeys(ADVANCED), ADVANCED[0]: AT + 91 * DAY}})
    assert step(later, offer({"a": 3}, {ADVANCED[0]: ["a"]}), PLATINUM) is None
    assert step(NOTHING_LEFT, offer({}), PLATINUM) is None


def test_a_sale_that_leaves_its_window_soon_says_which_sum_keeps_the_tier() -> None:
    old = Sales.of([Sale(AT - 340 * DAY, "oak", 500_000), Sale(AT - 5 * DAY, "fern", 500_000)])
    known = evidence({"ann": CORE}, sold=old)
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": won(1_000_000), "stay": won(800_000)}))
    found = step(known, offer({}), Held("silver", True), plan=plan)
    assert found is not None
    assert found.keeps is not None
    assert (found.modules, found.sales, [str(risk.part) for risk in found.keeps.risks]) == ((), 300_000, ["tier"])


def won(amount: int) -> dict[str, Any]:
    return at_least("won", dict.fromkeys(("GBP", "EUR", "USD"), amount), window="trailing:12m")


def test_what_is_ticked_says_what_it_keeps() -> None:
    known = evidence({"ann": CORE}, sold=ENOUGH)
    held = told(PLAN, GOLD, known)
    ahead = offer({"a": 7, "b": 6}, {ADVANCED[0]: ["a", "b"]})
    assert kept_by(PLAN, held, known, ahead, AT, modules=["a"]) is None
    kept = kept_by(PLAN, held, known, ahead, AT, modules="ab")
    assert kept is not None
    assert [str(risk.part) for risk in kept.risks] == ["tier", "uplift"]
    soon = replace(NOTHING_LEFT, held={"ann": {**dict.fromkeys(ADVANCED), ADVANCED[0]: AT + 30 * DAY}})
    again = kept_by(PLAN, PLATINUM, soon, offer({"a": 3}, {ADVANCED[0]: ["a"]}), AT, modules=["a"])
    assert again is not None
    assert [str(risk.part) for risk in again.risks] == ["tier", "uplift"]


@pytest.mark.parametrize(
    ("sold_on", "parts", "without", "kept"),
    [(5, ["uplift", "tier"], 1050, 1255), (30, ["uplift", "tier"], 1050, 1255), (70, ["uplift"], 1155, 1255)],
)
def test_each_sale_keeps_what_falls_after_it(sold_on: int, parts: list[str], without: int, kept: int) -> None:
    """The certificate keeps what falls first, sales what falls later. The rate without holds once both have fallen."""
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": won(1_000_000), "stay": won(800_000)}))
    known = evidence({"ann": CORE}, sold=Sales.of([Sale(AT - 5 * DAY, "fern", 500_000)]))
    held = warned(Held("silver", True, 1), Part.UPLIFT, 0, AT, AT + 10 * DAY)
    held = warned(held, Part.TIER, "bronze", AT, AT + 60 * DAY)
    ahead = offer({"a": 7}, {ADVANCED[0]: ["a"]})
    found = kept_by(plan, held, known, ahead, AT, modules=["a"], sales=300_000, sold_at=AT + sold_on * DAY)
    assert found is not None
    assert ([str(risk.part) for risk in found.risks], found.basis_points, found.kept_basis_points) == (
        parts,
        without,
        kept,
    )
    assert (found.until, found.all_from) == (AT + 10 * DAY, AT + (60 if "tier" in parts else 10) * DAY)


MODULES = list("abcde")
some = st.frozensets(st.sampled_from(MODULES))
asked = st.one_of(
    st.builds(at_least, st.sampled_from(["core_modules", "modules"]), st.integers(1, 3)),
    st.builds(at_least, st.sampled_from(["certificates", "advanced_certificates"]), st.integers(1, 2)),
    st.builds(won, st.sampled_from([300, 700])),
)


@settings(max_examples=100)
@given(st.lists(asked, min_size=1, max_size=3), asked, some, some, some, st.sampled_from([0, 400]), st.integers(0, 2))
def test_what_is_said_to_be_kept_is_kept_and_no_notice_stays(
    stay: list[dict[str, Any]],
    bonus: dict[str, Any],
    core: frozenset[str],
    anns: frozenset[str],
    bobs: frozenset[str],
    amount: int,
    uplifts: int,
) -> None:
    plan = the_plan(
        core=sorted(core),
        tiers=tiers({"slug": "silver", "enter": {"all": stay}}),
        bonus={"share": 5, "when": bonus},
    )
    known = evidence({"ann": anns, "bob": bobs}, sold=sales(amount))
    asks = {ADVANCED[0]: {"a", "b"}, ADVANCED[1]: {"c"}}
    ahead = offer(
        {name: index + 1 for index, name in enumerate(MODULES) if name not in anns},
        {key: modules - anns for key, modules in asks.items()},
    )
    held = told(plan, Held("silver", True, uplifts), known)
    risks = at_risk(plan, held, measure_all(plan, known, AT), "GBP", AT)
    found = next_step(plan, held, known, ahead, AT)
    if found is None or found.keeps is None:
        return
    assert {risk.part for risk in found.keeps.risks} <= {risk.part for risk in risks}
    earned, now = deserved(plan, held, found.outlook.levels, "GBP"), ranks(plan, held)
    then = {warning.part for warning in found.outlook.held.warnings}
    assert all(risk.to < risk.least <= earned[risk.part] for risk in found.keeps.risks if risk.least is not None)
    for risk in risks:
        is_kept = risk in found.keeps.risks
        assert is_kept is (earned[risk.part] >= now[risk.part])
        assert is_kept is (risk.part not in then)
    assert found.keeps.basis_points <= rate(plan, held).basis_points
    assert found.minutes == sum(ahead.minutes[module] for module in found.modules)
