"""Money is integer minor units with an ISO 4217 currency; rates are basis points; both are rounded only here."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.core import get_global
from babel.numbers import get_currency_precision

from academy.core.errors import Refused, Text

# At most 40 characters, so that no exponent and no endless number costs time before it is refused.
_AMOUNT = re.compile(r"(?=.{1,40}\Z)-?(?:\d+\.?\d*|\.\d+)", re.ASCII)
MOST = 10**15  # minor units; more than any amount that is not a mistake, and well inside a bigint


def half_away(value: Fraction) -> int:
    """Round to the nearest integer, halves away from zero."""
    return divided(value.numerator, value.denominator)


def divided(numerator: int, denominator: int) -> int:
    """The same of a quotient of whole numbers, `denominator` positive: a fraction would cost ten times as much."""
    rounded = (2 * abs(numerator) + denominator) // (2 * denominator)
    return rounded if numerator >= 0 else -rounded


@cache
def exponent(currency: str) -> int:
    """Digits after the point of a currency: 2 for GBP, 0 for JPY."""
    return get_currency_precision(currency)


@cache
def is_currency(code: str) -> bool:
    """Whether ISO 4217 knows or knew these letters, in capitals."""
    return code in get_global("all_currencies")


# How many digits more everyday amounts have than in pounds, euros or dollars. No rate: an order of magnitude.
_LONGER = (
    dict.fromkeys(("CZK", "DKK", "MXN", "NOK", "PHP", "SEK", "THB", "TRY", "TWD", "UAH", "ZAR"), 1)
    | dict.fromkeys(("CRC", "HUF", "INR", "ISK", "JPY", "KES", "KZT", "PKR", "RSD", "RUB"), 2)
    | dict.fromkeys(("AMD", "ARS", "CLP", "COP", "KRW", "MMK", "NGN", "PYG", "TZS", "UGX", "XAF", "XOF"), 3)
    | dict.fromkeys(("IDR", "UZS", "VND"), 4)
    | dict.fromkeys(("IRR", "LBP"), 5)
)


def threshold(units: int, currency: str) -> int:
    """A bound that is told in pounds, euros or dollars, in minor units of any currency: 500 is ¥50,000."""
    minor: int = units * 10 ** (exponent(currency) + _LONGER.get(currency, 0))
    return min(minor, MOST)


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` minor units of `currency`."""

    amount: int
    currency: str

    def decimal(self) -> Decimal:
        """The amount in major units, with exactly the currency's digits."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def as_json(self) -> dict[str, str]:
        """The shape of money in the API."""
        return {"amount": f"{self.decimal():f}", "currency": self.currency}


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a decimal written with a point; refuses more digits than the currency has.

    Raises Refused with a sentence for anything else.
    """
    if not _AMOUNT.fullmatch(text):
        raise Refused(Text("“%(text)s” is not an amount. Write it like 1200.50.", text=text[:40]))
    minor = Fraction(text) * 10 ** exponent(currency)
    if minor.denominator != 1:
        raise Refused(too_many_digits(text, currency))
    if abs(minor) > MOST:
        raise Refused("That amount is too large to be one sale.")
    return int(minor)


def too_many_digits(text: str, currency: str) -> Text:
    """What is said of an amount that is finer than its currency."""
    return Text(
        "%(currency)s has %(digits)s digits after the point; “%(text)s” has more.",
        currency=currency,
        digits=exponent(currency),
        text=text[:40],
    )


def parse_field(text: str, currency: str, *, field: str) -> int:
    """The same of a field that somebody filled in: the refusal names it."""
    try:
        return parse_amount(text, currency)
    except Refused as refused:
        raise Refused(refused.sentence, fields={field: refused.sentence}, code="invalid") from None


def commission(amount: int, basis_points: int) -> int:
    """`amount` times a rate in basis points, rounded half away from zero to a minor unit."""
    return divided(amount * basis_points, 10_000)


def percent(basis_points: int) -> str:
    """A rate, or the difference of two, as the API writes it: 1208 is "12.08"."""
    whole, rest = divmod(abs(basis_points), 100)
    return f"{'-' if basis_points < 0 else ''}{whole}.{rest:02d}"
