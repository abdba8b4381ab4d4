"""Cursors: ours come back as they were, anything else is refused."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.errors import Refused
from academy.core.pagination import Page, decode_cursor, decode_place, decode_since, encode_cursor, page

keys = st.lists(
    st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.integers(-(2**63), 2**63 - 1))
)


@given(keys)
def test_a_cursor_reads_back(key: list[str | int]) -> None:
    cursor = encode_cursor(key)
    assert decode_cursor(cursor, len(key)) == key
    assert not set(cursor) & set("+/=")


@pytest.mark.parametrize("text", [None, ""])
def test_without_a_cursor_a_list_begins_at_its_beginning(text: str | None) -> None:
    assert decode_cursor(text, 2) is None


def _coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "é",
        "####",
        encode_cursor(["a"]) + "!",
        encode_cursor(["a"]),
        encode_cursor(["a", "b", "c"]),
        _coded("{}"),
        _coded('{"a": 1, "b": 2}'),
        _coded("[1, true]"),
        _coded("[1, 1.5]"),
        _coded("[1, null]"),
        _coded("[1, " + "9" * 5000 + "]"),
        _coded(f"[1, {2**63}]"),
        _coded(r'[1, "\u0000"]'),
        _coded(r'[1, "\ud800"]'),
        _coded("[" * 100_000),
    ],
)
def test_what_we_did_not_make_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        decode_cursor(text, 2)
    assert (refused.value.sentence, refused.value.fields) == (
        "This cursor is not one of ours. Ask again without it.",
        {"cursor": "Unknown."},
    )


@pytest.mark.parametrize(
    ("rows", "cut"),
    [
        ([], Page([], None)),
        ([1], Page([1], None)),
        ([1, 2], Page([1, 2], None)),
        ([1, 2, 3], Page([1, 2], encode_cursor([2]))),
    ],
)
def test_a_page_names_the_next_only_when_there_is_more(rows: list[int], cut: Page[int]) -> None:
    assert page(rows, 2, lambda row: [row]) == cut


@given(st.lists(st.integers(0, 50), unique=True).map(sorted), st.integers(1, 7))
def test_page_by_page_everything_comes_once(rows: list[int], limit: int) -> None:
    seen: list[int] = []
    cursor: str | None = None
    while True:
        after = decode_cursor(cursor, 1)
        rest = [row for row in rows if after is None or row > int(after[0])]
        cut = page(rest[: limit + 1], limit, lambda row: [row])
        seen += cut.items
        cursor = cut.next
        if cursor is None:
            break
    assert seen == rows


def test_a_place_reads_back_in_utc() -> None:
    last = UUID("01982f0a-6c1f-7b52-9d0c-5f1e0a3b7c11")
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for told in (at.isoformat(), "2026-03-02T09:00:00", "2026-03-02T12:00:00+03:00", "2026-03-01T12:37:00-20:23"):
        assert decode_place(encode_cursor([told, str(last)])) == (at, last)
    assert decode_place(None) is None


@pytest.mark.parametrize("key", [["x", "y"], [1, 2], ["9999-12-31T23:00:00-20:00", str(UUID(int=1))], ["2026-03-02"]])
def test_a_place_that_is_none_of_ours_is_refused(key: list[str | int]) -> None:
    with pytest.raises(Refused):
        decode_place(encode_cursor(key))


def test_a_place_among_words_reads_back() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert decode_since(encode_cursor([at.isoformat(), "crm", "Ä"]), 2) == (at, ["crm", "Ä"])
    assert decode_since(None, 2) is None
    for key in ([at.isoformat(), "crm"], ["x", "crm", "Ä"]):
        with pytest.raises(Refused):
            decode_since(encode_cursor(key), 2)


def test_the_longest_words_have_room_in_a_cursor() -> None:
    """A word of 200 characters, whatever is written in it; a cursor may have 2000."""
    at = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC).isoformat()
    lengths = [len(encode_cursor([at, "s" * 40, "partner", letter * 200])) for letter in ("\x01", "\U0001f600")]
    assert max(lengths) < 2000
