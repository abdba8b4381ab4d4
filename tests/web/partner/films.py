"""A film of a few hundred bytes that a real browser plays: WebM, written out by its format."""

from base64 import b64decode
from struct import pack

from academy.learning.catalog.rules import AttachmentDraft

FRAME = b64decode("EAIAnQEqEAAQAAAHCIWFiJmEiAEkEAAwy0AA")  # VP8: 16 x 16 grey points, a whole picture by itself


def _element(name: str, content: bytes) -> bytes:
    """One element: its id, its size in eight bytes, what it holds."""
    return bytes.fromhex(name) + pack(">Q", 1 << 56 | len(content)) + content


def _number(name: str, value: int) -> bytes:
    return _element(name, pack(">Q", value))


def a_film(seconds: int) -> bytes:
    """One picture a second, with the index by which a player finds the place to go on from."""
    head = _element(
        "1A45DFA3",
        _number("4286", 1)
        + _number("42F7", 1)
        + _number("42F2", 4)
        + _number("42F3", 8)
        + _element("4282", b"webm")
        + _number("4287", 2)
        + _number("4285", 2),
    )
    info = _element("1549A966", _number("2AD7B1", 1_000_000) + _element("4489", pack(">d", seconds * 1000)))
    size = _element("E0", _number("B0", 16) + _number("BA", 16))
    track = _number("D7", 1) + _number("73C5", 1) + _number("83", 1) + _element("86", b"V_VP8") + size
    tracks = _element("1654AE6B", _element("AE", track))
    clusters = [
        _element("1F43B675", _number("E7", second * 1000) + _element("A3", b"\x81\x00\x00\x80" + FRAME))
        for second in range(seconds)
    ]
    before = len(info) + len(tracks) + len(_cues([0] * seconds))
    places = [before + sum(map(len, clusters[:second])) for second in range(seconds)]
    return head + _element("18538067", info + tracks + _cues(places) + b"".join(clusters))


def _cues(places: list[int]) -> bytes:
    return _element(
        "1C53BB6B",
        b"".join(
            _element("BB", _number("B3", second * 1000) + _element("B7", _number("F7", 1) + _number("F1", place)))
            for second, place in enumerate(places)
        ),
    )


FILM = AttachmentDraft("talk.webm", "video/webm", a_film(60))
