"""The Markdown of Microsoft Learn as plain Markdown: includes, zones, columns, callouts, videos and pictures."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from academy.learning.catalog.rules import tidy

SITE = "https://docs.microsoft.com"
DEEPEST = 6
SHORT = 150  # words; a text that is shorter only goes with its video, a longer one is read

INCLUDE = re.compile(r"\[!include\s*\[[^\]]*\]\s*\(\s*([^)\s]+)\s*\)\]?", re.I)
FENCE = re.compile(r"^[\s>]*(`{3,}|~{3,})")
VIDEO = re.compile(r"^([ \t]*>)?[ \t]*\[!video\s+(\S+?)[ \t]*\][ \t]*$", re.I | re.M)
CALLOUT = re.compile(r"^([ \t]*(?:>[ \t]*)+)\[!(note|tip|important|warning|caution)\][ \t]*(.*)$", re.I | re.M)
FRAMED = re.compile(r"^([ \t]*)>[ \t]*\[!div[^\]]*\][^\n]*\n((?:[ \t]*>[^\n]*\n?)*)", re.I | re.M)
CODE_FILE = re.compile(r"\[!code-?\w*\s*\[[^\]]*\]\s*\(([^)]*)\)\]", re.I)
IMAGE = re.compile(r"!\[([^\]]{0,1000})\]\(([^)\s]{0,1000})[^)]{0,300}\)")
LINK = re.compile(r"(?<!!)(\[[^\]]{0,500}\]\()(/[^)/][^)]{0,1000}\))")
COMMENT = re.compile(r"<!--.{0,2000}?-->", re.S)
MARKERS = re.compile(r"</?rgn>|<a (?:name|id)=[^>]{0,200}>|</a>|</?p>|</?br\s*/?>", re.I)
ANCHOR = re.compile(r"<a\s[^>]{0,300}?href=\"([^\">\s]{1,2000})\"[^>]{0,300}>(.{0,500}?)</a>", re.I | re.S)
KEY = re.compile(r"<kbd>(.{0,100}?)</kbd>", re.I)
INLINE_CODE = re.compile(r"(?<!`)(`{1,9})(?!`).{1,1000}?(?<!`)\1(?!`)", re.S)
ZONE = re.compile(r"^[ \t]*:::\s*zone\s+pivot=\"([^\"]*)\"[ \t]*$", re.M)
COLONS = re.compile(r"^[ \t]*:::[^\n]*$", re.M)
HEAD = re.compile(r"\A---\n.*?\n---\n", re.S)

CALLOUTS = {
    "en": {"note": "Note", "tip": "Tip", "important": "Important", "warning": "Warning", "caution": "Caution"},
    "cs": {"note": "Poznámka", "tip": "Tip", "important": "Důležité", "warning": "Upozornění", "caution": "Pozor"},
}


@dataclass(frozen=True, slots=True)
class Text:
    """A unit's text, and the address of its video when it is one."""

    markdown: str
    video: str


def expand(text: str, include: Callable[[str, str], tuple[str, str] | None], file: str, depth: int = 0) -> str:
    """The text with its includes put in. `include` gives (file, text) for an address in a file, or None."""

    def put(line: str) -> str:
        match = INCLUDE.search(line)
        if match is None:
            return line
        found = include(file, match[1]) if depth < DEEPEST else None
        inner = expand(HEAD.sub("", tidy(found[1]) + "\n"), include, found[0], depth + 1).rstrip() if found else ""
        before, after = line[: match.start()], line[match.end() :]
        if not before.strip() and not after.strip():
            return "\n".join(before + each if each else "" for each in inner.split("\n"))
        return put(before + " ".join(inner.split()) + after)

    return "\n".join(put(line) for line in text.split("\n"))


def convert(text: str, *, language: str, zones: Mapping[str, str]) -> Text:
    """A unit's expanded text as plain Markdown. `zones` are titles of pivots by their ids."""
    columns = _without_columns(text)
    videos = [match[2] for code, part in parts(columns) if not code for match in VIDEO.finditer(part)]
    plain = "".join(_code(part) if code else _prose(part, language, zones) for code, part in parts(columns))
    is_video = len(videos) == 1 and len(plain.split()) < SHORT
    if is_video:
        plain = plain.replace(_video(videos[0]), "")
    return Text(tidy(re.sub(r"\n{3,}", "\n\n", plain)), videos[0] if is_video else "")


def parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text cut into prose and fenced code, as (is code, part); joined again they are the text."""
    fence, waiting = "", ""
    for line in text.splitlines(keepends=True):
        match = FENCE.match(line)
        if not fence and match:
            if waiting:
                yield False, waiting
            fence, waiting = match[1], line
        elif fence and match and match[1].startswith(fence) and not line.strip(" \t>`~\n"):
            yield True, waiting + line
            fence, waiting = "", ""
        else:
            waiting += line
    if waiting:
        yield bool(fence), waiting


def _code(part: str) -> str:
    return part.replace("<rgn>", "").replace("</rgn>", "")


def _prose(part: str, language: str, zones: Mapping[str, str]) -> str:
    names = CALLOUTS.get(language, CALLOUTS["en"])
    part = FRAMED.sub(_unframed, COMMENT.sub("", part))
    part = VIDEO.sub(lambda m: _video(m[2]), part)
    part = CALLOUT.sub(lambda m: _callout(m, names), part)
    part = ZONE.sub(lambda m: _zone(m, zones), part)
    part = COLONS.sub("", part)
    return "".join(code or _words(words) for words, code in _around_code(part))


def _around_code(part: str) -> Iterator[tuple[str, str]]:
    """Words and inline code, turn by turn: one of each pair is empty."""
    end = 0
    for match in INLINE_CODE.finditer(part):
        yield part[end : match.start()], ""
        yield "", match[0]
        end = match.end()
    yield part[end:], ""


def _words(part: str) -> str:
    part = CODE_FILE.sub(lambda m: f"`{m[1].partition('?')[0].rpartition('/')[2]}`", part)
    part = IMAGE.sub(lambda m: _caption(m[1]), part)
    part = LINK.sub(lambda m: f"{m[1]}{SITE}{m[2]}", part)
    part = ANCHOR.sub(lambda m: f"[{' '.join(m[2].split())}]({m[1]})", part)
    return MARKERS.sub(_marker, KEY.sub(r"**\1**", part))


def _video(address: str) -> str:
    return f"[Video]({address})"


def _marker(match: re.Match[str]) -> str:
    return " " if match[0].lower().startswith(("<br", "</br")) else ""


def _caption(alt: str) -> str:
    """What a picture that is not imported showed."""
    said = " ".join(alt.split()).replace("*", "").replace("_", r"\_")
    return f"*{said}*" if said else ""


def _callout(match: re.Match[str], names: Mapping[str, str]) -> str:
    quote = match[1].rstrip()
    rest = f"\n{quote} {match[3]}" if match[3].strip() else ""
    return f"{quote} **{names[match[2].lower()]}**\n{quote}{rest}"


def _unframed(match: re.Match[str]) -> str:
    """What stands in a frame, without it: a quote that is no quote."""
    return "\n" + re.sub(r"(?m)^([ \t]*)>[ ]?", r"\1", match[2])


def _zone(match: re.Match[str], zones: Mapping[str, str]) -> str:
    """For whom the next lines are, unless they begin with a heading that says so."""
    if match.string[match.end() : match.end() + 200].lstrip().startswith("#"):
        return ""
    names = [zones.get(pivot.strip(), pivot.strip()) for pivot in match[1].split(",")]
    return f"\n**{', '.join(names)}**\n"


def _without_columns(text: str) -> str:
    """Columns under each other, each as far to the left as its row, or else it would read as code."""
    lines: list[str] = []
    row, column = 0, None
    held: list[str] = []
    for line in text.split("\n"):
        marker = line.strip().replace(" ", "").lower()
        if marker.startswith(":::row:::"):
            row = len(line) - len(line.lstrip())
        elif marker.startswith(":::column-end"):
            lines += ["", *_moved(held, row), ""]
            column, held = None, []
        elif marker.startswith(":::column"):
            column, held = line, []
        elif not marker.startswith(":::row-end"):
            (lines if column is None else held).append(line)
    return "\n".join([*lines, *_moved(held, row)])


def _moved(lines: list[str], to: int) -> list[str]:
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    least = min(margins, default=0)
    return [" " * to + line[least:] if line.strip() else "" for line in lines]
