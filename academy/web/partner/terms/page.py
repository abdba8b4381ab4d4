"""The terms that hold for a partner: read, and accepted by an owner, by version."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.core.errors import NotFound, Refused
from academy.learning.catalog.markdown.rules import render as as_html
from academy.people.accounts.queries import names_of
from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.standing.queries import stands
from academy.programme.terms.actions import accept_terms
from academy.programme.terms.queries import agreed
from academy.web.middleware import signed_in
from academy.web.partner.statements.page import partner_of
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: PersonRequest) -> HttpResponse:
    """The version in force; sent back by its form, accepted."""
    partner = partner_of(request, "terms.see")
    if request.method != "POST":
        return _show(request, partner)
    request.on_refusal = lambda refused: _refused(request, partner, refused)
    try:
        version = UUID(request.POST.get("version", ""))
    except ValueError:
        raise NotFound from None
    if request.POST.get("read") != "yes":
        sentence = _("Tick that you have read them and may accept them for %(partner)s.") % {"partner": partner.name}
        raise Refused(sentence, fields={"read": sentence})
    accept_terms(request.actor, partner.pk, version, now=request.now)
    messages.success(request, _("Accepted. Thank you."))
    return HttpResponseRedirect(url("terms"))


def _refused(request: PersonRequest, partner: Partner, refused: Refused) -> HttpResponse:
    return _show(request, partner, refused)


def _show(request: PersonRequest, partner: Partner, refused: Refused | None = None) -> HttpResponse:
    def context() -> dict[str, Any]:
        standing = stands(partner.pk)
        found = agreed(request.actor, partner.pk, standing.programme, request.now) if standing else None
        by = found.accepted_by if found else None
        return {
            "found": found,
            "html": as_html(found.terms.text) if found and found.terms else "",
            "coming_html": as_html(found.coming.text) if found and found.coming else "",
            "who": names_of([by]).get(by, "") if by else "",
            "accepts": may(request.actor, "terms.accept", partner_id=partner.pk),
            "refused": refused,
            "wrong": refused.fields if refused else {},
        }

    return page(request, "partner/terms/page.html", context, parts={})


urlpatterns = [path("terms/", terms, name="terms")]
