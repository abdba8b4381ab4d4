"""One deal as the house answers it: accept, refuse, decide between two partners, enter that it is won or lost."""

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
from academy.core.money import Money
from academy.journal.queries import of_things
from academy.people.accounts.queries import names_of
from academy.people.partners.queries import short_of
from academy.people.permissions.rules import may
from academy.programme.commissions.queries import lines_of_deals
from academy.programme.commissions.rules import LineKind
from academy.programme.deals import access
from academy.programme.deals.claims.queries import Case, Holder, cases_of, who_has_the_client
from academy.programme.deals.queries import DealLine, deal_lines
from academy.programme.deals.registrations.actions import accept_deal, decide_claim, lose_deal, refuse_deal, win_deal
from academy.programme.deals.rules import Stage
from academy.programme.standing.queries import stands
from academy.web import deal_words, formats
from academy.web.days import programme_zone
from academy.web.middleware import staff
from academy.web.money import words
from academy.web.requests import PersonRequest
from academy.web.studio.deals.page import row
from academy.web.studio.today.rows import answer_with
from academy.web.templates import page, url


@staff
@require_safe
def deal(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """The page."""
    return _show(request, deal_id)


def _show(request: PersonRequest, deal_id: UUID, form: str = "", refused: Refused | None = None) -> HttpResponse:
    found = access.deal(request.actor, "deal.see_any", deal_id)
    with timezone.override(programme_zone(stands(found.partner_id))):
        return page(
            request,
            "studio/deal/page.html",
            lambda: _context(request, deal_id, form, refused),
            parts={"story": "story"},
        )


def _again(request: PersonRequest, deal_id: UUID, form: str) -> Callable[[Refused], HttpResponse]:
    return lambda refused: _show(request, deal_id, form, refused)


def _context(request: PersonRequest, deal_id: UUID, form: str, refused: Refused | None) -> dict[str, Any]:
    by = request.actor
    cases = cases_of(by, deal_id)
    found = deal_lines({deal_id, *(case.deal for case in cases), *(case.against for case in cases)})
    shown = found[deal_id]
    names = names_of({one.registered_by for one in found.values() if one.registered_by})
    partners = short_of({one.partner for one in found.values()})
    lines = lines_of_deals([deal_id]).get(deal_id, [])
    own = next((case for case in reversed(cases) if case.deal == deal_id), None)
    waits = own is not None and own.decided_at is None
    answers = shown.stage == Stage.REGISTERED and may(by, "deal.answer")

    def side(one: DealLine) -> dict[str, Any]:
        return {
            **row(one),
            "partner_href": url("studio-partner", partners[one.partner]["slug"]),
            "registered_at": one.registered_at,
            "registered_by": names.get(one.registered_by, "") if one.registered_by else "",
            "expected": formats.month(one.expected_on) if one.expected_on else "",
            "where": deal_words.for_house(one, request.now),
            "until": (one.decide_by or one.answer_by) if one.stage == Stage.REGISTERED else None,
            "reason": one.reason,
            "lacks_reason": deal_words.lacks_reason(one),
            "external_id": one.external_id if one.source != "academy" else "",
            "original": formats.money(one.original_amount, one.original_currency)
            if one.original_amount is not None
            else "",
            "plain_amount": f"{Money(one.amount, one.currency).decimal():f}",
            "currency": one.currency,
        }

    return {
        "deal": side(shown),
        "case": _case(own, found, side) if own else None,
        "others": [side(found[case.deal]) for case in cases if case.against == deal_id],
        "answers": answers,
        # A case that left the deal to be answered like any other is no more than a note.
        "compares": own is not None and (waits or not answers),
        "reports": shown.is_open and not waits and may(by, "deal.report"),
        "loses": shown.is_open and may(by, "deal.lose", partner_id=shown.partner),
        "story": [
            {"text": deal_words.since(fact, deal_words.told(fact.kind, fact.numbers)), "at": fact.effective_at}
            for fact in of_things([deal_id, *(line.id for line in lines)])
        ],
        "lines": [
            {
                "href": url("studio-line", line.id),
                "what": words.kind(LineKind(line.kind), is_correction=line.corrects is not None),
                "at": line.effective_at,
                "payable_on": line.payable_on,
                "rate": line.rate,
                "amount": formats.money(line.amount, line.currency),
            }
            for line in lines
        ],
        "form": form,
        "refused": refused,
        "wrong": refused.fields if refused else {},
        "typed": request.POST if refused else {},
    }


def _case(case: Case, found: dict[UUID, DealLine], side: Callable[[DealLine], dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": case.id,
        "against": side(found[case.against]),
        "is_open": case.decided_at is None,
        "ended": deal_words.case_ended(case.outcome, case.decided_at, case.decided_by) if case.decided_at else "",
    }


def _back(request: PersonRequest, deal_id: UUID, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(url("studio-deal", deal_id))


@staff
@require_POST
def accept(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """Accept a registered deal; from Today the row alone comes back."""
    if not request.htmx:
        request.on_refusal = _again(request, deal_id, "accept")
    made = accept_deal(request.actor, deal_id, now=request.now)
    if request.htmx:
        return answer_with(request, "deal", deal_id)
    assert made.protected_until is not None
    until = {"client": made.client_name, "day": deal_words.last_day(made.protected_until)}
    return _back(request, deal_id, _("%(client)s is accepted, and protected until %(day)s.") % until)


@staff
@require_POST
def refuse(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """Refuse a registered deal, with a reason that its partner reads."""
    request.on_refusal = _again(request, deal_id, "refuse")
    made = refuse_deal(request.actor, deal_id, reason=request.POST.get("reason", ""), now=request.now)
    return _back(request, deal_id, _("%(client)s is refused. The partner reads why.") % {"client": made.client_name})


@staff
@require_POST
def decide(request: PersonRequest, deal_id: UUID, claim_id: UUID, word: str) -> HttpResponse:
    """Decide between two partners: accept the later deal beside the earlier one, or refuse it."""
    request.on_refusal = _again(request, deal_id, word)
    reason = request.POST.get("reason", "")
    claim = decide_claim(request.actor, claim_id, granted=word == "grant", reason=reason, now=request.now)
    told = _("Accepted beside the earlier deal.") if word == "grant" else _("Refused. The partner reads why.")
    return _back(request, claim.deal_id, told)


@staff
@require_POST
def win(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """Enter that an open deal is won, for so much."""
    found = access.deal(request.actor, "deal.see_any", deal_id)
    request.on_refusal = _again(request, deal_id, "win")
    amount = formats.typed_amount(request.POST.get("amount", ""), found.currency)
    win_deal(request.actor, deal_id, amount=amount, now=request.now)
    return _back(request, deal_id, _("Won. What it earns stands below."))


@staff
@require_POST
def lose(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """Enter that an open deal came to nothing."""
    access.deal(request.actor, "deal.see_any", deal_id)
    request.on_refusal = _again(request, deal_id, "lose")
    lost = lose_deal(request.actor, deal_id, reason=request.POST.get("reason", ""), now=request.now)
    said = {
        Holder.NOBODY: _("Lost. The client is free again."),
        Holder.ITSELF: _("Lost. Another deal of this partner with the client is still open."),
        Holder.ANOTHER: _("Lost. Another partner has a deal with this client."),
    }[who_has_the_client(lost, request.now)]
    return _back(request, deal_id, said)


_HERE = "studio/deals/<uuid:deal_id>"
urlpatterns = [
    path(f"{_HERE}/", deal, name="studio-deal"),
    path(f"{_HERE}/accept/", accept, name="studio-deal-accept"),
    path(f"{_HERE}/refuse/", refuse, name="studio-deal-refuse"),
    path(f"{_HERE}/win/", win, name="studio-deal-win"),
    path(f"{_HERE}/lose/", lose, name="studio-deal-lose"),
    path(f"{_HERE}/claims/<uuid:claim_id>/grant/", decide, {"word": "grant"}, name="studio-claim-grant"),
    path(f"{_HERE}/claims/<uuid:claim_id>/refuse/", decide, {"word": "deny"}, name="studio-claim-refuse"),
]
