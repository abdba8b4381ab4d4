"""Sales as observations: what was won from whom, and what was taken back. Deals as a noun stand above this."""

from datetime import datetime, timedelta
from uuid import UUID

from academy.core.errors import NotFound, Refused
from academy.journal.actions import Recorded, Thing, action, record
from academy.people.partners.actions import lock_partner_trusting
from academy.programme.sales import queries
from academy.programme.sales.models import Sale

AHEAD = timedelta(minutes=5)
"""How far another system's clock may be ahead of ours."""


@action
def record_win(
    partner: UUID,
    *,
    deal: UUID,
    client: UUID,
    product: str,
    amount: int,
    currency: str,
    won_at: datetime,
    now: datetime,
) -> None:
    """A deal was won: `amount` minor units. Repeated for the same deal it changes nothing. Raises Refused, NotFound."""
    _check_time(won_at, now)
    at = lock_partner_trusting(partner, won_at, now)
    _check_currency(partner, currency)
    if queries.is_won(deal):
        return
    record(
        "deal.won",
        partner=partner,
        thing=Thing("deal", deal),
        at=at,
        now=now,
        occurred_at=won_at,
        numbers={"client": str(client), "product": product, "amount": amount, "currency": currency},
        key=f"deal.won:{deal}",
    )


@action
def record_refund(
    partner: UUID,
    *,
    deal: UUID,
    refund: UUID,
    amount: int,
    currency: str,
    refunded_at: datetime,
    now: datetime,
) -> None:
    """So much of a won deal was taken back. It leaves every window together with the deal.

    Repeated for the same refund it changes nothing. Raises Refused, NotFound.
    """
    _check_time(refunded_at, now)
    at = lock_partner_trusting(partner, refunded_at, now)
    _check_currency(partner, currency)
    if queries.is_refunded(refund):
        return
    won = queries.won(partner, deal)
    if won is None:
        raise NotFound("No such deal of this partner was won.")
    if amount <= 0 or amount > won.left:
        raise Refused("A refund is more than nothing and at most what is left of the deal.")
    record(
        "deal.refunded",
        partner=partner,
        thing=Thing("deal", deal),
        at=at,
        now=now,
        occurred_at=refunded_at,
        numbers={
            "client": str(won.client),
            "product": won.product,
            "amount": amount,
            "currency": currency,
            "won_at": won.won_at.isoformat(),
        },
        key=f"deal.refunded:{refund}",
    )


def enter_sale(fact: Recorded) -> None:
    """Reaction to a win or refund: the row that tiers are measured on. A refund counts against what it takes back."""
    if fact.partner is None or fact.thing is None:
        return
    refunded = fact.kind == "deal.refunded"
    amount = int(fact.numbers["amount"])
    Sale.objects.create(
        id=fact.id,
        partner_id=fact.partner,
        deal=fact.thing.id,
        client=UUID(str(fact.numbers["client"])),
        product=str(fact.numbers["product"]),
        amount=-amount if refunded else amount,
        won_at=datetime.fromisoformat(str(fact.numbers["won_at"])) if refunded else fact.effective_at,
        counts_from=fact.effective_at,
    )


def _check_time(occurred_at: datetime, now: datetime) -> None:
    """A partner's time follows its sales and never goes back: one in the future would hold up everything after it."""
    if occurred_at > now + AHEAD:
        raise Refused("This lies in the future. Check the date.", fields={"occurred_at": "Not in the future."})


def _check_currency(partner: UUID, currency: str) -> None:
    ours = queries.currency_of(partner)
    if ours != currency:
        raise Refused(f"This partner is paid in {ours}; a deal in {currency} needs its settled amount.")
