"""The training pages ask the database as often for one course as for three."""

from typing import Any

import pytest
from django.test import Client

from academy.core import clock
from academy.people.accounts.models import Person

from ...factories import signed_in
from ...worlds import World, a_course_draft, a_world, days, publish, read_lesson
from .classroom import a_path

pytestmark = pytest.mark.django_db


def _learner(courses: int, *, modules: int = 2) -> tuple[World, Client]:
    """Somebody in the middle of so many courses."""
    at = clock.now() - days(3)
    world = a_world(at, modules=modules, lessons=2)
    drafts = [a_course_draft(f"course-{number}", modules=modules, lessons=2) for number in range(courses - 1)]
    others = publish(*drafts, now=at, source="others") if drafts else []
    for course in (world.course, *others):
        read_lesson(world.owner, course.lessons[course.modules[0]][0], now=at + days(1))
    return world, signed_in(Person.objects.get(pk=world.owner.person_id))


@pytest.mark.parametrize("courses", [1, 3])
def test_hub(courses: int, django_assert_num_queries: Any) -> None:
    _world, browser = _learner(courses, modules=courses + 1)
    browser.get("/training/")  # compiles templates and parses the plan

    with django_assert_num_queries(10):
        answer = browser.get("/training/")

    assert answer.status_code == 200


@pytest.mark.parametrize("courses", [1, 3])
def test_time(courses: int, django_assert_num_queries: Any) -> None:
    _world, browser = _learner(courses)
    parts = {"X-Parts": "time"}
    browser.get("/training/?minutes=15", headers=parts)

    with django_assert_num_queries(6):
        answer = browser.get("/training/?minutes=15", headers=parts)

    assert answer.status_code == 200


@pytest.mark.parametrize("modules", [1, 3])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/training/catalogue/", 10),
        ("/training/paths/way/", 10),
        ("/training/history/", 4),
        ("/training/courses/course/", 8),
        ("/search/?q=lesson", 3),
    ],
)
def test_page(address: str, queries: int, modules: int, django_assert_num_queries: Any) -> None:
    _world, browser = _learner(modules, modules=modules)
    a_path(*(a_course_draft(f"one-{number}", modules=modules) for number in range(modules)), now=clock.now())
    browser.get(address)

    with django_assert_num_queries(queries):
        answer = browser.get(address)

    assert answer.status_code == 200


@pytest.mark.parametrize("modules", [1, 3])
def test_player(modules: int, django_assert_num_queries: Any) -> None:
    world, browser = _learner(1, modules=modules)
    address = f"/training/lessons/{world.course.lessons[world.course.modules[0]][1]}/"
    browser.get(address)

    with django_assert_num_queries(5):
        answer = browser.get(address)

    assert answer.status_code == 200
