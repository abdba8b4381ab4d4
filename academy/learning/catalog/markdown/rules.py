"""Markdown to safe HTML, once, at publishing. Text with HTML in it is shown as text, never as HTML.

Headings get ids from their words, for passages to point at; paragraphs, list items and quotes get `p-1`, `p-2`, ...,
for a reader to come back to. The page has the one h1: a text's highest heading becomes h2, and no level is left out.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

HTML_AHEAD = re.compile(r"<[a-zA-Z/!?]")
RUNNING = r"(?:java|vb)script\s*:|data\s*:|file\s*:"
SCHEME_AHEAD = re.compile(rf"(?i)\b(?:{RUNNING})")
UNSAFE_LINK = re.compile(rf"(?i)\]\(\s*<?\s*({RUNNING})")
ELEMENT = re.compile(r"</?([a-zA-Z][a-zA-Z0-9-]*)")
HANDLER = re.compile(r"(?i)\bon[a-z]+\s*=")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _words(
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote "
    "body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog "
    "dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 "
    "head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee "
    "math menu meta meter nav noframes noscript object ol optgroup option output p param picture pre "
    "progress q rp rt ruby s samp script search section select slot small source span strike strong style "
    "sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var "
    "video wbr "
)
ACTIVE = _words(
    "applet audio base button embed form frame frameset iframe input link math meta object script select "
    "style svg template textarea video "
)
NUMBERED = frozenset({"paragraph_open", "list_item_open", "blockquote_open"})
TAGS = {
    *(
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "div",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
    ),
    *("p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
IDS = {tag: {"id"} for tag in ("p", "li", "blockquote", "h2", "h3", "h4", "h5", "h6")}
ATTRIBUTES = IDS | {
    "a": {"href", "title", "rel"},
    "div": {"class", "tabindex"},
    "img": {"src", "alt", "title", "loading", "referrerpolicy"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "td": {"class"},
    "th": {"class", "scope"},
}
INLINE = {"a": {"href", "title", "rel"}}
SCHEMES = {"http", "https", "mailto"}
INLINE_TAGS = {"a", "br", "code", "em", "s", "strong"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: what it says and the id by which it is found."""

    text: str
    anchor: str


@functools.cache
def _parser(*, html: bool = False) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": html}).enable(["table", "strikethrough"])


def render(text: str) -> str:
    """A lesson's text as safe HTML."""
    tokens = _parser().parse(text)
    _shift_headings(tokens)
    anchors = iter(_anchors(_heading_texts(tokens)))
    number = 0
    for token in tokens:
        if token.type == "heading_open":
            token.attrSet("id", next(anchors))
        elif token.type in NUMBERED and not token.hidden:
            number += 1
            token.attrSet("id", f"p-{number}")
        elif token.type in {"th_open", "td_open"}:
            _align(token)
        elif token.type == "inline":
            token.children = _safe_inline(token.children or [])
    html = _parser().renderer.render(_scrollable(tokens), _parser().options, {})
    return nh3.clean(html, tags=TAGS, attributes=ATTRIBUTES, link_rel=None, url_schemes=SCHEMES)


def render_inline(text: str) -> str:
    """A question, a choice or an explanation as safe HTML without blocks."""
    tokens = _parser().parseInline(text)
    for token in tokens:
        token.children = _safe_inline(token.children or [])
    html = _parser().renderer.render(tokens, _parser().options, {})
    return nh3.clean(html, tags=INLINE_TAGS, attributes=INLINE, link_rel=None, url_schemes=SCHEMES)


@functools.lru_cache(maxsize=256)
def headings(text: str) -> tuple[Heading, ...]:
    """A text's headings in order, with the ids that rendering gives them."""
    texts = _heading_texts(_parser().parse(text))
    return tuple(Heading(said, anchor) for said, anchor in zip(texts, _anchors(texts), strict=True))


def slug_of(heading: str) -> str:
    """A heading's words in lower case, spaces as dashes, other punctuation left out."""
    kept = "".join(c for c in heading.lower() if c.isalnum() or c in " -_")
    return re.sub(r"[ _]", "-", kept.strip())


def plain(text: str) -> str:
    """A text's words without its Markdown, for searching."""
    text = re.sub(r"!?\[([^\]]{0,500})\]\([^)]{0,2000}\)", r"\1", text)
    text = re.sub(r"(?m)^[ \t>]*(?:[-*+] |\d+\. |#+ |`{3,}.*$|~{3,}.*$|\|?[ :|-]+\|?$)?", "", text)
    return re.sub(r"[ \t]*(?:\||\*\*|__|`+)[ \t]*", " ", text).strip()


