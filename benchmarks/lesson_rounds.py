"""One round of the lesson bench, in a process of its own; prints figures as JSON."""

import json
import queue
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from academy import start
from benchmarks import lesson_frames
from benchmarks.dashboard import web

LEARNERS = 200
THREADS = 8  # as many as the server has for pages
STEADY = 50  # a second
STEADY_SECONDS = 6


@dataclass
class Learner:
    """Somebody of a partner of their own, with lessons still to do."""

    actor: Any
    lessons: list[UUID]


@dataclass
class Sent:
    """A statement as it was seen, and whose and about which lesson it was."""

    sql: str
    params: Any
    actor: Any
    lesson: UUID


def main() -> None:
    """Ours and bare by turns, on lessons of the same kind."""
    start.prepare()
    learners = enter()
    statements = seen(learners[0])
    figures: dict[str, float] = {}
    ways: dict[str, Callable[[Learner], None]] = {"ours": complete, "bare": lambda learner: replay(statements, learner)}
    for name, work in ways.items():
        figures |= cut(f"burst {name}", at_once(learners, work))
        figures |= cut(f"steady {name}", steadily(learners, work))
    figures |= in_browsers(learners)
    print(json.dumps(figures))


def in_browsers(learners: list[Learner]) -> dict[str, float]:
    """The same through the real server: from the report sent to its answer, and to the frame in another browser."""
    secrets = give_tokens(learners)

    def work(places: Iterable[int]) -> lesson_frames.Work:
        return [(place, secrets[place], learners[place].lessons.pop()) for place in places]

    figures: dict[str, float] = {}
    with web() as port:
        for secret in secrets[:THREADS]:  # each thread and connection has done something once
            lesson_frames.measure(port, [(0, secret, learners[secrets.index(secret)].lessons.pop())], a_second=None)
        burst = lesson_frames.measure(port, work(range(len(learners))), a_second=None)
        turns = (number % len(learners) for number in range(STEADY * STEADY_SECONDS))
        steady = lesson_frames.measure(port, work(turns), a_second=STEADY)
    for way, found in (("burst", burst), ("steady", steady)):
        for what, taken in found.items():
            figures |= cut(f"{way} {what}", taken)
    return figures


def give_tokens(learners: list[Learner]) -> list[str]:
    """A token for each learner's programs."""
    from academy.core import clock
    from academy.people.tokens.actions import create_token

    now = clock.now()
    return [create_token(learner.actor.person_id, by=learner.actor, now=now).secret for learner in learners]


