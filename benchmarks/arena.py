"""A database of its own for each run, as durable as a real one, and processes that are ended whatever happens."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from academy.postgres import wait_until_stopped

ROOT = Path(__file__).parent.parent


@contextmanager
def database() -> Iterator[str]:
    """The address of an empty migrated database in a temporary folder; DATABASE_URL names it meanwhile.

    A child process holds the server, so that it ends with the child: this process goes on to other benchmarks.
    """
    folder = tempfile.mkdtemp(prefix="academy-bench-")
    environment = {**os.environ, "ACADEMY_DATA_DIR": folder, "ACADEMY_ENV": "production", "PYTHONPATH": str(ROOT)}
    environment.pop("DATABASE_URL", None)
    program = (
        "import sys; from academy import start; start.prepare()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "print(start.find_database(), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    before = {name: os.environ.get(name) for name in ("DATABASE_URL", "ACADEMY_DATA_DIR")}
    try:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        if not url:
            raise SystemExit("The database for the benchmark did not start.")
        os.environ |= {"DATABASE_URL": url, "ACADEMY_DATA_DIR": folder}
        yield url
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        holder.communicate()
        wait_until_stopped(Path(folder), seconds=10)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def process(arguments: Sequence[str], *, core: int | None = None, **options: object) -> Iterator[subprocess.Popen[str]]:
    """A process, on one core if asked and if there are several, ended when the block is left."""
    started = subprocess.Popen(arguments, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, **options)  # type: ignore[call-overload]
    if core is not None and hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(started.pid, {core})
    try:
        yield started
    finally:
        started.terminate()
        try:
            started.wait(5)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def resident(pid: int) -> int:
    """The memory that a process holds, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise LookupError(f"process {pid} has no memory to speak of")
