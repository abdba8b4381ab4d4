"""The Earnings page of a partner with 20,000 lines, beside the same page of one with 20.

Both partners live in one database and are asked by turns, one request at a time on one core: at its best, since a busy
machine slows all but the quickest, and in the middle.
"""

import json
import os
import statistics
import subprocess
import sys

from benchmarks import arena
from benchmarks.browsers import Asked, ask
from benchmarks.dashboard import CLIENT, web
from benchmarks.rows import Row, compared

FEW, MANY = 20, 20_000
ROUNDS, SECONDS = 5, 2.0
PAGES = {
    "earnings": "/earnings/",
    "earnings, what is paid": "/earnings/?state=paid",
}
MOST = 1.3


def run() -> list[Row]:
    """Rounds by turns; the page itself has to hold, what is narrowed is for reading."""
    with arena.database():
        keys = prepare()
        os.environ |= {"ACADEMY_ENV": "demo"}
        if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
            os.sched_setaffinity(0, {CLIENT})
        with web() as port:
            found = rounds(port, keys)
    table = []
    for name in PAGES:
        few, many = found[name, FEW], found[name, MANY]
        table.append(_best(name, few, many))
        middle = [statistics.median(one.p50 for one in it) for it in (many, few)]
        table.append(Row(f"{name}: p50", f"{middle[0]:.1f} ms ({middle[0] / middle[1]:.2f}x)", f"{middle[1]:.1f} ms"))
    return table


def _best(name: str, few: list[Asked], many: list[Asked]) -> Row:
    best = [min(one.best for one in it) for it in (many, few)]
    row = compared(f"{name}, {MANY:,} lines beside {FEW}", best[0], best[1], unit="ms", most=MOST)
    return row if name == "earnings" else Row(row.what, row.ours, row.floor)


def prepare() -> dict[int, str]:
    """The house, in a child that holds its own settings; a cookie for each partner."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.earnings_house", str(FEW), str(MANY)],
        check=True,
        text=True,
        capture_output=True,
        env=os.environ,
    )
    token = "t" * 32  # as a browser has it from its second page on
    return {int(count): f"sessionid={key}; csrftoken={token}" for count, (key, _) in json.loads(done.stdout).items()}


def rounds(port: int, keys: dict[int, str]) -> dict[tuple[str, int], list[Asked]]:
    """Each page of both partners by turns."""
    found: dict[tuple[str, int], list[Asked]] = {}
    for _ in range(ROUNDS):
        for name, path in PAGES.items():
            for count, key in keys.items():
                asked = ask(port, path, cookie=key, seconds=SECONDS, connections=1)
                found.setdefault((name, count), []).append(asked)
    return found
