"""The next payment in words, with the lines that it is the sum of: on Home, Earnings, Statements and in the studio."""

from typing import Any

from django.utils.translation import gettext as _

from academy.programme.balance.accounts.rules import Overview, Total, Waits, added_up
from academy.programme.commissions.rules import LineState
from academy.web import formats, payments
from academy.web.money.asked import Address, Asked
from academy.web.money.rows import lines_of


def next_payment(seen: Overview, address: Address) -> dict[str, Any]:
    """Its date before its sum, or what stands in its way, in one sentence; how many lines that is of.

    `href` is where they are shown, empty where there is no line.
    """
    it = seen.next
    return {
        "says": payments.next_payment(it),
        "is_planned": it.is_planned,
        "meta": _of_which(seen),
        "href": "" if it.waits is Waits.NOTHING or _nothing_was_owed(seen) else address(Asked.next_of(it)),
    }


def _nothing_was_owed(seen: Overview) -> bool:
    return seen.calendar.is_past and not seen.in_state(LineState.READY).lines


def _of_which(seen: Overview) -> str:
    """How many lines the next payment is of, and what of it is on its way, or may still be cancelled by the client."""
    sums = {state: added_up(one for one in seen.coming if one.state is state) for state in LineState}
    whole, way, held = added_up(seen.coming), sums[LineState.ON_ITS_WAY], sums[LineState.ON_HOLD]
    if not whole.lines:
        waiting = added_up(one for one in seen.groups if not one.is_paid)
        if seen.calendar.is_past:  # what was on hold then is told beside it
            waiting = seen.in_state(LineState.READY)
        return _("%(lines)s, no payment planned") % {"lines": lines_of(waiting)}
    said = {"lines": lines_of(whole)}
    if way.lines == whole.lines:
        return _("%(lines)s, on its way") % said
    if way.lines:
        return _("%(lines)s; of it %(amount)s is on its way") % {**said, "amount": _money(seen, way)}
    if held.lines:
        until = max(one.until for one in seen.coming if one.state is LineState.ON_HOLD)
        last = max(day.payable_on for day in seen.account.days if day.payable_on <= until)
        if held.lines == whole.lines:
            return _("%(lines)s, on hold until %(day)s") % {**said, "day": formats.day(last)}
        part = _("%(lines)s; of it %(amount)s is on hold until %(day)s")
        return part % {**said, "amount": _money(seen, held), "day": formats.day(last)}
    return _("%(lines)s, ready") % said


def _money(seen: Overview, total: Total) -> str:
    return formats.money(total.amount, seen.account.currency)
