"""An owner's statements: the list with the next payment, and one as page, paper and CSV."""

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound, Refused
from academy.people.partners.models import Partner
from academy.people.permissions.access import allow
from academy.programme.balance.accounts.queries import overview_of
from academy.programme.balance.accounts.rules import Waits
from academy.programme.payees.queries import name_of
from academy.programme.payouts.rules import table
from academy.programme.standing.queries import stands
from academy.programme.statements import queries
from academy.programme.statements.queries import Shown
from academy.programme.statements.rules import Outcome
from academy.web import formats, payments
from academy.web.middleware import signed_in
from academy.web.money.coming import next_payment
from academy.web.partner.earnings import sums
from academy.web.partner.statements.paper import Paper, render
from academy.web.partner.statements.sheet import sheet
from academy.web.requests import PersonRequest
from academy.web.statement_parts import bridge, line
from academy.web.templates import page, url

A_PAGE = 36


def partner_of(request: PersonRequest, verb: str) -> Partner:
    """The reader's partner, if the reader may do this for it. Raises NotFound without one, Forbidden."""
    if request.partner is None:
        raise NotFound
    allow(request.actor, verb, partner_id=request.partner.pk)
    return request.partner


@signed_in
@require_safe
def statements(request: PersonRequest) -> HttpResponse:
    """The list, newest first, under what comes next."""
    partner = partner_of(request, "statement.see")
    return page(
        request,
        "partner/statements/list.html",
        lambda: {**_coming(request, partner), **_list(request, partner)},
        parts={"coming": "coming", "list": "list"},
    )


def _coming(request: PersonRequest, partner: Partner) -> dict[str, Any]:
    found = stands(partner.pk)
    if found is None:
        return {"coming": None, "states": [], "to_do": None}
    seen = overview_of(found, request.now)
    coming = seen.next
    waits_for = {Waits.TERMS: (_("Read and accept them"), "terms"), Waits.PAYEE: (_("Payee details"), "payee")}
    return {
        "coming": next_payment(seen, sums.address),
        "states": sums.by_state(seen) if seen.account.days else [],
        "to_do": waits_for.get(coming.waits) if coming.waits else None,
    }


def _list(request: PersonRequest, partner: Partner) -> dict[str, Any]:
    before = request.GET.get("before", "")
    try:
        month = date.fromisoformat(f"{before}-01") if before else None
    except ValueError:
        raise Refused(_("This address is not one of ours. Go back to your statements.")) from None
    found = queries.of_partner(request.actor, partner.pk, limit=A_PAGE + 1, before=month)
    return {
        "rows": [_row(one) for one in found[:A_PAGE]],
        "older": f"{found[A_PAGE - 1].month:%Y-%m}" if len(found) > A_PAGE else "",
        "is_first_page": month is None,
    }


def _row(shown: Shown) -> dict[str, Any]:
    return {
        "month": payments.month(shown.month),
        "number": shown.number,
        "href": url("statement", shown.number),
        "state": payments.statement_state(shown),
        "tone": "good" if shown.paid_on else "bad" if shown.returned_on else "",
        "pays": shown.outcome is Outcome.PAY,
        "amount": formats.money(shown.amount, shown.currency),
    }


@signed_in
@require_safe
def statement(request: PersonRequest, number: str) -> HttpResponse:
    """One statement, with the arithmetic of every line and the bridge to the month before."""
    shown = _own(request, number)
    return page(request, "partner/statements/one.html", lambda: _one(shown), parts={"money": "money"})


def _own(request: PersonRequest, number: str) -> Shown:
    """A statement of the reader's partner. Raises NotFound, Forbidden."""
    partner = partner_of(request, "statement.see")
    shown = queries.statement(request.actor, number)
    if shown.partner != partner.pk:
        raise NotFound
    return shown


def _one(shown: Shown) -> dict[str, Any]:
    rests_on = queries.opened(shown)
    return {
        "shown": shown,
        "month": payments.month(shown.month),
        "state": payments.statement_state(shown),
        "lines": [line(one, shown) for one in rests_on.lines],
        "bridge": bridge(shown, rests_on),
        "to": {"pdf": url("statement-pdf", shown.number), "csv": url("statement-csv", shown.number)},
    }


@signed_in
@require_safe
def as_pdf(request: PersonRequest, number: str) -> HttpResponse:
    """The statement on paper."""
    return printed(_own(request, number))


def printed(shown: Shown) -> HttpResponse:
    """A statement as a PDF. Whoever asks has been shown the statement."""
    made = render(Paper(shown, name_of(shown.partner, shown.payee), queries.opened(shown)))
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{shown.number}.pdf"'
    return answer


@signed_in
@require_safe
def as_csv(request: PersonRequest, number: str) -> HttpResponse:
    """The statement's lines and its bridge for a spreadsheet."""
    shown = _own(request, number)
    rows = sheet(shown, queries.opened(shown))
    answer = HttpResponse("\ufeff" + table(rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{shown.number}.csv"'
    return answer


urlpatterns = [
    path("statements/", statements, name="statements"),
    path("statements/<str:number>/", statement, name="statement"),
    path("statements/<str:number>/pdf/", as_pdf, name="statement-pdf"),
    path("statements/<str:number>/csv/", as_csv, name="statement-csv"),
]
