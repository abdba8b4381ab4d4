"""A write sent by one browser, and when its frame stands in another: the real server, HTTP in, WebSocket out."""

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from benchmarks.live_clients import Page, request
from benchmarks.replaying import STEADY, STEADY_SECONDS, THREADS, cut

PATIENCE = 30.0  # seconds for the last frame


@dataclass(frozen=True, slots=True)
class Job:
    """What is sent, by whose token, and which kind of frame stands in whose other browser then.

    `watcher` numbers the browser that hears of it, by the token `watched`.
    """

    watcher: int
    watched: str
    secret: str
    path: str
    body: dict[str, Any]
    kind: str


class Watcher(Page):
    """Another open browser: notes when each frame of a kind comes, by the monotonic clock."""

    __slots__ = ("heard", "kind")

    def __init__(self, asked: bytes, kind: str) -> None:
        super().__init__(asked)
        self.kind = f'"kind":"{kind}"'.encode()
        self.heard: list[int] = []

    def _frame(self, opcode: int, body: bytes, now: int) -> None:
        super()._frame(opcode, body, now)
        if opcode == 1 and self.kind in body:
            self.heard.append(now)


class Reporter:
    """A browser or program that writes over one kept connection, one after the other."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.turn = asyncio.Lock()

    async def connect(self) -> None:
        """Open the connection that a browser has open already."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def put(self, job: Job) -> tuple[int, int]:
        """When it was sent and when it was answered."""
        async with self.turn:
            return await self._put(job)

    async def _put(self, job: Job) -> tuple[int, int]:
        body = json.dumps(job.body).encode()
        head = (
            f"PUT {job.path} HTTP/1.1\r\nHost: localhost:{self.port}\r\n"
            f"Authorization: Bearer {job.secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        sent = time.monotonic_ns()
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if b" 20" not in answer.partition(b"\r\n")[0]:
            raise SystemExit(f"{job.path} could not be reported: {answer.decode('latin-1')}")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self.reader.readexactly(int(length.partition(b":")[2]))
        return sent, time.monotonic_ns()


def in_browsers(port: int, people: int, work: Callable[[Iterable[int]], list[Job]]) -> dict[str, float]:
    """Burst and steady, as figures. `work` makes the jobs of people by their numbers."""
    for place in range(THREADS):  # each thread and connection has done something once
        measure(port, work([place]), a_second=None)
    found = {
        "burst": measure(port, work(range(people)), a_second=None),
        "steady": measure(port, work(number % people for number in range(STEADY * STEADY_SECONDS)), a_second=STEADY),
    }
    figures: dict[str, float] = {}
    for way, measured in found.items():
        for what, taken in measured.items():
            figures |= cut(f"{way} {what}", taken)
    return figures


def measure(port: int, work: list[Job], *, a_second: int | None) -> dict[str, list[float]]:
    """Milliseconds from sending each report to its answer, and to its frame; all at once or so many a second.

    The frames of one watcher come in the order in which its reports were sent.
    """
    return asyncio.run(_measure(port, work, a_second))


async def _measure(port: int, work: list[Job], a_second: int | None) -> dict[str, list[float]]:
    watchers = {job.watcher: await _watcher(port, job) for job in {job.watcher: job for job in work}.values()}
    reporters = {number: Reporter(port) for number in watchers}
    for reporter in reporters.values():
        await reporter.connect()
    began = time.monotonic()

    async def one(place: int, job: Job) -> tuple[int, int]:
        if a_second is not None:
            await asyncio.sleep(max(began + place / a_second - time.monotonic(), 0))
        return await reporters[job.watcher].put(job)

    times = await asyncio.gather(*(one(place, job) for place, job in enumerate(work)))
    awaited: defaultdict[int, list[int]] = defaultdict(list)
    for job, (sent, _) in zip(work, times, strict=True):
        awaited[job.watcher].append(sent)
    until = time.monotonic() + PATIENCE
    while any(len(watchers[number].heard) < len(sent) for number, sent in awaited.items()):
        if time.monotonic() > until:
            raise SystemExit("A frame never came.")
        await asyncio.sleep(0.05)
    for watcher in watchers.values():
        watcher.transport.close()
    return {
        "answer": [(answered - sent) / 1e6 for sent, answered in times],
        "frame": [
            (heard - sent) / 1e6
            for number, all_sent in awaited.items()
            for sent, heard in zip(sorted(all_sent), watchers[number].heard, strict=True)
        ],
    }


async def _watcher(port: int, job: Job) -> Watcher:
    asked = request(f"/live/ academy.v1, bearer.{job.watched}", port)
    _, watcher = await asyncio.get_running_loop().create_connection(lambda: Watcher(asked, job.kind), "127.0.0.1", port)
    assert watcher.ready is not None
    await watcher.ready
    return watcher
