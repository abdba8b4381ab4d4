"""Idempotency-Key: whoever is not sure that a request arrived repeats it, and gets the first answer again."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from ninja import Schema, Status

from academy.api.callers import caller_of, now_of
from academy.core.errors import Conflict, Refused, Text
from academy.core.locks import is_free
from academy.journal.actions import action

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 200

Answer = tuple[int, Schema]


def once(request: HttpRequest, act: Callable[[], Answer]) -> Status[Any]:
    """Act, and with a key act only once in 24 hours: the answer is kept in the action's own transaction.

    A refusal is not kept: nothing was done, so repeating it tries again. Raises Refused when the key came with
    another body before, Conflict while the first request still runs.
    """
    asked = _asked(request)
    if asked is None:
        return Status(*act())
    status, answer = _act_once(asked, act)
    return Status(status, answer)


def once_in_parts(request: HttpRequest, act: Callable[[], Answer]) -> Status[Any]:
    """The same for what commits part by part, each of which changes nothing when it is repeated.

    The answer is kept after the last part. Stopped in between, or refused on the way, what was done by then stays done,
    and repeating is answered as it would be without a key. Raises as `once` does.
    """
    asked = _asked(request)
    if asked is None:
        return Status(*act())
    with _alone(asked):
        known = _kept(asked)
        if known is not None:
            return Status(*known)
        status, answer = act()
        _keep(asked, status, answer)
    return Status(status, answer)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose key of which address came with which body, and when."""

    caller: str
    path: str
    key: str
    body_hash: bytes
    at: datetime

    @property
    def whose(self) -> tuple[str, str, str]:
        return self.caller, self.path, self.key

    @property
    def lock(self) -> str:
        return "\x1f".join(self.whose)


def _asked(request: HttpRequest) -> _Asked | None:
    """What a request's key says; None without one. Raises Refused for one that cannot be kept."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        sentence = Text("An Idempotency-Key has from 1 to %(longest)s printable characters.", longest=LONGEST)
        raise Refused(sentence, fields={HEADER: Text("Make it shorter.")})
    body_hash = hashlib.sha256(request.body).digest()
    return _Asked(caller_of(request).key, request.path, key, body_hash, now_of(request))


@action
def _act_once(asked: _Asked, act: Callable[[], Answer]) -> tuple[int, Any]:
    # Of two at the same time the second is told to wait rather than made to: it holds no thread meanwhile.
    if not is_free(asked.lock):
        raise _still_running()
    known = _kept(asked)
    if known is not None:
        return known
    status, answer = act()
    _keep(asked, status, answer)
    return status, answer


@contextmanager
def _alone(asked: _Asked) -> Iterator[None]:
    """Nobody else acts by this key meanwhile, over all the transactions that it takes."""
    if not _is("select pg_try_advisory_lock(hashtextextended(%s, 0))", asked):
        raise _still_running()
    try:
        yield
    finally:
        _is("select pg_advisory_unlock(hashtextextended(%s, 0))", asked)


def _is(question: str, asked: _Asked) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [asked.lock])
        return bool(cursor.fetchone()[0])


def _still_running() -> Conflict:
    return Conflict("The first request with this key still runs. Ask again in a second.", code="still_running")


def _kept(asked: _Asked) -> tuple[int, Any] | None:
    """The answer that this very request had; None for a new one. Raises Refused where the body is another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select body_hash, status, answer from api_answer"
            " where caller = %s and path = %s and key = %s and created_at > %s",
            [*asked.whose, asked.at - KEPT],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    if bytes(row[0]) != asked.body_hash:
        raise Refused(
            "This key came with another body before. Give every new request a key of its own.",
            fields={HEADER: Text("Used for another request.")},
            code="key_reused",
        )
    return row[1], json.loads(row[2])


def _keep(asked: _Asked, status: int, answer: Schema) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into api_answer (caller, path, key, body_hash, status, answer, created_at)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (caller, path, key) do update"
            " set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,"
            " created_at = excluded.created_at",
            [*asked.whose, asked.body_hash, status, answer.model_dump_json(exclude_unset=True), asked.at],
        )
