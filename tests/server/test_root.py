"""Where requests go, what is too large or too slow, what leaves compressed. The application alone, without a server."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from academy.server import body, metrics
from academy.server.body import GoneError, whole
from academy.server.pages import Answer, Pages, compressed, measured
from academy.server.problems import Problem
from academy.server.root import Root

Message = dict[str, Any]


def ask(
    root: Root, path: str, *messages: Message, method: str = "GET", query: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """One request: status, headers, body."""
    sent: list[Message] = []
    waiting = list(messages) or [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        while not waiting:
            await asyncio.sleep(1)  # a client that waits for its answer
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 8000),
        "http_version": "1.1",
        "scheme": "http",
    }
    asyncio.run(root(scope, receive, send))
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:])


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    start("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", " a=b")])
    taken = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    return [b"took ", taken]


@pytest.fixture
def root() -> Root:
    return Root(Pages(echo, threads=1))


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_is_handed_over_whole_however_it_comes(root: Root) -> None:
    expected = (200, {"content-type": "text/html", "set-cookie": "a=b", "content-length": "9"}, b"took half")
    assert ask(root, "/x", part(b"ha", more=True), part(b"lf"), method="POST", content_length="4") == expected
    assert ask(root, "/x", part(b"half"), method="POST", transfer_encoding="chunked") == expected
    assert ask(root, "/x")[2] == b"took "


def problem(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str, str]:
    status, headers, text = answer
    told = json.loads(text)
    assert (told["status"], headers["content-type"]) == (status, "application/problem+json")
    assert set(told) == {"type", "title", "status", "detail", "code", "errors", "request_id"}
    return status, told["detail"], headers.get("connection", "")


def test_what_is_too_large_is_refused_at_its_first_word_or_its_last_byte(root: Root) -> None:
    told = (413, "A request may carry at most 1 MiB. Send less at a time.", "close")
    assert problem(ask(root, "/x", method="POST", content_length=str(body.LARGEST + 1))) == told
    parts = (part(b"x" * body.LARGEST, more=True), part(b"x"))
    assert problem(ask(root, "/x", *parts, method="POST", transfer_encoding="chunked")) == told
    assert ask(root, "/x", part(b"x" * body.LARGEST), method="POST", content_length=str(body.LARGEST))[0] == 200


def test_a_length_that_is_none_is_refused(root: Root) -> None:
    told = (400, "Content-Length must be a whole number.", "close")
    assert problem(ask(root, "/x", method="POST", content_length="-1")) == told


def test_a_client_that_stalls_or_goes_is_let_go() -> None:
    async def stalls() -> Message:
        await asyncio.sleep(10)
        raise AssertionError

    async def goes() -> Message:
        return {"type": "http.disconnect"}

    async def take(receive: Callable[[], Awaitable[Message]]) -> bytes:
        return await whole({b"content-length": b"5"}, receive, patience=0.01)

    with pytest.raises(Problem) as slow:
        asyncio.run(take(stalls))
    assert (slow.value.status, str(slow.value)) == (408, "Nothing came for 10 seconds. Send the request again.")
    with pytest.raises(GoneError):
        asyncio.run(take(goes))


def test_files_are_kept_for_ever_when_their_address_has_a_version(root: Root) -> None:
    status, headers, text = ask(root, "/static/academy.css", query=b"v=abc")
    assert (status, headers["cache-control"], headers["content-type"]) == (
        200,
        "public, max-age=31536000, immutable",
        "text/css; charset=utf-8",
    )
    etag = headers["etag"]
    status, headers, _ = ask(root, "/static/academy.css", if_none_match=etag)
    assert (status, headers["cache-control"]) == (304, "no-cache")
    status, headers, small = ask(root, "/static/academy.css", accept_encoding="br, gzip")
    assert (status, headers["content-encoding"], headers["vary"], headers["etag"]) == (
        200,
        "gzip",
        "Accept-Encoding",
        f"W/{etag}",
    )
    assert gzip.decompress(small) == text
    assert ask(root, "/static/academy.css", if_none_match=f"W/{etag}", accept_encoding="gzip")[0] == 304
    status, headers, first = ask(root, "/static/academy.css", range="bytes=0-9", accept_encoding="gzip")
    assert (status, first, "content-encoding" in headers) == (206, text[:10], False)


@pytest.mark.parametrize("path", ["/static/none.css", "/static/../asgi.py", "/static/%2e%2e/asgi.py", "/static/"])
def test_a_file_that_is_not_there_is_404(root: Root, path: str) -> None:
    assert problem(ask(root, path)) == (404, "There is no such file.", "")


def test_htmx_comes_from_its_own_package(root: Root) -> None:
    assert ask(root, "/static/django_htmx/htmx-2.min.js")[0] == 200


LONG = b"<p>" + b"word " * 300


@pytest.mark.parametrize(
    ("headers", "body", "smaller"),
    [
        ([("Content-Type", "text/html; charset=utf-8"), ("Vary", "Cookie")], LONG, True),
        ([("Content-Type", "application/json")], LONG, True),
        ([("Content-Type", "application/pdf")], LONG, False),
        ([("Content-Type", "text/html"), ("Content-Encoding", "br")], LONG, False),
        ([("Content-Type", "text/html")], b"short", False),
    ],
)
def test_text_leaves_compressed_and_the_rest_as_it_is(headers: Any, body: bytes, smaller: bool) -> None:
    answer = compressed(Answer(200, headers, body))
    named = dict(answer.headers)
    assert (named.get("Content-Encoding") == "gzip") == smaller
    assert (gzip.decompress(answer.body) if smaller else answer.body) == body
    if dict(headers).get("Vary"):
        assert named["Vary"] == "Cookie, Accept-Encoding"


def test_a_tag_of_what_was_compressed_is_weak() -> None:
    for etag, told in (('"a"', 'W/"a"'), ('W/"a"', 'W/"a"')):
        answer = compressed(Answer(200, [("Content-Type", "text/html"), ("ETag", etag)], LONG))
        assert dict(answer.headers)["ETag"] == told


def test_every_answer_but_an_empty_one_has_its_length() -> None:
    assert measured(Answer(200, [], b"abc")).headers == [("Content-Length", "3")]
    assert measured(Answer(304, [], b"")).headers == []
    assert measured(Answer(200, [("content-length", "3")], b"abc")).headers == [("content-length", "3")]


@pytest.mark.parametrize(
    ("client", "headers", "local"),
    [
        (("127.0.0.1", 1), {}, True),
        (("::1", 1), {}, True),
        (("10.0.0.1", 1), {}, False),
        (("127.0.0.1", 1), {b"x-forwarded-for": b"10.0.0.1"}, False),
        (("testclient", 1), {}, False),
        (None, {}, False),
    ],
)
def test_a_scrape_is_local_only_when_no_proxy_passed_it_on(client: Any, headers: Any, local: bool) -> None:
    assert metrics.is_local(client, headers) == local


def test_a_bearer_token_is_read_from_its_header() -> None:
    assert metrics.bearer({b"authorization": b"Bearer siso_x"}) == "siso_x"
    assert metrics.bearer({b"authorization": b"Basic siso_x"}) == ""
    assert metrics.bearer({}) == ""
