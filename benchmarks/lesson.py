"""A lesson completed with everything that follows, beside the same SQL committed by a bare script.

The action runs in as many threads as the server has for pages; the bare script replays the very statements that the
action was seen to send, with fresh keys. Then the same through the real server: the report goes in over HTTP, and the
frame comes out of the socket of another browser. Burst: 200 learners at once. Steady: 50 a second.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping

from benchmarks import arena
from benchmarks.rows import Row, compared

ROUNDS = 3


def run() -> list[Row]:
    """Rounds by turns; medians."""
    return table_of("benchmarks.lesson_rounds", "lesson completed", most={"p50": 3, "p99": 5})


def table_of(rounds: str, what: str, *, most: Mapping[str, float]) -> list[Row]:
    """Rounds in children with settings of their own; the medians that `most` names, beside the bare script's."""
    found: dict[str, list[float]] = {}
    with arena.database():
        for _ in range(ROUNDS):
            done = subprocess.run(
                [sys.executable, "-m", rounds], check=True, text=True, stdout=subprocess.PIPE, env=os.environ
            )
            for name, value in json.loads(done.stdout).items():
                found.setdefault(name, []).append(value)
    figures = {name: statistics.median(values) for name, values in found.items()}
    table = []
    for way, words in (("burst", "200 at once"), ("steady", "50 a second")):
        for measured, then in (("ours", "written"), ("answer", "answered"), ("frame", "frame elsewhere")):
            for name, times in most.items():
                ours, floor = figures[f"{way} {measured} {name}"], figures[f"{way} bare {name}"]
                table.append(compared(f"{what}, {words}: {then}, {name}", ours, floor, unit="ms", most=times))
    return table
