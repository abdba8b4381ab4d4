"""The inbox: what one was told, newest first, for partners' people and those of the house alike."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import Refused
from academy.notifications.notices.actions import mark_read, open_notice
from academy.notifications.notices.queries import Line, inbox, registry
from academy.notifications.notices.rules import Topic
from academy.notifications.returns.queries import return_of
from academy.web.middleware import signed_in
from academy.web.requests import PersonRequest
from academy.web.templates import Part, page, url

A_PAGE = 40
ICONS = {
    Topic.TIER: "what-if",
    Topic.MONEY: "file",
    Topic.DEALS: "partners",
    Topic.LEARNING: "training",
    Topic.PEOPLE: "person",
}


@signed_in
@require_safe
def notices(request: PersonRequest) -> HttpResponse:
    """The page; `?cursor=` goes on to what is older. Its bell is every page's."""
    return page(
        request,
        "partner/notices/page.html",
        lambda: _context(request),
        parts={"inbox": "inbox", "bell": Part("bell", dict, template="parts/bell.html")},
    )


def _context(request: PersonRequest) -> dict[str, Any]:
    cursor = request.GET.get("cursor") or None
    cut = inbox(request.actor, cursor=cursor, limit=A_PAGE)
    days = groupby(cut.items, key=lambda line: timezone.localtime(line.told.created_at).date())
    return {
        "days": [(day, [_row(line) for line in lines]) for day, lines in days],
        "older": cut.next,
        "is_newest": cursor is None,
        "unread": request.unread,
        "returned": return_of(request.person.email),
    }


def _row(line: Line) -> dict[str, Any]:
    kind = registry().kinds[line.told.kind]
    return {
        "id": line.told.id,
        "title": line.words.title,
        "sentence": line.words.sentence,
        "at": line.told.created_at,
        "unread": line.told.read_at is None,
        "icon": "warn" if kind.must(line.told.params) else ICONS[kind.topic],
    }


@signed_in
@never_cache
@require_safe
def one(request: PersonRequest, notice_id: UUID) -> HttpResponse:
    """Where a notice leads; opened, it is read. Mails lead here too."""
    return HttpResponseRedirect(open_notice(request.actor, notice_id, now=request.now))


@signed_in
@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """Take note of one notice, or of all."""
    given = request.POST.get("notice")
    try:
        wanted = None if given is None else [UUID(given)]
    except ValueError:
        raise Refused(_("This notice is not here any more, or it is not yours.")) from None
    mark_read(request.actor, wanted, now=request.now)
    back = request.POST.get("cursor", "")
    return HttpResponseRedirect(url("notices") + (f"?cursor={back}" if back.replace("-", "").isalnum() else ""))


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/read/", read, name="notices-read"),
    path("notices/<uuid:notice_id>/", one, name="notice"),
]
