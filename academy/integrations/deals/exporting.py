"""Deals and commission lines as tables: read and written row by row, in flat memory. Times are UTC, money decimal.

Texts are written as they are: other programs read these tables, and a name with something before it is another name.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from academy.core.money import Money, percent
from academy.people.accounts.rules import clean_name
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.rules import LineKind
from academy.programme.deals.models import Deal, KnownName
from academy.programme.deals.rules import NameKind
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
    written = _as_written()
    found = Deal.objects.order_by("registered_at", "id").values_list(
        *("partner_id", "source", "external_id", "partner__name", "client_name", "product", "industry"),
        *("kind", "amount", "currency", "refunded", "stage", "registered_at", "won_at"),
    )
    for row in found.iterator(AT_ONCE):
        partner, source, external_id, name, client, product, industry, kind, *rest = row
        amount, currency, refunded, stage, registered_at, won_at = rest
        yield (
            *(source, external_id, written.get((source, partner), name), client, product, industry),
            *(kind, _decimal(amount, currency), currency, _decimal(refunded, currency), stage),
            *(_time(registered_at), _time(won_at) if won_at else ""),
        )


def lines(by: Actor) -> Iterator[tuple[str, ...]]:
    """Every commission line, oldest first, as `LINES` names its columns.

    `amount` is the deal's as the line was worked out from it, `commission` the line's; `tier` is the one that the deal
    was priced with.
    """
    allow(by, "commission.see")
    written = _as_written()
    first = CommissionLine.objects.filter(deal=OuterRef("deal"), kind=LineKind.EARNED).values("inputs__tier")
    found = (
        CommissionLine.objects.annotate(tier=Subquery(first[:1]))
        .order_by("effective_at", "id")
        .values_list(
            *("deal__source", "deal__external_id", "partner_id", "partner__name", "effective_at", "deal__amount"),
            *("inputs__amount", "currency", "rate", "amount", "kind", "tier", "plan_id"),
        )
    )
    for source, external_id, partner, name, at, now, then, *rest in found.iterator(AT_ONCE):
        currency, rate, amount, kind, tier, plan = rest
        worth = now if then is None else then  # a correction by hand is worked out from no amount
        yield (
            *(source, external_id, written.get((source, partner), name)),
            *(_time(at), _decimal(worth, currency), currency, percent(rate), _decimal(amount, currency), kind),
            *(_tier(plan, tier), plan_version(plan).reference),
        )


def _as_written() -> dict[tuple[str, UUID], str]:
    """What a source calls a partner, where it writes the very name with other spaces: they may tell two partners apart.

    By source and partner; a partner that is not in it goes by its name.
    """
    found = KnownName.objects.filter(kind=NameKind.PARTNER).order_by("-matched_at", "-id")
    names = found.values_list("source", "partner_id", "name", "partner__name")
    return {(source, partner): name for source, partner, name, own in names if clean_name(name) == own != name}


def _tier(plan: UUID, slug: str) -> str:
    """As people call it."""
    return plan_version(plan).tier(slug).name


def _decimal(amount: int, currency: str) -> str:
    return f"{Money(amount, currency).decimal():f}"


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
