"""The small detached process that keeps the server: `python -m academy.postgres.supervisor DATA_DIR`.

It starts the server, restarts it when it crashed, and stops it when nobody holds the shared lock on pg.lock
any more. Nobody has to tell it anything: the kernel lets the locks of a killed process go.
"""

import argparse
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType

from academy.postgres import account, binaries, locks, running, sockets
from academy.postgres.cluster import Cluster, make, version
from academy.postgres.errors import OWN_SERVER, PostgresError
from academy.postgres.places import Places, open_private, told_as_sentences

TICK = 0.25  # seconds between two looks at the locks
LINGER = 1.0  # a command that follows another at once finds the server still warm
TRIES = 4  # a server that never came up is given up after these; one that did is tried for ever
LONGEST_PAUSE = 5.0
LOG = 1  # our standard output, and the server's
LARGEST_LOG = 10_000_000
PATIENCE = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


class Supervisor:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.places = cluster.places
        self.lock = locks.open_lock(self.places.lock)
        self.bell = _Bell()
        self.pid = 0
        self.log_begins = 0
        self.process: subprocess.Popen[str] | None = None  # None for a server that a dead supervisor left
        self.home = self.places.cluster.stat()
        self.sockets = self.places.sockets
        self.came_up = False
        self.failures = 0
        self.next_try = 0.0
        self.unused_since: float | None = None

    def keep(self) -> None:
        """Until nobody needs the server any more."""
        left = running.read(self.places.cluster)
        if left and running.is_server_of(left.pid, self.home):
            self.pid, self.sockets = left.pid, left.sockets
            _say("keeping the server that another supervisor left")
        try:
            while not (self.bell.asked_to_end or self._is_unused() or self._has_moved()):
                self._mend()
                _rotate(self.places)
                self.bell.wait(TICK)
        finally:
            self._stop()
            self._tidy()

    def _mend(self) -> None:
        if not self._is_gone():
            seen = running.read(self.places.cluster)
            if seen and seen.ready and seen.pid == self.pid:
                self.came_up, self.failures = True, 0
            return
        if self.pid:
            _say("the server ended")
            self._note_failure(self.places.last_words(since=self.log_begins))
        if time.monotonic() >= self.next_try:
            self._start()

    def _start(self) -> None:
        self.log_begins = os.fstat(LOG).st_size
        try:
            self.sockets = sockets.choose(self.places, self.cluster.account)
            self.process = self.cluster.start(self.sockets, log=LOG)
            self.pid = self.process.pid
        except OSError as error:  # a full disk, say: it will not stay full
            _say(f"the server cannot be started: {error}")
            self._note_failure(str(error))

    def _note_failure(self, said: str) -> None:
        self.pid = 0
        self.failures += 1
        if self.failures >= TRIES and not self.came_up:
            raise PostgresError(
                f"The database server in {self.places.data} does not start. Mend what it says, or "
                f"{OWN_SERVER}. It said: {said}"
            )
        pause = 0.1 * 2 ** min(self.failures, 10) if self.failures > 1 else 0.0
        self.next_try = time.monotonic() + min(pause, LONGEST_PAUSE)

    def _is_gone(self) -> bool:
        if self.pid == 0:
            return True
        if self.process:
            return self.process.poll() is not None
        return not running.is_server_of(self.pid, self.home)

    def _is_unused(self) -> bool:
        """Whether nobody held the lock for a while; then we do, and whoever comes waits for our end."""
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
        is_deleted = os.fstat(self.lock).st_nlink == 0  # then there is nothing left to write down
        for ask, seconds in PATIENCE[1:] if is_deleted else PATIENCE:
            if self._is_gone():
                return
            with suppress(ProcessLookupError):  # it just ended
                os.kill(self.pid, ask)
            end = time.monotonic() + seconds
            while not self._is_gone() and time.monotonic() < end:
                self.bell.wait(0.02)

    def _tidy(self) -> None:
        """Remove the socket's folder where it lies outside of the data folder."""
        if self.sockets != self.places.sockets:
            with suppress(OSError):  # not empty after a kill; the next start uses it again
                self.sockets.rmdir()


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
    """Keep the log small: its text moves to the older one, and the server goes on in the same open file."""
    if os.fstat(LOG).st_size <= LARGEST_LOG:
        return
    with suppress(OSError):  # somebody deleted it, or the disk is full: then its text is lost, and the room won
        text = places.log.read_bytes()
        with open(open_private(places.older_log, os.O_WRONLY | os.O_TRUNC), "wb") as older:
            older.write(text)
    os.ftruncate(LOG, 0)


def _say(what: str) -> None:
    now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
    sys.stdout.write(f"{now} UTC [{os.getpid()}] supervisor: {what}\n")
    sys.stdout.flush()


def _prepare(places: Places, *, durable: bool) -> Cluster:
    made_by = version(places.cluster)
    programs = binaries.find(made_by=made_by)
    is_new = made_by is None
    owner = make(places, programs, durable=durable) if is_new else account.choose(places.cluster, programs)
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
    parser = argparse.ArgumentParser(description="Keep the embedded database while anybody needs it.")
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--not-durable", action="store_true", help="no fsync: for tests only")
    parser.add_argument("--lock", type=int, help="descriptor of pg.supervisor, locked by our starter")
    given = parser.parse_args()
    places = Places(given.data_dir.resolve())
    lock = given.lock if given.lock is not None else locks.open_lock(places.supervisor)
    if not locks.try_alone(lock):
        sys.stderr.write(f"A supervisor keeps the database in {places.data} already.\n")
        return 1
    os.set_inheritable(lock, False)
    _detach(places)
    os.truncate(lock, 0)
    os.write(lock, f"{os.getpid()}\n".encode())
    return _supervise(places, durable=not given.not_durable)


if __name__ == "__main__":
    sys.exit(main())
