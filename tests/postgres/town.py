"""Real processes in a folder of their own: users that sit on the database until told to leave, or killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from academy.postgres import running
from academy.postgres.places import Places

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys
from pathlib import Path
from academy.postgres import PostgresError, ensure
try:
    print(ensure(Path(sys.argv[1]), durable=False).url, flush=True)
except PostgresError as error:
    sys.exit(f"refused: {error}")
sys.stdin.read()
"""
SEARCHED = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
ENVIRONMENT = {**os.environ, "PYTHONPATH": SEARCHED}


class User:
    """A process that called ensure() and stays until `leave` or `kill`."""

    def __init__(self, data: Path, **variables: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data)],
            env=ENVIRONMENT | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def url(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().strip()
        assert line, self.refusal()
        return line

    def refusal(self) -> str:
        _, said = self.process.communicate(timeout=30)
        return said.strip()

    def leave(self) -> None:
        assert self.process.communicate(timeout=10) == ("", "")
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class Town:
    """One data folder, its users, and what can be seen of its server."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.places = Places(data)
        self.users: list[User] = []

    def user(self, **variables: str) -> User:
        self.users.append(User(self.data, **variables))
        return self.users[-1]

    @property
    def postmaster(self) -> int:
        seen = running.read(self.places.cluster)
        assert seen
        return seen.pid

    @property
    def supervisor(self) -> int:
        return int(self.places.supervisor.read_text())

    def has_server(self) -> bool:
        seen = running.read(self.places.cluster)
        return bool(seen and running.is_server_of(seen.pid, self.places.cluster.stat()))

    def log(self, words: str) -> int:
        return self.places.log.read_text().count(words)

    def close(self) -> None:
        """Leave nothing behind, whatever the test broke."""
        for user in self.users:
            user.kill()
        for pid in (self.supervisor if self.places.supervisor.exists() else 0, self._last_server()):
            if pid and is_alive(pid):
                os.kill(pid, signal.SIGINT)
        if self.places.supervisor.exists():
            until(lambda: not is_alive(self.supervisor))
        shutil.rmtree(self.data)

    def _last_server(self) -> int:
        return self.postmaster if self.has_server() else 0


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits for its parent to see it does not."""
    try:
        return b") Z " not in Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def until(happened: Callable[[], object], *, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def tell(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())
