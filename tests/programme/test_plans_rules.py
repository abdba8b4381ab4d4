"""Plans: read whole or refused with the place, and what one may take from another."""

from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from academy.core.criteria import ALWAYS, Comparison, Group
from academy.core.periods import NOW, Span, Window
from academy.programme.plans.rules import (
    ADVANCED,
    METRICS,
    MONEY_METRICS,
    Plan,
    PlanError,
    Tier,
    needs_longer_notice,
    parse_plan,
    why_not_after,
)

from .plans import PLAN, at_least, the_plan, tiers, written

YEAR, HALF_YEAR = Window(Span.MONTHS, 12), Window(Span.MONTHS, 6)


def won(amount: int) -> Comparison:
    return Comparison("won", dict.fromkeys(("GBP", "EUR", "USD"), amount * 100), YEAR)


CORE = Comparison("core_modules", 12)
TWO_PEOPLE = Comparison("people", 2, who=CORE)


def rung(slug: str, multiplier: str, enter: list[Any], stay: list[Any]) -> Tier:
    return Tier(
        slug, slug.title(), Fraction(multiplier), Group(len(enter), tuple(enter)), Group(len(stay), tuple(stay)), False
    )


def certificates(count: int) -> Comparison:
    return Comparison("advanced_certificates", count, NOW)


def clients(count: int) -> Comparison:
    return Comparison("active_clients", count, HALF_YEAR)


def test_the_demos_plan_is_the_one_of_the_design() -> None:
    six = Comparison("core_modules", 6)
    assert PLAN.tiers == (
        Tier("bronze", "Bronze", Fraction(1), ALWAYS, ALWAYS, False),
        rung("silver", "1.15", [six, won(10_000)], [six, won(8_000)]),
        rung(
            "gold",
            "1.30",
            [CORE, won(40_000), certificates(1), clients(5)],
            [CORE, won(32_000), certificates(1), clients(4)],
        ),
        rung(
            "platinum",
            "1.50",
            [CORE, won(120_000), certificates(3), clients(5), TWO_PEOPLE],
            [CORE, won(100_000), certificates(3), clients(4), TWO_PEOPLE],
        ),
    )
    assert (PLAN.base["automation"], PLAN.default_product) == (Fraction(1, 10), "automation")
    assert (PLAN.bonus, PLAN.bonus_adds_points) == (Fraction(5, 100), False)
    assert PLAN.bonus_when == Comparison("people", 1, who=CORE)
    assert (PLAN.uplift, PLAN.uplift_most, PLAN.cap) == (Fraction(1, 100), 3, Fraction(1, 4))
    assert (len(PLAN.core), len(PLAN.advanced)) == (12, 3)
    assert (PLAN.hold_days, PLAN.pay_day, PLAN.minimum) == (30, 5, {"GBP": 5000, "EUR": 5000, "USD": 5000})
    assert PLAN.grace_days >= 30
    assert PLAN.currencies == {"GBP", "EUR", "USD"}
    assert (PLAN.reference, PLAN.zone) == ("agencies-1", ZoneInfo("Europe/London"))


def test_what_can_be_measured_is_one_registry() -> None:
    assert {"won"} == MONEY_METRICS
    assert {name for name, metric in METRICS.items() if metric.personal} == {
        "core_modules",
        "modules",
        "certificates",
        "advanced_certificates",
    }


def test_the_uplift_is_measured_once_with_the_tiers_certificates() -> None:
    assert ADVANCED.key == "advanced_certificates@now"
    assert sorted(comparison.key for comparison in PLAN.levels) == [
        "active_clients@trailing:6m",
        "advanced_certificates@now",
        "core_modules@lifetime",
        "people(core_modules@lifetime>=12)",
        "won@trailing:12m",
    ]


def test_the_ladder() -> None:
    assert [PLAN.rank(tier.slug) for tier in PLAN.tiers] == [0, 1, 2, 3]
    assert PLAN.tier("gold").name == "Gold"
    above = [PLAN.above(tier.slug) for tier in PLAN.tiers]
    assert [tier.slug if tier else None for tier in above] == ["silver", "gold", "platinum", None]
    with pytest.raises(KeyError, match="diamond"):
        PLAN.rank("diamond")


def test_all_core_counts_the_core_modules_wherever_it_stands() -> None:
    two = the_plan(core=["a", "b"])
    assert two.bonus_when == Comparison("people", 1, who=Comparison("core_modules", 2))
    assert isinstance(two.tiers[2].enter, Group)
    assert two.tiers[2].enter.parts[0] == Comparison("core_modules", 2)


def test_without_core_modules_completing_them_all_never_holds() -> None:
    assert the_plan(core=[]).bonus_when == Comparison("people", 1, who=Comparison("core_modules", 1))


