"""What would change: a partner's standing after modules, certificates and sales that are not there yet.

Judged by the same pure functions as the real thing, so that what is promised is what will be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import chain, combinations, islice

from academy.core.criteria import Comparison, Criterion, Group, Levels, comparisons, evaluate
from academy.core.money import half_away
from academy.programme.evidence.rules import Evidence, Sales, carriers, measure, measure_all, valid
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, TierView, judge, next_tier, ranks, rate

MOST_SETS = 64
MOST_WAYS = 32
"""Of those, how many may lead to one criterion."""
_COUNTED = ("core_modules", "modules")
_WIDE = 10_000
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


@dataclass(frozen=True, slots=True)
class NextStep:
    """The shortest way to a better tier or rate by learning alone, and what it brings. Modules in the order in which
    they can be learned.
    """

    modules: tuple[str, ...]
    credentials: tuple[str, ...]
    minutes: int
    outlook: Outlook


def next_step(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """Of the sets that change tier or rate with no further sale, the one with the fewest minutes left.

    Ties go to the larger sum a month, then to the slug. None when learning alone changes nothing.
    """
    rank, now = ranks(plan, held)[Part.TIER], rate(plan, held).basis_points
    best: tuple[tuple[int, int, list[str]], NextStep] | None = None
    for modules in sorted(_sets(plan, held, evidence, offer, at), key=lambda one: _minutes(offer, one)):
        minutes = _minutes(offer, modules)
        if best is not None and minutes > best[1].minutes:
            break
        outlook = look_ahead(plan, held, suppose(evidence, offer, modules=modules, at=at), at)
        if outlook.basis_points <= now and ranks(plan, outlook.held)[Part.TIER] <= rank:
            continue
        ordered = offer.in_order(modules)
        _, earned = completed_by(offer, modules=modules)
        step = NextStep(ordered, tuple(sorted(earned)), minutes, outlook)
        order = (minutes, -outlook.monthly, [offer.slugs.get(module, module) for module in ordered])
        if best is None or order < best[0]:
            best = (order, step)
    return best[1] if best else None


def _sets(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> list[frozenset[str]]:
    """At most 64 sets of modules worth trying: what the next tier, the bonus or a credential misses, and pairs."""
    ways = _Ways(plan, evidence, offer, at)
    above = plan.above(plan.tiers[ranks(plan, held)[Part.TIER]].slug)
    found = ways.to(above.enter, frozenset()) if above else []
    found += ways.to(plan.bonus_when, frozenset())
    found += sorted(ways.credentials.values(), key=lambda missing: _minutes(offer, missing))
    distinct = list(dict.fromkeys(offer.with_required(way) for way in found if way))
    pairs = (one | other for one, other in combinations(distinct, 2))
    return list(islice(dict.fromkeys(chain(distinct, pairs)), MOST_SETS))


@dataclass(frozen=True, slots=True)
class _Ways:
    """Sets of modules after which a criterion holds, none when this person's learning alone cannot reach that."""

    plan: Plan
    evidence: Evidence
    offer: Offer
    at: datetime

    @property
    def credentials(self) -> dict[str, frozenset[str]]:
        """What can still be earned, with what is missing for it. A module that nobody offers cannot be passed."""
        provable = self._offered(None)
        return {key: missing for key, missing in self.offer.credentials.items() if missing and missing <= provable}

    def to(self, criterion: Criterion, chosen: frozenset[str]) -> list[frozenset[str]]:
        """Ways that have `chosen` in them; `chosen` alone when the criterion holds with it."""
        if self._holds(criterion, chosen):
            return [chosen]
        match criterion:
            case Comparison():
                return self._to_level(criterion, chosen)
            case Group(least, parts):
                return self._to_group(least, parts, chosen)
            case _:
                return []  # A denial: learning more does not undo what was learned.

    def _holds(self, criterion: Criterion, chosen: frozenset[str]) -> bool:
        then = suppose(self.evidence, self.offer, modules=chosen, at=self.at)
        levels = {one.key: measure(one, self.plan, then, self.at) for one in comparisons(criterion)}
        return evaluate(criterion, levels, then.currency).met

    def _to_group(self, least: int, parts: Sequence[Criterion], chosen: frozenset[str]) -> list[frozenset[str]]:
        missing = [part for part in parts if not self._holds(part, chosen)]
        missing.sort(key=_breadth)
        found: list[frozenset[str]] = []
        for some in islice(combinations(missing, least - len(parts) + len(missing)), MOST_WAYS):
            ways = [chosen]
            for part in some:
                ways = [further for way in ways for further in self.to(part, way)][:MOST_WAYS]
            found += ways
        return found[:MOST_WAYS]

    def _to_level(self, comparison: Comparison, chosen: frozenset[str]) -> list[frozenset[str]]:
        then = suppose(self.evidence, self.offer, modules=chosen, at=self.at)
        gap = comparison.needed(then.currency) - measure(comparison, self.plan, then, self.at)
        if comparison.who is not None:
            alone = replace(self, evidence=self.evidence.of_one(self.offer.person))
            ways = alone.to(comparison.who, chosen) if gap == 1 else []
            return [way for way in ways if way != chosen]
        if comparison.metric in _COUNTED:
            wanted = self.plan.core if comparison.metric == "core_modules" else comparison.only
            done = carriers(then.passed, then.members, wanted).keys()
            more = _cheapest(self.offer, self._offered(wanted) - done, gap)
            return [chosen | more] if more else []
        if comparison.metric not in ("certificates", "advanced_certificates"):
            return []
        wanted = self.plan.advanced if comparison.metric == "advanced_certificates" else comparison.only
        held = carriers(valid(then, self.at), then.members, wanted).keys()
        open_ = {key: missing - chosen for key, missing in self.credentials.items() if key not in held}
        cheapest = sorted(
            (key for key in open_ if wanted is None or key in wanted),
            key=lambda key: (_minutes(self.offer, open_[key]), key),
        )
        some = islice(combinations(cheapest, gap), MOST_WAYS)
        return [chosen.union(*(open_[key] for key in keys)) for keys in some]

    def _offered(self, wanted: frozenset[str] | None) -> frozenset[str]:
        offered = frozenset(self.offer.minutes) - self.offer.unproved
        return offered if wanted is None else offered & wanted


