"""For the tests of pages: whether their live parts, fetched alone, are what stands in the page."""

import re
from html.parser import HTMLParser

from django.test import Client

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Parts(HTMLParser):
    """Collects the text and tags of every element that has both an id and `data-live`.

    What comes from another address (`data-from`), as the bell of every page, is that page's to prove.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self._open: list[tuple[str, str | None]] = []

    def _note(self, piece: str) -> None:
        for _, part in self._open:
            if part:
                self.found[part].append(piece)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        part = given.get("id") if "data-live" in given and "data-from" not in given else None
        if part:
            self.found[part] = []
        if tag not in VOID:
            self._open.append((tag, part))
        # A token against forgery is another in each answer.
        shown = "" if given.get("name") == "csrfmiddlewaretoken" else sorted((k, v or "") for k, v in attrs)
        self._note(f"<{tag} {shown}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(f"<{tag} {sorted((k, v or '') for k, v in attrs)}/>")

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _ = self._open.pop()
            if closed == tag:
                break
        self._note(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if text := re.sub(r"\s+", " ", data).strip():
            self._note(text)


def live_parts(html: str) -> dict[str, list[str]]:
    """The live parts of a page by their ids, each as a list of tags and texts."""
    parser = _Parts()
    parser.feed(html)
    return parser.found


def assert_parts_stand_alone(browser: Client, address: str) -> list[str]:
    """Fetch a page, then all its live parts alone: they must be equal. Answers their ids."""
    whole = live_parts(browser.get(address).content.decode())
    assert whole, f"{address} has no element with an id and data-live"
    answer = browser.get(address, headers={"X-Parts": ",".join(whole)})
    assert answer.status_code == 200, answer.content.decode()[:2000]
    assert live_parts(answer.content.decode()) == whole
    return list(whole)
