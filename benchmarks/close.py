"""The close of a month, beside one statement that only aggregates the same lines.

10,000 partners with 200,000 lines. Ours looks at every partner under its lock, decides, writes statements, names their
lines and, after approval, writes each statement into the journal, in chunks that can be stopped anywhere. The floor is
one INSERT ... SELECT of partner, currency, sum and count into a table of the same shape. Both commit with fsync.
"""

import json
import os
import statistics
import subprocess
import sys

from benchmarks import arena
from benchmarks.rows import Row, compared

ROUNDS = 3


def run() -> list[Row]:
    """The month closed several times, in a child that holds its own settings; medians."""
    with arena.database():
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.close_rounds", str(ROUNDS)],
            check=True,
            text=True,
            capture_output=True,
            env=os.environ,
        )
    rounds = json.loads(done.stdout)
    ours = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    whole = ours["collect"] + ours["write down"]
    chunk = ours["longest chunk"]
    return [
        compared("month close, 10,000 partners, 200,000 lines", whole, ours["floor"], unit="s", most=10),
        Row("of that: looked at / written down", f"{ours['collect']:.2f} / {ours['write down']:.2f} s"),
        Row("the longest transaction in it", f"{chunk:.2f} s"),
    ]
