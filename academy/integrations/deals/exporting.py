"""Deals and commission lines as tables: read and written row by row, in flat memory. Times are UTC, money decimal.

Texts are written as they are: other programs read these tables, and a name with something before it is another name.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from academy.core.money import Money, percent
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.rules import LineKind
from academy.programme.deals.models import Deal
from academy.programme.plans.queries import plan_version

AT_ONCE = 2_000

DEALS = (
    *("source", "external_id", "partner", "client", "product", "industry", "kind", "amount", "currency", "refunded"),
    *("stage", "registered_at", "won_at"),
)
LINES = (
    *("source", "external_id", "partner", "effective_at", "amount", "currency", "rate", "commission", "kind", "tier"),
    "plan_version",
)


def deals(by: Actor) -> Iterator[tuple[str, ...]]:
    """Every deal, oldest first, as `DEALS` names its columns."""
    allow(by, "deal.see_any")
    found = Deal.objects.order_by("registered_at", "id").values_list(
        *("source", "external_id", "partner__name", "client_name", "product", "industry"),
        *("kind", "amount", "currency", "refunded", "stage", "registered_at", "won_at"),
    )
    for *texts, kind, amount, currency, refunded, stage, registered_at, won_at in found.iterator(AT_ONCE):
        yield (
            *texts,
            *(kind, _decimal(amount, currency), currency, _decimal(refunded, currency), stage),
            *(_time(registered_at), _time(won_at) if won_at else ""),
        )


def lines(by: Actor) -> Iterator[tuple[str, ...]]:
    """Every commission line, oldest first, as `LINES` names its columns.

    `amount` is the deal's, `commission` the line's; `tier` is the one that the deal was priced with.
    """
    allow(by, "commission.see")
    first = CommissionLine.objects.filter(deal=OuterRef("deal"), kind=LineKind.EARNED).values("inputs__tier")
    found = (
        CommissionLine.objects.annotate(tier=Subquery(first[:1]))
        .order_by("effective_at", "id")
        .values_list(
            *("deal__source", "deal__external_id", "partner__name", "effective_at", "deal__amount", "currency", "rate"),
            *("amount", "kind", "tier", "plan_id"),
        )
    )
    for source, external_id, partner, at, worth, currency, rate, amount, kind, tier, plan in found.iterator(AT_ONCE):
        yield (
            *(source, external_id, partner),
            *(_time(at), _decimal(worth, currency), currency, percent(rate), _decimal(amount, currency), kind),
            *(_tier(plan, tier), plan_version(plan).reference),
        )


def _tier(plan: UUID, slug: str) -> str:
    """As people call it."""
    return plan_version(plan).tier(slug).name


def _decimal(amount: int, currency: str) -> str:
    return f"{Money(amount, currency).decimal():f}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
