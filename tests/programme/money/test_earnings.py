"""Earnings: every headline is the sum of the lines that it opens, whatever happened before; rates multiply by hand."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from uuid import UUID

import pytest

from academy.core.errors import Forbidden, NotFound, Refused
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.balance.accounts.queries import overview_then
from academy.programme.balance.accounts.rules import Overview
from academy.programme.closes.models import Close
from academy.programme.closes.queries import closable_months
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.commissions.rules import LineKind, LineState, Moved
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.earnings.queries import Row, lines, overview, payments_of
from academy.programme.earnings.rules import ALL, Wanted, total
from academy.programme.payouts.actions import came_back
from academy.programme.standing.queries import Stands, stands
from academy.programme.statements.models import Statement

from ...chance import CURRENCIES, PRODUCTS, a_value, seeds
from ...factories import a_partner
from ...worlds import World, a_colleague, a_report, days, refund, win
from ..closing.months import APRIL, a_house, after, close_month, collect, sign

pytestmark = pytest.mark.django_db


def where(world: World) -> Stands:
    found = stands(world.partner)
    assert found is not None
    return found


def seen(world: World, at: datetime) -> Overview:
    return overview(world.owner, where(world), at)


def every(world: World, it: Overview, wanted: Wanted, limit: int = 3) -> list[Row]:
    """All lines that are wanted, read page by page."""
    rows: list[Row] = []
    cursor = None
    while True:
        cut = lines(world.owner, world.partner, it, wanted, cursor=cursor, limit=limit)
        rows += cut.items
        cursor = cut.next
        if cursor is None:
            return rows


def a_month(world: World, chance: random.Random, at: datetime, deals: dict[UUID, int]) -> datetime:
    """Deals, credits, refunds in parts, changed amounts and corrections, all at moments of one month; the last one."""
    for _ in range(chance.randint(1, 6)):
        at += timedelta(days=chance.randint(0, 5), minutes=chance.randint(1, 600))
        sell = partial(win, world.partner, product=chance.choice(PRODUCTS), currency=world.currency)
        what = chance.random()
        if deals and what < 0.25:
            deal = chance.choice(list(deals))
            part = chance.randint(1, deals[deal])
            refund(deal, part, at=at, currency=world.currency)
            deals[deal] -= part
            if not deals[deal]:
                del deals[deal]
        elif deals and what < 0.35:
            line = CommissionLine.objects.get(deal=chance.choice(list(deals)), kind=LineKind.EARNED)
            correct_line(THE_HOUSE, line.pk, chance.choice([-700, 1, 2_500]), reason="It was wrong.", now=at)
        elif what < 0.45:
            sell(-chance.randint(1, 60_000), at=at)
        else:
            amount = a_value(chance, 400_000)
            deal = sell(amount, at=at)
            deals |= {deal: amount} if amount else {}
    return at


@pytest.mark.parametrize("seed", seeds(8))
def test_every_headline_is_the_sum_of_the_lines_it_opens(now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    world = a_house(now, hold_days=chance.choice([0, 7, 30, 45]), currency=chance.choice(CURRENCIES))
    deals: dict[UUID, int] = {}
    at, then = now, {}
    for month in (date(2026, number, 1) for number in range(3, 8)):
        last = a_month(world, chance, at, deals)
        agree(world, at + days(chance.randint(0, 40)))
        if chance.random() < 0.8 and may_close(world, month):
            close_month(world, month, pay=chance.random() < 0.7)
        at = max(last, after(month, 6)) + days(1)
        agree(world, at)
        then[at] = seen(world, at)
    for at, it in then.items():  # the past is told as it was when it was the present
        assert overview_then(where(world), it.calendar.plan, at) == it


def may_close(world: World, month: date) -> bool:
    """Whether the month is the next one to be closed."""
    last = Close.objects.order_by("-month").values_list("month", flat=True).first()
    return month in closable_months(world.programme, last, after(month))[:1]


def agree(world: World, at: datetime) -> None:
    it = seen(world, at)
    today = it.calendar.today
    rows = every(world, it, Wanted())
    written = CommissionLine.objects.filter(partner=world.partner).order_by("-payable_on", "-id")
    assert [row.id for row in rows] == list(written.values_list("pk", flat=True))
    wanted = [Wanted(state=state) for state in LineState]
    wanted += [Wanted(waiting=True), Wanted(state=LineState.PAID, year=today.year), Wanted(year=1999)]
    for group in it.groups:
        if group.pays_on is not None:
            wanted += [Wanted(state, day=group.pays_on, is_paid=group.is_paid) for state in (None, *LineState)]
    for one in wanted:
        opens = every(world, it, one)
        told = total(one, it)
        assert told is not None, one
        assert (told.amount, told.lines) == (sum(row.amount for row in opens), len(opens)), one
    for group in it.groups:
        mine = [row.amount for row in rows if group.has(row.stands)]
        assert (group.total.amount, group.total.lines) == (sum(mine), len(mine))
    assert sum(group.total.lines for group in it.groups) == len(rows)
    headline = Wanted(day=it.next.date) if it.next.date else Wanted(waiting=True)
    assert it.next.amount == sum(row.amount for row in every(world, it, headline))
    assert total(ALL, it) is None  # states are never added together


def test_the_printed_rate_times_the_amount_is_the_commission(now: datetime) -> None:
    world = a_house(now)
    for amount in (1_840_000, 999, 12_345, 1, 50_005):
        win(world.partner, amount, at=now)
    for row in every(world, seen(world, now), Wanted()):
        by_hand = Decimal(row.priced) * Decimal(row.rate) / 10_000
        assert row.amount == int(by_hand.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_a_line_tells_what_happened_to_its_deal(now: datetime) -> None:
    world = a_house(now)
    deal = win(world.partner, 100_000, at=now, client="Oakline")
    report_deal(THE_HOUSE, a_report(world.partner, 120_000, at=now, deal=deal, client="Oakline"), now=now + days(1))
    refund(deal, 30_000, at=now + days(2))
    refund(deal, 20_000, at=now + days(3))
    rows = sorted(every(world, seen(world, now + days(4)), Wanted()), key=lambda row: (row.effective_at, row.id))
    told = [
        (row.kind, row.amount, row.priced, row.moved and row.moved.refunded, row.before and row.before.refunded)
        for row in rows
    ]
    assert told == [
        (LineKind.EARNED, 10_000, 100_000, None, None),
        (LineKind.ADJUSTED, 2_000, 0, 0, 0),
        (LineKind.REVERSED, -3_000, 0, 30_000, 0),
        (LineKind.REVERSED, -2_000, 0, 50_000, 30_000),
    ]
    assert (rows[1].before, rows[1].moved, rows[1].client) == (
        Moved(100_000, 0, 0),
        Moved(120_000, 0, 10_000),
        "Oakline",
    )


def test_while_a_month_is_checked_its_lines_are_still_planned_for_it(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    before = seen(world, after(APRIL, 2)).next
    collect(world, APRIL)
    assert seen(world, after(APRIL)).next == before
    assert before.date == date(2026, 5, 5)


def test_a_statement_and_what_is_planned_for_its_day_are_one_payment(now: datetime) -> None:
    """The house is late: April is closed in June, and May, which is not, will be paid on the same day."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(world.partner, 100_000, at=now + days(40))
    late = datetime(2026, 6, 20, 9, tzinfo=UTC)
    sign(collect(world, APRIL, now=late), now=late)
    it = seen(world, late)
    day = date(2026, 7, 5)
    assert [(one.state, one.pays_on, one.total.amount) for one in it.coming] == [
        (LineState.READY, day, 10_000),
        (LineState.ON_ITS_WAY, day, 20_000),
    ]
    assert (it.next.date, it.next.amount, it.next.is_made) == (day, 30_000, False)
    opens = every(world, it, Wanted(day=day))
    assert [row.amount for row in opens] == [10_000, 20_000]
    assert every(world, it, Wanted(LineState.READY, day=day)) == opens[:1]


