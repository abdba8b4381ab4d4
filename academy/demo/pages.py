"""The demo's own pages: its sign-ins by moment, the stage on which one watches a lesson and a refund move money, real
sales as of any day where some were imported, and its mail.

They stand here, above the pages of the house, since they know the demo academy. Outside of demo mode they are
not there.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from academy.core.errors import NotFound
from academy.demo import refunding, suppliers
from academy.demo.create import DOMAIN, PASSWORD, SIGN_INS
from academy.demo.waiting import waiting
from academy.notifications.models import Mail
from academy.notifications.notices.rules import zone
from academy.notifications.queries import latest_mail, waiting_until
from academy.people.accounts.adapter import sign_in
from academy.people.accounts.queries import person_by_address
from academy.web import formats
from academy.web.middleware import signed_in, staff
from academy.web.partner.home.blocks import context
from academy.web.partner.home.page import reads
from academy.web.requests import AnyoneRequest, PersonRequest
from academy.web.templates import page, render, url

P = ParamSpec("P")
ON_STAGE = f"partner@{DOMAIN}"


def moments() -> Sequence[tuple[str, str]]:
    """The demo's sign-ins, address and what one finds there; none outside of demo mode."""
    return SIGN_INS if settings.DEMO else ()


def _only_in_demo(
    view: Callable[Concatenate[AnyoneRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEMO or settings.PRODUCTION:
            raise NotFound
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # our middlewares have made it one

    return guarded


@_only_in_demo
@require_safe
def demo(request: AnyoneRequest) -> HttpResponse:
    """Every moment, with what one finds there."""
    tries = _tries(request.now)
    return render(
        request,
        "public/demo/page.html",
        moments=[(email, moment, tries[email]) for email, moment in SIGN_INS],
        password=PASSWORD,
        on_stage=ON_STAGE,
        has_sales=suppliers.programme() is not None,
    )


def _tries(now: datetime) -> Mapping[str, str]:
    """What to try as each of them. What waits is counted now."""
    waits = waiting(now)
    month = formats.month(waits.due)
    return {
        f"partner@{DOMAIN}": _("Answer the quiz, watch your rate rise, then open a deal and follow its money."),
        f"newcomer@{DOMAIN}": _("See what a first day looks like, and register a first client."),
        f"owner@{DOMAIN}": _("See who of the team learned what, and what the training brought."),
        f"risk@{DOMAIN}": _("Read what is missing to keep Gold, and open the line that was corrected."),
        f"manager@{DOMAIN}": _(
            "Deals to answer: %(deals)s, on a client who is taken: %(claims)s. Reports to match: %(reports)s."
        )
        % {
            "deals": formats.number(waits.deals),
            "claims": formats.number(waits.claims),
            "reports": formats.number(waits.reports),
        },
        f"finance@{DOMAIN}": _("%(month)s is paid out. Look at what the next month holds.") % {"month": month}
        if waits.is_closed
        else _("%(month)s is due. Close it: exceptions first, then the payment file.") % {"month": month},
        f"admin@{DOMAIN}": _("Give somebody a role, and approve a month that another person closed."),
    }


@_only_in_demo
@require_POST
def enter(request: AnyoneRequest) -> HttpResponse:
    """Sign in as one of the demo's people, whoever was signed in before."""
    email = request.POST.get("email", "")
    person = person_by_address(email) if email in dict(SIGN_INS) else None
    if person is None:
        raise NotFound(_("This person is not among the demo's. Choose one of the list."))
    if request.person is not None:
        get_adapter().logout(request)
    entered = sign_in(request, person, method="demo")
    return HttpResponseRedirect(url("demo-stage")) if email == ON_STAGE and "stage" in request.POST else entered


@_only_in_demo
@require_safe
@signed_in
def stage(request: PersonRequest) -> HttpResponse:
    """The next step's lesson beside Home, the figures that it moves, and the journal as it happens."""

    def shown() -> dict[str, Any]:
        read = reads(request)
        if read is None:
            raise NotFound(_("The stage is for the demo's partners. Choose one of the list."))
        on_stage = refunding.on_stage(request.actor)
        return context(read) | {"words": json.dumps(_words()), "refund": on_stage}

    return page(request, "public/demo/stage.html", shown, parts={"figures": "figures", "refund": "refund"})


@_only_in_demo
@require_POST
@signed_in
def refund(request: PersonRequest) -> HttpResponse:
    """The client of the stage's deal takes a tenth of it back, as the agency's system would report it."""
    refunding.take_back(request.actor, request.POST.get("so_far", ""), now=request.now)
    return HttpResponseRedirect(f"{url('demo-stage')}#refund")


@_only_in_demo
@staff
@require_http_methods(["GET", "HEAD", "POST"])
def sales(request: PersonRequest) -> HttpResponse:
    """Suppliers of the imported sales as of prepared days; pressed, the journal is read again and compared."""
    shown = suppliers.shown(request.actor)
    found = suppliers.verified(request.actor, now=request.now) if request.method == "POST" else None
    sold = ", ".join(formats.money(one.amount, one.currency) for one in found.sold) if found else ""
    return render(request, "public/demo/sales.html", suppliers=shown, verified=found, sold=sold)


def _words() -> dict[str, str]:
    """What the stage calls each kind of fact."""
    return {
        "lesson.completed": _("Lesson finished"),
        "quiz.passed": _("Quiz passed"),
        "module.completed": _("Module passed"),
        "course.completed": _("Course completed"),
        "certificate.issued": _("Certificate issued"),
        "tier.changed": _("Tier changed"),
        "rate.changed": _("Rate changed"),
        "deal.won": _("Deal won"),
        "deal.refunded": _("Deal taken back"),
        "commission.reversed": _("Commission taken back"),
        "tier.warned": _("Notice given"),
        "member.joined": _("Somebody joined"),
        "member.left": _("Somebody left"),
    }


@_only_in_demo
@never_cache
@require_safe
def mail(request: AnyoneRequest) -> HttpResponse:
    """The latest mails. Nobody's real address is among them: the demo sends nothing."""
    mails = latest_mail(50)
    until = waiting_until(mails, request.now)
    waits = {one.pk: _waits(one, until[one.pk], request.now) for one in mails if one.pk in until}
    return render(request, "public/demo/mail.html", mails=mails, waits=waits)


def _waits(mail: Mail, until: datetime, now: datetime) -> str:
    """Until when a mail is held back, on the clock of whoever it is for, whose quiet hours these are."""
    assert mail.person is not None  # only what tells somebody of a notice waits
    where = zone(mail.person.timezone)
    with timezone.override(where):
        is_today = until.astimezone(where).date() == now.astimezone(where).date()
        said = formats.clock_time(until) if is_today else formats.moment(until)
    return _("waits until %(time)s") % {"time": said}


urlpatterns = [
    path("", demo, name="demo"),
    path("enter/", enter, name="demo-enter"),
    path("stage/", stage, name="demo-stage"),
    path("stage/refund/", refund, name="demo-refund"),
    path("sales/", sales, name="demo-sales"),
    path("mail/", mail, name="demo-mail"),
]
