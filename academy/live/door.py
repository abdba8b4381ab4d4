"""Letting somebody in: who it is, what it missed, and from where on it listens. A raw ASGI application."""

from collections.abc import Iterable, MutableMapping
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import structlog
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http.cookie import parse_cookie
from django.http.request import validate_host
from django.utils.crypto import constant_time_compare

from academy.core.clock import now as clock
from academy.journal.audiences import with_numbers
from academy.live import reads, rules
from academy.live.hub import Hub
from academy.live.reads import Standing
from academy.live.rules import Asked, Close
from academy.live.socket import Receive, Send, Socket
from academy.people.accounts.models import Person
from academy.people.permissions.rules import may
from academy.people.tokens.rules import hash_secret

Scope = MutableMapping[str, Any]

TRIES = 50  # to look somebody up in a moment when nobody comes or goes

log = structlog.get_logger("academy.live")


class RefusedError(Exception):
    """Nobody is let in: the code to close with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Guest(NamedTuple):
    """Somebody who may come in: by which key, and where they stand. `mark` as in Standing; None for tokens."""

    key: str
    standing: Standing
    mark: int | None


async def websocket(hub: Hub, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one socket from its handshake to its end."""
    await receive()  # websocket.connect
    headers = dict(scope["headers"])
    try:
        asked = rules.asked(scope["query_string"], scope["subprotocols"], _text(headers.get(b"origin")))
    except rules.UnreadableError as error:
        await _turn_away(send, Close.UNREADABLE, str(error))
        return
    await send({"type": "websocket.accept", "subprotocol": asked.subprotocol})
    try:
        socket, head = await _admit(hub, asked, _text(headers.get(b"cookie")) or "", send)
    except RefusedError as refused:
        await send({"type": "websocket.close", "code": refused.code})
        return
    except (psycopg.Error, TimeoutError) as error:
        log.warning("live.cannot_admit", error=str(error))
        await send({"type": "websocket.close", "code": Close.AGAIN})
        return
    del headers, scope  # thousands of these frames stay for hours
    await _serve(hub, socket, asked.after, head, receive)


async def _serve(hub: Hub, socket: Socket, after: int | None, head: int, receive: Receive) -> None:
    try:
        await _begin(hub, socket, after, head)
        while (await receive())["type"] != "websocket.disconnect":
            pass  # a page has nothing to say here; whatever comes is read and dropped
    finally:
        hub.leave(socket)


async def _turn_away(send: Send, code: int, reason: str) -> None:
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": code, "reason": reason})


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


# -- who it is


async def _admit(hub: Hub, asked: Asked, cookies: str, send: Send) -> tuple[Socket, int]:
    """A socket in the fan-out, and the journal's end when its person was looked up. Raises RefusedError.

    Where anybody's membership or session ended or began while we asked, what we were told may be old: ask again. From
    the moment of joining on the hub itself hears of every such change.
    """
    for _ in range(TRIES):
        changes = hub.changes
        guest = await _guest(hub, asked, cookies)
        if hub.changes == changes:
            socket = Socket(send, person=guest.standing.person, key=guest.key, mark=guest.mark, notices=asked.notices)
            hub.join(socket, guest.standing.place)
            return socket, guest.standing.head
    raise RefusedError(Close.AGAIN)


async def _guest(hub: Hub, asked: Asked, cookies: str) -> Guest:
    """Whose good token or session is shown. Raises RefusedError."""
    if asked.token is not None:
        return await _by_token(hub, asked.token)
    if not rules.is_ours(asked.origin, allowed=_is_allowed, trusted=_trusted()):
        raise RefusedError(Close.FOREIGN)
    return await _by_session(hub, parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, ""))


def _is_allowed(host: str) -> bool:
    return validate_host(host, settings.ALLOWED_HOSTS)


def _trusted() -> Iterable[str]:
    return (settings.ORIGIN, *settings.CSRF_TRUSTED_ORIGINS)


async def _by_token(hub: Hub, secret: str) -> Guest:
    found = await reads.token(hub.door, hash_secret(secret), clock())
    if found is None:
        raise RefusedError(Close.ENDED)
    token, scopes, standing = found
    if not standing.active or not may(replace(standing.actor, scopes=scopes), "live.open"):
        raise RefusedError(Close.ENDED)
    return Guest(f"token:{token}", standing, None)


async def _by_session(hub: Hub, key: str) -> Guest:
    """The session's person, if the session was opened with the password of today."""
    data = await reads.session_data(hub.door, key, clock()) if key else None
    session = SessionStore().decode(data) if data else {}
    try:
        person, proof = UUID(session["_auth_user_id"]), session["_auth_user_hash"]
    except (KeyError, ValueError):
        raise RefusedError(Close.ENDED) from None
    standing = (await reads.people(hub.door, [person])).get(person)
    if standing is None or not standing.active or not may(standing.actor, "live.open"):
        raise RefusedError(Close.ENDED)
    wanted = Person(id=person, password=standing.password).get_session_auth_hash()
    if not constant_time_compare(proof, wanted):
        raise RefusedError(Close.ENDED)
    return Guest(f"session:{key}", standing, standing.mark)


# -- what it missed


async def _begin(hub: Hub, socket: Socket, after: int | None, head: int) -> None:
    """Greet, or make up for an absence, while what is new waits; then go live."""
    head = max(head, socket.hi)  # the hub may be a moment behind what the socket's person has seen, or ahead
    try:
        if after is None:
            socket.forget(head)
            await socket.send(rules.hello(head))
        else:
            await _resume(hub, socket, after, head)
        socket.go_live()
    except (psycopg.Error, TimeoutError) as error:
        log.warning("live.cannot_begin", error=str(error))
        hub.end((socket,), Close.AGAIN)
    except OSError:
        hub.leave(socket)  # it went while it was being served


async def _resume(hub: Hub, socket: Socket, after: int, head: int) -> None:
    """Replay up to where the socket joined; all beyond comes through the hub."""
    until = socket.hi
    now = clock()
    recorded = await reads.next_recorded(hub.door, after)
    visible = 0
    if after < until:
        visible = await reads.count_visible(hub.door, socket.person, socket.place, after=after, until=until)
    if rules.must_reset(after=after, head=head, next_recorded=recorded, visible=visible, now=now):
        socket.forget(head)
        await socket.send(rules.reset(head))
        return
    if after >= until:
        socket.forget(after)
        return
    place = socket.place
    async for fact in reads.replay(hub.door, socket.person, place, after=after, until=until):
        whole = with_numbers(fact.kind, fact.person, of=socket.person, owner=place.owner, staff=place.staff)
        await socket.send(rules.frame(fact, with_numbers=whole))


async def is_token_of_staff(hub: Hub, secret: str) -> bool:
    """Whether a bearer token belongs to somebody of the house, and may be used."""
    found = await reads.token(hub.door, hash_secret(secret), clock()) if secret else None
    return found is not None and found[2].active and found[2].place.staff
