"""Commission lines as rows of a list, for the partner's page, the studio and the file: the same words everywhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import ngettext

from academy.programme.balance.accounts.rules import Group, Overview, Run, Total, added_up
from academy.programme.commissions.rules import LineKind, LineState
from academy.programme.deals.late.rules import late_win
from academy.programme.earnings.queries import Row
from academy.web import formats, payments
from academy.web.deal_words import is_late
from academy.web.money import words

TONES = {
    LineState.ON_HOLD: "",
    LineState.READY: "good",
    LineState.ON_ITS_WAY: "good",
    LineState.PAID: "good",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A line in words. `priced` and the rate beside it multiply to the amount; empty where another sum is told.
    `counts_from` is told where the deal was won on an earlier day.
    """

    id: UUID
    client: str
    what: str
    won_at: datetime
    counts_from: datetime | None
    priced: str
    rate: str
    amount: str
    state: str
    tone: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Section:
    """Lines that stand together: when they are paid, what they share, what they all come to, and those shown here.

    Where more than they are paid on that day they are a part of it: `day` names it once, with the sum of all, and the
    title is their state. `goes_on`: the page before ends with some of them, and `day_goes_on` with that day: what heads
    them need not be said again where both pages stand under each other.
    """

    key: str
    title: str
    meta: str
    sum: str
    rows: Sequence[Shown]
    is_part: bool = False
    day: str = ""
    day_sum: str = ""
    goes_on: bool = False
    day_goes_on: bool = False


def shown(row: Row, run: Run | None) -> Shown:
    """A line in words; `run` is its planned payment."""
    is_earned, late = row.kind is LineKind.EARNED, late_win(row.late)
    return Shown(
        id=row.id,
        client=row.client,
        what=what(row),
        won_at=row.happened_at,
        counts_from=row.won_at if late is not None and is_late(late) else None,
        priced=formats.money(row.priced, row.currency) if is_earned else "",
        rate="" if row.is_correction else formats.percent(row.rate),
        amount=formats.money(row.amount, row.currency),
        state=words.state_of_line(row.stands, run, row.amount),
        tone="" if row.amount < 0 else TONES[row.stands.state],
        is_asked=row.is_asked,
    )


def what(row: Row) -> str:
    """What a line is for."""
    came_later = row.kind is LineKind.EARNED and row.effective_at > row.won_at
    return words.what(
        row.kind,
        is_correction=row.is_correction,
        product=row.product,
        at=row.effective_at,
        currency=row.currency,
        moved=row.moved,
        before=row.before,
        came_later=row.priced if came_later else 0,
        late=row.told_late,
    )


def sections(rows: Iterable[Row], seen: Overview, *, after: date | None = None) -> list[Section]:
    """Rows of a page by payment, the last first. A section's sum is that of all of its lines, also on other pages.

    A line that was told of long after its days stands with those that it is paid with, not among those of its days.
    `after`: from when the last line of the page before may be paid; None on the first.
    """
    of_group: dict[Group, list[Row]] = {}
    for row in rows:
        of_group.setdefault(seen.group_of(row.stands), []).append(row)
    found: list[Section] = []
    above: Group | None = None
    for it in sorted(of_group, key=_last_first):
        told = _section(it, of_group[it], seen, is_first=above is None or _payment(above) != _payment(it))
        before = _group_on(after, seen) if above is None else None
        if before is not None:
            told = replace(told, goes_on=it == before, day_goes_on=_payment(it) == _payment(before))
        found.append(told)
        above = it
    return found


def _group_on(day: date | None, seen: Overview) -> Group | None:
    """The lines that stand together with those which may be paid from a day on."""
    return next((one for one in seen.groups if day is not None and one.since <= day <= one.until), None)


def _last_first(it: Group) -> tuple[int, bool]:
    """The order of payments on a page: none planned, then by their days, the last first. What is equal stays so."""
    return (-it.pays_on.toordinal() if it.pays_on else -date.max.toordinal() - 1, it.is_paid)


def _payment(it: Group) -> tuple[date | None, bool]:
    """What sets a payment apart from others: its day, and whether it is over."""
    return it.pays_on, it.is_paid


def _section(it: Group, rows: Sequence[Row], seen: Overview, *, is_first: bool) -> Section:
    day, state = _paid_on(it, [it], seen), words.state_name(it.state)
    about = [words.together(rows[0].stands, it.run, it.total.amount), lines_of(it.total)]
    together = [one for one in seen.groups if _payment(one) == _payment(it)]
    told = Section(
        key=f"{it.state}-{rows[0].id}",
        title=day,
        meta=" · ".join([state, *about]),
        sum=formats.money(it.total.amount, seen.account.currency),
        rows=[shown(row, it.run) for row in rows],
    )
    if len(together) == 1:
        return told
    told = replace(told, title=state, meta=" · ".join(about), is_part=True)
    of_day = formats.money(added_up(together).amount, seen.account.currency)
    return replace(told, day=_paid_on(it, together, seen), day_sum=of_day) if is_first else told


def _paid_on(it: Group, together: Sequence[Group], seen: Overview) -> str:
    """The day on which lines are paid together, with what a person has to do before."""
    return payments.once(seen.in_the_way(together), words.payment(it.pays_on, it.state))


def lines_of(total: Total) -> str:
    """How many lines a sum is of."""
    return ngettext("%(count)s line", "%(count)s lines", total.lines) % {"count": formats.number(total.lines)}
