"""Any history with its months closed, paid, sent back and paid again: what headlines say is what their lines sum to.

The same histories as in `programme/test_histories.py`, with finance at work beside everything else that happens.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over
from academy.programme.closes.checking.actions import hold, look_again
from academy.programme.closes.models import Close
from academy.programme.closes.queries import closable_months
from academy.programme.closes.rules import Stage
from academy.programme.payees.actions import change_payee
from academy.programme.payouts.actions import came_back, enter_file
from academy.programme.statements.models import Statement

from ...chance import PRODUCTS, seeds
from ...worlds import win
from ..money.test_earnings import agree
from ..test_histories import History, all_lines, assert_true, unless
from .months import collect, make_payable, named_by, payment_file, profile, sign
from .test_balance import check

pytestmark = pytest.mark.django_db
STEPS = 40


class Books(History):
    """Two partners that may be paid, and finance."""

    def __init__(self, seed: int, now: datetime) -> None:
        super().__init__(seed, now)
        for partner in self.partners:
            make_payable(partner, now=now)

    def step(self) -> None:
        """A few days or a fortnight, and one thing; a clock may step back here too."""
        self.now += timedelta(days=self.dice.choice([0, 1, 5, 9, 14, -0.5]))
        self.dice.choices(*zip(*self.ways(), strict=True))[0]()

    def sell(self) -> None:
        """A deal worth a payment, one worth less or nothing, or a credit."""
        partner, amount = self.dice.choice(self.partners), self.dice.choice([0, 20_000, 600_000, 1_500_000, -90_000])
        if amount >= 0:
            self.win(partner, amount, self.now)
        else:
            product = self.dice.choice(PRODUCTS)
            win(partner, amount, at=self.now, product=product, currency=self.currency[partner])

    def ways(self) -> list[tuple[Callable[[], object], int]]:
        finance = [(self.sell, 8), (self.close, 14), (self.pay, 9), (self.send_back, 3), (self.change_payee, 1)]
        return [*super().ways(), *finance, (self.check_payee, 2)]

    def close(self) -> None:
        """The next month, if it is over: collected, perhaps with a hold, approved and handed over."""
        last = Close.objects.order_by("-month").first()
        if last is not None and last.stage not in (Stage.HANDED_OVER, Stage.DONE):
            return
        for month in closable_months(self.world.programme, last.month if last else None, self.now)[:1]:
            close = collect(self.world, month, now=self.now)
            drafts = list(Statement.objects.filter(close=close).order_by("number", "id"))
            if drafts and self.dice.random() < 0.3:
                held = self.dice.choice(drafts)
                with unless("nothing to hold"):
                    hold(THE_HOUSE, held.pk, "A question is open.", now=self.now)
                    if self.dice.random() < 0.5:
                        look_again(THE_HOUSE, held.pk)
            sign(close, now=self.now)
            if close.stage != Stage.DONE:
                hand_over(THE_HOUSE, close.pk, now=self.now)

    def pay(self) -> None:
        """The bank's file of the last month, read back, once or twice."""
        close = Close.objects.filter(stage=Stage.HANDED_OVER).order_by("-month").first()
        for _ in range(self.dice.randint(1, 2)):
            if close is not None:
                file = payment_file(close, date=self.now.date().isoformat())
                enter_file(THE_HOUSE, close.pk, file, now=self.now)

    def send_back(self) -> None:
        paid = list(Statement.objects.filter(payouts__paid_on__isnull=False).order_by("number").distinct())
        if paid:
            chosen = self.dice.choice(paid).pk
            with unless("Nothing of this statement is paid now."):
                came_back(THE_HOUSE, chosen, returned_on=self.now.date(), reason="Closed.", now=self.now)

    def change_payee(self) -> None:
        change_payee(THE_HOUSE, self.dice.choice(self.partners), profile(), now=self.now)

    def check_payee(self) -> None:
        make_payable(self.dice.choice(self.partners), now=self.now)


def assert_books(history: Books) -> None:
    """Sums are those of their lines, for each partner, and no line stands on two statements."""
    for partner in history.partners:
        seen = replace(history.world, partner=partner, owner=THE_HOUSE)
        agree(seen, history.now)
        if Fact.objects.filter(partner=partner, kind="commission.added").exists():
            check(seen, history.now)
    named = [line for one in Statement.objects.exclude(made_at=None) for line in named_by(one)]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("seed", seeds(5))
def test_whatever_happens_the_books_are_the_sum_of_their_lines(seed: int, now: datetime) -> None:
    history = Books(seed, now)
    before: dict[UUID, object] = {}
    for _ in range(STEPS):
        history.step()
        assert_true(history)
        assert_books(history)
        after = all_lines()
        assert {line: after[line] for line in before} == before
        before = dict(after)
