"""How much one caller may ask in a minute."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import Settings

from academy.api import limits

from ..worlds import World, a_colleague
from .calls import ROOT, Program, problem

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _few(settings: Settings) -> None:
    settings.API_READS_A_MINUTE, settings.API_WRITES_A_MINUTE = 3, 2


def left(answer: Any) -> tuple[int, str, str, str]:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    return (answer.status_code, *(answer.headers[name] for name in names))


def test_reads_and_writes_are_counted_apart(program: Program, world: World) -> None:
    path = f"/courses/{world.course.slug}/enrolment"

    assert [left(program.send("GET", "/me")) for _ in range(4)] == [
        (200, "3", "2", "60"),
        (200, "3", "1", "60"),
        (200, "3", "0", "60"),
        (429, "3", "0", "60"),
    ]
    assert [left(program.send("POST", path)) for _ in range(3)] == [
        (201, "2", "1", "60"),
        (200, "2", "0", "60"),
        (429, "2", "0", "60"),
    ]


def test_too_much_says_when_to_go_on(program: Program, now: datetime) -> None:
    for _ in range(3):
        program.send("GET", "/me")

    with time_machine.travel(now + timedelta(seconds=18), tick=False):
        answer = program.send("GET", "/me")
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        again = program.send("GET", "/me")

    assert answer.headers["Retry-After"] == "42"
    assert problem(answer) == {
        "type": "urn:siso-academy:problem:too_fast",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "That is more than we answer in a minute. Go on in 42 seconds.",
        "code": "too_fast",
        "errors": {},
    }
    assert left(again) == (200, "3", "2", "60")


def test_each_token_has_its_own_minute(program: Program, world: World, now: datetime) -> None:
    for _ in range(4):
        program.send("GET", "/me")

    assert Program(a_colleague(world.partner, now=now), now=now).send("GET", "/me").status_code == 200


def test_guessing_tokens_is_counted_by_address() -> None:
    def guess(address: str) -> int:
        wrong = {"Authorization": "Bearer siso_" + "a" * 40}
        return Client(REMOTE_ADDR=address).get(f"{ROOT}/me", headers=wrong).status_code

    assert [guess("192.0.2.7") for _ in range(4)] == [401, 401, 401, 429]
    assert guess("192.0.2.8") == 401
    assert [guess(f"2001:db8::{n}") for n in range(4)] == [401, 401, 401, 429]
    assert guess("2001:db8:0:1::1") == 401


def test_other_processes_are_told_of_every_full_portion(program: Program, world: World, settings: Settings) -> None:
    settings.API_READS_A_MINUTE = limits.PORTION * 3
    for _ in range(limits.PORTION * 2 - 1):
        program.send("GET", "/me")
    with connection.cursor() as cursor:
        cursor.execute("select spent from api_minute")
        assert cursor.fetchall() == [(limits.PORTION,)]
        # Another process has told of a portion in the meantime; ours learns of it when it tells its next.
        cursor.execute("update api_minute set spent = spent + %s", [limits.PORTION])

    assert left(program.send("GET", "/me")) == (200, "75", "0", "60")
    assert program.send("GET", "/me").status_code == 429
