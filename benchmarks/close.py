"""The close of a month, beside one statement that only aggregates the same lines.

10,000 partners with 200,000 lines, payable on any days of the month. Ours looks at every partner under its lock,
decides, writes statements and, after approval, writes each into the journal, in chunks that can be stopped anywhere.
The floor is one INSERT ... SELECT of partner, currency, sum and count into a table of the same shape. Both commit with
fsync.

Telling owners and reading payments back are measured beside it: neither is part of the close, which ends where the
payment file can be handed over.

The first month, and three in a row after two years in which every partner was paid each month: a later one must not
cost more for it. Each is compared with the floor of its own minute; those after the first by the median.
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
        *_rows("month close, 10,000 partners, 200,000 lines", first),
        *_rows("the same, after two years of paid months", later),
        Row("10,000 payments read back", f"{others[-1]['read back']:.2f} s"),
    ]


def _rows(what: str, month: dict[str, float]) -> list[Row]:
    whole = month["collect"] + month["approve"] + month["write down"]
    parts = f"{month['collect']:.2f} / {month['approve']:.2f} / {month['write down']:.2f} s"
    return [
        compared(what, whole, month["floor"], unit="s", most=10),
        Row("of that: looked at / approved, handed over / written down", parts),
        Row("the longest transaction in it", f"{month['longest chunk']:.2f} s"),
        Row("afterwards: owners told", f"{month['tell']:.2f} s"),
    ]
