"""What the payment file of a month holds, what the next hand-over adds, and what is left out, in words."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.programme.closes.models import Close
from academy.programme.closes.rules import Stage
from academy.programme.statements.orders.queries import Count, Waiting, counts, waiting
from academy.programme.statements.orders.rules import Place
from academy.web import formats
from academy.web.templates import url

MOST_NAMED = 50
NOTHING = Count()


def handing_over(close: Close) -> dict[str, Any]:
    """For the page of a close: sentences about the file, about the rest, the partners who are left out, and those who
    would be paid by details that whoever approved has not seen.
    """
    if close.stage not in (Stage.APPROVED, Stage.HANDED_OVER):
        return {"in_file": "", "rest": "", "left_out": [], "more_left_out": 0, "newer": [], "more_newer": 0}
    found = counts(close.pk)
    is_handed_over = close.stage == Stage.HANDED_OVER
    unchecked = found.get(Place.UNCHECKED, NOTHING).statements
    left = waiting(close.pk, Place.UNCHECKED, limit=MOST_NAMED) if unchecked else []
    newer = found.get(Place.READY, NOTHING).newer
    ready = waiting(close.pk, Place.READY, newer=True, limit=MOST_NAMED) if newer else []
    return {
        "newer": [{**_named(one), "payee": f"{one.legal_name}, {one.reference}"} for one in ready],
        "more_newer": max(newer - MOST_NAMED, 0),
        "in_file": _in_file(found.get(Place.IN_FILE, NOTHING)) if is_handed_over else "",
        "rest": _rest(found.get(Place.READY, NOTHING)) if is_handed_over else "",
        "left_out": [_named(one) for one in left],
        "more_left_out": unchecked - len(left),
    }


def _in_file(count: Count) -> str:
    """How many payments the file holds and why: what is paid is never in it."""
    if not count.statements:
        return _("The payment file holds nothing now.")
    said = ngettext(
        "The payment file holds %(num)s payment: what is not paid yet.",
        "The payment file holds %(num)s payments: what is not paid yet.",
        count.statements,
    ) % {"num": formats.number(count.statements)}
    if not count.came_back:
        return said
    back = ngettext(
        "%(num)s of them was paid before and came back.",
        "%(num)s of them were paid before and came back.",
        count.came_back,
    )
    return f"{said} {back % {'num': formats.number(count.came_back)}}"


def _rest(count: Count) -> str:
    """How many may be handed over now, and what to do about those that the provider may still pay elsewhere."""
    if not count.statements:
        return ""
    said = ngettext(
        "%(num)s more may be paid now: its payee details are checked.",
        "%(num)s more may be paid now: their payee details are checked.",
        count.statements,
    ) % {"num": formats.number(count.statements)}
    if not count.elsewhere:
        return said
    stop = ngettext(
        "%(num)s of them was handed over with earlier details: let the payment provider drop that payment first.",
        "%(num)s of them were handed over with earlier details: let the payment provider drop those payments first.",
        count.elsewhere,
    )
    return f"{said} {stop % {'num': formats.number(count.elsewhere)}}"


def _named(one: Waiting) -> dict[str, Any]:
    return {
        "name": one.name,
        "number": one.number,
        "href": url("studio-statement", one.number),
        "amount": formats.money(one.amount, one.currency),
        "elsewhere": one.elsewhere,
    }


def names_left_out(left: Sequence[Waiting]) -> str:
    """Who is left out, for the answer to handing over; empty when nobody is."""
    if not left:
        return ""
    named = ", ".join(one.name for one in left[:MOST_NAMED])
    if len(left) > MOST_NAMED:
        named = _("%(names)s and %(num)s more") % {"names": named, "num": formats.number(len(left) - MOST_NAMED)}
    return _("Left out until their payee details are checked: %(names)s.") % {"names": named}
