"""The close of a month, beside one statement that only aggregates the same lines.

10,000 partners with 200,000 lines. Ours looks at every partner under its lock, decides, writes statements, names their
lines and, after approval, writes each statement into the journal, in chunks that can be stopped anywhere. The floor is
one INSERT ... SELECT of partner, currency, sum and count into a table of the same shape. Both commit with fsync.

Four months in a row, each with lines of its own: a later month must not cost more because earlier ones were paid. All
are compared with the floor of the first, for the floor reads the lines of all months.
"""

import json
import os
import statistics
import subprocess
import sys

from benchmarks import arena
from benchmarks.rows import Row, compared

MONTHS = 4


def run() -> list[Row]:
    """The months closed in a child that holds its own settings: the first, and the median of those after it."""
    with arena.database():
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.close_rounds", str(MONTHS)],
            check=True,
            text=True,
            capture_output=True,
            env=os.environ,
        )
    first, *others = json.loads(done.stdout)
    later = {name: statistics.median(one[name] for one in others) for name in first}
    return [
        *_rows("month close, 10,000 partners, 200,000 lines", first, first["floor"]),
        *_rows("the same, months before it paid", later, first["floor"]),
    ]


def _rows(what: str, month: dict[str, float], floor: float) -> list[Row]:
    whole = month["collect"] + month["write down"]
    return [
        compared(what, whole, floor, unit="s", most=10),
        Row("of that: looked at / written down", f"{month['collect']:.2f} / {month['write down']:.2f} s"),
        Row("the longest transaction in it", f"{month['longest chunk']:.2f} s"),
    ]
