"""Where each request goes. Raw ASGI: everything in it runs for every request."""

from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import structlog
from starlette.exceptions import HTTPException

from academy.live import door
from academy.live.hub import Hub
from academy.live.reads import conninfo
from academy.server import body, health, metrics
from academy.server.files import Static
from academy.server.pages import Pages
from academy.server.problems import Problem, answer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

THREADS = 8  # of pages; each holds one connection to the database
STATIC = Path(__file__).parent.parent / "web" / "static"

NO_SUCH_SOCKET = 4404

log = structlog.get_logger("academy.server")


def django_pages() -> Pages:
    """Every page and the API."""
    from django.core.wsgi import get_wsgi_application  # noqa: PLC0415 - loads every app

    return Pages(get_wsgi_application(), threads=THREADS)


class Root:
    """The ASGI application: `/live/` to the hub, `/static/` to files, `/healthz`, `/metrics`, and
    the pages.
    """

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.static = Static(directory=STATIC, packages=[("django_htmx", "static")], check_dir=False)
        self.hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one socket, or the server's life."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._life(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.startswith("/static/"):
            await self._file(scope, receive, send)
        elif path == "/healthz":
            await self._health(scope, send)
        elif path == "/metrics":
            await metrics.serve(scope, send, hub=self._hub(), pages=self._threads())
        else:
            await self._page(scope, receive, send)

    async def _file(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.static({**scope, "root_path": scope.get("root_path", "") + "/static"}, receive, send)
        except HTTPException as refused:
            await Problem(refused.status_code, "Not here", "There is no such file.").answer(send, close=False)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            taken = await body.whole(dict(scope["headers"]), receive)
        except Problem as problem:
            await problem.answer(send)
        except body.GoneError:
            return
        else:
            await self.pages(scope, taken, send)

    async def _health(self, scope: Scope, send: Send) -> None:
        parts = await health.parts(self._hub(), self._threads())
        told = b"" if scope["method"] == "HEAD" else health.told(parts)
        await answer(send, 200 if health.are_up(parts) else 503, told)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/live/":
            await door.websocket(self._hub(), scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": NO_SUCH_SOCKET})

    async def _life(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.hub = Hub(conninfo())
                try:
                    await self.hub.start()
                except Exception as error:  # the server ends with our sentence instead of a stack
                    await send({"type": "lifespan.startup.failed", "message": f"The live hub cannot start: {error}"})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._hub().stop()
                self._threads().shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _hub(self) -> Hub:
        if self.hub is None:
            raise RuntimeError("The server was not started: no lifespan.")
        return self.hub

    def _threads(self) -> Executor:
        return self.pages.executor
