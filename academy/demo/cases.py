"""What waits for somebody of the house on the demo's last day, and what they have decided lately. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from academy.demo.history import (
    Asked,
    Changed,
    Event,
    Pinned,
    Refunded,
    Registered,
    Replied,
    Sold,
    Unmatched,
)
from academy.programme.closes.rules import month_before, month_of

CLAIMED = "Marlin Freight"
"""A client of Maya's whom somebody else registered as well."""


def cases(owners: Mapping[str, str], sold: Mapping[str, Sequence[Sold]], *, today: datetime) -> Iterator[Event]:
    """`owners` are addresses by partner, `sold` what each has won and nobody took back."""
    due = month_before(month_of(today.date()))
    yield from _for_the_manager(owners, today)
    yield from _for_finance(owners, sold, due, today)
    yield from _lately(owners, sold, today)


def _for_the_manager(owners: Mapping[str, str], today: datetime) -> Iterator[Event]:
    yesterday = today - timedelta(days=1)
    claimant = "Bright Forge"
    at = yesterday.replace(hour=11, minute=25)
    expected = (today + timedelta(days=40)).date()
    yield Registered(at, claimant, owners[claimant], CLAIMED, "website", 3_800, 950, expected)
    yield Unmatched(today - timedelta(days=4, hours=-10), "Copperfields Ltd", "Brindle Farm Shop", "website", 1_850, 1)
    yield Unmatched(today - timedelta(days=2, hours=-14), "Fenwick Automation UK", "Redstart Gym", "retainer", 960, 2)
    yield Unmatched(today - timedelta(days=2, hours=-15), "meridian-crafted", "Linden Opticians", "chatbot", 4_200, 3)


def _for_finance(
    owners: Mapping[str, str], sold: Mapping[str, Sequence[Sold]], due: date, today: datetime
) -> Iterator[Event]:
    """In the month that is due: a balance below nothing, one below the minimum, a question that is open."""
    middle = datetime(due.year, due.month, 14, 10, 30, tzinfo=today.tzinfo)
    taken_back = _won_before(sold["Amara Osei"], middle - timedelta(days=60))
    yield Refunded(middle, "Amara Osei", taken_back.number, taken_back.amount)
    small = middle - timedelta(days=35)
    yield Sold(small, "Rowan Tate", "Dovecote Nursery", "website", 350, 951)
    asked = _won_before(sold["Brightside Labs"], middle - timedelta(days=30))
    text = "The client had a second invoice in the same week. Is it part of this amount?"
    at = (today - timedelta(days=2)).replace(hour=13, minute=10)
    yield Asked(at, "Brightside Labs", owners["Brightside Labs"], asked.number, text)


def _lately(owners: Mapping[str, str], sold: Mapping[str, Sequence[Sold]], today: datetime) -> Iterator[Event]:
    """A question that was right, a refund after payment, an amount that changed, a tier by somebody's word."""
    harbour = "Harbour & Pine"
    paid = _won_before(sold[harbour], today - timedelta(days=125))
    yield Refunded((today - timedelta(days=23)).replace(hour=15), harbour, paid.number, 900)
    right = _won_before(sold[harbour], today - timedelta(days=60))
    text = "The set-up fee of £100 belongs to this deal as well. I cannot find it here."
    yield Asked((today - timedelta(days=44)).replace(hour=9), harbour, owners[harbour], right.number, text)
    answer = "You are right: the set-up fee of £100 was not reported to us. Its commission is added at the same rate."
    yield Replied((today - timedelta(days=43)).replace(hour=16), harbour, right.number, answer, 100)
    labs = _won_before(sold["Brightside Labs"], today - timedelta(days=16))
    yield Changed(labs.at + timedelta(days=6), "Brightside Labs", labs.number, labs.amount + 650)
    reason = "Their largest client renews in January. Gold until then, as agreed with Leah."
    yield Pinned((today - timedelta(days=30)).replace(hour=12), "Kestrel Data Rooms", "gold", 120, reason)


def _won_before(sold: Sequence[Sold], at: datetime) -> Sold:
    return max((one for one in sold if one.at < at), key=lambda one: one.at)
