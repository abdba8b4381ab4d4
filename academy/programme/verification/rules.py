"""The journal read again from its beginning: what every decision should have been, and what was known when it was made.

One `Replay` takes the facts of one partner, and those of its people, in the order of the journal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, judge, rate


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact as the journal holds it; ids as text."""

    pos: int
    kind: str
    partner: str | None
    person: str | None
    thing: str | None
    numbers: Mapping[str, Any]
    effective_at: datetime
    rule: str
    inputs: Mapping[str, Any] | None


@dataclass(slots=True)
class Replay:
    """What the facts so far say about one partner. Times are kept, so that evidence can be asked for any instant."""

    partner: str
    currency: str
    members: set[str] = field(default_factory=set)
    passed: dict[str, dict[str, datetime]] = field(default_factory=dict)
    certificates: dict[str, dict[str, tuple[str, datetime | None]]] = field(default_factory=dict)
    deals: dict[str, Sale] = field(default_factory=dict)
    tier: str | None = None
    basis_points: int | None = None

    def apply(self, fact: FactRow) -> None:
        """Take in one fact. Facts of people who are with another partner still count once they join."""
        handler = _HANDLERS.get(fact.kind)
        if handler is not None:
            handler(self, fact)

    def evidence(self, at: datetime) -> Evidence:
        """What spoke for the partner at an instant, from the facts taken in so far."""
        return Evidence(
            currency=self.currency,
            members=frozenset(self.members),
            passed={
                person: frozenset(module for module, when in modules.items() if when <= at)
                for person, modules in self.passed.items()
                if person in self.members
            },
            held={
                person: dict(held.values()) for person, held in self.certificates.items() if person in self.members
            },
            sales=Sales.of(sale for sale in self.deals.values() if sale.won_at <= at),
        )

    def levels(self, plan: Plan, at: datetime) -> dict[str, int]:
        """What every metric of a plan measures on it."""
        return measure_all(plan, self.evidence(at), at)


def _joined(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner and fact.person:
        replay.members.add(fact.person)


def _left(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner and fact.person:
        replay.members.discard(fact.person)


def _module(replay: Replay, fact: FactRow) -> None:
    if fact.person and fact.thing and fact.numbers["passed"]:
        replay.passed.setdefault(fact.person, {})[fact.thing] = fact.effective_at


def _issued(replay: Replay, fact: FactRow) -> None:
    if fact.person and fact.thing:
        ends = fact.numbers["expires_at"]
        replay.certificates.setdefault(fact.person, {})[fact.thing] = (
            fact.numbers["credential"],
            datetime.fromisoformat(ends) if ends else None,
        )


def _revoked(replay: Replay, fact: FactRow) -> None:
    if fact.person and fact.thing:
        replay.certificates.get(fact.person, {}).pop(fact.thing, None)


def _won(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner and fact.thing:
        replay.deals[fact.thing] = Sale(fact.effective_at, fact.numbers["client"], fact.numbers["amount"])


def _refunded(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner and fact.thing:
        sale = replay.deals[fact.thing]
        replay.deals[fact.thing] = Sale(sale.won_at, sale.client, sale.amount - fact.numbers["amount"])


def _tier(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        replay.tier = fact.numbers["tier"] if fact.kind == "partner.enrolled" else fact.numbers["to"]


def _rate(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        replay.basis_points = fact.numbers["to"]


_HANDLERS: Mapping[str, Callable[[Replay, FactRow], None]] = {
    "member.joined": _joined,
    "member.left": _left,
    "module.completed": _module,
    "certificate.issued": _issued,
    "certificate.revoked": _revoked,
    "deal.won": _won,
    "deal.refunded": _refunded,
    "partner.enrolled": _tier,
    "tier.changed": _tier,
    "rate.changed": _rate,
}


def why_decision_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a tier or rate decision does not follow from its stored inputs; None when it does."""
    inputs = fact.inputs or {}
    at = datetime.fromisoformat(inputs["at"])
    held = Held.from_json(inputs["held"])
    judged = judge(plan, held, inputs["levels"], inputs["currency"], at).held
    if at != fact.effective_at:
        return f"it was made for {at.isoformat()} but counts from {fact.effective_at.isoformat()}"
    if fact.kind == "tier.changed" and judged.tier != fact.numbers["to"]:
        return f"its inputs conclude {judged.tier}, not {fact.numbers['to']}"
    concluded = rate(plan, judged).basis_points
    if fact.kind == "rate.changed" and concluded != fact.numbers["to"]:
        return f"its inputs conclude {concluded}, not {fact.numbers['to']}"
    return None


def why_warning_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a warning gives less grace than the plan promises; None when it does not."""
    sent_at = datetime.fromisoformat(fact.numbers["sent_at"])
    falls_at = datetime.fromisoformat(fact.numbers["falls_at"])
    return None if (falls_at - sent_at).days >= plan.grace_days else "it gives less grace than the plan promises"
