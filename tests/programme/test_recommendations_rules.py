"""Which modules are recommended, in which order, and why."""

from dataclasses import replace
from typing import Any

import pytest

from academy.people.accounts.rules import MINUTES_A_WEEK, SELLS, SELLS_TO
from academy.programme.recommendations.rules import (
    BY_WHAT_IS_SOLD,
    BY_WHO_BUYS,
    Answers,
    Candidate,
    Fit,
    Reason,
    Recommendation,
    Wanted,
    begin_with,
    fits,
    recommend,
)


def candidate(
    module: str, minutes: int = 10, *, family: str = "", failed: bool = False, is_open: bool = True, level: str = ""
) -> Candidate:
    return Candidate(module, f"course/{module}", family, minutes, failed, is_open, level)


def recommended(*candidates: Candidate, limit: int = 10, **wanted: Any) -> list[tuple[str, Reason]]:
    return [(one.module, one.reason) for one in recommend(candidates, Wanted(**wanted), limit=limit)]


def test_nothing_wanted_recommends_nothing() -> None:
    assert recommended(candidate("a"), candidate("b")) == []


def test_one_of_each_reason_in_order_then_the_second_of_each() -> None:
    assert recommended(
        candidate("failed", family="pricing", failed=True),
        candidate("step-long", 20),
        candidate("step-short", 5),
        candidate("tier"),
        candidate("core"),
        candidate("near", 5),
        candidate("same-family", family="pricing"),
        step=("step-long", "step-short"),
        tier={"tier"},
        core={"core"},
        credentials={"c": frozenset({"near"})},
    ) == [
        ("failed", Reason.AGAIN),
        ("step-short", Reason.STEP),
        ("tier", Reason.TIER),
        ("core", Reason.CORE),
        ("near", Reason.CREDENTIAL),
        ("same-family", Reason.GAP),
        ("step-long", Reason.STEP),
    ]


def test_a_module_stands_once_with_its_strongest_reason() -> None:
    assert recommended(
        candidate("a", failed=True, family="pricing"),
        step=("a",),
        tier={"a"},
        core={"a"},
        credentials={"c": frozenset({"a"}), "d": frozenset({"a"})},
    ) == [("a", Reason.AGAIN)]


def test_what_is_locked_or_done_is_not_recommended() -> None:
    assert recommended(candidate("a", is_open=False), core={"a"}) == []


def test_the_shortest_comes_first_and_ties_go_by_slug() -> None:
    assert recommended(candidate("b"), candidate("a"), candidate("c", 5), core={"a", "b", "c"}) == [
        ("c", Reason.CORE),
        ("a", Reason.CORE),
        ("b", Reason.CORE),
    ]


def test_the_nearest_credential_comes_first_and_says_how_many_are_left() -> None:
    found = recommend(
        [candidate("a"), candidate("b"), candidate("c", 1)],
        Wanted(credentials={"far": frozenset({"a", "c"}), "near": frozenset({"b"}), "held": frozenset()}),
        limit=10,
    )

    assert found == [
        Recommendation("b", Reason.CREDENTIAL, "near", 1),
        Recommendation("c", Reason.CREDENTIAL, "far", 2),
        Recommendation("a", Reason.CREDENTIAL, "far", 2),
    ]


def test_a_module_of_two_credentials_stands_for_the_nearer() -> None:
    found = recommend(
        [candidate("a"), candidate("b")],
        Wanted(credentials={"far": frozenset({"a", "b"}), "near": frozenset({"a"})}),
        limit=10,
    )

    assert found == [
        Recommendation("a", Reason.CREDENTIAL, "near", 1),
        Recommendation("b", Reason.CREDENTIAL, "far", 2),
    ]


def test_a_failed_quiz_without_a_family_opens_no_gap() -> None:
    assert recommended(candidate("a", failed=True), candidate("b")) == [("a", Reason.AGAIN)]


def test_at_most_as_many_as_asked_for() -> None:
    assert len(recommended(*(candidate(str(n)) for n in range(9)), core={str(n) for n in range(9)}, limit=4)) == 4


# -- what somebody has said of itself

BEGINNER = candidate("call", 30, family="discovery", level="beginner")
SECOND = candidate("ask", 12, family="discovery", level="beginner")
SCOPE = candidate("scope", 20, family="scoping", level="intermediate")
PRICE = candidate("price", 25, family="pricing", level="intermediate")
AUDIT = candidate("audit", 5, family="delivery", level="advanced")
COURSES = (AUDIT, BEGINNER, SECOND, PRICE, SCOPE)


@pytest.mark.parametrize(
    ("answers", "begins"),
    [
        (Answers(), BEGINNER),
        (Answers(sells="other"), BEGINNER),
        (Answers(sells="websites"), SCOPE),
        (Answers(sells="software"), PRICE),
        (Answers(sells="software", sells_to="large"), SCOPE),
        (Answers(sells="ai"), PRICE),  # not the advanced course, although it fits what one sells
        (Answers(sells="ai", sells_to="small"), BEGINNER),
        (Answers(minutes_a_week=15), SECOND),
        (Answers(sells="consulting", minutes_a_week=15), SECOND),
    ],
)
def test_one_begins_with_what_is_easy_and_fits(answers: Answers, begins: Candidate) -> None:
    assert begin_with(COURSES, answers) == begins


def test_one_begins_with_an_advanced_course_only_where_there_is_no_other() -> None:
    taken = [replace(one, open=one is AUDIT) for one in COURSES]
    assert begin_with(taken, Answers()) == AUDIT
    assert begin_with([replace(AUDIT, open=False)], Answers()) is None


def test_what_fits_the_answers_comes_first_within_its_reason() -> None:
    wanted = Wanted(core=[one.module for one in COURSES])
    found = recommend(COURSES, wanted, Answers("websites", "large", 30), limit=3)
    assert [one.module for one in found] == ["scope", "audit", "ask"]
    assert [one.module for one in recommend(COURSES, wanted, limit=3)] == ["audit", "ask", "scope"]


def test_every_answer_of_the_first_day_is_known() -> None:
    """All but “something else”, which says nothing of what fits."""
    assert (set(BY_WHAT_IS_SOLD), set(BY_WHO_BUYS)) == (set(SELLS) - {"other"}, set(SELLS_TO))
    assert fits(SCOPE, Answers("websites", "large", MINUTES_A_WEEK[0])) == (Fit.SELLS, Fit.SELLS_TO)
