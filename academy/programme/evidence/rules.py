"""What speaks for a partner at an instant, and how each metric of a plan is measured on it.

Evidence is the fold of a partner's facts up to that instant. Of a partner's people only active members count; distinct
things are counted once however many of them have done them.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate

from academy.core.criteria import Comparison, Criterion, comparisons, holds
from academy.programme.plans.rules import Plan

SOLD = frozenset({"won", "active_clients"})
TIMED = SOLD | {"certificates", "advanced_certificates"}


@dataclass(frozen=True, slots=True)
class Sale:
    """What one deal brought, less what was taken back of it, in minor units."""

    won_at: datetime
    client: str
    amount: int


@dataclass(frozen=True, slots=True)
class Sales:
    """A partner's sales in the order they were won, with running sums: a window is two look-ups."""

    times: tuple[datetime, ...] = ()
    sums: tuple[int, ...] = (0,)
    last_by_client: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, sales: Iterable[Sale]) -> "Sales":
        """Sort and sum. A client is active by its latest sale of which something is left."""
        ordered = sorted(sales, key=lambda sale: sale.won_at)
        last: dict[str, datetime] = {}
        for sale in ordered:
            if sale.amount > 0:
                last[sale.client] = sale.won_at
        return cls(
            tuple(sale.won_at for sale in ordered),
            tuple(accumulate((sale.amount for sale in ordered), initial=0)),
            tuple(sorted(last.values())),
        )

    def won(self, start: datetime | None, at: datetime) -> int:
        """The sum of what was won in (start, at]."""
        first = bisect_right(self.times, start) if start else 0
        return self.sums[bisect_right(self.times, at)] - self.sums[first]

    def clients(self, start: datetime | None) -> int:
        """How many clients have their latest sale after `start`."""
        return len(self.last_by_client) - (bisect_right(self.last_by_client, start) if start else 0)

    def next_after(self, start: datetime) -> datetime | None:
        """The first sale won after `start`: the next to leave a window that begins there."""
        index = bisect_right(self.times, start)
        return self.times[index] if index < len(self.times) else None

    def and_also(self, amount: int, at: datetime) -> "Sales":
        """These sales and one more, from no new client. `at` must not be before the last of them."""
        return replace(self, times=(*self.times, at), sums=(*self.sums, self.sums[-1] + amount))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Active members, what each of them has passed and holds (credential -> when it expires), and the sales."""

    currency: str
    members: frozenset[str] = frozenset()
    passed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    held: Mapping[str, Mapping[str, datetime | None]] = field(default_factory=dict)
    sales: Sales = Sales()

    def of_one(self, person: str) -> "Evidence":
        """What speaks for one member alone."""
        return replace(self, members=frozenset({person}), sales=Sales())


def latest_ends(held: Iterable[tuple[str, datetime | None]]) -> dict[str, datetime | None]:
    """Until when each credential is held, from (credential, end) of every certificate: the longest counts."""
    ends: dict[str, datetime | None] = {}
    for credential, expires_at in held:
        known = ends.setdefault(credential, expires_at)
        if known is not None and (expires_at is None or expires_at > known):
            ends[credential] = expires_at
    return ends


def measure_all(plan: Plan, evidence: Evidence, at: datetime) -> dict[str, int]:
    """Every level that judging by this plan needs, by `Comparison.key`."""
    return {comparison.key: measure(comparison, plan, evidence, at) for comparison in plan.levels}


def measure(comparison: Comparison, plan: Plan, evidence: Evidence, at: datetime) -> int:
    """One level at one instant, in the metric's unit."""
    if comparison.who is not None:
        return sum(_satisfies(comparison.who, plan, evidence.of_one(one), at) for one in evidence.members)
    start = comparison.window.start(at, plan.zone)
    match comparison.metric:
        case "won":
            return evidence.sales.won(start, at)
        case "active_clients":
            return evidence.sales.clients(start)
        case "core_modules":
            return len(carriers(evidence.passed, evidence.members, plan.core))
        case "modules":
            return len(carriers(evidence.passed, evidence.members, comparison.only))
        case "certificates":
            return len(carriers(valid(evidence, at), evidence.members, comparison.only))
        case "advanced_certificates":
            return len(carriers(valid(evidence, at), evidence.members, plan.advanced))
    raise LookupError(f"Nothing measures “{comparison.metric}”.")


def _satisfies(who: Criterion, plan: Plan, alone: Evidence, at: datetime) -> bool:
    levels = {part.key: measure(part, plan, alone, at) for part in comparisons(who)}
    return holds(who, levels, alone.currency)


def carriers(
    things: Mapping[str, Iterable[str]], members: frozenset[str], only: frozenset[str] | None
) -> dict[str, list[str]]:
    """Distinct things done by active members, each with who carries it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for person in sorted(members):
        for thing in things.get(person, ()):
            if only is None or thing in only:
                found[thing].append(person)
    return dict(found)


def valid(evidence: Evidence, at: datetime) -> dict[str, frozenset[str]]:
    """The credentials that each person holds at an instant: from issue until just before expiry."""
    return {
        person: frozenset(credential for credential, expires in held.items() if expires is None or expires > at)
        for person, held in evidence.held.items()
    }


def is_moved_by_time(comparison: Comparison) -> bool:
    """Whether a level can change though nothing happens."""
    return comparison.who is not None or comparison.metric in TIMED


def changes_at(plan: Plan, evidence: Evidence, at: datetime) -> datetime | None:
    """The first instant after `at` at which time alone may change a level; None when it never will.

    A level stays as it is until then; whether it changes then is for measuring to say.
    """
    moments = [
        expires
        for person in evidence.members
        for expires in evidence.held.get(person, {}).values()
        if expires is not None and expires > at
    ]
    for window in {comparison.window for comparison in plan.levels if comparison.metric in SOLD}:
        start = window.start(at, plan.zone)
        first = evidence.sales.next_after(start) if start else None
        leaves = window.leaves_at(first, plan.zone) if first else None
        if leaves is not None:
            moments.append(leaves)
    return min(moments, default=None)
