"""What-if: is it worth my evening? Ticks and expected sales in, tier, rate, money and minutes out."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from academy.core.errors import Refused
from academy.core.money import Money, commission, exponent, parse_amount
from academy.learning.progress.actions import plan_modules
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, StepKind, ranks, rate
from academy.web import formats, promotions, sentences
from academy.web.deal_words import product_name
from academy.web.middleware import signed_in
from academy.web.partner.comparison.page import year_of
from academy.web.partner.outlook import effect, monthly
from academy.web.partner.standing import up_to_date
from academy.web.partner.what_if import kept, sales
from academy.web.partner.what_if.sales import Expected
from academy.web.refusals import in_words
from academy.web.requests import PersonRequest
from academy.web.templates import page, render, url


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to know the effect of."""

    modules: tuple[str, ...]
    sales: int
    sales_text: str
    wrong: str = ""


@signed_in
def what_if(request: PersonRequest) -> HttpResponse:
    """The page, and its result alone for those who change a tick."""
    found = up_to_date(request)
    if found is None:
        return render(request, "partner/home/outside.html")

    def context() -> dict[str, Any]:
        ahead = prospects(found, request.person.pk, request.now)
        sees = may(request.actor, "amounts.see", partner_id=found.partner)
        asked = _asked(request, ahead, sees_amounts=sees)
        return {
            "asked": asked,
            "groups": _groups(ahead, asked),
            "result": _result(ahead, asked, sales.expected(found, request.GET, asked.sales, request.now), sees),
            "products": sales.product_choices(found),
            "months": sales.month_choices(found, request.now),
            "chosen": {name: request.GET.get(name, "") for name in ("product", "month")},
            "sees_amounts": sees,
            "year": lambda: year_of(request, found),
            "currency": found.currency,
            "scope": _whose(request, found),
        }

    return page(
        request,
        "partner/what_if/page.html",
        context,
        parts={"result": "result", "in-short": "in_short", "year": "year"},
    )


def _whose(request: PersonRequest, found: Stands) -> str:
    """Whose rate is shown, and of which product: each product has its own."""
    names = [request.partner.name if request.partner else "", product_name(found.plan.default_product)]
    return " · ".join(filter(None, names))


def _asked(request: PersonRequest, ahead: Prospects, *, sees_amounts: bool) -> Asked:
    """What the address asks; on the first visit the next step. Sales only for those who may see amounts: from how much
    more reaches a tier it follows how much was won.
    """
    if "sales" not in request.GET and "module" not in request.GET:
        step = ahead.next_step()
        if step is None:
            return Asked((), 0, "")
        amount = step.sales if sees_amounts else 0
        return Asked(step.modules, amount, f"{Money(amount, ahead.stands.currency).decimal():f}" if amount else "")
    ticked = (module for module in request.GET.getlist("module") if module in ahead.modules)
    chosen = ahead.offer.in_order(ahead.offer.with_required(ticked))
    text = request.GET.get("sales", "").strip()
    if not text or not sees_amounts:
        return Asked(chosen, 0, "")
    try:
        amount = parse_amount(formats.typed_amount(text, ahead.stands.currency), ahead.stands.currency)
    except Refused as refused:
        return Asked(chosen, 0, text, in_words(refused.sentence))
    return Asked(chosen, max(amount, 0), text, "" if amount >= 0 else _("Expected sales are 0 or more."))


def _groups(ahead: Prospects, asked: Asked) -> list[dict[str, Any]]:
    """What can still be finished: core first, then what each certificate misses, then what all that waits for.

    A module stands once.
    """
    core = [
        module for module in ahead.stands.plan.core if ahead.modules[module].minutes or ahead.modules[module].lessons
    ]
    mine = ahead.evidence.passed.get(ahead.offer.person, frozenset())
    groups = [{"title": _("Core training"), "items": _items(ahead, [m for m in core if m not in mine], asked)}]
    shown = set(core)
    for credential, missing in sorted(ahead.offer.credentials.items(), key=lambda one: ahead.credentials[one[0]].title):
        rest = [module for module in missing if module not in shown]
        shown |= set(rest)
        known = ahead.credentials[credential]
        title = (_("%(title)s, advanced certificate") if known.advanced else _("%(title)s, certificate")) % {
            "title": known.title
        }
        groups.append({"title": title, "items": _items(ahead, rest, asked)})
    first = ahead.offer.with_required(shown) - shown - mine
    groups.append({"title": _("To be finished first"), "items": _items(ahead, first, asked)})
    return [group for group in groups if group["items"]]


