"""Thousands of sockets in one process, and what they hear: `python -m benchmarks.live_clients PORT FILE`.

FILE has a line for each socket: its address and, after a space, its subprotocols. Says `open N` when all stand; then,
for each line on stdin, answers one JSON line with the latencies in milliseconds of what was heard since the last, as
counts by hundredths. A frame carries the instant at which its fact was begun, by the machine's monotonic clock.
"""

import asyncio
import base64
import json
import os
import sys
import time
from collections import Counter
from pathlib import Path

AT_ONCE = 64
MARK = b'"cause":"'

heard: Counter[int] = Counter()
lost = 0


class Page(asyncio.Protocol):
    """One socket, just able to shake hands and read text frames."""

    __slots__ = ("buffer", "ready", "request", "shaken", "transport")

    def __init__(self, request: bytes) -> None:
        self.request = request
        self.buffer = b""
        self.shaken = False
        self.ready: asyncio.Future[None] | None = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)
        self.request = b""

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        data = self.buffer + data if self.buffer else data
        if not self.shaken:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self.buffer = head
                return
            if b" 101 " not in head[:20] and self.ready is not None:
                self.ready.set_exception(ConnectionError(head[:80].decode()))
                return
            self.shaken = True
        self.buffer = self._frames(data, now)

    def _frames(self, data: bytes, now: int) -> bytes:
        while len(data) >= 2:
            length, start = data[1] & 127, 2
            if length == 126:
                length, start = int.from_bytes(data[2:4]), 4
            if len(data) < start + length:
                break
            self._frame(data[0] & 15, data[start : start + length], now)
            data = data[start + length :]
        return data

    def _frame(self, opcode: int, body: bytes, now: int) -> None:
        if opcode == 1:
            if self.ready is not None and not self.ready.done():
                self.ready.set_result(None)  # the greeting: from here on it is served
            begun = body.find(MARK)
            if begun >= 0:
                begun += len(MARK)
                heard[(now - int(body[begun : body.index(b'"', begun)])) // 10_000] += 1
        elif opcode == 9:  # a ping: answered as it came, masked by nothing
            self.transport.write(bytes((0x8A, 0x80 | len(body), 0, 0, 0, 0)) + body)

    def connection_lost(self, reason: Exception | None) -> None:
        global lost  # noqa: PLW0603 - counted over all pages
        lost += 1


def request(line: str, port: int) -> bytes:
    """The handshake of one line of the file."""
    address, _, protocols = line.partition(" ")
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {address} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {protocols}\r\n\r\n"
    ).encode()


async def connect_all(lines: list[str], port: int) -> list[Page]:
    """Every page, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def one(line: str) -> Page:
        async with gate:
            _, page = await loop.create_connection(lambda: Page(request(line, port)), "127.0.0.1", port)
            assert page.ready is not None
            await page.ready
            page.ready = None
            return page

    return await asyncio.gather(*(one(line) for line in lines))


async def main() -> None:
    """Connect, then report whenever asked."""
    lines = Path(sys.argv[2]).read_text().splitlines()
    begun = time.monotonic()
    pages = await connect_all(lines, int(sys.argv[1]))
    print("open", len(pages), f"{time.monotonic() - begun:.2f}", flush=True)
    asking = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(asking), sys.stdin)
    while await asking.readline():
        print(json.dumps({"lost": lost, "heard": heard}), flush=True)
        heard.clear()


if __name__ == "__main__":
    asyncio.run(main())
