"""Money: how it is read, written and rounded, by the figures of the design."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.errors import Refused
from academy.core.money import MOST, Money, commission, exponent, half_away, parse_amount, percent, threshold


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0", 0), ("1/2", 1), ("-1/2", -1), ("5/2", 3), ("-5/2", -3), ("49/100", 0), ("-51/100", -1), ("2415/2", 1208)],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert half_away(Fraction(value)) == rounded


@given(st.fractions())
def test_rounding_is_to_the_nearest_and_the_same_on_both_sides_of_zero(value: Fraction) -> None:
    assert abs(half_away(value) - value) <= Fraction(1, 2)
    assert half_away(-value) == -half_away(value)


@pytest.mark.parametrize(
    ("amount", "basis_points", "paid"),
    [
        (1_840_000, 1208, 222_272),
        (-1_840_000, 1208, -222_272),
        (1_840_000, 0, 0),
        (100_000, 1208, 12_080),
        (100_000, 1465, 14_650),
        (50, 100, 1),
        (-50, 100, -1),
        (49, 100, 0),
    ],
)
def test_commission(amount: int, basis_points: int, paid: int) -> None:
    assert commission(amount, basis_points) == paid


@pytest.mark.parametrize(
    ("basis_points", "written"),
    [(1208, "12.08"), (0, "0.00"), (5, "0.05"), (10_000, "100.00"), (-5, "-0.05"), (-150, "-1.50")],
)
def test_percent(basis_points: int, written: str) -> None:
    assert percent(basis_points) == written


@pytest.mark.parametrize(("currency", "digits"), [("GBP", 2), ("JPY", 0), ("KWD", 3)])
def test_a_currency_has_its_own_digits(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize(
    ("money", "decimal", "shape"),
    [
        (Money(482_000, "GBP"), "4820.00", {"amount": "4820.00", "currency": "GBP"}),
        (Money(-5, "GBP"), "-0.05", {"amount": "-0.05", "currency": "GBP"}),
        (Money(4820, "JPY"), "4820", {"amount": "4820", "currency": "JPY"}),
        (Money(0, "KWD"), "0.000", {"amount": "0.000", "currency": "KWD"}),
    ],
)
def test_money_is_written_with_all_its_digits(money: Money, decimal: str, shape: dict[str, str]) -> None:
    assert (money.decimal(), money.as_json()) == (Decimal(decimal), shape)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1200.50", "GBP", 120_050),
        ("1200.5", "GBP", 120_050),
        ("1200", "GBP", 120_000),
        ("1200.", "GBP", 120_000),
        (".5", "GBP", 50),
        ("-12.34", "GBP", -1_234),
        ("-0", "GBP", 0),
        ("12.3400", "GBP", 1_234),
        ("1200.000", "JPY", 1_200),
        ("1.234", "KWD", 1_234),
        ("10000000000000.00", "GBP", MOST),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, amount: int) -> None:
    assert parse_amount(text, currency) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "-",
        "ten",
        "1,200",
        "1e3",
        "1_000",
        " 12",
        "12\n",
        "--1",
        "+5",
        "NaN",
        "inf",
        "٣",
        "1" * 41,
        "1e999999999",
    ],
)
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(text, "GBP")
    assert refused.value.sentence == f"“{text[:40]}” is not an amount. Write it like 1200.50."


@pytest.mark.parametrize(
    ("text", "currency", "why"),
    [
        ("1.005", "GBP", "GBP has 2 digits after the point; “1.005” has more."),
        ("1.5", "JPY", "JPY has 0 digits after the point; “1.5” has more."),
        ("10000000000000.01", "GBP", "That amount is too large to be one sale."),
        ("-10000000000000.01", "GBP", "That amount is too large to be one sale."),
    ],
)
def test_an_amount_fits_its_currency(text: str, currency: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_amount(text, currency)
    assert refused.value.sentence == why


@given(st.integers(-MOST, MOST), st.sampled_from(["GBP", "JPY", "KWD"]))
def test_what_is_written_reads_back(amount: int, currency: str) -> None:
    assert parse_amount(Money(amount, currency).as_json()["amount"], currency) == amount


@pytest.mark.parametrize(
    ("currency", "minor"),
    [("GBP", 50_000), ("JPY", 50_000), ("KWD", 500_000), ("VND", 5_000_000), ("SEK", 500_000), ("IRR", 50_000_000)],
)
def test_a_bound_is_about_as_much_in_any_currency(currency: str, minor: int) -> None:
    assert threshold(500, currency) == minor


def test_no_bound_is_more_than_the_ledger_holds() -> None:
    assert threshold(10**11, "LBP") == MOST
