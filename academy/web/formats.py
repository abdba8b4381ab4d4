"""How figures and times are written for the person who reads: its language, its time zone, through Babel.

Language and zone are those that Django holds active; `who_is_asking` activates a person's,
a job overrides them.
"""

import re
import unicodedata
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_timezone_location
from babel.numbers import (
    NumberFormatError,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
    list_currencies,
    parse_decimal,
)
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

from academy.core import clock
from academy.core.errors import Refused, Text
from academy.core.money import exponent, too_many_digits

HOME = "en_GB"  # plain `en` would write dates the American way
MINUS = "−"  # wider than a hyphen, as wide as a plus

GROUP = 3
"""So many digits stand between two separators of a large number."""
_TYPED = re.compile(r"-?[0-9][0-9.,'’]{0,38}")

# The instant of the request, so that one page is written as of one moment.
present: ContextVar[datetime | None] = ContextVar("present", default=None)


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    if language == "en":
        return Locale.parse(HOME)
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(HOME)


def locale(language: str | None = None) -> Locale:
    """Babel's locale of a language such as `cs` or `pt-br`; of the active one without."""
    return _locale(language or get_language() or "en")


def _now() -> datetime:
    return present.get() or clock.now()


def _local(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("A time without a zone cannot be shown to anybody.")
    return value.astimezone(timezone.get_current_timezone())


def _with_minus(text: str) -> str:
    return text.replace("-", MINUS)


@lru_cache(maxsize=256)
def _money_pattern(where: Locale, currency: str, digits: int) -> str:
    """The locale's pattern with so many digits, and a gap where a currency has letters instead of a sign."""
    pattern = str(where.currency_formats["standard"].pattern).split(";")[0]
    if get_currency_symbol(currency, locale=where)[-1].isalpha():
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    return pattern.replace("0.00", "0." + "0" * digits if digits else "0")


@lru_cache(maxsize=4096)
def _sum(amount: int, currency: str, where: Locale, whole: bool) -> str:
    digits = 0 if whole else exponent(currency)
    return format_currency(
        Decimal(amount).scaleb(-exponent(currency)),
        currency,
        format=_money_pattern(where, currency, digits),
        locale=where,
        currency_digits=False,
    )


def money(amount: int, currency: str, language: str | None = None, *, whole: bool = False, signed: bool = False) -> str:
    """Minor units as people write them: 148350, GBP is “£1,483.50”.

    `whole` leaves the digits after the point out (for “about”), `signed` puts a plus before what is added.
    """
    text = _sum(abs(amount), currency, locale(language), whole)
    sign = MINUS if amount < 0 else "+" if signed and amount > 0 else ""
    return f"{sign}\N{NARROW NO-BREAK SPACE}{text}" if sign else text


def typed_amount(text: str, currency: str, *, field: str = "amount") -> str:
    """An amount as somebody typed it, as a plain decimal: “£1,840” is “1840”. What is none stays as it is.

    Raises Refused, naming the field, for the sign of another currency, and for “1.840”, which is a thousand and more to
    those who group digits by points.
    """
    plain = unicodedata.normalize("NFKC", text)
    bare = "".join(letter for letter in plain if unicodedata.category(letter) != "Zs")
    signs = {letter for letter in bare if unicodedata.category(letter) == "Sc"}
    if (signs & _all_signs()) - _signs(currency):
        sentence = Text("Write it in %(currency)s, like 1200.50.", currency=currency)
        raise Refused(sentence, fields={field: sentence}, code="invalid")
    bare = "".join(letter for letter in bare if letter not in signs)
    if not _TYPED.fullmatch(bare):
        return text.strip()
    try:
        typed = parse_decimal(bare, locale=locale(), strict=True)
    except NumberFormatError:
        return bare
    if len(f"{typed:f}".partition(".")[2]) == GROUP > exponent(currency):
        sentence = too_many_digits(text.strip(), currency)
        raise Refused(sentence, fields={field: sentence}, code="invalid")
    return f"{typed:f}"


@cache
def _signs(currency: str) -> frozenset[str]:
    """The signs that are known to mean a currency; of dollars and pesos the one that they share."""
    written = get_currency_symbol(currency, locale="en")
    signs = {letter for letter in written if unicodedata.category(letter) == "Sc"}
    shares = get_currency_name(currency, locale="en").endswith(("Dollar", "Peso"))
    return frozenset(signs | ({"$"} if shares else set()))


@cache
def _all_signs() -> frozenset[str]:
    return frozenset(sign for currency in list_currencies() for sign in _signs(currency))


def number(value: int | Decimal, language: str | None = None) -> str:
    """A count with the language's separators: 41310 is “41,310”."""
    return _number(value, locale(language))


@lru_cache(maxsize=4096, typed=True)
def _number(value: int | Decimal, where: Locale) -> str:
    return _with_minus(format_decimal(value, locale=where))


def percent(basis_points: int, language: str | None = None) -> str:
    """A rate with its two digits always shown: 1208 is “12.08%”."""
    return _percent(basis_points, locale(language))


@lru_cache(maxsize=4096)
def _percent(basis_points: int, where: Locale) -> str:
    pattern = where.percent_formats[None].pattern.split(";")[0].replace("#,##0", "#,##0.00")
    return _with_minus(format_decimal(Decimal(basis_points) / 10_000, format=pattern, locale=where))


def share(part: Fraction, language: str | None = None) -> str:
    """A part of a whole, in whole per cents rounded down: “60%”."""
    return str(format_percent(Decimal(int(part * 100)) / 100, locale=locale(language)))


def factor(thousandths: int, language: str | None = None) -> str:
    """A multiplier as the arithmetic shows it: 1150 is “× 1.15”."""
    return "×\N{NO-BREAK SPACE}" + format_decimal(Decimal(thousandths) / 1000, format="0.00#", locale=locale(language))


def minutes(count: int) -> str:
    """How long something takes: “18 min”, from an hour on “1 h 10”."""
    hours, rest = divmod(count, 60)
    if not hours:
        return gettext("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return gettext("%(hours)d h") % {"hours": hours}
    return gettext("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}


def duration(seconds: int) -> str:
    """How long something took: “40 s”, “6 min”, “18 h 30”; rounded down, never more than was learnt."""
    if seconds < 60:
        return gettext("%(seconds)d s") % {"seconds": seconds}
    return minutes(seconds // 60)


def day(value: date, *, form: str = "short") -> str:
    """The date where the reader is: “5 Dec”, with the year when it is another; `form` may be long or full, or
    weekday: “Sat 5 Dec”.
    """
    shown = _local(value).date() if isinstance(value, datetime) else value
    if form not in ("short", "weekday"):
        return format_date(shown, format=form, locale=locale())
    skeleton = ("" if shown.year == _local(_now()).year else "y") + ("MMMd" if form == "short" else "MMMEd")
    return str(format_skeleton(skeleton, datetime.combine(shown, time(), UTC), tzinfo=UTC, locale=locale()))


def month(value: date) -> str:
    """A month by its name: “December 2026”."""
    return str(format_skeleton("yMMMM", datetime.combine(value, time(), UTC), tzinfo=UTC, locale=locale()))


def ordinal(day_of_month: int) -> str:
    """The day of a month as the language says it: “5th” in English; elsewhere the figure with its full stop."""
    if locale().language != "en":
        return f"{day_of_month}."
    ending = "th" if 10 < day_of_month < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day_of_month % 10, "th")
    return f"{day_of_month}{ending}"


def place(zone: tzinfo) -> str:
    """The place whose time it is: “London”."""
    return str(get_timezone_location(str(zone), locale=locale(), return_city=True))


def leaf(value: date) -> tuple[str, str]:
    """Month and day for a calendar leaf, where the reader is: (“Dec”, “05”)."""
    shown = _local(value).date() if isinstance(value, datetime) else value
    return format_date(shown, "LLL", locale=locale()), format_date(shown, "dd", locale=locale())


def clock_time(value: datetime) -> str:
    """The time of day where the reader is: “16:00”; where no zone is known, “16:00 UTC” says so."""
    local = _local(value)
    shown = format_time(local.timetz(), format="short", locale=locale(), tzinfo=local.tzinfo)
    return f"{shown} UTC" if str(local.tzinfo) == "UTC" else shown


def moment(value: datetime) -> str:
    """Date and time of day where the reader is: “24 Nov, 15:00”."""
    return gettext("%(day)s, %(time)s") % {"day": day(value), "time": clock_time(value)}


def ago(value: datetime) -> str:
    """How far away an instant is: “2 days ago”, “in 3 hours”, “just now”."""
    distance = _local(value) - _local(_now())
    if abs(distance.total_seconds()) < 45:
        return gettext("just now")
    return format_timedelta(distance, add_direction=True, threshold=1.5, locale=locale())


def machine(value: date) -> str:
    """What stands in <time datetime>: an instant in UTC, or a plain date."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value.isoformat()


def file_size(octets: int) -> str:
    """How large a file is, in units of a thousand: “12 kB”, “1.4 MB”; never less than a kilobyte."""
    if octets < 1_000_000:
        return gettext("%(size)s kB") % {"size": number(max(round(octets / 1000), 1))}
    return gettext("%(size)s MB") % {"size": number(Decimal(octets) / 1_000_000 // Decimal("0.1") / 10)}


def count(singular: str, plural: str, number_of: int) -> str:
    """“1 module” or “3 modules”; the texts name the number as %(count)s."""
    return ngettext(singular, plural, number_of) % {"count": number(number_of)}


def initials(name: str) -> str:
    """The two letters of a face without a picture: “Maya Okafor” is MO."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper() if words else "?"
