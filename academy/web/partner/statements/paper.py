"""A statement on paper: PDF/UA by Typst, the same words as on the page. It says that it is no invoice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.programme.statements.queries import Opened, Shown
from academy.programme.statements.rules import Outcome
from academy.recognition.certificates.render import typeset
from academy.web import formats, payments
from academy.web.statement_parts import bridge, line

TEMPLATE = Path(__file__).parent / "statement.typ"


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement, the legal name that it pays, empty where nobody has checked one, and what it rests on."""

    shown: Shown
    payee: str
    rests_on: Opened


def render(paper: Paper) -> bytes:
    """The PDF, in the active language. Raises Refused when no font of this machine has a letter of it."""
    shown = paper.shown
    at = shown.made_at or datetime.combine(shown.month, time(), UTC)
    return typeset(TEMPLATE, _said(paper), at)


def _said(paper: Paper) -> dict[str, object]:
    """Everything on the page, as text."""
    shown = paper.shown
    title = _("Statement %(month)s") % {"month": payments.month(shown.month)}
    return {
        "lang": (get_language() or "en").split("-")[0],
        "document_title": f"{title} · {shown.partner_name}",
        "description": _("Commission statement %(number)s of SISO Academy") % {"number": shown.number},
        "title": title,
        "no_invoice": _("This is no invoice."),
        "facts": [
            {"label": label, "value": value}
            for label, value in (
                (_("Number"), shown.number),
                (_("Partner"), shown.partner_name),
                (_("Payee"), paper.payee or payments.outcome(Outcome.PAYEE)),
                (_("State"), payments.statement_state(shown)),
            )
        ],
        "amount_label": _("Amount"),
        "amount": formats.money(shown.amount, shown.currency),
        "heads": [_("Client"), _("What"), _("Since"), _("Arithmetic"), _("Amount")],
        "lines": [_line(one) for one in (line(row, shown) for row in paper.rests_on.lines)],
        "sum_label": _("Sum of the lines"),
        "bridge_title": _("Why not the same as last month"),
        "bridge": bridge(shown, paper.rests_on) or [],
        "page": _("Page"),
    }


def _line(shown: Mapping[str, Any]) -> Sequence[object]:
    since = formats.day(shown["since"], form="medium")
    return [shown["client"], _what(shown), since, shown["arithmetic"], shown["amount"]]


def _what(shown: Mapping[str, Any]) -> str:
    """What a line is, on which other statement its deal was earned, and whether a month before looked at it."""
    said = [shown["kind"]]
    if shown["earned_on"]:
        said.append(_("earned on %(number)s") % {"number": shown["earned_on"]})
    if shown["carried"]:
        said.append(_("carried over"))
    return ", ".join(said)
