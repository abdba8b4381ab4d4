"""One commission line as the house answers for it: its arithmetic, its history, what is asked about it, corrections."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import Refused
from academy.core.money import parse_field
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.commissions import access
from academy.programme.commissions.explaining.queries import Explained
from academy.programme.commissions.questions.actions import (
    answer_question,
    confirm_correction,
    correct_line,
    drop_correction,
)
from academy.programme.commissions.questions.models import Correction
from academy.programme.commissions.questions.queries import proposals_of
from academy.web import formats
from academy.web.middleware import staff
from academy.web.money import line as opening
from academy.web.requests import PersonRequest
from academy.web.studio.today.rows import answer_with
from academy.web.templates import Part, page, url


@staff
@require_safe
def line(request: PersonRequest, line_id: UUID) -> HttpResponse:
    """The page."""
    return _show(request, line_id)


def _show(request: PersonRequest, line_id: UUID, form: str = "", refused: Refused | None = None) -> HttpResponse:
    allow(request.actor, "partner.see_any")
    found = opening.opened(request.actor, line_id, request.now)

    def context() -> dict[str, Any]:
        return {**opening.context(found), **_context(request, found.it, form, refused)}

    with timezone.override(found.zone):
        shared = {name: Part(name, context, opening.TEMPLATE) for name in opening.PARTS}
        return page(request, "studio/line/page.html", context, parts={**shared, "asked": "asked"})


def _again(request: PersonRequest, line_id: UUID, form: str) -> Callable[[Refused], HttpResponse]:
    return lambda refused: _show(request, line_id, form, refused)


def _context(request: PersonRequest, told: Explained, form: str, refused: Refused | None) -> dict[str, Any]:
    """What only the house sees beside the line: whose it is, what may be answered and corrected."""
    by, line = request.actor, told.line
    answers = may(by, "line.answer")
    waiting = [one for one in told.questions if one.answered_at is None]
    return {
        "id": line.pk,
        "pages": "studio-line",
        "partner": line.partner.name,
        "partner_href": url("studio-partner", line.partner.slug),
        "deal_href": url("studio-deal", line.deal_id),
        "currency": line.currency,
        "questions": [_question(one) for one in told.questions],
        "waiting": waiting[0].pk if waiting and answers else None,
        "proposals": [
            {
                "id": one.id,
                "amount": formats.money(one.amount, one.currency, signed=True),
                "reason": one.reason,
                "by": one.proposed_by,
                "at": one.proposed_at,
                "mine": one.proposed_by_id == request.person.pk,
            }
            for one in (proposals_of(by, line.pk) if answers else [])
        ],
        "corrects": may(by, "line.correct"),
        "form": form,
        "refused": refused,
        "wrong": refused.fields if refused else {},
        "typed": request.POST if refused else {},
    }


def _question(one: Any) -> dict[str, Any]:
    return {
        "id": one.pk,
        "text": one.text,
        "by": one.asked_by.name or one.asked_by.email,
        "at": one.asked_at,
        "answer": one.answer,
        "answered_by": one.answered_by.name if one.answered_by else "",
        "answered_at": one.answered_at,
        "mended": formats.money(one.correction.amount, one.correction.currency, signed=True) if one.correction else "",
    }


def _back(request: PersonRequest, line_id: UUID, correction: Correction | None, done: str) -> HttpResponse:
    waits = correction is not None and correction.confirmed_at is None
    said = f"{done} {_('The correction waits for a second person.')}" if waits else done
    messages.success(request, said)
    return HttpResponseRedirect(url("studio-line", line_id))


def _typed(request: PersonRequest, currency: str) -> int:
    """The amount of a correction in minor units; 0 for none."""
    text = formats.typed_amount(request.POST.get("amount", ""), currency)
    return parse_field(text, currency, field="amount") if text else 0


@staff
@require_POST
def answer(request: PersonRequest, line_id: UUID, question_id: UUID) -> HttpResponse:
    """Answer beside the line, and correct it where it was wrong."""
    found = access.line(request.actor, "line.answer", line_id)
    request.on_refusal = _again(request, line_id, "answer")
    amount = _typed(request, found.currency)
    _answered, correction = answer_question(
        request.actor, question_id, request.POST.get("answer", ""), amount=amount, now=request.now
    )
    return _back(request, line_id, correction, _("Answered. The partner is told."))


@staff
@require_POST
def correct(request: PersonRequest, line_id: UUID) -> HttpResponse:
    """Correct a line though nobody asked."""
    found = access.line(request.actor, "line.correct", line_id)
    request.on_refusal = _again(request, line_id, "correct")
    amount = _typed(request, found.currency)
    made = correct_line(request.actor, line_id, amount, reason=request.POST.get("reason", ""), now=request.now)
    return _back(request, line_id, made, _("The correction is kept, with its reason."))


@staff
@require_POST
def decide(request: PersonRequest, correction_id: UUID, word: str) -> HttpResponse:
    """Confirm or drop a proposed correction; from Today the row alone comes back."""
    verb = confirm_correction if word == "confirm" else drop_correction
    decided = verb(request.actor, correction_id, now=request.now)
    if request.htmx:
        return answer_with(request, "correction", correction_id)
    told = _("The correction is confirmed, and its line is written.") if word == "confirm" else _("It is dropped.")
    return _back(request, decided.line_id, None, told)


_HERE = "studio/lines/<uuid:line_id>"
urlpatterns = [
    path(f"{_HERE}/", line, name="studio-line"),
    path(f"{_HERE}/questions/<uuid:question_id>/answer/", answer, name="studio-line-answer"),
    path(f"{_HERE}/correct/", correct, name="studio-line-correct"),
    path(
        "studio/corrections/<uuid:correction_id>/confirm/",
        decide,
        {"word": "confirm"},
        name="studio-correction-confirm",
    ),
    path("studio/corrections/<uuid:correction_id>/drop/", decide, {"word": "drop"}, name="studio-correction-drop"),
]
