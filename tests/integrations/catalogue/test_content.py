"""The text that we ship: how much there is, how long it takes, and quizzes that cannot be guessed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from academy.integrations.catalogue.academy_folder.reading import read
from academy.integrations.catalogue.files import open_files
from academy.learning.catalog.rules import CourseDraft, LessonDraft, QuestionDraft, QuizDraft

CONTENT = Path(__file__).parents[3] / "content"
WORDS_A_MINUTE = 200  # of a quick reader; a lesson of 8 minutes must fit a slow one as well


@pytest.fixture(scope="module")
def courses() -> tuple[CourseDraft, ...]:
    (reading,) = read(open_files(CONTENT))
    assert (reading.problems, reading.notes) == ([], [])
    return reading.catalogue.courses


def written(name: str) -> Any:
    return yaml.safe_load((CONTENT / name).read_text())


def lessons(course: CourseDraft) -> list[LessonDraft]:
    return [lesson for module in course.modules for lesson in module.lessons if lesson.kind != "quiz"]


def quizzes(courses: tuple[CourseDraft, ...]) -> Iterator[QuizDraft]:
    for course in courses:
        for module in course.modules:
            (quiz,) = [lesson.quiz for lesson in module.lessons if lesson.kind == "quiz"]
            assert quiz is not None
            yield quiz


def test_how_much_there_is(courses: tuple[CourseDraft, ...]) -> None:
    assert len(courses) == 5
    assert sum(len(course.modules) for course in courses) == 24
    assert sum(len(lessons(course)) for course in courses) == 80
    assert len(set(written("plan.yaml")["plan"]["core"])) == 12
    assert [one["advanced"] for one in written("credentials.yaml")].count(True) == 3
    assert len(written("credentials.yaml")) == 5
    assert len(written("cast.yaml")["partners"]) == 25


def test_core_and_certified_modules_are_there(courses: tuple[CourseDraft, ...]) -> None:
    there = {f"{course.slug}/{module.slug}" for course in courses for module in course.modules}
    named = set(written("plan.yaml")["plan"]["core"])
    named |= {module for one in written("credentials.yaml") for module in one["modules"]}
    assert named - there == set()


def test_a_lesson_takes_at_most_eight_minutes(courses: tuple[CourseDraft, ...]) -> None:
    every = [lesson for course in courses for lesson in lessons(course)]
    assert [lesson.title for lesson in every if lesson.minutes > 8] == []
    assert [lesson.title for lesson in every if len(lesson.text.split()) > 8 * WORDS_A_MINUTE] == []
    assert [lesson.title for lesson in every if len(lesson.text.split()) < 400] == []


def test_a_course_ends_in_a_template_to_take_along(courses: tuple[CourseDraft, ...]) -> None:
    assert [course.slug for course in courses if not lessons(course)[-1].attachments] == []


def test_no_paragraph_stands_twice(courses: tuple[CourseDraft, ...]) -> None:
    found = Counter(
        paragraph.strip()
        for course in courses
        for lesson in lessons(course)
        for paragraph in lesson.text.split("\n\n")
        if len(paragraph) > 120
    )
    assert [paragraph for paragraph, times in found.items() if times > 1] == []


def test_a_pool_holds_twice_what_is_asked_and_explains_each(courses: tuple[CourseDraft, ...]) -> None:
    for quiz in quizzes(courses):
        assert len(quiz.questions) == 2 * quiz.ask
        assert [question.id for question in quiz.questions if len(question.explanation) < 60] == []
        assert [question.id for question in quiz.questions if question.passage is None] == []


def test_what_is_right_shows_neither_by_its_place_nor_by_its_length(courses: tuple[CourseDraft, ...]) -> None:
    single = [one for quiz in quizzes(courses) for one in quiz.questions if one.kind == "single"]
    places = Counter(right_place(one) for one in single)
    assert max(places.values()) < len(single) * 0.4
    assert sum(is_longest(one) for one in single) < len(single) * 0.45
    for quiz in quizzes(courses):
        in_order = [right_place(one) for one in quiz.questions if one.kind == "single"]
        assert all(len(set(four)) > 1 for four in zip(*(in_order[start:] for start in range(4)), strict=False))


def right_place(question: QuestionDraft) -> int:
    return next(place for place, choice in enumerate(question.choices) if choice.correct)


def is_longest(question: QuestionDraft) -> bool:
    right = next(choice for choice in question.choices if choice.correct)
    return all(len(right.text) > len(choice.text) for choice in question.choices if choice is not right)


def test_nobody_of_the_cast_is_a_client_in_a_lesson(courses: tuple[CourseDraft, ...]) -> None:
    """Maya of Northlight signs in to the demo and reads these lessons; there she may stand as herself alone."""
    cast = written("cast.yaml")
    people = {one["name"] for partner in cast["partners"] for one in partner["people"]} - {"Maya Okafor"}
    names = people | {one["name"] for one in cast["partners"]} - {"Northlight Studio"}
    told = "\n".join(lesson.text for course in courses for lesson in lessons(course))
    assert sorted(name for name in names if name in told) == []
