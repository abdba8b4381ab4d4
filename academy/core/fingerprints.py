"""A short proof that something written is still what it was."""

import hashlib
import json
from typing import Any


def fingerprint(written: Any) -> str:
    """The SHA-256 of plain data, in hexadecimal: the same however a database orders its keys or writes its numbers."""
    plain = json.dumps(_plain(written), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
