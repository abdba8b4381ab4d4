"""A child ends when its parent does, however the parent ends: it watches a pipe that only the parent holds
open.
"""

import os
import signal
import threading
import time

VARIABLE = "ACADEMY_LEASH"
PATIENCE = 2.0  # seconds to end by itself


def watch() -> None:
    """Start watching the pipe that the parent named in the environment; do nothing without one."""
    named = os.environ.pop(VARIABLE, "")
    if named:
        threading.Thread(target=_wait, args=(int(named),), name="leash", daemon=True).start()


def _wait(descriptor: int) -> None:
    os.read(descriptor, 1)  # returns when the last writer is gone: nobody ever writes
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os._exit(1)
