"""From the command to an academy that answers, as `make demo` starts it once its packages are installed; and Ctrl-C.

The folder is new, on the disk where folders of this sort lie, and as durable as a real one.
"""

import os
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from academy.postgres import wait_until_stopped
from benchmarks.arena import ROOT
from benchmarks.rows import Row

AGAIN = 3
FIRST, SECOND, STOP = 180.0, 5.0, 3.0  # seconds
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Life:
    """Seconds until it was healthy, from Ctrl-C until nothing was left, and of a processor, the database's aside."""

    up: float
    gone: float
    worked: float


def run() -> list[Row]:
    """One first start, which makes a year; then the median of several others."""
    folder = Path(tempfile.mkdtemp(prefix="academy-bench-")) / "data"
    try:
        found = [start_and_stop(folder) for _ in range(1 + AGAIN)]
    finally:
        wait_until_stopped(folder, seconds=10)
        shutil.rmtree(folder.parent, ignore_errors=True)
    first, *again = found
    return [
        row("`make demo`, first start with packages installed, until healthy", first.up, FIRST, first.worked),
        row(
            f"`make demo`, second start, until healthy (median of {AGAIN})",
            statistics.median(one.up for one in again),
            SECOND,
            statistics.median(one.worked for one in again),
        ),
        row("Ctrl-C, until nothing is left of it, the slowest", max(one.gone for one in found), STOP),
    ]


def row(what: str, seconds: float, most: float, worked: float | None = None) -> Row:
    """So many seconds, of at most so many; on a busy machine the processor's time says what is ours of it."""
    aside = "" if worked is None else f" ({worked:.1f} s of a processor, from start to end)"
    return Row(what, f"{seconds:.1f} s{aside}", reach=f"under {most:g} s", held=seconds < most)


def start_and_stop(folder: Path) -> Life:
    """Start the demo academy of a folder, and press Ctrl-C as soon as it is healthy."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACADEMY_", "DATABASE_"))}
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    before, begun = worked(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "academy.cli", "demo", "--port", str(port)],
        env=kept | {"ACADEMY_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not is_healthy(port):
            if process.poll() is not None or time.monotonic() - begun > PATIENCE:
                raise SystemExit("The demo academy of the benchmark did not start.")
            time.sleep(0.02)
        up = time.monotonic() - begun
    finally:
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(30)
    if not wait_until_stopped(folder, seconds=30):
        raise SystemExit(f"The database of the benchmark did not stop; it lies in {folder}.")
    return Life(up, time.monotonic() - begun, worked() - before)


def worked() -> float:
    """Seconds of a processor that children of ours have used which have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def is_healthy(port: int) -> bool:
    """Whether pages, API, live stream and jobs are up."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
