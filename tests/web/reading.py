"""What a page says, without its markup."""

import html
import re
from typing import Any

WORDS = re.compile(r"<[^>]+>")


def plain(markup: str) -> str:
    """The words of some markup, in one line."""
    return " ".join(html.unescape(WORDS.sub(" ", markup)).split())


def heading(answer: Any) -> str:
    """The page's h1."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", answer.content.decode(), re.DOTALL)
    return plain(found[1]) if found else ""


def notes(answer: Any) -> list[str]:
    """The coloured sentences of the house, in order."""
    found = re.findall(r'<div class="note[^"]*"[^>]*>(.*?)</div></?', answer.content.decode(), re.DOTALL)
    return [plain(one) for one in found]


def wrong(answer: Any) -> dict[str, str]:
    """What stands beside fields, by the field's name."""
    found = re.findall(r'<p id="bad-([^"]+)" class="bad">(.*?)</p>', answer.content.decode(), re.DOTALL)
    return {name: plain(said) for name, said in found if plain(said)}


def main(answer: Any) -> str:
    """All the words between the page's landmarks."""
    found = re.search(r"<main.*?>(.*)</main>", answer.content.decode(), re.DOTALL)
    return plain(found[1]) if found else ""
