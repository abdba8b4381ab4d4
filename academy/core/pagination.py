"""Lists are cut by cursors, never by page numbers: nothing is skipped or shown twice when rows arrive."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

from academy.core.errors import Refused, Text

T = TypeVar("T")
MOST = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items, and the cursor that asks for those after them."""

    items: Sequence[T]
    next: str | None


def encode_cursor(key: Sequence[str | int]) -> str:
    """An opaque text for a sort key."""
    return base64.urlsafe_b64encode(json.dumps(list(key), ensure_ascii=False).encode()).decode().rstrip("=")


def decode_cursor(text: str | None, parts: int) -> list[str | int] | None:
    """The sort key of a cursor with so many parts; None without one. Refuses what we did not make."""
    if not text:
        return None
    try:
        key = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True))
    except (ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(_is_ours(part) for part in key):
        raise unknown_cursor()
    return key


def decode_place(text: str | None) -> tuple[datetime, UUID] | None:
    """Where a cursor stands among rows that are ordered by an instant and an id; None without one."""
    key = decode_since(text, 1)
    if key is None:
        return None
    at, (last,) = key
    try:
        return at, UUID(last)
    except ValueError:
        raise unknown_cursor() from None


def decode_since(text: str | None, words: int) -> tuple[datetime, list[str]] | None:
    """The same among rows that are ordered by an instant and so many texts."""
    key = decode_cursor(text, 1 + words)
    if key is None:
        return None
    try:
        at = datetime.fromisoformat(str(key[0]))
        # In UTC, as the database takes no offset of 16 hours and more.
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC), [str(part) for part in key[1:]]
    except (ValueError, OverflowError):
        raise unknown_cursor() from None


def unknown_cursor() -> Refused:
    """The refusal of a cursor that is none of ours."""
    return Refused(Text("This cursor is not one of ours. Ask again without it."), fields={"cursor": Text("Unknown.")})


def _is_ours(part: object) -> bool:
    """What a column can be compared with: a bigint, or a text of characters that it can hold."""
    if isinstance(part, str):
        return "\0" not in part and part.encode(errors="replace").decode() == part
    return isinstance(part, int) and not isinstance(part, bool) and -(2**63) <= part < 2**63


def page(rows: Sequence[T], limit: int, key: Callable[[T], Sequence[str | int]]) -> Page[T]:
    """Cut `limit` (1 or more) of rows of which one more than the limit was asked for."""
    shown = rows[:limit]
    return Page(shown, encode_cursor(key(shown[-1])) if len(rows) > limit else None)


def page_of_all(rows: Sequence[T], cursor: str | None, limit: int, key: Callable[[T], str]) -> Page[T]:
    """Cut `limit` (1 or more) of a whole list, behind the row that the cursor names: for lists that are always short.

    Refuses a cursor that names no row.
    """
    named = decode_cursor(cursor, 1)
    keys = [key(row) for row in rows]
    if named and named[0] not in keys:
        raise unknown_cursor()
    begin = keys.index(str(named[0])) + 1 if named else 0
    return page(rows[begin : begin + limit + 1], limit, lambda row: [key(row)])
