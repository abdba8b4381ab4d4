"""A partner's money in sum, by the rules alone: every line in one group, and each headline the sum of what it opens."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.programme.balance.accounts.rules import (
    A_DAY,
    Account,
    Day,
    Group,
    Holding,
    NextPayment,
    Overview,
    Paying,
    Run,
    Total,
    Waits,
    added_up,
    runs,
)
from academy.programme.balance.rules import Calendar, Closing, LineStands, Named, calendar_of, stands
from academy.programme.closes.rules import due_on, last_day, next_month, pays_on
from academy.programme.commissions.rules import LineState, counted_on
from academy.programme.earnings.rules import ALL, Wanted, groups, total

from ..plans import the_plan

JANUARY, FEBRUARY, MARCH, APRIL, MAY, JUNE, JULY = (date(2026, month, 1) for month in range(1, 8))
PLAN = replace(the_plan(), pay_day=5, minimum={"GBP": 5_000})


@dataclass(frozen=True)
class ALine:
    """A line, and the number of the statement that names it."""

    payable_on: date
    amount: int
    number: str = ""


def a_line(payable_on: date, amount: int, told_in: date) -> ALine:
    """A line of which the house learned in a month, when those before it were closed."""
    return ALine(counted_on(payable_on, told_in), amount)


LINES = st.lists(
    st.builds(
        a_line,
        payable_on=st.integers(0, 240).map(lambda days: JANUARY + timedelta(days=days)),
        amount=st.integers(-9_000, 12_000),
        told_in=st.sampled_from([JANUARY, JANUARY, JANUARY, MARCH, MAY]),
    ),
    max_size=14,
)


@dataclass(frozen=True)
class House:
    """How far a house is: the months that it closed one after the other, and the one that it is closing."""

    closed: int
    held: frozenset[int]
    paid: int
    late: int
    is_closing: bool
    is_payee_checked: bool
    on: int

    def months(self) -> list[date]:
        """The closed months, from January on."""
        return [date(2026, 1 + number, 1) for number in range(self.closed)]

    @property
    def today(self) -> date:
        """Some day after all that was done, and perhaps long after."""
        return last_day(date(2026, 1 + self.closed, 1)) + timedelta(days=1 + self.on)


HOUSES = st.builds(
    House,
    closed=st.integers(0, 4),
    held=st.frozensets(st.integers(0, 3)),
    paid=st.integers(0, 4),
    late=st.integers(0, 45),
    is_closing=st.booleans(),
    is_payee_checked=st.booleans(),
    on=st.integers(0, 100),
)


def statements_of(lines: list[ALine], house: House, minimum: int) -> tuple[list[ALine], list[Paying]]:
    """What the closes of a house named, each in its turn: all that was payable, where it pays."""
    made: list[Paying] = []
    for index, month in enumerate(house.months()):
        due = [one for one in lines if not one.number and one.payable_on <= last_day(month)]
        amount = sum(one.amount for one in due)
        if not due or amount < max(minimum, 1) or index in house.held:
            continue
        number = f"S-{index}"
        cut_on = last_day(month) + timedelta(days=1 + house.late)
        day = pays_on(month, 5, cut_on)
        named = Named(number, month, day, day, day if index < house.paid else None, "")
        waits = named.paid_on is None and not house.is_payee_checked
        since = made[-1].until + A_DAY if made else date.min
        made.append(Paying(since, amount, len(due), named, waits))
        lines = [replace(one, number=number) if one in due and not one.number else one for one in lines]
    return lines, made[::-1]


def seen(lines: list[ALine], house: House, minimum: int) -> tuple[Overview, list[LineStands]]:
    """The money of such a house's partner, and where each line of it stands."""
    lines, made = statements_of(lines, house, minimum)
    sums: Counter[date] = Counter()
    counts: Counter[date] = Counter()
    for one in lines:
        sums[one.payable_on] += one.amount
        counts[one.payable_on] += 1
    days = [Day(day, sums[day], counts[day]) for day in sorted(counts)]
    plan = replace(PLAN, minimum={"GBP": minimum})
    latest = None
    if house.closed:
        latest = Closing(house.months()[-1], house.today, is_open=False)
    if house.is_closing:
        month = date(2026, 1 + house.closed, 1)
        latest = Closing(month, min(house.today, last_day(month) + timedelta(days=1 + house.late)), is_open=True)
    calendar = replace(calendar_of(plan, latest, house.today), is_payee_checked=house.is_payee_checked)
    it = Overview(calendar, Account("GBP", days, made))
    by_number = {one.named.number: one.named for one in made}
    return it, [stands(one.payable_on, it.calendar, by_number.get(one.number)) for one in lines]


