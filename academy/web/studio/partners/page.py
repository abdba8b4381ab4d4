"""The studio's first room: every partner with its standing, and above them what waits for somebody of the house."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.core.errors import NotFound
from academy.people.permissions.rules import may
from academy.programme.plans.queries import plan_version
from academy.programme.roster import queries
from academy.programme.roster.rules import Choice, Line, Waiting, Wanted, choices, is_order, totals
from academy.web import formats, promotions, sentences
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.studio import words
from academy.web.templates import Part, page, render, url

A_PAGE = 50
WAITS_SHOWN = 3
QUIET = timedelta(days=30)
"""After so long without anything done a partner is shown as quiet."""
ROW = "row-"


@staff
def partners(request: PersonRequest) -> HttpResponse:
    """The list; for roles without this room what they will find."""
    if not (may(request.actor, "partner.see_any") and may(request.actor, "standing.see_any")):
        return nothing(request)
    read = _Reads(request)
    return page(
        request,
        "studio/partners/page.html",
        lambda: {**read.list(), **read.waits(), **read.sums()},
        parts={
            "waits": Part("waits", read.waits),
            "totals": Part("sums", read.sums),
            **_rows(request),
        },
    )


def nothing(request: PersonRequest) -> HttpResponse:
    """The studio of a role whose rooms are not built yet."""
    return render(
        request,
        "studio/partners/nothing.html",
        role=words.role_of_house(request.person.roles),
        awaits=words.awaits_role(request.person.roles),
    )


def _rows(request: PersonRequest) -> Mapping[str, Part]:
    """Each row that an open page asks for again is a part of its own, so that it changes where it stands."""
    names = [name.strip() for name in request.headers.get("X-Parts", "").split(",")]
    slugs = [name.removeprefix(ROW) for name in names if name.startswith(ROW)]
    if not slugs:
        return {}
    found = queries.lines(request.actor, slugs)

    def of(slug: str) -> Callable[[], dict[str, Any]]:
        return lambda: {"line": _line(request, _known(found, slug))}

    return {ROW + slug: Part("row", of(slug)) for slug in slugs}


def _known(found: Mapping[str, Line], slug: str) -> Line:
    if slug not in found:
        raise NotFound
    return found[slug]


class _Reads:
    """What the page shows, each read once and only when it is asked for."""

    def __init__(self, request: PersonRequest) -> None:
        self.request = request
        self.wanted = wanted_of(request)

    @cached_property
    def groups(self) -> list[Any]:
        return queries.groups(self.request.actor, self.wanted.q)

    def list(self) -> dict[str, Any]:
        """The rows of this page, and the way to the next."""
        cursor = self.request.GET.get("cursor")
        found = queries.listed(self.request.actor, self.wanted, cursor=cursor, limit=A_PAGE)
        return {
            "wanted": self.wanted,
            "lines": [_line(self.request, line) for line in found.items],
            "more": address(self.wanted, cursor=found.next) if found.next else "",
            "is_first_page": not cursor,
            "heads": [_head(self.wanted, column, name) for column, name in _columns()],
            "tiers": [(one.tier, _tier_name(one)) for one in choices(self.groups)],
        }

    def sums(self) -> dict[str, Any]:
        """What everything that is listed comes to, further pages included."""
        sums = totals(self.groups, self.wanted)
        amounts = [formats.money(amount, currency, whole=amount % 100 == 0) for currency, amount in sums.sales]
        return {"sums": sums, "sold": amounts}

    def waits(self) -> dict[str, Any]:
        """The first few that wait, and how many there are; when nothing does, the next day to look."""
        found = queries.waiting(self.request.actor, limit=WAITS_SHOWN + 1)
        approves = may(self.request.actor, "promotion.approve")
        return {
            "waits": [_waiting(one, self.request, approves=approves) for one in found[:WAITS_SHOWN]],
            "more_waits": len(found) > WAITS_SHOWN,
            "next_look": None if found else queries.next_look(self.request.actor),
            "all_at_risk": address(Wanted(at_risk=True, order="safe")),
        }


def wanted_of(request: HttpRequest) -> Wanted:
    """What the address asks for; what cannot be an order is the usual one."""
    order = request.GET.get("sort", "")
    return Wanted(
        q=request.GET.get("q", "").replace("\0", "")[:100],
        tier=request.GET.get("tier", "").replace("\0", "")[:40],
        at_risk=bool(request.GET.get("risk")),
        order=order if is_order(order) else "name",
    )


def address(wanted: Wanted, **more: str) -> str:
    """The address of a list."""
    asked = {
        "q": wanted.q,
        "tier": wanted.tier,
        "risk": "1" if wanted.at_risk else "",
        "sort": wanted.order if wanted.order != "name" else "",
        **more,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{url('studio-partners')}?{query}" if query else url("studio-partners")


def _columns() -> list[tuple[str, str]]:
    return [
        ("name", _("Partner")),
        ("tier", _("Tier")),
        ("rate", _("Rate")),
        ("safe", _("Safe until")),
        ("people", _("People")),
        ("core", _("Core modules")),
        ("sales", _("Won, 12 months")),
        ("active", _("Last activity")),
    ]


def _head(wanted: Wanted, column: str, name: str) -> dict[str, Any]:
    """A column's name, where pressing it leads, and how the list stands by it now."""
    here = wanted.column == column
    order = f"-{column}" if here and wanted.order == column and column != "name" else column
    then = Wanted(wanted.q, wanted.tier, wanted.at_risk, order)
    return {
        "column": column,
        "name": name,
        "href": address(then),
        "sorted": ("ascending" if wanted.sign > 0 else "descending") if here else "",
    }