def enter() -> list[Learner]:
    """A course of many lessons, and learners each with a partner in a programme."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.people.accounts.actions import create_person
    from academy.people.memberships.actions import add_member
    from academy.people.partners.opening.actions import create_partner
    from academy.people.permissions.rules import THE_HOUSE, Actor
    from academy.programme.standing.actions import enrol_partner
    from benchmarks.course import lessons_of_a_course, programme

    now = clock.now() - timedelta(days=1)
    lessons = lessons_of_a_course(now)
    founded = programme(now)
    learners = []
    for _ in range(LEARNERS):
        mark = uuid7().hex
        person = create_person(f"{mark}@example.com", name="Bench", by=THE_HOUSE, now=now)
        partner = create_partner(f"Bench {mark}", by=THE_HOUSE, now=now)
        enrol_partner(partner.id, founded, at=now, now=now)
        add_member(partner.id, person.id, role="owner", by=THE_HOUSE, now=now)
        learners.append(Learner(Actor(person.id, partner_id=partner.id, member_role="owner"), list(lessons)))
    return learners


def complete(learner: Learner) -> None:
    """The action, as page and API call it."""
    from academy.core import clock
    from academy.core.ids import uuid7
    from academy.learning.progress.actions import Report, save_progress

    report = Report(position=1.0, play=uuid7(), seconds=60, completed=True)
    save_progress(learner.actor, learner.lessons.pop(), report, now=clock.now())


def seen(learner: Learner) -> list[Sent]:
    """The statements that one completion sends, with their parameters, and whose and which it was."""
    import psycopg
    from django.db.backends.utils import CursorWrapper

    complete(learner)  # the first one enrols
    sent: list[tuple[str, Any]] = []
    lesson = learner.lessons[-1]
    execute, prepared = CursorWrapper.execute, psycopg.Cursor.execute

    def listening(self: Any, sql: str, params: Any = None) -> Any:
        sent.append((sql, params))
        return execute(self, sql, params)

    def listening_too(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        if options.get("prepare"):
            sent.append((query, params))
        return prepared(self, query, params, **options)

    CursorWrapper.execute, psycopg.Cursor.execute = listening, listening_too  # type: ignore[method-assign,assignment]
    try:
        complete(learner)
    finally:
        CursorWrapper.execute, psycopg.Cursor.execute = execute, prepared  # type: ignore[method-assign]
    kept = [one for one in sent if not one[0].upper().startswith(("SAVEPOINT", "RELEASE"))]
    return [Sent(sql, params, learner.actor, lesson) for sql, params in kept]


local = threading.local()


def replay(statements: list[Sent], learner: Learner) -> None:
    """The same statements for another person and lesson, in one transaction, with nothing around them."""
    import psycopg

    from academy.start import find_database

    if not hasattr(local, "connection"):
        local.connection = psycopg.connect(find_database(), cursor_factory=psycopg.ClientCursor)
    first = statements[0]
    swap = Swap(
        {
            str(first.actor.person_id): str(learner.actor.person_id),
            str(first.actor.partner_id): str(learner.actor.partner_id),
            str(first.lesson): str(learner.lessons.pop()),
        },
        {},
    )
    with local.connection.transaction(), local.connection.cursor() as cursor:
        for one in statements:
            if isinstance(one.params, dict):
                cursor.execute(one.sql, {name: swap.of(value) for name, value in one.params.items()})
            else:
                cursor.execute(one.sql, None if one.params is None else [swap.of(value) for value in one.params])


@dataclass
class Swap:
    """Other ids for those that were seen: person, partner and lesson as named, any other key of ours a fresh one."""

    named: dict[str, str]
    fresh: dict[UUID, UUID]

    def of(self, value: Any) -> Any:
        """A parameter as this learner would have sent it."""
        from academy.core.ids import uuid7

        if isinstance(value, list):
            return [self.of(one) for one in value]
        if isinstance(value, UUID):
            if str(value) in self.named:
                return UUID(self.named[str(value)])
            return self.fresh.setdefault(value, uuid7()) if value.version == 7 else value
        if isinstance(value, str):
            for old, new in self.named.items():
                value = value.replace(old, new)
        return value


def at_once(learners: list[Learner], work: Callable[[Learner], None]) -> list[float]:
    """Everybody hands in at the same moment; milliseconds from that moment on, waiting included."""
    waiting: queue.SimpleQueue[Learner] = queue.SimpleQueue()
    for learner in learners:
        waiting.put(learner)
    taken: list[float] = []
    gate = threading.Barrier(THREADS + 1)

    def serve() -> None:
        gate.wait()
        while True:
            try:
                learner = waiting.get_nowait()
            except queue.Empty:
                return
            work(learner)
            taken.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=serve) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    gate.wait()
    for thread in threads:
        thread.join()
    return taken


def steadily(learners: list[Learner], work: Callable[[Learner], None]) -> list[float]:
    """So many a second, each as soon as a thread is free; milliseconds from when it was due."""
    jobs: queue.SimpleQueue[tuple[Learner, float] | None] = queue.SimpleQueue()
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
        jobs.put((learners[number % len(learners)], due))
    for _ in threads:
        jobs.put(None)
    for thread in threads:
        thread.join()
    return taken


def cut(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 99th percentile."""
    cuts = statistics.quantiles(taken, n=100)
    return {f"{name} p50": cuts[49], f"{name} p99": cuts[98]}


if __name__ == "__main__":
    main()
