"""Home: what now, where is my money, where do I stand."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone

from academy.people.permissions.rules import may
from academy.programme.glance.queries import AsOf, as_of, glance
from academy.programme.plans.queries import plan_version
from academy.web.middleware import signed_in
from academy.web.partner.home.blocks import Reads, context
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import kept_page, page, render, url

TEMPLATE = "partner/home/page.html"
PARTS = ("changed", "next", "money", "tier", "rate", "training", "continue")


@signed_in
def home(request: PersonRequest) -> HttpResponse:
    """Home of a partner's people; those of the house are shown to their own room."""
    if request.person.welcomed_at is None and request.partner is not None:
        return HttpResponseRedirect(url("welcome"))
    if request.partner is None:
        return HttpResponseRedirect(_room_of_the_house(request) if request.person.is_staff_member else url("training"))
    known = _as_of(request, request.partner.pk)
    if known is None:
        return render(request, "partner/home/outside.html")
    if "HTTP_X_PARTS" in request.META:  # not by `headers`, which are all read for the first that is asked for
        return page(request, TEMPLATE, lambda: context(_read(request, known)), parts={name: name for name in PARTS})
    hour = timezone.localtime(request.now).strftime("%Y-%m-%d %H %z")  # times are told as of the hour
    today = request.now.astimezone(plan_version(known.plan).zone).date()  # and money as of the programme's day
    seal = (known.mark, hour, today)
    return kept_page(request, TEMPLATE, seal, lambda: context(_read(request, known)), cursor=known.cursor)


def _room_of_the_house(request: PersonRequest) -> str:
    """Today for those who decide something there, else the list of partners, which says what comes."""
    return url("studio-today") if may(request.actor, "deal.see_any") else url("studio-partners")


def _as_of(request: PersonRequest, partner: UUID) -> AsOf | None:
    """The first read, again after applying what was due."""
    known = as_of(partner, request.person.pk)
    if known is not None and known.is_due(request.now):
        up_to_date(request)
        known = as_of(partner, request.person.pk)
    return known


def reads(request: PersonRequest) -> Reads | None:
    """Everything that Home shows of a partner, with what was due applied; None outside every programme."""
    known = _as_of(request, request.partner.pk) if request.partner else None
    return _read(request, known) if known else None


def _read(request: PersonRequest, known: AsOf) -> Reads:
    return Reads(request, glance(known, request.now))


urlpatterns = [path("", home, name="home")]
