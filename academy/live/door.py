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
from academy.live import reads, rules
from academy.live.hub import Hub
from academy.live.reads import Standing
from academy.live.rules import Asked, Close
from academy.live.socket import Receive, Send, Socket
from academy.people.accounts.models import Person
from academy.people.permissions.rules import may
from academy.people.tokens.rules import hash_secret

Scope = MutableMapping[str, Any]

log = structlog.get_logger("academy.live")


class RefusedError(Exception):
    """Nobody is let in: the code to close with."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Claim(NamedTuple):
    """Who somebody says to be, and by what. `proof`: the mark of the password that a session was
    opened with.
    """

    person: UUID
    key: str
    proof: str | None = None
    scopes: frozenset[str] = frozenset()


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
        claim = await _claim(hub, asked, _text(headers.get(b"cookie")) or "")
    except RefusedError as refused:
        await send({"type": "websocket.close", "code": refused.code})
        return
    except (psycopg.Error, TimeoutError):
        await send({"type": "websocket.close", "code": Close.AGAIN})
        return
    del headers, scope
    await _serve(hub, Socket(send, person=claim.person, key=claim.key), claim, asked.after, receive)


async def _serve(hub: Hub, socket: Socket, claim: Claim, after: int | None, receive: Receive) -> None:
    try:
        await _enter(hub, socket, claim, after)
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


async def _claim(hub: Hub, asked: Asked, cookies: str) -> Claim:
    """Whose token or session is shown. Raises RefusedError."""
    if asked.token is not None:
        return await _by_token(hub, asked.token)
    if not rules.is_ours(asked.origin, allowed=_is_allowed, trusted=_trusted()):
        raise RefusedError(Close.FOREIGN)
    return await _by_session(hub, parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, ""))


def _is_allowed(host: str) -> bool:
    return validate_host(host, settings.ALLOWED_HOSTS)


def _trusted() -> Iterable[str]:
    return (settings.ORIGIN, *settings.CSRF_TRUSTED_ORIGINS)


async def _by_token(hub: Hub, secret: str) -> Claim:
    found = await reads.token(hub.door, hash_secret(secret), clock())
    if found is None:
        raise RefusedError(Close.ENDED)
    token, person, scopes = found
    return Claim(person, f"token:{token}", scopes=scopes)


async def _by_session(hub: Hub, key: str) -> Claim:
    data = await reads.session_data(hub.door, key, clock()) if key else None
    session = SessionStore().decode(data) if data else {}
    try:
        return Claim(UUID(session["_auth_user_id"]), f"session:{key}", session["_auth_user_hash"])
    except (KeyError, ValueError):
        raise RefusedError(Close.ENDED) from None


def _is_true(claim: Claim, standing: Standing | None) -> bool:
    """Whether the person may be here, and the session was opened with the password of today."""
    if standing is None or not standing.active:
        return False
    if claim.proof is not None:
        wanted = Person(id=claim.person, password=standing.password).get_session_auth_hash()
        if not constant_time_compare(claim.proof, wanted):
            return False
    return may(replace(standing.actor, scopes=claim.scopes), "live.open")


# -- what it missed


async def _enter(hub: Hub, socket: Socket, claim: Claim, after: int | None) -> None:
    """Take the socket into the fan-out and make up for its absence, so that nothing falls between the two."""
    try:
        hub.join(socket)
        await _take_place(hub, socket, claim)
        if after is None:
            await _begin_at_now(hub, socket)
        else:
            await _resume(hub, socket, after, until=socket.hi)
        socket.go_live()
    except RefusedError as refused:
        hub.end((socket,), refused.code)
    except (psycopg.Error, TimeoutError) as error:
        log.warning("live.cannot_enter", error=str(error))
        hub.end((socket,), Close.AGAIN)
    except OSError:
        hub.leave(socket)  # it went while it was being served


async def _take_place(hub: Hub, socket: Socket, claim: Claim) -> None:
    """Join the groups of the person's membership as of `socket.hi`: whatever is beyond comes
    through the hub.
    """
    while True:
        socket.restless = False
        standing = (await reads.people(hub.door, [socket.person])).get(socket.person)
        if standing is None or not _is_true(claim, standing):
            raise RefusedError(Close.ENDED)
        if not socket.restless:
            socket.mark = None if claim.proof is None else standing.mark
            socket.hi = hub.cursor
            hub.place(socket, standing.place)
            hub.entering.discard(socket)
            return


async def _begin_at_now(hub: Hub, socket: Socket) -> None:
    """The hub may be a moment behind the journal: what was committed before the socket came is not news to
    it.
    """
    head = max(await reads.head(hub.door), socket.hi)
    socket.forget(head)
    await socket.send(rules.hello(head))


async def _resume(hub: Hub, socket: Socket, after: int, *, until: int) -> None:
    now = clock()
    head = max(await reads.head(hub.door), until)
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
    async for fact in reads.replay(hub.door, socket.person, socket.place, after=after, until=until):
        await socket.send(rules.frame(fact))


async def is_token_of_staff(hub: Hub, secret: str) -> bool:
    """Whether a bearer token belongs to somebody of the house, and may be used."""
    found = await reads.token(hub.door, hash_secret(secret), clock()) if secret else None
    if found is None:
        return False
    standing = (await reads.people(hub.door, [found[1]])).get(found[1])
    return standing is not None and standing.active and standing.place.staff
