"""Standings: up at once, down only after a warning and its grace, and never further than that warning said."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.core.criteria import CriterionError
from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.lapses.rules import safe_until, tier_lost_at
from academy.programme.pins.rules import Pin
from academy.programme.plans.rules import Plan
from academy.programme.promotions.rules import confirmed_by
from academy.programme.standing.rules import (
    Held,
    Judged,
    Part,
    TierView,
    Warning,
    approved,
    cause_of_tier,
    causes_of_rate,
    fallen,
    grace_ends,
    judge,
    name_of_rank,
    next_tier,
    ranks,
    warned,
)

from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, the_plan, tiers

DAY = timedelta(days=1)


def levels(core: int = 0, won: int = 0, certificates: int = 0, clients: int = 0, people: int = 0) -> dict[str, int]:
    """What the demo's plan measures; `won` in pounds."""
    return {
        "core_modules@lifetime": core,
        "won@trailing:12m": won * 100,
        "advanced_certificates@now": certificates,
        "active_clients@trailing:6m": clients,
        "people(core_modules@lifetime>=12)": people,
    }


NOTHING = levels()
FOR_SILVER = levels(6, 10_000)
FOR_GOLD = levels(12, 40_000, 1, 5, 1)
FOR_PLATINUM = levels(12, 120_000, 3, 5, 2)
GOLD = Held("gold", True, 1)


def judged(held: Held, measured: dict[str, int], *, plan: Plan = PLAN, at: datetime = AT) -> Judged:
    return judge(plan, held, measured, "GBP", at)


def told(held: Held, due: tuple[tuple[Part, int, int], ...], *, plan: Plan = PLAN, at: datetime = AT) -> Held:
    """What is held once the notices that are due were sent."""
    for part, _, to in due:
        held = warned(held, part, name_of_rank(plan, part, to), at, grace_ends(plan, at))
    return held


def live(held: Held, measured: dict[str, int], *, plan: Plan = PLAN, at: datetime = AT) -> Held:
    """Judge and send what is due."""
    concluded = judged(held, measured, plan=plan, at=at)
    return told(concluded.held, concluded.due_warnings, plan=plan, at=at)


@pytest.mark.parametrize(
    ("measured", "held"),
    [
        (NOTHING, Held("bronze")),
        (levels(5, 10_000), Held("bronze")),
        (levels(6, 9_999), Held("bronze")),
        (FOR_SILVER, Held("silver")),
        # One rises to the highest tier whose criteria hold, not rung by rung.
        (FOR_GOLD, Held("gold", True, 1)),
        (FOR_PLATINUM, Held("platinum", True, 3)),
        (levels(12, 40_000, 5, 4, 1), Held("silver", True, 3)),
        (levels(12, people=1), Held("bronze", True)),
        (levels(certificates=2), Held("bronze", uplifts=2)),
    ],
)
def test_a_part_rises_at_once(measured: dict[str, int], held: Held) -> None:
    assert judged(Held("bronze"), measured) == Judged(held, ())


@pytest.mark.parametrize(
    "measured", [levels(12, 32_000, 1, 4, 1), levels(12, 99_999, 1, 4, 1), levels(12, 40_000, 1, 5, 1)]
)
def test_a_tier_is_kept_by_less_than_it_takes_to_rise(measured: dict[str, int]) -> None:
    assert judged(GOLD, measured) == Judged(GOLD, ())


def test_falling_is_announced_and_nothing_falls_before_the_grace_has_run() -> None:
    left = levels(6, 31_999, 0, 4, 0)
    assert judged(GOLD, left) == Judged(GOLD, ((Part.TIER, 2, 1), (Part.BONUS, 1, 0), (Part.UPLIFT, 1, 0)))
    falls = AT + 60 * DAY
    waiting = live(GOLD, left)
    assert waiting.warnings == (
        Warning(Part.BONUS, 0, AT, falls),
        Warning(Part.TIER, "silver", AT, falls),
        Warning(Part.UPLIFT, 0, AT, falls),
    )
    just_before = judged(waiting, left, at=falls - timedelta(microseconds=1))
    assert just_before == Judged(waiting, ())
    assert judged(waiting, left, at=falls) == Judged(Held("silver"), ())


def test_who_deserves_it_again_in_time_keeps_it() -> None:
    waiting = live(GOLD, NOTHING)
    assert judged(waiting, levels(12, 32_000, 1, 4, 1), at=AT + 59 * DAY) == Judged(GOLD, ())


