"""Payments read back: the right ones once, wrong ones told, returned ones tried anew."""

from datetime import date, datetime

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over
from academy.programme.closes.models import Close
from academy.programme.payouts.actions import Entered, came_back, enter_file
from academy.programme.payouts.models import Payout, Return
from academy.programme.payouts.rules import MOST_LINES, Fault, Faulty, Payment, payments, safe, table
from academy.programme.statements.models import Statement

from ...factories import a_staff_member, acting
from ...worlds import refund, win
from .months import APRIL, MAY, a_house, after, another, close_month, collect, pay_all, payment_file, sign, told


@pytest.fixture
def close(db: None, now: datetime) -> Close:
    """A month that is handed over: one partner is paid 200.00, another waits below its minimum."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(another(world, now=now), 20_000, at=now)
    signed = sign(collect(world, APRIL))
    return hand_over(THE_HOUSE, signed.pk, now=after(APRIL))


def faults(entered: Entered) -> list[tuple[int, Fault]]:
    return [(one.line, one.fault) for one in entered.refused]


def test_a_file_read_twice_pays_once(close: Close) -> None:
    assert pay_all(close) == Entered(1, 0, ())
    assert pay_all(close) == Entered(0, 1, ())
    assert (Payout.objects.count(), Close.objects.get().stage) == (1, "done")


def test_one_line_twice_in_a_file(close: Close) -> None:
    file = payment_file(close)
    doubled = file + file.splitlines(keepends=True)[1]
    assert enter_file(THE_HOUSE, close.pk, doubled, now=after(APRIL, 5, 17)) == Entered(1, 1, ())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"number": "agencies-2026-04-9999"}, Fault.UNKNOWN),
        ({"amount": "200.01"}, Fault.OTHER_AMOUNT),
        ({"amount": "-200.00"}, Fault.OTHER_AMOUNT),
        ({"amount": "a lot"}, Fault.AMOUNT),
        ({"currency": "EUR"}, Fault.OTHER_CURRENCY),
        ({"date": "2026-05-03"}, Fault.TOO_EARLY),
        ({"date": "2026-05-06"}, Fault.IN_FUTURE),
        ({"date": "5 May"}, Fault.DATE),
        ({"reference": ""}, Fault.REFERENCE),
        ({"reference": "x" * 61}, Fault.REFERENCE),
    ],
)
def test_a_wrong_line_is_told_and_changes_nothing(close: Close, changes: dict[str, str], fault: Fault) -> None:
    assert faults(pay_all(close, **changes)) == [(2, fault)]
    assert (Payout.objects.count(), Close.objects.get().stage) == (0, "handed_over")


def test_a_statement_that_pays_nothing_is_not_paid(close: Close) -> None:
    waiting = Statement.objects.get(outcome="below_minimum")
    assert faults(pay_all(close, number=waiting.number)) == [(2, Fault.NOT_PAID_BY_IT)]


def test_paid_already_with_another_reference(close: Close) -> None:
    pay_all(close)
    assert faults(pay_all(close, reference="R-2")) == [(2, Fault.PAID_ALREADY)]


def test_a_payment_that_came_back_is_tried_anew(close: Close) -> None:
    pay_all(close)
    statement = Statement.objects.get(outcome="pay")
    came_back(THE_HOUSE, statement.pk, returned_on=date(2026, 5, 8), reason="Account closed.", now=after(APRIL, 9))
    assert Close.objects.get().stage == "handed_over"
    assert faults(pay_all(close)) == [(2, Fault.CAME_BACK)]
    with pytest.raises(Conflict, match="Nothing of this statement is paid"):
        came_back(THE_HOUSE, statement.pk, returned_on=date(2026, 5, 8), reason="Again.", now=after(APRIL, 9))

    file = payment_file(close, reference="R-2", date="2026-05-12")
    assert enter_file(THE_HOUSE, close.pk, file, now=after(APRIL, 12)) == Entered(1, 0, ())
    assert enter_file(THE_HOUSE, close.pk, file, now=after(APRIL, 12)) == Entered(0, 1, ())
    attempts = Payout.objects.order_by("attempt").values_list("attempt", "reference")
    assert list(attempts) == [(1, f"R-{statement.number}"), (2, "R-2")]
    assert (Return.objects.get().reason, Close.objects.get().stage) == ("Account closed.", "done")
    kinds = Fact.objects.filter(thing=statement.pk).order_by("pos").values_list("kind", flat=True)
    assert list(kinds) == ["statement.made", "statement.paid", "statement.returned", "statement.paid"]


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        (date(2026, 5, 4), "why", "returned_on"),
        (date(2026, 5, 10), "why", "returned_on"),
        (date(2026, 5, 8), " ", "reason"),
    ],
)
def test_what_a_return_must_say(close: Close, day: date, reason: str, field: str) -> None:
    pay_all(close)
    statement = Statement.objects.get(outcome="pay")
    with pytest.raises(Refused) as refused:
        came_back(THE_HOUSE, statement.pk, returned_on=day, reason=reason, now=after(APRIL, 9))
    assert list(refused.value.fields) == [field]


def test_who_and_when(close: Close) -> None:
    statement = Statement.objects.get(outcome="pay")
    manager = acting(a_staff_member("manager"))
    with pytest.raises(Forbidden):
        enter_file(manager, close.pk, "", now=after(APRIL))
    with pytest.raises(Forbidden):
        came_back(manager, statement.pk, returned_on=MAY, reason="x", now=after(APRIL))
    with pytest.raises(NotFound):
        enter_file(THE_HOUSE, uuid7(), "", now=after(APRIL))
    with pytest.raises(NotFound):
        came_back(THE_HOUSE, uuid7(), returned_on=MAY, reason="x", now=after(APRIL))


def test_before_the_file_was_handed_over(db: None, now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    signed = sign(collect(world, APRIL))
    with pytest.raises(Conflict, match="not handed over"):
        pay_all(signed)


def test_a_refund_after_the_payment_is_owed_next_month(db: None, now: datetime) -> None:
    world = a_house(now)
    deal = win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    refund(deal, 200_000, at=after(APRIL, 20))
    assert told(close_month(world, MAY)) == [(world.partner, -20_000, "negative", 0)]


def test_reading_a_file() -> None:
    heading = "\ufeffReference;Number;Amount;Date;Currency;Note\r\n"
    text = f"{heading}'=R1;n-1;12.50;2026-05-05;gbp;x\r\n\r\n;;;;\r\nR2;n-2;1;never;GBP;\r\n"
    assert payments(text) == (
        [Payment(2, "n-1", date(2026, 5, 5), "=R1", "12.50", "GBP")],
        [Faulty(5, "n-2", Fault.DATE, "never")],
    )
    assert payments("number,date\n") == ([], [Faulty(1, "", Fault.COLUMNS, "reference")])
    assert payments("") == ([], [Faulty(1, "", Fault.COLUMNS, "number")])


def test_a_file_is_read_up_to_its_most_lines() -> None:
    line = "n-1,2026-05-05,R1,1.00,GBP\n"
    read, wrong = payments("number,date,reference,amount,currency\n" + line * (MOST_LINES + 5))
    assert ([one.line for one in read], wrong) == (list(range(2, MOST_LINES + 1)), [])


def test_no_cell_is_a_formula() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "a=b", ""]
    assert [safe(cell) for cell in cells] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "a=b", ""]
    assert table([["=cmd|' /C calc'!A0", 5, "a,b"]]) == "'=cmd|' /C calc'!A0,5,\"a,b\"\r\n"
