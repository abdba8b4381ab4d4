"""What waits for the house in the demo, for the list of moments."""

from dataclasses import dataclass
from datetime import date, datetime

from academy.programme.closes.models import Close
from academy.programme.closes.rules import OPEN, month_before, month_of
from academy.programme.deals.models import Claim, Deal, KeptReport
from academy.programme.deals.rules import Stage


@dataclass(frozen=True, slots=True)
class Waiting:
    """Deals to answer, claims to decide, reports to match; the month that is due, and whether it is closed."""

    deals: int
    claims: int
    reports: int
    due: date
    is_closed: bool


def waiting(now: datetime) -> Waiting:
    """Counted now."""
    due = month_before(month_of(now.date()))
    return Waiting(
        deals=Deal.objects.filter(stage=Stage.REGISTERED).count(),
        claims=Claim.objects.filter(decided_at=None).count(),
        reports=KeptReport.objects.filter(entered_at=None, dropped_at=None).count(),
        due=due,
        is_closed=Close.objects.filter(month=due).exclude(stage__in=OPEN).exists(),
    )