def test_who_deserves_part_of_it_again_falls_no_further_than_that() -> None:
    waiting = live(GOLD, NOTHING)
    assert [warning.to for warning in waiting.warnings if warning.part is Part.TIER] == ["bronze"]
    partly = levels(12, 10_000, 1, 0, 1)
    softer = judged(waiting, partly, at=AT + 10 * DAY)
    assert softer == Judged(Held("gold", True, 1, (Warning(Part.TIER, "silver", AT, AT + 60 * DAY),)), ())
    assert judged(softer.held, partly, at=AT + 60 * DAY) == Judged(Held("silver", True, 1), ())


def test_what_is_lost_again_after_that_is_announced_again() -> None:
    """Warned of Bronze, then Silver again, then not: Silver at the first date, Bronze only at the second."""
    waiting = live(live(GOLD, NOTHING), levels(12, 10_000, 1, 0, 1), at=AT + 10 * DAY)
    lost_again = live(waiting, levels(5, 10_000, 1, 0, 1), at=AT + 20 * DAY)
    assert [(one.to, one.falls_at) for one in lost_again.warnings if one.part is Part.TIER] == [
        ("silver", AT + 60 * DAY),
        ("bronze", AT + 80 * DAY),
    ]
    measured = levels(5, 10_000, 1, 0, 1)
    first = live(lost_again, measured, at=AT + 60 * DAY)
    assert (first.tier, live(first, measured, at=AT + 80 * DAY).tier) == ("silver", "bronze")


def test_several_warnings_of_one_part_that_say_the_same_become_one() -> None:
    two = (
        Warning(Part.TIER, "silver", AT, AT + 60 * DAY),
        Warning(Part.TIER, "bronze", AT, AT + 80 * DAY),
    )
    found = judged(replace(GOLD, warnings=two), levels(12, 10_000, 1, 0, 1), at=AT + 30 * DAY)
    assert found == Judged(replace(GOLD, warnings=two[:1]), ())


def test_several_warnings_that_have_all_run_out_fall_to_the_lowest() -> None:
    two = (
        Warning(Part.TIER, "silver", AT, AT + 60 * DAY),
        Warning(Part.TIER, "bronze", AT, AT + 80 * DAY),
    )
    assert judged(Held("gold", warnings=two), NOTHING, at=AT + 80 * DAY) == Judged(Held("bronze"), ())


def test_a_warning_that_would_fall_later_but_less_far_says_nothing_more() -> None:
    two = (
        Warning(Part.TIER, "bronze", AT, AT + 60 * DAY),
        Warning(Part.TIER, "silver", AT, AT + 80 * DAY),
    )
    found = judged(Held("gold", warnings=two), NOTHING, at=AT + 1 * DAY)
    assert found == Judged(Held("gold", warnings=two[:1]), ())


def test_grace_0_falls_at_once_and_warns_nobody() -> None:
    history = the_plan(grace_days=0)
    assert judged(GOLD, NOTHING, plan=history) == Judged(Held("bronze"), ())
    waiting = live(GOLD, NOTHING)
    assert judged(waiting, FOR_SILVER, plan=history) == Judged(Held("silver"), ())


def test_the_uplift_falls_to_what_is_left_and_pays_at_most_what_the_plan_says() -> None:
    three = Held("bronze", uplifts=3)
    waiting = live(three, levels(certificates=1))
    assert waiting.warnings == (Warning(Part.UPLIFT, 1, AT, AT + 60 * DAY),)
    assert judged(waiting, levels(certificates=2), at=AT + 60 * DAY).held == Held("bronze", uplifts=2)
    assert judged(Held("bronze"), levels(certificates=9)).held.uplifts == 3
    fewer = the_plan(uplift={"each": 1, "most": 1})
    assert judged(three, levels(certificates=3), plan=fewer) == Judged(three, ((Part.UPLIFT, 3, 1),))


APPROVED = the_plan(
    tiers=[
        tier | ({"promotion": "approve"} if tier["slug"] == "gold" else {})
        for tier in [
            {"slug": "bronze", "name": "Bronze", "multiplier": 1},
            {
                "slug": "silver",
                "name": "Silver",
                "multiplier": 1.15,
                "enter": at_least("core_modules", 6),
                "stay": at_least("core_modules", 6),
            },
            {
                "slug": "gold",
                "name": "Gold",
                "multiplier": 1.3,
                "enter": at_least("core_modules", 12),
                "stay": at_least("core_modules", 10),
            },
        ]
    ]
)