def _items(ahead: Prospects, modules: Iterable[str], asked: Asked) -> list[dict[str, Any]]:
    ordered = sorted(modules, key=lambda module: ahead.offer.slugs[module])
    return [
        {
            "id": module,
            "title": ahead.modules[module].title,
            "course": ahead.modules[module].course_title,
            "minutes": ahead.modules[module].minutes,
            "ticked": module in asked.modules,
        }
        for module in ordered
    ]


def _result(ahead: Prospects, asked: Asked, expected: Expected, sees_amounts: bool) -> dict[str, Any]:
    found = ahead.stands
    then = sales.then(ahead, asked.modules, expected)
    now = found.rate().basis_points
    rises = ranks(found.plan, then.held)[Part.TIER] > ranks(found.plan, found.held)[Part.TIER]
    deal = 1000 * 10 ** exponent(found.currency)
    minutes = sum(ahead.modules[module].minutes for module in asked.modules)
    keeps = kept.kept(ahead, asked.modules, expected)
    waits = then.held.awaiting if then.held.awaiting != found.held.awaiting else None
    return {
        "sales": sales.brings(ahead, asked.modules, expected),
        "nothing": then.basis_points == now and not rises and not waits and not keeps,
        "keeps": kept.shown(ahead, keeps, deal, sees_amounts=sees_amounts),
        "tier_now": sentences.tier_name(found.plan, found.held.tier),
        "tier_then": sentences.tier_name(found.plan, then.held.tier),
        "rises": rises,
        "awaiting": promotions.will_wait(sentences.tier_name(found.plan, waits)) if waits else "",
        "waiting": promotions.waiting(found.plan, found.held, ahead.at),
        "rate_now": now,
        "rate_then": then.basis_points,
        "effect": effect(now, then.basis_points),
        "bridge": _bridge(ahead, then),
        "month": then.monthly if sees_amounts else 0,
        "year": then.monthly * 12 if sees_amounts else 0,
        "basis": monthly(ahead, then.monthly) if sees_amounts else "",
        "deal": formats.money(deal, found.currency, whole=True),
        "deal_now": formats.money(commission(deal, now), found.currency),
        "deal_then": formats.money(commission(deal, then.basis_points), found.currency),
        "minutes": minutes,
        "certificates": _certificates(ahead, asked),
        "still_missing": _still_missing(ahead, then, sees_amounts=sees_amounts),
        "count": ngettext("%(count)d module", "%(count)d modules", len(asked.modules)) % {"count": len(asked.modules)},
    }


def _bridge(ahead: Prospects, then: Outlook) -> list[dict[str, Any]]:
    plan = ahead.stands.plan
    after = rate(plan, then.held)
    return [
        {
            "label": sentences.step_label(step, plan, then.held.tier),
            "value": formats.percent(sentences.step_result(step)),
            "kind": "total" if step is after.steps[-1] and step.kind is not StepKind.BASE else "",
        }
        for step in after.steps
    ]


def _certificates(ahead: Prospects, asked: Asked) -> list[str]:
    chosen = frozenset(asked.modules)
    return [
        ahead.credentials[credential].title
        for credential, missing in ahead.offer.credentials.items()
        if missing and missing <= chosen
    ]


def _still_missing(ahead: Prospects, then: Outlook, *, sees_amounts: bool) -> list[str]:
    if then.next is None:
        return []
    unmet = [leaf for leaf in then.next.verdict.leaves() if not leaf.met]
    return [
        _("more sales") if leaf.metric == "won" and not sees_amounts else sentences.missing(leaf, ahead.stands.currency)
        for leaf in unmet
    ]


@require_POST
@signed_in
def put_in_plan(request: PersonRequest) -> HttpResponse:
    """Keep the ticked modules as this person's plan, and go on to training, where it stands first."""
    try:
        modules = [UUID(text) for text in request.POST.getlist("module")]
    except ValueError:
        raise Refused(_("One of these modules is not known any more. Tick again.")) from None
    plan_modules(request.actor, modules, now=request.now)
    return HttpResponseRedirect(url("training"))


urlpatterns = [path("what-if/", what_if, name="what-if"), path("what-if/plan/", put_in_plan, name="what-if-plan")]
