"""Whether a line follows: from its own inputs, and from what the journal held before it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from academy.programme.closes.rules import next_month
from academy.programme.commissions.rules import CORRECTION, Earned, LineKind, Moved, counted_on, owed, payable_on
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


@dataclass(frozen=True, slots=True)
class Closed:
    """A month that was closed or is being closed, and where the journal has the first and the last of its statements;
    None where it has none.
    """

    month: date
    first: int | None
    last: int | None


def opened_by(closes: Sequence[Closed], pos: int) -> set[date | None]:
    """The first days of open months that a line at a place of the journal may have been told by; None before any close.

    A close has begun by its first statement, and none begins before the last statement of the one before it. Between
    the two the journal does not say. `closes`: of one programme, in the order of their months.
    """
    begun = [index for index, close in enumerate(closes) if close.first is not None and close.first < pos]
    unfinished = [index for index, close in enumerate(closes) if close.last is not None and close.last > pos]
    earliest, latest = max(begun, default=-1), min(unfinished, default=len(closes) - 1)
    return {next_month(closes[at].month) if at >= 0 else None for at in range(earliest, latest + 1)}


def why_payable_otherwise(replay: Replay, plan: Plan, fact: FactRow, opened: Collection[date | None]) -> str | None:
    """Why a line's day is not the one that its deal gives it, or for a correction the line that it corrects; None when
    it is, counted from the month that was open. `opened`: see `opened_by`. `plan` says in which zone days are cut.
    """
    deal, inputs = replay.won.get(str(fact.numbers["deal"])), fact.inputs or {}
    if fact.rule == CORRECTION:
        corrected = replay.payable.get(str(inputs["line"]))
        if corrected is None:
            return "there is no line before it that it corrects"
        whose, day = "the line that it corrects", max(corrected, fact.effective_at.astimezone(plan.zone).date())
    elif deal is None:
        return None  # which is a difference of its own: see `why_line_differs_from`
    else:
        whose, day = "its deal", payable_on(plan, deal.won_at, fact.effective_at)
    told = date.fromisoformat(fact.numbers["payable_on"])
    if told in {counted_on(day, first) for first in opened}:
        return None
    return f"{whose} makes it payable on {day.isoformat()}, not on {told.isoformat()}"


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
