"""5,000 sockets of 200 partners in one process; 400 facts a second, each to its own partner's 25 sockets.

The latency runs from before the fact's insert to the frame in the other process: the commit with its fsync is inside.
Server and clients have a core each, as far as there are two; PostgreSQL and the writer share the clients'.
"""

import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from academy.core.ids import uuid7
from academy.people.permissions.rules import SCOPES
from academy.people.tokens.rules import hash_secret
from benchmarks import arena
from benchmarks.rows import Row, compared

SOCKETS, PARTNERS, FACTS = 5_000, 200, 400
SECONDS = 8.0
ROUNDS = 3
WRITERS = 4
SERVER, CLIENTS = 0, 1

INSERT = """
    insert into journal_fact
        (id, kind, partner, thing_kind, numbers, occurred_at, effective_at, recorded_at, rule, inputs)
    values (%s, 'tier.changed', %s, '', %s, %s, %s, %s, 'bench', '{}')
"""
ENTER = """
    insert into people_person (id, email, name, password, language, timezone, theme, roles, is_active, joined_at,
                               sells, sells_to, shows_name)
    values (%s, %s, '', '!', 'en', 'UTC', '', '{}', true, %s, '', '', false)
"""


@dataclass
class Measured:
    """One round of one server."""

    kib: float
    p50: float
    p99: float
    worst: float
    missing: int
    connects: float
    cpu: float


def run() -> list[Row]:
    """Both hubs by turns, the median of several rounds."""
    with arena.database() as url:
        people = enter_people(url)
        found: dict[str, list[Measured]] = {"bare": [], "ours": []}
        for _ in range(ROUNDS):
            for name, server, line in (("bare", BARE, bare_line), ("ours", OURS, our_line)):
                found[name].append(measure(url, server, [line(*one) for one in people], [one[0] for one in people]))
    return rows(found)


def rows(found: dict[str, list[Measured]]) -> list[Row]:
    """What the table says of the rounds."""

    def median(name: str, value: Callable[[Measured], float]) -> float:
        return statistics.median(value(one) for one in found[name])

    def both(value: Callable[[Measured], float], form: str) -> tuple[str, str]:
        return form.format(median("ours", value)), form.format(median("bare", value))

    kib = median("ours", lambda one: one.kib)
    missing = sum(one.missing for one in found["ours"])
    return [
        Row("live: memory a socket", f"{kib:.1f} KiB", both(lambda one: one.kib, "{:.1f} KiB")[1], "32 KiB", kib <= 32),
        compared("live: fact to frame, p50", *pair(median, "p50"), unit="ms", most=2),
        compared("live: fact to frame, p99", *pair(median, "p99"), unit="ms", most=2),
        Row(
            "live: frames that never came",
            str(missing),
            str(sum(one.missing for one in found["bare"])),
            "0",
            not missing,
        ),
        Row("live: worst", *both(lambda one: one.worst, "{:.1f} ms")),
        Row("live: sockets opened a second", *both(lambda one: one.connects, "{:.0f}")),
        Row("live: the server's core", *both(lambda one: one.cpu * 100, "{:.0f} %")),
    ]


def pair(median: Callable[[str, Callable[[Measured], float]], float], name: str) -> tuple[float, float]:
    """A figure of ours and of the floor."""
    return median("ours", lambda one: float(getattr(one, name))), median("bare", lambda one: float(getattr(one, name)))


# -- who is there

Entered = tuple[UUID, str]
OURS = ("-m", "academy.server", "web")
BARE = ("-m", "benchmarks.bare_hub")


def our_line(partner: UUID, secret: str) -> str:
    """The address and protocols of a program with a token."""
    return f"/live/ academy.v1, bearer.{secret}"


def bare_line(partner: UUID, secret: str) -> str:
    """The address of whoever says so."""
    return f"/live/?partner={partner} academy.v1, bearer.{secret}"


def enter_people(url: str) -> list[Entered]:
    """A person with a token for each socket, as members of the partners in turn: partner and secret."""
    at = datetime.now(UTC)
    partners = [uuid7() for _ in range(PARTNERS)]
    entered = [(partners[number % PARTNERS], f"siso_{secrets.token_urlsafe(30)}") for number in range(SOCKETS)]
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        with cursor.copy(
            "copy people_partner (id, slug, name, kind, currency, timezone, created_at) from stdin"
        ) as copy:
            for number, partner in enumerate(partners):
                copy.write_row((partner, f"p{number}", f"Partner {number}", "company", "GBP", "UTC", at))
        _enter(cursor, entered, at)
        connection.commit()
        connection.autocommit = True
        connection.execute("analyze")
    return entered


