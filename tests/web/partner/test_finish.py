"""What a lesson or quiz brought: only what the journal confirms."""

from typing import Any

import pytest

from academy.core import clock
from academy.learning.progress.models import LessonProgress
from academy.recognition.certificates.models import Certificate

from ...worlds import days, pass_modules, win
from ..reading import heading, main
from .classroom import a_classroom

pytestmark = pytest.mark.django_db


def test_the_last_quiz_brings_tier_rate_and_certificate() -> None:
    room = a_classroom(modules=2, lessons=1)
    win(room.world.partner, 150_000, at=room.at + days(1))
    pass_modules(room.world.owner, room.course, room.course.modules[0], now=room.at + days(1))
    room.browser.post(f"/training/lessons/{room.lesson(1)}/complete/")

    done = room.get(room.answer(room.quiz(1))["Location"])

    said = main(done)
    assert heading(done) == "You are Gold"
    assert "Quiz passed with 100%: Check 1" in said
    assert "Module passed: Module 1" in said
    assert "Course completed: Course" in said
    assert "was 11.50% now 14.65%" in said
    assert "× 1.30 Gold 13.00% × 1.05 core training 13.65% + 1.00 points, 1 advanced certificate 14.65%" in said
    assert f"Certificate {Certificate.objects.get().serial}" in said


def test_a_module_that_changes_nothing_yet_says_where_it_brought_one() -> None:
    room = a_classroom(modules=2, lessons=1)
    room.browser.post(f"/training/lessons/{room.lesson()}/complete/")

    done = room.get(room.answer(room.quiz())["Location"])

    assert heading(done) == "Module passed"
    assert "Where this brought you Core training 1 of 2 modules" in main(done)
    assert "Master 1 of 2 modules" in main(done)
    assert f'class="btn go" href="/training/lessons/{room.lesson(1)}/"' in done.content.decode()


def test_a_quiz_before_its_lessons_says_what_is_left_and_leads_there() -> None:
    room = a_classroom(lessons=2)

    done = room.get(room.answer(room.quiz())["Location"])

    assert heading(done) == "Passed with 100%"
    assert "Module passed" not in main(done)
    assert "2 lessons of “Module 0” are left, 10 min. Then the module counts." in main(done)
    assert f'class="btn go" href="/training/lessons/{room.lesson()}/"' in done.content.decode()


def test_it_can_be_opened_again_later() -> None:
    room = a_classroom(lessons=1)
    room.answer(room.quiz())

    done = room.get(f"/training/lessons/{room.quiz()}/done/")

    assert heading(done) == "Passed with 100%"


@pytest.mark.parametrize("after", ["", "?after=99999999", "?after=nonsense", "?after=999999999999999999999"])
def test_without_a_fact_there_is_nothing_to_show(after: str) -> None:
    room = a_classroom()

    answer = room.get(f"/training/lessons/{room.lesson()}/done/{after}")

    assert (answer.status_code, answer["Location"]) == (302, f"/training/lessons/{room.lesson()}/")
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("modules", [2, 3])
def test_asks_as_often_however_much_there_is(modules: int, django_assert_num_queries: Any) -> None:
    room = a_classroom(modules=modules, lessons=1)
    pass_modules(room.world.owner, room.course, room.course.modules[0], now=clock.now())
    address = f"/training/lessons/{room.quiz()}/done/"
    room.get(address)

    with django_assert_num_queries(7):
        answer = room.get(address)

    assert answer.status_code == 200
