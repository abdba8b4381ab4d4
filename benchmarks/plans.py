"""How the pages' statements are planned at a hundred times the demo's data: `python -m benchmarks plans`.

As many times as `ACADEMY_BENCH_TIMES` says, where it says so; a thousand takes many minutes to fill.

The demo academy is copied, with new ids, within the database. Then each page is asked for, and every statement that it
sent is explained as it runs there, prepared ones by their generic plan. Told are the whole time of a page's statements
and every scan over a table of which most is thrown away.
"""

import json
import os
import subprocess
import sys

from benchmarks import arena
from benchmarks.rows import Row

TIMES = int(os.environ.get("ACADEMY_BENCH_TIMES", "100"))
PARTNER, MANAGER, FINANCE = "partner@demo.academy", "manager", "finance"
PAGES = (
    ("Home", PARTNER, "/"),
    ("training hub", PARTNER, "/training/"),
    ("search", PARTNER, "/search/?q=pricing"),
    ("activity", PARTNER, "/activity/"),
    ("team", PARTNER, "/team/"),
    ("notices", PARTNER, "/notices/"),
    ("deals", PARTNER, "/deals/"),
    ("a deal", PARTNER, "/deals/{deal}/"),
    ("Earnings", PARTNER, "/earnings/"),
    ("a line", PARTNER, "/earnings/lines/{line}/"),
    ("the same deals without training", PARTNER, "/earnings/training/"),
    ("what-if", PARTNER, "/what-if/"),
    ("statements", PARTNER, "/statements/"),
    ("a statement", PARTNER, "/statements/{statement}/"),
    ("studio: today, as a manager", MANAGER, "/studio/today/"),
    ("studio: today, as finance", FINANCE, "/studio/today/"),
    ("studio: partners", MANAGER, "/studio/partners/"),
    ("studio: one partner", MANAGER, "/studio/partners/{slug}/"),
    ("studio: deals that wait", MANAGER, "/studio/deals/"),
    ("studio: matching", MANAGER, "/studio/deals/matching/"),
    ("studio: mail", MANAGER, "/studio/mail/"),
    ("studio: months", FINANCE, "/studio/close/"),
    ("studio: one month", FINANCE, "/studio/close/{month}/"),
    ("studio: one statement", FINANCE, "/studio/statements/{statement}/"),
    ("studio: payees", FINANCE, "/studio/payees/"),
)
THROWN_AWAY = 5_000  # rows that a statement read and did not want


def run() -> list[Row]:
    """One database, grown once, in a child that holds its own settings."""
    with arena.database():
        subprocess.run(
            [sys.executable, "-m", "benchmarks.demo_session"], check=True, env=os.environ, capture_output=True
        )
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.plans_at", str(TIMES)], check=True, text=True, stdout=subprocess.PIPE
        )
    told = json.loads(done.stdout)
    rows = [Row(f"plans, {TIMES:,} times the data: facts, people, partners", told["size"])]
    for page in told["pages"]:
        scans = "; ".join(page["scans"]) or "no scan"
        ours = f"{page['statements']} statements, {page['milliseconds']:.1f} ms, {scans}"
        rows.append(Row(f"plans: {page['name']}", ours, reach="no scan", held=not page["scans"]))
    return rows