def test_a_rise_that_needs_a_word_waits_on_the_automatic_tier_below_it() -> None:
    waiting = Held("silver", awaiting="gold", awaiting_since=AT)
    assert judged(Held("bronze"), levels(12), plan=APPROVED) == Judged(waiting, ())
    assert judged(waiting, levels(12), plan=APPROVED) == Judged(waiting, ())
    assert judged(waiting, levels(11), plan=APPROVED) == Judged(Held("silver"), ())


def test_a_rise_waits_since_the_day_on_which_it_was_met_for_as_long_as_it_is() -> None:
    waiting = Held("silver", awaiting="gold", awaiting_since=AT)
    assert judged(waiting, levels(12), plan=APPROVED, at=AT + 9 * DAY).held == waiting
    met_again = judged(Held("silver"), levels(12), plan=APPROVED, at=AT + 9 * DAY).held
    assert met_again == replace(waiting, awaiting_since=AT + 9 * DAY)
    # Another tier is another wait; one that began before its day was kept goes on without one.
    assert judged(replace(waiting, awaiting="platinum"), levels(12), plan=APPROVED, at=AT + 9 * DAY).held == met_again
    old = Held.from_json({key: value for key, value in waiting.as_json().items() if key != "awaiting_since"})
    assert old == replace(waiting, awaiting_since=None)
    assert judged(old, levels(12), plan=APPROVED).held == old


@pytest.mark.parametrize(
    ("met_at", "by"),
    [
        (AT, "2026-03-05"),  # a Monday
        (AT + 3 * DAY, "2026-03-10"),
        (AT + 5 * DAY, "2026-03-11"),  # a Saturday
        (AT.replace(hour=23, minute=30), "2026-03-06"),  # Tuesday already, in the programme's zone
    ],
)
def test_a_word_is_promised_within_three_working_days(met_at: datetime, by: str) -> None:
    assert confirmed_by(met_at, ZoneInfo("Europe/Berlin")).isoformat() == by


def test_a_word_lifts_at_once_and_is_used_up() -> None:
    word = approved(Held("silver", awaiting="gold"), "gold")
    assert judged(word, levels(12), plan=APPROVED) == Judged(Held("gold"), ())
    # Given for a standing that is no more, it lifts nobody later either.
    assert judged(word, levels(11), plan=APPROVED) == Judged(Held("silver"), ())


def test_who_falls_to_an_approved_tier_needs_no_new_word() -> None:
    diamond = {
        "slug": "diamond",
        "name": "Diamond",
        "multiplier": 2,
        "enter": at_least("modules", 1),
        "stay": at_least("modules", 1),
    }
    plan = the_plan(
        grace_days=0,
        tiers=[
            {"slug": "bronze", "name": "Bronze", "multiplier": 1},
            {
                "slug": "gold",
                "name": "Gold",
                "multiplier": 1.3,
                "promotion": "approve",
                "enter": at_least("core_modules", 9),
                "stay": at_least("core_modules", 6),
            },
            diamond,
        ],
    )
    assert judged(Held("diamond"), levels(6), plan=plan) == Judged(Held("gold"), ())
    assert judged(Held("bronze"), levels(9), plan=plan) == Judged(
        Held("bronze", awaiting="gold", awaiting_since=AT), ()
    )


def test_a_higher_automatic_tier_does_not_wait_for_the_word_about_a_lower_one() -> None:
    found = judged(replace(GOLD, tier="bronze", awaiting="gold"), FOR_PLATINUM)
    assert found == Judged(Held("platinum", True, 3), ())


def test_whoever_may_enter_may_stay() -> None:
    """A plan whose `stay` asks more than its `enter`: nobody is thrown out of what lets others in."""
    strict = {"slug": "silver", "enter": at_least("modules", 1), "stay": at_least("modules", 5)}
    for grace in (0, 30):
        plan = the_plan(tiers=tiers(strict), grace_days=grace)
        found = judged(Held("silver"), {"modules@lifetime": 1}, plan=plan)
        assert found == Judged(Held("silver"), ())


