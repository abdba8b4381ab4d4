"""Django behind an asynchronous server: a request goes to a thread whole, its answer comes back whole.

Between the two nothing waits: a client that is slow to send or to read holds no thread. Answers are compressed in the
page's own thread, so that live frames do not wait for it. What a page answers is small; what is large is served as a
file, not by a page.
"""

import asyncio
import contextvars
import gzip
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from a2wsgi.wsgi import build_environ

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

COMPRESSED = ("text/html", "application/json", "application/problem+json", "text/plain", "text/csv", "image/svg+xml")
WORTH_IT = 600  # bytes; below it the answer fits one packet either way
LEVEL = 4
WITHOUT_BODY = (204, 304)


class Answer(NamedTuple):
    """A whole answer."""

    status: int
    headers: Headers
    body: bytes


class Pages:
    """A WSGI application in threads; `threads` is how many requests are worked on at once."""

    def __init__(self, application: Wsgi, *, threads: int) -> None:
        self.application = application
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: Scope, body: bytes, send: Send) -> None:
        """Answer one request whose body has come."""
        loop = asyncio.get_running_loop()
        context = contextvars.copy_context()
        answer = await loop.run_in_executor(self.executor, context.run, self._answer, scope, body)
        headers = [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _answer(self, scope: Scope, body: bytes) -> Answer:
        environ: dict[str, Any] = build_environ(scope, None)  # type: ignore[arg-type,assignment]
        environ["wsgi.input"] = io.BytesIO(body)
        environ["wsgi.errors"] = sys.stderr
        environ["CONTENT_LENGTH"] = str(len(body))
        answer = Answer(500, [], b"")

        def start(status: str, headers: Headers, exc_info: object = None) -> None:
            nonlocal answer
            answer = Answer(int(status.split(" ", 1)[0]), headers, b"")

        parts = self.application(environ, start)
        try:
            answer = answer._replace(body=b"".join(parts))
        finally:
            getattr(parts, "close", lambda: None)()
        takes_gzip = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "").lower()
        return measured(compressed(answer) if takes_gzip else answer)


def compressed(answer: Answer) -> Answer:
    """The same, smaller, where it is text that is worth it."""
    named = {name.lower(): value for name, value in answer.headers}
    if not named.get("content-type", "").startswith(COMPRESSED) or "content-encoding" in named:
        return answer
    kept = [(name, value) for name, value in answer.headers if name.lower() not in ("content-length", "vary")]
    kept.append(("Vary", ", ".join(filter(None, [named.get("vary"), "Accept-Encoding"]))))
    if len(answer.body) < WORTH_IT:
        return Answer(answer.status, kept, answer.body)
    kept = [(name, weak(value) if name.lower() == "etag" else value) for name, value in kept]
    kept.append(("Content-Encoding", "gzip"))
    return Answer(answer.status, kept, gzip.compress(answer.body, LEVEL, mtime=0))


def measured(answer: Answer) -> Answer:
    """The same with its length, so that the connection can go on to the next request."""
    if answer.status in WITHOUT_BODY or any(name.lower() == "content-length" for name, _ in answer.headers):
        return answer
    return answer._replace(headers=[*answer.headers, ("Content-Length", str(len(answer.body)))])


def weak(etag: str) -> str:
    """The tag of an answer that is the same in meaning, not byte for byte."""
    return etag if etag.startswith("W/") else f"W/{etag}"
