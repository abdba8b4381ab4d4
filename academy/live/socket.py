"""One browser's or program's socket, as the hub sees it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from academy.live.rules import Close, Group, Place

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LONGEST_QUEUE = 256

_draining: set[asyncio.Task[None]] = set()  # a task that nobody holds may be collected before it ends


class Socket:
    """Takes frames in journal order, each position once, and sends them as fast as the other side reads.

    Small on purpose: thousands of these are open at a time, so the queue exists only while something waits.
    """

    __slots__ = (
        "_send",
        "closing",
        "entering",
        "groups",
        "hi",
        "key",
        "mark",
        "notices",
        "person",
        "place",
        "queue",
    )

    def __init__(self, send: Send, *, person: UUID, key: str, mark: int | None, notices: bool = False) -> None:
        """`key`: `session:<key>` or `token:<id>`. `mark` changes with a session's password; None for tokens.

        `notices`: it also wants to hear that its person's inbox is another.
        """
        self._send = send
        self.person = person
        self.key = key
        self.mark = mark
        self.notices = notices
        self.place = Place()
        self.groups: frozenset[Group] = frozenset()
        self.hi = 0  # the position up to which this socket needs nothing more
        self.queue: deque[tuple[int, str]] | None = None
        self.entering = True  # frames wait until those of the absence are sent
        self.closing: int | None = None

    def push(self, pos: int, text: str) -> bool:
        """Take a frame unless it was taken already; whether it was new."""
        if pos <= self.hi or self.closing is not None:
            return False
        self.hi = pos
        self._queue(pos, text)
        return True

    def hint(self, text: str) -> None:
        """Take what is no fact of the journal, in its turn. Lost, it is not made up for."""
        if self.closing is None:
            self._queue(self.hi, text)

    def _queue(self, pos: int, text: str) -> None:
        if self.queue is None:
            self.queue = deque(((pos, text),))
            if not self.entering:
                self._drain_later()
        elif len(self.queue) >= LONGEST_QUEUE:
            self.end(Close.TOO_SLOW)
        else:
            self.queue.append((pos, text))

    def end(self, code: int) -> None:
        """Close with a code, now, with nothing more sent before it. The first reason stands."""
        if self.closing is not None:
            return
        self.closing = code
        idle = self.queue is None or self.entering
        self.queue = None
        if idle:
            self._drain_later()

    async def send(self, text: str) -> None:
        """Send one frame, waiting for a slow reader; nothing once the socket is closing."""
        if self.closing is not None:
            return
        try:
            await self._send({"type": "websocket.send", "text": text})
        except RuntimeError:
            if self.closing is None:  # else it was closed while this frame waited for a slow reader
                raise

    def forget(self, pos: int) -> None:
        """Drop what waits up to a position, and take nothing more up to there."""
        self.hi = max(self.hi, pos)
        if self.queue is not None:
            self.queue = deque(waiting for waiting in self.queue if waiting[0] > pos) or None

    def go_live(self) -> None:
        """The absence is made up for: from here on frames go out as they come."""
        self.entering = False
        if self.queue is not None:
            self._drain_later()

    def _drain_later(self) -> None:
        task = asyncio.get_running_loop().create_task(self._drain())
        _draining.add(task)
        task.add_done_callback(_draining.discard)

    async def _drain(self) -> None:
        # Whatever ends a connection under us (gone, reset, closed twice) ends it: its receiving side cleans
        # up.
        with suppress(OSError, RuntimeError):
            while self.queue:
                await self._send({"type": "websocket.send", "text": self.queue.popleft()[1]})
            self.queue = None
            if self.closing is not None:
                await self._send({"type": "websocket.close", "code": self.closing})
                return
