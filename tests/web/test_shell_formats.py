"""How figures and times are written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.utils import timezone as zones
from django.utils import translation

from academy.core.errors import Refused
from academy.web import formats

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_an_instant_in_london() -> Iterator[None]:
    shown = formats.present.set(NOW)
    with zones.override("Europe/London"), translation.override("en"):
        yield
    formats.present.reset(shown)


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        (148350, "GBP", "£1,483.50"),
        (0, "GBP", "£0.00"),
        (-11500, "GBP", "−\N{NARROW NO-BREAK SPACE}£115.00"),
        (15661880378, "GBP", "£156,618,803.78"),
        (1200, "JPY", "JP¥1,200"),
        (1234567, "KWD", "KWD\N{NO-BREAK SPACE}1,234.567"),
    ],
)
def test_money(amount: int, currency: str, written: str) -> None:
    assert formats.money(amount, currency) == written


def test_money_about_and_added() -> None:
    assert formats.money(26790, "GBP", whole=True) == "£268"
    assert formats.money(26790, "GBP", signed=True) == "+\N{NARROW NO-BREAK SPACE}£267.90"
    assert formats.money(0, "GBP", signed=True) == "£0.00"


def test_another_language_writes_its_own_way() -> None:
    assert formats.money(148350, "GBP", "cs") == "1\N{NO-BREAK SPACE}483,50\N{NO-BREAK SPACE}£"
    assert formats.percent(1208, "cs") == "12,08\N{NO-BREAK SPACE}%"
    with translation.override("de"):
        assert formats.day(date(2026, 12, 5), form="long") == "5. Dezember 2026"


@pytest.mark.parametrize(("points", "written"), [(1208, "12.08%"), (1000, "10.00%"), (0, "0.00%"), (5, "0.05%")])
def test_a_rate_always_shows_its_two_digits(points: int, written: str) -> None:
    assert formats.percent(points) == written


def test_a_factor() -> None:
    assert formats.factor(1150) == "×\N{NO-BREAK SPACE}1.15"
    assert formats.factor(1000) == "×\N{NO-BREAK SPACE}1.00"


@pytest.mark.parametrize(
    ("count", "written"), [(0, "0 min"), (18, "18 min"), (60, "1 h"), (70, "1 h 10"), (1110, "18 h 30")]
)
def test_minutes(count: int, written: str) -> None:
    assert formats.minutes(count) == written


@pytest.mark.parametrize(("seconds", "written"), [(0, "0 s"), (59, "59 s"), (119, "1 min"), (66600, "18 h 30")])
def test_duration(seconds: int, written: str) -> None:
    assert formats.duration(seconds) == written


def test_a_day_is_the_readers() -> None:
    late = datetime(2026, 12, 4, 23, 30, tzinfo=UTC)
    assert formats.day(late) == "4 Dec"
    with zones.override("Asia/Tokyo"):
        assert formats.day(late) == "5 Dec"
        assert formats.clock_time(late) == "08:30"


def test_another_year_is_named() -> None:
    assert formats.day(date(2027, 3, 14)) == "14 Mar 2027"
    assert formats.day(date(2026, 3, 14), form="long") == "14 March 2026"
    assert formats.leaf(date(2026, 12, 5)) == ("Dec", "05")


def test_a_moment_says_utc_only_where_no_zone_is_known() -> None:
    at = datetime(2026, 7, 24, 14, 0, tzinfo=UTC)
    assert formats.moment(at) == "24 Jul, 15:00"
    with zones.override(UTC):
        assert formats.moment(at) == "24 Jul, 14:00 UTC"


@pytest.mark.parametrize(
    ("distance", "written"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-5), "5 minutes ago"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(days=-2), "2 days ago"),
    ],
)
def test_ago(distance: timedelta, written: str) -> None:
    assert formats.ago(NOW + distance) == written


def test_a_time_without_a_zone_is_shown_to_nobody() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        formats.moment(datetime(2026, 1, 1))  # noqa: DTZ001 - what must be refused


def test_machines_read_utc() -> None:
    assert formats.machine(datetime(2026, 7, 24, 15, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-07-24T14:00:00Z"
    assert formats.machine(date(2026, 7, 24)) == "2026-07-24"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Maya Okafor", "MO"),
        ("x", "X"),
        ("Ángel de la Cruz", "ÁC"),
        ("maya@example.com", "ME"),
        ("", "?"),
        ("— Jo", "J"),
    ],
)
def test_initials(name: str, written: str) -> None:
    assert formats.initials(name) == written


@pytest.mark.parametrize(
    ("typed", "currency", "plain"),
    [
        ("$500", "USD", "500"),
        ("$1,840.5", "CAD", "1840.5"),
        ("€ 4 300", "EUR", "4300"),
        ("¥900", "JPY", "900"),
        ("900.00", "JPY", "900.00"),
        ("1.840", "KWD", "1.840"),
        ("lots", "GBP", "lots"),
        ("$1200", "SGD", "1200"),
        ("₺1,200", "TRY", "1200"),
        ("₦ 1200", "NGN", "1200"),
        ("￥900", "JPY", "900"),
    ],
)
def test_an_amount_is_typed_with_the_sign_of_its_own_currency(typed: str, currency: str, plain: str) -> None:
    assert formats.typed_amount(typed, currency) == plain


@pytest.mark.parametrize(
    ("typed", "currency", "says"),
    [
        ("£500", "USD", "Write it in USD, like 1200.50."),
        ("12.345", "EUR", "EUR has 2 digits after the point; “12.345” has more."),
        ("1.840", "JPY", "JPY has 0 digits after the point; “1.840” has more."),
    ],
)
def test_what_another_would_read_otherwise_is_refused(typed: str, currency: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        formats.typed_amount(typed, currency, field="sales")
    assert (refused.value.sentence, refused.value.fields) == (says, {"sales": says})
