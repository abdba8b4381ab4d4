"""Refusals that are told before any page or API code runs, as RFC 9457 documents."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from academy.core.ids import uuid7

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Problem(Exception):
    """A status, a title and one sentence."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.title = title
        self.detail = detail

    async def answer(self, send: Send, *, close: bool = True) -> None:
        """Send it, and close: whatever else the client still sends is not read."""
        told: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status.value,
            "detail": self.detail,
            "code": self.title.lower().replace(" ", "_"),
            "errors": {},
            "request_id": str(uuid7()),
        }
        await answer(send, self.status, told, kind="application/problem+json", close=close)


async def answer(send: Send, status: int, told: object, *, kind: str = "application/json", close: bool = False) -> None:
    """A small answer that nobody keeps. `told`: bytes as they are, anything else as JSON."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
