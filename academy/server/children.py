"""One process that the parent keeps alive: started, restarted with growing pauses, ended."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from academy.server.leash import VARIABLE

LONGEST_PAUSE = 30.0
STEADY = 60.0  # seconds alive after which the next death counts as the first


@dataclass(slots=True)
class Child:
    """`name` for people, the `arguments` of our module, and the descriptors that it inherits."""

    name: str
    arguments: Sequence[str]
    leash: int
    inherits: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    next_start: float = field(default=0.0)

    def start(self) -> None:
        """Start it in a session of its own, where the terminal's Ctrl-C does not reach it."""
        self.process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-P", "-m", "academy.server", *self.arguments],
            env={**os.environ, VARIABLE: str(self.leash)},
            pass_fds=(self.leash, *self.inherits),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started_at = time.monotonic()

    def look_after(self) -> str | None:
        """Start it again when its pause is over; a sentence when it has just died."""
        if self.process is None:
            if time.monotonic() >= self.next_start:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        self.deaths = 1 if time.monotonic() - self.started_at > STEADY else self.deaths + 1
        pause = 0.0 if self.deaths == 1 else min(0.5 * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.next_start = time.monotonic() + pause
        return f"The {self.name} ended ({_how(code)}). It starts again {_when(pause)}."

    def ask_to_end(self) -> None:
        """SIGTERM."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def make_end(self, until: float) -> None:
        """Wait until a monotonic time, then kill."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _how(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def _when(pause: float) -> str:
    return f"in {pause:.0f} seconds" if pause else "now"
