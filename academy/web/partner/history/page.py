"""What one has learnt: courses and modules, when, with which result."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from academy.learning.modules.queries import Finished, finished_modules
from academy.learning.progress.queries import Taken, taken_by
from academy.learning.progress.rules import State
from academy.web.middleware import signed_in
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

SHOWN = 25


@signed_in
def history(request: PersonRequest) -> HttpResponse:
    """Courses completed, then modules, the latest first; `?cursor=` gives those before."""
    person, cursor = request.actor.person_id, request.GET.get("cursor")

    def context() -> dict[str, Any]:
        found = finished_modules(person, cursor=cursor, limit=SHOWN)
        return {
            "courses": [] if cursor else [_course(one) for one in taken_by(person) if one.completed_at],
            "modules": [_module(one) for one in found.items],
            "more": f"{url('history')}?cursor={found.next}" if found.next else "",
            "is_first_page": not cursor,
        }

    return page(request, "partner/history/page.html", context, parts={"courses": "courses", "modules": "modules"})


def _course(one: Taken) -> dict[str, Any]:
    return {
        "title": one.title,
        "href": url("course", one.slug),
        "at": one.completed_at,
        "minutes": one.minutes,
        "newer": one.newer_lessons,
    }


def _module(one: Finished) -> dict[str, Any]:
    state = State.PASSED if one.passed else State.COMPLETED
    return {
        "title": one.title,
        "href": f"{url('course', one.course_slug)}#{one.slug}",
        "course": one.course_title,
        "at": one.completed_at,
        "chip": words.state_chip(state, score=one.score),
        "seconds": one.seconds,
    }


urlpatterns = [path("history/", history, name="history")]
