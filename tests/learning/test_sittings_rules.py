"""Where one is in a text, how long a passage takes, what a page may show."""

import pytest

from academy.learning.sittings.rules import PART, asked_part, is_film, marked, passage_minutes, picture_hosts

TEXT = '<h2 id="one">One</h2><p id="p-1">First.</p><h3 id="deep">Deep</h3><p id="p-2">Second.</p><h2 id="two">Two</h2>'


@pytest.mark.parametrize(
    ("anchor", "shown"),
    [
        ("p-2", TEXT.replace('id="p-2"', 'id="p-2" class="was-here" data-says="You &quot;were&quot; &lt;here"')),
        ("p-9", TEXT),
        ("one", TEXT),
        ("", TEXT),
        ('p-1"', TEXT),
    ],
)
def test_marked(anchor: str, shown: str) -> None:
    assert marked(TEXT, anchor, 'You "were" <here') == shown


def test_a_text_about_ids_is_not_marked_where_it_speaks_of_them() -> None:
    text = '<p id="p-1">write id="p-2" there</p><p id="p-2">x</p>'

    assert marked(text, "p-2", "Here") == text.replace(
        '<p id="p-2">x', '<p id="p-2" class="was-here" data-says="Here">x'
    )


WORDS = " ".join(["word"] * 200)


@pytest.mark.parametrize(
    ("html", "anchor", "minutes"),
    [
        (f'<h2 id="a">A</h2><p>{WORDS}</p><h2 id="b">B</h2><p>short</p>', "a", 2),
        (f'<h2 id="a">A</h2><p>{WORDS}</p><h2 id="b">B</h2><p>short</p>', "b", 1),
        (f'<h2 id="a">A</h2><p>{WORDS}</p><h3 id="b">B</h3><p>{WORDS}</p>', "a", 3),
        (f'<h3 id="a">A</h3><p>short</p><h2 id="b">B</h2><p>{WORDS}</p>', "a", 1),
        (f"<p>{WORDS}</p>", "nowhere", 2),
        (f"<p>{WORDS}</p>", "", 2),
        ("", "", 1),
    ],
)
def test_passage_minutes(html: str, anchor: str, minutes: int) -> None:
    assert passage_minutes(html, anchor) == minutes


@pytest.mark.parametrize(
    ("html", "hosts"),
    [
        ("<p>none</p>", []),
        (
            '<img alt="a" src="https://b.example/x.png"><img src="https://a.example:8443/y"><img src="https://b.example/z">',
            ["https://a.example:8443", "https://b.example"],
        ),
        ('<img src="http://a.example/x.png">', []),
        ('<img src="https://a.example; script-src *">', ["https://a.example"]),
    ],
)
def test_picture_hosts(html: str, hosts: list[str]) -> None:
    assert picture_hosts(html) == hosts


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=0-1, 4-5", None),
        ("bytes=5-4", None),
        ("bytes=0-", range(10)),
        ("bytes=0-0", range(1)),
        ("bytes=4-99", range(4, 10)),
        ("bytes=-3", range(7, 10)),
        ("bytes=-99", range(10)),
        ("bytes=-0", range(10, 10)),
        ("bytes=10-", range(10, 10)),
    ],
)
def test_the_part_of_a_film_that_is_asked_for(header: str, part: range | None) -> None:
    assert asked_part(header, 10) == part


def test_a_part_is_never_larger_than_a_page_should_be() -> None:
    assert asked_part("bytes=5-", 3 * PART) == range(5, 5 + PART)


@pytest.mark.parametrize(
    ("url", "film"),
    [
        ("https://a.example/b.mp4", True),
        ("https://a.example/b.WEBM?t=1", True),
        ("http://a.example/b.mp4", False),
        ("https://a.example/watch?v=b.mp4x", False),
        ("https://a.example/b.mp4 ;", False),
        ("", False),
    ],
)
def test_is_film(url: str, film: bool) -> None:
    assert is_film(url) is film
