"""Judging a partner at an instant: what is concluded, and where it stands afterwards. Every judgement is made here.

`conclude` says what was decided and which notices are due; whoever judges records that, and `stand_after` then says
what the standing is. An action does so for one partner, an import for many.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from academy.programme.evidence.rules import Evidence, measure_all
from academy.programme.lapses.rules import next_change_at
from academy.programme.plans.rules import Plan
from academy.programme.standing import rules
from academy.programme.standing.rules import Held, Part


@dataclass(frozen=True, slots=True)
class Before:
    """What held strictly before a standing was judged: the plan version and what the partner had by it."""

    plan: UUID
    held: Held

    def as_json(self) -> dict[str, object]:
        """Plain data for the standing row."""
        return {"plan": str(self.plan), "held": self.held.as_json()}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Before":
        """The inverse of `as_json`."""
        return cls(UUID(written["plan"]), Held.from_json(written["held"]))


@dataclass(frozen=True, slots=True)
class Position:
    """Where a partner stands as far as judging it goes: by which plan version, with what, and when it is due again.

    `judges_once`: its programme follows its source's clock, where an instant is judged once, after all its deals.
    """

    plan_id: UUID
    plan: Plan
    currency: str
    held: Held
    levels: Mapping[str, int]
    tier_since: datetime
    judged_at: datetime
    next_change_at: datetime | None
    before: Before
    judges_once: bool

    def for_deals_at(self, at: datetime) -> Before:
        """What prices a deal won at an instant: what was held strictly before it."""
        return self.before if self.judged_at >= at else Before(self.plan_id, self.held)

    def starts_from(self, at: datetime) -> Held:
        """What judging at an instant starts from.

        Where an instant is judged once, judging it again starts from what was held before it. Where people are told,
        what they have stays.
        """
        return self.before.held if self.judges_once and self.judged_at == at else self.held


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What judging concludes: facts, each as (kind, numbers, inputs), and due notices."""

    held: Held
    levels: dict[str, int]
    decisions: tuple[tuple[str, dict[str, Any], dict[str, Any]], ...]
    due_warnings: tuple[tuple[Part, int, int], ...]


def conclude(was: Position, plan: Plan, evidence: Evidence, at: datetime) -> Conclusion:
    """Judge a partner by a plan and what speaks for it at an instant."""
    levels = measure_all(plan, evidence, at)
    held = was.starts_from(at)
    judged = rules.judge(plan, held, levels, was.currency, at)
    inputs = {"at": at.isoformat(), "currency": was.currency, "held": held.as_json(), "levels": levels}
    decisions = tuple(_decisions(was, plan, judged.held, inputs, at))
    return Conclusion(judged.held, levels, decisions, judged.due_warnings)


def _decisions(
    was: Position, plan: Plan, new: Held, inputs: dict[str, Any], at: datetime
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    old = was.held
    if old.tier != new.tier:
        cause = rules.cause_of_tier(plan, old, new, was.levels, inputs["levels"], at)
        numbers: dict[str, Any] = {"from": old.tier, "to": new.tier, "cause": cause}
        yield "tier.changed", numbers, {**inputs, "before": dict(was.levels)}
    rate_before = rules.rate(was.plan, old).basis_points
    rate_after = rules.rate(plan, new).basis_points
    if rate_before != rate_after:
        numbers = {"from": rate_before, "to": rate_after, "product": plan.default_product}
        yield "rate.changed", {**numbers, "cause": rules.causes_of_rate(old, new)}, inputs
    if new.awaiting != old.awaiting and new.awaiting is not None:
        yield "promotion.awaited", {"tier": new.awaiting}, inputs


def stand_after(
    was: Position,
    plan_id: UUID,
    plan: Plan,
    held: Held,
    levels: Mapping[str, int],
    evidence: Evidence,
    at: datetime,
) -> Position:
    """Where a partner stands once it was judged at an instant; `held` has the notices that were sent with it."""
    return Position(
        plan_id=plan_id,
        plan=plan,
        currency=was.currency,
        held=held,
        levels=levels,
        tier_since=was.tier_since if held.tier == was.held.tier else at,
        judged_at=at,
        next_change_at=next_change_at(plan, held, evidence, at),
        # What prices deals won at this very instant is what was held before it, however often it is judged.
        before=was.before if was.judged_at == at else Before(was.plan_id, was.held),
        judges_once=was.judges_once,
    )


def first_position(plan_id: UUID, plan: Plan, currency: str, at: datetime, *, judges_once: bool) -> Position:
    """Where a partner stands that has just come into a programme: on the lowest rung, due at once."""
    held = Held(plan.tiers[0].slug)
    return Position(plan_id, plan, currency, held, {}, at, at, at, Before(plan_id, held), judges_once)
