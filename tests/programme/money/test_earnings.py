"""Earnings: every headline is the sum of the lines that it opens, whatever happened before; rates multiply by hand."""

import random
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import pytest

from academy.core.errors import Forbidden, NotFound, Refused
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.balance.queries import balance, calendar
from academy.programme.balance.rules import Account, Day, Run, by_state, first_open, paid_in, runs
from academy.programme.closes.models import Close
from academy.programme.closes.queries import closable_months
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.commissions.rules import LineKind, LineState, Moved
from academy.programme.deals.actions import report_deal
from academy.programme.earnings.queries import Overview, Row, lines, overview, payments_of, which_of
from academy.programme.earnings.rules import NOTHING, Chosen, Wanted, both, total
from academy.programme.payouts.actions import came_back
from academy.programme.statements.models import Statement

from ...factories import a_partner
from ...worlds import World, a_colleague, a_report, days, refund, win
from ..closing.months import APRIL, MAY, a_house, after, close_month, collect

pytestmark = pytest.mark.django_db


def seen(world: World, at: datetime) -> Overview:
    found = calendar(world.partner, at)
    assert found is not None
    return overview(world.owner, world.partner, "GBP", found)


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


def a_month(world: World, chance: random.Random, at: datetime, deals: dict[UUID, int]) -> None:
    """Deals, credits, refunds in parts, changed amounts and corrections, all at moments of one month."""
    for _ in range(chance.randint(1, 6)):
        at += timedelta(days=chance.randint(0, 5), minutes=chance.randint(1, 600))
        what = chance.random()
        if deals and what < 0.25:
            deal = chance.choice(list(deals))
            part = chance.randint(1, deals[deal])
            refund(deal, part, at=at)
            deals[deal] -= part
            if not deals[deal]:
                del deals[deal]
        elif deals and what < 0.35:
            line = CommissionLine.objects.get(deal=chance.choice(list(deals)), kind=LineKind.EARNED)
            correct_line(THE_HOUSE, line.pk, chance.choice([-700, 1, 2_500]), reason="It was wrong.", now=at)
        elif what < 0.45:
            win(world.partner, -chance.randint(1, 60_000), at=at)
        else:
            amount = chance.randint(1, 400_000)
            deals[win(world.partner, amount, at=at)] = amount


@pytest.mark.parametrize("seed", range(8))
def test_every_headline_is_the_sum_of_the_lines_it_opens(now: datetime, seed: int) -> None:
    chance = random.Random(seed)
    world = a_house(now, hold_days=chance.choice([0, 7, 30, 45]))
    deals: dict[UUID, int] = {}
    at = now
    for month in (date(2026, number, 1) for number in range(3, 8)):
        a_month(world, chance, at, deals)
        agree(world, at + days(chance.randint(0, 40)))
        if chance.random() < 0.8 and may_close(world, month):
            close_month(world, month, pay=chance.random() < 0.7)
        at = after(month, 1) + days(3)
        agree(world, at)


def may_close(world: World, month: date) -> bool:
    """Whether the month is the next one to be closed."""
    last = Close.objects.order_by("-month").values_list("month", flat=True).first()
    return month in closable_months(world.programme, last, after(month))[:1]


