"""Whether what a standing says, and each decision and notice about it, is what the journal says it must be."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from academy.programme.evidence.rules import Evidence
from academy.programme.lapses.rules import next_change_at, safe_until
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import (
    Held,
    Part,
    all_told,
    cause_of_tier,
    causes_of_rate,
    fallen,
    fallen_by,
    grace_ends,
    judge,
    name_of_rank,
    ranks,
    rate,
)
from academy.programme.verification.rules import FactRow, Replay
from academy.programme.warnings.rules import Fall


def why_decision_is_out_of_line(plan: Plan, replay: Replay, fact: FactRow) -> Iterator[str]:
    """How a decision on tier or rate does not join on to the facts before it; `replay` has taken those in."""
    numbers, inputs = fact.numbers, fact.inputs or {}
    if fact.kind == "promotion.awaited":
        held, at = Held.from_json(inputs["held"]), fact.effective_at
        # An instant may have been judged before, and have moved the tier.
        if held.tier not in {replay.tier_before(at), *(tier for when, tier in replay.tiers if when == at)}:
            yield f"it starts from {held.tier}, the facts before it say {replay.tier}"
        yield from _unknown_notices(held, replay)
        return
    is_tier = fact.kind == "tier.changed"
    before = replay.tier if is_tier else replay.shown_rate
    if before is not None and numbers["from"] != before:
        yield f"it starts from {numbers['from']}, the facts before it say {before}"
    old, at = Held.from_json(inputs["held"]), fact.effective_at
    yield from _unknown_notices(old, replay)
    again = judge(plan, old, inputs["levels"], inputs["currency"], at).held
    if is_tier and "before" in inputs:
        # Where an instant is judged twice, by a source's clock, the tier moves from what its first judging made of it.
        moved_from = replace(old, tier=numbers["from"])
        cause: object = cause_of_tier(plan, moved_from, again, inputs["before"], inputs["levels"], at)
    elif not is_tier and not (replay.rates and replay.rates[-1][0] == at):
        cause = causes_of_rate(old, again)
    else:
        return  # Judged twice at one instant, by a source's clock: what was held between is not written down.
    if cause != numbers["cause"]:
        yield f"its cause is {cause}, not {numbers['cause']}"


def _unknown_notices(held: Held, replay: Replay) -> Iterator[str]:
    for warning in held.warnings:
        if (str(warning.part), warning.sent_at, warning.falls_at) not in replay.notices:
            yield f"nobody was told that {warning.part} falls at {warning.falls_at.isoformat()}"


def why_notice_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a notice does not say what follows from what was held; None when it does."""
    numbers = fact.numbers
    part, held, to = Part(numbers["part"]), Held.from_json(numbers["held"]), numbers["to_rank"]
    then = fallen(plan, held, part, to)
    said = {
        "from": name_of_rank(plan, part, ranks(plan, held)[part]),
        "to": name_of_rank(plan, part, to),
        "falls_at": grace_ends(plan, datetime.fromisoformat(numbers["sent_at"])).isoformat(),
        "rate": rate(plan, held).basis_points,
        "rate_then": rate(plan, then).basis_points,
    }
    wrong = [name for name, value in said.items() if numbers[name] != value]
    return f"it says {numbers[wrong[0]]} as {wrong[0]}, not {said[wrong[0]]}" if wrong else None


def why_notice_was_not_due(plan: Plan, replay: Replay, fact: FactRow) -> str | None:
    """Why nobody had to be told of this then, or not with these figures, by the facts before it; None when they had."""
    numbers, at = fact.numbers, fact.effective_at
    part, sent_at = Part(numbers["part"]), datetime.fromisoformat(numbers["sent_at"])
    held = Held.from_json(numbers["held"])
    others = tuple(one for one in held.warnings if (one.part, one.sent_at) != (part, sent_at))
    levels = replay.levels(plan, at)
    judged = judge(plan, replace(held, warnings=others), levels, replay.currency, at)
    due = {which: to for which, _, to in judged.due_warnings}
    if due.get(part) != numbers["to_rank"]:
        return "it was not due by the facts before it"
    falls_at = datetime.fromisoformat(numbers["falls_at"])
    by_then = fallen_by(plan, all_told(plan, judged.held, judged.due_warnings, sent_at, falls_at), falls_at)
    fall = Fall(plan, held, part, numbers["to_rank"], numbers.get("before", {}), levels, by_then)
    said = fall.as_json(replay.evidence(at), at)
    # Those of before do not say what was measured before them, nor what falls with them.
    names = ["missing", "monthly", "currency", "rate_with_all", "monthly_with_all"]
    names += ["cause", "before"] if "before" in numbers else []
    wrong = [name for name in names if name in numbers and numbers[name] != said[name]]
    return f"it says {numbers[wrong[0]]} as {wrong[0]}, not {said[wrong[0]]}" if wrong else None


@dataclass(frozen=True, slots=True)
class Stored:
    """A standing as its row says, besides what is held and measured."""

    rate: int
    tier_since: datetime
    next_change_at: datetime | None
    safe_until: datetime | None
    at_risk: bool


def why_standing_differs(
    plan: Plan, held: Held, stored: Stored, replay: Replay, evidence: Evidence, levels: dict[str, int], at: datetime
) -> Iterator[str]:
    """Everything in a standing's row that does not follow from what is held, measured and written in the journal."""
    told: dict[str, Any] = {
        "rate": replay.shown_rate if replay.shown_rate is not None else stored.rate,
        "tier_since": replay.tiers[-1][0] if replay.tiers else None,
        "next_change_at": next_change_at(plan, held, evidence, at),
        "safe_until": safe_until(plan, held, evidence, levels, at),
        "at_risk": bool(held.warnings),
    }
    for name, value in told.items():
        if getattr(stored, name) != value:
            yield f"the facts say {value} as {name}, the standing says {getattr(stored, name)}"
    yield from _unknown_notices(held, replay)
