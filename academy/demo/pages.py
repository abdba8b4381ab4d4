"""The demo's own pages: its sign-ins by moment, the stage on which one watches a lesson move a rate, and its mail.

They stand here, above the pages of the house, since they know the demo academy. Outside of demo mode they are
not there.
"""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import NotFound
from academy.demo.create import DOMAIN, PASSWORD, SIGN_INS
from academy.notifications.queries import latest_mail
from academy.people.accounts.adapter import sign_in
from academy.people.accounts.queries import person_by_address
from academy.web.middleware import signed_in
from academy.web.partner.home.page import context, reads
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
    return render(request, "public/demo/page.html", moments=SIGN_INS, password=PASSWORD, on_stage=ON_STAGE)


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
        return context(read) | {"words": json.dumps(_words())}

    return page(request, "public/demo/stage.html", shown, parts={"figures": "figures"})


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
        "tier.warned": _("Notice given"),
        "member.joined": _("Somebody joined"),
        "member.left": _("Somebody left"),
    }


@_only_in_demo
@never_cache
@require_safe
def mail(request: AnyoneRequest) -> HttpResponse:
    """The latest mails. Nobody's real address is among them: the demo sends nothing."""
    return render(request, "public/demo/mail.html", mails=latest_mail(50))


urlpatterns = [
    path("", demo, name="demo"),
    path("enter/", enter, name="demo-enter"),
    path("stage/", stage, name="demo-stage"),
    path("mail/", mail, name="demo-mail"),
]
