"""The names of our files in the data folder. Nothing else in this package joins a path to it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from academy.postgres.errors import OWN_SERVER, PostgresError

COMPLAINTS = ("FATAL:", "PANIC:", "ERROR:", "error:", "HINT:", "hint:", 'in file "')


@dataclass(frozen=True, slots=True)
class Places:
    data: Path

    @property
    def lock(self) -> Path:
        """Shared by all who need the database; the supervisor takes it alone before it stops the server."""
        return self.data / "pg.lock"

    @property
    def supervisor(self) -> Path:
        """Locked by the one supervisor as long as it lives; its text is the supervisor's pid, for people."""
        return self.data / "pg.supervisor"

    @property
    def error(self) -> Path:
        """Why the last supervisor gave up, as a sentence for whoever waits for it."""
        return self.data / "pg.error"

    @property
    def log(self) -> Path:
        return self.data / "pg.log"

    @property
    def older_log(self) -> Path:
        return self.data / "pg.log.1"

    @property
    def cluster(self) -> Path:
        return self.data / "pg"

    @property
    def unfinished_cluster(self) -> Path:
        """Where a cluster is made; renamed when whole, so that a killed first start leaves no half of one."""
        return self.data / "pg.unfinished"

    @property
    def sockets(self) -> Path:
        return self.data / "pg.socket"

    def last_words(self, *, since: int = 0) -> str:
        """What the server last complained about, to be told with an error."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(since, self.log.stat().st_size - 20_000))
                return loudest(log.read().decode(errors="replace"))
        except OSError:
            return "nothing."

    def create(self) -> None:
        """Make the data folder if it is missing.

        As root others may pass through it (never list it): without a user namespace the server runs
        as an unprivileged user and must reach its own folder.
        """
        if self.data.is_dir():
            return
        self.data.parent.mkdir(parents=True, exist_ok=True)
        self.data.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)


def loudest(said: str) -> str:
    """The last lines of what a program said that look like a complaint, or else its last."""
    lines = said.splitlines()
    loud = [line for line in lines if any(word in line for word in COMPLAINTS)]
    return " ".join((loud or lines)[-3:])


def open_private(path: Path, flags: int) -> int:
    """Open a file of ours, making it if needed; one that root makes in somebody's folder is that person's.

    Programs that we execute do not inherit the descriptor; children made by fork alone do.
    """
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


@contextmanager
def told_as_sentences(data: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence."""
    try:
        yield
    except PermissionError as error:
        raise PostgresError(
            f"The database in {data} belongs to another user ({error}). Run this as the user who owns that "
            f"folder, choose another one with ACADEMY_DATA_DIR, or {OWN_SERVER}."
        ) from error
    except OSError as error:
        raise PostgresError(
            f"The database in {data} cannot be used: {error}. Mend that, choose another folder with "
            f"ACADEMY_DATA_DIR, or {OWN_SERVER}."
        ) from error
