"""Closing months: who is paid, who is not and why, what is carried, and that nothing is paid twice."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes import actions
from academy.programme.closes.actions import approve, go_on, go_on_as, hand_over, start_close
from academy.programme.closes.checking.actions import hold, look_again, see
from academy.programme.closes.models import Close
from academy.programme.closes.queries import months
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.payees.actions import change_payee
from academy.programme.payouts.actions import enter_file
from academy.programme.plans.actions import found_programme
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import accept_terms, publish_terms
from academy.programme.verification.queries import verify

from ...factories import a_staff_member, acting
from ...worlds import a_report, days, refund, win, written_plan
from .months import (
    APRIL,
    FEBRUARY,
    MARCH,
    MAY,
    a_house,
    after,
    another,
    close_month,
    collect,
    finance,
    make_payable,
    pay_all,
    payment_file,
    profile,
    sign,
    told,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person")]


def test_a_month_from_collecting_to_done(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)  # held until 1 April

    close = close_month(world, APRIL)

    statement = Statement.objects.get()
    assert (close.stage, close.looked, close.partners) == ("done", 1, 1)
    assert told(close) == [(world.partner, 20_000, "pay", 1)]
    assert statement.number == "agencies-2026-04-0001"
    assert statement.flags == ["first"]
    made = Fact.objects.get(kind="statement.made")
    assert (made.thing, made.rule, made.inputs) == (statement.pk, "agencies-1", statement.inputs)
    assert made.numbers == {
        "close": str(close.pk),
        "month": "2026-04",
        "amount": 20_000,
        "currency": "GBP",
        "outcome": "pay",
        "pays_on": "2026-05-05",
    }
    paid = Fact.objects.get(kind="statement.paid")
    assert (paid.numbers["amount"], paid.numbers["paid_on"], paid.numbers["attempt"]) == (20_000, "2026-05-05", 1)


def test_what_is_on_hold_at_the_months_end_belongs_to_the_next(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(world.partner, 100_000, at=now + days(30))  # held until 1 May

    first = close_month(world, APRIL)
    second = close_month(world, MAY)

    assert told(first) == [(world.partner, 20_000, "pay", 1)]
    assert told(second) == [(world.partner, 10_000, "pay", 1)]


def test_less_than_the_minimum_waits_three_months_and_is_paid_once(now: datetime) -> None:
    world = a_house(now)
    for month in range(3):
        win(world.partner, 20_000, at=now + days(31 * month))  # 20.00 each

    amounts = [told(close_month(world, month, pay=False))[0][1:] for month in (APRIL, MAY, date(2026, 6, 1))]

    assert amounts == [(2_000, "below_minimum", 0), (4_000, "below_minimum", 0), (6_000, "pay", 3)]


def test_what_is_negative_is_carried_by_itself(now: datetime) -> None:
    world = a_house(now)
    deal = win(world.partner, 200_000, at=now)
    first = close_month(world, APRIL)
    refund(deal, 200_000, at=after(APRIL, 20))
    win(world.partner, 150_000, at=after(APRIL, 21))  # payable in June

    second = close_month(world, MAY)
    third = close_month(world, date(2026, 6, 1))

    assert told(first) == [(world.partner, 20_000, "pay", 1)]
    assert told(second) == [(world.partner, -20_000, "negative", 0)]
    # 15,000 earned less 20,000 taken back: still owed to the house.
    assert told(third) == [(world.partner, -5_000, "negative", 0)]


def test_a_refund_while_the_month_is_closed_goes_to_the_next(now: datetime) -> None:
    world = a_house(now)
    deal = win(world.partner, 200_000, at=now)
    close = start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    refund(deal, 50_000, at=after(APRIL) + timedelta(minutes=1))
    assert not go_on(close.pk, now=after(APRIL) + timedelta(minutes=2))

    sign(close)
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    pay_all(close)
    second = collect(world, MAY)

    assert told(close) == [(world.partner, 20_000, "pay", 1)]
    assert told(second) == [(world.partner, -5_000, "negative", 0)]


def test_a_late_deal_with_an_early_day_goes_to_the_next(now: datetime) -> None:
    """It was won before the cut and would have been payable, but the journal heard of it afterwards."""
    world = a_house(now, hold_days=0)
    win(world.partner, 200_000, at=now)
    close = start_close(THE_HOUSE, world.programme, MARCH, now=after(MARCH))
    win(world.partner, 100_000, at=now + days(1), now=after(MARCH))
    while go_on(close.pk, now=after(MARCH)):
        pass
    assert told(close) == [(world.partner, 20_000, "pay", 1)]
    sign(close)
    assert told(close_month(world, APRIL)) == [(world.partner, 10_000, "pay", 1)]


def test_each_partner_in_its_currency(now: datetime) -> None:
    world = a_house(now, minimum={"GBP": 5000, "EUR": 9000}, tiers=written_plan([])["tiers"][:1])
    other = another(world, now=now, currency="EUR")
    win(world.partner, 80_000, at=now)
    report_deal(THE_HOUSE, a_report(other, 80_000, at=now, currency="EUR"), now=now)
    close = collect(world, APRIL)
    assert sorted(told(close)) == sorted([(world.partner, 8_000, "pay", 1), (other, 8_000, "below_minimum", 0)])


def test_terms_and_payee_hold_until_they_are_there(now: datetime) -> None:
    world = a_house(now)
    terms = publish_terms(THE_HOUSE, world.programme, "# We agree", reason="The first.", effective_from=now, now=now)
    other = another(world, now=now)
    win(world.partner, 200_000, at=now)
    win(other, 100_000, at=now)
    close = collect(world, APRIL)
    assert {one[2] for one in told(close)} == {"terms"}

    accept_terms(world.owner, world.partner, terms.pk, now=after(APRIL))
    mine = Statement.objects.get(partner=world.partner)
    look_again(THE_HOUSE, mine.pk)
    assert [one for one in told(close) if one[0] == world.partner] == [(world.partner, 20_000, "pay", 1)]

    change_payee(world.owner, world.partner, profile(provider_reference="acct_two"), now=after(APRIL))
    look_again(THE_HOUSE, mine.pk)
    assert [one for one in told(close) if one[0] == world.partner] == [(world.partner, 20_000, "payee", 0)]
    make_payable(world.partner, now=after(APRIL))
    look_again(THE_HOUSE, mine.pk)
    sign(close)
    assert [one for one in told(close) if one[0] == world.partner] == [(world.partner, 20_000, "pay", 1)]


def test_a_hold_has_a_reason_and_lasts_one_month(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    statement = Statement.objects.get()
    with pytest.raises(Refused, match="Say why"):
        hold(THE_HOUSE, statement.pk, "  ", now=after(APRIL))
    hold(THE_HOUSE, statement.pk, "The client has asked for its money.", now=after(APRIL))
    assert told(close) == [(world.partner, 20_000, "held", 0)]
    look_again(THE_HOUSE, statement.pk)
    assert told(close) == [(world.partner, 20_000, "pay", 1)]
    hold(THE_HOUSE, statement.pk, "The client has asked for its money.", now=after(APRIL))
    sign(close)
    assert told(close_month(world, MAY)) == [(world.partner, 20_000, "pay", 1)]
    with pytest.raises(Conflict, match="stay as they are"):
        hold(THE_HOUSE, statement.pk, "again", now=now)
    with pytest.raises(Conflict, match="stay as they are"):
        look_again(THE_HOUSE, statement.pk)


def test_exceptions_are_looked_at_before_approving(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    with pytest.raises(Conflict, match="need a look"):
        approve(THE_HOUSE, close.pk, now=after(APRIL))
    statement = Statement.objects.get()
    assert see(THE_HOUSE, close.pk, [statement.pk], now=after(APRIL)) == 1
    assert see(THE_HOUSE, close.pk, [statement.pk], now=after(APRIL)) == 0
    approve(THE_HOUSE, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="stay as they are"):
        approve(THE_HOUSE, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="stay as they are"):
        see(THE_HOUSE, close.pk, [statement.pk], now=after(APRIL))


def test_a_second_person_approves_and_enters_payments(now: datetime, settings: object) -> None:
    settings.FOUR_EYES = True  # type: ignore[attr-defined]
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    ruben, ines = finance(), finance()
    close = collect(world, APRIL, by=ruben)
    see(ruben, close.pk, (), flag="first", now=after(APRIL))
    with pytest.raises(Conflict, match="second person"):
        approve(ruben, close.pk, now=after(APRIL))
    approve(ines, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="being written down"):
        hand_over(ruben, close.pk, now=after(APRIL))
    while go_on_as(ruben, close.pk, now=after(APRIL)):
        pass
    hand_over(ruben, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="second person"):
        enter_file(ruben, close.pk, payment_file(close), now=after(APRIL, 5, 17))
    assert enter_file(ines, close.pk, payment_file(close), now=after(APRIL, 5, 17)).entered == 1


def test_which_months_can_be_closed(now: datetime) -> None:
    world = a_house(now)
    with pytest.raises(Refused, match="not over"):
        start_close(THE_HOUSE, world.programme, MARCH, now=after(MARCH))  # nothing was ever payable
    win(world.partner, 200_000, at=now)
    with pytest.raises(Refused, match="not over"):
        start_close(THE_HOUSE, world.programme, APRIL, now=after(MARCH))
    # It is over in Greenwich, not yet in London.
    with pytest.raises(Refused, match="not over"):
        start_close(THE_HOUSE, world.programme, APRIL, now=datetime.fromisoformat("2026-04-30T22:59:00+00:00"))
    close = start_close(THE_HOUSE, world.programme, APRIL, now=datetime.fromisoformat("2026-04-30T23:01:00+00:00"))
    with pytest.raises(Conflict, match="Finish it first"):
        start_close(THE_HOUSE, world.programme, MAY, now=after(MAY))
    with pytest.raises(Conflict, match="Not every partner"):
        approve(THE_HOUSE, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="Not every partner"):
        see(THE_HOUSE, close.pk, (), flag="first", now=after(APRIL))
    with pytest.raises(Conflict, match="not approved"):
        hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    assert not go_on(close.pk, now=after(APRIL))
    assert not go_on(close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="not approved"):
        hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    sign(close)
    with pytest.raises(Refused, match="closed already"):
        start_close(THE_HOUSE, world.programme, FEBRUARY, now=after(MAY))


def test_programmes_that_cannot_be_closed(now: datetime) -> None:
    imported = found_programme("history", name="History", timezone="UTC", clock="source")
    with pytest.raises(Refused, match="imported history"):
        start_close(THE_HOUSE, imported, MARCH, now=now)
    with pytest.raises(Refused, match="no plan yet"):
        start_close(THE_HOUSE, found_programme("new", name="New", timezone="UTC"), MARCH, now=now)
    with pytest.raises(NotFound):
        start_close(THE_HOUSE, uuid7(), MARCH, now=now)
    for verb in (lambda: go_on(uuid7(), now=now), lambda: hold(THE_HOUSE, uuid7(), "why", now=now)):
        with pytest.raises(NotFound):
            verb()


def test_nobody_else_closes(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    statement = Statement.objects.get()
    for actor, refusal in ((acting(a_staff_member("manager")), Forbidden), (world.owner, Forbidden)):
        for verb in (
            lambda by: start_close(by, world.programme, MAY, now=after(MAY)),
            lambda by: go_on_as(by, close.pk, now=after(APRIL)),
            lambda by: see(by, close.pk, [statement.pk], now=after(APRIL)),
            lambda by: hold(by, statement.pk, "why", now=after(APRIL)),
            lambda by: look_again(by, statement.pk),
            lambda by: approve(by, close.pk, now=after(APRIL)),
            lambda by: hand_over(by, close.pk, now=after(APRIL)),
        ):
            with pytest.raises(refusal):
                verb(actor)


def test_a_month_in_which_nothing_is_paid_is_done_when_handed_over(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 20_000, at=now)
    close = close_month(world, APRIL)
    assert (close.stage, told(close)) == ("done", [(world.partner, 2_000, "below_minimum", 0)])
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))  # once more changes nothing
    assert Close.objects.get().stage == "done"


@pytest.mark.parametrize("chunk", [1, 2, 500])
def test_chunks_leave_nobody_out(now: datetime, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(actions, "A_CHUNK", chunk)
    world = a_house(now)
    partners = sorted([world.partner, *(another(world, now=now) for _ in range(3))])
    for index, partner in enumerate(partners):
        win(partner, 100_000 * (index + 1), at=now)
    close = collect(world, APRIL)
    assert told(close) == [(partner, 10_000 * (index + 1), "pay", 1) for index, partner in enumerate(partners)]
    sign(close)
    assert Fact.objects.filter(kind="statement.made").count() == 4
    assert (close.looked, close.partners, close.statements_made) == (4, 4, 4)


def test_what_falls_due_is_applied_before_a_statement_is_written(now: datetime) -> None:
    """A statement moves its partner's time on, so that a tier never falls later than on its own day."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(world.partner, 90_000, at=now + days(200))
    close_month(world, date(2026, 11, 1))
    late = date(2027, 3, 1)
    collected = collect(world, late)
    sign(collected)
    times = Fact.objects.filter(partner=world.partner).order_by("pos").values_list("effective_at", flat=True)
    assert list(times) == sorted(times)


