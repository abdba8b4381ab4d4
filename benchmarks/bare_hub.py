"""The floor of the live bench: a hub that lets everybody in and sends every fact of a partner to its sockets.

No session, no token, no audience, no choice of fields, no resume: what any hub on LISTEN and uvicorn must at least do.
Run by `python -m benchmarks.bare_hub DESCRIPTOR` with uvicorn set exactly as the academy's.
"""

import asyncio
import json
import os
import socket
import sys
from collections import defaultdict
from typing import Any

import psycopg
import uvicorn

from academy.server.web import calm_collector, config, raise_file_limit

AFTER = """
    select pos, kind, partner, thing_kind, thing, numbers, occurred_at from journal_fact
    where pos > %s order by pos limit 1000
"""


class Bare:
    """An ASGI application: `/live/?partner=ID` and a health check."""

    def __init__(self) -> None:
        self.groups: dict[str, set[asyncio.Queue[str]]] = defaultdict(set)
        self.grew = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._life(receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"{}"})

    async def _life(self, receive: Any, send: Any) -> None:
        await receive()
        self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._follow())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "academy.v1"})
        await send({"type": "websocket.send", "text": '{"kind":"hello"}'})
        queue: asyncio.Queue[str] = asyncio.Queue(256)
        group = self.groups[scope["query_string"].decode().partition("=")[2]]
        group.add(queue)
        sender = asyncio.create_task(self._send(queue, send))
        try:
            while (await receive())["type"] != "websocket.disconnect":
                pass
        finally:
            sender.cancel()
            group.discard(queue)

    async def _send(self, queue: asyncio.Queue[str], send: Any) -> None:
        while True:
            await send({"type": "websocket.send", "text": await queue.get()})

    async def _listen(self) -> None:
        connection = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
        await connection.execute("listen journal")
        async for _ in connection.notifies():
            self.grew.set()

    async def _follow(self) -> None:
        connection = await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True)
        row = await (await connection.execute("select coalesce(max(pos), 0) from journal_fact")).fetchone()
        last = row[0] if row else 0
        while True:
            await self.grew.wait()
            self.grew.clear()
            cursor = await connection.execute(AFTER, (last,), prepare=True, binary=True)
            for pos, kind, partner, thing_kind, thing, numbers, at in await cursor.fetchall():
                last = pos
                subject = {"kind": thing_kind, "id": str(thing)}
                told = {"cursor": pos, "kind": kind, "occurred_at": at.isoformat(), "subject": subject, "data": numbers}
                text = json.dumps(told, separators=(",", ":"))
                for queue in self.groups[str(partner)]:
                    queue.put_nowait(text)


def main() -> None:
    """Serve on a descriptor."""
    raise_file_limit()
    configured = config()
    configured.app = Bare()
    configured.load()
    calm_collector()
    uvicorn.Server(configured).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
