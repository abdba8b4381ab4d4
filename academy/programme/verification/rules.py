"""The journal read again from its beginning: what every decision should have been, and what was known when it was made.

One `Replay` takes the facts of one partner, and those of its people, in the order of the journal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from academy.programme.evidence.rules import Evidence, Sale, Sales, latest_ends, measure_all
from academy.programme.pins.rules import Pin
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, grace_ends, judge, rate


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


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a person was given, from when, until when, and when it was taken back."""

    credential: str
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None = None

    def counts(self, at: datetime) -> bool:
        """Whether it was there at an instant; one that has run out is still there, and says so."""
        return self.issued_at <= at and (self.revoked_at is None or self.revoked_at > at)


@dataclass(slots=True)
class DealSoFar:
    """What the facts so far say about a won deal: minor units, and the sum of its lines, corrections by hand apart."""

    product: str
    won_at: datetime
    amount: int
    refunded: int = 0
    lines: int = 0
    rate: int | None = None


@dataclass(slots=True)
class Replay:
    """What the facts so far say about one partner. Times are kept, so that evidence can be asked for any instant."""

    partner: str
    currency: str
    members: set[str] = field(default_factory=set)
    passed: dict[str, dict[str, datetime]] = field(default_factory=dict)
    certificates: dict[str, dict[str, Certificate]] = field(default_factory=dict)
    deals: dict[str, Sale] = field(default_factory=dict)
    won: dict[str, DealSoFar] = field(default_factory=dict)
    payable: dict[str, date] = field(default_factory=dict)
    tiers: list[tuple[datetime, str]] = field(default_factory=list)
    rates: list[tuple[datetime, int]] = field(default_factory=list)
    pin: Pin | None = None
    enrolled_rate: int | None = None
    notices: set[tuple[str, datetime, datetime]] = field(default_factory=set)
    awaited: dict[str, datetime] = field(default_factory=dict)

    @property
    def tier(self) -> str | None:
        """The tier of now."""
        return self.tiers[-1][1] if self.tiers else None

    @property
    def basis_points(self) -> int | None:
        """The rate of now, for the plan's default product; None while it has never changed."""
        return self.rates[-1][1] if self.rates else None

    @property
    def shown_rate(self) -> int | None:
        """The rate of now, that of the enrolment while it has never changed."""
        return self.enrolled_rate if self.basis_points is None else self.basis_points

    def tier_before(self, at: datetime) -> str | None:
        """The tier strictly before an instant; that of the enrolment at the enrolment's own."""
        return next(
            (tier for when, tier in reversed(self.tiers) if when < at), self.tiers[0][1] if self.tiers else None
        )

    def rate_before(self, at: datetime) -> int | None:
        """The rate strictly before an instant; None while it had never changed."""
        return next((rate for when, rate in reversed(self.rates) if when < at), None)

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
                person: latest_ends((one.credential, one.expires_at) for one in held.values() if one.counts(at))
                for person, held in self.certificates.items()
                if person in self.members
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
        replay.certificates.setdefault(fact.person, {})[fact.thing] = Certificate(
            fact.numbers["credential"], fact.effective_at, datetime.fromisoformat(ends) if ends else None
        )


def _revoked(replay: Replay, fact: FactRow) -> None:
    held = replay.certificates.get(fact.person or "", {})
    if fact.thing in held:
        held[fact.thing] = replace(held[fact.thing], revoked_at=fact.effective_at)