@pytest.mark.parametrize(
    "statement",
    [
        "update programme_statement set amount = 1",
        "delete from programme_statement",
        "update programme_commissionline set payable_on = payable_on + 40",
        "update programme_payout set reference = 'x'",
        "delete from programme_payout",
    ],
)
def test_what_was_made_stays(now: datetime, statement: str) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        (date.min, date(2026, 5, 31), "no_day_is_paid_twice"),
        (date(2026, 4, 2), date(2026, 4, 30), "one_statement_a_months_end"),
        (date(2026, 7, 1), date(2026, 6, 30), "statement_has_days"),
        (
            date(2026, 4, 30),
            date(2026, 5, 31),
            "agencies-2026-05-0001 pays for days that statement agencies-2026-04-0001",
        ),
    ],
)
def test_no_day_is_paid_twice(now: datetime, since: date, until: date, said: str) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    close = start_close(THE_HOUSE, world.programme, MAY, now=after(MAY))
    paid = Statement.objects.get()
    with pytest.raises(IntegrityError, match=said), transaction.atomic():
        Statement.objects.create(
            close=close,
            partner_id=world.partner,
            currency="GBP",
            since=since,
            until=until,
            number="agencies-2026-05-0001",
            amount=paid.amount,
            lines=1,
            outcome="pay",
            inputs=paid.inputs,
            flags=[],
        )


