"""Version 1 of the API: its routers, how it refuses, and what surrounds every answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from academy.api import (
    cases,
    catalogue,
    certificates,
    closes,
    commissions,
    courses,
    deals,
    lessons,
    me,
    notices,
    partners,
    payees,
    payments,
    pins,
    preferences,
    problems,
    questions,
    quizzes,
    registrations,
    terms,
    waiting,
)
from academy.api.problems import NotAllowed, tell

DESCRIPTION = """\
What the pages of SISO Academy do, for programs: the same actions, the same rules, the same answers, from a
lesson's progress to the month's close. On pages or the command line alone: changing partners, members and
people, with roles, tokens and sessions; assigning learning and wishing for it; revoking certificates; plans; imports;
a list of failing mail; the journal.

Sign in with the session cookie of the pages (then send `X-CSRFToken` with whatever changes something) or with
`Authorization: Bearer TOKEN`. A token's scopes only narrow what its person may do.

Times are RFC 3339 in UTC, rates are percent as text, durations are seconds, money is `{"amount", "currency"}`. Lists
are `{"items", "next"}`. Refusals are `application/problem+json` (RFC 9457). What is not yours is 404.
"""

api = NinjaAPI(
    title="SISO Academy",
    version="1.0.0",
    description=DESCRIPTION,
    urls_namespace="api-v1",
    docs_url=None,
    openapi_url=None,
)
problems.install(api)
# In the order in which the document tells of them.
for room in (
    *(me, catalogue, courses, lessons, quizzes, certificates, notices, preferences, partners, pins),
    *(deals, registrations, cases, waiting, commissions, questions, terms, payees, closes, payments),
):
    api.add_router("", room.router)


def finished(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Every answer of an operation: nobody else keeps it, it says what is left of the minute, and 405 is a problem."""

    @wraps(view)
    def finish(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"  # answered alike; the server leaves the body out
        response = view(request, *args, **kwargs)
        request.method = asked
        if isinstance(response, HttpResponseNotAllowed):
            allowed = response.headers["Allow"]
            response = tell(request, NotAllowed(f"{request.method} is not for this address. It takes {allowed}."))
            response.headers["Allow"] = allowed
        left = getattr(request, "left", None)
        if left is not None:
            for name, value in left.headers().items():
                response.headers[name] = value
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    # For whoever comes with a session's cookie, callers.py checks the CSRF token.
    return csrf_exempt(finish)


def operations() -> list[URLPattern | URLResolver]:
    """The addresses of all operations."""
    patterns: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = finished(pattern.callback)
        patterns.append(pattern)
    return patterns