def _won(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner and fact.thing:
        amount = fact.numbers["amount"]
        replay.deals[fact.thing] = Sale(fact.effective_at, fact.numbers["client"], amount)
        replay.won[fact.thing] = DealSoFar(fact.numbers["product"], fact.effective_at, amount)


def _moved(replay: Replay, fact: FactRow) -> None:
    """A refund, or another amount: it counts where the deal counts."""
    if fact.partner != replay.partner or not fact.thing:
        return
    # Of a deal that was never won here nothing is left to take: a difference to be shown, not an error.
    won_at, numbers = datetime.fromisoformat(fact.numbers["won_at"]), fact.numbers
    sale = replay.deals.get(fact.thing) or Sale(won_at, numbers["client"], 0)
    deal = replay.won.setdefault(fact.thing, DealSoFar(numbers["product"], won_at, 0))
    if fact.kind == "deal.refunded":
        deal.refunded += numbers["amount"]
        replay.deals[fact.thing] = replace(sale, amount=sale.amount - numbers["amount"])
    else:
        deal.amount = numbers["to"]
        replay.deals[fact.thing] = replace(sale, amount=sale.amount + numbers["to"] - numbers["from"])


def _line(replay: Replay, fact: FactRow) -> None:
    assert fact.thing is not None  # such a fact is about a line
    replay.payable[fact.thing] = date.fromisoformat(fact.numbers["payable_on"])
    deal = replay.won.get(str(fact.numbers["deal"]))
    if deal is None or "correction" in (fact.inputs or {}):
        return
    deal.lines += fact.numbers["amount"]
    deal.rate = fact.numbers["rate"]


def _tier(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        tier = fact.numbers["tier"] if fact.kind == "partner.enrolled" else fact.numbers["to"]
        replay.tiers.append((fact.effective_at, tier))
        replay.enrolled_rate = fact.numbers.get("rate", replay.enrolled_rate)


def _rate(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        replay.rates.append((fact.effective_at, fact.numbers["to"]))


def _pin(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        replay.pin = Pin.from_json(fact.numbers)


def _awaited(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        replay.awaited[fact.numbers["tier"]] = fact.effective_at


def _warned(replay: Replay, fact: FactRow) -> None:
    if fact.partner == replay.partner:
        sent_at, falls_at = (datetime.fromisoformat(fact.numbers[key]) for key in ("sent_at", "falls_at"))
        replay.notices.add((fact.numbers["part"], sent_at, falls_at))


_HANDLERS: Mapping[str, Callable[[Replay, FactRow], None]] = {
    "member.joined": _joined,
    "member.left": _left,
    "module.completed": _module,
    "certificate.issued": _issued,
    "certificate.revoked": _revoked,
    "deal.won": _won,
    "deal.refunded": _moved,
    "deal.changed": _moved,
    "commission.added": _line,
    "commission.reversed": _line,
    "commission.adjusted": _line,
    "partner.enrolled": _tier,
    "tier.changed": _tier,
    "rate.changed": _rate,
    "tier.pinned": _pin,
    "tier.unpinned": _pin,
    "tier.warned": _warned,
    "promotion.awaited": _awaited,
}


def why_decision_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a tier or rate decision does not follow from its stored inputs; None when it does."""
    if fact.inputs is None:
        return "it says nothing of what it followed from"
    at = datetime.fromisoformat(fact.inputs["at"])
    if at != fact.effective_at:
        return f"it was made for {at.isoformat()} but counts from {fact.effective_at.isoformat()}"
    if fact.inputs["currency"] not in plan.currencies:
        return f"it was made in {fact.inputs['currency']}, which its plan does not pay"
    held = Held.from_json(fact.inputs["held"])
    judged = judge(plan, held, fact.inputs["levels"], fact.inputs["currency"], at).held
    said = fact.numbers["tier" if fact.kind == "promotion.awaited" else "to"]
    concluded: object
    match fact.kind:
        case "tier.changed":
            concluded = judged.tier
        case "promotion.awaited":
            concluded = judged.awaiting
        case _:
            concluded = rate(plan, judged).basis_points
    return None if concluded == said else f"its inputs conclude {concluded}, not {said}"


def why_warning_differs(plan: Plan, fact: FactRow) -> str | None:
    """Why a warning gives less grace than the plan promises; None when it does not."""
    sent_at = datetime.fromisoformat(fact.numbers["sent_at"])
    falls_at = datetime.fromisoformat(fact.numbers["falls_at"])
    if sent_at < fact.effective_at or falls_at < grace_ends(plan, sent_at):
        return "it gives less grace than the plan promises"
    return None
