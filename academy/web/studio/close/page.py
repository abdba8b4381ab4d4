"""The studio's month close: the months there are, and beginning with the next."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import NotFound, Refused
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.closes import queries
from academy.programme.closes.actions import start_close
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Stage, pays_on, runs_on
from academy.programme.plans.queries import plan_version
from academy.web import payments
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.close import payment_file, run, statement, steps
from academy.web.studio.close.patience import continue_for_a_while
from academy.web.studio.close.run import address, month_named
from academy.web.templates import page

A_YEAR = 12
"""Months of a programme on a page: each adds up a statement a partner."""


@staff
@require_safe
def months(request: PersonRequest) -> HttpResponse:
    """Every programme with its closes, newest first; `?before=2025-12` goes on to older ones."""
    return page(request, "studio/close/months.html", lambda: _context(request), parts={})


def _context(request: PersonRequest, refused: Refused | None = None) -> dict[str, Any]:
    before = month_named(request.GET["before"]) if "before" in request.GET else None
    found = queries.months(request.actor, now=request.now)
    shown = {one.programme: one.latest(A_YEAR, before=before) for one in found}
    sums: dict[UUID, list[queries.Total]] = {}
    for total in queries.totals([close.pk for closes in shown.values() for close in closes]):
        sums.setdefault(total.close, []).append(total)
    return {
        "programmes": [_programme(one, shown[one.programme], sums, request.now) for one in found],
        "is_newest": before is None,
        "older": _older(found, shown),
        "runs": may(request.actor, "close.run"),
        "refused": refused,
        "checks_payees": may(request.actor, "payee.check"),
        "publishes_terms": may(request.actor, "terms.publish"),
    }


def _older(found: Iterable[queries.Months], shown: Mapping[UUID, Sequence[Close]]) -> str:
    """From where the months are listed that are not shown yet, of any programme; empty where all were.

    A programme that is ahead of another is shown some of its months again, and none is left out.
    """
    nexts = []
    for one in found:
        last = min((close.month for close in shown[one.programme][:A_YEAR]), default=date.min)
        known = {close.pk for close in shown[one.programme]}
        if any(close.month < last and close.pk not in known for close in one.closes):
            nexts.append(last)
    return f"{max(nexts):%Y-%m}" if nexts else ""


def _programme(
    one: queries.Months, closes: Iterable[Close], sums: dict[UUID, list[queries.Total]], now: datetime
) -> dict[str, Any]:
    return {
        "id": one.programme,
        "slug": one.slug,
        "name": one.name,
        "is_closable": one.is_closable,
        "open": _row(one.open, sums) if one.open else None,
        "closable": [(f"{month:%Y-%m}", payments.month(month)) for month in one.closable],
        "closes": [_row(close, sums) for close in closes],
    }


def _row(close: Close, sums: dict[UUID, list[queries.Total]]) -> dict[str, Any]:
    plan = plan_version(close.plan_id)
    found = sums.get(close.pk, [])
    paying = [total for total in found if total.outcome == "pay"]
    return {
        "month": payments.month(close.month),
        "href": address(close),
        "stage": payments.stage(Stage(close.stage)),
        "is_done": close.stage == Stage.DONE,
        "is_open": close.stage in (Stage.COLLECTING, Stage.CHECKING),
        "looked": close.looked,
        "partners": close.partners,
        "runs_on": runs_on(close.month, plan.pay_day, close.cut_on),
        "pays_on": pays_on(close.month, plan.pay_day, close.cut_on),
        "paying": sum(total.statements for total in paying),
        "waiting": sum(total.statements for total in found if total.outcome != "pay"),
        "paid": sum(total.paid_statements for total in paying),
        "amounts": payments.totals(paying),
    }


@staff
@require_POST
def start(request: PersonRequest) -> HttpResponse:
    """Begin to close a month, and look at partners for as long as one waits."""
    allow(request.actor, "close.run")

    def again(refused: Refused) -> HttpResponse:
        messages.error(request, refused.sentence)
        return page(request, "studio/close/months.html", lambda: _context(request, refused), parts={})

    request.on_refusal = again
    try:
        programme = UUID(request.POST.get("programme", ""))
    except ValueError:
        raise NotFound from None
    month = month_named(request.POST.get("month", ""))
    close = start_close(request.actor, programme, month, now=request.now)
    continue_for_a_while(request.actor, close.pk)
    return HttpResponseRedirect(address(close))


urlpatterns = [
    path("studio/close/", months, name="studio-close"),
    path("studio/close/start/", start, name="studio-close-start"),
    path("studio/close/<slug:programme>/<str:month>/", run.run, name="studio-close-run"),
    path("studio/close/<slug:programme>/<str:month>/continue/", steps.go_on, name="studio-close-continue"),
    path("studio/close/<slug:programme>/<str:month>/seen/", steps.seen, name="studio-close-seen"),
    path("studio/close/<slug:programme>/<str:month>/approve/", steps.approve, name="studio-close-approve"),
    path("studio/close/<slug:programme>/<str:month>/hand-over/", steps.hand_over, name="studio-close-hand-over"),
    path("studio/close/<slug:programme>/<str:month>/payments.csv", payment_file.fetch, name="studio-close-file"),
    path("studio/close/<slug:programme>/<str:month>/payments/", payment_file.read_back, name="studio-close-payments"),
    path("studio/statements/<str:number>/", statement.statement, name="studio-statement"),
    path("studio/statements/<str:number>/hold/", statement.hold_one, name="studio-statement-hold"),
    path("studio/statements/<str:number>/again/", statement.again, name="studio-statement-again"),
    path("studio/statements/<str:number>/seen/", statement.seen_one, name="studio-statement-seen"),
    path("studio/statements/<str:number>/paid/", statement.paid, name="studio-statement-paid"),
    path("studio/statements/<str:number>/returned/", statement.returned, name="studio-statement-returned"),
]
