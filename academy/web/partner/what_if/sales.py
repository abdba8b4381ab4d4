"""Expected sales on the what-if page: of which product, in which month, and what they would bring themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission
from academy.programme.closes.rules import month_of, next_month, pays_on
from academy.programme.commissions.rules import payable_on
from academy.programme.outlook.queries import Prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.plans.rules import ANY_PRODUCT
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import rate
from academy.web import formats
from academy.web.deal_words import product_name

MONTHS = 6
"""How far ahead sales can be expected."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Sales that somebody expects, in minor units: of a product, won `at` an instant of a month."""

    amount: int
    product: str
    month: date
    at: datetime


def months_from(found: Stands, now: datetime) -> list[date]:
    """The months that sales can be expected in, this one first."""
    months = [month_of(now.astimezone(found.plan.zone).date())]
    while len(months) < MONTHS:
        months.append(next_month(months[-1]))
    return months


def month_choices(found: Stands, now: datetime) -> list[tuple[str, str]]:
    """Value and name of each of these months."""
    return [(one.isoformat()[:7], formats.month(one)) for one in months_from(found, now)]


def product_choices(found: Stands) -> list[tuple[str, str]]:
    """Value and name of each product that the plan pays for, the default one first."""
    slugs = {*found.plan.base, found.plan.default_product} - {ANY_PRODUCT}
    ordered = sorted(slugs, key=lambda slug: (slug != found.plan.default_product, slug))
    return [(slug, product_name(slug)) for slug in ordered]


def expected(found: Stands, sent: Mapping[str, str], amount: int, now: datetime) -> Expected:
    """What was asked; what is not offered counts as the default product, and as this month."""
    products = dict(product_choices(found))
    product = sent.get("product", "")
    months = months_from(found, now)
    month = next((one for one in months if one.isoformat()[:7] == sent.get("month")), months[0])
    at = now if month == months[0] else datetime.combine(month, time(), found.plan.zone).astimezone(now.tzinfo)
    return Expected(amount, product if product in products else found.plan.default_product, month, at)


def then(ahead: Prospects, modules: Sequence[str], asked: Expected) -> Outlook:
    """Where the partner would stand after these modules and sales."""
    if asked.at == ahead.at or not asked.amount:
        return ahead.after(modules=modules, sales=asked.amount)
    return ahead.after_sales_on(asked.at, modules=modules, sales=asked.amount)


def brings(ahead: Prospects, modules: Sequence[str], asked: Expected) -> dict[str, Any] | None:
    """What the sales themselves would pay, now and with the modules passed before, and when; None without any.

    They are priced with what is held before them: a tier that they lead to counts for the deals after.
    """
    if not asked.amount:
        return None
    found, plan = ahead.stands, ahead.stands.plan
    before = then(ahead, modules, Expected(0, asked.product, asked.month, asked.at))
    rates = [rate(plan, held, asked.product).basis_points for held in (found.held, before.held)]
    now, later = (
        f"{formats.percent(one)} · {formats.money(commission(asked.amount, one), found.currency)}" for one in rates
    )
    free = payable_on(plan, asked.at)
    paid = pays_on(month_of(free), plan.pay_day, next_month(month_of(free)))
    words = {
        "amount": formats.money(asked.amount, found.currency, whole=asked.amount % 100 == 0),
        "product": dict(product_choices(found))[asked.product],
        "month": formats.month(asked.month),
    }
    lines = [{"label": _("At today's rate"), "value": now}]
    if rates[0] != rates[1]:
        lines.append({"label": _("With these passed before"), "value": later, "kind": "total"})
    return {
        "title": _("%(amount)s of %(product)s in %(month)s") % words,
        "lines": lines,
        "when": _("On hold until %(day)s, paid about %(paid)s.")
        % {"day": formats.day(free), "paid": formats.day(paid)},
    }
