"""Which modules are recommended, in which order, and why."""

from typing import Any

from academy.programme.recommendations.rules import Candidate, Reason, Recommendation, Wanted, recommend


def candidate(
    module: str, minutes: int = 10, *, family: str = "", failed: bool = False, is_open: bool = True
) -> Candidate:
    return Candidate(module, f"course/{module}", family, minutes, failed, is_open)


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