def html_in(text: str) -> list[tuple[int, str]]:
    """Where Markdown has HTML outside code, as (line from 1, `<name>` of the element, or `<!--` and the like).

    What looks like HTML but is no element of it, such as <your-name>, is text.
    """
    if not HTML_AHEAD.search(text):
        return []
    found = []
    for line, piece in _html_pieces(_parser(html=True).parse(text)):
        names = [name.lower() for name in ELEMENT.findall(piece)]
        if not names:
            found.append((line, piece.lstrip()[:4]))
        found += [(line, f"<{name}>") for name in names if name in ELEMENTS][:1]
    return found


def active_in(text: str) -> list[tuple[int, str]]:
    """Where Markdown has what could run or load in a reader's browser, as (line from 1, what it is).

    Elements such as script, attributes such as onclick, links such as javascript:, all outside code.
    """
    found = []
    if HTML_AHEAD.search(text):
        for line, piece in _html_pieces(_parser(html=True).parse(text)):
            names = [name.lower() for name in ELEMENT.findall(piece) if name.lower() in ACTIVE]
            found += [(line, f"<{name}>") for name in names[:1]]
            if not names and HANDLER.search(piece):
                found.append((line, HANDLER.findall(piece)[0].strip()))
    if SCHEME_AHEAD.search(text):
        found += _unsafe_links(text)
    return sorted(set(found))


def _html_pieces(tokens: Sequence[Token]) -> Iterator[tuple[int, str]]:
    for token in tokens:
        line = token.map[0] + 1 if token.map else 1
        if token.type == "html_block":
            yield line, token.content
        for child in token.children or []:
            if child.type == "html_inline":
                yield (
                    line + token.content[: max(token.content.find(child.content), 0)].count("\n"),
                    child.content,
                )


def _unsafe_links(text: str) -> list[tuple[int, str]]:
    """Links and images with a scheme that runs: the parser leaves them as text, so they are looked for there."""
    found = []
    for token in _parser().parse(text):
        for child in token.children or []:
            if child.type == "text" and (match := UNSAFE_LINK.search(child.content)):
                line = token.map[0] + 1 if token.map else 1
                found.append((line + token.content.partition(match[0])[0].count("\n"), match[1]))
    return found


def _heading_texts(tokens: Sequence[Token]) -> list[str]:
    return [
        "".join(child.content or " " * (child.type == "softbreak") for child in tokens[index + 1].children or [])
        for index, token in enumerate(tokens)
        if token.type == "heading_open"
    ]


def _anchors(texts: Sequence[str]) -> list[str]:
    """An id for each heading, unlike each other and unlike a paragraph's."""
    given: list[str] = []
    for text in texts:
        base = slug_of(text) or "section"
        if re.fullmatch(r"p-\d+", base):
            base = f"h-{base}"
        anchor, again = base, 1
        while anchor in given:
            anchor, again = f"{base}-{again}", again + 1
        given.append(anchor)
    return given


def _shift_headings(tokens: Sequence[Token]) -> None:
    """Begin with h2 and step down one level at a time, as screen readers expect."""
    open_levels: list[int] = []
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            while open_levels and open_levels[-1] >= level:
                open_levels.pop()
            open_levels.append(level)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(len(open_levels) + 1, 6)}"


def _align(token: Token) -> None:
    """A column's alignment as a class, since styles are not allowed."""
    style = str(token.attrGet("style") or "")
    token.attrs = {"class": style.removeprefix("text-align:")} if style else {}
    if token.type == "th_open":
        token.attrSet("scope", "col")


def _scrollable(tokens: Sequence[Token]) -> list[Token]:
    """Tables and code in frames of their own, which scroll and can be reached by keyboard."""
    framed: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            framed.append(_html('<div class="table" tabindex="0">'))
        if token.type in {"fence", "code_block"}:
            framed.append(_html(f'<pre tabindex="0"><code>{_escaped(token.content)}</code></pre>\n'))
            continue
        framed.append(token)
        if token.type == "table_close":
            framed.append(_html("</div>\n"))
    return framed


def _html(content: str) -> Token:
    return Token("html_block", "", 0, content=content)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _safe_inline(children: Sequence[Token]) -> list[Token]:
    """Links only to https, http, mail, a heading, or a page of ours; pictures only by https, else what they show."""
    kept: list[Token] = []
    dropped: list[bool] = []
    for child in children:
        if child.type == "link_open":
            dropped.append(not _mark_link(child))
            if dropped[-1]:
                continue
        elif child.type == "link_close" and dropped.pop():
            continue
        kept.append(_picture(child) if child.type == "image" else child)
    return kept


def _mark_link(link: Token) -> bool:
    address = str(link.attrGet("href") or "")
    if re.match(r"(?i)https?://", address):
        link.attrSet("rel", "noopener nofollow")
        return True
    return bool(re.match(r"(?i)mailto:|#|/(?![/\\])", address))


def _picture(image: Token) -> Token:
    if re.match(r"(?i)https://", str(image.attrGet("src") or "")):
        image.attrSet("loading", "lazy")
        image.attrSet("referrerpolicy", "no-referrer")
        return image
    return Token("text", "", 0, content=image.content)
