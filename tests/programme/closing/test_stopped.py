"""A close that is killed at any statement, that two people go on with at once, and that a refund overtakes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from academy.core.errors import Conflict
from academy.journal.models import Fact
from academy.notifications.notices.models import Notice
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes import actions
from academy.programme.closes.actions import approve, go_on, hand_over, start_close
from academy.programme.closes.checking.actions import see
from academy.programme.closes.jobs import go_on_with_close
from academy.programme.closes.models import Close
from academy.programme.commissions.models import CommissionLine
from academy.programme.payouts import actions as payouts
from academy.programme.payouts.actions import enter_file
from academy.programme.payouts.models import Payout
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag
from academy.programme.verification.queries import verify

from ...together import one_waits_for_another, together
from ...worlds import World, refund, win
from .months import APRIL, MARCH, MAY, a_house, after, another, collect, named_by, payment_file, sign, told


class Killed(OperationalError):
    """The process is gone."""


@contextmanager
def killed_at(number: int) -> Iterator[list[str]]:
    """Let the statement of that number fail, and everything after it, as when the process dies there."""
    sent: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append(sql)
        if len(sent) >= number:
            raise Killed(f"killed at statement {number}")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield sent


def a_street(now: datetime, partners: int = 5) -> World:
    """A house whose partners each have two lines; the chunk is of two."""
    world = a_house(now)
    for partner in [world.partner, *(another(world, now=now) for _ in range(partners - 1))]:
        win(partner, 100_000, at=now)
        win(partner, 50_000, at=now)
    return world


def how_far() -> tuple[object, ...]:
    """What is committed of the month."""
    closes = tuple(Close.objects.values_list("stage", "looked"))
    made = Statement.objects.exclude(made_at=None).count()
    return (closes, Statement.objects.exclude(seen_at=None).count(), made, Payout.objects.count())


def all_of_it(world: World) -> Close:
    """Everything that a month takes, from whatever has been done already."""
    now = after(APRIL)
    close = Close.objects.filter(month=APRIL).first() or start_close(THE_HOUSE, world.programme, APRIL, now=now)
    while go_on(close.pk, now=now):
        pass
    close.refresh_from_db()
    if close.stage == "checking":
        for flag in Flag:
            see(THE_HOUSE, close.pk, (), flag=flag, now=now)
        approve(THE_HOUSE, close.pk, now=now)
    while go_on(close.pk, now=now):
        pass
    hand_over(THE_HOUSE, close.pk, now=now)
    enter_file(THE_HOUSE, close.pk, payment_file(close), now=after(APRIL, 5, 17))
    close.refresh_from_db()
    return close


@pytest.mark.django_db(transaction=True)
def test_killed_at_every_statement_it_resumes_with_none_twice(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One month, killed at each statement in turn and gone on with: at most as much is lost as one chunk."""
    monkeypatch.setattr(actions, "A_CHUNK", 2)
    monkeypatch.setattr(payouts, "A_CHUNK", 2)
    world = a_street(now, partners=3)
    number, deaths, reached = 1, 0, how_far()
    while True:
        try:
            with killed_at(number):
                all_of_it(world)
            break
        except Killed:
            deaths += 1
            assert all(len(named_by(one)) == one.lines == 2 for one in Statement.objects.all())
            assert Fact.objects.filter(kind="statement.made").count() == Statement.objects.exclude(made_at=None).count()
            assert Fact.objects.filter(kind="statement.paid").count() == Payout.objects.count()
            # Where something was committed the rest begins with fewer statements: each of those is tried too.
            number = number + 1 if reached == how_far() else 1
            reached = how_far()
    close = Close.objects.get()
    assert deaths > 100
    assert close.stage == "done"
    assert [one[1:] for one in told(close)] == [(15_000, "pay", 2)] * 3
    assert [one[0] for one in told(close)] == sorted(one[0] for one in told(close))
    assert Statement.objects.filter(made_at=None).count() == 0
    assert Fact.objects.filter(kind="statement.made").count() == 3
    assert Payout.objects.count() == 3
    owned = Notice.objects.filter(kind="statement.ready").values_list("key", flat=True)
    assert sorted(owned) == [f"statement.ready:{Statement.objects.get(partner=world.partner).pk}"]
    assert verify(now=after(APRIL, 5, 17), deep=True).differences == []


@pytest.mark.django_db(transaction=True)
def test_two_people_close_at_once(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "A_CHUNK", 1)
    world = a_street(now)
    began = together(2, lambda _: start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL)))
    assert sorted(type(one).__name__ for one in began) == ["Close", "Conflict"]
    assert isinstance(next(one for one in began if isinstance(one, Exception)), Conflict)
    close = Close.objects.get()

    def work(_: int) -> int:
        chunks = 1
        while go_on(close.pk, now=after(APRIL)):
            chunks += 1
        return chunks

    assert all(isinstance(one, int) for one in together(3, work))
    sign(close)
    assert [one[1:] for one in told(close)] == [(15_000, "pay", 2)] * 5