def _tier_name(one: Choice) -> str:
    return one.name if one.tier != "none" else _("In no programme")


def _line(request: PersonRequest, line: Line) -> dict[str, Any]:
    return {
        "slug": line.slug,
        "href": url("studio-partner", line.slug),
        "name": line.name,
        "tier": line.tier_name or line.tier,
        "at_risk": line.at_risk,
        "awaiting": line.awaiting,
        "rate": line.rate,
        "safe_until": line.safe_until,
        "people": line.people,
        "core": line.core,
        "core_total": line.core_total,
        "sold": _sold(line),
        "none_sold": line.sales == 0,
        "active_at": line.active_at,
        "quiet": line.active_at is not None and line.active_at < request.now - QUIET,
    }


def _sold(line: Line) -> str:
    """What a partner won in twelve months; empty where nothing measures it."""
    if line.sales is None:
        return ""
    return formats.money(line.sales, line.currency, whole=line.sales % 100 == 0) if line.sales else _("none")


def _waiting(one: Waiting, request: PersonRequest, *, approves: bool) -> dict[str, Any]:
    """One thing that waits: for whom, why, since or until when, and the one thing to do."""
    plan = plan_version(one.plan)
    first = one.first
    held = one.held
    if held.awaiting is not None:
        return {
            "slug": one.slug,
            "name": one.name,
            "what": _("meets %(tier)s and waits for a person's word")
            % {"tier": sentences.tier_name(plan, held.awaiting)},
            "more": promotions.to_decide(plan, held, request.now),
            "action": _("Decide") if approves else _("See why"),
            "href": url("studio-partner", one.slug) + "#decide",
        }
    others = len(held.warnings) - 1
    return {
        "slug": one.slug,
        "name": one.name,
        "what": words.falls(plan, held.tier, first.part, first.to, first.falls_at) if first else "",
        "more": ngettext("and %(count)d more notice", "and %(count)d more notices", others) % {"count": others}
        if others > 0
        else "",
        "action": _("See what keeps it"),
        "href": url("studio-partner", one.slug) + "#standing",
    }


urlpatterns = [path("studio/partners/", partners, name="studio-partners")]
