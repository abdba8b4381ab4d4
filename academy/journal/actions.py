"""How a fact comes to be: inside one action, which is one transaction, with everything that follows from it.

    @action
    def complete_lesson(...):
        at = lock_partner(...)
        record("lesson.completed", person=..., at=at, now=now)

The outermost action opens the transaction, lets the facts react, writes them in one statement and seals. Where the
database picks it as the victim of a deadlock it is run again, at most three times and with the same arguments.
"""

import functools
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction

from academy.core.ids import uuid7
from academy.core.jsontext import json_text
from academy.journal.kinds import KINDS, Sort
from academy.journal.queries import head

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 4
DEADLOCK, SERIALIZATION = "40P01", "40001"


@dataclass(frozen=True, slots=True)
class Thing:
    """What a fact is about: a kind of thing and its id."""

    kind: str
    id: UUID


@dataclass(frozen=True, slots=True)
class Decision:
    """Which rule version concluded a fact, from which measured values."""

    rule: str
    inputs: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact on its way into the journal, as reactions see it."""

    id: UUID
    kind: str
    partner: UUID | None
    person: UUID | None
    thing: Thing | None
    numbers: Mapping[str, Any]
    occurred_at: datetime
    effective_at: datetime
    recorded_at: datetime
    decision: Decision | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """An action has locked a partner: `at` is when what it does happened, `latest` the partner's latest effective time.

    `trusted` says that the one who tells may say when: a deal, an importer; not what a partner's client sends.
    """

    partner: UUID
    at: datetime
    latest: datetime | None
    now: datetime
    trusted: bool

    @property
    def effective(self) -> datetime:
        """A partner's time never goes back."""
        return self.at if self.latest is None else max(self.at, self.latest)


Reaction = Callable[[Recorded], None]
Settling = Callable[[UUID, datetime, datetime], None]


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows from what.

    `before`: called when an action has locked a partner; says at which effective time it goes on.
    `at_once`: functions of a fact, by kind, in order. `afterwards`: functions of a partner, its effective time and
    now, called once when nothing more follows at once, if any of their kinds was recorded about the partner.
    """

    before: Callable[[Opening], datetime]
    at_once: Mapping[str, tuple[Reaction, ...]]
    afterwards: tuple[tuple[frozenset[str], Settling], ...]


@dataclass(slots=True)
class _Entry:
    """What one transaction has recorded so far."""

    unwritten: list[Recorded] = field(default_factory=list)
    waiting: deque[Recorded] = field(default_factory=deque)
    settlings: dict[tuple[int, UUID], tuple[datetime, datetime]] = field(default_factory=dict)
    reacting: bool = False
    written: bool = False
    cursor: int | None = None
    """What the last seal answered, as long as nothing was written after it."""


_entry: ContextVar[_Entry | None] = ContextVar("journal_entry", default=None)


@functools.cache
def reactions() -> Reactions:
    """The table that `settings.REACTIONS` names: the one reference upwards. Checked when first loaded."""
    module, _, name = str(settings.REACTIONS).rpartition(".")
    table: Reactions = getattr(import_module(module), name)
    unknown = [kind for kind in table.at_once if kind not in KINDS]
    unknown += [kind for kinds, _ in table.afterwards for kind in kinds if kind not in KINDS]
    if unknown:
        raise LookupError(f"{settings.REACTIONS} reacts to {unknown[0]}, which is not a kind of fact.")
    return table


def action(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function one write: one transaction, sealed; an action inside an action belongs to the outer one."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _entry.get() is not None:
            return function(*args, **kwargs)
        attempt = 1
        while True:
            try:
                return _run_outermost(function, *args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in (DEADLOCK, SERIALIZATION) or attempt == TRIES:
                    raise
                attempt += 1

    return run


def _run_outermost(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    token = _entry.set(_Entry())
    try:
        with transaction.atomic():
            result = function(*args, **kwargs)
            flush()
            if _current().written:
                seal()
            return result
    finally:
        _entry.reset(token)


class _Undone(Exception):
    """Carries what was tried out of the transaction that is undone."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


def tried(act: Callable[[], R]) -> R:
    """What an action would do, by doing it and undoing all of it. Raises whatever the action raises.

    Not to be called inside an action, which would be undone with it.
    """

    @action
    def run() -> None:
        raise _Undone(act())

    try:
        run()
    except _Undone as undone:
        result = undone.result
    return cast(R, result)


