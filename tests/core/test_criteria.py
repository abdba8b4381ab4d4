"""The rule language: what it says, what it refuses, and how near something is."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.criteria import (
    ALWAYS,
    Comparison,
    Criterion,
    CriterionError,
    Group,
    Metric,
    Not,
    Verdict,
    comparisons,
    describe,
    evaluate,
    holds,
)
from academy.core.periods import LIFETIME, NOW, Span, Window
from academy.core.written_criteria import check_keys, parse, whole_number

METRICS = {
    "modules": Metric("modules", named=True, personal=True),
    "held": Metric("held", (Span.NOW,), personal=True),
    "won": Metric("sales", (Span.LIFETIME, Span.MONTHS, Span.CALENDAR), money=True),
}
YEAR = Window(Span.MONTHS, 12)
THREE = Comparison("modules", 3)


@pytest.mark.parametrize(
    ("written", "criterion"),
    [
        ({"metric": "modules", "value": 3}, THREE),
        ({"metric": "modules", "value": 3, "window": "lifetime"}, THREE),
        ({"metric": "modules", "value": 1, "only": ["a", "b"]}, Comparison("modules", 1, only=frozenset("ab"))),
        # Where no window is written, it is the metric's first.
        ({"metric": "held", "value": 1}, Comparison("held", 1, NOW)),
        (
            {"metric": "won", "window": "trailing:12m", "value": {"GBP": 5, "EUR": 6}},
            Comparison("won", {"GBP": 5, "EUR": 6}, YEAR),
        ),
        ({"all": [{"metric": "modules", "value": 3}] * 2}, Group(2, (THREE, THREE))),
        ({"any": [{"metric": "modules", "value": 3}] * 2}, Group(1, (THREE, THREE))),
        ({"at_least": 2, "of": [{"metric": "modules", "value": 3}] * 3}, Group(2, (THREE, THREE, THREE))),
        ({"not": {"metric": "modules", "value": 3}}, Not(THREE)),
        (
            {"people": {"not": {"metric": "modules", "value": 3}}, "value": 2},
            Comparison("people", 2, who=Not(THREE)),
        ),
    ],
)
def test_what_is_written_is_what_is_meant(written: object, criterion: Criterion) -> None:
    assert parse(written, METRICS) == criterion


ONE = {"metric": "modules", "value": 1}


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (None, "criterion: a criterion is a mapping such as {metric: modules, value: 6}."),
        ({"all": []}, "criterion.all: a list with at least one criterion is needed."),
        ({"any": ONE}, "criterion.any: a list with at least one criterion is needed."),
        ({"all": [ONE], "any": [ONE]}, "criterion: “any” is not known here; known are all."),
        ({"all": [ONE, 7]}, "criterion.all[1]: a criterion is a mapping such as {metric: modules, value: 6}."),
        ({"at_least": 3, "of": [ONE]}, "criterion.at_least: 3 of 1 can never hold; write 1 or less."),
        ({"of": [ONE]}, "criterion.at_least: a whole number of at least 1 is needed, not None."),
        ({"not": ONE, 5: 1, "b": 2}, "criterion: “5” is not known here; known are not."),
        ({"people": ONE}, "criterion.value: a whole number of at least 1 is needed, not None."),
        (
            {"people": ONE, "value": 1, "window": "now"},
            "criterion: “window” is not known here; known are people, value.",
        ),
        (
            {"people": {"people": ONE, "value": 1}, "value": 1},
            "criterion.people.people: this is about one person already.",
        ),
        (
            {"people": {"all": [{"metric": "won", "value": {"GBP": 1}}]}, "value": 1},
            "criterion.people.all[0].metric: “won” is not known here; known are held, modules.",
        ),
        ({"metric": "sold", "value": 1}, "criterion.metric: “sold” is not known here; known are held, modules, won."),
        (
            {"metric": ["won"], "value": 1},
            "criterion.metric: “['won']” is not known here; known are held, modules, won.",
        ),
        ({"value": 1}, "criterion.metric: “None” is not known here; known are held, modules, won."),
        ({"metric": "modules", "value": 0}, "criterion.value: a whole number of at least 1 is needed, not 0."),
        ({"metric": "modules", "value": True}, "criterion.value: a whole number of at least 1 is needed, not True."),
        ({"metric": "modules", "value": 1.0}, "criterion.value: a whole number of at least 1 is needed, not 1.0."),
        (
            {"metric": "modules", "value": {"GBP": 1}},
            "criterion.value: a whole number of at least 1 is needed, not {'GBP': 1}.",
        ),
        ({"metric": "won", "value": 100}, "criterion.value: amounts are a table by currency such as {GBP: 1000000}."),
        ({"metric": "won", "value": {}}, "criterion.value: amounts are a table by currency such as {GBP: 1000000}."),
        (
            {"metric": "won", "value": {"GBP": "1"}},
            "criterion.value.GBP: a whole number of at least 1 is needed, not '1'.",
        ),
        (
            {"metric": "modules", "value": 1, "window": "now"},
            "criterion.window: modules cannot be measured over “now”.",
        ),
        (
            {"metric": "won", "value": {"GBP": 1}, "window": "trailing:90d"},
            "criterion.window: sales cannot be measured over “trailing:90d”.",
        ),
        (
            {"metric": "won", "value": {"GBP": 1}, "window": "soon"},
            (
                "criterion.window: “soon” is not a window; "
                "write lifetime, now, trailing:90d, trailing:12m or calendar:month."
            ),
        ),
        ({"metric": "held", "value": 1, "only": ["a"]}, "criterion.only: held cannot be narrowed to some."),
        ({"metric": "modules", "value": 1, "only": []}, "criterion.only: a list with at least one name is needed."),
        ({"metric": "modules", "value": 1, "only": None}, "criterion.only: a list with at least one name is needed."),
        (
            {"metric": "modules", "value": 1, "only": ["a", 2]},
            "criterion.only: a list with at least one name is needed.",
        ),
        (
            {"metric": "modules", "value": 2, "only": ["a", "a"]},
            "criterion.value: 2 of 1 can never hold; write 1 or less.",
        ),
        (
            {"metric": "modules", "value": 1, "windw": "now"},
            "criterion: “windw” is not known here; known are metric, only, value, window.",
        ),
    ],
)
def test_what_would_be_ignored_or_never_hold_is_refused(written: object, why: str) -> None:
    with pytest.raises(CriterionError) as refused:
        parse(written, METRICS)
    assert str(refused.value) == why


def test_a_rule_about_one_person_asks_for_no_people() -> None:
    with pytest.raises(CriterionError, match=r"^rule\.people: this is about one person already\.$"):
        parse({"people": ONE, "value": 1}, METRICS, where="rule", personal=True)


def test_numbers_and_keys_are_checked_alike_everywhere() -> None:
    assert whole_number(0, "grace", least=0) == 0
    with pytest.raises(CriterionError, match=r"^grace: a whole number of at least 0 is needed, not -1\.$"):
        whole_number(-1, "grace", least=0)
    check_keys({"a": 1}, {"a", "b"}, "here")


@pytest.mark.parametrize(
    ("comparison", "key"),
    [
        (THREE, "modules@lifetime"),
        (Comparison("modules", 9, only=frozenset({"b", "a"})), "modules[a,b]@lifetime"),
        (Comparison("won", {"GBP": 1}, YEAR), "won@trailing:12m"),
        (Comparison("people", 2, who=THREE), "people(modules@lifetime>=3)"),
        (
            Comparison("people", 2, who=Group(1, (Not(THREE), Comparison("won", {"GBP": 7, "EUR": 8})))),
            "people(1of(not(modules@lifetime>=3);won@lifetime>=8EUR/7GBP))",
        ),
    ],
)
def test_a_key_names_what_is_measured_and_not_the_value_it_is_held_against(comparison: Comparison, key: str) -> None:
    assert comparison.key == key


def leaf(have: int, need: int, metric: str = "modules") -> Verdict:
    progress = max(min(Fraction(have, need), Fraction(1)), Fraction(0))
    return Verdict(have >= need, progress, have, need, metric, "lifetime")


@pytest.mark.parametrize(
    ("have", "verdict"),
    [
        (0, Verdict(False, Fraction(0), 0, 3, "modules", "lifetime")),
        (2, Verdict(False, Fraction(2, 3), 2, 3, "modules", "lifetime")),
        (3, Verdict(True, Fraction(1), 3, 3, "modules", "lifetime")),
        (9, Verdict(True, Fraction(1), 9, 3, "modules", "lifetime")),
        (-5, Verdict(False, Fraction(0), -5, 3, "modules", "lifetime")),
    ],
)
def test_a_comparison(have: int, verdict: Verdict) -> None:
    assert evaluate(THREE, {"modules@lifetime": have}, "GBP") == verdict


@pytest.mark.parametrize(("have", "gap"), [(-5, 8), (0, 3), (2, 1), (3, 0), (9, 0)])
def test_a_gap_is_what_is_missing(have: int, gap: int) -> None:
    assert leaf(have, 3).gap == gap


def test_what_was_not_measured_counts_as_nothing() -> None:
    assert evaluate(THREE, {}, "GBP") == leaf(0, 3)


def test_groups_count_their_parts_and_take_the_nearest() -> None:
    two_of_three = Group(2, (THREE, Comparison("held", 1, NOW), Comparison("won", {"GBP": 100})))
    verdict = evaluate(two_of_three, {"modules@lifetime": 3, "won@lifetime": 40}, "GBP")
    assert verdict == Verdict(
        False,
        Fraction(7, 10),
        1,
        2,
        parts=(
            leaf(3, 3),
            Verdict(False, Fraction(0), 0, 1, "held", "now"),
            Verdict(False, Fraction(2, 5), 40, 100, "won", "lifetime"),
        ),
    )
    assert [part.metric for part in verdict.leaves()] == ["modules", "held", "won"]
    assert [part.metric for part in comparisons(Not(two_of_three))] == ["modules", "held", "won"]


def test_not_turns_round() -> None:
    levels = {"modules@lifetime": 1}
    assert evaluate(Not(THREE), levels, "GBP") == Verdict(True, Fraction(1), 1, 1, parts=(leaf(1, 3),))
    assert evaluate(Not(Not(THREE)), levels, "GBP").met is False


def test_nothing_asked_is_met() -> None:
    assert evaluate(ALWAYS, {}, "GBP") == Verdict(True, Fraction(1), 0, 0)


def test_people_is_a_metric_of_its_own() -> None:
    people = Comparison("people", 2, who=THREE)
    assert evaluate(people, {people.key: 1}, "GBP") == leaf(1, 2, "people")


def test_an_amount_is_held_against_the_partners_own_currency() -> None:
    won = Comparison("won", {"GBP": 100, "EUR": 120})
    assert [evaluate(won, {"won@lifetime": 110}, code).met for code in ("GBP", "EUR")] == [True, False]
    with pytest.raises(CriterionError, match=r"^“won” names no value in JPY\.$"):
        evaluate(won, {"won@lifetime": 110}, "JPY")


def test_the_tree_as_data_never_rounds_up_to_met() -> None:
    won = Comparison("won", {"GBP": 1_000_000}, YEAR)
    assert evaluate(Group(1, (won,)), {won.key: 999_999}, "GBP").as_json() == {
        "met": False,
        "progress": 0.9999,
        "have": 0,
        "need": 1,
        "gap": 1,
        "parts": [
            {
                "met": False,
                "progress": 0.9999,
                "have": 999_999,
                "need": 1_000_000,
                "gap": 1,
                "metric": "won",
                "window": "trailing:12m",
            }
        ],
    }


names = st.sampled_from(["modules", "held", "other"])
leaves_ = st.builds(Comparison, names, st.integers(1, 5), st.just(LIFETIME))


def _groups(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(parts, min_size=1, max_size=4)
    return st.one_of(
        lists.flatmap(lambda some: st.integers(1, len(some)).map(lambda least: Group(least, tuple(some)))),
        parts.map(Not),
    )


criteria = st.recursive(leaves_, _groups, max_leaves=8)
levels_ = st.dictionaries(st.sampled_from(["modules@lifetime", "held@lifetime", "other@lifetime"]), st.integers(-3, 8))


def _says(criterion: Criterion, levels: dict[str, int]) -> bool:
    match criterion:
        case Comparison(metric=metric, value=int(value)):
            return levels.get(f"{metric}@lifetime", 0) >= value
        case Not(part):
            return not _says(part, levels)
        case Group(least, parts):
            return sum(_says(part, levels) for part in parts) >= least
    raise AssertionError(criterion)


@given(criteria, levels_)
def test_a_verdict_says_what_the_words_say_and_is_whole_exactly_when_met(
    criterion: Criterion, levels: dict[str, int]
) -> None:
    verdict = evaluate(criterion, levels, "GBP")
    assert verdict.met == _says(criterion, levels)
    assert (verdict.progress == 1) == verdict.met
    assert 0 <= verdict.progress <= 1
    assert (verdict.gap == 0) == verdict.met
    assert [(one.metric, one.need) for one in verdict.leaves()] == [
        (one.metric, one.value) for one in comparisons(criterion)
    ]


@given(criteria, levels_)
def test_whether_it_holds_is_what_the_verdict_says(criterion: Criterion, levels: dict[str, int]) -> None:
    assert holds(criterion, levels, "GBP") is evaluate(criterion, levels, "GBP").met


@given(criteria, criteria)
def test_equal_text_is_equal_meaning(one: Criterion, other: Criterion) -> None:
    assert (describe(one) == describe(other)) == (one == other)


def test_coarse_progress_tells_no_sum_at_any_height() -> None:
    """Nor can it be worked out from what a group says, where the rest of it is known."""
    won = leaf(6_573, 10_000, "won")
    three = leaf(1, 3)
    whole = Verdict(False, Fraction(29_719, 60_000), 0, 2, parts=(won, three))
    turned = Verdict(True, Fraction(1), 1, 1, parts=(won,))
    empty = Verdict(True, Fraction(1), 0, 0)
    coarse = replace(won, progress=Fraction(6, 10))
    assert whole.coarse({"won"}) == Verdict(False, Fraction(7, 15), 0, 2, parts=(coarse, three))
    assert turned.coarse({"won"}) == Verdict(True, Fraction(1), 1, 1, parts=(coarse,))
    assert empty.coarse({"won"}) == empty
    assert leaf(9_999, 10_000, "won").coarse({"won"}).progress == Fraction(9, 10)
    assert leaf(10_000, 10_000, "won").coarse({"won"}).progress == 1
