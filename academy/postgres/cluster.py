"""The cluster in the data folder: made once, started with our settings, stopped."""

import locale
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from academy.postgres import account as accounts
from academy.postgres import running, sockets
from academy.postgres.account import Account
from academy.postgres.binaries import Binaries
from academy.postgres.errors import OWN_SERVER, PostgresError
from academy.postgres.places import Places, loudest

USER = "academy"
DATABASE = "academy"
SETTINGS_FILE = "academy.conf"
SETTINGS = """\
# Written anew at each start. To differ, use ALTER SYSTEM: it has the last word.
max_connections = 200
shared_buffers = 128MB
jit = off
synchronous_commit = on
track_io_timing = off
random_page_cost = 1.1
timezone = 'UTC'
log_timezone = 'UTC'
log_checkpoints = off
log_line_prefix = '%m [%p] '
"""
NOT_DURABLE = ("-c", "fsync=off", "-c", "full_page_writes=off")  # a killed server still loses nothing


@dataclass(frozen=True, slots=True)
class Cluster:
    places: Places
    binaries: Binaries
    account: Account
    durable: bool

    def start(self, folder: Path, *, log: int) -> subprocess.Popen[str]:
        """Start a server with its socket in `folder`; that it lives does not mean yet that it answers."""
        self._clear_the_way(folder)
        self._write_settings()
        command = [self.binaries.program("postgres"), "-D", str(self.places.cluster), "-p", str(sockets.PORT)]
        command += ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}"]
        command += ["-c", "unix_socket_permissions=0700", *(() if self.durable else NOT_DURABLE)]
        return self.account.start(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _clear_the_way(self, folder: Path) -> None:
        """Remove what a killed server left where PostgreSQL itself would refuse to start for it.

        Only the holder of the supervisor's lock comes here, after it looked for a living server.
        """
        running.end_orphans(self.places.cluster.stat())
        left = running.read(self.places.cluster)
        if left and running.answers(left, user=USER, database=DATABASE):
            raise PostgresError(
                f"A server that cannot be seen from here, perhaps in another container, uses the database in "
                f"{self.places.data}. Stop it, or {OWN_SERVER}."
            )
        if left and running.is_alive(left.pid):  # a stranger got the number; PostgreSQL sees to dead ones
            (self.places.cluster / "postmaster.pid").unlink(missing_ok=True)
        sockets.lock_path(folder).unlink(missing_ok=True)

    def _write_settings(self) -> None:
        path = self.places.cluster / SETTINGS_FILE
        path.write_text(SETTINGS)
        self.account.own(path)


def version(cluster: Path) -> int | None:
    """The major version that made the cluster; None when there is none yet."""
    try:
        return int((cluster / "PG_VERSION").read_text().split(".")[0])
    except FileNotFoundError:
        if cluster.exists():
            raise PostgresError(
                f"{cluster} should hold a database and holds something else. Move it away, or choose another "
                f"folder with ACADEMY_DATA_DIR, or {OWN_SERVER}."
            ) from None
        return None


def make(places: Places, binaries: Binaries, *, durable: bool) -> Account:
    """Make the cluster with its one database; whole, or not at all."""
    new = places.unfinished_cluster
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    parent = places.data.stat()
    if os.geteuid() == 0:
        os.chown(new, parent.st_uid, parent.st_gid)
    account = accounts.choose(new, binaries)
    _initialise(new, binaries, account)
    if durable:
        _run(account, [binaries.program("initdb"), "-D", str(new), "--sync-only"])
    new.rename(places.cluster)
    return account


def _initialise(new: Path, binaries: Binaries, account: Account) -> None:
    command = [binaries.program("initdb"), "-D", str(new), f"--username={USER}", "--auth=trust", "--no-sync"]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--locale=C", f"--lc-ctype={_character_types()}"]
    _run(account, command)
    with (new / "postgresql.conf").open("a") as settings:
        settings.write(f"\ninclude_if_exists = '{SETTINGS_FILE}'\n")
    single = [binaries.program("postgres"), "--single", "-F", "-D", str(new), "-c", "exit_on_error=on"]
    _run(account, [*single, "postgres"], text=f"CREATE DATABASE {DATABASE}\n")


def _character_types() -> str:
    """The system's name of UTF-8, which full text and pg_trgm still ask.

    Under plain C, pg_trgm drops every letter that is not ASCII, and full text takes quotes for letters.
    """
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "UTF-8"):
            try:
                return locale.setlocale(locale.LC_CTYPE, name)
            except locale.Error:
                continue
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)


def _run(account: Account, command: list[str], *, text: str = "") -> None:
    code, said = account.run(command, text=text)
    if code != 0:
        raise PostgresError(
            f"The database could not be made. {Path(command[0]).name} said: {loudest(said)} Mend that, or {OWN_SERVER}."
        )
