"""What becomes of ready lines at a month's end, what somebody should look at, and how it differs from last month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from statistics import median
from typing import Any

from academy.core.money import commission
from academy.programme.commissions.rules import LineKind

MUCH_MORE = 3
"""So many times the usual amount is looked at by a person."""
USUAL_OF = 6
"""The usual amount is the median of so many statements that pay, the latest ones."""


class Outcome(StrEnum):
    """Whether a statement pays this month, or why not."""

    PAY = "pay"
    BELOW_MINIMUM = "below_minimum"
    NEGATIVE = "negative"
    TERMS = "terms"  # the terms in force are not accepted
    PAYEE = "payee"  # nobody has checked a payee profile
    HELD = "held"  # a person's word


class Flag(StrEnum):
    """What a person should have looked at before a statement is paid."""

    NEGATIVE = "negative"
    PAYEE_CHANGED = "payee_changed"
    MUCH_MORE = "much_more"
    QUESTION = "question"
    HELD = "held"
    FIRST = "first"
    TERMS = "terms"
    PAYEE = "payee"
    BELOW_MINIMUM = "below_minimum"


@dataclass(frozen=True, slots=True)
class Found:
    """What a statement is decided from, in minor units.

    `terms`: the id of the version in force, empty without one. `payee`: the number of the checked payee profile, 0
    where the latest is not checked. `seen`: the journal's place when terms and payee were looked up.
    """

    amount: int
    lines: int
    minimum: int
    seen: int
    terms: str
    accepted: bool
    payee: int
    held: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain data for the statement and its fact."""
        return {
            "amount": self.amount,
            "lines": self.lines,
            "minimum": self.minimum,
            "seen": self.seen,
            "terms": self.terms,
            "accepted": self.accepted,
            "payee": self.payee,
            "held": self.held,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Found":
        """The inverse of `as_json`. What is not known any more is left out: statements of before say more."""
        return cls(**{one.name: written[one.name] for one in fields(cls) if one.name in written})


def outcome(found: Found) -> Outcome:
    """Whether it is paid, or the one cause that is told."""
    if found.held:
        return Outcome.HELD
    if found.amount < 0:
        return Outcome.NEGATIVE
    if found.amount < max(found.minimum, 1):
        return Outcome.BELOW_MINIMUM
    if found.terms and not found.accepted:
        return Outcome.TERMS
    return Outcome.PAY if found.payee else Outcome.PAYEE


def flags(
    found: Found, *, before: Sequence[int], paid_to: int | None, latest_payee: int | None, question: bool
) -> tuple[Flag, ...]:
    """What a person should look at, the most pressing first.

    `before`: what the latest statements that pay come to, at most USUAL_OF. `paid_to`: the number of the payee details
    by which its partner was paid the last time, None where it never was. `latest_payee`: those it has now.
    """
    result = outcome(found)
    holds = (
        (Flag.NEGATIVE, result is Outcome.NEGATIVE),
        (Flag.PAYEE_CHANGED, paid_to is not None and paid_to != latest_payee),
        (Flag.MUCH_MORE, bool(before) and found.amount > MUCH_MORE * median(before)),
        (Flag.QUESTION, question),
        (Flag.HELD, result is Outcome.HELD),
        (Flag.FIRST, result is Outcome.PAY and paid_to is None),
        (Flag.TERMS, result is Outcome.TERMS),
        (Flag.PAYEE, result is Outcome.PAYEE),
        (Flag.BELOW_MINIMUM, result is Outcome.BELOW_MINIMUM),
    )
    return tuple(flag for flag, it_does in holds if it_does)


NEW_PAYEE = frozenset({Flag.FIRST, Flag.PAYEE_CHANGED})
"""Paid by details that nothing was paid by before: looked at by somebody else than whoever checked them."""


class Cause(StrEnum):
    """Why this month's statement is not last month's, in the order in which it is told."""

    PAID = "paid"  # last month's lines are paid and gone
    CARRIED = "carried"  # an earlier month looked at them and did not pay
    NEW = "new"  # new deals, at the rate of last month where there was one
    RATE = "rate"  # what the change of rate makes of those
    CREDITS = "credits"  # new deals that take back
    REVERSED = "reversed"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class BridgeLine:
    """What the bridge needs of a line: minor units, basis points.

    `deal_amount` is what an earned line was worked out from. `known` says that an earlier month looked at the line.
    `rate_before` is the rate of the month before's last line for the same product; None without one.
    """

    kind: LineKind
    amount: int
    rate: int
    known: bool
    deal_amount: int = 0
    rate_before: int | None = None


def bridge(paid_before: int, lines: Iterable[BridgeLine]) -> list[tuple[Cause, int]]:
    """From what the last month paid (0 where it paid nothing) to the sum of `lines`, in causes that add up exactly.

    Causes that come to nothing are left out.
    """
    sums = dict.fromkeys(Cause, 0)
    sums[Cause.PAID] = -paid_before
    for line in lines:
        for cause, amount in _parts(line):
            sums[cause] += amount
    return [(cause, amount) for cause, amount in sums.items() if amount]


def _parts(line: BridgeLine) -> list[tuple[Cause, int]]:
    if line.known:
        return [(Cause.CARRIED, line.amount)]
    if line.kind is not LineKind.EARNED:
        return [(_TOLD_AS[line.kind], line.amount)]
    if line.amount < 0:
        return [(Cause.CREDITS, line.amount)]
    before = line.amount
    if line.rate_before is not None:
        before = commission(line.deal_amount, line.rate_before)
    return [(Cause.NEW, before), (Cause.RATE, line.amount - before)]


_TOLD_AS = {LineKind.REVERSED: Cause.REVERSED, LineKind.ADJUSTED: Cause.ADJUSTED}
