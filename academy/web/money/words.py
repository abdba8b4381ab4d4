"""Money in words: what a line is for, where it is, and when it is paid; working.py says how it was worked out.

The only places that say these things: page, CSV, API, mail and command line say them in the same words.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.programme.balance.accounts.rules import Account, Group, Overview, Run, Waits
from academy.programme.balance.rules import LineStands
from academy.programme.closes.rules import next_month
from academy.programme.commissions.rules import LineKind, LineState, Moved
from academy.programme.deals.late.rules import Late
from academy.web import formats, payments
from academy.web.deal_words import day_of, product_name


def kind(line: LineKind, *, is_correction: bool = False) -> str:
    """Why a line is there, in a word or two."""
    if is_correction:
        return _("Correction")
    return {
        LineKind.EARNED: _("Commission"),
        LineKind.REVERSED: _("Refund"),
        LineKind.ADJUSTED: _("Changed amount"),
    }[line]


def state_name(state: LineState) -> str:
    """The heading of all lines in a state."""
    return {
        LineState.ON_HOLD: _("On hold"),
        LineState.READY: _("Ready"),
        LineState.ON_ITS_WAY: _("On its way"),
        LineState.PAID: _("Paid"),
    }[state]


def state_of_line(stands: LineStands, run: Run | None, amount: int) -> str:
    """Where a line's money is, in one of the five words; what takes back is told as that. `run` is its planned payment,
    so that no statement is promised that will not pay it.
    """
    if amount < 0:
        return _("Taken back")
    paying = stands.statement or run
    return payments.line_state(stands, paying.month if paying else None)


def whereabouts(stands: LineStands, run: Run | None, amount: int, waits: Waits | None) -> str:
    """What goes with the state: why it is there, and what comes next; `waits` is what a person has to do before."""
    if stands.statement is not None:
        is_waiting = stands.state is LineState.READY and amount >= 0
        return payments.once(Waits.PAYEE if is_waiting else None, _named(stands, amount))
    if stands.month is None:
        return _("Imported history: it was owed then, and is not paid here")
    if run is None:
        if amount < 0:
            return _("No payment planned: it is set against what comes next")
        return _("No payment planned: it waits, it does not expire")
    payment = formats.day(run.pays_on)
    if amount < 0:
        return _("Off the payment of %(day)s") % {"day": payment}
    if stands.state is LineState.ON_HOLD:
        return payments.once(waits, _("The client may still cancel. Then paid on %(day)s") % {"day": payment})
    return payments.once(waits, _of_statement(run.month, run.pays_on, is_closed=False))


def _of_statement(month: date, pays_on: date, *, is_closed: bool) -> str:
    """The statement and its day; where that is not the month after, why a line is paid so late."""
    said = {"month": payments.month(month, year=False), "day": formats.day(pays_on)}
    if pays_on.replace(day=1) > next_month(month):
        if is_closed:
            return _("%(month)s statement, closed too late for its own pay day: paid on %(day)s") % said
        return _("%(month)s statement, not closed by its own pay day: paid on %(day)s") % said
    return _("%(month)s statement, paid on %(day)s") % said


def together(stands: LineStands, run: Run | None, amount: int) -> str:
    """What lines that are paid together have in common beside the day: their statement, their run. `amount` is what
    they come to.
    """
    named = stands.statement
    if stands.month is None:
        return _("imported history")
    if named is None:
        if stands.state is LineState.ON_HOLD:
            return _("clients may still cancel")
        return (
            _("%(month)s statement") % {"month": payments.month(run.month, year=False)}
            if run
            else _("set against what comes next")
            if amount < 0
            else _("it does not expire")
        )
    if named.paid_on is None and (named.came_back_on is not None or stands.state is LineState.ON_ITS_WAY):
        return payments.on_its_way_by(named)
    return _("%(month)s statement") % {"month": payments.month(named.month, year=False)}


def _named(stands: LineStands, amount: int) -> str:
    named = stands.statement
    assert named is not None
    month = {"month": payments.month(named.month, year=False)}
    if amount < 0 and named.paid_on is not None:
        return _("Off the payment of %(day)s, %(month)s statement") % {**month, "day": formats.day(named.paid_on)}
    if named.paid_on is not None:
        return _("%(month)s statement") % month
    if named.came_back_on is not None:
        again = {"day": formats.day(named.came_back_on), "next": formats.day(named.pays_on)}
        return _("The bank sent it back on %(day)s. It is paid again on %(next)s") % again
    if amount < 0:
        return _("Off the payment of %(day)s, %(month)s statement") % {**month, "day": formats.day(named.pays_on)}
    if stands.state is LineState.READY:
        return _of_statement(named.month, named.pays_on, is_closed=True)
    return _("Run of %(run)s, paid on %(day)s") % {
        "run": formats.day(named.runs_on),
        "day": formats.day(named.pays_on),
    }


def payment(pays_on: date | None, state: LineState) -> str:
    """The heading of lines that are paid together."""
    if pays_on is None:
        return _("No payment planned")
    day = formats.day(pays_on, form="long")
    return _("Paid on %(day)s") % {"day": day} if state is LineState.PAID else _("Payment of %(day)s") % {"day": day}


def on_hold_until(account: Account, today: date) -> str:
    """Until when lines are on hold: one day, or the first and the last."""
    held = [day.payable_on for day in account.days if day.payable_on > today]
    if len(held) < 2:
        return _("until %(day)s, the client may still cancel") % {"day": formats.day(held[0])} if held else ""
    return _("until %(first)s to %(last)s, clients may still cancel") % {
        "first": formats.day(held[0]),
        "last": formats.day(held[-1]),
    }


def ready_for(groups: Sequence[Group]) -> str:
    """For which statements lines are ready: one month's, or the first and the last of several."""
    months = sorted({one.month for one in groups if one.state is LineState.READY and one.month})
    if len(months) < 2:
        return _("%(month)s statement") % {"month": payments.month(months[0], year=False)} if months else ""
    first, last = (payments.month(one, year=False) for one in (months[0], months[-1]))
    return _("%(first)s to %(last)s statements") % {"first": first, "last": last}


