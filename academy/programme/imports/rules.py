"""A partner's history as a source tells it, folded in memory: what each won deal earns, and what follows for the tier.

The same rules as for one deal at a time, in the same order: what fell due before a deal's instant is judged first, each
at the instant it was due; deals of one instant are priced by what was held before it and judged once after. Partners
whose people, notices or approvals count are not folded: for them the ordinary actions are used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from academy.programme.commissions.rules import Earned, owed, payable_on
from academy.programme.evidence.rules import Evidence, Sales
from academy.programme.judging.rules import Position, conclude, stand_after
from academy.programme.lapses.rules import safe_until
from academy.programme.plans.rules import Plan, Version


@dataclass(frozen=True, slots=True)
class Told:
    """A won deal as its source tells it: minor units of the partner's currency, negative for a credit."""

    deal: UUID
    client: UUID
    product: str
    amount: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """The commission line that a deal earns."""

    amount: int
    rate: int
    payable_on: date
    plan_id: UUID
    rule: str
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Won:
    """A deal counts from an instant, and earns a line unless it is worth nothing."""

    told: Told
    at: datetime
    line: Line | None


@dataclass(frozen=True, slots=True)
class Decided:
    """A change of tier or rate."""

    kind: str
    at: datetime
    numbers: dict[str, Any]
    rule: str
    inputs: dict[str, Any]


@dataclass(slots=True)
class Sold:
    """A partner's sales so far, in order, added up by instant; and each client's last sale that was not taken back."""

    times: list[datetime] = field(default_factory=list)
    sums: list[int] = field(default_factory=lambda: [0])
    last_by_client: dict[UUID, datetime] = field(default_factory=dict)

    def add(self, at: datetime, client: UUID, amount: int) -> None:
        """One more sale, not before the last."""
        self.add_sum(at, amount)
        if amount > 0:
            self.last_by_client[client] = at

    def add_sum(self, at: datetime, amount: int) -> None:
        """What was won at an instant, not before the last."""
        if self.times and self.times[-1] == at:
            self.sums[-1] += amount
        else:
            self.times.append(at)
            self.sums.append(self.sums[-1] + amount)

    def as_sales(self, *, with_clients: bool) -> Sales:
        """As evidence has them."""
        clients = sorted(self.last_by_client.values()) if with_clients else ()
        return Sales(tuple(self.times), tuple(self.sums), tuple(clients))


@dataclass(slots=True)
class History:
    """One partner on its way: where it stands, what it has sold, and its latest effective time."""

    versions: Sequence[Version]
    position: Position
    sold: Sold
    latest: datetime | None
    judgements: int = 0
    _rates: dict[tuple[str, str, str, bool, int], int] = field(default_factory=dict)

    def win(self, told: Told) -> Iterator[Won | Decided]:
        """A deal is won. Its instant is judged when all its deals are there: before the next one, or by `follow`."""
        at = told.occurred_at if self.latest is None else max(told.occurred_at, self.latest)
        yield from self._apply_until(at, inclusive=False)
        yield Won(told, at, self._line(told, at))
        self.sold.add(at, told.client, told.amount)
        self.latest = at
        if self.position.next_change_at != at:
            self.position = replace(self.position, next_change_at=at)

    def follow(self, until: datetime) -> Iterator[Decided]:
        """Judge whatever falls due up to and including an instant."""
        yield from self._apply_until(until, inclusive=True)

    def safe_until(self) -> datetime | None:
        """Until when the tier holds if nothing more happens."""
        now = self.position
        return safe_until(now.plan, now.held, self._evidence(now.plan), now.levels, now.judged_at)

    def _line(self, told: Told, at: datetime) -> Line | None:
        if told.amount == 0:
            return None
        before = self.position.for_deals_at(at)
        plan = next(one.plan for one in self.versions if one.id == before.plan)
        earned = Earned.of(before.held, product=told.product, amount=told.amount)
        basis_points = self._rate(plan, earned)
        return Line(
            amount=owed(told.amount, basis_points),
            rate=basis_points,
            payable_on=payable_on(plan, at),
            plan_id=before.plan,
            rule=plan.reference,
            inputs=earned.as_json(),
        )

    def _rate(self, plan: Plan, earned: Earned) -> int:
        """Worked out once for all deals that are priced alike."""
        alike = (plan.reference, earned.product, earned.tier, earned.bonus, earned.uplifts)
        if alike not in self._rates:
            self._rates[alike] = earned.rate(plan).basis_points
        return self._rates[alike]

    def _apply_until(self, until: datetime, *, inclusive: bool) -> Iterator[Decided]:
        due = self._due()
        while due is not None and (due < until or (inclusive and due == until)):
            yield from self._judge(due if self.latest is None else max(due, self.latest))
            due = self._due()

    def _due(self) -> datetime | None:
        """When time alone may next change something, a newer plan's beginning included."""
        number = next(one.number for one in self.versions if one.id == self.position.plan_id)
        newer = [max(one.effective_from, self.position.judged_at) for one in self.versions if one.number > number]
        return (
            min(newer, default=None)
            if self.position.next_change_at is None
            else min([*newer, self.position.next_change_at])
        )

    def _judge(self, at: datetime) -> Iterator[Decided]:
        version = in_force(self.versions, at)
        was, evidence = self.position, self._evidence(version.plan)
        concluded = conclude(was, version.plan, evidence, at)
        for kind, numbers, inputs in concluded.decisions:
            yield Decided(kind, at, numbers, version.plan.reference, inputs)
            self.latest = at if self.latest is None else max(self.latest, at)
        self.position = stand_after(was, version.id, version.plan, concluded.held, concluded.levels, evidence, at)
        self.judgements += 1

    def _evidence(self, plan: Plan) -> Evidence:
        with_clients = any(one.metric == "active_clients" for one in plan.levels)
        return Evidence(self.position.currency, sales=self.sold.as_sales(with_clients=with_clients))


def in_force(versions: Sequence[Version], at: datetime) -> Version:
    """The version that is in force at an instant, of versions in the order in which they come into force.

    There is one: nobody is in a programme before its first.
    """
    return next(version for version in reversed(versions) if version.effective_from <= at)


def folds(versions: Sequence[Version]) -> bool:
    """Whether a programme's plans conclude from sales and time alone for partners without people: nobody is warned."""
    return all(one.plan.grace_days == 0 and not any(tier.approve for tier in one.plan.tiers) for one in versions)
