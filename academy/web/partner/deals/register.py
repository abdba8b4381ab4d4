"""Registering a deal: four fields, under a minute on a phone."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.people.accounts.queries import names_of
from academy.programme.deals.queries import deal_line, own_clients
from academy.programme.deals.registrations.actions import MONTHS_AHEAD, AlreadyRegistered, register_deal
from academy.programme.standing.queries import Stands
from academy.web import deal_words, formats
from academy.web.days import programme_zone
from academy.web.middleware import signed_in
from academy.web.partner.deals.page import partner_of
from academy.web.partner.standing import up_to_date
from academy.web.refusals import in_words
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: PersonRequest) -> HttpResponse:
    """Four fields; what is wrong stands beside its own, and what was typed stays."""
    partner_of(request)
    found = up_to_date(request)
    if found is None:
        return render(request, "partner/home/outside.html")
    if request.method != "POST":
        return _form(request, found)
    sent = request.POST
    amount, misread = _amount(sent.get("amount", ""), found.currency)
    request.on_refusal = lambda refused: _form(request, found, refused, misread)
    made = register_deal(
        request.actor,
        client=sent.get("client", ""),
        product=sent.get("product", ""),
        amount=amount,
        expected_on=_month(sent.get("month", "")),
        now=request.now,
        beside=_beside(request),
    )
    messages.success(request, _("%(client)s is registered.") % {"client": deal_line(made.pk).client})
    return HttpResponseRedirect(url("deal", made.pk))


def _amount(text: str, currency: str) -> tuple[str, Mapping[str, str]]:
    """The amount that was typed, and what is wrong with how it is written; then it becomes none, which is refused
    beside what else is.
    """
    try:
        return formats.typed_amount(text, currency), {}
    except Refused as refused:
        return "", {name: in_words(said) for name, said in refused.fields.items()}


def _month(text: str) -> date | None:
    """The month that was chosen. What is none becomes one too far off, so that it is refused beside what else is."""
    try:
        return date.fromisoformat(f"{text}-01") if text else None
    except ValueError:
        return date.max


def _beside(request: PersonRequest) -> list[UUID]:
    """The open deal of which one has said that this is another with the same client; see `_known`."""
    try:
        return [UUID(request.POST.get("beside", ""))]
    except ValueError:
        return []


def _known(request: PersonRequest, stands: Stands, refused: Refused | None) -> dict[str, Any]:
    """The open deal of one's own partner with that client, and a tick by which one says that this is another.

    The tick means that very deal: the same form sent twice, or for a client of another open deal, is asked again.
    """
    if not isinstance(refused, AlreadyRegistered):
        return {"said": "", "href": "", "ticks": _beside(request) if refused else [], "is_ticked": True}
    found = deal_line(refused.deal)
    by = found.registered_by
    is_own = by == request.actor.person_id
    with timezone.override(programme_zone(stands)):
        said = deal_words.registered_already(found, names_of([by]).get(by, "") if by else "", is_own=is_own)
    return {"said": said, "href": url("deal", found.id), "ticks": [found.id], "is_ticked": False}


def _form(
    request: PersonRequest, stands: Stands, refused: Refused | None = None, misread: Mapping[str, str] | None = None
) -> HttpResponse:
    partner = partner_of(request)
    typed = request.POST if refused else request.GET
    plan = stands.plan
    rates = {slug: stands.rate(slug).basis_points for slug in plan.base}
    return render(
        request,
        "partner/deals/register.html",
        scope=partner.name,
        typed={name: typed.get(name, "") for name in ("client", "amount", "month")}
        | {"product": typed.get("product", plan.default_product)},
        refused=refused,
        wrong={**refused.fields, **(misread or {})} if refused else {},
        known=_known(request, stands, refused),
        clients=own_clients(request.actor, partner.pk),
        currency=partner.currency,
        products=[
            (
                slug,
                _("%(product)s, %(rate)s now")
                % {"product": deal_words.product_name(slug), "rate": formats.percent(rates[slug])},
            )
            for slug in sorted(rates, key=lambda slug: (slug != plan.default_product, slug))
        ],
        months=[("", _("I do not know yet")), *_months(request.now, plan.zone)],
        tier=None,
    )


def _months(now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """This month and those after it, as far ahead as a deal may be expected."""
    first = now.astimezone(zone).date().replace(day=1)
    ahead = [
        date(first.year + (first.month - 1 + more) // 12, (first.month - 1 + more) % 12 + 1, 1)
        for more in range(MONTHS_AHEAD + 1)
    ]
    return [(one.strftime("%Y-%m"), formats.month(one)) for one in ahead]


urlpatterns = [path("deals/new/", register, name="deal-register")]
