"""In any order of hand-overs, payments, returns and changed payees each statement is paid once, to whom it may be."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from academy.core.errors import Conflict
from academy.core.money import Money
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over
from academy.programme.closes.models import Close
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payees.models import Payee
from academy.programme.payouts.actions import came_back, enter_file
from academy.programme.payouts.models import Payout, Return
from academy.programme.payouts.rules import table
from academy.programme.statements.models import Statement
from academy.programme.verification.queries import verify

from ...chance import CURRENCIES, PRODUCTS, seeds
from ...factories import a_staff_member, signed_in
from ...worlds import win
from .months import APRIL, a_house, after, another, collect, profile, sign

pytestmark = pytest.mark.django_db
STEPS = 24
LONDON = ZoneInfo("Europe/London")


class Month:
    """A month that is approved, and one who does what may happen to its payments in any order."""

    def __init__(self, now: datetime, seed: int) -> None:
        world = a_house(now, currencies=CURRENCIES)
        self.chance = random.Random(seed)
        self.partners = [world.partner, *(another(world, now=now, currency=other) for other in CURRENCIES[1:])]
        for partner, currency in zip(self.partners, CURRENCIES, strict=True):
            win(partner, 100_000, at=now, product=self.chance.choice(PRODUCTS), currency=currency)
        self.close: Close = sign(collect(world, APRIL))
        self.at = after(APRIL)
        self.browser: Client = signed_in(a_staff_member("finance"))
        self.fetched: list[dict[str, str]] = []
        """The rows of every file that was ever handed out: the bank may be late with any of them."""

    def steps(self) -> list[Callable[[], Any]]:
        return [self.hand_over, self.fetch, self.fetch, self.read_back, self.read_back, self.send_back, self.change,
                self.check]  # fmt: skip

    def step(self) -> None:
        """One thing that happens, a few hours later."""
        self.at += timedelta(hours=self.chance.randint(1, 30))
        self.chance.choice(self.steps())()

    def today(self) -> date:
        """The day of the programme, which in London's summer begins an hour before that of the clock."""
        return self.at.astimezone(LONDON).date()

    def hand_over(self) -> None:
        hand_over(THE_HOUSE, self.close.pk, now=self.at)

    def rows(self) -> list[dict[str, str]]:
        """The payment file as finance fetches it now; empty before it is handed over."""
        with time_machine.travel(self.at, tick=False):
            answer = self.browser.get("/studio/close/agencies/2026-04/payments.csv")
        if answer.status_code != 200:
            return []
        return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    def fetch(self) -> None:
        self.fetched += self.rows()

    def read_back(self) -> None:
        """The bank tells of some payments: of what it was handed at any time, under new references or old ones."""
        if not self.fetched:
            return
        told: list[list[object]] = [["number", "date", "reference", "amount", "currency"]]
        for row in self.chance.choices(self.fetched, k=3):
            reference = f"R-{row['attempt']}-{self.chance.randint(1, 2)}"
            told.append([row["number"], self.today().isoformat(), reference, row["amount"], row["currency"]])
        enter_file(THE_HOUSE, self.close.pk, table(told), now=self.at)

    def send_back(self) -> None:
        statement = self.chance.choice(list(Statement.objects.order_by("number")))
        try:
            came_back(THE_HOUSE, statement.pk, returned_on=self.today(), reason="Closed.", now=self.at)
        except Conflict:
            assert net()[statement.number] == 0

    def change(self) -> None:
        partner = self.chance.choice(self.partners)
        changed = profile(provider_reference=f"acct_{Payee.objects.count()}")
        change_payee(THE_HOUSE, partner, changed, now=self.at)

    def check(self) -> None:
        partner = self.chance.choice(self.partners)
        check_payee(THE_HOUSE, partner, Payee.objects.filter(partner=partner).count(), now=self.at)

    def assert_right(self) -> None:
        """Nothing is paid twice, and the file holds what is not paid, to payees who are checked, once each."""
        assert set(net().values()) <= {0, 1}
        rows = self.rows()
        numbers = [row["number"] for row in rows]
        assert len(numbers) == len(set(numbers))
        checked = dict(Payee.objects.exclude(checked_at=None).values_list("provider_reference", "partner"))
        for row in rows:
            statement = Statement.objects.get(number=row["number"])
            latest = Payee.objects.filter(partner=statement.partner_id).latest("number")
            assert net()[row["number"]] == 0
            assert latest.provider_reference == row["payee_reference"]
            assert row["payee_reference"] in checked
            assert int(row["attempt"]) == Payout.objects.filter(statement=statement).count() + 1
            assert row["amount"] == f"{Money(statement.amount, statement.currency).decimal():f}"


def net() -> Counter[str]:
    """How many payments of each statement were made and did not come back."""
    kept = Payout.objects.exclude(pk__in=Return.objects.values("payout"))
    return Counter(kept.values_list("statement__number", flat=True))


@pytest.mark.parametrize("seed", seeds(8))
def test_any_order_pays_once(now: datetime, settings: Any, seed: int) -> None:
    settings.FOUR_EYES = False
    month = Month(now, seed)
    for _ in range(STEPS):
        month.step()
        month.assert_right()
    # In the end everybody is checked, handed over and paid, whatever happened before.
    month.at += timedelta(days=1)
    for partner in month.partners:
        check_payee(THE_HOUSE, partner, Payee.objects.filter(partner=partner).count(), now=month.at)
    month.hand_over()
    rows = month.rows()
    assert {row["number"] for row in rows} == {one.number for one in Statement.objects.all() if not net()[one.number]}
    told: list[list[object]] = [["number", "date", "reference", "amount", "currency"]]
    day = month.today().isoformat()
    told += [[row["number"], day, f"last-{row['attempt']}", row["amount"], row["currency"]] for row in rows]
    assert enter_file(THE_HOUSE, month.close.pk, table(told), now=month.at).entered == len(rows)
    assert set(net().values()) == {1}
    assert month.rows() == []
    assert Close.objects.get().stage == "done"
    assert verify(now=month.at, deep=True).differences == []
