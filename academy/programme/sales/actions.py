"""Sales as tiers count them: one row for each thing that happened to a won deal."""

from datetime import datetime
from uuid import UUID

from academy.core.writes import insert
from academy.journal.actions import Recorded
from academy.programme.sales.models import Sale


def enter_sale(fact: Recorded) -> None:
    """Reaction to a win, a refund or a changed amount: the row that tiers are measured on.

    What comes later than the win counts from its own instant, and leaves every window together with the deal.
    """
    assert fact.partner is not None
    assert fact.thing is not None
    insert(
        Sale(
            id=fact.id,
            partner_id=fact.partner,
            deal=fact.thing.id,
            client=UUID(str(fact.numbers["client"])),
            product=str(fact.numbers["product"]),
            amount=counted(fact),
            won_at=datetime.fromisoformat(str(fact.numbers.get("won_at", fact.effective_at.isoformat()))),
            counts_from=fact.effective_at,
        )
    )


def counted(fact: Recorded) -> int:
    """By how much a fact moves what was won."""
    match fact.kind:
        case "deal.won":
            return int(fact.numbers["amount"])
        case "deal.refunded":
            return -int(fact.numbers["amount"])
        case _:
            return int(fact.numbers["to"]) - int(fact.numbers["from"])
