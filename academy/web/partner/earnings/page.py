"""Earnings: when it pays, what is where, and every line behind it."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from academy.core.errors import NotFound
from academy.journal.queries import head
from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.queries import day_before, lines, overview
from academy.programme.standing.queries import Change, Stands, changes
from academy.web import formats, sentences
from academy.web.middleware import signed_in
from academy.web.money import words
from academy.web.money.asked import Asked, chosen
from academy.web.money.coming import next_payment
from academy.web.money.file import as_file
from academy.web.money.rows import sections
from academy.web.partner.earnings import sums
from academy.web.partner.standing import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import page, render, url

SHOWN = 20
YEAR = timedelta(days=365)
CHANGES_SHOWN = 4


@signed_in
@require_safe
def earnings(request: PersonRequest) -> HttpResponse:
    """The page; `?state=`, `?year=` and `?payment=2026-12-05` narrow its lines, `?cursor=` goes on."""
    partner = _partner(request)
    at = head()
    found = up_to_date(request)
    if found is None:
        return render(request, "partner/earnings/outside.html", scope=partner.name)
    if not may(request.actor, "commission.see", partner_id=partner.pk):
        return render(request, "partner/earnings/hidden.html", scope=partner.name)
    with timezone.override(found.plan.zone):
        return page(
            request,
            "partner/earnings/page.html",
            lambda: _context(request, partner, found),
            parts={name: name for name in ("sums", "lines", "changes")},
            cursor=lambda: at,
        )


@signed_in
@require_safe
def earnings_file(request: PersonRequest) -> HttpResponse:
    """The same lines, all of them, as CSV."""
    partner = _partner(request)
    found = up_to_date(request)
    if found is None:
        raise NotFound
    seen = overview(request.actor, found, request.now)
    with timezone.override(found.plan.zone):
        return as_file(request.actor, partner, seen, Asked.by(request.GET).wanted())


def _partner(request: PersonRequest) -> Partner:
    if request.partner is None:
        raise NotFound(_("You are not a member of a partner."))
    return request.partner


def _context(request: PersonRequest, partner: Partner, found: Stands) -> dict[str, Any]:
    asked, cursor = Asked.by(request.GET), request.GET.get("cursor")
    seen = overview(request.actor, found, request.now)
    wanted = asked.wanted()
    cut = lines(request.actor, partner.pk, seen, wanted, cursor=cursor, limit=SHOWN)
    return {
        "scope": partner.name,
        "place": formats.place(found.plan.zone),
        "is_first_day": not seen.account.days,
        "first": sums.first(found),
        "next": next_payment(seen, sums.address),
        "states": sums.by_state(seen),
        "rate": sums.rate(found),
        "filters": _filters(asked),
        "payments": sums.offered(seen),
        "asked": asked,
        "sum": chosen(seen, wanted),
        "sections": sections(cut.items, seen, after=day_before(cursor)),
        "is_first_page": not cursor,
        "first_page": sums.address(asked),
        "more": f"{url('earnings')}{asked.query(cursor=cut.next)}#lines" if cut.next else "",
        "file": url("earnings-file") + asked.query(),
        "changes": [_change(one) for one in _rate_changes(request, partner)],
    }


def _filters(asked: Asked) -> list[tuple[str, str, bool]]:
    states = [("", _("All")), *((str(state), words.state_name(state)) for state in LineState)]
    return [
        (name, sums.address(Asked(state=state, payment=asked.payment)), asked.state == state) for state, name in states
    ]


def _rate_changes(request: PersonRequest, partner: Partner) -> list[Change]:
    found = changes(partner.pk, since=request.now - YEAR, limit=5 * CHANGES_SHOWN)
    return [one for one in found if one.kind == "rate.changed"][:CHANGES_SHOWN]


def _change(it: Change) -> dict[str, Any]:
    return {"at": it.effective_at, "cause": sentences.causes(it.numbers), "words": words.rate_change(it.numbers)}


urlpatterns = [
    path("earnings/", earnings, name="earnings"),
    path("earnings/lines.csv", earnings_file, name="earnings-file"),
]