def test_promotion_may_wait_for_a_person() -> None:
    silver = {"slug": "silver", "enter": at_least("modules", 1), "promotion": "approve"}
    assert the_plan(tiers=tiers(silver)).tiers[1].approve is True


SILVER: dict[str, Any] = {"slug": "silver", "enter": at_least("modules", 1)}
BRONZE: dict[str, Any] = {"slug": "bronze", "name": "Bronze", "multiplier": 1}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (
            {"upplift": 1},
            "plan: “upplift” is not known here; known are advanced, base, bonus, cap, core, default_product,",
        ),
        ({"tiers": []}, "tiers: a plan needs at least one tier."),
        ({"tiers": {}}, "tiers: a list is needed."),
        (
            {"tiers": [BRONZE, BRONZE | {"enter": at_least("modules", 1), "stay": at_least("modules", 1)}]},
            "tiers: two tiers have the same slug.",
        ),
        (
            {"tiers": [BRONZE | {"stay": at_least("modules", 1)}]},
            "tiers[0]: “stay” is not known here; known are multiplier, name, slug.",
        ),
        (
            {"tiers": tiers(SILVER | {"promtion": "approve"})},
            "tiers[1]: “promtion” is not known here; known are enter,",
        ),
        (
            {"tiers": tiers(SILVER | {"promotion": "maybe"})},
            "tiers[1].promotion: write automatic or approve, not “maybe”.",
        ),
        ({"tiers": tiers(SILVER | {"multiplier": 0.9})}, "tiers: a higher tier must not have a smaller multiplier."),
        ({"tiers": tiers(SILVER | {"multiplier": 0})}, "tiers[1].multiplier: it must be more than 0."),
        (
            {"tiers": tiers(SILVER | {"multiplier": "1/0"})},
            "tiers[1].multiplier: “1/0” is not a factor; write 1 or 1.15.",
        ),
        (
            {"tiers": [BRONZE, {"slug": "silver", "name": "Silver", "multiplier": 2, "stay": {}}]},
            "The plan lacks 'enter'.",
        ),
        (
            {"tiers": tiers(SILVER | {"enter": at_least("sold", 1)})},
            "tiers[1].enter.metric: “sold” is not known here; known are active_clients,",
        ),
        (
            {"tiers": tiers(SILVER | {"enter": at_least("won", {"GBP": 1})})},
            "won: there is a minimum in EUR, so name a value in it too.",
        ),
        ({"tiers": ["bronze"]}, "tiers[0]: “b” is not known here; known are multiplier, name, slug."),
        ({"tiers": [7]}, "The plan is not of the expected shape: "),
        ({"default_product": "hosting"}, "default_product: “hosting” has no base rate."),
        ({"base": {"automation": "ten"}}, "base.automation: “ten” is not a percentage; write 10 or 12.5."),
        ({"base": {"automation": "1e2"}}, "base.automation: “1e2” is not a percentage; write 10 or 12.5."),
        ({"base": {"automation": None}}, "base.automation: “None” is not a percentage; write 10 or 12.5."),
        ({"base": {"automation": 101}}, "base.automation: a percentage is from 0 to 100."),
        ({"base": {"automation": -1}}, "base.automation: a percentage is from 0 to 100."),
        ({"base": []}, "The plan is not of the expected shape: "),
        ({"cap": "9" * 50}, f"cap: “{'9' * 40}” is not a percentage; write 10 or 12.5."),
        ({"bonus": {"share": 5}}, "The plan lacks 'when'."),
        (
            {"bonus": {"share": 5, "when": at_least("modules", 1), "adds_points": "false"}},
            "bonus.adds_points: write true or false, not “false”.",
        ),
        (
            {"bonus": {"share": 5, "when": at_least("modules", 1), "add_points": True}},
            "bonus: “add_points” is not known here; known are adds_points, share, when.",
        ),
        ({"bonus": []}, "The plan is not of the expected shape: "),
        ({"uplift": {"each": 1, "most": -1}}, "uplift.most: a whole number of at least 0 is needed, not -1."),
        ({"uplift": {"each": 1, "most": "3"}}, "uplift.most: a whole number of at least 0 is needed, not '3'."),
        ({"uplift": {"each": 1, "most": 2.5}}, "uplift.most: a whole number of at least 0 is needed, not 2.5."),
        ({"uplift": {"each": 1, "most": 3, "least": 1}}, "uplift: “least” is not known here; known are each, most."),
        ({"core": ["a", "a"]}, "core: something is named twice."),
        ({"core": "a"}, "core: a list is needed."),
        ({"advanced": {"a": 1}}, "advanced: a list is needed."),
        ({"grace_days": 29}, "grace_days: 30 or more; 0 only for imported history, where nobody is warned."),
        ({"grace_days": -1}, "grace_days: a whole number of at least 0 is needed, not -1."),
        ({"grace_days": 10**20}, "grace_days: 100000000000000000000 is too large to be meant."),
        ({"hold_days": True}, "hold_days: a whole number of at least 0 is needed, not True."),
        ({"pay_day": 0}, "pay_day: it is from 1 to 28, so that every month has it."),
        ({"pay_day": 29}, "pay_day: it is from 1 to 28, so that every month has it."),
        ({"minimum": {"GBP": -1}}, "minimum.GBP: a whole number of at least 0 is needed, not -1."),
    ],
)
def test_a_plan_is_refused_with_the_place_and_what_is_wrong_there(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(PlanError) as refused:
        the_plan(**changes)
    assert str(refused.value).startswith(why)


@pytest.mark.parametrize("key", sorted(written()))
def test_a_plan_lacks_nothing(key: str) -> None:
    rest = {other: value for other, value in written().items() if other != key}
    with pytest.raises(PlanError) as refused:
        parse_plan(rest, reference="agencies-1", zone="Europe/London")
    assert str(refused.value) == f"The plan lacks '{key}'."


@pytest.mark.parametrize("zone", ["", "London", "../etc/passwd"])
def test_a_zone_is_one_of_the_worlds(zone: str) -> None:
    with pytest.raises(PlanError) as refused:
        parse_plan(written(), reference="agencies-1", zone=zone)
    assert str(refused.value) == f"“{zone}” is not a time zone; write one such as Europe/London."


@pytest.mark.parametrize("grace", [0, 30, 60])
def test_a_grace_is_none_at_all_or_thirty_days_and_more(grace: int) -> None:
    assert the_plan(grace_days=grace).grace_days == grace


ONE_RUNG = tiers(SILVER)


@pytest.mark.parametrize(
    ("old", "new", "needs"),
    [
        ({}, {}, False),
        ({}, {"base": {"website": 8, "automation": 11, "ai-assistant": 12, "retainer": 10}}, False),
        ({}, {"base": {"website": 7, "automation": 11, "ai-assistant": 12, "retainer": 10}}, True),
        ({}, {"base": {"automation": 10, "ai-assistant": 12, "retainer": 10}}, True),
        ({}, {"default_product": "website"}, True),
        ({}, {"default_product": "ai-assistant"}, False),
        ({}, {"cap": 24}, True),
        ({}, {"cap": 26}, False),
        ({}, {"uplift": {"each": "0.5", "most": 3}}, True),
        ({}, {"uplift": {"each": 1, "most": 2}}, True),
        ({}, {"uplift": {"each": 2, "most": 4}}, False),
        ({}, {"bonus": {"share": 4, "when": at_least("modules", 1)}}, True),
        ({}, {"bonus": {"share": 5, "adds_points": True, "when": at_least("modules", 1)}}, False),
        ({"bonus": {"share": 5, "adds_points": True, "when": at_least("modules", 1)}}, {}, True),
        ({"bonus": {"share": 0, "adds_points": True, "when": at_least("modules", 1)}}, {}, False),
        ({"tiers": ONE_RUNG}, {"tiers": tiers(SILVER | {"multiplier": "1.05"})}, True),
        ({"tiers": ONE_RUNG}, {"tiers": tiers(SILVER | {"multiplier": "1.2"})}, False),
        ({"tiers": ONE_RUNG}, {"tiers": tiers()}, True),
        # What these take away falls only after a warning of its own.
        ({}, {"core": ["one-more", *written()["core"]]}, False),
        ({"tiers": ONE_RUNG}, {"tiers": tiers(SILVER | {"enter": at_least("modules", 9)})}, False),
    ],
)
def test_a_lower_figure_needs_notice(old: dict[str, Any], new: dict[str, Any], needs: bool) -> None:
    assert needs_longer_notice(the_plan(**old), the_plan(**new)) is needs


def only_pounds(plan: dict[str, Any]) -> Plan:
    return parse_plan(plan | {"minimum": {"GBP": 5000}}, reference="agencies-2", zone="Europe/London")


def test_what_a_partner_holds_or_is_paid_in_stays() -> None:
    renamed = the_plan(tiers=[tier | {"name": tier["name"].upper()} for tier in written()["tiers"]])
    longer = the_plan(tiers=[*written()["tiers"], {**tiers(SILVER)[1], "slug": "diamond", "multiplier": 2}])
    assert [why_not_after(PLAN, new) for new in (PLAN, renamed, longer)] == [None, None, None]
    assert why_not_after(longer, PLAN) == (
        "Partners may hold the tier Silver. Keep it; its criteria, name and figures may change."
    )
    assert why_not_after(PLAN, only_pounds(written())) == (
        "Partners may be paid in EUR. Keep its minimum and its values."
    )
