"""Idempotency-Key: once done, the same answer; another body is a mistake; two at once are one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from academy.api.once import KEPT
from academy.learning.quizzes.models import Attempt

from ..together import together
from ..worlds import World, a_colleague, a_world
from .calls import Program, problem


@pytest.fixture
def handing_in(program: Program, world: World) -> tuple[str, dict[str, Any]]:
    """Where to hand an attempt in, and its answers."""
    quiz = world.course.quizzes[world.course.modules[0]]
    opened = program.get(f"/quizzes/{quiz}")
    return f"/quizzes/{quiz}/attempts", {
        "attempt": opened["attempt"],
        "answers": {question["id"]: ["a"] for question in opened["questions"]},
    }


@pytest.mark.django_db
def test_repeated_with_its_key_a_request_is_answered_as_before(
    program: Program, handing_in: tuple[str, dict[str, Any]]
) -> None:
    path, body = handing_in

    first = program.told("POST", path, body, Idempotency_Key="k-1")

    assert first == program.told("POST", path, body, Idempotency_Key="k-1")
    assert first[1]["score"] == 100
    # Without the key the same request is refused: it was handed in.
    refused = program.send("POST", path, body)
    assert (refused.status_code, problem(refused)["code"]) == (409, "submitted")


@pytest.mark.django_db
def test_the_status_is_kept_too(program: Program, world: World) -> None:
    path = f"/courses/{world.course.slug}/enrolment"

    first, again = (program.told("POST", path, Idempotency_Key="k") for _ in range(2))

    assert (first[0], first) == (201, again)
    assert program.told("POST", path)[0] == 200


@pytest.mark.django_db
def test_a_key_with_another_body_is_refused(program: Program, handing_in: tuple[str, dict[str, Any]]) -> None:
    path, body = handing_in
    program.send("POST", path, body, Idempotency_Key="k-1")

    answer = program.send("POST", path, body | {"answers": {}}, Idempotency_Key="k-1")

    assert problem(answer) == {
        "type": "urn:siso-academy:problem:key_reused",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "This key came with another body before. Give every new request a key of its own.",
        "code": "key_reused",
        "errors": {"Idempotency-Key": "Used for another request."},
    }


@pytest.mark.django_db
def test_a_key_belongs_to_its_caller_and_path(program: Program, world: World, now: datetime) -> None:
    path = f"/courses/{world.course.slug}/enrolment"
    other = Program(a_colleague(world.partner, now=now), now=now)

    assert [one.told("POST", path, Idempotency_Key="k")[0] for one in (program, other)] == [201, 201]


@pytest.mark.django_db
def test_a_refusal_is_not_kept(program: Program, handing_in: tuple[str, dict[str, Any]]) -> None:
    path, body = handing_in

    refused = program.send("POST", path, body | {"answers": {"nothing": ["a"]}}, Idempotency_Key="k-1")

    assert refused.status_code == 422
    assert program.told("POST", path, body, Idempotency_Key="k-1")[0] == 200


@pytest.mark.django_db
def test_after_a_day_a_key_is_new(program: Program, world: World, now: datetime) -> None:
    path = f"/courses/{world.course.slug}/enrolment"
    program.send("POST", path, Idempotency_Key="k")

    for later, status in ((KEPT - timedelta(seconds=1), 201), (KEPT, 200), (KEPT * 1.5, 200)):
        with time_machine.travel(now + later, tick=False):
            assert program.told("POST", path, Idempotency_Key="k")[0] == status


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a" * 201])
def test_a_key_has_a_length(program: Program, world: World, key: str) -> None:
    answer = program.send("POST", f"/courses/{world.course.slug}/enrolment", Idempotency_Key=key)

    assert (answer.status_code, list(problem(answer)["errors"])) == (422, ["Idempotency-Key"])


@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs_the_second_is_told_so(now: datetime) -> None:
    world = a_world(now)
    program = Program(world.owner, now=now)
    path = f"/courses/{world.course.slug}/enrolment"
    program.send("GET", "/me")
    whose = "\x1f".join((f"token:{_token_of(world)}", f"/api/v1{path}", "k"))
    with connection.cursor() as cursor:
        # What the first request holds until its transaction ends.
        cursor.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [whose])

    (answer,) = together(1, lambda _: program.send("POST", path, Idempotency_Key="k"))

    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_unlock_all()")
    assert not isinstance(answer, Exception)
    assert problem(answer) == {
        "type": "urn:siso-academy:problem:still_running",
        "title": "Conflict",
        "status": 409,
        "detail": "The first request with this key still runs. Ask again in a second.",
        "code": "still_running",
        "errors": {},
    }


def _token_of(world: World) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select id from people_apitoken where person_id = %s", [world.owner.person_id])
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_do_it_once(now: datetime) -> None:
    world = a_world(now)
    program = Program(world.owner, now=now)
    quiz = world.course.quizzes[world.course.modules[0]]
    opened = program.get(f"/quizzes/{quiz}")
    body = {"attempt": opened["attempt"], "answers": {one["id"]: ["a"] for one in opened["questions"]}}

    def hand_in(_: int) -> tuple[int, Any]:
        return program.told("POST", f"/quizzes/{quiz}/attempts", body, Idempotency_Key="k")

    answers = [answer for answer in together(10, hand_in) if not isinstance(answer, Exception)]

    assert len(answers) == 10
    done = [told for status, told in answers if status == 200]
    assert done
    assert all(told == done[0] for told in done)
    assert {told["code"] for status, told in answers if status != 200} <= {"still_running"}
    assert Attempt.objects.filter(submitted_at__isnull=False).count() == 1
