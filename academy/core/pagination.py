"""Lists are cut by cursors, never by page numbers: nothing is skipped or shown twice when rows arrive meanwhile."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from academy.core.errors import Refused

T = TypeVar("T")
MOST = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and the cursor that asks for those after them."""

    items: Sequence[T]
    next: str | None


def encode_cursor(key: Sequence[str | int]) -> str:
    """An opaque text for a sort key."""
    return base64.urlsafe_b64encode(json.dumps(list(key)).encode()).decode().rstrip("=")


def decode_cursor(text: str | None, parts: int) -> list[str | int] | None:
    """The sort key of a cursor with so many parts; None without one. Refuses what we did not make."""
    if not text:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(k, str | int) for k in key):
        raise Refused("This cursor is not one of ours. Ask again without it.", fields={"cursor": "Unknown."})
    return key


def page(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[str | int]]) -> Page[T]:
    """Cut `limit` of rows of which one more than the limit was asked for."""
    shown = rows[:limit]
    return Page(shown, encode_cursor(key(shown[-1])) if len(rows) > limit else None)
