"""Take a request's whole body before a page's thread sees it: a client that stalls must not hold a thread."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from academy.server.problems import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

LARGEST = 1024 * 1024
PATIENCE = 10.0  # seconds without a byte

TOO_LARGE = Problem(413, "Too large", "A request may carry at most 1 MiB. Send less at a time.")
TOO_SLOW = Problem(408, "Too slow", "Nothing came for 10 seconds. Send the request again.")
BAD_LENGTH = Problem(400, "Bad request", "Content-Length must be a whole number.")


class GoneError(Exception):
    """The client hung up in the middle of its request."""


async def whole(headers: dict[bytes, bytes], receive: Receive, *, patience: float = PATIENCE) -> bytes:
    """The body. Raises Problem when it is too large or does not come, GoneError when the client went."""
    length = headers.get(b"content-length")
    if length is None and b"transfer-encoding" not in headers:
        return b""
    if length is not None:
        if not length.isdigit():
            raise BAD_LENGTH
        if int(length) > LARGEST:
            raise TOO_LARGE
    parts = bytearray()
    while True:
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError:
            raise TOO_SLOW from None
        if message["type"] == "http.disconnect":
            raise GoneError
        parts += message.get("body", b"")
        if len(parts) > LARGEST:
            raise TOO_LARGE
        if not message.get("more_body", False):
            return bytes(parts)
