"""What finance and partners both see of a statement: its lines and its bridge, in words."""

from typing import Any

from django.utils.translation import gettext as _

from academy.programme.statements.queries import Line, Opened, Shown
from academy.web import formats, payments


def line(one: Line, currency: str) -> dict[str, Any]:
    """A line of a statement: what it is, of which deal, and how it comes to its amount."""
    arithmetic = ""
    if one.deal_amount:
        deal, rate = formats.money(one.deal_amount, currency), formats.percent(one.rate)
        arithmetic = _("%(amount)s × %(rate)s") % {"amount": deal, "rate": rate}
    elif not one.is_correction:
        arithmetic = _("at %(rate)s") % {"rate": formats.percent(one.rate)}
    return {
        "id": one.id,
        "kind": payments.line_kind(one.kind, is_correction=one.is_correction),
        "is_bad": one.amount < 0,
        "client": one.client,
        "product": one.product,
        "at": one.effective_at,
        "payable_on": one.payable_on,
        "arithmetic": arithmetic,
        "earned_on": one.earned_on,
        "carried": one.known,
        "amount": formats.money(one.amount, currency),
    }


def bridge(shown: Shown, rests_on: Opened) -> list[dict[str, Any]] | None:
    """The steps from what last month paid to this month; None where there was no month before."""
    before = rests_on.before
    if before is None:
        return None
    words = _("%(month)s, paid by %(number)s") if before.number else _("%(month)s, nothing paid")
    start = words % {"month": payments.month(before.month), "number": before.number}
    return [
        {"label": start, "value": formats.money(before.paid, shown.currency), "kind": "was"},
        *(
            {"label": payments.cause(cause), "value": formats.money(amount, shown.currency, signed=True)}
            for cause, amount in rests_on.bridge
        ),
        {
            "label": payments.month(shown.month),
            "value": formats.money(shown.amount, shown.currency),
            "kind": "total",
        },
    ]