def test_a_payment_that_came_back_is_told(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    line = CommissionLine.objects.get()
    assert [(one.paid_on, one.returned_on) for one in payments_of(line.pk)] == [(date(2026, 5, 5), None)]
    came_back(
        THE_HOUSE, Statement.objects.get().pk, returned_on=date(2026, 5, 6), reason="Closed.", now=after(APRIL, 7)
    )
    (again,) = payments_of(line.pk)
    assert (again.returned_on, again.reason) == (date(2026, 5, 6), "Closed.")
    it = seen(world, after(APRIL, 8))
    assert [row.stands.state for row in every(world, it, Wanted())] == [LineState.ON_ITS_WAY]
    assert it.next.is_made


def test_whose_lines_they_are(now: datetime) -> None:
    world = a_house(now)
    it = seen(world, now)
    member = a_colleague(world.partner, now=now)
    for ask in (
        lambda by: overview(by, where(world), now),
        lambda by: lines(by, world.partner, it, Wanted()),
    ):
        with pytest.raises(Forbidden):
            ask(member)
        with pytest.raises(NotFound):
            ask(a_colleague(a_partner().pk, now=now, role="owner"))
    for cursor in ("zzz", "WyJ4IiwieSJd"):
        with pytest.raises(Refused, match="cursor"):
            lines(world.owner, world.partner, it, Wanted(), cursor=cursor)
