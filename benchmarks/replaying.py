"""What benchmarks of a write share: seeing which statements it sends, sending them again with nothing around them, many
of them at once or so many a second.
"""

import queue
import re
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")

THREADS = 8  # as many as the server has for pages
STEADY = 50  # a second
STEADY_SECONDS = 6

Sent = tuple[str, Any]
"""A statement as it was seen, and its parameters."""


@contextmanager
def listening() -> Iterator[list[Sent]]:
    """Every statement that is sent meanwhile, savepoints apart."""
    import psycopg
    from django.db.backends.utils import CursorWrapper

    sent: list[Sent] = []
    execute, prepared = CursorWrapper.execute, psycopg.Cursor.execute

    def hear(sql: Any, params: Any) -> None:
        if not str(sql).upper().startswith(("SAVEPOINT", "RELEASE")):
            sent.append((sql, params))

    def listen(self: Any, sql: str, params: Any = None) -> Any:
        hear(sql, params)
        return execute(self, sql, params)

    def listen_too(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if options.get("prepare"):
            hear(query, params)
        return prepared(self, query, params, **options)

    CursorWrapper.execute, psycopg.Cursor.execute = listen, listen_too  # type: ignore[method-assign,assignment]
    try:
        yield sent
    finally:
        CursorWrapper.execute, psycopg.Cursor.execute = execute, prepared  # type: ignore[method-assign]


_KEY = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
"""A key, wherever it stands in a text."""


@dataclass
class Swap:
    """Other ids for those that were seen: what is named as named, any other key of ours a fresh one."""

    named: Mapping[str, str]
    fresh: dict[UUID, UUID] = field(default_factory=dict)

    def of(self, value: Any) -> Any:
        """A parameter as somebody else would have sent it."""
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if isinstance(value, UUID):
            return UUID(self._key(str(value)))
        return _KEY.sub(lambda found: self._key(found[0]), value) if isinstance(value, str) else value

    def _key(self, text: str) -> str:
        from academy.core.ids import uuid7

        if text in self.named or UUID(text).version != 7:
            return self.named.get(text, text)
        return str(self.fresh.setdefault(UUID(text), uuid7()))


_local = threading.local()


def replay(statements: Sequence[Sent], swap: Swap) -> None:
    """The same statements with other ids, in one transaction of this thread's own connection."""
    import psycopg

    from academy.start import find_database

    if not hasattr(_local, "connection"):
        _local.connection = psycopg.connect(find_database(), cursor_factory=psycopg.ClientCursor)
    with _local.connection.transaction(), _local.connection.cursor() as cursor:
        for sql, params in statements:
            if isinstance(params, dict):
                cursor.execute(sql, {name: swap.of(value) for name, value in params.items()})
            else:
                cursor.execute(sql, None if params is None else [swap.of(value) for value in params])


def at_once(people: Sequence[T], work: Callable[[T], None]) -> list[float]:
    """Everybody hands in at the same moment; milliseconds from that moment on, waiting included."""
    waiting: queue.SimpleQueue[T] = queue.SimpleQueue()
    for one in people:
        waiting.put(one)
    taken: list[float] = []
    gate = threading.Barrier(THREADS + 1)

    def serve() -> None:
        gate.wait()
        while True:
            try:
                one = waiting.get_nowait()
            except queue.Empty:
                return
            work(one)
            taken.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=serve) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    gate.wait()
    for thread in threads:
        thread.join()
    return taken


def steadily(people: Sequence[T], work: Callable[[T], None]) -> list[float]:
    """So many a second, each as soon as a thread is free; milliseconds from when it was due."""
    jobs: queue.SimpleQueue[tuple[T, float] | None] = queue.SimpleQueue()
    taken: list[float] = []

    def serve() -> None:
        while job := jobs.get():
            work(job[0])
            taken.append((time.perf_counter() - job[1]) * 1000)

    threads = [threading.Thread(target=serve) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    for number in range(STEADY * STEADY_SECONDS):
        due = began + number / STEADY
        time.sleep(max(due - time.perf_counter(), 0))
        jobs.put((people[number % len(people)], due))
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()
    return taken


def cut(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    cuts = statistics.quantiles(taken, n=100)
    return {f"{name} p50": cuts[49], f"{name} p99": cuts[98]}
