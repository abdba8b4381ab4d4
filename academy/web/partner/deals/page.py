"""Deals of one's partner: is it mine, is it won, what did it bring. Giving one up."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from academy.core.errors import NotFound, Refused
from academy.journal.queries import head, of_things
from academy.people.accounts.queries import names_of
from academy.people.partners.models import Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.commissions.queries import lines_of_deals
from academy.programme.commissions.rules import LineKind
from academy.programme.deals import access
from academy.programme.deals.claims.queries import Holder, who_has_the_client
from academy.programme.deals.models import Deal
from academy.programme.deals.queries import (
    DealLine,
    Group,
    Wanted,
    deal_line,
    deals_of,
    groups,
    sees_value,
)
from academy.programme.deals.registrations.actions import lose_deal
from academy.programme.deals.rules import OPEN, Stage
from academy.programme.standing.queries import Stands
from academy.web import deal_words, formats
from academy.web.days import programme_zone
from academy.web.middleware import signed_in
from academy.web.money import words
from academy.web.navigation import exists
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

A_PAGE = 50
CLOSED = frozenset(set(Stage) - OPEN)
FILTERS: Mapping[str, frozenset[Stage]] = {
    "open": OPEN,
    "won": frozenset({Stage.WON}),
    "lost": frozenset({Stage.LOST}),
    "refused": frozenset({Stage.REFUSED}),
}


def partner_of(request: PersonRequest) -> Partner:
    """The partner whose deals these are. Raises NotFound outside of one."""
    if request.partner is None:
        raise NotFound(_("You are not a member of a partner."))
    allow(request.actor, "deal.see", partner_id=request.partner.pk)
    return request.partner


@signed_in
@require_safe
def deals(request: PersonRequest) -> HttpResponse:
    """The list; `?stage=won` narrows it, `?cursor=` goes on. Its days are the programme's, as on Earnings."""
    partner_of(request)
    at = head()
    with timezone.override(programme_zone(up_to_date(request))):
        return page(
            request, "partner/deals/page.html", lambda: _list(request), parts={"deals": "deals"}, cursor=lambda: at
        )


def _list(request: PersonRequest) -> dict[str, Any]:
    """Open deals first, then those that are decided, the latest move first."""
    partner = partner_of(request)
    asked = request.GET.get("stage", "")
    if asked and asked not in FILTERS:
        raise Refused(_("This address is not one of ours. Go back to all deals."))
    cursor = request.GET.get("cursor")
    found = groups(request.actor, partner.pk)
    lists = []
    if asked or cursor:
        lists.append(_section(request, partner, FILTERS.get(asked, CLOSED), asked, cursor))
    else:
        lists += [_section(request, partner, stages, name, None) for name, stages in (("open", OPEN), ("", CLOSED))]
    sees = may(request.actor, "amounts.see", partner_id=partner.pk)
    return {
        "scope": partner.name,
        "place": formats.place(timezone.get_current_timezone()),
        "asked": asked,
        "filters": _filters(found, asked),
        "lists": [one for one in lists if one["rows"]],
        "any": sum(group.deals for group in found),
        "sums": _sums(found, FILTERS.get(asked)) if sees and not cursor else [],
        "sees_amounts": sees,
    }


def _section(
    request: PersonRequest, partner: Partner, stages: frozenset[Stage], asked: str, cursor: str | None
) -> dict[str, Any]:
    cut = deals_of(request.actor, partner.pk, wanted=Wanted(stages), cursor=cursor, limit=A_PAGE)
    stage = f"stage={asked}&" if asked else ""
    return {
        "title": _("Open") if stages == OPEN else _("Decided") if stages == CLOSED else "",
        "rows": [_row(request, deal) for deal in cut.items],
        "more": f"{url('deals')}?{stage}cursor={cut.next}" if cut.next else "",
    }


def _filters(found: list[Group], asked: str) -> list[tuple[str, str, bool]]:
    """Where the list can be narrowed to, each with how many that leaves."""
    names = {"open": _("Open"), "won": _("Won"), "lost": _("Lost"), "refused": _("Refused")}

    def label(name: str, stages: frozenset[Stage] | None) -> str:
        count = sum(group.deals for group in found if stages is None or group.stage in stages)
        return _("%(name)s %(count)s") % {"name": name, "count": formats.number(count)}

    there = {group.stage for group in found}
    narrowed = [
        (label(names[key], stages), f"{url('deals')}?stage={key}", key == asked)
        for key, stages in FILTERS.items()
        if key == asked or stages & there
    ]
    return [(label(_("All"), None), url("deals"), not asked), *narrowed]


def _sums(found: list[Group], stages: frozenset[Stage] | None) -> list[dict[str, str]]:
    """What the open deals are worth, and what the won ones were; never added to each other."""
    told = []
    for label, of in ((_("Open, together worth"), OPEN), (_("Won, refunds taken off"), FILTERS["won"])):
        if stages is not None and not of & stages:
            continue
        told += [
            {"label": label, "value": formats.money(worth, currency)}
            for currency, worth in _by_currency(found, of).items()
        ]
    return told


def _by_currency(found: list[Group], stages: frozenset[Stage]) -> dict[str, int]:
    worth: dict[str, int] = {}
    for group in found:
        if group.stage in stages:
            worth[group.currency] = worth.get(group.currency, 0) + group.worth
    return worth