def test_a_currency_that_the_plan_does_not_name_is_an_error_and_not_a_fall() -> None:
    with pytest.raises(CriterionError, match=r"^“won” names no value in CZK\.$"):
        judge(PLAN, GOLD, NOTHING, "CZK", AT)


SILVER = {"slug": "silver", "enter": at_least("core_modules", 6)}
GOLDEN = {"slug": "gold", "enter": at_least("core_modules", 12)}
OLD = the_plan(tiers=tiers(SILVER, GOLDEN))
LONGER = the_plan(tiers=tiers({"slug": "copper", "enter": at_least("modules", 99)}, SILVER, GOLDEN))


def test_a_new_rung_below_deepens_no_warning() -> None:
    waiting = live(Held("gold"), levels(6), plan=OLD)
    assert waiting.warnings == (Warning(Part.TIER, "silver", AT, AT + 60 * DAY),)
    # Nothing is deserved any more, and the plan has a rung more: what was said was Silver.
    found = judged(waiting, NOTHING, plan=LONGER, at=AT + 60 * DAY)
    assert found == Judged(Held("silver"), ((Part.TIER, 2, 0),))


def test_a_warning_about_a_tier_that_is_gone_is_given_anew() -> None:
    waiting = replace(Held("gold"), warnings=(Warning(Part.TIER, "copper", AT, AT + 60 * DAY),))
    assert judged(waiting, NOTHING, plan=OLD, at=AT + 60 * DAY) == Judged(Held("gold"), ((Part.TIER, 2, 0),))


def test_a_tier_that_is_gone_counts_as_the_lowest() -> None:
    """Which publishing refuses: see plans.rules.why_not_after."""
    assert ranks(OLD, Held("diamond", True, 2)) == {Part.TIER: 0, Part.BONUS: 1, Part.UPLIFT: 2}
    assert judged(Held("diamond"), levels(6), plan=OLD).held == Held("silver")


def test_a_core_module_more_takes_nothing_before_the_grace() -> None:
    more = the_plan(core=[*CORE, "one-more"])
    known = evidence(
        {"ann": CORE},
        {"ann": {ADVANCED[0]: None}},
        sold=Sales.of(Sale(AT - DAY, f"client-{index}", 1_000_000) for index in range(5)),
    )
    assert judge(PLAN, GOLD, measure_all(PLAN, known, AT), "GBP", AT) == Judged(GOLD, ())
    found = judge(more, GOLD, measure_all(more, known, AT), "GBP", AT)
    assert found == Judged(GOLD, ((Part.TIER, 2, 1), (Part.BONUS, 1, 0)))


def test_what_is_stored_reads_back() -> None:
    pin = Pin("gold", AT + DAY)
    held = replace(live(GOLD, NOTHING), awaiting="platinum", awaiting_since=AT, approved="platinum", pin=pin)
    assert Held.from_json(held.as_json()) == held
    assert Held("bronze").as_json() == {
        "tier": "bronze",
        "bonus": False,
        "uplifts": 0,
        "approved": None,
        "awaiting": None,
        "awaiting_since": None,
        "warnings": [],
        "pin": None,
    }
    assert live(Held("bronze", True), NOTHING).as_json()["warnings"] == [
        {
            "part": "bonus",
            "to": 0,
            "sent_at": "2026-03-02T09:00:00+00:00",
            "falls_at": "2026-05-01T09:00:00+00:00",
        }
    ]


def test_what_a_fall_leaves() -> None:
    full = Held("gold", True, 3)
    assert [fallen(PLAN, full, part, to) for part, to in [(Part.TIER, 1), (Part.BONUS, 0), (Part.UPLIFT, 2)]] == [
        Held("silver", True, 3),
        Held("gold", False, 3),
        Held("gold", True, 2),
    ]


WARNED = replace(GOLD, warnings=(Warning(Part.TIER, "silver", AT, AT + 60 * DAY),))


