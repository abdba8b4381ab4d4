"""Reading a PDF of ours back: as much of the format as our certificates use, and no library for it."""

import re
import zlib

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
FONT = re.compile(rb"/(f\d+) [\d.]+ Tf")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def streams(pdf: bytes) -> list[bytes]:
    """Every stream, unpacked where it was packed."""
    return [_unpacked(one) for one in STREAM.findall(pdf)]


def lines(pdf: bytes) -> list[str]:
    """The text on the page in reading order, a run of one size and font an item."""
    fonts, found = _fonts(pdf), []
    for content in streams(pdf):
        for part in content.split(b"BT ")[1:]:
            shown, _, _ = part.partition(b"\nET\n")
            name = FONT.search(shown)
            assert name
            font = fonts[name[1].decode()]
            found.append("".join(_letters(string, font) for string in _strings(shown)))
    return found


def _strings(content: bytes) -> list[bytes]:
    """The strings in a piece of content, still escaped; parentheses may stand in them in pairs."""
    found, depth, at, start = [], 0, 0, 0
    while at < len(content):
        letter = content[at : at + 1]
        if letter == b"\\":
            at += 1
        elif letter == b"(":
            start = start if depth else at + 1
            depth += 1
        elif letter == b")":
            depth -= 1
            if depth == 0:
                found.append(content[start:at])
        at += 1
    return found


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _fonts(pdf: bytes) -> dict[str, dict[int, str]]:
    """By the name that the page calls a font: which letters its glyphs are."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\s*(.*?)\s*endobj", pdf, re.DOTALL))
    (resources,) = re.findall(rb"/Font<<(.*?)>>", pdf)
    fonts = {}
    for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", resources):
        table = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
        assert table, "A font without letters cannot be read aloud."
        (stream,) = STREAM.findall(objects[table[1]] + b"\n")
        fonts[name.decode()] = _table(_unpacked(stream))
    return fonts


def _table(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", cmap)
    return {int(glyph, 16): bytes.fromhex(text.decode()).decode("utf-16-be", "replace") for glyph, text in pairs}


def _letters(string: bytes, font: dict[int, str]) -> str:
    plain = ESCAPE.sub(_unescaped, string)
    return "".join(font[int.from_bytes(plain[at : at + 2])] for at in range(0, len(plain), 2))


def _unescaped(found: re.Match[bytes]) -> bytes:
    given = found[1]
    return bytes([int(given, 8)]) if given[:1].isdigit() else NAMED.get(given, given)