def _row(request: PersonRequest, deal: DealLine) -> dict[str, Any]:
    """A deal as the list shows it. Amounts only to those who may see them."""
    sees, sees_money = _sees(request, deal)
    return {
        "id": deal.id,
        "href": url("deal", deal.id),
        "client": deal.client,
        "product": deal_words.product_name(deal.product),
        "amount": formats.money(deal.amount, deal.currency) if sees else "",
        "refunded": formats.money(deal.refunded, deal.currency) if sees and deal.refunded else "",
        "state": deal_words.state(deal),
        "tone": deal_words.tone(deal),
        "where": deal_words.whereabouts(deal, request.now),
        "reason": deal.reason,
        "lacks_reason": deal_words.lacks_reason(deal),
        "claimed": deal.claimed_at is not None,
        "earned": formats.money(deal.earned, deal.currency) if sees_money and deal.earned is not None else "",
        "rate": deal.rate if sees_money else None,
        "line": line_address(deal.line) if sees_money else "",
    }


def _sees(request: PersonRequest, deal: DealLine) -> tuple[bool, bool]:
    """Whether its value may be seen, and what it earned."""
    return sees_value(request.actor, deal), may(request.actor, "commission.see", partner_id=deal.partner)


def line_address(line: UUID | None) -> str:
    """Where a commission line is opened; empty without one, or without such a room."""
    address = f"/earnings/lines/{line}/"
    return address if line and exists(address) else ""


@signed_in
@require_safe
def deal(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """One deal: where it is, what it would bring or brought, its story, giving it up."""
    _own(request, deal_id)
    return _one(request, deal_id)


def _own(request: PersonRequest, deal_id: UUID) -> Deal:
    """The deal, if it is one's partner's: the house has pages of its own. Raises NotFound."""
    found = access.deal(request.actor, "deal.see", deal_id)
    if found.partner_id != request.actor.partner_id:
        raise NotFound
    return found


def _one(request: PersonRequest, deal_id: UUID, refused: Refused | None = None) -> HttpResponse:
    at, stands = head(), up_to_date(request)
    with timezone.override(programme_zone(stands)):
        return page(
            request,
            "partner/deals/deal.html",
            lambda: _deal(request, deal_id, stands, refused),
            parts={"deal": "deal"},
            cursor=lambda: at,
        )


def _deal(request: PersonRequest, deal_id: UUID, stands: Stands | None, refused: Refused | None) -> dict[str, Any]:
    found = deal_line(deal_id)
    sees, sees_money = _sees(request, found)
    lines = lines_of_deals([deal_id]).get(deal_id, [])
    return {
        **_row(request, found),
        "sees": sees,
        "sees_money": sees_money,
        "is_open": found.is_open,
        "may_lose": found.is_open and may(request.actor, "deal.lose", partner_id=found.partner),
        "expected": formats.month(found.expected_on) if found.expected_on and found.is_open else "",
        "original": formats.money(found.original_amount, found.original_currency)
        if sees and found.original_amount is not None
        else "",
        "registered_at": found.registered_at,
        "registered_by": names_of([found.registered_by]).get(found.registered_by, "") if found.registered_by else "",
        "promise": deal_words.promise(found, stands) if sees and stands is not None else "",
        "story": story(found, [line.id for line in lines], sees=sees, sees_money=sees_money),
        "lines": [
            {
                "href": line_address(line.id),
                "what": words.kind(LineKind(line.kind), is_correction=line.corrects is not None),
                "at": line.effective_at,
                "rate": line.rate,
                "amount": formats.money(line.amount, line.currency, signed=line.kind == "adjusted"),
            }
            for line in lines
            if sees_money
        ],
        "typed": request.POST.get("reason", "") if refused else "",
        "refused": refused,
    }


def story(deal: DealLine, lines: list[UUID], *, sees: bool, sees_money: bool) -> list[dict[str, Any]]:
    """What happened to a deal, oldest first, as the journal tells it; amounts only for those who may see them."""
    told = []
    for fact in of_things([deal.id, *(lines if sees_money else [])]):
        if fact.kind == "correction.made":
            continue  # the line that follows from it says the same
        text = deal_words.told(fact.kind, fact.numbers) if sees else deal_words.without_amounts(fact.kind)
        told.append({"text": text and deal_words.since(fact, text), "at": fact.effective_at, "kind": fact.kind})
    return [one for one in told if one["text"]]


@signed_in
@require_POST
def lose(request: PersonRequest, deal_id: UUID) -> HttpResponse:
    """Say that it came to nothing."""
    _own(request, deal_id)
    request.on_refusal = lambda refused: _one(request, deal_id, refused)
    lost = lose_deal(request.actor, deal_id, reason=request.POST.get("reason", ""), now=request.now)
    said = {
        Holder.NOBODY: _("%(client)s is given up. The client is free again."),
        Holder.ITSELF: _("%(client)s is given up. Another deal of yours with this client is still open."),
        Holder.ANOTHER: _("%(client)s is given up."),  # who else wants a client is told to nobody who was first
    }[who_has_the_client(lost, request.now)]
    messages.success(request, said % {"client": lost.client_name})
    return HttpResponseRedirect(url("deal", deal_id))


urlpatterns = [
    path("deals/", deals, name="deals"),
    path("deals/<uuid:deal_id>/", deal, name="deal"),
    path("deals/<uuid:deal_id>/lose/", lose, name="deal-lose"),
]