@pytest.mark.tampers
def test_a_statement_cannot_come_to_pay_for_days_that_are_paid(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    win(world.partner, 200_000, at=now + days(31))
    close_month(world, APRIL)
    draft = Statement.objects.get(close=collect(world, MAY))
    assert (draft.since, draft.until) == (date(2026, 5, 1), date(2026, 5, 31))
    with pytest.raises(IntegrityError, match="pays for days that statement"), transaction.atomic():
        Statement.objects.filter(pk=draft.pk).update(since=date(2026, 4, 30))
    Statement.objects.filter(pk=draft.pk).update(since=date(2026, 4, 30), outcome="payee")


def a_line_again(payable_on: date) -> None:
    """Enter the only line there is once more, as no action would, with another day."""
    line = CommissionLine.objects.get(kind="earned")
    line.pk, line.kind, line.payable_on, line._state.adding = uuid7(), "adjusted", payable_on, True
    with transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.tampers
def test_a_month_that_was_looked_at_takes_nothing_in(now: datetime) -> None:
    """Until its partner is looked at, what was being written when the close began is still let in, and counts."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    a_line_again(date(2026, 4, 30))
    go_on(close.pk, now=after(APRIL))
    assert told(close) == [(world.partner, 40_000, "pay", 2)]
    for day in (date(2026, 4, 30), date(2026, 3, 1)):
        with pytest.raises(IntegrityError, match="cannot be payable in a month that is closed"):
            a_line_again(day)
    sign(close)
    with pytest.raises(IntegrityError, match="cannot be payable in a month that is closed"):
        a_line_again(date(2026, 4, 30))
    a_line_again(date(2026, 5, 1))


def test_months_are_closed_in_their_order(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = sign(collect(world, APRIL))
    close.pk, close.month, close._state.adding = uuid7(), MARCH, True
    with pytest.raises(IntegrityError, match="before one that was closed"), transaction.atomic():
        close.save(force_insert=True)


def test_a_month_begins_when_the_one_before_is_written_down(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    close = collect(world, APRIL)
    see(THE_HOUSE, close.pk, (), flag="first", now=after(APRIL))
    approve(THE_HOUSE, close.pk, now=after(APRIL))
    with pytest.raises(Conflict, match="2026-04 is being closed"):
        start_close(THE_HOUSE, world.programme, MAY, now=after(MAY))
    assert [one.closable for one in months(THE_HOUSE, now=after(MAY))] == [()]
    while go_on(close.pk, now=after(APRIL)):
        pass
    assert [one.closable for one in months(THE_HOUSE, now=after(MAY))] == [(MAY,)]
    assert start_close(THE_HOUSE, world.programme, MAY, now=after(MAY)).month == MAY


@pytest.mark.tampers
def test_a_day_that_is_neither_the_deals_nor_a_months_first_is_told(now: datetime) -> None:
    """Later than its deal says, a line is payable on the first of the month after one that was closed, or never."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    collect(world, APRIL)
    for day, said in (("2026-05-01", 0), ("2026-04-02", 1), ("2026-03-01", 1)):
        with connection.cursor() as cursor:
            cursor.execute("alter table journal_fact disable trigger journal_fact_append_only")
            cursor.execute(
                "update journal_fact set numbers = jsonb_set(numbers, '{payable_on}', to_jsonb(%s::text))"
                " where kind = 'commission.added'",
                [day],
            )
        told = [one for one in verify(now=after(APRIL), deep=True).differences if "makes it payable" in one]
        assert len(told) == said
        assert all(one.endswith(f"its deal makes it payable on 2026-04-01, not on {day}") for one in told)


def test_what_is_told_of_a_closed_month_is_payable_in_the_next(now: datetime) -> None:
    """Its day is that of the month that takes it in, in the line and in its fact; the rule alone would say earlier."""
    world = a_house(now, hold_days=0)
    deal = win(world.partner, 200_000, at=now)
    start_close(THE_HOUSE, world.programme, MARCH, now=after(MARCH))
    refund(deal, 50_000, at=now + days(2))
    line = CommissionLine.objects.get(kind="reversed")
    fact = Fact.objects.get(thing=line.pk)
    assert (line.effective_at, line.payable_on) == (now + days(2), APRIL)
    assert fact.numbers["payable_on"] == "2026-04-01"


def test_flags_come_in_their_order(now: datetime) -> None:
    world = a_house(now)
    win(world.partner, 60_000, at=now)
    win(world.partner, 200_000, at=after(MARCH))
    close_month(world, APRIL)
    change_payee(THE_HOUSE, world.partner, profile(address="2 Quay Street"), now=after(APRIL, 20))
    collect(world, MAY)
    found: Sequence[str] = Statement.objects.get(close__month=MAY).flags
    assert found == ["payee_changed", "much_more", "payee"]
