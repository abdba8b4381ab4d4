"""The process of pages and live frames: `python -m academy.server web DESCRIPTOR`, started by the parent."""

import gc
import logging
import resource
import socket
import sys

import uvicorn

from academy import start
from academy.server import leash, logs

BACKLOG = 4096
GRACE = 1  # seconds for requests under way when the academy stops
CLIENT_MESSAGES = 4096  # bytes; a page has nothing to say on its socket


def config() -> uvicorn.Config:
    """Uvicorn as we need it: the quick WebSocket engine named, no compression of frames, sockets
    kept alive.
    """
    return uvicorn.Config(
        "academy.asgi:application",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=CLIENT_MESSAGES,
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        backlog=BACKLOG,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE,
    )


def raise_file_limit() -> None:
    """As many open sockets as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def calm_collector() -> None:
    """What is loaded by now stays for ever: the collector need not walk it, nor every socket so often.

    A full collection among thousands of sockets stops all of them for longer than a frame may take.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def main() -> None:
    """Serve on a socket that the parent has bound, until told to stop."""
    leash.watch()
    start.prepare()
    from django.conf import settings  # noqa: PLC0415 - known only now

    logs.configure(json_lines=settings.PRODUCTION, process="web")
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    raise_file_limit()
    configured = config()
    configured.load()
    calm_collector()
    listening = socket.socket(fileno=int(sys.argv[2]))
    uvicorn.Server(configured).run(sockets=[listening])
