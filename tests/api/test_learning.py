"""Learning through the API: enrolling, progress, quizzes, and what follows."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.core.ids import uuid7
from academy.journal.queries import head
from academy.learning.progress.actions import Report, enrol, save_progress

from ..worlds import World, a_colleague, a_course_draft, pass_modules, publish
from .calls import Program, problem

pytestmark = pytest.mark.django_db


def first(world: World) -> tuple[UUID, UUID, UUID]:
    """The first module, its lesson and its quiz."""
    module = world.course.modules[0]
    return module, world.course.lessons[module][0], world.course.quizzes[module]


def test_enrolling_is_new_once(program: Program, world: World) -> None:
    path = f"/courses/{world.course.slug}/enrolment"
    enrolment = {"course": str(world.course.id), "slug": "course", "title": "Course", "state": "not_started"}

    assert program.told("POST", path) == (201, enrolment)
    assert program.told("POST", path) == (200, enrolment)


def test_a_course_that_is_not_there_cannot_be_taken(program: Program) -> None:
    answer = program.send("POST", "/courses/nothing/enrolment")

    assert (answer.status_code, problem(answer)["detail"]) == (404, "There is no such course.")


def test_a_course_shows_the_callers_states(program: Program, world: World, now: datetime) -> None:
    _, lesson, quiz = first(world)
    program.send("PUT", f"/lessons/{lesson}/progress", {"completed": True})

    told = program.get("/courses/course")

    assert told["modules"].pop() == {
        "id": str(world.course.modules[1]),
        "slug": "m1",
        "title": "Module 1",
        "core": True,
        "state": "not_started",
        "lessons": [
            {
                "id": str(identity),
                "kind": kind,
                "title": title,
                "minutes": minutes,
                "optional": False,
                "state": "not_started",
            }
            for identity, kind, title, minutes in (
                (world.course.lessons[world.course.modules[1]][0], "article", "Lesson 1.0", 5),
                (world.course.quizzes[world.course.modules[1]], "quiz", "Check 1", 3),
            )
        ],
    }
    (module,) = told.pop("modules")
    assert module["state"] == "in_progress"
    assert [(one["id"], one["state"]) for one in module["lessons"]] == [
        (str(lesson), "completed"),
        (str(quiz), "not_started"),
    ]
    assert told == {
        "id": str(world.course.id),
        "kind": "course",
        "slug": "course",
        "title": "Course",
        "summary": "",
        "minutes": 16,
        "level": None,
        "skills": [],
        "tags": [],
        "outcome": "",
        "takeaway": "",
        "state": "in_progress",
        "enrolled": True,
        "locked_by": None,
        "newer_lessons": 0,
    }


def test_progress_is_the_same_however_often_it_is_put(program: Program, world: World) -> None:
    _, lesson, _ = first(world)
    body = {"play": str(uuid7()), "position": 1, "seconds": 90, "completed": True}
    path = f"/lessons/{lesson}/progress"

    saved = {"lesson": "completed", "module": "in_progress", "course": "in_progress"}
    once, again = program.told("PUT", path, body), program.told("PUT", path, body)

    assert once == again == (200, saved | {"cursor": head()})
    assert program.get("/me/standing")["training"]["seconds"] == 90


@pytest.mark.parametrize(
    ("ago", "status"),
    [
        (timedelta(minutes=-5), 200),
        (timedelta(minutes=-5, seconds=-1), 422),
        (timedelta(days=30), 200),
        (timedelta(days=30, seconds=1), 422),
    ],
)
def test_what_a_device_says_of_when(program: Program, world: World, now: datetime, ago: timedelta, status: int) -> None:
    _, lesson, _ = first(world)
    body = {"position": 0.5, "occurred_at": (now - ago).isoformat()}

    answered, told = program.told("PUT", f"/lessons/{lesson}/progress", body)

    assert (answered, list(told.get("errors", {}))) == (status, ["occurred_at"] if status == 422 else [])


def test_lessons_wait_for_what_their_course_builds_on(program: Program, world: World, now: datetime) -> None:
    _, second = publish(a_course_draft(), a_course_draft("second", prerequisites=["course"]), now=now)
    lesson = second.lessons[second.modules[0]][0]

    assert program.get("/courses/second")["locked_by"] == {"slug": "course", "title": "Course"}
    assert problem(program.send("PUT", f"/lessons/{lesson}/progress", {"position": 0.5})) == {
        "type": "urn:siso-academy:problem:locked",
        "title": "Conflict",
        "status": 409,
        "detail": "Finish “Course” first: this course builds on it.",
        "code": "locked",
        "errors": {},
    }


def test_progress_asks_one_query_more_than_its_action(world: World, now: datetime) -> None:
    lessons = [world.course.lessons[module][0] for module in world.course.modules]
    one, other = (a_colleague(world.partner, now=now) for _ in range(2))
    program = Program(other, now=now)
    program.send("GET", "/me")  # the first use of a token is noted
    with CaptureQueriesContext(
        connection,
    ) as action:
        save_progress(one, lessons[0], Report(position=1, completed=True), now=now)

    with CaptureQueriesContext(connection) as asked:
        assert program.send("PUT", f"/lessons/{lessons[0]}/progress", {"position": 1, "completed": True})

    assert len(asked) == len(action) + 1  # who is asking


def test_a_quiz_asks_without_answers_and_the_same_until_handed_in(program: Program, world: World) -> None:
    _, lesson, quiz = first(world)
    program.send("PUT", f"/lessons/{lesson}/progress", {"completed": True})

    opened = program.get(f"/quizzes/{quiz}")

    assert opened == program.get(f"/quizzes/{quiz}")
    (question,) = opened["questions"]
    assert opened == {"attempt": opened["attempt"], "attempts_left": 3, "needed": 1, "questions": [question]}
    assert question == {
        "id": question["id"],
        "multiple": False,
        "text": f"Question {question['id'][1:]}?",
        "html": question["html"],
        "choices": [
            {"id": "a", "text": "Right.", "html": "Right."},
            {"id": "b", "text": "Wrong.", "html": "Wrong."},
        ],
    }


def answer(program: Program, quiz: UUID, choice: str) -> Any:
    opened = program.get(f"/quizzes/{quiz}")
    ticked = {question["id"]: [choice] for question in opened["questions"]}
    return program.told("POST", f"/quizzes/{quiz}/attempts", {"attempt": opened["attempt"], "answers": ticked})


def test_passing_explains_and_moves_what_follows(program: Program, world: World) -> None:
    _, lesson, quiz = first(world)
    program.send("PUT", f"/lessons/{lesson}/progress", {"completed": True})

    status, told = answer(program, quiz, "a")

    (question,) = told.pop("questions")
    assert (status, told) == (
        200,
        {
            "score": 100,
            "passed": True,
            "attempts_left": 2,
            "lesson": "passed",
            "module": "passed",
            "course": "in_progress",
            "cursor": head(),
        },
    )
    assert question == {
        "id": question["id"],
        "correct": True,
        "explanation": "Because.",
        "right": ["a"],
        "passage": None,
    }
    standing = program.get("/me/standing")
    assert (standing["tier"]["current"], standing["commission"]["rate"]) == ("Silver", "11.50")


def test_failing_explains_only_the_days_last_attempt(program: Program, world: World) -> None:
    _, _, quiz = first(world)

    told = [answer(program, quiz, "b")[1] for _ in range(3)]

    assert [(one["passed"], one["attempts_left"], "questions" in one) for one in told] == [
        (False, 2, False),
        (False, 1, False),
        (False, 0, True),
    ]
    refused = program.send("GET", f"/quizzes/{quiz}")
    assert (refused.status_code, problem(refused)["code"]) == (409, "no_attempts")


def test_an_attempt_of_somebody_else_is_not_there(program: Program, world: World, now: datetime) -> None:
    _, _, quiz = first(world)
    theirs = Program(a_colleague(world.partner, now=now), now=now).get(f"/quizzes/{quiz}")["attempt"]
    program.get(f"/quizzes/{quiz}")

    refused = program.send("POST", f"/quizzes/{quiz}/attempts", {"attempt": theirs, "answers": {}})

    assert (refused.status_code, problem(refused)["detail"]) == (404, "There is no such attempt of yours.")


def test_training_lists_what_one_takes(program: Program, world: World, now: datetime) -> None:
    _, lesson, quiz = first(world)
    program.send("PUT", f"/lessons/{lesson}/progress", {"completed": True})

    assert program.get("/me/training") == {
        "items": [
            {
                "course": str(world.course.id),
                "slug": "course",
                "title": "Course",
                "state": "in_progress",
                "percent": 25,
                "lessons_done": 1,
                "lessons_total": 4,
                "minutes_left": 11,
                "enrolled_at": "2026-03-02T09:00:00Z",
                "last_opened_at": "2026-03-02T09:00:00Z",
                "completed_at": None,
                "due_on": None,
                "next_lesson": {"id": str(quiz), "title": "Check 0", "kind": "quiz"},
                "newer_lessons": 0,
            }
        ],
        "next": None,
    }


def test_training_and_certificates_are_cut_by_cursors(program: Program, world: World, now: datetime) -> None:
    """Each page begins behind the one before it, and all of them are the whole list."""
    for course in (world.course, *publish(a_course_draft("second"), a_course_draft("third"), now=now)):
        enrol(world.owner, course.id, now=now)
    whole = program.get("/me/training")
    pages = [program.get("/me/training?limit=2")]
    pages.append(program.get(f"/me/training?limit=2&cursor={pages[0]['next']}"))

    assert (len(whole["items"]), whole["next"], [len(page["items"]) for page in pages]) == (3, None, [2, 1])
    assert [*pages[0]["items"], *pages[1]["items"]] == whole["items"]
    assert pages[1]["next"] is None
    assert program.get("/me/certificates?limit=1") == {"items": [], "next": None}


def test_activity_follows_a_cursor_page_by_page(program: Program, world: World, now: datetime) -> None:
    start = head()
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)

    pages, address = [], f"/me/activity?after={start}&limit=2"
    while True:
        page = program.get(address)
        pages.append([fact["kind"] for fact in page["items"]])
        if page["next"] is None:
            break
        address = f"/me/activity?cursor={page['next']}&limit=2"

    assert pages == [
        ["lesson.completed", "quiz.passed"],
        ["module.completed", "tier.changed"],
        ["rate.changed"],
    ]
    assert program.get(f"/me/activity?after={start}")["items"][0] == {
        "cursor": start + 1,
        "kind": "lesson.completed",
        "occurred_at": "2026-03-02T09:00:00Z",
        "subject": {"kind": "lesson", "id": str(world.course.lessons[world.course.modules[0]][0])},
        "data": {"course": str(world.course.id), "module": str(world.course.modules[0])},
    }


def test_activity_tells_a_member_nothing_of_amounts_or_of_others(world: World, now: datetime) -> None:
    member = Program(a_colleague(world.partner, now=now), now=now)
    won = [fact["data"] for fact in member.get("/me/activity")["items"] if fact["kind"] == "deal.won"]
    assert won == [{}]  # that it happened, and no number of it
    start = head()
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)

    assert [fact["kind"] for fact in member.get(f"/me/activity?after={start}")["items"]] == [
        "tier.changed",
        "rate.changed",
    ]


def test_the_catalogue_is_narrowed_searched_and_paged(program: Program, world: World, now: datetime) -> None:
    publish(a_course_draft(), a_course_draft("pricing"), a_course_draft("retention"), now=now)

    def slugs(query: str) -> list[str]:
        return [item["slug"] for item in program.get(f"/catalog/items?{query}")["items"]]

    assert slugs("") == ["course", "pricing", "retention"]
    assert slugs("q=pricing") == ["pricing"]
    assert slugs("kind=path") == slugs("skill=none") == slugs("tag=none") == slugs("level=advanced") == []
    page = program.get("/catalog/items?limit=2")
    assert page["items"][0] == {
        "id": str(world.course.id),
        "kind": "course",
        "slug": "course",
        "title": "Course",
        "summary": "",
        "minutes": 16,
        "level": None,
        "skills": [],
        "tags": [],
    }
    assert slugs(f"limit=2&cursor={page['next']}") == ["retention"]
