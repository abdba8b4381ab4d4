"""Pages and JSON leave compressed. Done in the page's own thread, so that live frames do not wait for it."""

import gzip
from collections.abc import Callable, Iterable
from typing import Any

StartResponse = Callable[..., Callable[[bytes], object]]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

KINDS = (
    "text/html",
    "application/json",
    "application/problem+json",
    "text/plain",
    "text/csv",
    "image/svg+xml",
)
WORTH_IT = 600  # bytes; below it the answer fits one packet either way
LEVEL = 4


def compressed(pages: Wsgi) -> Wsgi:
    """The same WSGI application, its text compressed for whoever takes gzip. Streams are left as they are."""

    def run(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", "").lower() or environ["REQUEST_METHOD"] == "HEAD":
            return pages(environ, start_response)
        started: list[Any] = []

        def remember(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            started[:] = [status, headers, exc_info]
            return lambda chunk: None

        answer = pages(environ, remember)
        status, headers, exc_info = started
        if getattr(answer, "streaming", False) or not _is_text(headers):
            start_response(status, headers, exc_info)
            return answer
        try:
            body = b"".join(answer)
        finally:
            getattr(answer, "close", lambda: None)()
        body, headers = _compress(body, headers)
        start_response(status, headers, exc_info)
        return [body]

    return run


def _is_text(headers: list[tuple[str, str]]) -> bool:
    named = {name.lower(): value for name, value in headers}
    return named.get("content-type", "").startswith(KINDS) and "content-encoding" not in named


def _compress(body: bytes, headers: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    vary = ", ".join([*(value for name, value in headers if name.lower() == "vary"), "Accept-Encoding"])
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "vary")]
    if len(body) >= WORTH_IT:
        body = gzip.compress(body, LEVEL, mtime=0)
        kept = [(name, _weak(value) if name.lower() == "etag" else value) for name, value in kept]
        kept.append(("Content-Encoding", "gzip"))
    return body, [*kept, ("Vary", vary), ("Content-Length", str(len(body)))]


def _weak(etag: str) -> str:
    return etag if etag.startswith("W/") else f"W/{etag}"
