"""Where a close looks: behind what was paid already, and still at every line that nobody names."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import go_on, hand_over, start_close
from academy.programme.closes.checking.actions import hold, look_again
from academy.programme.closes.models import Close
from academy.programme.closes.rules import last_day, next_month
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import answer_question, ask_about_line, correct_line
from academy.programme.commissions.questions.models import LineQuestion
from academy.programme.statements.models import Statement
from academy.programme.verification.queries import verify

from ...chance import CURRENCIES, PRODUCTS, seeds
from ...factories import a_staff_member, acting
from ...worlds import World, refund, win
from .months import APRIL, MARCH, a_house, after, another, named_by, pay_all, sign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person")]


class Ledger:
    """Which lines each month should look at, kept beside the academy: what was there when it began, and is not paid."""

    def __init__(self) -> None:
        self.paid: set[UUID] = set()
        self.there: list[CommissionLine] = []

    def begin(self, month: date) -> None:
        """A close has just begun."""
        due = CommissionLine.objects.filter(payable_on__lte=last_day(month)).exclude(pk__in=self.paid)
        self.there = list(due)

    def due(self) -> list[tuple[UUID, str, int, int]]:
        """What `looked_at` should say of it."""
        partners = sorted({line.partner_id for line in self.there})
        mine = {partner: [line for line in self.there if line.partner_id == partner] for partner in partners}
        return [
            (partner, lines[0].currency, sum(line.amount for line in lines), len(lines))
            for partner, lines in mine.items()
        ]

    def pay(self, close: Close) -> None:
        """The month is approved: what it pays is over."""
        paid = set(Statement.objects.filter(close=close, outcome="pay").values_list("partner_id", flat=True))
        self.paid |= {line.pk for line in self.there if line.partner_id in paid}


def looked_at(close: Close) -> list[tuple[UUID, str, int, int]]:
    found = Statement.objects.filter(close=close).order_by("partner", "currency")
    return list(found.values_list("partner", "currency", "amount", "lines"))


@pytest.mark.parametrize("seed", seeds(6))
def test_a_close_sees_every_line_that_nobody_names(now: datetime, seed: int) -> None:
    """Whatever comes late, is taken back, is held or stays below the minimum."""
    ledger = Ledger()
    chance = random.Random(seed)
    hold_days, month = chance.choice([(0, MARCH), (30, APRIL)])
    world = a_house(now, hold_days=hold_days, currencies=CURRENCIES)
    others = chance.sample(CURRENCIES, 2)
    partners = [(world.partner, "GBP"), *((another(world, now=now, currency=one), one) for one in others)]
    deals = [(win(world.partner, 90_000, at=now), "GBP")]  # a month in which nothing was ever payable is not closed
    at = now
    for _ in range(5):
        for partner, currency in partners:
            for _deal in range(chance.randrange(3)):
                at += timedelta(minutes=1)
                amount, product = chance.choice([3_000, 40_000, 90_000]), chance.choice(PRODUCTS)
                deals.append((win(partner, amount, at=at, product=product, currency=currency), currency))
            if deals and chance.random() < 0.4:
                at += timedelta(minutes=1)
                deal, paid_in = deals.pop(chance.randrange(len(deals)))
                refund(deal, 1_000, at=at, currency=paid_in)
        close = start_close(THE_HOUSE, world.programme, month, now=after(month))
        ledger.begin(month)
        # It was won in the month that is being closed, and the journal hears of it only now.
        partner, currency = chance.choice(partners)
        late = at + timedelta(seconds=1)
        deals.append((win(partner, 70_000, at=late, now=after(month), currency=currency), currency))
        _speak_of_some(world, chance, now=after(month))
        while go_on(close.pk, now=after(month)):
            pass
        close.refresh_from_db()
        assert looked_at(close) == ledger.due()
        _change_some(close, chance)
        assert looked_at(close) == ledger.due()
        ledger.pay(close)
        hand_over(THE_HOUSE, sign(close).pk, now=after(month))
        assert pay_all(close).refused == ()
        month, at = next_month(month), after(month, 6)
    named = {line for one in Statement.objects.all() for line in named_by(one)}
    assert named == ledger.paid
    assert verify(now=after(month), deep=True).differences == []


def _speak_of_some(world: World, chance: random.Random, *, now: datetime) -> None:
    """An owner asks about some lines, and is answered about some."""
    for line in CommissionLine.objects.filter(partner=world.partner).order_by("pk"):
        is_open = LineQuestion.objects.filter(line=line, answered_at=None).exists()
        if not is_open and chance.random() < 0.3:
            asked = _ask(world, line.pk, now)
            if chance.random() < 0.5:
                _answer(asked, now)


def _ask(world: World, line: UUID, now: datetime) -> LineQuestion:
    return ask_about_line(world.owner, line, "Is this all?", now=now)


def _answer(question: LineQuestion, now: datetime) -> None:
    answer_question(acting(a_staff_member("finance")), question.pk, "It is.", now=now)


SAID: dict[str, Callable[[World, UUID, datetime], object]] = {
    "asked": _ask,
    "answered": lambda world, line, now: _answer(_ask(world, line, now), now),
    "corrected": lambda world, line, now: correct_line(THE_HOUSE, line, 100, reason="A late invoice.", now=now),
}


@pytest.mark.parametrize("how", SAID)
@pytest.mark.parametrize("is_looked_at", [False, True])
def test_what_is_said_of_a_line_leaves_it_on_its_statement(now: datetime, how: str, is_looked_at: bool) -> None:
    """Asked about, answered or corrected after the cut: it was told of before. What corrects it comes next month."""
    world = a_house(now)
    for amount in (100_000, 200_000):
        win(world.partner, amount, at=now)
    line = CommissionLine.objects.get(amount=10_000).pk
    close = start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    if is_looked_at:
        go_on(close.pk, now=after(APRIL))
    SAID[how](world, line, after(APRIL))
    go_on(close.pk, now=after(APRIL))
    look_again(THE_HOUSE, Statement.objects.get(close=close).pk)
    close.refresh_from_db()
    assert looked_at(close) == [(world.partner, "GBP", 30_000, 2)]
    hand_over(THE_HOUSE, sign(close).pk, now=after(APRIL))
    assert pay_all(close).refused == ()
    assert verify(now=after(APRIL, 6), deep=True).differences == []


def _change_some(close: Close, chance: random.Random) -> None:
    """Somebody holds one statement, and has another looked at again."""
    for statement in Statement.objects.filter(close=close).order_by("number"):
        if chance.random() < 0.2:
            hold(THE_HOUSE, statement.pk, "We ask the bank.", now=after(close.month))
        elif chance.random() < 0.3:
            look_again(THE_HOUSE, statement.pk)
