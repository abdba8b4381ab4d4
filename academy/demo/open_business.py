"""What the demo's year leaves open: deals that wait for an answer, two partners after one client, a question about
money, and a report that nobody understands; so that everybody finds something to decide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from academy.demo.play import SOURCE, Cast
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line
from academy.programme.deals.registrations.actions import accept_deal, lose_deal, refuse_deal, register_deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told


@dataclass(frozen=True, slots=True)
class Open:
    """A client that a partner registered so many days ago, and what the house or the partner said to it since."""

    days_ago: float
    partner: str
    client: str
    product: str
    amount: str
    since: str = ""
    reason: str = ""


# Of two partners after one client the first stands first.
DEALS = (
    Open(5.2, "Northlight Studio", "Holloway Dental", "website", "2900.00", "accepted"),
    Open(4.9, "Northlight Studio", "Greyfriars Council", "automation", "8000.00", "refused", "SISO sells there."),
    Open(4.8, "Northlight Studio", "Pennant Cycles", "retainer", "1200.00", "lost", "They build it themselves."),
    Open(4.7, "Brightside Labs", "Wexford Marine", "automation", "6400.00", "accepted"),
    Open(1.3, "Northlight Studio", "Wexford Marine Ltd", "automation", "5500.00"),
    Open(1.1, "Northlight Studio", "Alder Vineyards", "ai-assistant", "3600.00"),
    Open(0.9, "Tidal Works", "Saltmarsh Brewery", "automation", "4150.00"),
    Open(0.6, "Copperfield Digital", "Ferris Opticians", "website", "1850.00"),
)
ASKS = ("Harbour & Pine", "We expected more for this one. Is our certificate in it?")
UNKNOWN = "Tidal Wks Ltd"


def leave_open(cast: Cast, *, now: datetime) -> None:
    """Play what is open, oldest first."""
    owners = {actor.partner_id: actor for actor in cast.actors.values() if actor.member_role == "owner"}
    for one in DEALS:
        _play(one, owners[cast.partners[one.partner]], at=now - timedelta(days=one.days_ago))
    partner, asks = cast.partners[ASKS[0]], ASKS[1]
    line = CommissionLine.objects.filter(partner_id=partner).order_by("-effective_at", "-id").first()
    if line is not None:
        ask_about_line(owners[partner], line.pk, asks, now=now - timedelta(hours=9))
    _report(now - timedelta(hours=7))


def _play(one: Open, owner: Actor, *, at: datetime) -> None:
    deal = register_deal(
        owner, client=one.client, product=one.product, amount=one.amount, expected_on=at.date(), now=at
    )  # fmt: skip
    later = at + timedelta(hours=2)
    match one.since:
        case "accepted":
            accept_deal(THE_HOUSE, deal.pk, now=later)
        case "refused":
            refuse_deal(THE_HOUSE, deal.pk, reason=one.reason, now=later)
        case "lost":
            lose_deal(owner, deal.pk, reason=one.reason, now=later)


def _report(at: datetime) -> None:
    for number, amount in enumerate(("2400.00", "1750.00"), 1):
        told = Told(
            source=SOURCE,
            external_id=f"unmatched/{number}",
            partner=UNKNOWN,
            product="automation",
            client="Marlow Freight",
            amount=amount,
            currency="GBP",
            stage="won",
            occurred_at=at.isoformat(),
        )
        take_report(THE_HOUSE, told, now=at)
