"""Two years of sales with every tier and line, beside a bare script that COPYs the same resulting rows; and memory.

The floor writes the very rows that the import has left, into the same tables with their indexes and triggers, in one
transaction. Memory is the peak of the importing process, for the file and for one of so many times its lines, which
`ACADEMY_BENCH_SALES_TIMES` sets: a hundred times take some five minutes.
"""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from benchmarks.arena import ROOT, database
from benchmarks.rows import Row, compared

SALES = ROOT.parent / "shared" / "data" / "gcloud-sales-2012-04_2014-03.csv"
TIMES = int(os.environ.get("ACADEMY_BENCH_SALES_TIMES", "10"))
ROUNDS = 5
TABLES = (  # in the order in which their rows refer to each other
    *("people_partner", "programme_knownname", "programme_client", "programme_standing", "programme_deal"),
    *("programme_commissionline", "programme_sale", "journal_fact"),
)
PROGRAMME = ("programme_programme", "programme_planversion")
_IMPORT = """
import json, resource, sys, time
from pathlib import Path
from academy import start
start.prepare()
from academy.core import clock
from academy.integrations.deals import import_deals
begun = time.monotonic()
report = import_deals(Path(sys.argv[1]), now=clock.now())
took = time.monotonic() - begun
print(json.dumps([report.added, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]))
"""


def run() -> list[Row]:
    """The table's lines; one that says so where the sales are not beside the checkout."""
    if not SALES.is_file():
        return [Row("import of the G-Cloud sales", f"not measured: there is no {SALES.name}")]
    ours, floor = zip(*(_round() for _ in range(ROUNDS)), strict=True)
    small = _memory(SALES)
    with TemporaryDirectory() as folder:
        large = _memory(_repeated(Path(folder) / "many.csv"))
    return [
        compared("import of 9,504 sales with tiers and lines", min(ours), min(floor), unit="s", most=3),
        compared(f"import: memory at {TIMES}x the file", large / 1024, small / 1024, unit="MiB", most=1.3),
    ]


def _round() -> tuple[float, float]:
    """Seconds of an import into an empty academy, and of a COPY of what it left into another."""
    with database() as url:
        _, ours, _ = _imported(SALES)
        with psycopg.connect(url) as house:
            rows = {table: _copy_of(house, table) for table in (*PROGRAMME, *TABLES)}
    with database() as url, psycopg.connect(url) as house:
        for table in PROGRAMME:
            _copy(house, table, *rows[table])
        house.commit()
        begun = time.monotonic()
        for table in TABLES:
            _copy(house, table, *rows[table])
        house.commit()
        return ours, time.monotonic() - begun


def _memory(path: Path) -> int:
    """The most memory that importing a file takes, in KiB."""
    with database():
        return _imported(path)[2]


def _imported(path: Path) -> tuple[int, float, int]:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(path)], check=True, capture_output=True, text=True, cwd=ROOT
    )
    added, took, memory = json.loads(done.stdout)
    return added, took, memory


def _copy_of(house: psycopg.Connection[tuple[object, ...]], table: str) -> tuple[str, bytes]:
    """The columns of a table that are written, and all its rows as COPY has them."""
    found = house.execute(
        "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
        [table],
    ).fetchone()
    assert found is not None
    columns = str(found[0])
    with house.cursor().copy(f"copy {table} ({columns}) to stdout".encode()) as copy:
        return columns, b"".join(bytes(block) for block in copy)


def _copy(house: psycopg.Connection[tuple[object, ...]], table: str, columns: str, rows: bytes) -> None:
    with house.cursor().copy(f"copy {table} ({columns}) from stdin".encode()) as copy:
        copy.write(rows)


def _repeated(path: Path, times: int = TIMES) -> Path:
    """The sales so many times over, each line under an id of its own."""
    with SALES.open(encoding="utf-8", newline="") as file, path.open("w", encoding="utf-8", newline="") as many:
        header, *rows = csv.reader(file)
        writer = csv.writer(many)
        writer.writerow(header)
        for number in range(times):
            writer.writerows([f"{row[0]}-{number}", *row[1:]] for row in rows)
    return path
