"""The embedded PostgreSQL: `ensure(data_dir)` and it is there, for as long as this process lives.

It belongs to no command. Whoever needs it first starts one small detached supervisor (see supervisor.py);
every process that needs it holds a shared lock on pg.lock, and the server stops when the last one is gone.
This package imports neither Django nor any other of ours, so that settings can call it.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from academy.postgres import cluster, locks, running
from academy.postgres.errors import OWN_SERVER, PostgresError
from academy.postgres.places import Places, told_as_sentences

__all__ = ["PostgresError", "Server", "ensure", "wait_until_stopped"]

PATIENCE = 90.0  # seconds; a recovery after a crash can take long
SPAWNS = 3

_held: dict[Path, int] = {}  # the open pg.lock of each data folder, never closed: its lock is our being here


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and how to reach it."""

    socket_folder: Path
    port: int
    user: str
    database: str

    @property
    def url(self) -> str:
        """For DATABASE_URL, psycopg and PostgreSQL's own programs alike."""
        folder = quote(str(self.socket_folder), safe="")
        return f"postgresql://{self.user}@/{self.database}?host={folder}&port={self.port}"


def ensure(data_dir: Path, *, durable: bool = True) -> Server:
    """See to it that the database of this data folder runs until this process ends.

    `durable=False` is for tests: quicker, and a crash of the machine may lose or spoil the data.
    """
    places = Places(data_dir.resolve())
    with told_as_sentences(places.data):
        places.create()
        held_before = places.data in _held
        _hold(places)
        try:
            return _wait(places, durable=durable)
        except BaseException:
            if not held_before:
                os.close(_held.pop(places.data))
            raise


def wait_until_stopped(data_dir: Path, *, seconds: float = 0.0) -> bool:
    """Whether no server runs for this data folder, having waited a while; ask before moving or copying it."""
    places = Places(data_dir.resolve())
    end = time.monotonic() + seconds
    with told_as_sentences(places.data):
        while places.supervisor.exists():
            lock = _lead(places)
            if lock is not None:
                os.close(lock)
                if not _runs(places):
                    return True
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
    return True


def _runs(places: Places) -> bool:
    """Whether a server runs here, even one whose supervisor was killed."""
    seen = running.read(places.cluster)
    return seen is not None and running.is_server_of(seen.pid, places.cluster.stat())


def _hold(places: Places) -> None:
    """Take the shared lock, once; anew when another folder was put in the place of the one we knew."""
    known = _held.get(places.data)
    if known is not None and locks.is_at(known, places.lock):
        return
    lock = locks.open_lock(places.lock)
    if not locks.share(lock, seconds=PATIENCE):
        os.close(lock)
        raise PostgresError(
            f"The database in {places.data} has been stopping for {PATIENCE:.0f} seconds. {places.log} may "
            f"say why; end the process named in {places.supervisor} and try again."
        )
    if known is not None:
        os.close(known)
    _held[places.data] = lock


def _wait(places: Places, *, durable: bool) -> Server:
    """Until the server answers; whoever finds no supervisor meanwhile starts one."""
    end = time.monotonic() + PATIENCE
    spawned = 0
    while time.monotonic() < end:
        lock = _lead(places)
        if lock is not None:
            _refuse_after_failure(places, lock, spawned=spawned)
            _spawn(places, lock, durable=durable)
            spawned += 1
        server = _join(places, durable=durable)
        if server:
            return server
        time.sleep(0.01)
    raise PostgresError(
        f"The database in {places.data} does not answer after {PATIENCE:.0f} seconds; it may be recovering "
        f"from a crash. Try again, read {places.log}, or {OWN_SERVER}. It last said: {places.last_words()}"
    )


def _lead(places: Places) -> int | None:
    """The supervisor's lock, if no supervisor holds it: then it is ours to start one, and nobody else's."""
    lock = locks.open_lock(places.supervisor)
    if locks.try_alone(lock):
        return lock
    os.close(lock)
    return None


def _refuse_after_failure(places: Places, lock: int, *, spawned: int) -> None:
    """Raise why the supervisor that we started gave up."""
    if not spawned:
        places.error.unlink(missing_ok=True)
        return
    reason = places.error.read_text() if places.error.exists() else ""
    if reason or spawned == SPAWNS:
        os.close(lock)
        raise PostgresError(reason or f"The database's supervisor ends at once; {places.log} may say why.")


def _spawn(places: Places, lock: int, *, durable: bool) -> None:
    """Start a supervisor and hand it our lock: locked before its first breath, it is the only one."""
    command = [sys.executable, "-P", "-m", "academy.postgres.supervisor", str(places.data), f"--lock={lock}"]
    command += [] if durable else ["--not-durable"]
    try:
        started = subprocess.run(  # noqa: S603 - our own module
            command,
            cwd="/",
            env=_environment(),
            pass_fds=[lock],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(lock)
    if started.returncode:
        raise PostgresError(
            f"The database's supervisor cannot be started with {sys.executable}: "
            f"{started.stderr.strip()[-500:]} Mend that, or {OWN_SERVER}."
        )


def _environment() -> dict[str, str]:
    """Ours, and where this package is found if it runs from a checkout rather than installed."""
    root = Path(__file__).resolve().parents[2]
    if root.name in ("site-packages", "dist-packages"):
        return dict(os.environ)
    path = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def _join(places: Places, *, durable: bool) -> Server | None:
    postmaster = running.read(places.cluster)
    if postmaster is None or not postmaster.ready:
        return None
    if not running.answers(postmaster, user=cluster.USER, database=cluster.DATABASE):
        return None
    if durable and not running.is_durable(places.cluster):
        raise PostgresError(
            f"The database in {places.data} runs without fsync, as tests start it. Stop what uses it, or "
            f"choose another folder with ACADEMY_DATA_DIR."
        )
    return Server(postmaster.sockets, postmaster.port, cluster.USER, cluster.DATABASE)
