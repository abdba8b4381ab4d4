"""What would change: a partner's standing after modules, certificates and sales that are not there yet.

Judged by the same pure functions as the real thing, so that what is promised is what will be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction

from academy.core.criteria import Levels
from academy.core.money import half_away
from academy.programme.evidence.rules import Evidence, Sales, measure_all
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, TierView, judge, next_tier, rate

ESTIMATE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person can still do: minutes left by module, a sorting slug by module, and what credentials ask for.

    `credentials` maps a credential not held to the modules that are still missing for it. `requires` maps a module in
    a course that is not open yet to all that must be finished first, however far back. `unproved` are modules without
    a quiz: something may wait for them, but they count for nothing themselves.
    """

    person: str
    minutes: Mapping[str, int]
    slugs: Mapping[str, str]
    credentials: Mapping[str, frozenset[str]]
    requires: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unproved: frozenset[str] = frozenset()

    def with_required(self, modules: Iterable[str]) -> frozenset[str]:
        """These modules and everything that must be finished before them."""
        wanted = frozenset(modules)
        return wanted.union(*(self.requires.get(module, ()) for module in wanted))

    def minutes_of(self, modules: Iterable[str]) -> int:
        """How long these take, with everything that must be finished before them."""
        return sum(self.minutes[module] for module in self.with_required(modules))

    def in_order(self, modules: Iterable[str]) -> tuple[str, ...]:
        """What must be finished first comes first, ties by slug."""
        return tuple(sorted(modules, key=lambda one: (len(self.requires.get(one, ())), self.slugs.get(one, one))))


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a partner would stand."""

    held: Held
    levels: Levels
    basis_points: int
    monthly: int
    next: TierView | None


def look_ahead(plan: Plan, held: Held, evidence: Evidence, at: datetime, *, sold: Sales | None = None) -> Outlook:
    """Judge hypothetical evidence at `at`. `sold` is what was really sold, when the evidence supposes more."""
    levels = measure_all(plan, evidence, at)
    then = judge(plan, held, levels, evidence.currency, at).held
    now, after = rate(plan, held).basis_points, rate(plan, then).basis_points
    real = evidence if sold is None else replace(evidence, sales=sold)
    above = next_tier(plan, then, levels, evidence.currency)
    return Outlook(then, levels, after, monthly(now, after, real, at), above)


def monthly(old: int, new: int, evidence: Evidence, at: datetime) -> int:
    """Minor units a month: the difference in rate on a third of the sales of the trailing 90 days.

    Who took back more than was sold has no sales to estimate from: 0.
    """
    won = max(evidence.sales.won(at - timedelta(days=ESTIMATE_DAYS), at), 0)
    return half_away(Fraction((new - old) * won, 10_000 * 3))


def suppose(
    evidence: Evidence,
    offer: Offer,
    *,
    modules: Iterable[str] = (),
    credentials: Iterable[str] = (),
    sales: int = 0,
    at: datetime,
) -> Evidence:
    """Evidence with more: the person passes modules, earns credentials (and what they complete), the partner sells.

    A credential whose missing modules are all among those supposed comes with them. Supposed sales come from no new
    client, so that no tier is promised that needs one.
    """
    passed, earned = completed_by(offer, modules=modules, credentials=credentials)
    person = offer.person
    return replace(
        evidence,
        passed={**evidence.passed, person: evidence.passed.get(person, frozenset()) | passed},
        held={**evidence.held, person: {**evidence.held.get(person, {}), **dict.fromkeys(earned)}},
        sales=evidence.sales.and_also(sales, at) if sales else evidence.sales,
    )


def completed_by(
    offer: Offer, *, modules: Iterable[str] = (), credentials: Iterable[str] = ()
) -> tuple[frozenset[str], frozenset[str]]:
    """What somebody has done who passes these modules and earns these credentials: the modules and the credentials.

    What must be finished first is done with them.
    """
    chosen = frozenset(credentials)
    asked = frozenset(modules).union(*(offer.credentials.get(credential, frozenset()) for credential in chosen))
    passed = offer.with_required(asked) - offer.unproved
    earned = chosen | {credential for credential, missing in offer.credentials.items() if missing and missing <= passed}
    return passed, earned


def offer_after(offer: Offer, *, passed: frozenset[str], earned: frozenset[str]) -> Offer:
    """What is left to do after that."""
    done = offer.with_required(passed)
    return replace(
        offer,
        minutes={module: 0 if module in done else minutes for module, minutes in offer.minutes.items()},
        requires={module: first - done for module, first in offer.requires.items()},
        credentials={
            credential: missing - passed
            for credential, missing in offer.credentials.items()
            if credential not in earned
        },
    )
