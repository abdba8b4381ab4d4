"""Whether a line follows: from its own inputs, and from what the journal held before it."""

from collections.abc import Collection
from datetime import date, datetime

from academy.programme.commissions.rules import Earned, LineKind, Moved, owed, payable_on
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, rate
from academy.programme.verification.rules import FactRow, Replay

LINES = {
    "commission.added": LineKind.EARNED,
    "commission.reversed": LineKind.REVERSED,
    "commission.adjusted": LineKind.ADJUSTED,
}


def why_line_differs(plan: Plan | None, fact: FactRow) -> str | None:
    """Why a line does not follow from its stored inputs; None when it does. `plan` is None for a correction."""
    inputs, numbers = fact.inputs or {}, fact.numbers
    if plan is None:
        concluded = inputs["correction"]
    elif fact.kind == "commission.added":
        earned = Earned.from_json(inputs)
        basis_points = earned.rate(plan).basis_points
        if basis_points != numbers["rate"]:
            return f"its inputs conclude a rate of {basis_points}, not {numbers['rate']}"
        concluded = owed(earned.amount, basis_points)
    else:
        concluded = Moved.from_json(inputs).difference(numbers["rate"])
    return None if concluded == numbers["amount"] else f"its inputs conclude {concluded}, not {numbers['amount']}"


def why_payable_otherwise(plan: Plan, won_at: datetime, fact: FactRow, opens: Collection[date]) -> str | None:
    """Why a line's day is not the one that its deal gives it; None when it is, or when it is one on which a month
    opened, later than that. `opens`: the first days of the months that follow one that was closed.
    """
    day, told = payable_on(plan, won_at, fact.effective_at), date.fromisoformat(fact.numbers["payable_on"])
    if told == day or (told > day and told in opens):
        return None
    return f"its deal makes it payable on {day.isoformat()}, not on {told.isoformat()}"


def why_line_differs_from(replay: Replay, plan: Plan, fact: FactRow) -> str | None:
    """Why its inputs are not what the facts before it say; None when they are."""
    inputs = fact.inputs or {}
    deal = replay.won.get(str(fact.numbers["deal"]))
    if deal is None:
        return "its deal was not won before"
    if fact.kind != "commission.added":
        moved, before = Moved.from_json(inputs), Moved(deal.amount, deal.refunded, deal.lines)
        return None if moved == before else f"the facts before it say {before.as_json()}, not {inputs}"
    earned = Earned.from_json(inputs)
    if (earned.product, earned.amount) != (deal.product, deal.amount):
        return f"the deal was won as {deal.product}, {deal.amount}"
    return _why_priced_otherwise(replay, plan, earned, deal.won_at)


def _why_priced_otherwise(replay: Replay, plan: Plan, earned: Earned, won_at: datetime) -> str | None:
    """What was held strictly before the deal, as far as the facts say it: the tier, and the rate that was shown."""
    tier, shown = replay.tier_before(won_at), replay.rate_before(won_at)
    if tier != earned.tier:
        return f"the tier before it was {tier}, not {earned.tier}"
    held = Held(earned.tier, bonus=earned.bonus, uplifts=earned.uplifts)
    if shown is not None and (then := rate(plan, held).basis_points) != shown:
        return f"the rate before it was {shown}, not {then}"
    return None
