"""What can be known of a server that somebody started: its postmaster.pid, its process, its answer."""

import os
import signal
import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from academy.postgres.sockets import socket_path

PROTOCOL = 3 << 16
NOT_YET = b"C57P03\0"  # cannot_connect_now: starting up, recovering or shutting down


@dataclass(frozen=True, slots=True)
class Postmaster:
    pid: int
    port: int
    sockets: Path
    ready: bool


def read(cluster: Path) -> Postmaster | None:
    """What postmaster.pid says; None when there is none, or a server is only just writing it."""
    try:
        lines = (cluster / "postmaster.pid").read_text(errors="surrogateescape").splitlines()
        return Postmaster(int(lines[0]), int(lines[3]), Path(lines[4]), lines[7].strip() == "ready")
    except (FileNotFoundError, IndexError, ValueError):
        return None


def is_durable(cluster: Path) -> bool:
    """Whether the server last started here writes safely to disk, by its command line in postmaster.opts."""
    return "fsync=off" not in (cluster / "postmaster.opts").read_text(errors="replace")


def answers(postmaster: Postmaster, *, user: str, database: str) -> bool:
    """Sign in by the wire protocol, for psycopg takes longer to import than all the rest takes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(2)
        try:
            line.connect(str(socket_path(postmaster.sockets)))
            words = b"\0".join([b"user", user.encode(), b"database", database.encode(), b"", b""])
            line.sendall(struct.pack("!ii", 8 + len(words), PROTOCOL) + words)
            return _reads_ready(line)
        except OSError:
            return False


def _reads_ready(line: socket.socket) -> bool:
    with line.makefile("rb") as answer:
        while header := answer.read(5):
            kind, length = header[:1], int.from_bytes(header[1:], "big")
            body = answer.read(length - 4)
            if kind == b"E":  # any other refusal, such as too many connections, comes from a server that is up
                return NOT_YET not in body
            if kind == b"Z":
                line.sendall(b"X\0\0\0\4")
                return True
    return False


def is_server_of(pid: int, home: os.stat_result) -> bool:
    """Whether the process is a PostgreSQL of this cluster, and not another that got a dead one's number.

    The cluster is named by what it is and not by its path, for it may have been moved or deleted meanwhile.
    """
    if not is_alive(pid):
        return False
    if Path("/proc/self/cwd").exists():
        return _works_in(Path(f"/proc/{pid}"), home)
    listed = subprocess.run(  # noqa: S603 - a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in listed.stdout


def is_alive(pid: int) -> bool:
    """Whether there is such a process that is ours to signal."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end_orphans(home: os.stat_result) -> None:
    """End what a killed postmaster left at work: no new one can start before the last of them is gone.

    What they were doing is lost already: the crash recovery that follows rolls it back. Where there is no
    /proc the supervisor's next tries wait until they end by themselves.
    """
    for process in Path("/proc").glob("[0-9]*"):
        if _works_in(process, home):
            with suppress(ProcessLookupError):  # one that ended by itself meanwhile, as it should
                os.kill(int(process.name), signal.SIGKILL)


def _works_in(process: Path, home: os.stat_result) -> bool:
    """Every process of a PostgreSQL has its cluster as working folder."""
    try:
        program = os.readlink(process / "exe")
        return Path(program).name.startswith("postgres") and os.path.samestat((process / "cwd").stat(), home)
    except OSError:  # it ended, is a zombie, or is another user's
        return False
