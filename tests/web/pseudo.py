"""A language that nobody speaks: every text accented, 40 % longer, in brackets; so what is not translated shows.

Made from the texts that `make translations` finds, for tests only: it is never among the languages of the house.
"""

import importlib.util
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

ROOT = Path(__file__).parents[2]
LANGUAGE = "qps"  # set aside for such uses by ISO 639-3
OPEN, CLOSE = "⟦", "⟧"
LONGER = 0.4

# What must come through unchanged: placeholders of both sorts, and doubled per cents.
KEPT = re.compile(r"%\(\w+\)[-#0 +]*\d*[a-z]|%%|%[sd]|\{\w*\}")
ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "åƀçđéƒğĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĞĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ",
)


def pseudo(text: str) -> str:
    """A text in the language: `Go on` is `⟦Ğö öñ~~⟧`."""
    pieces = KEPT.split(text)
    kept = [*KEPT.findall(text), ""]
    accented = "".join(piece.translate(ACCENTS) + one for piece, one in zip(pieces, kept, strict=True))
    return f"{OPEN}{accented}{'~' * round(len(text) * LONGER)}{CLOSE}"


def tools() -> ModuleType:
    """The script behind `make translations`, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("academy_translations", ROOT / "tools" / "translations.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write_catalogue(folder: Path) -> int:
    """Write the language below a folder, as settings.LOCALE_PATHS wants it; how many texts it has."""
    found: Catalog = tools().texts()
    made = Catalog(locale="en", fuzzy=False)
    for message in found:
        if message.id:
            said = tuple(map(pseudo, message.id)) if isinstance(message.id, list | tuple) else pseudo(message.id)
            made.add(message.id, said, context=message.context)
    file = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as compiled:
        write_mo(compiled, made)
    return len(made)


READ_ALOUD = ("alt", "aria-label", "placeholder", "title", "data-name", "data-say", "data-says-changed", "data-h")
NOT_READ = {"script", "style", "code", "kbd"}


class _Words(HTMLParser):
    """Everything that a page says, to eyes and to voices."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in NOT_READ
        given = dict(attrs)
        self.said += [value for name in READ_ALOUD if (value := given.get(name))]
        if tag == "input" and given.get("type") in ("submit", "button") and (value := given.get("value")):
            self.said.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in NOT_READ

    def handle_data(self, data: str) -> None:
        if not self._silent and (text := " ".join(data.split())):
            self.said.append(text)


INNERMOST = re.compile(rf"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")
WORD = re.compile(r"[A-Za-z]{2,}")


def untranslated(html: str, data: re.Pattern[str]) -> Iterator[str]:
    """What a page says in plain letters outside every translated text, but for data."""
    parser = _Words()
    parser.feed(html)
    for text in parser.said:
        rest = text
        while rest != (inner := INNERMOST.sub(" ", rest)):
            rest = inner
        if WORD.search(data.sub(" ", rest)):
            yield text
