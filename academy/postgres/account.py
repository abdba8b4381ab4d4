"""Who the server runs as. PostgreSQL refuses root, so root needs another name, or another person, for it."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.postgres.binaries import Binaries
from academy.postgres.errors import OWN_SERVER, PostgresError

SERVICE_USERS = ("postgres", "nobody")
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Account:
    """How to start a program that is not root: plainly, under a prefix, or as another user."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        if self.user is not None:
            options |= {"user": self.user, "group": self.group, "extra_groups": []}
        return subprocess.Popen(  # noqa: S603 - PostgreSQL's programs and a probe of ours
            [*self.prefix, *command],
            cwd="/",
            env=_environment(),
            text=True,
            start_new_session=True,
            **options,
        )

    def run(self, command: Sequence[str], *, text: str = "") -> tuple[int, str]:
        """Run to the end; the exit code and everything that was said."""
        process = self.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said, _ = process.communicate(text)
        return process.returncode, said

    def own(self, path: Path) -> None:
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


def choose(folder: Path, binaries: Binaries) -> Account:
    """The first way in which a server can both reach its programs and write to `folder`, its own."""
    if os.geteuid() != 0:
        return Account()
    for account in _ways_for_root(folder.stat().st_uid, new=not any(folder.iterdir())):
        account.own(folder)
        if _works(account, folder, binaries):
            return account
    raise PostgresError(
        f"PostgreSQL does not run as root, and here root can neither make a user namespace nor run it as "
        f"another user who may reach both {folder} and {binaries.folder}. Run this as an ordinary user, or "
        f"{OWN_SERVER}."
    )


def _ways_for_root(owner: int, *, new: bool) -> Iterator[Account]:
    """A folder keeps its owner: the server insists on owning its files, and so may that user later."""
    if owner != 0:
        yield Account(user=owner, group=_group_of(owner))
        return
    program, name = shutil.which("unshare"), _name_inside_namespace()
    if program and name:
        yield Account(prefix=(program, "-U", f"--map-user={name}", f"--map-group={name}", "--"))
    if not new:
        return
    for user in SERVICE_USERS:
        try:
            entry = pwd.getpwnam(user)
        except KeyError:
            continue
        yield Account(user=entry.pw_uid, group=entry.pw_gid)


def _group_of(user: int) -> int:
    try:
        return pwd.getpwuid(user).pw_gid
    except KeyError:
        return user


def _name_inside_namespace() -> int | None:
    """A user id to stand for root inside the namespace: initdb wants one that has a name."""
    named = {entry.pw_uid for entry in pwd.getpwall()} - {0}
    return next((user for user in (1000, *sorted(named)) if user in named), None)


def _works(account: Account, folder: Path, binaries: Binaries) -> bool:
    probe = 'cd "$1" && test -w . && exec "$2" --version'
    try:
        code, _ = account.run(["/bin/sh", "-c", probe, "sh", str(folder), str(binaries.folder / "postgres")])
    except (OSError, subprocess.SubprocessError):
        return False
    return code == 0


def _environment() -> dict[str, str]:
    """Few variables: PGPORT, PGDATA or a foreign locale of whoever came first must not shape the server."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