def attempted(act: Callable[[], R]) -> R:
    """Inside an action, do another one as if it stood alone: where it raises nothing of it is left, and the outer one
    may go on.
    """
    entry = _current()
    flush()
    try:
        with transaction.atomic():
            result = act()
            flush()
            return result
    except BaseException:
        # What it recorded and had not written yet goes with what it wrote.
        entry.unwritten.clear()
        entry.waiting.clear()
        entry.settlings.clear()
        raise


def record(
    kind: str,
    *,
    at: datetime,
    now: datetime,
    partner: UUID | None = None,
    person: UUID | None = None,
    thing: Thing | None = None,
    occurred_at: datetime | None = None,
    numbers: Mapping[str, Any] | None = None,
    decision: Decision | None = None,
    key: str | None = None,
) -> Recorded:
    """Enter a fact and let follow what follows. `at` is its effective time, `now` the time of recording.

    Must be called inside an action. A decision must carry its rule and inputs, an observation must not.
    """
    entry = _current()
    if (KINDS[kind].sort is Sort.DECISION) != (decision is not None):
        raise ValueError(f"{kind} is a {KINDS[kind].sort}, and only decisions carry a rule and inputs.")
    fact = Recorded(uuid7(), kind, partner, person, thing, numbers or {}, occurred_at or at, at, now, decision, key)
    entry.unwritten.append(fact)
    entry.waiting.append(fact)
    if not entry.reacting:
        _react(entry)
    return fact


def _react(entry: _Entry) -> None:
    table = reactions()
    entry.reacting = True
    try:
        while entry.waiting or entry.settlings:
            if entry.waiting:
                _react_to(entry, table, entry.waiting.popleft())
                continue
            index, partner = next(iter(entry.settlings))
            at, now = entry.settlings.pop((index, partner))
            table.afterwards[index][1](partner, at, now)
    finally:
        entry.reacting = False


def _react_to(entry: _Entry, table: Reactions, fact: Recorded) -> None:
    for index, (kinds, _) in enumerate(table.afterwards):
        if fact.partner is not None and fact.kind in kinds:
            entry.settlings[index, fact.partner] = (fact.effective_at, fact.recorded_at)
    for react in table.at_once.get(fact.kind, ()):
        react(fact)


def seal() -> int:
    """Write what was recorded, give it its places, and return the journal's cursor as this transaction leaves it.

    From here to the commit the journal's lock is held, so an action seals last. Without a fact of ours the cursor is
    what everybody sees: the sequence may already stand further, for facts that are not committed.
    """
    entry = _current()
    flush()
    if entry.cursor is None:
        entry.cursor = _give_places() if entry.written else head()
    return entry.cursor


def _give_places() -> int:
    """Both statements in one message: others wait for the lock meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints journal_fact_pos immediate; select last_value from journal_pos")
        cursor.nextset()
        return int(cursor.fetchone()[0])


COLUMNS = (
    "id, kind, partner, person, thing_kind, thing, numbers, occurred_at, effective_at, recorded_at, rule, inputs, key"
)
_INSERT = f"insert into journal_fact ({COLUMNS}) values "  # noqa: S608 - constants
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def flush() -> None:
    """Write what was recorded so far, so that queries of this transaction see it. Outside an action nothing was."""
    entry = _entry.get()
    if entry is None or not entry.unwritten:
        return
    values: list[Any] = [value for fact in entry.unwritten for value in columns_of(fact)]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT + ", ".join([_ROW] * len(entry.unwritten)), values)
    entry.unwritten.clear()
    entry.written = True
    entry.cursor = None


def columns_of(fact: Recorded) -> Iterable[object]:
    """The values of a fact, in the order of COLUMNS."""
    return (
        fact.id,
        fact.kind,
        fact.partner,
        fact.person,
        fact.thing.kind if fact.thing else "",
        fact.thing.id if fact.thing else None,
        json_text(fact.numbers, otherwise=str),
        fact.occurred_at,
        fact.effective_at,
        fact.recorded_at,
        fact.decision.rule if fact.decision else "",
        json_text(fact.decision.inputs, otherwise=str) if fact.decision else None,
        fact.key,
    )


def latest_time(partner: UUID) -> datetime | None:
    """The latest effective time recorded about a partner in this transaction but not yet written."""
    times = [fact.effective_at for fact in _current().unwritten if fact.partner == partner]
    return max(times, default=None)


def _current() -> _Entry:
    entry = _entry.get()
    if entry is None:
        raise RuntimeError("Facts are recorded inside an action; decorate the outermost function with @action.")
    return entry
