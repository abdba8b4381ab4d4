"""Commission arithmetic, without a database: the same figures by any path."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.money import commission, half_away
from academy.programme.commissions.rules import Earned, LineState, Moved, owed, payable_on, state_of
from academy.programme.standing.rules import Held

from ..plans import PLAN

WON_AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
amounts = st.integers(1, 10**9)
rates = st.integers(0, 10_000)


def test_the_printed_rate_is_what_is_multiplied() -> None:
    assert owed(1_840_000, 1208) == 222_272


@pytest.mark.parametrize(
    ("amount", "refunded", "left"), [(1_000, 0, 115), (1_000, 500, 57), (1_000, 999, 0), (1_000, 1_000, 0), (0, 0, 0)]
)
def test_a_refund_takes_its_share_back(amount: int, refunded: int, left: int) -> None:
    assert owed(amount, 1150, refunded) == left


@given(amounts, rates, st.lists(st.integers(1, 10**9), max_size=8))
def test_refunds_in_any_parts_net_to_zero(amount: int, rate: int, parts: list[int]) -> None:
    lines, refunded = [owed(amount, rate)], 0
    for part in [*parts, amount]:
        refunded = min(amount, refunded + part)
        lines.append(Moved(amount, refunded, sum(lines)).difference(rate))
        # The law of reversals: they sum to round(line x r / a).
        assert -sum(lines[1:]) == half_away(Fraction(lines[0] * refunded, amount))
    assert sum(lines) == 0


@given(amounts, amounts, rates, st.data())
def test_a_changed_amount_and_a_full_refund_net_to_zero(old: int, new: int, rate: int, data: st.DataObject) -> None:
    refunded = data.draw(st.integers(0, min(old, new)))
    lines = [owed(old, rate)]
    lines.append(Moved(old, refunded, sum(lines)).difference(rate))
    lines.append(Moved(new, refunded, sum(lines)).difference(rate))
    assert sum(lines) == owed(new, rate, refunded)
    lines.append(Moved(new, new, sum(lines)).difference(rate))
    assert sum(lines) == 0


@given(amounts, rates)
def test_a_credit_mirrors_its_sale(amount: int, rate: int) -> None:
    assert owed(-amount, rate) == -owed(amount, rate) == commission(-amount, rate)


def test_what_a_deal_was_priced_from_says_its_steps() -> None:
    held = Held("gold", bonus=True, uplifts=1)
    earned = Earned.of(held, product="automation", amount=1_840_000)
    assert Earned.from_json(earned.as_json()) == earned
    assert [(str(step.kind), step.result) for step in earned.rate(PLAN).steps] == [
        ("base", Fraction(10, 100)),
        ("tier", Fraction(13, 100)),
        ("bonus", Fraction(1365, 10_000)),
        ("uplift", Fraction(1465, 10_000)),
    ]


def test_a_line_is_held_from_the_day_that_the_deal_was_won_where_the_programme_is() -> None:
    won_in_summer = datetime(2026, 7, 2, 23, 30, tzinfo=UTC)  # half past midnight of the third in London
    assert payable_on(PLAN, WON_AT) == date(2026, 4, 1)
    assert payable_on(PLAN, won_in_summer) == date(2026, 8, 2)


@pytest.mark.parametrize(("days", "payable"), [(0, date(2026, 4, 1)), (10, date(2026, 4, 1)), (40, date(2026, 4, 12))])
def test_what_comes_later_goes_with_the_deal_while_that_is_on_hold(days: int, payable: date) -> None:
    assert payable_on(PLAN, WON_AT, WON_AT + timedelta(days=days)) == payable


@pytest.mark.parametrize(
    ("today", "on_statement", "is_paid", "state"),
    [
        (date(2026, 3, 31), False, False, LineState.ON_HOLD),
        (date(2026, 4, 1), False, False, LineState.READY),
        (date(2026, 4, 1), True, False, LineState.ON_ITS_WAY),
        (date(2026, 4, 1), True, True, LineState.PAID),
    ],
)
def test_the_state_of_a_line_is_derived(today: date, on_statement: bool, is_paid: bool, state: LineState) -> None:
    assert state_of(date(2026, 4, 1), today, on_statement=on_statement, is_paid=is_paid) is state
