"""Quizzes: asking, checking, what to read again, and what is told when."""

from datetime import datetime
from uuid import UUID

import pytest

from academy.core import clock
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import EditionLesson
from academy.learning.catalog.rules import (
    Catalogue,
    ChoiceDraft,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    QuestionDraft,
    QuizDraft,
)
from academy.learning.quizzes.models import Attempt

from ...worlds import take_quiz
from ..reading import heading, main
from .classroom import a_classroom

pytestmark = pytest.mark.django_db


def _with_passages(at: datetime) -> list[UUID]:
    """The lesson and the quiz of a course whose questions say where their answers stand."""
    questions = tuple(
        QuestionDraft(
            f"q{number}",
            "single",
            f"Question {number}?",
            (ChoiceDraft("a", "Right."), ChoiceDraft("b", "Wrong.", correct=True)),
            explanation="It **is** so.",
            passage=PassageDraft("m", "one", f"part-{number}"),
        )
        for number in (1, 2)
    )
    lessons = (
        LessonDraft("one", "article", "Reading", 5, text="## Part 1\n\nFirst words.\n\n## Part 2\n\n" + "word " * 200),
        LessonDraft("quiz", "quiz", "Check", 3, quiz=QuizDraft(2, 100, 2, questions)),
    )
    module = ModuleDraft(uid="m", slug="m", title="Module", lessons=lessons)
    draft = CourseDraft(uid="p", slug="p", title="Passages", modules=(module,))
    assert publish_catalogue(Catalogue(courses=(draft,)), source="p", by=None, now=at).refused == ()
    lines = EditionLesson.objects.filter(edition__course__slug="p").order_by("position")
    return [line.lesson_id for line in lines]


def test_a_quiz_asks_in_silence_and_without_answers() -> None:
    room = a_classroom(lessons=1)

    answer = room.get(f"/training/quizzes/{room.quiz()}/")

    page = answer.content.decode()
    assert (answer.status_code, heading(answer)) == (200, "Check 0")
    assert "Quiz · 1 of 1 pass · 3 attempts left today" in main(answer)
    assert " data-quiet" in page
    assert "Because." not in page
    assert "checked" not in page


def test_opening_it_again_asks_the_same() -> None:
    room = a_classroom(lessons=1)
    room.get(f"/training/quizzes/{room.quiz()}/")

    room.get(f"/training/quizzes/{room.quiz()}/")

    assert Attempt.objects.count() == 1


def test_a_quiz_under_the_address_of_a_lesson_and_the_other_way_round() -> None:
    room = a_classroom()

    assert room.get(f"/training/lessons/{room.quiz()}/")["Location"] == f"/training/quizzes/{room.quiz()}/"
    assert room.get(f"/training/quizzes/{room.lesson()}/")["Location"] == f"/training/lessons/{room.lesson()}/"


def test_passing_leads_to_what_it_brought() -> None:
    room = a_classroom(lessons=1)

    answer = room.answer(room.quiz())

    assert answer.status_code == 302
    assert answer["Location"].startswith(f"/training/lessons/{room.quiz()}/done/?after=")
    assert Attempt.objects.get().passed is True


def test_failing_says_what_was_needed_and_which_passages_to_read() -> None:
    room = a_classroom()
    lesson, quiz = _with_passages(room.at)

    answer = room.answer(quiz)
    result = room.get(answer["Location"])

    assert answer["Location"] == f"/training/quizzes/{quiz}/result/"
    assert heading(result) == "0 of 2, 2 needed"
    assert "These 2 passages, 3 min, then again." in main(result)
    assert f'href="/training/lessons/{lesson}/#part-1"' in result.content.decode()
    assert f'href="/training/lessons/{lesson}/#part-2"' in result.content.decode()
    assert "1 attempt left today." in main(result)
    assert "It is so." not in main(result)


def test_the_last_attempt_of_the_day_explains_and_sends_home() -> None:
    room = a_classroom()
    _lesson, quiz = _with_passages(room.at)
    room.answer(quiz)

    result = room.get(room.answer(quiz)["Location"])

    assert "Today’s attempts are used up." in main(result)
    assert main(result).count("It is so.") == 2
    assert main(result).count("This was right too") == 2
    assert "Try again" not in result.content.decode()


def test_a_quiz_without_attempts_left_shows_how_it_went() -> None:
    room = a_classroom()
    _lesson, quiz = _with_passages(room.at)
    room.answer(quiz)
    room.answer(quiz)

    answer = room.get(f"/training/quizzes/{quiz}/?again=1")

    assert (answer.status_code, answer["Location"]) == (302, f"/training/quizzes/{quiz}/result/")


def test_a_passed_quiz_shows_how_it_went_and_can_be_taken_again() -> None:
    room = a_classroom(lessons=1)
    take_quiz(room.world.owner, room.quiz(), now=clock.now())

    answer = room.get(f"/training/quizzes/{room.quiz()}/")
    result = room.get(answer["Location"])
    again = room.get(f"/training/quizzes/{room.quiz()}/?again=1")

    assert heading(result) == "Passed: 1 of 1"
    assert "Because." in main(result)
    assert (again.status_code, heading(again)) == (200, "Check 0")


def test_an_attempt_sent_twice_counts_once() -> None:
    room = a_classroom(lessons=1)
    room.answer(room.quiz(), right=False)
    attempt = Attempt.objects.get()

    answer = room.browser.post(f"/training/quizzes/{room.quiz()}/", {"attempt": str(attempt.id)})

    assert answer["Location"] == f"/training/quizzes/{room.quiz()}/result/"
    assert Attempt.objects.get().submitted_at == attempt.submitted_at


@pytest.mark.parametrize("attempt", ["", "not-an-id", "00000000-0000-0000-0000-000000000000"])
def test_an_attempt_that_is_not_there_is_not_found(attempt: str) -> None:
    room = a_classroom(lessons=1)

    answer = room.browser.post(f"/training/quizzes/{room.quiz()}/", {"attempt": attempt})

    assert answer.status_code == 404


def test_without_an_attempt_there_is_no_result() -> None:
    room = a_classroom(lessons=1)

    answer = room.get(f"/training/quizzes/{room.quiz()}/result/")

    assert answer["Location"] == f"/training/quizzes/{room.quiz()}/"
