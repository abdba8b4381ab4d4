"""Where the server's unix socket lies: private to its user, and with a path that the kernel accepts."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from academy.postgres.account import Account
from academy.postgres.errors import OWN_SERVER, PostgresError
from academy.postgres.places import Places

PORT = 5432  # only a part of the socket's name: nothing listens on the network
LONGEST = 103  # bytes; sockaddr_un holds 104 with its end on some systems, 108 on others


def socket_path(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"


def lock_path(folder: Path) -> Path:
    """PostgreSQL's own note beside the socket of which process made it."""
    return folder / f".s.PGSQL.{PORT}.lock"


def choose(places: Places, account: Account) -> Path:
    """The data folder's own, else one named by a hash in the user's runtime folder or the temporary one."""
    for folder in _candidates(places):
        if len(os.fsencode(socket_path(folder))) <= LONGEST and not set(str(folder)) & set(',"\\\n'):
            _make_private(folder, account)
            return folder
    raise PostgresError(
        f"No folder with a path short enough for a unix socket was found for {places.data}. Set TMPDIR or "
        f"ACADEMY_DATA_DIR to a folder with a shorter path, or {OWN_SERVER}."
    )


def _candidates(places: Places) -> Iterator[Path]:
    yield places.sockets
    data = places.data.stat()
    # The folder itself, not its path: a data folder put in the place of one that was moved away is another.
    name = hashlib.sha256(os.fsencode(f"{places.data} {data.st_dev} {data.st_ino}")).hexdigest()[:16]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.path.isdir(runtime) and os.stat(runtime).st_uid == os.geteuid():
        yield Path(runtime) / f"academy-{name}"
    for temporary in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - checked in _make_private
        yield Path(temporary) / f"academy-{os.geteuid()}-{name}"


def _make_private(folder: Path, account: Account) -> None:
    """Make the folder, or see that the one there is nobody else's: its owner could pose as the server."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        there = folder.lstat()
        if not stat.S_ISDIR(there.st_mode) or there.st_uid not in (os.geteuid(), account.user):
            raise PostgresError(
                f"{folder}, which should hold the database's socket, belongs to somebody else. Remove it, or "
                f"{OWN_SERVER}."
            ) from None
    folder.chmod(0o700)
    account.own(folder)
