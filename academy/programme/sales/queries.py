"""Reading sales."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Min, Sum

from academy.journal.models import Fact
from academy.people.partners.models import Partner
from academy.programme.sales.models import Sale


def is_won(deal: UUID) -> bool:
    """Whether a deal was won already."""
    return Sale.objects.filter(deal=deal).exists()


def is_refunded(refund: UUID) -> bool:
    """Whether a refund was told already."""
    return Fact.objects.filter(key=f"deal.refunded:{refund}").exists()


@dataclass(frozen=True, slots=True)
class Won:
    """A won deal and what is left of it."""

    client: UUID
    product: str
    won_at: datetime
    left: int


def won(partner: UUID, deal: UUID) -> Won | None:
    """What is left of a partner's deal."""
    row = (
        Sale.objects.filter(partner_id=partner, deal=deal)
        .values("client", "product")
        .annotate(won_at=Min("won_at"), left=Sum("amount"))
        .order_by("won_at")
        .first()
    )
    return Won(row["client"], row["product"], row["won_at"], row["left"]) if row else None


def currency_of(partner: UUID) -> str:
    """The one currency of a partner."""
    return Partner.objects.values_list("currency", flat=True).get(pk=partner)
