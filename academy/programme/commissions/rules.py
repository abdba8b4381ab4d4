"""Commission arithmetic: what a won deal earns, what a refund takes back, what a changed amount makes of it; and when.

Every line of a deal follows from one question, `owed`: what the deal comes to after all that has happened to it. A
line is what that answer differs by from the lines before it, so that a full refund nets to zero by any path.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any

from academy.core.money import commission, half_away
from academy.programme.closes.rules import month_before
from academy.programme.plans.rules import Plan
from academy.programme.rates.rules import Rate, rate_of
from academy.programme.standing.rules import Held, Part, ranks

CORRECTION = "correction"
"""The rule of a line that a person decided."""


class LineKind(StrEnum):
    """Why a line is there."""

    EARNED = "earned"
    REVERSED = "reversed"
    ADJUSTED = "adjusted"


class LineState(StrEnum):
    """Where the money of a line is. Derived from dates and statements, never stored."""

    ON_HOLD = "on_hold"
    READY = "ready"
    ON_ITS_WAY = "on_its_way"
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Earned:
    """What a deal was priced from: product, amount in minor units, and what its partner held before that instant."""

    product: str
    amount: int
    tier: str
    bonus: bool
    uplifts: int

    def as_json(self) -> dict[str, Any]:
        """Plain data for the line and its fact."""
        return {
            "product": self.product,
            "amount": self.amount,
            "tier": self.tier,
            "bonus": self.bonus,
            "uplifts": self.uplifts,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Earned":
        """The inverse of `as_json`."""
        return cls(**{key: written[key] for key in ("product", "amount", "tier", "bonus", "uplifts")})

    @classmethod
    def of(cls, held: Held, *, product: str, amount: int) -> "Earned":
        """What counts for a rate of all that is held."""
        return cls(product, amount, held.tier, held.bonus, held.uplifts)

    def rate(self, plan: Plan) -> Rate:
        """The rate that held, with its steps. Raises KeyError for a product that the plan does not pay for."""
        tier = plan.tiers[ranks(plan, Held(self.tier))[Part.TIER]]
        return rate_of(plan, tier, bonus=self.bonus, uplifts=self.uplifts, product=self.product)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a refund or a changed amount was worked out from, in minor units: the deal as it is now, and its lines.

    `before` is the sum of the deal's lines so far, corrections by hand apart.
    """

    amount: int
    refunded: int
    before: int

    def as_json(self) -> dict[str, int]:
        """Plain data for the line and its fact."""
        return {"amount": self.amount, "refunded": self.refunded, "before": self.before}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Moved":
        """The inverse of `as_json`."""
        return cls(written["amount"], written["refunded"], written["before"])

    def difference(self, basis_points: int) -> int:
        """The amount of the line: what the deal comes to now, less what it came to before."""
        return owed(self.amount, basis_points, self.refunded) - self.before


def owed(amount: int, basis_points: int, refunded: int = 0) -> int:
    """What a deal comes to: the commission on its amount, less its share of what was refunded.

    For a line of `l` on a deal of `a` after refunds of `r`: l - round(l x r / a).
    """
    line = commission(amount, basis_points)
    return line - returned(line, refunded, amount)


def returned(line: int, refunded: int, amount: int) -> int:
    """The share of a line that goes back with so much of its deal's amount."""
    return half_away(Fraction(line * refunded, amount)) if refunded else 0


def payable_on(plan: Plan, won_at: datetime, changed_at: datetime | None = None) -> date:
    """The first day on which a line may be paid, in the programme's zone.

    A deal is held so many days after it was won; what is taken back or changed later goes with the deal while that is
    on hold, and counts from its own day afterwards.
    """
    held_until = won_at.astimezone(plan.zone).date() + timedelta(days=plan.hold_days)
    return held_until if changed_at is None else max(held_until, changed_at.astimezone(plan.zone).date())


def counted_on(payable: date, open_from: date | None) -> date:
    """The same day, or the first of the month after where its own is closed already: a closed month takes nothing in.

    `open_from`: the first day of the months that nobody has begun to close; None where none was.
    """
    return payable if open_from is None else max(payable, open_from)


def closed_before(plan: Plan, won_at: datetime, told_at: datetime, payable: date) -> date | None:
    """The month that was closed already when a line was told, where its day is later for that; else None."""
    return month_before(payable) if payable_on(plan, won_at, told_at) < payable else None


def state_of(payable: date, today: date, *, on_statement: bool, is_paid: bool) -> LineState:
    """Where the money of a line is on a day of the programme's zone."""
    if is_paid:
        return LineState.PAID
    if on_statement:
        return LineState.ON_ITS_WAY
    return LineState.ON_HOLD if today < payable else LineState.READY
