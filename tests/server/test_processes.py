"""The parent and its children, as real processes."""

import json
import os
import signal
import socket
import time
from functools import partial

import psycopg

from .conftest import Academy, House, processes_of, running, wait_until

PATIENCE = 6.0  # seconds; under two where nothing else runs, and three are promised


def test_it_is_up_and_ctrl_c_stops_all_of_it(academy: Academy) -> None:
    status, body = academy.get("/healthz")
    assert (status, json.loads(body)) == (
        200,
        {"status": "up", "parts": {"pages": "up", "live": "up", "jobs": "up"}},
    )
    assert academy.stop() < PATIENCE
    assert academy.process.returncode == 0
    with socket.create_server(("127.0.0.1", academy.port)):
        pass


def test_ctrl_c_in_the_terminal_reaches_the_parent_alone(academy: Academy) -> None:
    groups = {os.getpgid(academy.child(role).pid) for role in ("web", "worker")}
    assert os.getpgid(academy.process.pid) not in groups


def _is_another(academy: Academy, role: str, pid: int) -> bool:
    return academy.child_or_none(role) not in (None, pid)


def test_children_that_die_are_started_again_and_the_port_stays(academy: Academy) -> None:
    for role in ("web", "worker"):
        dead = academy.child(role)
        dead.kill()
        wait_until(partial(_is_another, academy, role, dead.pid))
    wait_until(academy.is_up)
    assert academy.stop() < PATIENCE
    assert academy.process.stderr is not None
    said = academy.process.stderr.read().splitlines()
    assert said == [
        "The web process ended (by SIGKILL). It starts again now.",
        "The worker ended (by SIGKILL). It starts again now.",
    ]


def test_nothing_outlives_a_parent_that_was_killed(academy: Academy) -> None:
    academy.process.send_signal(signal.SIGKILL)
    academy.process.wait(5)
    wait_until(lambda: not processes_of(academy.house.folder), 10)


def test_a_port_in_use_is_a_sentence(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert house.run("serve", "--port", str(port)) == (
            1,
            "",
            f"Port {port} is in use by another program. Choose another one, such as --port {port + 1}.\n",
        )


def test_a_port_of_another_academy_says_where_it_is(academy: Academy) -> None:
    port = academy.port
    assert academy.house.run("serve", "--port", str(port)) == (
        1,
        "",
        (
            f"An academy runs on port {port} already: open http://localhost:{port}, "
            f"or choose another port for this one, such as --port {port + 1}.\n"
        ),
    )


def test_without_a_worker_jobs_are_not_asked_for(house: House) -> None:
    with running(house, "--no-worker") as academy:
        assert [role for role in ("web", "worker") if academy.child_or_none(role)] == ["web"]
        assert academy.is_up()


def test_a_lost_worker_is_told(academy: Academy) -> None:
    """A stopped worker sends no heartbeat; its row says so after a minute, which is put back here."""
    worker = academy.child("worker")
    worker.suspend()
    try:
        with psycopg.connect(academy.database(), autocommit=True) as connection:
            connection.execute("update procrastinate_workers set last_heartbeat = now() - interval '61 seconds'")
        status, body = academy.get("/healthz")
        told = json.loads(body)
        assert (status, told["status"], told["parts"]["pages"], told["parts"]["live"]) == (503, "down", "up", "up")
        assert told["parts"]["jobs"] == "the worker was last heard of 61 seconds ago"
    finally:
        worker.resume()


def test_a_database_that_was_killed_comes_back(academy: Academy) -> None:
    servers = [one for one in processes_of(academy.house.folder) if one.name() == "postgres"]
    [postmaster] = [one for one in servers if one.ppid() not in {other.pid for other in servers}]
    postmaster.kill()
    wait_until(academy.is_up, 30)


def test_four_stalled_clients_stop_nobody(academy: Academy) -> None:
    stalled = []
    try:
        for _ in range(40):
            line = socket.create_connection(("127.0.0.1", academy.port))
            line.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\nhalf")
            stalled.append(line)
        begun = time.monotonic()
        assert academy.get("/healthz")[0] == 200
        assert academy.get("/nowhere")[0] in (302, 404)
        assert time.monotonic() - begun < 8.0  # a stalled body is given ten seconds
    finally:
        for line in stalled:
            line.close()