def on_its_way_by(seen: Overview) -> str:
    """By which run lines are on their way, the first where there are several; what came back is told with its sum."""
    ways = [one for one in seen.groups if one.statement and one.state is LineState.ON_ITS_WAY]
    named = [(one.total.amount, one.statement.named) for one in ways if one.statement]
    runs = sorted((one for _amount, one in named if one.came_back_on is None), key=lambda one: one.runs_on)
    back = [(amount, one) for amount, one in named if one.came_back_on is not None]
    if len(named) == 1 and back:
        return payments.on_its_way_by(back[0][1])
    said = [payments.on_its_way_by(one) for one in runs[:1]]
    told = [(formats.money(amount, seen.account.currency), payments.on_its_way_by(one)) for amount, one in back]
    return "; ".join([*said, *(_("%(amount)s %(way)s") % {"amount": amount, "way": way} for amount, way in told)])


def rate_change(numbers: Mapping[str, Any]) -> str:
    """What a rate was and is: “11.50% → 12.08% for deals won since”."""
    return _("%(old)s → %(new)s for deals won since") % {
        "old": formats.percent(numbers["from"]),
        "new": formats.percent(numbers["to"]),
    }


# What a line is for


def what(
    line: LineKind,
    *,
    is_correction: bool,
    product: str,
    at: datetime,
    currency: str,
    moved: Moved | None,
    before: Moved | None,
    came_later: int = 0,
    late: Late | None = None,
) -> str:
    """What a line is for, beside its client: the product, or what happened to the deal and when.

    `came_later` is what an earned line was worked out from where its deal was worth nothing when it was won; `late` is
    how late it was told what happened.
    """
    day = day_of(at, late)
    if is_correction:
        return _("Corrected by SISO on %(day)s") % {"day": day}
    if came_later:
        return _changed(0, came_later, currency, day)
    if moved is None or before is None:
        return product_name(product)
    if line is LineKind.REVERSED:
        amount = formats.money(moved.refunded - before.refunded, currency)
        return _("Refund of %(amount)s on %(day)s") % {"amount": amount, "day": day}
    return _changed(before.amount, moved.amount, currency, day)


def _changed(old: int, new: int, currency: str, day: str) -> str:
    return _("Changed from %(old)s to %(new)s on %(day)s") % {
        "old": formats.money(old, currency),
        "new": formats.money(new, currency),
        "day": day,
    }
