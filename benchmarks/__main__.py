"""Run benchmarks and print them as one table. A benchmark is a module of this package with `run() -> list[Row]`."""

import argparse
import sys
from importlib import import_module

from rich.console import Console
from rich.table import Table

from benchmarks.rows import Row

BENCHES = {
    "starting": "from the command to an academy that answers, the first time and again",
    "dashboard": "Home, signed in, on one core",
    "lesson": "a lesson completed, with everything that follows, and its frame in another browser",
    "deal": "a deal won, with its line and standing, and its frame in the owner's browser",
    "plans": "what the pages ask, planned at a hundred times the data",
    "earnings": "the Earnings page, with 20,000 lines beside 20",
    "close": "a month closed, 10,000 partners with 200,000 lines",
    "imports": "two years of sales, with every tier and line",
    "live": "5,000 sockets in one process, 400 facts a second",
}


def main() -> int:
    """The exit code: 1 where something that has to hold does not, or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    listed = "; ".join(f"{name}: {what}" for name, what in BENCHES.items())
    parser.add_argument("names", nargs="*", help=f"which to run, all without any. {listed}")
    names = parser.parse_args().names or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        parser.error(f"{unknown[0]} is not known; known are {', '.join(BENCHES)}")
    rows: list[Row] = []
    for name in names:
        sys.stderr.write(f"{name}: {BENCHES[name]} ...\n")
        try:
            rows += import_module(f"benchmarks.{name}").run()
        except (Exception, SystemExit) as error:  # what the others measured is shown all the same
            rows.append(Row(name, f"failed: {error}", held=False))
    show(rows)
    return int(any(row.held is False for row in rows))


def show(rows: list[Row]) -> None:
    """The table."""
    table = Table("what", "floor", "ours", "reach", "")
    for row in rows:
        mark = {True: "held", False: "MISSED", None: ""}[row.held]
        table.add_row(row.what, row.floor, row.ours, row.reach, mark)
    Console(width=140).print(table)


if __name__ == "__main__":
    raise SystemExit(main())