@pytest.mark.parametrize(
    ("old", "new", "before", "after", "days", "cause"),
    [
        (Held("bronze"), Held("silver"), levels(5, 10_000), FOR_SILVER, 0, "core_modules"),
        (Held("bronze"), Held("silver"), levels(6, 9_000), FOR_SILVER, 0, "won"),
        (Held("bronze"), Held("silver"), {}, FOR_SILVER, 0, "core_modules"),
        (Held("gold"), Held("platinum"), levels(12, 120_000, 3, 5, 1), FOR_PLATINUM, 0, "people"),
        # What moved the other way did not do it.
        (Held("bronze"), Held("silver"), levels(7, 9_000), FOR_SILVER, 0, "won"),
        (Held("bronze", approved="silver"), Held("silver"), FOR_SILVER, FOR_SILVER, 0, "approved"),
        (Held("bronze"), Held("silver"), FOR_SILVER, FOR_SILVER, 0, "plan"),
        # A new plan measures what the old one did not: that is the plan's doing.
        (Held("bronze"), Held("silver"), {"core_modules@lifetime": 6}, FOR_SILVER, 0, "plan"),
        (WARNED, Held("silver"), FOR_GOLD, FOR_SILVER, 60, "grace_ended"),
        (WARNED, Held("platinum"), FOR_GOLD, FOR_PLATINUM, 60, "won"),
        (GOLD, Held("silver"), FOR_GOLD, levels(12, 40_000, 0, 5), 0, "advanced_certificates"),
        (GOLD, Held("silver"), FOR_GOLD, levels(13, 30_000, 1, 5), 0, "won"),
        (WARNED, Held("silver"), FOR_GOLD, FOR_GOLD, 59, "plan"),
        (Held("diamond"), Held("silver"), levels(5, 10_000), FOR_SILVER, 0, "core_modules"),
    ],
)
def test_why_a_tier_changed(
    old: Held, new: Held, before: dict[str, int], after: dict[str, int], days: int, cause: str
) -> None:
    assert cause_of_tier(PLAN, old, new, before, after, AT + days * DAY) == cause


@pytest.mark.parametrize(
    ("new", "causes"),
    [
        (GOLD, ["plan"]),
        (Held("silver", True, 1), ["tier"]),
        (Held("silver", False, 0), ["tier", "bonus", "uplift"]),
        (Held("gold", True, 2), ["uplift"]),
    ],
)
def test_why_a_rate_changed(new: Held, causes: list[str]) -> None:
    assert causes_of_rate(GOLD, new) == causes


def test_what_stands_between_a_partner_and_the_next_rung() -> None:
    view = next_tier(PLAN, Held("bronze"), levels(5, 9_000), "GBP")
    assert isinstance(view, TierView)
    assert (view.tier, view.currency) == (PLAN.tiers[1], "GBP")
    assert [(leaf.metric, leaf.gap) for leaf in view.verdict.leaves()] == [("core_modules", 1), ("won", 100_000)]
    assert next_tier(PLAN, Held("platinum"), FOR_PLATINUM, "GBP") is None


def _gold_until(expires: datetime | None, *, sold_days_ago: int = 10) -> Evidence:
    return evidence(
        {"ann": CORE},
        {"ann": {ADVANCED[0]: expires}},
        sold=Sales.of(Sale(AT - sold_days_ago * DAY, f"client-{index}", 1_000_000) for index in range(5)),
    )


@pytest.mark.parametrize(
    ("tier", "known", "lost_at"),
    [
        ("bronze", _gold_until(None), None),
        # Clients are active for six months, before the sales of twelve are gone.
        ("gold", _gold_until(None), datetime(2026, 8, 20, 8, 0, tzinfo=UTC)),
        ("gold", _gold_until(AT + 30 * DAY), AT + 30 * DAY),
        ("silver", _gold_until(None), datetime(2027, 2, 20, 9, 0, tzinfo=UTC)),
    ],
)
def test_when_a_tier_is_lost_if_nothing_more_happens(tier: str, known: Evidence, lost_at: datetime | None) -> None:
    measured = measure_all(PLAN, known, AT)
    assert tier_lost_at(PLAN, Held(tier), known, measured, AT) == lost_at
    safe = safe_until(PLAN, Held(tier), known, measured, AT)
    assert safe == (lost_at + 60 * DAY if lost_at else None)


def test_what_time_does_not_move_is_never_lost_to_it() -> None:
    learned = the_plan(tiers=tiers(SILVER))
    known = _gold_until(AT + DAY)
    assert tier_lost_at(learned, Held("silver"), known, measure_all(learned, known, AT), AT) is None
    kept = the_plan(tiers=tiers({"slug": "silver", "enter": at_least("won", dict.fromkeys(("GBP", "EUR", "USD"), 1))}))
    assert tier_lost_at(kept, Held("silver"), known, measure_all(kept, known, AT), AT) is None


