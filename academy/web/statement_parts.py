"""What finance and partners both see of a statement: its lines and its bridge, in words."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from academy.programme.statements.queries import Before, Line, Opened, Shown
from academy.web import formats, payments
from academy.web.money import words


def since(one: Line, shown: Shown) -> date:
    """The day from which a line counts, where the programme is: the same for whoever reads, wherever that is."""
    return one.effective_at.astimezone(ZoneInfo(shown.zone)).date()


def line(one: Line, shown: Shown) -> dict[str, Any]:
    """A line of a statement: what it is, of which deal, and how it comes to its amount."""
    currency, arithmetic = shown.currency, ""
    if one.deal_amount:
        deal, rate = formats.money(one.deal_amount, currency), formats.percent(one.rate)
        arithmetic = _("%(amount)s × %(rate)s") % {"amount": deal, "rate": rate}
    elif not one.is_correction:
        arithmetic = _("at %(rate)s") % {"rate": formats.percent(one.rate)}
    return {
        "id": one.id,
        "kind": words.kind(one.kind, is_correction=one.is_correction),
        "is_bad": one.amount < 0,
        "client": one.client,
        "product": one.product,
        "since": since(one, shown),
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
    return [
        {"label": before_words(before), "value": formats.money(before.paid, shown.currency), "kind": "was"},
        *(
            {"label": said, "value": formats.money(amount, shown.currency, signed=True)}
            for said, amount in payments.bridge(rests_on.bridge)
        ),
        {
            "label": payments.month(shown.month),
            "value": formats.money(shown.amount, shown.currency),
            "kind": "total",
        },
    ]


def before_words(before: Before) -> str:
    """Where a bridge begins: the month before, and the statement that paid it."""
    words = _("%(month)s, paid by %(number)s") if before.number else _("%(month)s, nothing paid")
    return words % {"month": payments.month(before.month), "number": before.number}
