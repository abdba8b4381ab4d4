"""Doing things at the same time, for tests of what must hold then. Use with `django_db(transaction=True)`."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

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
