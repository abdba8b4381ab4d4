"""Health and figures of a server that runs."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.db import connection

from .world import Running, a_fact, a_person, a_token, hello

pytestmark = pytest.mark.tampers  # facts are entered past every reaction: nothing follows from them


def get(live: Running, path: str, **headers: str) -> tuple[int, bytes]:
    request = Request(f"http://localhost:{live.port}{path}", headers=headers)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def a_heartbeat(age: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() - %s * interval '1 s')", [age])


def test_health_names_the_part_that_is_not_up(live: Running) -> None:
    status, body = get(live, "/healthz")
    assert (status, json.loads(body)) == (
        503,
        {"status": "down", "parts": {"pages": "up", "live": "up", "jobs": "no worker runs"}},
    )
    a_heartbeat(61)
    assert json.loads(get(live, "/healthz")[1])["parts"]["jobs"] == "the worker was last heard of 61 seconds ago"
    a_heartbeat(1)
    assert get(live, "/healthz") == (
        200,
        b'{"status": "up", "parts": {"pages": "up", "live": "up", "jobs": "up"}}',
    )
    live.hub.listening = False
    try:
        status, body = get(live, "/healthz")
        assert (status, json.loads(body)["parts"]) == (
            503,
            {"pages": "up", "live": "not listening to the journal, or behind it", "jobs": "up"},
        )
    finally:
        live.hub.listening = True


def figures(body: bytes) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in body.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def test_figures_are_for_this_machine_and_for_tokens_of_the_house(live: Running) -> None:
    with live.as_page(a_person("anna")) as page:
        hello(page)
        last = a_fact("plan.published")
        page.recv(timeout=3)
        status, body = get(live, "/metrics")
        told = figures(body)
        assert (status, told["academy_journal_head"], told["academy_live_cursor"], told["academy_live_sockets"]) == (
            200,
            last,
            last,
            1,
        )
    a_token(a_person("staff", roles=["finance"]), "siso_staff")
    a_token(a_person("ben"), "siso_ben")
    far = {"X-Forwarded-For": "10.1.1.1"}
    assert [
        get(live, "/metrics", **far)[0],
        get(live, "/metrics", Authorization="Bearer siso_ben", **far)[0],
        get(live, "/metrics", Authorization="Bearer siso_staff", **far)[0],
    ] == [404, 404, 200]
