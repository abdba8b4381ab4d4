"""A lesson completed in one browser, and when its frame stands in another: the real server, HTTP in, WebSocket out."""

import asyncio
import json
import os
import time
from uuid import UUID

from benchmarks.live_clients import Page, request

PATIENCE = 30.0  # seconds for the last frame
KIND = b'"kind":"lesson.completed"'


class Watcher(Page):
    """Another open browser of a learner: notes when it hears of each lesson, by the monotonic clock."""

    __slots__ = ("heard",)

    def __init__(self, asked: bytes) -> None:
        super().__init__(asked)
        self.heard: dict[str, int] = {}

    def _frame(self, opcode: int, body: bytes, now: int) -> None:
        super()._frame(opcode, body, now)
        if opcode == 1 and KIND in body:
            self.heard[json.loads(body)["subject"]["id"]] = now


class Reporter:
    """A learner's browser: reports over one kept connection."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter

    async def connect(self) -> None:
        """Open the connection that a browser has open already."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def complete(self, lesson: UUID) -> tuple[int, int]:
        """Report a lesson as completed: when that was sent and when it was answered."""
        play = str(UUID(bytes=os.urandom(16), version=4))
        body = json.dumps({"position": 1.0, "play": play, "seconds": 60, "completed": True}).encode()
        head = (
            f"PUT /api/v1/lessons/{lesson}/progress HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
            f"Authorization: Bearer {self.secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        sent = time.monotonic_ns()
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in answer.partition(b"\r\n")[0]:
            raise SystemExit(f"A lesson could not be reported: {answer.decode('latin-1')}")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self.reader.readexactly(int(length.partition(b":")[2]))
        return sent, time.monotonic_ns()


Work = list[tuple[int, str, UUID]]
"""Who reports which lesson: the learner's number, a token of theirs, the lesson."""


def measure(port: int, work: Work, *, a_second: int | None) -> dict[str, list[float]]:
    """Milliseconds from sending each report to its answer, and to its frame; all at once or so many a second."""
    return asyncio.run(_measure(port, work, a_second))


async def _measure(port: int, work: Work, a_second: int | None) -> dict[str, list[float]]:
    secrets = {number: secret for number, secret, _lesson in work}
    watchers = {number: await _watcher(port, secret) for number, secret in secrets.items()}
    reporters = {number: Reporter(port, secret) for number, secret in secrets.items()}
    for reporter in reporters.values():
        await reporter.connect()
    began = time.monotonic()

    async def one(place: int, number: int, lesson: UUID) -> tuple[int, int]:
        if a_second is not None:
            await asyncio.sleep(max(began + place / a_second - time.monotonic(), 0))
        return await reporters[number].complete(lesson)

    times = await asyncio.gather(*(one(place, number, lesson) for place, (number, _, lesson) in enumerate(work)))
    until = time.monotonic() + PATIENCE
    while any(str(lesson) not in watchers[number].heard for number, _, lesson in work):
        if time.monotonic() > until:
            raise SystemExit("A frame never came.")
        await asyncio.sleep(0.05)
    frames = [watchers[number].heard[str(lesson)] for number, _, lesson in work]
    for watcher in watchers.values():
        watcher.transport.close()
    return {
        "answer": [(answered - sent) / 1e6 for sent, answered in times],
        "frame": [(heard - sent) / 1e6 for heard, (sent, _) in zip(frames, times, strict=True)],
    }


async def _watcher(port: int, secret: str) -> Watcher:
    asked = request(f"/live/ academy.v1, bearer.{secret}", port)
    _, watcher = await asyncio.get_running_loop().create_connection(lambda: Watcher(asked), "127.0.0.1", port)
    assert watcher.ready is not None
    await watcher.ready
    return watcher
