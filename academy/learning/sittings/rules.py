"""Where one is in a text, and how long a passage of it takes."""

import re

WORDS_A_MINUTE = 160
PART = 1024 * 1024  # bytes of a film in one answer
TAG = re.compile(r"<[^>]+>")
HEADING = re.compile(r"<h([2-6])\b[^>]*>")


def marked(html: str, anchor: str, says: str) -> str:
    """The text with a mark at the paragraph where somebody was. `html` is ours, `says` plain words; an anchor that is
    not a paragraph of the text marks nothing.
    """
    if not re.fullmatch(r"p-\d+", anchor):
        return html
    quoted = says.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return re.sub(
        rf'(<[a-z0-9]+ id="{anchor}")', lambda tag: f'{tag[1]} class="was-here" data-says="{quoted}"', html, count=1
    )


def passage_minutes(html: str, anchor: str) -> int:
    """How many minutes the passage under a heading takes, up to the next heading of its rank; without a heading of
    that name, the whole text. At least 1.
    """
    words = len(TAG.sub(" ", _passage(html, anchor)).split())
    return max(-(-words // WORDS_A_MINUTE), 1)


def _passage(html: str, anchor: str) -> str:
    found = re.search(rf'<h([2-6])\b[^>]*\bid="{re.escape(anchor)}"', html) if anchor else None
    if found is None:
        return html
    rest = html[found.end() :]
    ends = (heading.start() for heading in HEADING.finditer(rest) if heading[1] <= found[1])
    return rest[: next(ends, len(rest))]


def picture_hosts(html: str) -> list[str]:
    """The origins, such as `https://example.org`, from which a text shows pictures."""
    return sorted({found[1] for found in re.finditer(r'<img\b[^>]*\bsrc="(https://[A-Za-z0-9.:-]+)', html)})


def asked_part(header: str, size: int) -> range | None:
    """Which bytes of a film a `Range` header asks for, at most PART of them: a player asks again for what follows.

    None where the whole is meant or the header says nothing we understand; an empty range where there is no such part.
    """
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header.replace(" ", ""))
    if found is None or found[0] == "bytes=-":
        return None
    first, last = found.groups()
    start = int(first) if first else max(size - int(last), 0)
    stop = int(last) + 1 if first and last else size
    if first and last and int(last) < start:
        return None
    return range(start, max(start, min(stop, size, start + PART)))


def is_film(url: str) -> bool:
    """Whether an address can be played in the page: https and a film by its name."""
    return bool(re.fullmatch(r"(?i)https://[^\s\"']+\.(mp4|webm|m4v)(\?[^\s\"']*)?", url))
