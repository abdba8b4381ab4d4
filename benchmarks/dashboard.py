"""Home, signed in, on one core, beside as many one-row prepared reads and a constant body of the same size.

Asked as people meet it: again (nothing has happened since), and after every change (nothing kept). And once more for
a partner with ten times the facts.
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
QUERIES = 6


def run() -> list[Row]:
    """The demo academy, one web process, rounds by turns."""
    with arena.database():
        key, queries = prepare()
        os.environ |= {"ACADEMY_ENV": "demo", "DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings"}
        if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
            os.sched_setaffinity(0, {CLIENT})
        with web() as port:
            found = rounds(port, key, queries)
            few = [ask(port, "/?fresh=1", cookie=key, seconds=3, connections=1).p50 for _ in range(ROUNDS)]
        ten_times_the_facts()
        with web() as port:
            many = [ask(port, "/?fresh=1", cookie=key, seconds=3, connections=1).p50 for _ in range(ROUNDS)]
            warm = [ask(port, "/", cookie=key, seconds=3, connections=1).p50 for _ in range(ROUNDS)]
    return rows(found, queries, statistics.median(few), statistics.median(many), statistics.median(warm))


Found = dict[str, list[Asked]]


def rounds(port: int, key: str, queries: dict[str, int]) -> Found:
    """Each page and its floor by turns, so that a slow minute slows both."""
    found: Found = {"again": [], "again floor": [], "fresh": [], "fresh floor": []}
    size = ask(port, "/", cookie=key, seconds=1).size
    for _ in range(ROUNDS):
        for name, path in (("again", "/"), ("fresh", "/?fresh=1")):
            found[name].append(ask(port, path, cookie=key))
            found[f"{name} floor"].append(ask(port, f"/floor/{queries[name]}/{size}/"))
    return found


def rows(found: Found, queries: dict[str, int], few: float, many: float, warm: float) -> list[Row]:
    """What the table says."""

    def rate(name: str) -> float:
        return statistics.median(one.a_second for one in found[name])

    table = []
    for name, words in (("again", "nothing new"), ("fresh", "nothing kept")):
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
    growth = many / few
    table.append(
        Row(
            "home with ten times the facts, nothing kept",
            f"{many:.2f} ms ({growth:.2f}x; {warm:.2f} ms with nothing new)",
            f"{few:.2f} ms",
            "less than 1.2x",
            growth < 1.2,
        )
    )
    return table


def prepare() -> tuple[str, dict[str, int]]:
    """The demo academy, a session in it, and how many queries Home asks; in a child, which holds its own settings."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.demo_session"], check=True, text=True, capture_output=True, env=os.environ
    )
    key, again, fresh = done.stdout.split()
    return f"sessionid={key}", {"again": int(again), "fresh": int(fresh)}


def ten_times_the_facts() -> None:
    """Nine times as many facts again about the same partner, small sales over the year."""
    subprocess.run([sys.executable, "-m", "benchmarks.demo_session", "more"], check=True, env=os.environ)


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
