"""What is done about a month that is closed: go on, look, approve, hand over."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from academy.core.errors import NotFound
from academy.people.permissions.access import allow
from academy.programme.closes import actions
from academy.programme.closes.checking.actions import see
from academy.programme.statements.orders.queries import waiting
from academy.programme.statements.orders.rules import Place
from academy.programme.statements.rules import Flag
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio.close.handing_over import names_left_out
from academy.web.studio.close.patience import continue_for_a_while
from academy.web.studio.close.run import address, found, on_refusal


@staff
@require_POST
def go_on(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Go on where a run was stopped."""
    allow(request.actor, "close.run")
    close = found(request, programme, month)
    continue_for_a_while(request.actor, close.pk)
    messages.success(request, _("Gone on. Nothing was done twice."))
    return HttpResponseRedirect(address(close))


@staff
@require_POST
def seen(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Say of the ticked statements, or of all of one kind, that they were looked at."""
    allow(request.actor, "close.run")
    close = found(request, programme, month)
    chosen: list[UUID] = []
    for text in request.POST.getlist("statement"):
        try:
            chosen.append(UUID(text))
        except ValueError:
            raise NotFound from None
    flag = request.POST.get("all", "")
    if flag and flag not in set(Flag):
        raise NotFound
    on_refusal(request, close)
    count = see(request.actor, close.pk, chosen, flag=flag, now=request.now)
    said = ngettext("%(count)d statement looked at.", "%(count)d statements looked at.", count) % {"count": count}
    messages.success(request, said)
    return HttpResponseRedirect(address(close))


@staff
@require_POST
def approve(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """Approve as expected, and write statements down for as long as one waits."""
    allow(request.actor, "close.approve")
    close = found(request, programme, month)
    on_refusal(request, close)
    actions.approve(request.actor, close.pk, now=request.now)
    continue_for_a_while(request.actor, close.pk)
    messages.success(request, _("Approved. No statement changes any more."))
    return HttpResponseRedirect(address(close))


@staff
@require_POST
def hand_over(request: PersonRequest, programme: str, month: str) -> HttpResponse:
    """The payment file is handed over, or the rest; it can be fetched from then on."""
    allow(request.actor, "payout.record")
    close = found(request, programme, month)
    on_refusal(request, close)
    actions.hand_over(request.actor, close.pk, now=request.now)
    messages.success(request, _("Handed over. Fetch the file, and read the payments back when they are made."))
    if left_out := names_left_out(waiting(close.pk, Place.UNCHECKED)):
        messages.warning(request, left_out)
    return HttpResponseRedirect(address(close))
