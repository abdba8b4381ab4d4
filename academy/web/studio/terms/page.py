"""The terms of the programmes by version: what holds, who accepted, and publishing the next."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.core.errors import NotFound, Refused
from academy.learning.catalog.markdown.rules import render as as_html
from academy.people.permissions.access import allow
from academy.programme.plans.queries import zone_of
from academy.programme.terms import queries
from academy.programme.terms.actions import publish_terms
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: PersonRequest) -> HttpResponse:
    """The versions; sent back by its form, the next one."""
    allow(request.actor, "terms.publish")
    if request.method != "POST":
        return _show(request)
    request.on_refusal = lambda refused: _show(request, refused)
    try:
        programme = UUID(request.POST.get("programme", ""))
    except ValueError:
        raise NotFound from None
    publish_terms(
        request.actor,
        programme,
        request.POST.get("text", ""),
        reason=request.POST.get("reason", ""),
        effective_from=_begins(request, programme),
        now=request.now,
    )
    messages.success(request, _("Published. Owners are asked to accept from the day it begins."))
    return HttpResponseRedirect(url("studio-terms"))


def _begins(request: PersonRequest, programme: UUID) -> datetime:
    """The beginning of the day that was chosen, in the programme's zone; now for today."""
    try:
        day = date.fromisoformat(request.POST.get("effective_from", ""))
    except ValueError:
        sentence = _("Write a day such as 2027-01-01.")
        raise Refused(sentence, fields={"effective_from": sentence}) from None
    zone = zone_of(programme)
    if day == request.now.astimezone(zone).date():
        return request.now
    return datetime.combine(day, time(), zone)


def _show(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    def context() -> dict[str, Any]:
        return {
            "versions": [
                {
                    "one": one,
                    "html": as_html(one.text),
                    "is_coming": one.effective_from > request.now and not one.is_replaced,
                }
                for one in queries.versions(request.actor)
            ],
            "programmes": queries.programmes(request.actor),
            "typed": request.POST if refused else {},
            "wrong": refused.fields if refused else {},
            "refused": refused,
            "today": _today(request),
        }

    return page(request, "studio/terms/page.html", context, parts={})


def _today(request: PersonRequest) -> date:
    """The day of the first programme, which the form begins with."""
    found = queries.programmes(request.actor)
    return request.now.astimezone(zone_of(found[0][0])).date() if found else request.now.date()


urlpatterns = [path("studio/terms/", terms, name="studio-terms")]