@given(LINES, HOUSES, st.sampled_from([0, 1, 5_000, 20_000]))
def test_every_line_is_in_one_group_and_the_headline_is_the_sum_of_those_it_opens(
    lines: list[ALine], house: House, minimum: int
) -> None:
    it, where = seen(lines, house, minimum)
    each: Counter[int] = Counter()
    amounts: Counter[int] = Counter()
    for line, stand in zip(lines, where, strict=True):
        (place,) = [index for index, group in enumerate(it.groups) if group.has(stand)]
        assert it.groups[place] == it.group_of(stand)
        assert it.groups[place].state is stand.state
        assert it.groups[place].run == it.run_of(stand)
        each[place] += 1
        amounts[place] += line.amount
    assert [(one.total.amount, one.total.lines) for one in it.groups] == [
        (amounts[place], each[place]) for place in range(len(it.groups))
    ]
    for state in LineState:
        mine = [line.amount for line, stand in zip(lines, where, strict=True) if stand.state is state]
        assert it.in_state(state) == Total(sum(mine), len(mine)) == added_up(groups(Wanted(state), it))

    waiting = [line.amount for line, stand in zip(lines, where, strict=True) if it.group_of(stand).pays_on is None]
    found = it.next
    if found.date is None:
        assert (found.amount, it.coming) == (sum(waiting), [])
        assert total(Wanted(waiting=True), it) == Total(sum(waiting), len(waiting))
    else:
        of_day = [
            line.amount
            for line, stand in zip(lines, where, strict=True)
            if it.group_of(stand).pays_on == found.date and stand.state is not LineState.PAID
        ]
        assert found.amount == sum(of_day)
        assert found.amount >= max(minimum, 1)
        assert total(Wanted(day=found.date), it) == Total(sum(of_day), len(of_day))
        assert not any(one.pays_on is not None and one.pays_on < found.date for one in it.groups if not one.is_paid)
    assert total(ALL, it) is None  # states are never added together


def the_money(*lines: tuple[date, int], today: date = APRIL, next_close: date = APRIL, **more: Any) -> Overview:
    """Lines of one each, which no statement names."""
    calendar = Calendar(PLAN, next_close, today)
    return Overview(calendar, replace(Account("GBP", [Day(day, amount, 1) for day, amount in lines]), **more))


def test_months_that_are_closed_late_are_paid_on_one_day() -> None:
    """In May nothing since January is closed: three statements come on one day, and the headline says all."""
    it = the_money(
        (date(2026, 2, 10), 6_000), (date(2026, 3, 10), 7_000), (date(2026, 5, 25), 8_000), today=date(2026, 5, 20),
        next_close=FEBRUARY,
    )  # fmt: skip
    day = date(2026, 6, 5)
    assert it.runs == [Run(FEBRUARY, day, 6_000, 1), Run(MARCH, day, 7_000, 1), Run(MAY, day, 8_000, 1)]
    assert it.next == NextPayment("GBP", 21_000, day, False, None, 5_000)
    assert [(one.state, one.total.amount) for one in it.coming] == [
        (LineState.READY, 6_000),
        (LineState.READY, 7_000),
        (LineState.ON_HOLD, 8_000),
    ]


def test_what_is_made_and_what_is_planned_for_its_day_come_together() -> None:
    made = Paying(date.min, 6_000, 1, Named("S-1", FEBRUARY, JUNE, date(2026, 6, 5), None, ""))
    it = the_money(
        (date(2026, 2, 10), 6_000), (date(2026, 3, 10), 7_000), today=date(2026, 5, 20), next_close=MARCH,
        statements=[made],
    )  # fmt: skip
    assert it.next == NextPayment("GBP", 13_000, date(2026, 6, 5), False, None, 5_000)
    assert added_up(groups(Wanted(day=date(2026, 6, 5)), it)) == Total(13_000, 2)
    assert it.groups[-1] == Group(LineState.ON_ITS_WAY, Total(6_000, 1), made, until=date(2026, 2, 28))


def test_what_waits_for_the_payees_check_is_ready_and_not_on_its_way() -> None:
    named = Named("S-1", FEBRUARY, date(2026, 3, 4), date(2026, 3, 5), None, "")
    made = Paying(date.min, 6_000, 1, named, waits=True)
    ready = date(2026, 2, 10)
    it = the_money((ready, 6_000), today=date(2026, 3, 4), next_close=MARCH, statements=[made])
    assert it.groups == [Group(LineState.READY, Total(6_000, 1), made, until=date(2026, 2, 28))]
    assert it.next == NextPayment("GBP", 6_000, date(2026, 3, 5), True, Waits.PAYEE, 5_000)
    unchecked = replace(it.calendar, is_payee_checked=False)
    assert stands(ready, unchecked, named) == LineStands(LineState.READY, ready, FEBRUARY, named)
    assert stands(ready, it.calendar, named) == LineStands(LineState.ON_ITS_WAY, ready, FEBRUARY, named)
    paid = replace(named, paid_on=date(2026, 3, 5), reference="R-1")
    assert stands(ready, unchecked, paid) == LineStands(LineState.PAID, ready, FEBRUARY, paid)


