"""One line of one's earnings: why this amount, when, and why not today's rate; and “This looks wrong”."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound, Refused
from academy.programme.commissions.questions.actions import ask_about_line
from academy.web.middleware import signed_in
from academy.web.money import line as opening
from academy.web.requests import PersonRequest
from academy.web.templates import Part, page, url

TEMPLATE = "partner/line/page.html"


@signed_in
@require_safe
def line(request: PersonRequest, line_id: UUID) -> HttpResponse:
    """The page."""
    return _show(request, line_id)


def _show(request: PersonRequest, line_id: UUID, refused: Refused | None = None) -> HttpResponse:
    if request.partner is None:
        raise NotFound
    found = opening.opened(request.actor, line_id, request.now)

    def context() -> dict[str, Any]:
        return {
            **opening.context(found),
            "pages": "line",
            "wrong": refused.fields.get("text", refused.sentence) if refused else "",
            "typed": request.POST.get("text", ""),
        }

    with timezone.override(found.zone):
        shared = {name: Part(name, context, opening.TEMPLATE) for name in opening.PARTS}
        return page(request, TEMPLATE, context, parts={**shared, "questions": "questions"})


@signed_in
def question(request: PersonRequest, line_id: UUID) -> HttpResponse:
    """Ask about the line; refused, the form again with what was typed."""
    if request.method != "POST":
        return HttpResponseRedirect(url("line", line_id))
    opening.opened(request.actor, line_id, request.now)  # what is not theirs has no form to show again
    request.on_refusal = lambda refused: _show(request, line_id, refused)
    ask_about_line(request.actor, line_id, request.POST.get("text", ""), now=request.now)
    messages.success(request, _("Your question is with SISO. The answer will stand beside this line."))
    return HttpResponseRedirect(f"{url('line', line_id)}#questions")


urlpatterns = [
    path("earnings/lines/<uuid:line_id>/", line, name="line"),
    path("earnings/lines/<uuid:line_id>/question/", question, name="line-question"),
]