def test_a_notice_says_until_when_a_tier_is_safe() -> None:
    known = _gold_until(None)
    assert safe_until(PLAN, WARNED, known, measure_all(PLAN, known, AT), AT) == AT + 60 * DAY


# Properties, over small plans with contradictions in them: `stay` that asks more than `enter`, approvals, grace 0.

number = st.integers(1, 4)
asked = st.fixed_dictionaries({"metric": st.sampled_from(["core_modules", "modules"]), "value": number})
rungs = st.fixed_dictionaries({"enter": asked, "stay": asked, "promotion": st.sampled_from(["automatic", "approve"])})


@st.composite
def plans(draw: st.DrawFn, *, grace: tuple[int, ...] = (0, 30)) -> Plan:
    slugs = draw(st.lists(st.sampled_from(["copper", "iron", "tin"]), unique=True, max_size=2))
    # A later plan keeps the tiers of an earlier one, in any place among others.
    ladder = [*slugs, "silver", "gold"]
    found = tiers(*({"slug": slug, **draw(rungs)} for slug in draw(st.permutations(ladder))))
    changes: dict[str, Any] = {
        "tiers": found,
        "bonus": {"share": 5, "when": draw(asked)},
        "uplift": {"each": 1, "most": draw(number)},
        "grace_days": draw(st.sampled_from(grace)),
    }
    return the_plan(**changes)


measured_ = st.fixed_dictionaries(
    {
        "core_modules@lifetime": st.integers(0, 5),
        "modules@lifetime": st.integers(0, 5),
        "advanced_certificates@now": st.integers(0, 5),
    }
)
helds = st.builds(
    Held,
    st.sampled_from(["bronze", "silver", "gold"]),
    st.booleans(),
    st.integers(0, 4),
    st.lists(
        st.builds(
            lambda part, to, days: Warning(part, to, AT - 30 * DAY, AT + days * DAY),
            st.just(Part.TIER),
            st.sampled_from(["bronze", "silver"]),
            st.integers(-5, 30),
        ),
        max_size=3,
    ).map(tuple),
    st.sampled_from([None, "silver", "gold"]),
)


@given(plans(), helds, measured_)
def test_judging_again_at_the_same_instant_changes_nothing(plan: Plan, held: Held, measured: dict[str, int]) -> None:
    once = live(held, measured, plan=plan)
    assert judged(once, measured, plan=plan) == Judged(once, ())


@given(plans(), helds, measured_, measured_)
def test_better_evidence_never_lowers_anything(
    plan: Plan, held: Held, measured: dict[str, int], more: dict[str, int]
) -> None:
    better = {key: level + more[key] for key, level in measured.items()}
    before = ranks(plan, judged(held, measured, plan=plan).held)
    after = ranks(plan, judged(held, better, plan=plan).held)
    assert all(after[part] >= before[part] for part in Part)


@settings(max_examples=60)
@given(st.lists(st.tuples(plans(grace=(30, 60)), measured_, st.integers(0, 40)), max_size=10))
def test_nothing_falls_without_a_warning_whose_grace_has_run_nor_below_what_it_said(
    story: list[tuple[Plan, dict[str, int], int]],
) -> None:
    held, at = Held("bronze"), AT
    for plan, measured, days in story:
        if ranks(plan, held)[Part.TIER] == 0:
            held = replace(held, tier="bronze")  # a tier that is gone: publishing refuses that
        at += days * DAY
        found = judged(held, measured, plan=plan, at=at).held
        before, after = ranks(plan, held), ranks(plan, found)
        for part in Part:
            run_out = [
                warning
                for warning in held.warnings
                if warning.part is part and warning.falls_at <= at and warning.falls_at - warning.sent_at >= 30 * DAY
            ]
            names = [name_of_rank(plan, part, rank) for rank in range(after[part] + 1)]
            assert after[part] >= before[part] or any(warning.to in names for warning in run_out)
        held = live(held, measured, plan=plan, at=at)
        assert all(warning.falls_at > at for warning in held.warnings)


@given(plans(grace=(30,)), helds, measured_)
def test_whoever_loses_everything_gets_there_in_one_grace(plan: Plan, held: Held, measured: dict[str, int]) -> None:
    waiting = live(replace(held, warnings=()), measured, plan=plan)
    end = judged(waiting, measured, plan=plan, at=AT + 30 * DAY)
    assert end.due_warnings == ()
    assert end.held.warnings == ()
