"""Under which name and address a partner is paid: for its owners, after a recent sign-in, with its history."""

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.people.accounts.queries import names_of
from academy.programme.payees.actions import change_payee
from academy.programme.payees.queries import versions
from academy.programme.payees.rules import LENGTHS, Profile, Wrong, wrong_with
from academy.web.middleware import signed_in
from academy.web.partner.profile.proof import proved
from academy.web.partner.statements.page import partner_of
from academy.web.payee_words import country_choices, field_names
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD"])
def payee(request: PersonRequest) -> HttpResponse:
    """What is known, and what was before."""
    partner = partner_of(request, "payee.see")
    found = versions(request.actor, partner.pk)
    names = names_of(one.changed_by for one in found if one.changed_by)
    field = field_names()

    def context() -> dict[str, Any]:
        return {
            "now": found[0] if found else None,
            "history": [
                {
                    "number": one.number,
                    "at": one.changed_at,
                    "who": names.get(one.changed_by, "") if one.changed_by else "",
                    "checked_at": one.checked_at,
                    "fields": [field[name] for name in one.profile.changes(before.profile)],
                }
                for one, before in pairwise(found)
            ],
            "fields": [(field[name], _shown(name, getattr(found[0].profile, name))) for name in LENGTHS]
            if found
            else [],
        }

    return page(request, "partner/payee/page.html", context, parts={})


def _shown(name: str, value: str) -> str:
    return dict(country_choices()).get(value, value) if name == "country" else value


@signed_in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PersonRequest) -> HttpResponse:
    """Change it, after showing once more who one is."""
    partner_of(request, "payee.edit")
    return _proved(request)


@proved
def _proved(request: PersonRequest) -> HttpResponse:
    partner = partner_of(request, "payee.edit")
    if request.method != "POST":
        found = versions(request.actor, partner.pk)
        typed = {name: getattr(found[0].profile, name) for name in LENGTHS} if found else {}
        return _form(request, typed)
    request.on_refusal = lambda refused: _form(request, request.POST.dict(), refused)
    given = Profile.cleaned({name: request.POST.get(name, "") for name in LENGTHS})
    change_payee(request.actor, partner.pk, given, now=request.now)
    messages.success(request, _("Saved. Every owner is told, and finance checks it before the next payment."))
    return HttpResponseRedirect(url("payee"))


def _form(request: PersonRequest, typed: dict[str, str], refused: Refused | None = None) -> HttpResponse:
    names = field_names()
    wrong = refused.fields if refused else {}
    found = wrong_with(Profile.cleaned(typed)) if refused else {}
    # A number that we never keep is not even sent back; all else stays as it was typed.
    kept = {name: "" if found.get(name) == Wrong.BANK else typed.get(name, "") for name in LENGTHS}
    return page(
        request,
        "partner/payee/edit.html",
        lambda: {"names": names, "typed": kept, "wrong": wrong, "refused": refused, "countries": country_choices()},
        parts={},
    )


urlpatterns = [
    path("payee/", payee, name="payee"),
    path("payee/change/", edit, name="payee-change"),
]
