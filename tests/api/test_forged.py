"""Whoever says that something is completed has proved nothing: no such call moves a rate."""

from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.learning.progress.models import LessonProgress
from academy.learning.quizzes.actions import open_attempt
from academy.people.permissions.rules import Actor

from ..factories import a_person, a_staff_member, acting
from ..worlds import World, a_colleague, a_course_draft, a_partner_in, publish, read_lesson
from .calls import Program

pytestmark = pytest.mark.django_db


def standings(*programs: Program) -> list[tuple[Any, ...]]:
    found = [program.get("/me/standing") for program in programs]
    return [(one["tier"], one["commission"], one["training"]["core_completed"]) for one in found]


def test_twelve_forged_completions_move_no_rate(program: Program, world: World, now: datetime) -> None:
    (locked,) = publish(a_course_draft("locked", prerequisites=["course"]), now=now)
    rival = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    colleague = a_colleague(world.partner, now=now)
    for who in (world.owner, colleague, rival):
        for module in world.course.modules:  # all that is missing are the quizzes
            read_lesson(who, world.course.lessons[module][0], now=now)
    first, second = world.course.quizzes.values()
    theirs = open_attempt(rival, first, now=now)
    mate, opponent = Program(colleague, now=now), Program(rival, now=now)
    narrow = Program(colleague, now=now, scopes=("deals",))
    outsider, staff = Program(Actor(a_person().pk), now=now), Program(acting(a_staff_member("manager")), now=now)
    before, facts = standings(program, mate, opponent), Fact.objects.count()

    completed = {"completed": True, "position": 1}
    right = {question.id: ["a"] for question in theirs.questions}
    handed_in = {"attempt": str(theirs.attempt), "answers": right}
    answers = [
        caller.send(method, path, body).status_code
        for caller, method, path, body in (
            # a quiz is no lesson to be reported
            (program, "PUT", f"/lessons/{first}/progress", completed),
            (mate, "PUT", f"/lessons/{second}/progress", completed),
            (outsider, "PUT", f"/lessons/{first}/progress", completed),
            (staff, "PUT", f"/lessons/{second}/progress", completed),
            # another's attempt, one that is not there, one of another quiz
            (program, "POST", f"/quizzes/{first}/attempts", handed_in),
            (mate, "POST", f"/quizzes/{first}/attempts", handed_in | {"attempt": str(uuid7())}),
            (opponent, "POST", f"/quizzes/{second}/attempts", handed_in),
            # what is not there, what is not open, what is no lesson
            (program, "PUT", f"/lessons/{uuid7()}/progress", completed),
            (program, "PUT", f"/lessons/{locked.lessons[locked.modules[0]][0]}/progress", completed),
            (program, "PUT", f"/lessons/{world.course.modules[0]}/progress", completed),
            # a token without the scope, and none
            (narrow, "PUT", f"/lessons/{first}/progress", completed),
            (Program(None, now=now), "PUT", f"/lessons/{first}/progress", completed),
        )
    ]

    assert answers == [200, 200, 200, 200, 404, 404, 404, 404, 409, 404, 403, 401]
    assert standings(program, mate, opponent) == before
    assert Fact.objects.count() == facts
    assert not LessonProgress.objects.filter(lesson__in=[first, second], completed_at__isnull=False).exists()
