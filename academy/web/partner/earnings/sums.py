"""The sums of Earnings in words: the next payment, each state, what is chosen. Each says which lines it is of."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission, exponent
from academy.programme.balance.rules import Total, by_state, paid_in
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.queries import Overview, which_of
from academy.programme.earnings.rules import Wanted, total
from academy.programme.standing.queries import Stands
from academy.web import formats, payments
from academy.web.deal_words import product_name
from academy.web.money import words
from academy.web.money.rows import lines_of
from academy.web.templates import url

ROUND_DEAL = 1_000
PAYMENTS_OFFERED = 36
WAITING = "waiting"


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
        "href": f"{url('earnings')}?payment={_month_of_next(seen)}" if it.amount else "",
    }


def _month_of_next(seen: Overview) -> str:
    if seen.next.date is None:
        return WAITING
    made = seen.made_next
    return f"{made.named.month if made else seen.runs[0].month:%Y-%m}"


def _of_which(seen: Overview) -> str:
    """How many lines the next payment is of, and what of it the client may still cancel."""
    made = seen.made_next
    if made is not None:
        return _("%(lines)s, on its way") % {"lines": lines_of(Total(made.amount, made.lines))}
    if seen.next.date is None:
        return ""
    run, today = seen.runs[0], seen.calendar.today
    count = lines_of(Total(run.amount, run.lines))
    held = [day for day in seen.account.days if today < day.payable_on <= run.until]
    if not held:
        return _("%(lines)s, ready") % {"lines": count}
    return _("%(lines)s; of it %(amount)s is on hold until %(day)s") % {
        "lines": count,
        "amount": formats.money(sum(day.amount for day in held), seen.account.currency),
        "day": formats.day(held[-1].payable_on),
    }


def states(seen: Overview) -> list[dict[str, Any]]:
    """Each state with its own sum, which is that of the lines it opens. They are never added together."""
    today = seen.calendar.today
    sums = by_state(seen.account, today)
    found = [
        _state(seen, sums[state], name=words.state_name(state), key=f"sum-{state}", query=f"state={state}", more=more)
        for state, more in (
            (LineState.ON_HOLD, words.on_hold_until(seen.account, today)),
            (LineState.READY, words.ready_for(seen.runs)),
            (LineState.ON_ITS_WAY, words.on_its_way_by(seen.account)),
        )
    ]
    query = f"state={LineState.PAID}&year={today.year}"
    paid = paid_in(seen.account, today.year)
    return [*found, _state(seen, paid, name=_("Paid this year"), key="sum-paid", query=query, more="")]


def _state(seen: Overview, sum_: Total, *, name: str, key: str, query: str, more: str) -> dict[str, Any]:
    return {
        "name": name,
        "key": key,
        "sum": formats.money(sum_.amount, seen.account.currency),
        "meta": " · ".join(part for part in (lines_of(sum_), more) if part) if sum_.lines else _("nothing now"),
        "href": f"{url('earnings')}?{query}" if sum_.lines else "",
    }


def offered(seen: Overview) -> list[tuple[str, str]]:
    """The payments to choose from, by their months: the latest planned one first, then back through the statements."""
    planned = [(run.month, run.pays_on) for run in reversed(seen.runs)]
    made = [(one.named.month, one.named.paid_on or one.named.pays_on) for one in seen.account.statements]
    found = [(f"{month:%Y-%m}", _day(day)) for month, day in (*planned, *made)[:PAYMENTS_OFFERED]]
    rest = total(which_of(Wanted(waiting=True), seen), seen.account)
    waiting = [(WAITING, _("No payment planned"))] if rest and rest.lines else []
    return [("", _("All payments")), *waiting, *found]


def _day(day: date) -> str:
    return formats.day(day, form="long")


def _of_month(seen: Overview, month: date) -> str:
    """The payment of a month's statement, by its day where one is made or planned."""
    if day := dict(offered(seen)).get(f"{month:%Y-%m}"):
        return _("Payment of %(day)s") % {"day": day}
    return _("%(month)s statement") % {"month": payments.month(month, year=False)}


def chosen(seen: Overview, wanted: Wanted) -> dict[str, str] | None:
    """What the lines that are asked for come to; None where they are in several states."""
    found = total(which_of(wanted, seen), seen.account)
    if found is None:
        return None
    name = words.state_name(wanted.state) if wanted.state else ""
    if wanted.year:
        name = _("Paid in %(year)s") % {"year": wanted.year}
    if wanted.waiting or wanted.month:
        of_day = _("No payment planned") if wanted.waiting else _of_month(seen, wanted.month or date.min)
        name = f"{name} · {of_day}" if name else of_day
    return {"name": name, "amount": formats.money(found.amount, seen.account.currency), "count": lines_of(found)}