def agree(world: World, at: datetime) -> None:
    it = seen(world, at)
    account, today = it.account, it.calendar.today
    rows = every(world, it, Wanted())
    written = CommissionLine.objects.filter(partner=world.partner).order_by("-payable_on", "-id")
    assert [row.id for row in rows] == list(written.values_list("pk", flat=True))
    wanted = [Wanted(state=state) for state in LineState]
    wanted += [Wanted(waiting=True), Wanted(state=LineState.PAID, year=today.year), Wanted(year=1999)]
    wanted += [Wanted(month=one.named.month) for one in account.statements]
    wanted += [Wanted(month=run.month, state=state) for run in it.runs for state in (None, *LineState)]
    for one in wanted:
        opens = every(world, it, one)
        told = total(which_of(one, it), account)
        assert told is not None, one
        assert (told.amount, told.lines) == (sum(row.amount for row in opens), len(opens)), one
    for state, sum_ in by_state(account, today).items():
        assert sum_.amount == sum(row.amount for row in rows if row.stands.state is state)
    if it.next.date is not None:
        month = it.made_next.named.month if it.made_next else it.runs[0].month
        assert it.next.amount == sum(row.amount for row in every(world, it, Wanted(month=month)))
    waiting = sum(row.amount for row in every(world, it, Wanted(waiting=True)))
    assert sum(run.amount for run in it.runs) + waiting == sum(r.amount for r in rows if r.stands.statement is None)
    if rows:
        (told_balance,) = balance(world.partner, it.calendar)
        assert (told_balance.on_hold, told_balance.ready) == tuple(
            by_state(account, today)[state].amount for state in (LineState.ON_HOLD, LineState.READY)
        )
    assert total(Chosen(), account) is None  # states are never added together


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
    assert it.made_next is not None


def test_whose_lines_they_are(now: datetime) -> None:
    world = a_house(now)
    it = seen(world, now)
    member = a_colleague(world.partner, now=now)
    for ask in (
        lambda by: overview(by, world.partner, "GBP", it.calendar),
        lambda by: lines(by, world.partner, it, Wanted()),
    ):
        with pytest.raises(Forbidden):
            ask(member)
        with pytest.raises(NotFound):
            ask(a_colleague(a_partner().pk, now=now, role="owner"))
    for cursor in ("zzz", "WyJ4IiwieSJd"):
        with pytest.raises(Refused, match="cursor"):
            lines(world.owner, world.partner, it, Wanted(), cursor=cursor)


# The rules alone


@pytest.mark.parametrize(
    ("last", "today", "first"),
    [
        (None, date(2026, 5, 2), APRIL),  # it is over, and its pay day is ahead
        (None, date(2026, 5, 5), APRIL),
        (None, date(2026, 5, 6), MAY),
        (date(2026, 3, 1), date(2026, 5, 2), APRIL),
        (APRIL, date(2026, 5, 2), MAY),
        (date(2026, 1, 1), date(2026, 5, 20), date(2026, 2, 1)),  # a house that is late closes one after the other
    ],
)
def test_the_first_month_that_can_still_be_paid(last: date | None, today: date, first: date) -> None:
    assert first_open(last, today, 5) == first


def an_account(*days_: tuple[date, int]) -> Account:
    return Account("GBP", [Day(day, amount, 1) for day, amount in days_])


def test_what_does_not_come_to_the_minimum_waits_for_the_next_run() -> None:
    april, may, july = date(2026, 4, 10), date(2026, 5, 31), date(2026, 7, 1)
    account = an_account((april, 3_000), (may, 4_000), (july, 100))
    assert runs(account, 5_000, APRIL, 5, APRIL) == [Run(MAY, date(2026, 6, 5), 7_000, 2, None)]
    assert runs(account, 100, APRIL, 5, APRIL) == [
        Run(APRIL, date(2026, 5, 5), 3_000, 1, None),
        Run(MAY, date(2026, 6, 5), 4_000, 1, date(2026, 4, 30)),
        Run(date(2026, 7, 1), date(2026, 8, 5), 100, 1, date(2026, 5, 31)),
    ]
    assert runs(an_account((april, 3_000), (may, -4_000)), 1, MAY, 5, APRIL) == []
    assert runs(an_account(), 1, MAY, 5, APRIL) == []


def test_what_nothing_can_be_in_both_of() -> None:
    unnamed, named = Chosen(named=False), Chosen(named=True)
    assert both(unnamed, named) is NOTHING
    assert both(Chosen(since=APRIL), unnamed) == Chosen(since=APRIL, named=False)
    assert both(named, Chosen(until=MAY)) == Chosen(until=MAY, named=True)
    assert (NOTHING.is_empty, named.is_empty, unnamed.is_empty) == (True, True, False)
    assert paid_in(an_account(), 2026).lines == 0
