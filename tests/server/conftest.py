"""A whole academy in a folder of its own: processes, embedded database, port."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil
import pytest


@dataclass
class House:
    """A data folder, and commands on it: of this checkout, or of a package that lies unpacked elsewhere."""

    folder: Path
    package: Path | None = None

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACADEMY_", "DATABASE_"))}
        kept |= {"ACADEMY_DATA_DIR": str(self.folder), "ACADEMY_ENV": "test", "COLUMNS": "300"}
        return kept | ({"PYTHONPATH": str(self.package)} if self.package else {}) | more

    def start(self, *arguments: str, **more: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "academy.cli", *arguments],
            env=self.environment(**more),
            cwd=self.package,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err


@dataclass
class Academy:
    """One that runs."""

    house: House
    process: "subprocess.Popen[str]"
    port: int

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read()
        except URLError:
            return 0, b""

    def child(self, role: str) -> psutil.Process:
        [found] = [one for one in psutil.Process(self.process.pid).children() if role in one.cmdline()]
        return found

    def child_or_none(self, role: str) -> int | None:
        """Its process id while it lives."""
        for one in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):  # one that ended while we looked
                if role in one.cmdline():
                    return int(one.pid)
        return None

    def database(self) -> str:
        """The address of its database."""
        return str(self.child("web").environ()["DATABASE_URL"])

    def is_up(self) -> bool:
        return self.get("/healthz")[0] == 200

    def stop(self) -> float:
        """Ctrl-C; how long it took until everything, database and all, was gone."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        wait_until(lambda: not processes_of(self.house.folder), 10)
        return time.monotonic() - begun


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that was told of this folder: ours, the supervisor, PostgreSQL."""
    found = []
    for process in psutil.process_iter():
        try:
            told = " ".join(process.cmdline())
            if str(folder) in told or process.environ().get("ACADEMY_DATA_DIR") == str(folder):
                found.append(process)
        except psutil.Error:
            continue
    return [process for process in found if _lives(process)]


def _lives(process: psutil.Process) -> bool:
    """Whether it is still there, and not only waiting to be reaped: it may end while it is asked."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to it in time"
        time.sleep(0.02)


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A folder whose database is migrated."""
    made = House(tmp_path_factory.mktemp("house") / "var")
    code, out, err = made.run("migrate")
    assert (code, err) == (0, "Migrating ...\n"), err
    assert out.endswith("migrations applied.\n")
    return made


@contextmanager
def running(house: House, *arguments: str) -> Iterator[Academy]:
    """An academy on a free port, once it says where it is; ended whatever happens."""
    process = house.start("serve", "--port", "0", *arguments)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The academy is at http://localhost:"), line
        yield Academy(house, process, int(line.split(". ")[0].rpartition(":")[2]))
    finally:
        for left in processes_of(house.folder):
            if left.pid != process.pid and "academy.server" in left.cmdline():
                left.kill()
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def academy(house: House) -> Iterator[Academy]:
    """An academy that runs."""
    with running(house) as one:
        yield one
