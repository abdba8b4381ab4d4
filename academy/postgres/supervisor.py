"""The small detached process that keeps the server: `python -m academy.postgres.supervisor DATA_DIR`.

It starts the server, restarts it when it crashed, and stops it when nobody holds the shared lock on pg.lock any more.
Nobody has to tell it anything: the kernel lets the locks of a killed process go.
"""

import argparse
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from academy.postgres import account, binaries, locks, running
from academy.postgres.cluster import Cluster, make, version
from academy.postgres.errors import PostgresError
from academy.postgres.places import Places, open_private, told_as_sentences

TICK = 0.25  # seconds between two looks at the locks
LINGER = 2.0  # a command that follows another at once finds the server still warm
TRIES = 6  # a server that never came up is given up after these; one that did is tried for ever
LONGEST_PAUSE = 5.0
LARGEST_LOG = 10_000_000
PATIENCE = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


class Supervisor:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.places = cluster.places
        self.lock = locks.open_lock(self.places.lock)
        self.bell = _Bell()
        self.pid = 0
        self.process: subprocess.Popen[str] | None = None  # None while it is a server that another supervisor left
        self.came_up = False
        self.failures = 0
        self.next_try = 0.0
        self.unused_since: float | None = None

    def keep(self) -> None:
        """Until nobody needs the server any more."""
        left = running.read(self.places.cluster)
        if left and running.is_server_of(left.pid, self.places.cluster):
            self.pid = left.pid
        else:
            self._start()
        while not (self.bell.asked_to_end or self._is_unused() or self._has_moved()):
            self._mend()
            _rotate(self.places)
            self.bell.wait(TICK)
        self._stop()

    def _start(self) -> None:
        self.log_begins = self.places.log.stat().st_size
        self.process = self.cluster.start(log=sys.stdout.fileno())
        self.pid = self.process.pid

    def _mend(self) -> None:
        if not self._is_gone():
            seen = running.read(self.places.cluster)
            if seen and seen.ready and seen.pid == self.pid:
                self.came_up, self.failures = True, 0
            return
        if self.pid:
            self._note_failure()
        if time.monotonic() >= self.next_try:
            _say("the server ended; starting it again")
            self._start()

    def _note_failure(self) -> None:
        self.pid = 0
        self.failures += 1
        if self.failures >= TRIES and not self.came_up:
            said = self.places.last_words(since=self.log_begins)
            raise PostgresError(f"The database server in {self.places.data} does not start. It said: {said}")
        pause = 0.1 * 2 ** min(self.failures - 1, 10) if self.failures > 1 else 0.0
        self.next_try = time.monotonic() + min(pause, LONGEST_PAUSE)

    def _is_gone(self) -> bool:
        if self.pid == 0:
            return True
        if self.process:
            return self.process.poll() is not None
        return not running.is_server_of(self.pid, self.places.cluster)

    def _is_unused(self) -> bool:
        """Whether nobody held the lock for a while; from then on we hold it, and whoever comes waits until we ended."""
        if not locks.try_alone(self.lock):
            self.unused_since = None
            return False
        now = time.monotonic()
        self.unused_since = self.unused_since or now
        if now - self.unused_since >= LINGER:
            return True
        locks.release(self.lock)
        return False

    def _has_moved(self) -> bool:
        """Whether the data folder was moved or deleted: nobody could find this server any more."""
        return not locks.is_at(self.lock, self.places.lock)

    def _stop(self) -> None:
        _say("stopping the server")
        for ask, seconds in PATIENCE if self.places.lock.exists() else PATIENCE[1:]:
            if self._is_gone():
                return
            os.kill(self.pid, ask)
            end = time.monotonic() + seconds
            while not self._is_gone() and time.monotonic() < end:
                self.bell.wait(0.02)


class _Bell:
    """Wakes the supervisor when a child ended, or somebody asked it to end."""

    def __init__(self) -> None:
        self.asked_to_end = False
        self.reader, writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.asked_to_end = True

    def wait(self, seconds: float) -> None:
        if select.select([self.reader], [], [], seconds)[0]:
            os.read(self.reader, 4096)


def _rotate(places: Places) -> None:
    """Keep the log small: its text moves to the older one. The server goes on writing to the same open file."""
    if places.log.stat().st_size > LARGEST_LOG:
        places.older_log.write_bytes(places.log.read_bytes())
        os.truncate(places.log, 0)


def _say(what: str) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} UTC [{os.getpid()}] supervisor: {what}", flush=True)


def _prepare(places: Places, *, durable: bool) -> Cluster:
    made_by = version(places.cluster)
    programs = binaries.find(made_by=made_by)
    if made_by is None:
        owner = make(places, programs, durable=durable)
    else:
        owner = account.choose(places.cluster, programs)
    return Cluster(places, programs, owner, durable)


def _supervise(places: Places, *, durable: bool) -> int:
    try:
        with told_as_sentences(places.data):
            Supervisor(_prepare(places, durable=durable)).keep()
        return 0
    except PostgresError as error:
        reason = str(error)
    except Exception:
        _say(traceback.format_exc())
        reason = f"The database's supervisor failed in a way nobody foresaw; {places.log} says how."
    _say(reason)
    with open(open_private(places.error, os.O_WRONLY | os.O_TRUNC), "w") as note:
        note.write(reason)
    return 1


def _detach(places: Places) -> None:
    """Leave whoever started us: a child of nobody, without terminal, saying things to the log."""
    if os.fork():
        os._exit(0)
    os.chdir("/")
    os.umask(0o077)
    log = open_private(places.log, os.O_WRONLY | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, log), (2, log)):
        os.dup2(source, target)


def main() -> int:
    parser = argparse.ArgumentParser(description="Keep the embedded database's server while anybody needs it.")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--not-durable", action="store_true", help="no fsync: for tests only")
    parser.add_argument("--lock", type=int, help="the descriptor of pg.supervisor, locked by whoever starts us")
    given = parser.parse_args()
    places = Places(given.data_dir.resolve())
    lock = given.lock if given.lock is not None else locks.open_lock(places.supervisor)
    if not locks.try_alone(lock):
        print(f"A supervisor keeps the database in {places.data} already.", file=sys.stderr)
        return 1
    os.set_inheritable(lock, False)
    _detach(places)
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return _supervise(places, durable=not given.not_durable)


if __name__ == "__main__":
    sys.exit(main())
