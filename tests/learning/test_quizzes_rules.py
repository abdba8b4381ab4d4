"""Quizzes: what is asked, how answers score, and what may be told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.learning.quizzes.rules import (
    Choice,
    Passage,
    Question,
    Quiz,
    Scored,
    attempts_left,
    draw,
    parse_quiz,
    score,
    shows_explanations,
    unknown_answers,
)


def choice(name: str, *, correct: bool = False) -> Choice:
    return Choice(name, name.upper(), "", correct, "")


def question(name: str, right: str = "a") -> Question:
    choices = tuple(choice(letter, correct=letter in right) for letter in "abc")
    return Question(name, len(right) > 1, f"{name}?", "", choices, "Because.", None)


def quiz(*, ask: int = 4, pass_percent: int = 75, pool: int = 8, attempts: int = 3) -> Quiz:
    """Odd questions have one right choice, even ones two."""
    return Quiz(
        ask, pass_percent, attempts, tuple(question(f"q{n}", "a" if n % 2 else "ab") for n in range(1, pool + 1))
    )


QUIZ = quiz()


def test_a_quiz_is_what_was_stored() -> None:
    short: dict[str, Any] = {
        "id": "q1",
        "kind": "single",
        "text": "Which?",
        "choices": [{"id": "a", "text": "This", "correct": True}, {"id": "b", "text": "That"}],
    }
    long: dict[str, Any] = {
        "id": "q2",
        "kind": "multiple",
        "text": "Which two?",
        "html": "<p>Which two?</p>",
        "choices": [{"id": "a", "text": "This", "html": "<p>This</p>", "correct": True, "why": "It is."}],
        "explanation": "So it is.",
        "passage": {"lesson": "first", "title": "First", "anchor": "here"},
    }
    bare = {**long, "id": "q3", "choices": [], "passage": {"lesson": "first", "anchor": "here"}}
    found = parse_quiz({"ask": 2, "pass": 75, "attempts_a_day": 3, "questions": [short, long, bare]})
    both = (Choice("a", "This", "", True, ""), Choice("b", "That", "", False, ""))
    this = (Choice("a", "This", "<p>This</p>", True, "It is."),)
    asked = ("Which two?", "<p>Which two?</p>")
    assert found == Quiz(
        2,
        75,
        3,
        (
            Question("q1", False, "Which?", "", both, "", None),
            Question("q2", True, *asked, this, "So it is.", Passage("first", "First", "here")),
            Question("q3", True, *asked, (), "So it is.", Passage("first", "", "here")),
        ),
    )


def test_a_question_is_found_by_its_id() -> None:
    assert QUIZ.question("q3") == QUIZ.questions[2]
    assert QUIZ.question("q2").right() == {"a", "b"}
    with pytest.raises(KeyError, match="q9"):
        QUIZ.question("q9")


@pytest.mark.parametrize(
    ("ask", "pass_percent", "pool", "needed"),
    [(4, 75, 8, 3), (8, 80, 16, 7), (3, 70, 6, 3), (4, 100, 8, 4), (4, 0, 8, 0), (10, 75, 4, 3)],
)
def test_how_many_right_answers_pass(ask: int, pass_percent: int, pool: int, needed: int) -> None:
    assert quiz(ask=ask, pass_percent=pass_percent, pool=pool).needed() == needed


seeds = st.text(max_size=8)


@given(seeds, st.lists(st.sampled_from([f"q{n}" for n in range(1, 9)]), unique=True, max_size=8))
def test_what_was_not_seen_before_comes_first(seed: str, seen: list[str]) -> None:
    drawn = draw(QUIZ, seed=seed, seen_before=seen)
    assert len(drawn) == len(set(drawn)) == 4
    assert set(drawn) <= {one.id for one in QUIZ.questions}
    assert sum(one in seen for one in drawn) == max(0, 4 - (8 - len(seen)))
    assert drawn == draw(QUIZ, seed=seed, seen_before=seen)


def test_a_pool_smaller_than_what_is_asked_is_asked_whole_and_chance_differs() -> None:
    assert sorted(draw(quiz(ask=10, pool=3), seed="x")) == ["q1", "q2", "q3"]
    assert len({tuple(draw(QUIZ, seed=str(n))) for n in range(20)}) > 1


DRAWN = ["q1", "q2", "q3", "q4"]
RIGHT = {"q1": ["a"], "q2": ["a", "b"], "q3": ["a"], "q4": ["b", "a"]}


@pytest.mark.parametrize(
    ("answers", "right", "percent", "passed"),
    [
        (RIGHT, "1234", 100, True),
        (RIGHT | {"q1": ["b"]}, "234", 75, True),
        (RIGHT | {"q1": []}, "234", 75, True),
        # All right choices and no other: half of two, and one too many, are wrong.
        (RIGHT | {"q1": ["a", "b"], "q2": ["a"]}, "34", 50, False),
        (RIGHT | {"q2": ["a", "b", "a"]}, "1234", 100, True),
        ({}, "", 0, False),
        # What was not asked is not looked at.
        ({"q5": ["a"], "q7": ["a"], "q1": ["a"]}, "1", 25, False),
    ],
)
def test_scoring(answers: dict[str, list[str]], right: str, percent: int, passed: bool) -> None:
    by_question = {name: name[1] in right for name in DRAWN}
    assert score(QUIZ, DRAWN, answers) == Scored(by_question, percent, passed)


def test_an_attempt_without_questions_proves_nothing() -> None:
    assert score(quiz(pass_percent=0), [], {}) == Scored({}, 0, False)


@given(st.integers(1, 8), st.integers(0, 100), st.sets(st.integers(1, 8)))
def test_passing_is_having_as_many_right_as_are_needed(ask: int, pass_percent: int, known: set[int]) -> None:
    asked = quiz(ask=ask, pass_percent=pass_percent)
    drawn = [f"q{n}" for n in range(1, ask + 1)]
    answers = {f"q{n}": sorted(asked.question(f"q{n}").right()) for n in known}
    found = score(asked, drawn, answers)
    assert found.passed == (sum(found.right.values()) >= asked.needed())


@pytest.mark.parametrize(("submitted", "left"), [(0, 3), (2, 1), (3, 0), (4, 0)])
def test_attempts_left(submitted: int, left: int) -> None:
    assert attempts_left(QUIZ, submitted) == left


@pytest.mark.parametrize(("passed", "left", "shown"), [(True, 2, True), (False, 0, True), (False, 1, False)])
def test_explanations_wait_for_a_pass_or_the_last_attempt(passed: bool, left: int, shown: bool) -> None:
    assert shows_explanations(passed=passed, left=left) is shown


@pytest.mark.parametrize(
    ("answers", "unknown"),
    [
        ({}, None),
        (RIGHT, None),
        ({"q1": ["a"], "q5": ["a"]}, "q5"),
        ({"nothing": []}, "nothing"),
        ({"q1": ["a", "z"]}, "z"),
    ],
)
def test_answers_to_what_was_not_asked(answers: dict[str, list[str]], unknown: str | None) -> None:
    assert unknown_answers(QUIZ, DRAWN, answers) == unknown