def test_why_nothing_is_planned() -> None:
    ready = date(2026, 3, 10)
    assert the_money().next == NextPayment("GBP", 0, None, False, Waits.NOTHING, 5_000)
    assert the_money((ready, 4_999)).next == NextPayment("GBP", 4_999, None, False, Waits.BELOW_MINIMUM, 5_000)
    assert the_money((ready, -1)).next == NextPayment("GBP", -1, None, False, Waits.NEGATIVE, 5_000)
    past = replace(the_money((ready, 5_000)).calendar, is_past=True)
    history = Overview(past, the_money((ready, 5_000)).account)
    assert history.next == NextPayment("GBP", 5_000, None, False, Waits.PAST, 5_000)
    assert stands(ready, past, None) == LineStands(LineState.READY, ready, None, None)
    holding = Holding(MARCH, 4_000)
    held = the_money((ready, 5_000), waits=Waits.HELD, held=holding).next
    assert held == NextPayment("GBP", 5_000, date(2026, 5, 5), False, Waits.HELD, 5_000, holding)
    planned = replace(held, waits=None, held=None)
    assert [one.is_planned for one in (held, planned, history.next)] == [False, True, False]


def test_what_is_in_the_way_of_lines_that_are_paid_together() -> None:
    """A person is in the way of what a run would pay, not of what waits for no payment, and not of a made statement."""
    small = the_money((date(2026, 3, 10), 4_999), waits=Waits.TERMS)
    assert [small.in_the_way([one]) for one in small.groups] == [None]
    planned = the_money((date(2026, 3, 10), 5_000), waits=Waits.TERMS)
    assert [planned.in_the_way([one]) for one in planned.groups] == [Waits.TERMS]
    named = Named("S-1", FEBRUARY, date(2026, 3, 4), date(2026, 3, 5), None, "")
    made = the_money((date(2026, 2, 10), 6_000), waits=Waits.TERMS, statements=[Paying(date.min, 6_000, 1, named)])
    assert [made.in_the_way([one]) for one in made.groups] == [None]


def test_what_does_not_come_to_the_minimum_waits_for_the_next_run() -> None:
    lines = [(date(2026, 4, 10), 3_000), (date(2026, 5, 31), 4_000), (JULY, 100)]
    it = the_money(*lines)
    assert it.runs == [Run(MAY, date(2026, 6, 5), 7_000, 2)]
    assert runs(it.account, 100, it.calendar) == [
        Run(APRIL, date(2026, 5, 5), 3_000, 1),
        Run(MAY, date(2026, 6, 5), 4_000, 1),
        Run(JULY, date(2026, 8, 5), 100, 1),
    ]
    assert the_money((date(2026, 4, 10), 3_000), (date(2026, 5, 31), -4_000)).runs == []


@pytest.mark.parametrize(
    ("latest", "today", "first", "pays"),
    [
        (None, date(2026, 5, 2), APRIL, date(2026, 5, 5)),  # it is over, and its pay day is ahead
        (None, date(2026, 5, 5), APRIL, date(2026, 5, 5)),
        (None, date(2026, 5, 6), MAY, date(2026, 6, 5)),
        (Closing(MARCH, APRIL, is_open=False), date(2026, 5, 2), APRIL, date(2026, 5, 5)),
        (Closing(APRIL, MAY, is_open=False), date(2026, 5, 2), MAY, date(2026, 6, 5)),
        # A house that is late closes one after the other.
        (Closing(JANUARY, FEBRUARY, is_open=False), date(2026, 5, 20), FEBRUARY, date(2026, 6, 5)),
        # What is being closed is paid by its cut, however long it is checked; also the first time ever.
        (Closing(APRIL, date(2026, 5, 2), is_open=True), date(2026, 5, 7), APRIL, date(2026, 5, 5)),
        (Closing(APRIL, date(2026, 5, 7), is_open=True), date(2026, 5, 9), APRIL, date(2026, 6, 5)),
    ],
)
def test_the_first_month_that_can_still_be_paid(latest: Closing | None, today: date, first: date, pays: date) -> None:
    found = calendar_of(PLAN, latest, today)
    assert (found.next_close, found.pays_on(first)) == (first, pays)
    assert found.pays_on(next_month(first)) == pays_on(next_month(first), 5, today)


def test_a_payment_that_came_back_is_paid_on_the_pay_day_after() -> None:
    assert due_on(APRIL, 5, MAY, came_back_on=None) == date(2026, 5, 5)
    assert due_on(APRIL, 5, MAY, came_back_on=date(2026, 5, 5)) == date(2026, 6, 5)