def _enter(cursor: "psycopg.Cursor[Any]", entered: list[Entered], at: datetime) -> None:
    people = [uuid7() for _ in entered]
    for number, person in enumerate(people):
        cursor.execute(ENTER, (person, f"p{number}@bench.example", at))
    with cursor.copy("copy people_membership (id, partner_id, person_id, role, joined_at) from stdin") as copy:
        for person, (partner, _) in zip(people, entered, strict=True):
            copy.write_row((uuid7(), partner, person, "member", at))
    with cursor.copy("copy people_apitoken (id, person_id, secret_hash, label, scopes, created_at) from stdin") as copy:
        for person, (_, secret) in zip(people, entered, strict=True):
            copy.write_row((uuid7(), person, hash_secret(secret), "", list(SCOPES), at))


# -- one round


def measure(url: str, server: tuple[str, ...], lines: list[str], partners: list[UUID]) -> Measured:
    """Start a server, open every socket, write facts for some seconds, and see when the frames come."""
    with serving(server) as (port, pid):
        with sockets(port, lines[:200]):
            pass  # what is made once, for the first few, is no socket's
        time.sleep(1)
        before = arena.resident(pid)
        with sockets(port, lines) as (ask, connects):
            time.sleep(2)
            kib = (arena.resident(pid) - before) / len(lines)
            write(url, partners, 1.0)
            time.sleep(0.5)
            ask()
            began, cpu = time.monotonic(), cpu_seconds(pid)
            written = write(url, partners, SECONDS)
            busy = (cpu_seconds(pid) - cpu) / (time.monotonic() - began)
            time.sleep(1)
            heard = ask()
    counts = sorted((int(bucket), count) for bucket, count in heard["heard"].items())
    came = sum(count for _, count in counts)
    expected = written * (SOCKETS // PARTNERS)
    return Measured(kib, at(counts, 0.5), at(counts, 0.99), counts[-1][0] / 100, expected - came, connects, busy)


def at(counts: list[tuple[int, int]], share: float) -> float:
    """The latency in milliseconds under which this share lies."""
    left = share * sum(count for _, count in counts)
    for bucket, count in counts:
        left -= count
        if left <= 0:
            return bucket / 100
    return float("inf")


def write(url: str, partners: list[UUID], seconds: float) -> int:
    """Write facts at their rate, each at its own moment whether or not the last is done; how many."""
    chosen = sorted(set(partners))
    total = int(FACTS * seconds)
    start = time.monotonic() + 0.1

    def one(writer: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(writer, total, WRITERS):
                time.sleep(max(0.0, start + number / FACTS - time.monotonic()))
                now = datetime.now(UTC)
                told = json.dumps({"from": "bronze", "to": "silver", "cause": str(time.monotonic_ns())})
                partner = chosen[number * 7 % len(chosen)]
                connection.execute(INSERT, (uuid7(), partner, told, now, now, now), prepare=True)

    threads = [threading.Thread(target=one, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def cpu_seconds(pid: int) -> float:
    """What a process has used of a core so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(server: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """A server on a free port: port and process id."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    number = listening.fileno()
    with arena.process([sys.executable, *server, str(number)], core=SERVER, pass_fds=[number]) as started:
        port = listening.getsockname()[1]
        wait_for(port)
        listening.close()
        yield port, started.pid


def wait_for(port: int) -> None:
    """Until it answers anything at all."""
    for _ in range(300):
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /static/none HTTP/1.0\r\n\r\n")
            if line.recv(20).startswith(b"HTTP/1.1"):
                return
        time.sleep(0.1)
    raise SystemExit("The server for the benchmark did not start.")


@contextmanager
def sockets(port: int, lines: list[str]) -> Iterator[tuple[Callable[[], dict[str, Any]], float]]:
    """Every socket, open: a function that asks what they heard, and how many were opened a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lines") as file:
        file.write("\n".join(lines))
        file.flush()
        command = [sys.executable, "-m", "benchmarks.live_clients", str(port), file.name]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with arena.process(command, core=CLIENTS, **pipes) as clients:
            asked, answered = clients.stdin, clients.stdout
            assert asked is not None
            assert answered is not None
            said = answered.readline().split()
            if said[:1] != ["open"]:
                raise SystemExit("The sockets for the benchmark could not be opened.")

            def ask() -> dict[str, Any]:
                asked.write("\n")
                asked.flush()
                answer: dict[str, Any] = json.loads(answered.readline())
                if answer["lost"]:
                    raise SystemExit(f"{answer['lost']} sockets were closed during the benchmark.")
                return answer

            yield ask, len(lines) / float(said[2])
