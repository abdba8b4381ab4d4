"""What a token's secret looks like, what is kept of it, and which scopes may be asked for."""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from academy.people.permissions.rules import SCOPES

PREFIX = "siso_"  # lets a scanner recognise a secret that somebody left in a file
SECRET = re.compile(r"siso_[A-Za-z0-9_-]{40}")
NOTED_EVERY = timedelta(minutes=1)


def hash_secret(secret: str) -> bytes:
    """What is kept of a secret. It is random and long, so a plain hash cannot be reversed, and finding it by
    an index tells an attacker's clock nothing about the secret.
    """
    return hashlib.sha256(secret.encode()).digest()


def looks_like_ours(secret: str) -> bool:
    """Whether this can be one of our secrets at all."""
    return SECRET.fullmatch(secret) is not None


def unknown_scopes(scopes: Collection[str]) -> list[str]:
    """Those that are not scopes."""
    return sorted(set(scopes) - set(SCOPES))


def widens(asked: Collection[str], held: Collection[str]) -> bool:
    """Whether a token with the scopes `asked` could do what its maker, who holds `held`, cannot. None means
    all.
    """
    return bool(held) and (not asked or not set(asked) <= set(held))


def is_worth_noting(used_at: datetime | None, now: datetime) -> bool:
    """Whether a use at `now` should be written down after one at `used_at`."""
    return used_at is None or now - used_at >= NOTED_EVERY