@pytest.mark.django_db(transaction=True)
def test_refunds_and_deals_while_it_runs(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deals and refunds go on in other threads; whoever comes first, each line is on one statement or on none."""
    monkeypatch.setattr(actions, "A_CHUNK", 1)
    world = a_house(now)
    partners = [world.partner, *(another(world, now=now) for _ in range(5))]
    deals = [win(partner, 100_000, at=now) for partner in partners]
    close = start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    at = after(APRIL) + timedelta(minutes=5)

    def work(number: int) -> None:
        if number == 0:
            while go_on(close.pk, now=after(APRIL)):
                pass
            return
        for deal in deals[number - 1 :: 2]:
            refund(deal, 40_000, at=at)

    assert together(3, work) == [None, None, None]
    sign(close, now=at)
    assert [one[1:] for one in told(close)] == [(10_000, "pay", 1)] * 6
    hand_over(THE_HOUSE, close.pk, now=at)
    assert [one[1:] for one in told(collect(world, MAY))] == [(-4_000, "negative", 0)] * 6


@pytest.mark.django_db(transaction=True)
def test_payments_read_by_two_at_once(now: datetime) -> None:
    world = a_street(now)
    close = sign(collect(world, APRIL))
    hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    file = payment_file(close)
    done = together(2, lambda _: enter_file(THE_HOUSE, close.pk, file, now=after(APRIL, 5, 17)))
    counts = sorted((one.entered, one.known, one.refused) for one in done if not isinstance(one, Exception))
    assert counts == [(0, 5, ()), (5, 0, ())]
    assert Payout.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_the_worker_goes_on_when_nobody_stays(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "A_CHUNK", 2)
    world = a_street(now)
    close = start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    with connection.cursor() as cursor:
        cursor.execute("select task_name from procrastinate_jobs where args->>'close_id' = %s", [str(close.pk)])
        assert cursor.fetchall() == [("programme.go_on_with_close",)]
    monkeypatch.setattr("academy.core.clock.now", lambda: after(APRIL))
    go_on_with_close(str(close.pk))
    assert [one[1:] for one in told(close)] == [(15_000, "pay", 2)] * 5


@pytest.mark.django_db(transaction=True)
def test_a_partner_that_is_being_enrolled_is_waited_for(now: datetime) -> None:
    """Its line is payable in the month, and the close begins before it is there: it waits, and looks at it."""
    world = a_house(now, hold_days=0)
    win(world.partner, 100_000, at=now)

    def enrol() -> UUID:
        partner = another(world, now=now)
        win(partner, 200_000, at=now)
        return partner

    partner, _ = one_waits_for_another(
        enrol, lambda: start_close(THE_HOUSE, world.programme, MARCH, now=after(MARCH)).pk
    )
    close = Close.objects.get()
    while go_on(close.pk, now=after(MARCH)):
        pass
    assert [one[0::2] for one in told(close)] == [(world.partner, "pay"), (partner, "pay")]
    assert close.partners == 2


@pytest.mark.django_db
def test_a_base_of_before_is_brought_over(now: datetime) -> None:
    """Lines that were told late had an early day then: they get the one that they would be written with now."""
    world = a_house(now, hold_days=0)
    win(world.partner, 200_000, at=now)
    start_close(THE_HOUSE, world.programme, MARCH, now=after(MARCH))
    cut = Fact.objects.latest("pos").pos
    win(world.partner, 100_000, at=now + timedelta(days=1), now=after(MARCH))
    close = Close.objects.get()
    while go_on(close.pk, now=after(MARCH)):
        pass
    sign(close)
    hand_over(THE_HOUSE, close.pk, now=after(MARCH))
    enter_file(THE_HOUSE, close.pk, payment_file(close), now=after(MARCH, 5, 17))
    collect(world, APRIL)
    lines = list(CommissionLine.objects.order_by("pk").values_list("payable_on", flat=True))
    days = list(Statement.objects.order_by("number").values_list("since", "until"))
    assert (lines, days) == (
        [now.date(), APRIL],
        [(date.min, date(2026, 3, 31)), (APRIL, date(2026, 4, 30))],
    )
    migration = import_module("academy.programme.migrations.0015_days_of_statements")
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE, {"cut": cut, "day": now.date() + timedelta(days=1)})
        cursor.execute(migration.MOVE_LATE_LINES + migration.SAY_THE_DAYS)
    assert list(CommissionLine.objects.order_by("pk").values_list("payable_on", flat=True)) == lines
    assert list(Statement.objects.order_by("number").values_list("since", "until")) == days
    assert verify(now=after(APRIL), deep=True).differences == []


# What the release before had written: the late line's own day, a place in the journal, and no days.
AS_BEFORE = """
    set constraints all immediate;
    alter table programme_close add column cut bigint;
    update programme_close set cut = %(cut)s where month = '2026-03-01';
    alter table programme_statement alter column since drop not null, alter column until drop not null;
    alter table programme_statement disable trigger user;
    update programme_statement set since = null, until = null;
    alter table programme_statement enable trigger user;
    alter table programme_commissionline disable trigger user;
    update programme_commissionline set payable_on = %(day)s where payable_on = '2026-04-01';
    alter table programme_commissionline enable trigger user;
    alter table journal_fact disable trigger user;
    update journal_fact set numbers = jsonb_set(numbers, '{payable_on}', to_jsonb(%(day)s::text))
     where kind = 'commission.added' and numbers->>'payable_on' = '2026-04-01';
    alter table journal_fact enable trigger user;
    update programme_daysum set payable_on = %(day)s where payable_on = '2026-04-01';
"""
