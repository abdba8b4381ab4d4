"""Holes in a text that is kept between requests, where something stands for one request alone.

The marks never leave the process, so no text of a user's can hold one.
"""

import re
import secrets

from markupsafe import Markup

TOKEN, CURSOR = (f"{name}-{secrets.token_hex(16)}" for name in ("token", "cursor"))
HOLES = {
    "csrf_token": TOKEN,
    "csrf_input": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(TOKEN),
}
_HOLE = re.compile(f"({TOKEN}|{CURSOR})".encode())


class Holed:
    """A page cut at its holes once, so that filling them is one join."""

    __slots__ = ("_length", "_pieces")

    def __init__(self, text: str) -> None:
        self._pieces = _HOLE.split(text.encode())  # text and hole by turns
        self._length = sum(map(len, self._pieces))

    def __len__(self) -> int:
        return self._length

    def filled(self, *, token: str, cursor: int) -> bytes:
        """The page with the token of its forms and the journal's cursor in their places."""
        fills = {TOKEN.encode(): token.encode(), CURSOR.encode(): str(cursor).encode()}
        pieces = self._pieces.copy()
        pieces[1::2] = [fills[hole] for hole in pieces[1::2]]
        return b"".join(pieces)
