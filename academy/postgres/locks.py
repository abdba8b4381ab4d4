"""Locks on files that the kernel lets go when their last holder ends, even by kill -9."""

import fcntl
import os
import time
from pathlib import Path

from academy.postgres.places import open_private


def open_lock(path: Path) -> int:
    return open_private(path, os.O_RDWR)


def try_alone(descriptor: int) -> bool:
    return _try(descriptor, fcntl.LOCK_EX)


def release(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def share(descriptor: int, *, seconds: float) -> bool:
    """Wait for a shared lock; the supervisor holds it alone for as long as the server takes to stop."""
    end = time.monotonic() + seconds
    while not _try(descriptor, fcntl.LOCK_SH):
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def is_at(descriptor: int, path: Path) -> bool:
    """Whether the path still leads to the open file: its folder may have been moved or deleted."""
    try:
        there = path.stat()
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
