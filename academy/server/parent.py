"""The parent of the academy's processes. It alone hears Ctrl-C; it has the port, so that a restart drops
nobody.
"""

import errno
import http.client
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from types import FrameType

from academy.core.errors import Refused
from academy.server.children import Child
from academy.server.web import BACKLOG

TICK = 0.2
PATIENCE = 1.5  # seconds that the children have to end; with the database's own that stays under three
SLOW_START = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where to listen, and whether to run jobs here."""

    host: str = "127.0.0.1"
    port: int = 8000
    worker: bool = True
    web: bool = True


def listen(host: str, port: int) -> socket.socket:
    """Take the port. Raises Refused with a sentence where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise Refused(_why_not(error, host, port)) from None
    return listening


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE and _is_an_academy(host, port):
        return (
            f"An academy runs on port {port} already: open http://localhost:{port}, "
            f"or choose another port for this one, such as --port {port + 1}."
        )
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program. Choose another one, such as --port {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is for root only. Choose one above 1023, such as --port 8000."
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _is_an_academy(host: str, port: int) -> bool:
    """Whether it is one of us that has the port: nobody else tells of pages, live and jobs there."""
    try:
        return set(json.loads(_health(host, port)[1])["parts"]) == {"pages", "live", "jobs"}
    except (ValueError, KeyError, TypeError):
        return False


def _health(host: str, port: int) -> tuple[int, bytes]:
    """What /healthz answers there: status and text; 0 where nobody answers in time, or not as the web does."""
    here = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - the address to ask, not to listen on
    asking = http.client.HTTPConnection(here, port, timeout=2)
    try:
        asking.request("GET", "/healthz")
        answer = asking.getresponse()
        return answer.status, answer.read(10_000)
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        asking.close()


class Parent:
    """Keeps the children; everything ends when it does."""

    def __init__(self, wanted: Wanted, say: Say) -> None:
        """`say` prints one line for whoever watches the terminal. Raises Refused when the port
        cannot be had.
        """
        self.wanted = wanted
        self.say = say
        self.listening = listen(wanted.host, wanted.port) if wanted.web else None
        self.port = self.listening.getsockname()[1] if self.listening else 0
        leash, self._hand = os.pipe()
        self._leash = leash
        self.children: list[Child] = []
        if self.listening:
            number = self.listening.fileno()
            self.children.append(Child("web process", ["web", str(number)], leash, [number]))
        if wanted.worker:
            self.children.append(Child("worker", ["worker"], leash))
        self._ending = False
        self._bell_in, self._bell_out = os.pipe()

    @property
    def address(self) -> str:
        """Where a browser finds the academy."""
        host = "localhost" if self.wanted.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else self.wanted.host  # noqa: S104
        return f"http://{host}:{self.port}"

    def run(self, *, when_up: Callable[[], None]) -> int:
        """Run until SIGINT or SIGTERM; the exit code. `when_up` is called once, when /healthz first
        says so.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        signal.signal(signal.SIGCHLD, self._ring)
        begun, up = time.monotonic(), threading.Event()
        threading.Thread(target=self._watch_for, args=(up,), name="up", daemon=True).start()
        told = False
        try:
            for child in self.children:
                child.start()
            while not self._ending:
                for child in self.children:
                    if said := child.look_after():
                        self.say(said)
                if up.is_set() and not told:
                    told = True
                    when_up()
                elif not up.is_set() and time.monotonic() - begun > SLOW_START:
                    self.say("It is not up after a minute. The lines above may say why; so may `academy doctor`.")
                    begun = time.monotonic()
                self._wait(TICK)
        finally:
            self._stop()
        return 0

    def _watch_for(self, up: threading.Event) -> None:
        while not (self._ending or self._is_up()):
            time.sleep(TICK / 2)
        up.set()

    def _is_up(self) -> bool:
        if self.listening is None:
            return all(child.process is not None for child in self.children)
        return _health(self.wanted.host, self.port)[0] == HTTPStatus.OK

    def _wait(self, seconds: float) -> None:
        ready, _, _ = select.select([self._bell_in], [], [], seconds)
        if ready:
            os.read(self._bell_in, 512)

    def _ring(self, number: int, frame: FrameType | None) -> None:
        os.write(self._bell_out, b".")

    def _end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True
        self._ring(number, frame)

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # once is enough; a second Ctrl-C must not leave half of it
        if self.listening:
            self.listening.close()  # nobody new, while those who are here are served to the end
        for child in self.children:
            child.ask_to_end()
        until = time.monotonic() + PATIENCE
        for child in self.children:
            child.make_end(until)

    def close(self) -> None:
        """Give back the port and the pipes."""
        self._ending = True
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if self.listening:
            self.listening.close()
        for descriptor in (self._hand, self._leash, self._bell_in, self._bell_out):
            os.close(descriptor)
