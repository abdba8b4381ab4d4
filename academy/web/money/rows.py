"""Commission lines as rows of a list, for the partner's page, the studio and the file: the same words everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.utils.translation import ngettext

from academy.programme.balance.rules import Total, run_of
from academy.programme.commissions.rules import LineKind, LineState
from academy.programme.earnings.queries import Overview, Row
from academy.programme.earnings.rules import Group, group_of
from academy.web import formats
from academy.web.money import words

TONES = {
    LineState.ON_HOLD: "",
    LineState.READY: "good",
    LineState.ON_ITS_WAY: "good",
    LineState.PAID: "good",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words. `priced` and the rate beside it multiply to the amount; empty where another sum is told."""

    id: UUID
    client: str
    what: str
    won_at: datetime
    priced: str
    rate: str
    amount: str
    state: str
    tone: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that stand together: when they are paid, what they share, what they all come to, and those shown here."""

    key: str
    title: str
    meta: str
    sum: str
    rows: Sequence[Shown]


def shown(row: Row) -> Shown:
    """A line in words."""
    is_earned = row.kind is LineKind.EARNED
    return Shown(
        id=row.id,
        client=row.client,
        what=words.what(
            row.kind,
            is_correction=row.is_correction,
            product=row.product,
            at=row.effective_at,
            currency=row.currency,
            moved=row.moved,
            before=row.before,
        ),
        won_at=row.won_at,
        priced=formats.money(row.priced, row.currency) if is_earned else "",
        rate="" if row.is_correction else formats.percent(row.rate),
        amount=formats.money(row.amount, row.currency),
        state=words.state_of_line(row.stands, row.amount),
        tone="" if row.amount < 0 else TONES[row.stands.state],
        is_asked=row.is_asked,
    )


def sections(rows: Iterable[Row], seen: Overview) -> list[Section]:
    """Rows of a page by payment, in their order. A section's sum is that of all of its lines, also on other pages."""

    def group(row: Row) -> Group:
        return group_of(row.stands, seen.account, seen.runs, seen.calendar.today)

    return [_section(it, list(of_it), seen) for it, of_it in groupby(rows, key=group)]


def _section(it: Group, rows: Sequence[Row], seen: Overview) -> Section:
    stands = rows[0].stands
    run = run_of(seen.runs, stands.payable_on) if stands.statement is None else None
    meta = (words.state_name(it.state), words.together(stands, run), lines_of(it.total))
    return Section(
        key=f"{it.state}-{rows[0].id}",
        title=words.payment(it.pays_on, it.state),
        meta=" · ".join(meta),
        sum=formats.money(it.total.amount, seen.account.currency),
        rows=[shown(row) for row in rows],
    )


def lines_of(total: Total) -> str:
    """How many lines a sum is of."""
    return ngettext("%(count)s line", "%(count)s lines", total.lines) % {"count": formats.number(total.lines)}
