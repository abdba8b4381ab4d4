"""Reports that nobody understands yet: say once what a source's word means, and they are entered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from academy.core.errors import Refused
from academy.core.money import parse_amount
from academy.people.partners.queries import partners, partners_named
from academy.programme.deals.reports.actions import drop_report, enter_matched
from academy.programme.deals.reports.queries import Kept, Word, kept_reports, unknown_words
from academy.programme.deals.rules import NameKind
from academy.programme.deals.words.actions import match_word
from academy.programme.plans.queries import products_sold
from academy.web import deal_words, formats
from academy.web.middleware import staff
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


@staff
@require_http_methods(["GET", "HEAD", "POST"])
def matching(request: PersonRequest) -> HttpResponse:
    """The words that reports wait for; a form says what one means."""
    if request.method != "POST":
        return _show(request)
    request.on_refusal = lambda refused: _show(request, refused)
    sent = request.POST
    source, kind, name = (sent.get(field, "")[:200] for field in ("source", "kind", "name"))
    means = sent.get("means", "")
    if kind == NameKind.PARTNER:
        match_word(request.actor, source, NameKind.PARTNER, name, str(_partner(request, means)), now=request.now)
    else:
        match_word(request.actor, source, NameKind.PRODUCT, name, means, now=request.now)
    entered = enter_matched(request.actor, source, now=request.now)
    told = ngettext("%(count)s report is entered.", "%(count)s reports are entered.", entered)
    remembered = _("“%(name)s” is remembered.") % {"name": name}
    messages.success(request, f"{remembered} {told % {'count': formats.number(entered)}}")
    return HttpResponseRedirect(url("studio-matching"))


def _partner(request: PersonRequest, text: str) -> UUID:
    found = partners_named(request.actor, text)
    if len(found) != 1:
        sentence = _("Several partners are called so. Write the one's address, as in its page's link.")
        if not found:
            sentence = _("No partner is called so. Choose one of the list, or write its whole name.")
        raise Refused(sentence, fields={"means": sentence})
    return found[0]


def _show(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    by = request.actor
    sold = products_sold(request.now)
    words = unknown_words(by, products=sold)
    reports = kept_reports(by)
    asked = {name: request.POST.get(name, "") for name in ("source", "kind", "name", "means")} if refused else {}
    return render(
        request,
        "studio/matching/page.html",
        words=[_word(one, reports, asked) for one in words],
        troubled=[_kept(one) for one in reports if not one.unknown_partner and not one.unknown_product],
        partners=[one.name for one in partners(by, limit=100).items],
        products=[(slug, deal_words.product_name(slug)) for slug in sold],
        refused=refused,
        wrong=refused.fields if refused else {},
    )


def _word(one: Word, reports: list[Kept], asked: dict[str, str]) -> dict[str, Any]:
    """A word with what becomes of it: how many deals are entered once it is understood."""
    is_partner = one.kind == NameKind.PARTNER
    mine = [it for it in reports if it.source == one.source and _says(it, one)]
    ready = ngettext("%(count)s deal can be entered then", "%(count)s deals can be entered then", one.ready)
    rest = one.deals - one.ready
    more = ngettext("%(count)s waits for another word too", "%(count)s wait for another word too", rest)
    return {
        "id": f"{one.kind}-{one.source}-{one.name}".replace(" ", "-"),
        "source": one.source,
        "kind": one.kind,
        "is_partner": is_partner,
        "name": one.name,
        "reports": ngettext("%(count)s report", "%(count)s reports", one.reports)
        % {"count": formats.number(one.reports)},
        "follows": ", ".join(
            text % {"count": formats.number(count)} for text, count in ((ready, one.ready), (more, rest)) if count
        ),
        "since": one.since,
        "kept": [_kept(it) for it in mine[:20]],
        "hidden": len(mine) > 20,
        "is_asked": all(asked.get(field) == value for field, value in _key(one).items()) if asked else False,
        "means": asked.get("means", "") if asked else "",
    }


def _key(one: Word) -> dict[str, str]:
    return {"source": one.source, "kind": one.kind, "name": one.name}


def _says(report: Kept, word: Word) -> bool:
    said = report.unknown_partner if word.kind == NameKind.PARTNER else report.unknown_product
    return said == word.name


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": one.external_id,
        "client": one.client,
        "partner": one.partner,
        "product": one.product,
        "amount": _amount(one),
        "stage": deal_words.stage_name(one.stage) if one.stage else _("Refund"),
        "at": one.occurred_at,
        "source": one.source,
        "problem": one.problem,
    }


def _amount(one: Kept) -> str:
    """As money is written here; what is no amount of its currency, as it was told."""
    try:
        return formats.money(parse_amount(one.amount, one.currency), one.currency)
    except Refused:
        return f"{one.amount} {one.currency}"


@staff
@require_POST
def drop(request: PersonRequest, report_id: UUID) -> HttpResponse:
    """Say that a report is none of ours."""
    drop_report(request.actor, report_id, now=request.now)
    messages.success(request, _("The report is dropped. If its source tells of it again, it stands here again."))
    return HttpResponseRedirect(url("studio-matching"))


urlpatterns = [
    path("studio/deals/matching/", matching, name="studio-matching"),
    path("studio/deals/matching/<uuid:report_id>/drop/", drop, name="studio-matching-drop"),
]
