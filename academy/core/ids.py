"""Identifiers: time-ordered keys for rows, unguessable serials for what strangers may look up."""

import os
import secrets
import time
from uuid import UUID, uuid5

# Crockford's alphabet: no I, L, O or U, so that a serial can be read out over the phone.
SERIAL_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
ACADEMY = UUID("6f1b6c1e-9a55-5e0e-9a39-5150ac4de317")


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562, 5.7): 48 bits of Unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    return UUID(int=milliseconds << 80 | int.from_bytes(os.urandom(10)) & _RANDOM | _VERSION_AND_VARIANT)


_VERSION_AND_VARIANT = 0x7 << 76 | 0x2 << 62
_RANDOM = (1 << 80) - 1 & ~(0xF << 76 | 0x3 << 62)


def lasting_id(*parts: str) -> UUID:
    """The same id for the same names, for ever: how imported things keep their identity."""
    return uuid5(ACADEMY, "\x1f".join(parts))


def new_serial() -> str:
    """A certificate's public number: 60 random bits in three groups of four, such as `7K2M-Q4ZD-0VXB`."""
    letters = "".join(secrets.choice(SERIAL_ALPHABET) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"
