"""Every deal of the house, narrowed by stage, source, and the name of client or partner."""

from collections import defaultdict
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import Refused
from academy.people.permissions.rules import may
from academy.programme.deals.queries import DealLine, Group, Wanted, deals_of, groups
from academy.programme.deals.reports.queries import backlogs
from academy.programme.deals.rules import Stage
from academy.web import deal_words, formats
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

A_PAGE = 50


@staff
@require_safe
def deals(request: PersonRequest) -> HttpResponse:
    """The list; `?stage=won&q=oak&source=crm` narrows it, `?cursor=` goes on."""
    return page(request, "studio/deals/page.html", lambda: _context(request), parts={"list": "list"})


def _context(request: PersonRequest) -> dict[str, Any]:
    asked = {name: request.GET.get(name, "").replace("\0", "")[:100] for name in ("stage", "q", "source")}
    if asked["stage"] and asked["stage"] not in list(Stage):
        raise Refused(_("This address is not one of ours. Go back to all deals."))
    stages = frozenset({Stage(asked["stage"])}) if asked["stage"] else frozenset[Stage]()
    wanted = Wanted(stages, asked["q"], asked["source"])
    cursor = request.GET.get("cursor")
    cut = deals_of(request.actor, wanted=wanted, cursor=cursor, limit=A_PAGE)
    found = groups(request.actor, wanted=wanted)
    waiting = backlogs(request.actor) if may(request.actor, "deal.match") else []
    listed = [group for group in found if not stages or group.stage in stages]
    return {
        "asked": asked,
        "narrowed": any(asked.values()),
        "stages": [("", _("Every stage")), *((one.value, _counted(one, found)) for one in Stage)],
        "rows": [row(deal) for deal in cut.items],
        "more": _address(asked, cursor=cut.next) if cut.next else "",
        "is_first_page": not cursor,
        "deals": sum(group.deals for group in listed),
        # What is open, lost and won is never added up: without a stage the sum is that of the won.
        "worth": _worth([group for group in listed if group.stage == (asked["stage"] or Stage.WON)]),
        "worth_of": deal_words.stage_name(asked["stage"] or Stage.WON),
        "unmatched": sum(one.reports for one in waiting),
    }


def _address(asked: dict[str, str], **more: str) -> str:
    query = urlencode({name: value for name, value in (asked | more).items() if value})
    return f"{url('studio-deals')}?{query}"


def _counted(stage: Stage, found: list[Group]) -> str:
    count = sum(group.deals for group in found if group.stage == stage)
    return _("%(name)s %(count)s") % {"name": deal_words.stage_name(stage), "count": formats.number(count)}


def _worth(listed: list[Group]) -> list[str]:
    """What is listed is worth, by currency, refunds taken off."""
    sums: defaultdict[str, int] = defaultdict(int)
    for group in listed:
        sums[group.currency] += group.worth
    return [formats.money(worth, currency) for currency, worth in sorted(sums.items(), key=lambda one: -one[1])]


def row(deal: DealLine) -> dict[str, Any]:
    """A deal as the house lists it."""
    return {
        "id": deal.id,
        "href": url("studio-deal", deal.id),
        "client": deal.client,
        "partner": deal.partner_name,
        "product": deal_words.product_name(deal.product),
        "state": _("Two partners") if deal.claim is not None else deal_words.state(deal),
        "tone": "warn" if deal.claim is not None else deal_words.tone(deal),
        "source": deal.source,
        "amount": formats.money(deal.amount, deal.currency),
        "refunded": formats.money(deal.refunded, deal.currency) if deal.refunded else "",
        "earned": formats.money(deal.earned, deal.currency) if deal.earned is not None else "",
        "line": url("studio-line", deal.line) if deal.line else "",
        "rate": deal.rate,
        "moved_at": deal.won_at or deal.closed_at or deal.registered_at,
    }


urlpatterns = [path("studio/deals/", deals, name="studio-deals")]
