"""The sums of Earnings in words, and where they show their lines; the next payment stands in money/coming.py."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission, exponent
from academy.programme.balance.accounts.rules import Overview
from academy.programme.earnings.rules import Wanted, groups
from academy.programme.standing.queries import Stands
from academy.web import formats
from academy.web.deal_words import product_name
from academy.web.money.asked import WAITING, Asked, payment_key
from academy.web.money.states import states
from academy.web.templates import url

ROUND_DEAL = 1_000
PAYMENTS_OFFERED = 36


def first(found: Stands) -> dict[str, str]:
    """What the first deal brings, before there is a line."""
    deal = ROUND_DEAL * 10 ** exponent(found.currency)
    return {
        "deal": formats.money(deal, found.currency, whole=True),
        "brings": formats.money(commission(deal, found.rate().basis_points), found.currency),
        "hold": formats.number(found.plan.hold_days),
        "pay_day": formats.ordinal(found.plan.pay_day),
    }


def rate(found: Stands) -> dict[str, str]:
    """The rate of today, and what that is of a round sum."""
    said = {**first(found), "product": product_name(found.plan.default_product)}
    return {
        "value": formats.percent(found.rate().basis_points),
        "meta": _("%(brings)s of each %(deal)s · %(product)s") % said,
    }


def address(asked: Asked) -> str:
    """Where Earnings shows the lines that are asked for."""
    return f"{url('earnings')}{asked.query()}#lines"


def by_state(seen: Overview) -> list[dict[str, Any]]:
    """Each state with its own sum; of what is paid, that of this year."""
    return states(seen, address, paid_in=seen.calendar.today.year)


def offered(seen: Overview) -> list[tuple[str, str]]:
    """The payments to choose from by their days, the latest first: what is planned, what comes, what was paid."""
    days = {(one.pays_on, one.is_paid) for one in seen.groups if one.pays_on is not None}
    latest = sorted(days, key=lambda it: (it[0], not it[1]), reverse=True)
    waiting = [(WAITING, _("No payment planned"))] if groups(Wanted(waiting=True), seen) else []
    found = [(payment_key(day, is_paid=paid), _payment(day, is_paid=paid)) for day, paid in latest[:PAYMENTS_OFFERED]]
    return [("", _("All payments")), *waiting, *found]


def _payment(day: date, *, is_paid: bool) -> str:
    said = formats.day(day, form="long")
    return _("%(day)s, paid") % {"day": said} if is_paid else said
