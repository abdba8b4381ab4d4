"""What happens around every request, in the order of settings.MIDDLEWARE, and who may enter a view."""

import zoneinfo
from collections.abc import Callable
from datetime import datetime, tzinfo
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec, cast

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import is_valid_path
from django.utils import timezone, translation

from academy.core import clock
from academy.core.errors import NotFound, SignInNeeded
from academy.core.ids import uuid7
from academy.notifications.notices.queries import UNREAD
from academy.people.accounts.models import Person
from academy.people.accounts.queries import Asker, asker_by_session
from academy.people.permissions.rules import ANYONE
from academy.programme.standing.queries import TIER_NAME
from academy.web import formats
from academy.web.askers import membership_of, person_of
from academy.web.refusals import answer, as_refusal
from academy.web.requests import AnyoneRequest, Asked, PersonRequest

P = ParamSpec("P")
Handler = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger()
PROGRAMS = "/api/v1"

# The demo's stage shows pages of ours beside each other; nowhere else may anything frame them.
FRAMES = ("'self'", "SAMEORIGIN") if settings.DEMO else ("'none'", "DENY")
HEADERS = {
    # No inline script or style anywhere, style attributes included: what varies is drawn as SVG attributes.
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {FRAMES[0]}"
    ),
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": FRAMES[1],
}


def request_context(get_response: Handler) -> Handler:
    """Give the request its instant and its id, bind the id to every log line, shut the page to others.

    A view may set a header of its own, such as a wider Content-Security-Policy; it then keeps it.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = cast(Asked, request)
        asked.now = clock.now()
        asked.request_id = str(uuid7())
        asked.on_refusal = None
        shown = formats.present.set(asked.now)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=asked.request_id, method=request.method, path=request.path)
        try:
            response = get_response(request)
        finally:
            formats.present.reset(shown)
            structlog.contextvars.clear_contextvars()
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers["X-Request-Id"] = asked.request_id
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    return middleware


def with_slash(get_response: Handler) -> Handler:
    """Lead whoever left the last slash of a page's address out to the page. A program is told that it is wrong."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == HTTPStatus.NOT_FOUND and request.method in ("GET", "HEAD") and _lacks_slash(request):
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        return response

    return middleware


def _lacks_slash(request: HttpRequest) -> bool:
    """Whether only the address with a slash behind it is one of ours."""
    path = request.path_info
    if path.endswith("/") or path.startswith(PROGRAMS):
        return False
    return bool(is_valid_path(f"{path}/")) and not is_valid_path(path)


def zone_of(person: Person | None) -> tzinfo:
    """The zone in which this person is shown times; where that is not known UTC, and then says so."""
    if person is None:
        return zoneinfo.ZoneInfo("UTC")
    try:
        return zoneinfo.ZoneInfo(person.timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        log.warning("unknown_time_zone", zone=person.timezone, person=str(person.pk))
        return zoneinfo.ZoneInfo("UTC")


def _asker(request: HttpRequest, now: datetime) -> Asker | None:
    """Who holds the request's session: one query, and none for strangers."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return asker_by_session(key, now=now, also=(UNREAD, TIER_NAME)) if key else None


def who_is_asking(get_response: Handler) -> Handler:
    """Set person, membership, partner and actor by one query; speak the person's language in the person's zone.

    `person`, `membership` and `partner` hold what every page needs; a field they lack is read when it is asked for.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = cast(AnyoneRequest, request)
        asker = _asker(request, asked.now)
        asked.person = person_of(asker) if asker else None
        asked.membership = membership_of(asker) if asker else None
        asked.partner = asked.membership.partner if asked.membership else None
        asked.actor = asker.actor if asker else ANYONE
        asked.unread, asked.tier = asker.also if asker else (0, None)
        asked.language = asker.language if asker else translation.get_language_from_request(request)
        if asker:
            structlog.contextvars.bind_contextvars(person=str(asker.actor.person_id))
        with translation.override(asked.language), timezone.override(zone_of(asked.person)):
            response = get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or asked.language)
        return response

    return middleware


def refusals(get_response: Handler) -> Handler:
    """Turn what an action refuses into an answer. What nobody expected goes on to Django's handler500."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refused = as_refusal(exception)
        if refused is None:
            return None
        log.info("refused", code=refused.code, status=refused.status)
        return answer(request, refused)

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def signed_in(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for people who have signed in; others are sent to do so and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if getattr(request, "person", None) is None:
            raise SignInNeeded(translation.gettext("Sign in first."))
        return view(cast(PersonRequest, request), *args, **kwargs)

    return guarded


def staff(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Only for people of the house. To others the page is not there; what a role may do, actions decide."""

    @signed_in
    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.person.is_staff_member:
            raise NotFound
        return view(request, *args, **kwargs)

    return guarded
