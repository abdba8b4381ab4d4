"""Imported sales, where there are some: the largest suppliers as of prepared days, and every figure recomputed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic

from django.db.models import Count, Max, Min, QuerySet, Sum

from academy.core.money import Money
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal
from academy.programme.plans.models import Clock, Programme
from academy.programme.standing.models import Standing
from academy.programme.verification.queries import verify

MOST = 8
DAYS = 5


@dataclass(frozen=True, slots=True)
class Supplier:
    """Where a supplier stands, what it sold in minor units, and the days as of which to look."""

    name: str
    slug: str
    deals: int
    sold: Money
    days: Sequence[date]


@dataclass(frozen=True, slots=True)
class Found:
    """What the database holds of the imported programme, what disagrees anywhere, and how long looking took."""

    deals: int
    lines: int
    sold: Sequence[Money]
    differences: int
    facts: int
    seconds: float


def programme() -> Programme | None:
    """The programme whose time follows imported sales; None without one."""
    return Programme.objects.filter(clock=Clock.SOURCE).order_by("slug").first()


def shown(actor: Actor) -> Sequence[Supplier]:
    """The suppliers that sold most, none without an import. Raises Forbidden."""
    allow(actor, "partner.see_any")
    found = programme()
    if found is None:
        return []
    names = ("partner__name", "partner__slug", "partner__currency")
    rows = (
        _deals(found)
        .values_list(*names)
        .annotate(deals=Count("pk"), sold=Sum("amount"), first=Min("won_at"), last=Max("won_at"))
        .order_by("-sold", "partner__slug")[:MOST]
    )
    return [
        Supplier(name, slug, deals, Money(sold, currency), _days(first.date(), last.date()))
        for name, slug, currency, deals, sold, first, last in rows
    ]


def _days(first: date, last: date) -> Sequence[date]:
    """The first and the last day of its sales, and a few between them, evenly."""
    step = (last - first) / (DAYS - 1)
    return sorted({first + timedelta(days=(step * index).days) for index in range(DAYS - 1)} | {last})


def verified(actor: Actor, *, now: datetime) -> Found:
    """Read the whole journal again and compare; count what was imported. Raises Forbidden."""
    allow(actor, "partner.see_any")
    begun = monotonic()
    compared = verify(now=now, deep=True)
    found = programme()
    deals = _deals(found) if found else Deal.objects.none()
    sums = deals.order_by().values_list("currency").annotate(Sum("amount")).order_by("currency")
    return Found(
        deals=deals.count(),
        lines=CommissionLine.objects.filter(deal__in=deals).count(),
        sold=[Money(amount, currency) for currency, amount in sums],
        differences=len(compared.differences),
        facts=compared.facts,
        seconds=monotonic() - begun,
    )


def _deals(found: Programme) -> QuerySet[Deal]:
    return Deal.objects.filter(partner__in=Standing.objects.filter(programme=found).values("partner"))
