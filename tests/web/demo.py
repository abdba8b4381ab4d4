"""A running demo academy: the real command with its processes and its year, and its people in a browser."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import psycopg
from playwright.sync_api import Browser, BrowserContext

from academy.server.folder import UNFINISHED

from ..server.conftest import processes_of, wait_until

ROOT = Path(__file__).parents[2]
PASSWORD = "learn-and-earn"  # as the terminal prints it


@dataclass(frozen=True)
class Demo:
    """A running demo academy."""

    folder: Path
    address: str
    database: str = ""

    def environment(self) -> dict[str, str]:
        """What its commands see: its own data folder, and nothing that the tests are set to."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACADEMY_", "DATABASE_"))}
        return kept | {"ACADEMY_DATA_DIR": str(self.folder), "ACADEMY_ENV": "demo", "COLUMNS": "200"}

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `academy` with these arguments, to its end."""
        return subprocess.run(
            [sys.executable, "-m", "academy.cli", *arguments],
            env=self.environment(),
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def call(self, function: str) -> Any:
        """Call a function of the tests, `package.module.name`, inside of the demo; what it returns, by way of JSON."""
        module, _, name = function.rpartition(".")
        told = f"import json; from {module} import {name}; print(json.dumps({name}()))"
        ran = self.command("manage", "shell", "--no-imports", "-c", told)
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout.splitlines()[-1])

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """The rows of a statement."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement, values).fetchall()


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """Make a demo academy in a folder, cut off once and begun anew, and keep it running.

    Ctrl-C must leave no process and nothing that listens. The folder is gone afterwards.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Demo(folder, f"http://localhost:{port}")
    process = _start(made, port)
    try:
        _cut_off(process, folder)
        process = _start(made, port)
        wait_until(lambda: _is_healthy(made, process), 300)
        # Asked by its address alone: whoever joins an embedded database keeps it running.
        yield replace(made, database=_web_process(process).environ()["DATABASE_URL"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
        wait_until(lambda: not processes_of(folder), 20)
        socket.create_server(("127.0.0.1", port)).close()
        shutil.rmtree(folder.parent, ignore_errors=True)


def _start(made: Demo, port: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "academy.cli", "demo", "--port", str(port)],
        env=made.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _cut_off(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Kill a first start in the middle of the invented year, as a machine does that loses its power."""
    wait_until((folder / UNFINISHED).exists, 120)
    time.sleep(1)
    process.kill()
    process.wait(20)
    wait_until(lambda: not processes_of(folder), 20)
    assert (folder / UNFINISHED).exists(), "it was not cut off"


def _web_process(process: "subprocess.Popen[bytes]") -> psutil.Process:
    [found] = [one for one in psutil.Process(process.pid).children() if "web" in one.cmdline()]
    return found


def _is_healthy(made: Demo, process: "subprocess.Popen[bytes]") -> bool:
    assert process.poll() is None, "the demo ended by itself"
    try:
        with urlopen(f"{made.address}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def signed_in(chromium: Browser, demo: Demo, who: str, *, width: int = 1440) -> BrowserContext:
    """Signed in as a person does it: address, password, one button. `who` is of the demo's, or a whole address."""
    context = chromium.new_context(base_url=demo.address, viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").first.fill(who if "@" in who else f"{who}@demo.academy")
    password = page.get_by_label("Password", exact=True).first
    if not password.is_visible():
        page.get_by_role("button", name="Continue").first.click()
    password.fill(PASSWORD)
    password.press("Enter")
    page.wait_for_url(lambda address: "/accounts/" not in address)
    page.close()
    return context
