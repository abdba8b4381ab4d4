"""The stage's refund: the partner's latest won deal, its lines, and taking a tenth of it back by the real action."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.core.errors import NotFound, Refused
from academy.people.permissions.access import allow
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.queries import lines_of_deals
from academy.programme.deals.actions import Sum, refund_deal
from academy.programme.deals.models import Deal
from academy.programme.deals.rules import DealKind, Stage
from academy.web import formats
from academy.web.partner.deals.page import line_address


def on_stage(actor: Actor) -> dict[str, Any] | None:
    """The deal as the stage shows it, with what it earned line by line; None where nothing is won."""
    deal = _deal(actor)
    if deal is None:
        return None
    lines = lines_of_deals([deal.pk]).get(deal.pk, [])
    names = {"earned": _("Earned"), "reversed": _("Taken back"), "adjusted": _("Corrected")}
    return {
        "client": deal.client_name,
        "amount": formats.money(deal.amount, deal.currency),
        "won_at": deal.won_at,
        "refunded": formats.money(deal.refunded, deal.currency) if deal.refunded else "",
        "so_far": deal.refunded,
        "tenth": formats.money(_tenth(deal), deal.currency) if _tenth(deal) else "",
        "left": formats.money(sum(line.amount for line in lines), deal.currency),
        "lines": [
            {
                "what": names[line.kind],
                "amount": formats.money(line.amount, line.currency),
                "rate": line.rate,
                "href": line_address(line.id),
            }
            for line in lines
        ],
    }


def take_back(actor: Actor, so_far: str, *, now: datetime) -> None:
    """Take a tenth back of the deal on the stage, of which so much was taken back when it was shown.

    Pressed twice it is one refund. Raises NotFound where nothing is won, Refused for an address that is not ours.
    """
    deal = _deal(actor)
    if deal is None:
        raise NotFound(_("Nothing is won yet, so there is nothing to take back."))
    if so_far != str(deal.refunded):
        if so_far.isascii() and so_far.isdigit():
            return  # taken back already, by the press before
        raise Refused(_("This address is not one of ours. Go back to the stage."))
    taken = Sum(_tenth(deal), deal.currency)
    refund_deal(THE_HOUSE, deal.pk, f"stage-{so_far}", taken, refunded_at=now, now=now)


def _deal(actor: Actor) -> Deal | None:
    """The latest sale that a partner's owner has won. Raises NotFound outside of a partner, Forbidden."""
    if actor.partner_id is None:
        raise NotFound(_("The stage is for the demo's partners. Choose one of the list."))
    allow(actor, "commission.see", partner_id=actor.partner_id)
    won = Deal.objects.filter(partner_id=actor.partner_id, stage=Stage.WON, kind=DealKind.SALE, amount__gt=0)
    return won.order_by("-won_at", "-id").first()


def _tenth(deal: Deal) -> int:
    """What is taken back next, in minor units; at most what is left."""
    return min(max(deal.amount // 10, 1), deal.amount - deal.refunded)
