"""Payee profiles that wait for finance: what changed, beside what was there, and one word."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.programme.payees.actions import check_payee
from academy.programme.payees.queries import Waiting, waiting
from academy.programme.payees.rules import LENGTHS
from academy.programme.statements.orders.queries import may_be_handed_over
from academy.web.middleware import staff
from academy.web.payee_words import country, field_names
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


@staff
@require_safe
def payees(request: PersonRequest) -> HttpResponse:
    """The list, longest waiting first."""
    return page(
        request,
        "studio/payees/page.html",
        lambda: {"waits": [_shown(one) for one in waiting(request.actor)]},
        parts={},
    )


def _shown(one: Waiting) -> dict[str, Any]:
    names = field_names()
    before = one.before.profile if one.before else None
    changed = set(one.now.profile.changes(before)) if before else set(LENGTHS)
    fields = []
    for name in LENGTHS:
        value, old = getattr(one.now.profile, name), getattr(before, name) if before else ""
        if name == "country":
            value, old = country(value), country(old)
        fields.append({"name": names[name], "value": value, "old": old, "changed": name in changed})
    return {
        "partner": one.partner,
        "name": one.name,
        "slug": one.slug,
        "number": one.now.number,
        "at": one.now.changed_at,
        "is_first": before is None,
        "fields": fields,
    }


@staff
@require_POST
def check(request: PersonRequest) -> HttpResponse:
    """Say that a version is right."""
    allow(request.actor, "payee.check")
    try:
        partner, number = UUID(request.POST.get("partner", "")), int(request.POST.get("number", ""))
    except ValueError:
        raise NotFound from None
    check_payee(request.actor, partner, number, now=request.now)
    if may_be_handed_over(partner):
        sentence = _("Checked. The partner is paid again: a month that is approved already can hand it over.")
    else:
        sentence = _("Checked. The partner is paid again, by the next month that is approved.")
    messages.success(request, sentence)
    return HttpResponseRedirect(url("studio-payees"))


urlpatterns = [
    path("studio/payees/", payees, name="studio-payees"),
    path("studio/payees/check/", check, name="studio-payee-check"),
]
