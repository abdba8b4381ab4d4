"""A real browser, the whole house for it, and a demo academy."""

import threading
from collections.abc import Iterator
from wsgiref.simple_server import make_server

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

from .demo import Demo, running
from .test_shell_browser import ARGS, CHROMIUM, _root, _Silent


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, and Django must not take it for one of its own.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        made.close()


@pytest.fixture
def house() -> Iterator[str]:
    """The whole house, one request at a time."""
    with make_server("127.0.0.1", 0, _root, handler_class=_Silent) as made:

        def serve() -> None:
            made.serve_forever(poll_interval=0.05)
            connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://localhost:{made.server_port}"
        made.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo academy for all tests of the group `demo`, which run in one process."""
    with running(tmp_path_factory.mktemp("demo") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without the house in its own process."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield made
        made.close()
