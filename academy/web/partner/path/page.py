"""A path: courses in the order in which they build on each other."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from academy.learning.catalog import access
from academy.learning.catalog.queries import Card, courses_of_path
from academy.learning.outlines.queries import openers
from academy.learning.progress.queries import Taken, taken_by
from academy.learning.progress.rules import percent
from academy.web.middleware import signed_in
from academy.web.partner.training import words
from academy.web.partner.training.worth import Worth, worth_for
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


@signed_in
def path_page(request: PersonRequest, slug: str) -> HttpResponse:
    """The path's courses, with how far one is in each, and the one to go on with."""
    item = access.item(request.actor, "path", slug, now=request.now)

    def context() -> dict[str, Any]:
        taken = {one.course: one for one in taken_by(request.actor.person_id)}
        cards = courses_of_path(item.id)
        locked = openers(request.actor.person_id, [card.id for card in cards])
        worth = worth_for(request)
        courses = [_course(card, taken.get(card.id), locked.get(card.id, ""), worth) for card in cards]
        return {
            "item": item,
            "courses": courses,
            "worth": worth.of_course(*(card.slug for card in cards)) if worth else "",
            "minutes_in_all": sum(one["minutes"] for one in courses),
            "done": sum(one["done"] for one in courses),
            "go": next((one for one in courses if not one["done"] and not one["locked_by"]), None),
        }

    return page(request, "partner/path/page.html", context, parts={"courses": "courses"})


def _course(card: Card, taken: Taken | None, locked_by: str, worth: Worth | None) -> dict[str, Any]:
    begun = taken is not None and taken.next_lesson is not None and taken.completed_at is None
    return {
        "title": card.title,
        "summary": card.summary,
        "href": url("course", card.slug),
        "go_href": words.lesson_address(taken.next_lesson, taken.next_kind)
        if taken and taken.next_lesson and begun
        else url("course", card.slug),
        "go_label": words.step_action(taken.next_kind if taken else None, begun=begun),
        "minutes": card.minutes,
        "locked_by": locked_by,
        "done": taken is not None and taken.completed_at is not None,
        "progress": percent(taken.done, taken.required) if taken else None,
        "worth": worth.of_course(card.slug) if worth else "",
    }


urlpatterns = [path("paths/<slug:slug>/", path_page, name="path")]
