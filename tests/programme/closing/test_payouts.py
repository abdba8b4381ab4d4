"""Payments read back: the right ones once, wrong ones told, returned ones tried anew."""

import json
from datetime import date, datetime

import pytest
from django.db import connection

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.notifications.notices.models import Notice
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over
from academy.programme.closes.models import Close
from academy.programme.payouts import actions
from academy.programme.payouts.actions import Entered, came_back, enter_file
from academy.programme.payouts.jobs import tell_of_payments
from academy.programme.payouts.models import Payout, Return
from academy.programme.payouts.rules import Fault, Faulty, Payment, payments, safe, table
from academy.programme.statements.models import Statement
from academy.programme.verification.queries import verify

from ...factories import a_staff_member, acting
from ...worlds import days, pass_modules, refund, win
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


def test_many_at_once_are_entered_as_one_by_one(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Payouts and facts of a chunk say what those of a single line say, in the order of its partners."""
    world = a_house(now)
    partners = [world.partner, *(another(world, now=now) for _ in range(4))]
    for number, partner in enumerate(partners, 1):
        win(partner, 100_000 * number, at=now)
    close = sign(collect(world, APRIL))
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    monkeypatch.setattr(actions, "A_CHUNK", 2)

    assert pay_all(close) == Entered(5, 0, ())

    at = after(APRIL, 5, 17)
    statements = {one.pk: one for one in Statement.objects.filter(close=close)}
    payouts = {one.statement_id: one for one in Payout.objects.all()}
    assert {(one.attempt, one.paid_on, one.recorded_at) for one in payouts.values()} == {(1, date(2026, 5, 5), at)}
    assert {one.reference for one in payouts.values()} == {f"R-{one.number}" for one in statements.values()}
    facts = Fact.objects.filter(kind="statement.paid").order_by("pos")
    assert [one.thing for one in facts] == [one.pk for one in sorted(statements.values(), key=lambda one: one.number)]
    for fact in facts:
        assert fact.thing is not None
        statement, payout = statements[fact.thing], payouts[fact.thing]
        assert (fact.partner, fact.thing_kind, fact.effective_at, fact.recorded_at, fact.rule, fact.key) == (
            statement.partner_id, "statement", at, at, "", f"statement.paid:{payout.pk}",
        )  # fmt: skip
        assert fact.numbers == {
            "payout": str(payout.pk),
            "attempt": 1,
            "amount": statement.amount,
            "currency": "GBP",
            "paid_on": "2026-05-05",
            "payee": 1,
        }
    assert Close.objects.get().stage == "done"
    assert verify(now=at, deep=True).differences == []


def test_owners_are_told_of_payments_once_and_apart(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_house(now)
    win(world.partner, 100_000, at=now)
    win(another(world, now=now), 100_000, at=now)  # nobody owns it
    close = sign(collect(world, APRIL))
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    pay_all(close)
    assert Notice.objects.filter(kind="statement.paid").count() == 0
    with connection.cursor() as cursor:
        cursor.execute("select args->'payouts' from procrastinate_jobs where task_name = 'programme.tell_of_payments'")
        ((payouts,),) = cursor.fetchall()
    monkeypatch.setattr("academy.core.clock.now", lambda: after(APRIL, 5, 17))
    for _ in range(2):
        tell_of_payments(json.loads(payouts))
    mine = Statement.objects.get(partner=world.partner)
    notice = Notice.objects.get(kind="statement.paid")
    assert (notice.person_id, notice.partner_id, notice.params, notice.url) == (
        world.owner.person_id,
        world.partner,
        {
            "month": "2026-04",
            "amount": 10_000,
            "currency": "GBP",
            "paid_on": "2026-05-05",
            "reference": f"R-{mine.number}",
        },
        f"/statements/{mine.number}/",
    )


def test_a_payment_moves_its_partners_time_on(db: None, now: datetime) -> None:
    """What fell due before it is applied first, each on its own day."""
    world = a_house(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    close = sign(collect(world, APRIL))
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    late = now + days(500)
    enter_file(THE_HOUSE, close.pk, payment_file(close), now=late)
    facts = list(Fact.objects.filter(partner=world.partner).order_by("pos").values_list("kind", "effective_at"))
    assert ("statement.paid", late) in facts
    assert "tier.warned" in {kind for kind, _at in facts[:-1]}
    assert [at for _kind, at in facts] == sorted(at for _kind, at in facts)


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


def test_a_long_file_is_read_to_its_end() -> None:
    line = "n-1,2026-05-05,R1,1.00,GBP\n"
    read, wrong = payments("number,date,reference,amount,currency\n" + line * 30_000 + "n-1,soon,R1,1.00,GBP\n")
    assert [one.line for one in read] == list(range(2, 30_002))
    assert wrong == [Faulty(30_002, "n-1", Fault.DATE, "soon")]


@pytest.mark.parametrize(
    "cell", ['"R1', '"R"1', '"' + "x" * 1_100_000 + '"'], ids=["never closed", "closed too early", "longer than any"]
)
def test_nothing_is_read_of_a_file_that_cannot_be_taken_apart(cell: str) -> None:
    heading, line = "number,date,reference,amount,currency\n", "n-{},2026-05-05,{},1.00,GBP\n"
    text = heading + line.format(1, "R1") + line.format(2, cell) + line.format(3, "R3")
    assert payments(text) == ([], [Faulty(3, "", Fault.QUOTES)])
    assert payments('number,"date') == ([], [Faulty(1, "", Fault.QUOTES)])


def test_what_no_text_holds_is_left_out() -> None:
    text = "number,date,reference,amount,currency\nn\0-1,2026-05-05,R1,1.00,GBP\n"
    assert payments(text) == ([Payment(2, "n-1", date(2026, 5, 5), "R1", "1.00", "GBP")], [])


def test_no_cell_is_a_formula() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "a=b", ""]
    assert [safe(cell) for cell in cells] == ["'=1+1", "'+1", "'-1", "'@x", "'\tx", "a=b", ""]
    assert table([["=cmd|' /C calc'!A0", 5, "a,b"]]) == "'=cmd|' /C calc'!A0,5,\"a,b\"\r\n"
