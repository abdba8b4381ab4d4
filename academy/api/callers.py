"""Who is asking: the holder of a bearer token, the person of a session, or a stranger at an address."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import cast

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from ninja.utils import check_csrf

from academy.api import limits
from academy.api.problems import Unsupported
from academy.core.errors import NotFound, SignInNeeded
from academy.people.accounts.queries import PartnerOf
from academy.people.permissions.rules import ANYONE, Actor
from academy.people.tokens.actions import person_of_token
from academy.web.refusals import Outdated
from academy.web.requests import AnyoneRequest

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking. `key` is what limits are counted by and what an Idempotency-Key belongs to. `has_token`: a program
    asks, which says nothing of who is there now.
    """

    actor: Actor
    key: str
    email: str = ""
    name: str = ""
    partner: PartnerOf | None = None
    has_token: bool = False


class ApiRequest(AnyoneRequest):
    """A request that one of the two doors below let in."""

    auth: Caller
    left: "limits.Left"


def signed_in(request: HttpRequest) -> Caller:
    """The door of almost every operation: whoever holds a token or session that is alive. Raises SignInNeeded."""
    caller = anyone(request)
    if not caller.actor.is_somebody:
        raise SignInNeeded("Sign in, or send a token as “Authorization: Bearer …”.")
    return caller


def anyone(request: HttpRequest) -> Caller:
    """The door of what is public. A token that is not valid is told so even here."""
    asked = cast(ApiRequest, request)
    # The body is taken first: looking for a CSRF token would otherwise read it away as a form.
    carries = asked.method not in SAFE and bool(asked.body)
    caller = _by_token(asked) if "Authorization" in asked.headers else _by_session(asked) or _stranger(asked)
    asked.left = limits.spend(caller.key if caller else _stranger(asked).key, asked)
    if caller is None:
        raise SignInNeeded("This token is unknown, has run out or was revoked. Make another one in your profile.")
    if carries and asked.content_type != "application/json":
        raise Unsupported
    return caller


def _by_token(request: ApiRequest) -> Caller | None:
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    asker = person_of_token(secret.strip(), now=request.now) if scheme.lower() == "bearer" else None
    if asker is None:
        return None
    return Caller(asker.actor, f"token:{asker.token_id}", asker.email, asker.name, asker.partner, has_token=True)


def _by_session(request: ApiRequest) -> Caller | None:
    """The person of the session cookie. What changes something must also carry the session's CSRF token."""
    person = request.person
    if person is None:
        return None
    if request.method not in SAFE and check_csrf(request) is not None:
        raise Outdated("Send the value of the cookie csrftoken in the header X-CSRFToken.", code="csrf")
    membership, partner = request.membership, None
    if membership is not None:
        it = membership.partner
        partner = PartnerOf(it.id, it.slug, it.name, it.kind, it.currency, it.timezone)
    return Caller(request.actor, f"person:{person.id}", person.email, person.name, partner)


def _stranger(request: ApiRequest) -> Caller:
    """Whoever is at this address. An IPv6 network counts as one, since its owner has all its addresses."""
    # Sign-in counts by the same address, and knows how many proxies of ours stand before us.
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv6Address):
        address = IPv6Address(int(address) >> 64 << 64)
    return Caller(ANYONE, f"address:{address}")


def now_of(request: HttpRequest) -> datetime:
    """The instant of a request."""
    return cast(ApiRequest, request).now


def caller_of(request: HttpRequest) -> Caller:
    """Whom the door let in."""
    return cast(ApiRequest, request).auth


def partner_of(request: HttpRequest) -> PartnerOf:
    """The caller's partner. Raises NotFound for people without one."""
    partner = caller_of(request).partner
    if partner is None:
        raise NotFound("You belong to no partner.")
    return partner
