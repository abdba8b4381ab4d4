"""The chapter's tables, where Django looks for them."""

from academy.programme.balance.models import DaySum
from academy.programme.clients.models import Client
from academy.programme.closes.models import Close
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.deals.models import Claim, Deal, KeptRefund, KeptReport, KnownName, Refund
from academy.programme.payees.models import Payee
from academy.programme.payouts.models import Payout, Return
from academy.programme.pins.models import TierPin
from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.sales.models import Sale
from academy.programme.standing.models import Standing
from academy.programme.statements.models import Statement
from academy.programme.statements.orders.models import Order
from academy.programme.terms.models import Acceptance, Terms

__all__ = [
    "Acceptance",
    "Claim",
    "Client",
    "Close",
    "CommissionLine",
    "Correction",
    "DaySum",
    "Deal",
    "KeptRefund",
    "KeptReport",
    "KnownName",
    "LineQuestion",
    "Order",
    "Payee",
    "Payout",
    "PlanVersion",
    "Programme",
    "Refund",
    "Return",
    "Sale",
    "Standing",
    "Statement",
    "Terms",
    "TierPin",
]
