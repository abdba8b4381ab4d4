"""Every refusal is a problem document with a sentence a person can act on."""

from typing import Any

import pytest

from academy.api.schemas.problem import Problem
from academy.core.ids import uuid7

from ..worlds import World
from .calls import Program, problem

pytestmark = pytest.mark.django_db


def told(code: str, title: str, status: int, detail: str, **errors: str) -> dict[str, Any]:
    return {
        "type": f"urn:siso-academy:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": errors,
    }


def lesson_path(world: World) -> str:
    return f"/lessons/{world.course.lessons[world.course.modules[0]][0]}/progress"


NOT_HERE = told("not_found", "Not Found", 404, "There is nothing here, or it is not yours to see.")


@pytest.mark.parametrize("path", ["/nowhere", "/", "/lessons/not-an-id/progress", "/courses/%00", "/certificates/x"])
def test_what_leads_nowhere_is_not_found(program: Program, path: str) -> None:
    method = "PUT" if "lessons" in path else "GET"
    assert problem(program.send(method, path, {} if method == "PUT" else None)) == NOT_HERE


def test_another_method_is_named(program: Program, world: World) -> None:
    answer = program.send("DELETE", lesson_path(world))

    assert problem(answer) == told(
        "method_not_allowed", "Method Not Allowed", 405, "DELETE is not for this address. It takes PUT."
    )
    assert answer.headers["Allow"] == "PUT"


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_what_explains_the_api_is_only_read(program: Program, path: str) -> None:
    assert problem(program.send("POST", path))["status"] == 405
    head = program.send("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")


def test_head_is_get_without_a_body(program: Program) -> None:
    answer = program.send("HEAD", "/me")

    assert (answer.status_code, answer.content, answer.headers["RateLimit-Remaining"]) == (200, b"", "599")


@pytest.mark.parametrize("body", ["{", "nonsense", '{"position": 0.5', b"\xff\xfe", "[" * 100_000])
def test_what_is_not_json_cannot_be_read(program: Program, world: World, body: str | bytes) -> None:
    assert problem(program.send("PUT", lesson_path(world), body)) == told(
        "malformed", "Bad Request", 400, "The body is not JSON that we can read."
    )


def test_another_media_type_is_refused(program: Program, world: World) -> None:
    answer = program.client.put(
        f"/api/v1{lesson_path(world)}", "position=1", content_type="text/plain", headers=program.headers
    )

    assert problem(answer) == told(
        "unsupported_media_type",
        "Unsupported Media Type",
        415,
        "Send the body as JSON, with “Content-Type: application/json”.",
    )


def test_more_than_a_mebibyte_is_too_much(program: Program, world: World) -> None:
    answer = program.send("PUT", lesson_path(world), '{"anchor": "' + "a" * 1_100_000 + '"}')

    assert problem(answer) == told(
        "too_large", "Request Entity Too Large", 413, "That is more than 1 MB. Send less at once."
    )


def test_every_wrong_field_gets_its_own_sentence(program: Program, world: World) -> None:
    body = {
        "play": "x",
        "position": 1.5,
        "seconds": -1,
        "completed": "perhaps",
        "occurred_at": "2026-03-02T09:00:00",
        "mood": "good",
    }

    assert problem(program.send("PUT", lesson_path(world), body)) == told(
        "invalid",
        "Unprocessable Entity",
        422,
        "Something is wrong with: play, position, seconds, completed, occurred_at, mood.",
        play="This is not one of our ids.",
        position="At most 1.",
        seconds="At least 0.",
        completed="Write true or false.",
        occurred_at="Add the time zone: 2026-01-31T09:30:00Z.",
        mood="We do not know this field.",
    )


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        ({"position": None, "seconds": 1.5}, "seconds", "A whole number is needed."),
        ('{"position": NaN}', "position", "A number is needed."),
        ({"occurred_at": "yesterday"}, "occurred_at", "A time is needed, such as 2026-01-31T09:30:00Z."),
        ({"occurred_at": 1_772_442_000}, "occurred_at", "A time is needed, such as 2026-01-31T09:30:00Z."),
        ({"completed": "yes"}, "completed", "Write true or false."),
        ({"completed": 1}, "completed", "Write true or false."),
        ({"seconds": "5"}, "seconds", "A whole number is needed."),
        ({"seconds": True}, "seconds", "A whole number is needed."),
        ({"seconds": 2**31}, "seconds", "At most 2147483647."),
        ({"position": "0.5"}, "position", "A number is needed."),
        ({"anchor": "\0"}, "anchor", "This is not written as it should be."),
        ({"anchor": "a" * 121}, "anchor", "At most 120 characters."),
        ('{"anchor": "\\ud800"}', "anchor", "This text is not valid Unicode."),
        ([], "body", "An object is needed."),
        ("", "body", "This is needed."),
    ],
)
def test_what_can_be_wrong_with_a_body(program: Program, world: World, body: Any, field: str, sentence: str) -> None:
    answer = program.send("PUT", lesson_path(world), body)

    assert problem(answer) == told(
        "invalid", "Unprocessable Entity", 422, f"Something is wrong with: {field}.", **{field: sentence}
    )


@pytest.mark.parametrize(
    ("path", "field", "sentence"),
    [
        ("/catalog/items?limit=0", "limit", "At least 1."),
        ("/catalog/items?limit=101", "limit", "At most 100."),
        ("/catalog/items?limit=many", "limit", "A whole number is needed."),
        ("/catalog/items?kind=book", "kind", "Choose one of 'course', 'path' or 'resource'."),
        ("/me/training?limit=0", "limit", "At least 1."),
        ("/me/certificates?limit=101", "limit", "At most 100."),
        ("/me/activity?after=-1", "after", "At least 0."),
        ("/me/standing/preview?module=x", "module.0", "This is not one of our ids."),
        ("/me/standing/preview?sales=1e9", "sales", "This is not written as it should be."),
    ],
)
def test_what_can_be_wrong_with_an_address(program: Program, path: str, field: str, sentence: str) -> None:
    assert problem(program.send("GET", path)) == told(
        "invalid", "Unprocessable Entity", 422, f"Something is wrong with: {field}.", **{field: sentence}
    )


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "W251bGxd", "WyJtaW5lIl0"])
@pytest.mark.parametrize("path", ["/catalog/items", "/me/training", "/me/certificates"])
def test_a_cursor_of_somebody_else_is_refused(program: Program, path: str, cursor: str) -> None:
    assert problem(program.send("GET", f"{path}?cursor={cursor}")) == told(
        "refused",
        "Unprocessable Entity",
        422,
        "This cursor is not one of ours. Ask again without it.",
        cursor="Unknown.",
    )


def test_problems_have_the_documented_shape(program: Program) -> None:
    answer = program.send("GET", f"/quizzes/{uuid7()}").json()

    assert Problem.model_validate(answer, strict=True).model_dump() == answer
