"""Idempotency-Key: whoever is not sure that a request arrived repeats it, and gets the first answer again."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.http import HttpRequest
from ninja import Schema, Status

from academy.api.callers import caller_of, now_of
from academy.core.errors import Conflict, Refused, Text
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
    key = request.headers.get(HEADER)
    if key is None:
        return Status(*act())
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        sentence = Text("An Idempotency-Key has from 1 to %(longest)s printable characters.", longest=LONGEST)
        raise Refused(sentence, fields={HEADER: Text("Make it shorter.")})
    status, answer = _act_once(request, key, act)
    return Status(status, answer)


@action
def _act_once(request: HttpRequest, key: str, act: Callable[[], Answer]) -> tuple[int, Any]:
    whose = (caller_of(request).key, request.path, key)
    now, body_hash = now_of(request), hashlib.sha256(request.body).digest()
    with connection.cursor() as cursor:
        # Of two at the same time the second is told to wait rather than made to: it holds no thread meanwhile.
        cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", ["\x1f".join(whose)])
        if not cursor.fetchone()[0]:
            raise Conflict("The first request with this key still runs. Ask again in a second.", code="still_running")
        cursor.execute(
            "select body_hash, status, answer from api_answer"
            " where caller = %s and path = %s and key = %s and created_at > %s",
            [*whose, now - KEPT],
        )
        row = cursor.fetchone()
    if row is not None:
        if bytes(row[0]) != body_hash:
            raise Refused(
                "This key came with another body before. Give every new request a key of its own.",
                fields={HEADER: Text("Used for another request.")},
                code="key_reused",
            )
        return row[1], json.loads(row[2])
    status, answer = act()
    _keep(whose, body_hash, status, answer, request)
    return status, answer


def _keep(whose: tuple[str, str, str], body_hash: bytes, status: int, answer: Schema, request: HttpRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into api_answer (caller, path, key, body_hash, status, answer, created_at)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (caller, path, key) do update"
            " set body_hash = excluded.body_hash, status = excluded.status, answer = excluded.answer,"
            " created_at = excluded.created_at",
            [*whose, body_hash, status, answer.model_dump_json(exclude_unset=True), now_of(request)],
        )
