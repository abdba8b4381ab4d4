"""The sums of Earnings in words: the next payment, each state, what is chosen. Each says which lines it is of."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission, exponent
from academy.programme.balance.accounts.rules import Overview, Total, added_up
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.rules import Wanted, groups, total
from academy.programme.standing.queries import Stands
from academy.web import formats
from academy.web.deal_words import product_name
from academy.web.money import words
from academy.web.money.rows import lines_of
from academy.web.money.states import states
from academy.web.templates import url

ROUND_DEAL = 1_000
PAYMENTS_OFFERED = 36
WAITING, PAID = "waiting", "-paid"


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


def next_payment(seen: Overview) -> dict[str, Any]:
    """The next payment: its date before its sum, and what stands in its way."""
    it = seen.next
    return {
        "label": words.next_payment(it),
        "short": words.next_payment(it, form="short"),
        "is_planned": it.date is not None,
        "amount": formats.money(it.amount, it.currency),
        "why": words.why_waiting(it),
        "meta": _of_which(seen),
        "href": f"{url('earnings')}?payment={it.date or WAITING}" if it.amount else "",
    }


def _of_which(seen: Overview) -> str:
    """How many lines the next payment is of, and what of it is on its way, or may still be cancelled by the client."""
    sums = {state: added_up(one for one in seen.coming if one.state is state) for state in LineState}
    whole, way, held = added_up(seen.coming), sums[LineState.ON_ITS_WAY], sums[LineState.ON_HOLD]
    if not whole.lines:
        return ""
    said = {"lines": lines_of(whole)}
    if way.lines == whole.lines:
        return _("%(lines)s, on its way") % said
    if way.lines:
        return _("%(lines)s; of it %(amount)s is on its way") % {**said, "amount": _money(seen, way)}
    if held.lines:
        until = max(one.until for one in seen.coming if one.state is LineState.ON_HOLD)
        last = max(day.payable_on for day in seen.account.days if day.payable_on <= until)
        words_ = _("%(lines)s; of it %(amount)s is on hold until %(day)s")
        return words_ % {**said, "amount": _money(seen, held), "day": formats.day(last)}
    return _("%(lines)s, ready") % said


def _money(seen: Overview, total: Total) -> str:
    return formats.money(total.amount, seen.account.currency)


def by_state(seen: Overview) -> list[dict[str, Any]]:
    """Each state with its own sum; of what is paid, that of this year."""

    def address(wanted: Wanted) -> str:
        year = f"&year={wanted.year}" if wanted.year else ""
        return f"{url('earnings')}?state={wanted.state}{year}"

    return states(seen, address, paid_in=seen.calendar.today.year)


def offered(seen: Overview) -> list[tuple[str, str]]:
    """The payments to choose from by their days, the latest first: what is planned, what comes, what was paid."""
    days = {(one.pays_on, one.is_paid) for one in seen.groups if one.pays_on is not None}
    latest = sorted(days, key=lambda it: (it[0], not it[1]), reverse=True)
    waiting = [(WAITING, _("No payment planned"))] if groups(Wanted(waiting=True), seen) else []
    found = [(payment_key(day, is_paid=paid), _payment(day, is_paid=paid)) for day, paid in latest[:PAYMENTS_OFFERED]]
    return [("", _("All payments")), *waiting, *found]


def payment_key(day: date, *, is_paid: bool) -> str:
    """How an address names the payments of a day: 2026-12-05, or 2026-12-05-paid once they are over."""
    return f"{day}{PAID}" if is_paid else f"{day}"


def _payment(day: date, *, is_paid: bool) -> str:
    said = formats.day(day, form="long")
    return _("%(day)s, paid") % {"day": said} if is_paid else said


def chosen(seen: Overview, wanted: Wanted) -> dict[str, str] | None:
    """What the lines that are asked for come to; None where they are in several states."""
    found = total(wanted, seen)
    if found is None:
        return None
    name = words.state_name(wanted.state) if wanted.state else ""
    if wanted.year:
        name = _("Paid in %(year)s") % {"year": wanted.year}
    if wanted.waiting or wanted.day:
        of_day = words.payment(wanted.day, LineState.PAID if wanted.is_paid else LineState.ON_ITS_WAY)
        name = f"{name} · {of_day}" if name else of_day
    return {"name": name, "amount": _money(seen, found), "count": lines_of(found)}
