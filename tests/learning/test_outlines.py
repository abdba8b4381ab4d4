"""A course as one person sees it: by its address or a lesson of it, in the edition taken, by one query."""

from datetime import datetime
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from academy.learning.outlines.queries import outline, outline_of_lesson
from academy.learning.progress.rules import State

from ..worlds import a_colleague, a_course_draft, a_world, publish, read_lesson

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("modules", [1, 3])
def test_one_query_however_many_modules(
    now: datetime, modules: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world = a_world(now, modules=modules)
    person = world.owner.person_id
    lesson = world.course.lessons[world.course.modules[-1]][0]
    with django_assert_num_queries(1):
        by_slug = outline(person, "course")
    assert by_slug is not None
    assert (len(by_slug.modules), by_slug.required, by_slug.done) == (modules, 2 * modules, 0)
    assert outline_of_lesson(person, lesson) == by_slug


def test_each_sees_the_edition_that_one_takes(now: datetime) -> None:
    world = a_world(now, modules=1)
    read_lesson(world.owner, world.course.lessons[world.course.modules[0]][0], now=now)
    publish(a_course_draft(modules=2), now=now)
    newcomer = a_colleague(world.partner, now=now)

    taken, newest = outline(world.owner.person_id, "course"), outline(newcomer.person_id, "course")
    assert taken is not None
    assert newest is not None
    assert (len(taken.modules), taken.newer_lessons, taken.modules[0].state) == (1, 2, State.IN_PROGRESS)
    assert (len(newest.modules), newest.newer_lessons, newest.modules[0].state) == (2, 0, State.NOT_STARTED)


def test_what_is_not_there(now: datetime) -> None:
    person = a_world(now).owner.person_id
    assert (outline(person, "gone"), outline_of_lesson(person, uuid4())) == (None, None)
