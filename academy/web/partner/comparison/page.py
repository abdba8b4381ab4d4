"""The same deals without training: what a year of learning has brought, month by month."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.people.permissions.rules import may
from academy.programme.comparison.queries import without_training
from academy.programme.comparison.rules import Compared, Month, pays_for_training
from academy.programme.standing.queries import Stands
from academy.web import formats, sentences
from academy.web.middleware import signed_in
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import page, render


@dataclass(frozen=True, slots=True)
class Year:
    """A year of deals as a card shows it: its lines, and on what it rests."""

    lines: list[dict[str, Any]]
    basis: str
    brought: bool


def year_of(request: PersonRequest, found: Stands) -> Year | None:
    """The card of a partner's year; None for those who may not see amounts, and where there is nothing to compare."""
    if not may(request.actor, "amounts.see", partner_id=found.partner):
        return None
    compared = without_training(found, request.now)
    return _year(compared) if compared else None


def _year(compared: Compared) -> Year:
    sums = [formats.money(one, compared.currency) for one in (compared.earned, compared.without)]
    brought = formats.money(compared.difference, compared.currency, signed=True)
    return Year(
        lines=[
            {"label": _("Earned"), "value": sums[0], "key": "year-earned"},
            {"label": _("Without your training"), "value": sums[1]},
            {"label": _("Your training brought"), "value": brought, "kind": "total", "key": "year-brought"},
        ],
        basis=ngettext(
            "%(count)s deal won from %(since)s to %(until)s, after refunds; corrections by hand are left out.",
            "%(count)s deals won from %(since)s to %(until)s, after refunds; corrections by hand are left out.",
            compared.deals,
        )
        % {
            "count": formats.number(compared.deals),
            "since": formats.day(compared.since, form="long"),
            "until": formats.day(compared.until, form="long"),
        },
        brought=compared.difference > 0,
    )


@signed_in
def comparison(request: PersonRequest) -> HttpResponse:
    """The page: the year as a sum, and its months."""
    found = up_to_date(request)
    if found is None:
        return render(request, "partner/home/outside.html")

    def context() -> dict[str, Any]:
        sees = may(request.actor, "amounts.see", partner_id=found.partner)
        compared = without_training(found, request.now) if sees else None
        return {
            "tier": sentences.tier_name(found.plan, found.held.tier),
            "scope": request.partner.name if request.partner else "",
            "sees_amounts": sees,
            "pays": pays_for_training(found.plan),
            "lowest": found.plan.tiers[0].name,
            "year": _year(compared) if compared else None,
            "months": _months(compared) if compared else [],
            "total": _sums(compared, compared.currency) if compared else None,
        }

    return page(request, "partner/comparison/page.html", context, parts={"year": "year"})


def _months(compared: Compared) -> list[dict[str, Any]]:
    return [{"month": one.month, **_sums(one, compared.currency)} for one in compared.months]


def _sums(one: Month | Compared, currency: str) -> dict[str, str]:
    return {
        "earned": formats.money(one.earned, currency),
        "without": formats.money(one.without, currency),
        "difference": formats.money(one.difference, currency, signed=True),
    }


urlpatterns = [path("earnings/training/", comparison, name="comparison")]
