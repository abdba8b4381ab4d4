"""What becomes of ready lines, what somebody should look at, and a bridge whose causes add up."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.programme.closes.rules import (
    ends_at,
    last_day,
    month_before,
    months_to_close,
    pays_on,
    runs_on,
    statement_number,
)
from academy.programme.commissions.rules import LineKind
from academy.programme.statements.rules import BridgeLine, Cause, Flag, Found, Outcome, bridge, flags, outcome


def found(**changes: object) -> Found:
    given = {
        "amount": 6_000,
        "lines": 2,
        "minimum": 5_000,
        "seen": 9,
        "terms": "t",
        "accepted": True,
        "payee": 1,
    }
    return Found(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, Outcome.PAY),
        ({"amount": 5_000}, Outcome.PAY),
        ({"amount": 4_999}, Outcome.BELOW_MINIMUM),
        ({"amount": 0, "minimum": 0}, Outcome.BELOW_MINIMUM),
        ({"amount": 1, "minimum": 0}, Outcome.PAY),
        ({"amount": -1}, Outcome.NEGATIVE),
        ({"accepted": False}, Outcome.TERMS),
        ({"terms": "", "accepted": False}, Outcome.PAY),
        ({"payee": 0}, Outcome.PAYEE),
        ({"accepted": False, "payee": 0}, Outcome.TERMS),
        ({"held": True, "amount": -1}, Outcome.HELD),
    ],
)
def test_an_outcome(changes: dict[str, object], result: Outcome) -> None:
    assert outcome(found(**changes)) == result
    assert Found.from_json(found(**changes).as_json()) == found(**changes)


@pytest.mark.parametrize(
    ("changes", "before", "paid_to", "question", "marks"),
    [
        ({}, [], None, False, (Flag.FIRST,)),
        ({}, [6_000], 1, False, ()),
        ({}, [6_000], 2, False, (Flag.PAYEE_CHANGED,)),
        ({}, [6_000], None, False, (Flag.FIRST,)),  # approved, and never arrived
        ({"amount": 18_001}, [6_000, 1_000, 9_000], 1, False, (Flag.MUCH_MORE,)),
        ({"amount": 18_001}, [6_000], None, False, (Flag.MUCH_MORE, Flag.FIRST)),
        ({"amount": 18_000}, [6_000, 1_000, 9_000], 1, False, ()),
        ({"amount": -5}, [6_000], 1, True, (Flag.NEGATIVE, Flag.QUESTION)),
        ({"amount": 5}, [], None, False, (Flag.BELOW_MINIMUM,)),
        ({"accepted": False}, [6_000], 1, False, (Flag.TERMS,)),
        ({"payee": 0}, [6_000], 2, False, (Flag.PAYEE_CHANGED, Flag.PAYEE)),
        ({"held": True}, [6_000], 1, False, (Flag.HELD,)),
    ],
)
def test_what_should_be_looked_at(
    changes: dict[str, object], before: list[int], paid_to: int | None, question: bool, marks: tuple[Flag, ...]
) -> None:
    assert flags(found(**changes), before=before, paid_to=paid_to, latest_payee=1, question=question) == marks


def test_a_bridge_by_hand() -> None:
    lines = [
        BridgeLine(LineKind.EARNED, 1_840, 0, known=True),  # 18.40 waited below the minimum
        BridgeLine(LineKind.EARNED, 23_000, 1_150, known=False, deal_amount=200_000, rate_before=1_000),
        BridgeLine(LineKind.EARNED, 8_000, 800, known=False, deal_amount=100_000),  # a product not sold before
        BridgeLine(LineKind.EARNED, -1_000, 1_000, known=False, deal_amount=-10_000, rate_before=1_000),
        BridgeLine(LineKind.REVERSED, -500, 1_000, known=False),
        BridgeLine(LineKind.ADJUSTED, 77, 1_000, known=False),
    ]
    assert bridge(40_000, lines) == [
        (Cause.PAID, -40_000),
        (Cause.CARRIED, 1_840),
        (Cause.NEW, 28_000),
        (Cause.RATE, 3_000),
        (Cause.CREDITS, -1_000),
        (Cause.REVERSED, -500),
        (Cause.ADJUSTED, 77),
    ]
    assert bridge(0, []) == []


a_line = st.builds(
    BridgeLine,
    st.sampled_from(LineKind),
    st.integers(-(10**9), 10**9),
    st.integers(0, 10_000),
    known=st.booleans(),
    deal_amount=st.integers(-(10**10), 10**10),
    rate_before=st.none() | st.integers(0, 10_000),
)


@given(st.integers(0, 10**9), st.lists(a_line, max_size=30))
def test_causes_add_up_exactly(paid_before: int, lines: list[BridgeLine]) -> None:
    causes = bridge(paid_before, lines)
    assert paid_before + sum(amount for _, amount in causes) == sum(line.amount for line in lines)
    assert all(amount for _, amount in causes)


def test_the_days_of_a_month() -> None:
    december = date(2026, 12, 1)
    assert last_day(december) == date(2026, 12, 31)
    new_year = date(2027, 1, 1)
    assert (runs_on(december, 5, new_year), pays_on(december, 5, new_year)) == (date(2027, 1, 4), date(2027, 1, 5))
    assert (runs_on(december, 1, new_year), pays_on(december, 1, new_year)) == (new_year, new_year)
    # Cut too late for its own pay day: nobody is promised a day that has passed.
    late = date(2027, 1, 26)
    assert (runs_on(december, 5, late), pays_on(december, 5, late)) == (date(2027, 2, 4), date(2027, 2, 5))
    assert ends_at(date(2026, 6, 1), ZoneInfo("Europe/London")).isoformat() == "2026-07-01T00:00:00+01:00"
    assert month_before(date(2026, 1, 1)) == date(2025, 12, 1)
    assert statement_number("agencies", december, 17) == "agencies-2026-12-0017"


def test_months_to_close() -> None:
    november, december, january = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
    today = date(2027, 2, 3)
    assert months_to_close(None, date(2026, 11, 20), today) == [november, december, january]
    assert months_to_close(november, date(2026, 1, 1), today) == [december, january]
    assert months_to_close(january, date(2026, 1, 1), today) == []
    assert months_to_close(date(2027, 3, 1), date(2026, 1, 1), today) == []
    assert len(months_to_close(None, date(2020, 1, 1), today)) == 24
