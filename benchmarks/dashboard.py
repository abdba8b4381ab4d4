"""Home, signed in, on one core, beside as many one-row prepared reads and a constant body of the same size.

Asked as people meet it: when nothing has happened since they looked last, and when something has. And once more for a
partner with ten times the facts.
"""

import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from benchmarks import arena
from benchmarks.browsers import Asked, ask
from benchmarks.rows import Row

SERVER, CLIENT = 0, 1
ROUNDS = 3
SECONDS = 2.0
QUERIES = 6
TIMES = 10


def run() -> list[Row]:
    """The demo academy, one web process, rounds by turns."""
    with arena.database():
        key, queries = prepare()
        os.environ |= {"ACADEMY_ENV": "demo", "DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings"}
        if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
            os.sched_setaffinity(0, {CLIENT})
        with web() as port:
            size = ask(port, "/", cookie=key, seconds=1).size
            found = rounds(port, key, queries, size)
            few = alone(port, key)
        grow(TIMES)
        with web() as port:
            many = alone(port, key)
    return rows(found, queries) + growth(few, many)


Found = dict[str, list[Asked]]
WAYS = (("again", "/", "nothing new"), ("fresh", "/?fresh=1", "something happened"))


def rounds(port: int, key: str, queries: dict[str, int], size: int) -> Found:
    """Each page and its floor by turns, so that a slow minute slows both."""
    found: Found = {}
    for _ in range(ROUNDS):
        for name, path, _words in WAYS:
            found.setdefault(name, []).append(ask(port, path, cookie=key, seconds=SECONDS))
            floor = ask(port, f"/floor/{queries[name]}/{size}/", seconds=SECONDS)
            found.setdefault(f"{name} floor", []).append(floor)
    return found


def alone(port: int, key: str) -> dict[str, float]:
    """How long each page takes at its best, where nobody else asks: a busy machine slows all but the quickest."""
    return {name: ask(port, path, cookie=key, seconds=2, connections=1).best for name, path, _words in WAYS}


def rows(found: Found, queries: dict[str, int]) -> list[Row]:
    """What the table says of the requests a second."""

    def rate(name: str) -> float:
        return statistics.median(one.a_second for one in found[name])

    table = []
    for name, _path, words in WAYS:
        ratio = rate(name) / rate(f"{name} floor")
        p50 = statistics.median(one.p50 for one in found[name])
        table += [
            Row(
                f"home, {words}: requests a second",
                f"{rate(name):.0f} ({ratio:.2f}x, p50 {p50:.1f} ms)",
                f"{rate(f'{name} floor'):.0f}",
                "at least 0.5x",
                ratio >= 0.5,
            ),
            Row(f"home, {words}: queries", str(queries[name]), "-", f"at most {QUERIES}", queries[name] <= QUERIES),
        ]
    return table


def growth(few: dict[str, float], many: dict[str, float]) -> list[Row]:
    """What the table says of more facts."""
    return [
        Row(
            f"home with {TIMES} times the facts, {words}",
            f"{many[name]:.2f} ms ({many[name] / few[name]:.2f}x)",
            f"{few[name]:.2f} ms",
            "less than 1.2x",
            many[name] / few[name] < 1.2,
        )
        for name, _path, words in WAYS
    ]


def prepare() -> tuple[str, dict[str, int]]:
    """The demo academy, a session in it, and how many queries Home asks; in a child, which holds its own settings."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.demo_session"], check=True, text=True, capture_output=True, env=os.environ
    )
    key, again, fresh = done.stdout.split()
    token = "t" * 32  # as a browser has it from its second page on
    return f"sessionid={key}; csrftoken={token}", {"again": int(again), "fresh": int(fresh)}


def grow(times: int) -> None:
    """So many times the facts about the same partner and its people, with the sales they tell of."""
    subprocess.run([sys.executable, "-m", "benchmarks.demo_session", str(times)], check=True, env=os.environ)


@contextmanager
def web() -> Iterator[int]:
    """One web process on its core; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        descriptor = listening.fileno()
        arguments = [sys.executable, "-m", "academy.server", "web", str(descriptor)]
        with arena.process(arguments, core=SERVER, pass_fds=(descriptor,)):
            wait(port)
            yield port


def wait(port: int) -> None:
    """Until the process answers."""
    for _ in range(200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web process did not answer.")
