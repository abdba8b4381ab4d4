"""The catalogue: everything there is to learn, by kind, level, skill, tag and words; and asking for what is not."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from academy.core.errors import Refused
from academy.learning.catalog.queries import Card, Wanted, facets, items, nearest, slugs_of_paths
from academy.learning.catalog.rules import COURSE, PATH
from academy.learning.outlines.queries import openers
from academy.learning.progress.queries import taken_by
from academy.learning.progress.rules import percent
from academy.learning.wishes.actions import ask_for_topic
from academy.web import formats
from academy.web.middleware import signed_in
from academy.web.partner.training import words
from academy.web.partner.training.worth import worth_for
from academy.web.requests import PersonRequest
from academy.web.templates import render, render_part, url

SHOWN = 12
NAMES = ("q", "kind", "level", "skill", "tag")


@signed_in
def catalogue(request: PersonRequest) -> HttpResponse:
    """The list with its filters; `?cursor=` gives what comes after, alone for a browser with scripts."""
    given = {name: request.GET.get(name, "").strip()[:200] for name in NAMES}
    cursor = request.GET.get("cursor")
    if request.htmx and request.htmx.target in ("more", "results"):
        context = _context(request, given, cursor)
        return render_part(request, "partner/catalogue/page.html", request.htmx.target, **context)
    return _page(request, given, cursor)


def _page(
    request: PersonRequest, given: dict[str, str], cursor: str | None = None, refused: Refused | None = None
) -> HttpResponse:
    whole = dict.fromkeys(NAMES, "") | given
    context = {**_context(request, whole, cursor), **_filters(), "refused": refused}
    return render(request, "partner/catalogue/page.html", **context)


def _context(request: PersonRequest, given: dict[str, str], cursor: str | None) -> dict[str, Any]:
    wanted = Wanted(**given)
    found = items(wanted, cursor=cursor, limit=SHOWN)
    progress = {one.course: percent(one.done, one.required) for one in taken_by(request.actor.person_id)}
    near = nearest(given["q"]) if given["q"] and not found.items else []
    listed = [*found.items, *near]
    locked = openers(request.actor.person_id, [card.id for card in listed])
    worth = _worth(request, listed)
    asked = {name: value for name, value in given.items() if value}

    def tile(card: Card) -> dict[str, Any]:
        return _tile(card, progress.get(card.id), locked.get(card.id, ""), worth.get(card.id, ""))

    return {
        "given": given,
        "is_narrowed": bool(asked),
        "cards": [tile(card) for card in found.items],
        "more": f"{url('catalogue')}?{urlencode({**asked, 'cursor': found.next})}" if found.next else "",
        "near": [tile(card) for card in near],
    }


def _worth(request: PersonRequest, cards: Sequence[Card]) -> dict[UUID, str]:
    """What is left of a course brings, and what is left of all courses of a path together."""
    worth = worth_for(request) if cards else None
    if worth is None:
        return {}
    paths = slugs_of_paths([card.id for card in cards if card.kind == PATH])
    courses = {card.id: [card.slug] for card in cards if card.kind == COURSE}
    return {item: worth.of_course(*slugs) for item, slugs in {**courses, **paths}.items()}


def _filters() -> dict[str, Any]:
    found = facets()
    return {
        "kinds": [("", _("Everything")), *((kind, words.item_kind(kind)) for kind in found.kinds)],
        "levels": [("", _("Any level")), *((level, words.level_name(level)) for level in found.levels)],
        "skills": [("", _("Any skill")), *((skill, words.tag_name(skill)) for skill in found.skills)],
        "tags": [("", _("Any tag")), *((tag, words.tag_name(tag)) for tag in found.tags)],
    }


def _tile(card: Card, progress: int | None, locked_by: str, worth: str) -> dict[str, Any]:
    kind = words.item_kind(card.kind)
    level = words.level_name(card.level)
    return {
        "title": card.title,
        "href": words.item_address(card.kind, card.slug),
        "family": card.family,
        "seed": card.slug,
        "chip": f"{kind} · {formats.minutes(card.minutes)}" if card.minutes else kind,
        "meta": level,
        "summary": card.summary,
        "language": card.language,
        "progress": progress,
        "worth": worth,
        "opens_after": _("Opens after %(title)s") % {"title": locked_by} if locked_by else "",
    }


@signed_in
@require_POST
def wish(request: PersonRequest) -> HttpResponse:
    """Ask for a topic; a curator is told."""
    topic = request.POST.get("topic", "")
    back = f"{url('catalogue')}?{urlencode({'q': topic[:200]})}"
    request.on_refusal = lambda refused: _page(request, {"q": topic[:200]}, refused=refused)
    if ask_for_topic(request.actor, topic, now=request.now):
        messages.success(request, _("Noted. A curator reads it; we do not tell who asked."))
    else:
        messages.info(request, _("You asked for this before. It is noted."))
    return HttpResponseRedirect(back)


urlpatterns = [path("catalogue/", catalogue, name="catalogue"), path("wishes/", wish, name="wish")]
