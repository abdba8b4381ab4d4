"""A statement as rows of a spreadsheet: its lines, then the bridge to them; both add up to its amount."""

from academy.core.money import Money, percent
from academy.programme.statements.queries import Line, Opened, Shown
from academy.web import payments
from academy.web.money import words
from academy.web.statement_parts import before_words, since

COLUMNS = (
    *("statement", "month", "part", "client", "product", "kind", "won_or_changed_on", "payable_on"),
    *("deal_amount", "rate_percent", "amount", "currency", "state", "earned_on", "carried_over"),
)
LINE, BRIDGE = "line", "bridge"
"""The two values of the column `part`, for whoever filters by it."""


def sheet(shown: Shown, rests_on: Opened) -> list[list[object]]:
    """The heading and every row. Days are those of the programme; a first month has no bridge."""
    rows: list[list[object]] = [list(COLUMNS)]
    rows += [
        [*_row(shown, LINE, _line(one, shown), one.amount), one.earned_on, "yes" if one.known else "no"]
        for one in rests_on.lines
    ]
    if (before := rests_on.before) is not None:
        steps = [(before_words(before), before.paid), *payments.bridge(rests_on.bridge)]
        rows += [[*_row(shown, BRIDGE, _step(said), amount), "", ""] for said, amount in steps]
    return rows


def _row(shown: Shown, part: str, said: list[object], amount: int) -> list[object]:
    begins = [shown.number, f"{shown.month:%Y-%m}", part]
    state = payments.statement_state(shown)
    return [*begins, *said, Money(amount, shown.currency).decimal(), shown.currency, state]


def _line(one: Line, shown: Shown) -> list[object]:
    kind = words.kind(one.kind, is_correction=one.is_correction)
    days = [since(one, shown).isoformat(), one.payable_on.isoformat()]
    deal = f"{Money(one.deal_amount, shown.currency).decimal():f}" if one.deal_amount else ""
    return [one.client, one.product, kind, *days, deal, percent(one.rate)]


def _step(words: str) -> list[object]:
    return ["", "", words, "", "", "", ""]
