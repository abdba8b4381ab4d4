"""What several devices kept while offline, handed in in any order and any number of times: the same progress."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from academy.core.errors import Conflict
from academy.journal.models import Fact
from academy.learning.progress.actions import Report, save_progress
from academy.learning.progress.models import Enrolment, LessonProgress, Play
from academy.learning.progress.queries import course_states
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.learning.quizzes.models import Attempt
from academy.people.permissions.rules import Actor
from academy.programme.verification.queries import verify

from ...factories import a_person
from ...worlds import Course, a_course_draft, publish

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Event = Callable[[Actor, Course, datetime], None]


@dataclass(frozen=True)
class Told:
    """A report kept by a device about the lesson of that number; the last ones are quizzes."""

    lesson: int
    report: Report

    def __call__(self, actor: Actor, course: Course, now: datetime) -> None:
        save_progress(actor, lessons_of(course)[self.lesson], self.report, now=now)


@dataclass(frozen=True)
class HandedIn:
    """An attempt that was open when the device went offline."""

    quiz: int
    right: bool
    occurred_at: datetime

    def __call__(self, actor: Actor, course: Course, now: datetime) -> None:
        lesson = list(course.quizzes.values())[self.quiz]
        attempt = Attempt.objects.filter(person_id=actor.person_id, lesson_id=lesson).order_by("opened_at").first()
        assert attempt is not None
        answers = {question: ["a" if self.right else "b"] for question in attempt.questions}
        if attempt.submitted_at is None:
            submit_attempt(actor, lesson, attempt.pk, answers, now=now, occurred_at=self.occurred_at)
        else:
            with pytest.raises(Conflict):
                submit_attempt(actor, lesson, attempt.pk, answers, now=now, occurred_at=self.occurred_at)


def lessons_of(course: Course) -> list[UUID]:
    return [*(lesson for module in course.modules for lesson in course.lessons[module]), *course.quizzes.values()]


@st.composite
def plays(draw: st.DrawFn) -> list[Told]:
    """One stretch with a lesson on a device whose clock is wrong by minutes: totals that grow, pauses in between."""
    lesson, skew, at, seconds = draw(st.integers(0, 5)), draw(st.floats(-600, 240)), draw(st.floats(0, 3_000)), 0.0
    told = []
    for step in draw(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=5)):
        watched, paused = step
        at, seconds = at + watched + paused, seconds + watched
        position = draw(st.none() | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
        report = Report(
            position=position,
            anchor=draw(st.sampled_from(["", "p-1", "p-2"])),
            seconds=int(seconds),
            completed=draw(st.booleans()) and draw(st.booleans()),
            occurred_at=BEGIN + timedelta(seconds=at + skew),
        )
        told.append(Told(lesson, report))
    return told


def _numbered(some: list[list[Told]]) -> list[Told]:
    """Plays with an id each."""
    return [
        replace(told, report=replace(told.report, play=UUID(int=number)))
        for number, play in enumerate(some)
        for told in play
    ]


moments = st.integers(0, 3_000).map(lambda second: BEGIN + timedelta(seconds=second))
marks = st.builds(
    Told,
    st.integers(0, 5),
    st.builds(
        Report,
        position=st.none() | st.sampled_from([0.1, 0.5, 1.0]),
        anchor=st.sampled_from(["", "p-3", "t-95"]),
        completed=st.booleans(),
        occurred_at=moments,
    ),
)
quizzes = st.lists(
    st.builds(HandedIn, st.integers(0, 1), st.booleans(), moments), max_size=2, unique_by=lambda one: one.quiz
)
histories = st.builds(
    lambda some, single, handed: [*_numbered(some), *single, *handed],
    st.lists(plays(), max_size=4),
    st.lists(marks, max_size=6),
    quizzes,
)


@st.composite
def in_two_orders(draw: st.DrawFn) -> tuple[list[Event], list[Event]]:
    """A history as it happened, and again in another order with repeats."""
    events: list[Any] = draw(histories)
    repeats = draw(st.lists(st.sampled_from(events), max_size=6)) if events else []
    return events, list(draw(st.permutations(events + repeats)))


def come_of(events: list[Event], course: Course) -> dict[str, object]:
    """The progress of somebody new of whom all this is told afterwards, one event a second."""
    actor = Actor(a_person().pk)
    for quiz in course.quizzes.values():
        open_attempt(actor, quiz, now=BEGIN - timedelta(hours=1))
    for number, event in enumerate(events):
        event(actor, course, BEGIN + timedelta(hours=2, seconds=number))
    rows = LessonProgress.objects.filter(person_id=actor.person_id).order_by("lesson_id")
    taken = Enrolment.objects.get(person_id=actor.person_id)
    facts = Fact.objects.filter(person=actor.person_id).order_by("kind", "thing")
    return {
        "lessons": [
            (
                *(row.lesson_id, row.position, row.anchor, row.positioned_at, row.seconds, row.opened_at),
                *(row.completed_at is not None, row.passed_at is not None, row.failed_at is not None),
            )
            for row in rows
        ],
        "states": course_states(actor.person_id, course.id),
        "resume": (taken.last_lesson_id, taken.last_opened_at),
        "facts": list(facts.values_list("kind", "thing")),
    }


@pytest.fixture
def course(db: None) -> Course:
    """Two modules of two articles and a quiz each."""
    return publish(a_course_draft(modules=2, lessons=2), now=BEGIN - timedelta(days=1))[0]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(two=in_two_orders())
def test_offline_events_in_any_order_and_repeated_end_in_the_same_progress(
    course: Course, two: tuple[list[Event], list[Event]]
) -> None:
    happened, arrived = two
    with transaction.atomic():
        first = come_of(happened, course)
        Play.objects.all().delete()  # ids of plays are a device's own; the second person's are the same ones
        assert come_of(arrived, course) == first
        assert verify(now=BEGIN, deep=True).differences == []
        transaction.set_rollback(True)
