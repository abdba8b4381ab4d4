"""Doing things at the same time, for tests of what must hold then. Use with `django_db(transaction=True)`."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

from academy.journal.actions import action

R = TypeVar("R")


def together(count: int, work: Callable[[int], R]) -> list[R | Exception]:
    """Call `work` with 0, 1, 2 ... in as many threads, all let go at once; answers or exceptions in
    that order.
    """
    start = threading.Barrier(count)

    def run(number: int) -> R | Exception:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return work(number)
        except Exception as error:  # handed to the test
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def one_waits_for_another(first: Callable[[], R], second: Callable[[], R]) -> list[R | Exception]:
    """Call `second` while the transaction of `first` has done all that it does and has not committed; both answers.

    `first` commits as soon as `second` waits for a lock of it.
    """
    holds = threading.Event()

    def hold() -> R:
        with transaction.atomic():
            answer = action(first)()
            holds.set()
            wait_until_somebody_waits()
        return answer

    def come() -> R:
        assert holds.wait(timeout=60)
        return second()

    return together(2, lambda number: (hold, come)[number]())


def wait_until_somebody_waits() -> None:
    """Until another connection waits for a lock that this one holds. Fails after a while."""
    asked = "select exists (select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid)))"
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise TimeoutError("Nobody waits.")
