"""Markdown comes out safe, whatever goes in."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.learning.catalog.markdown.rules import (
    INLINE_TAGS,
    TAGS,
    Heading,
    active_in,
    headings,
    html_in,
    plain,
    render,
    render_inline,
    slug_of,
)


def test_headings_get_ids_and_everything_else_a_number() -> None:
    assert render("Hello.\n\n## Ask, then wait!\n\n- one\n- two\n\n> said") == (
        '<p id="p-1">Hello.</p>\n<h2 id="ask-then-wait">Ask, then wait!</h2>\n'
        '<ul>\n<li id="p-2">one</li>\n<li id="p-3">two</li>\n</ul>\n'
        '<blockquote id="p-4">\n<p id="p-5">said</p>\n</blockquote>\n'
    )


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n\n## b", ["h2", "h3"]),
        ("## a\n\n### b\n\n## c", ["h2", "h3", "h2"]),
        ("### a\n\n###### b\n\n# c", ["h2", "h3", "h2"]),
        ("# 1\n## 2\n### 3\n#### 4\n##### 5\n###### 6", ["h2", "h3", "h4", "h5", "h6", "h6"]),
    ],
)
def test_the_page_keeps_its_one_h1_and_no_level_is_left_out(text: str, levels: list[str]) -> None:
    assert re.findall(r"<(h\d)", render(text)) == levels


def test_the_ids_of_headings_are_unlike_each_other_and_unlike_those_of_paragraphs() -> None:
    text = "## P 1\n\n## p-1\n\n## Ceny & *rozpočet* č. 2\n\n## !!!"
    expected = ["h-p-1", "h-p-1-1", "ceny--rozpočet-č-2", "section"]
    assert re.findall(r'<h2 id="([^"]*)"', render(text)) == expected
    assert [heading.anchor for heading in headings(text)] == expected
    assert headings("Two\nlines\n===") == (Heading("Two lines", "two-lines"),)


def test_a_slug_is_lower_case_with_dashes_and_without_other_punctuation() -> None:
    assert slug_of("What's it worth? £1,200 (or so)") == "whats-it-worth-1200-or-so"


def test_tables_and_code_scroll_in_frames_of_their_own() -> None:
    assert render("|a|b|\n|:-|-|\n|1|2|\n\n```py\n<b>\n```") == (
        '<div class="table" tabindex="0"><table>\n<thead>\n<tr>\n<th class="left" scope="col">a</th>\n'
        '<th scope="col">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td class="left">1</td>\n<td>2</td>\n</tr>\n'
        '</tbody>\n</table>\n</div>\n<pre tabindex="0"><code>&lt;b&gt;\n</code></pre>\n'
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("[a](https://b.c/?d=1&e)", '<a href="https://b.c/?d=1&amp;e" rel="noopener nofollow">a</a>'),
        ("[a](#ask)", '<a href="#ask">a</a>'),
        ("[a](/courses/x/)", '<a href="/courses/x/">a</a>'),
        ("[a](//evil.example)", "a"),
        ("[a](/\\evil.example)", '<a href="/%5Cevil.example">a</a>'),
        ("[a](other.md)", "a"),
        ("[a](javascript:alert%281%29)", "[a](javascript:alert%281%29)"),
        ("![what it shows](../media/x.png)", "what it shows"),
        ("![x](http://b.c/x.png)", "x"),
        (
            "![x](https://b.c/x.png)",
            '<img src="https://b.c/x.png" alt="x" loading="lazy" referrerpolicy="no-referrer">',
        ),
        ("<b onclick=x>a</b>", "&lt;b onclick=x&gt;a&lt;/b&gt;"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ],
)
def test_links_pictures_and_html(text: str, html: str) -> None:
    assert render(text) == f'<p id="p-1">{html}</p>\n'


def test_inline_text_has_no_blocks() -> None:
    assert render_inline("# a `<b>` *c*\n\n[d](https://e.f)") == (
        '# a <code>&lt;b&gt;</code> <em>c</em>\n\n<a href="https://e.f" rel="noopener nofollow">d</a>'
    )


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *(
                    "<script>",
                    "</p>",
                    "<img src=x onerror=alert(1)>",
                    "<svg/onload=x>",
                    "javascript:",
                    "[a](",
                    ")",
                    "\n",
                ),
                *(
                    "![",
                    "]",
                    "<a href='java\tscript:x'>",
                    "](data:text/html,",
                    "&#106;avascript:",
                    "`",
                    "> ",
                    "- ",
                    "|",
                ),
                *("<style>", "<!--", "-->", "<iframe srcdoc=", "# ", "```", "<math><mtext>", "<", ">", '"', "'", "&"),
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(HOSTILE)
def test_nothing_that_runs_ever_comes_out(text: str) -> None:
    for html, allowed in ((render(text), TAGS), (render_inline(text), INLINE_TAGS)):
        for tag, attributes in _Tags(html).found:
            assert tag in allowed
            assert not [name for name in attributes if name.startswith("on") or name in {"style", "srcdoc"}]
            for address in (attributes.get("href") or "", attributes.get("src") or ""):
                assert re.match(r"(https?://|mailto:|#|/(?![/\\])|$)", address, re.I), address


@settings(max_examples=100, deadline=None)
@given(HOSTILE)
def test_headings_are_found_where_rendering_puts_them(text: str) -> None:
    assert [h.anchor for h in headings(text)] == [
        attributes["id"] for tag, attributes in _Tags(render(text)).found if re.fullmatch(r"h\d", tag)
    ]


def test_html_is_found_with_its_line_but_not_in_code_and_not_where_it_is_none() -> None:
    text = "a <b>x</b>\n\n`<i>` <your-name> <https://a.b>\n\n```\n<p>\n```\n\nsaid\n<br> <!-- aside -->"
    assert html_in(text) == [(1, "<b>"), (1, "<b>"), (10, "<br>"), (10, "<!--")]
    assert html_in("nothing < here > at all") == []


def test_what_runs_is_found_with_its_line() -> None:
    text = (
        "fine\n\n<script>x</script>\n\n<a onclick=y>z</a> `<script>`\n\n[a](javascript:b)\n\n"
        "![c](data:text/html,d)\n\nAbout javascript: and data: as words."
    )
    assert active_in(text) == [
        (3, "<script>"),
        (5, "onclick="),
        (7, "javascript:"),
        (9, "data:"),
    ]
    assert active_in("    <script>as code</script>") == []


def test_plain_words_for_searching() -> None:
    assert plain("## Ask\n\n1. **Say** [this](https://a.b) `now`\n\n| a | b |\n|--|--|\n> quoted") == (
        "Ask\n\n Say this now \n\n a b \n\nquoted"
    )