def _breadth(part: Criterion) -> int:
    """Numbers of modules come last, the widest choice at the end: it counts what was chosen for the narrower."""
    if not isinstance(part, Comparison) or part.metric not in (*_COUNTED, "people"):
        return 0
    if part.only is not None:
        return len(part.only)
    return _WIDE + ("core_modules", "people", "modules").index(part.metric)


def _cheapest(offer: Offer, modules: frozenset[str], count: int) -> frozenset[str]:
    """So many of the modules, with the fewest minutes; none when there are not so many."""
    ordered = sorted(modules, key=lambda module: (_minutes(offer, [module]), offer.slugs.get(module, module)))
    return frozenset(ordered[:count]) if len(ordered) >= count else frozenset()


def _minutes(offer: Offer, modules: Iterable[str]) -> int:
    return sum(offer.minutes[module] for module in offer.with_required(modules))


def missing_sales(view: TierView | None) -> int | None:
    """How much must still be won for the next tier, in minor units, when that is all it lacks; else None."""
    if view is None or view.verdict.met:
        return None
    asked = list(zip(comparisons(view.tier.enter), view.verdict.leaves(), strict=True))
    for gap in sorted({leaf.gap for one, leaf in asked if one.metric == "won" and not leaf.met}):
        then = {one.key: leaf.have + gap * (one.metric == "won") for one, leaf in asked}
        if evaluate(view.tier.enter, then, view.currency).met:
            return gap
    return None
