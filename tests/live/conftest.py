"""A real server on a free port, on the tests' database."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from academy.server.root import Root, django_pages
from academy.server.web import config

from .world import Running


@pytest.fixture(scope="session")
def _started(django_db_setup: None, django_db_blocker: Any) -> Iterator[Running]:
    with django_db_blocker.unblock():
        settings = config()
        settings.app = root = Root(django_pages())
        server = uvicorn.Server(settings)
        listening = socket.create_server(("127.0.0.1", 0), backlog=100)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running = Running(root, listening.getsockname()[1])
        running.wait(lambda: server.started and running.hub.listening)
    yield running
    server.should_exit = True
    thread.join(5)
    listening.close()


@pytest.fixture
def live(transactional_db: None, _started: Running, request: pytest.FixtureRequest) -> Running:
    """The server, listening, with nobody connected and nothing unread. What comes through it no action recorded."""
    request.node.add_marker("tampers")
    _started.wait(lambda: len(_started.hub) == 0 and _started.hub.listening)
    return _started
