"""The chapter's tables, where Django looks for them."""

from academy.programme.clients.models import Client
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.deals.models import Claim, Deal, KeptReport, KnownName, Refund
from academy.programme.pins.models import TierPin
from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.sales.models import Sale
from academy.programme.standing.models import Standing

__all__ = [
    "Claim",
    "Client",
    "CommissionLine",
    "Correction",
    "Deal",
    "KeptReport",
    "KnownName",
    "LineQuestion",
    "PlanVersion",
    "Programme",
    "Refund",
    "Sale",
    "Standing",
    "TierPin",
]
