"""What would change: a partner's standing after modules, certificates and sales that are not there yet.

Judged by the same pure functions as the real thing, so that what is promised is what will be.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations

from academy.core.criteria import Comparison, Levels, comparisons, evaluate
from academy.core.money import half_away
from academy.programme.evidence.rules import Evidence, carriers, measure_all
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, Part, TierView, judge, next_tier, ranks, rate

MOST_SETS = 64
ESTIMATE_DAYS = 90


@dataclass(frozen=True, slots=True)
class Offer:
    """What a person can still do: minutes left by module, a sorting slug by module, and what credentials ask for.

    `credentials` maps a credential not held to the modules that are still missing for it.
    """

    person: str
    minutes: Mapping[str, int]
    slugs: Mapping[str, str]
    credentials: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a partner would stand."""

    held: Held
    levels: Levels
    basis_points: int
    monthly: int
    next: TierView | None


def look_ahead(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> Outlook:
    """Judge hypothetical evidence at `at`."""
    levels = measure_all(plan, evidence, at)
    then = judge(plan, held, levels, evidence.currency, at).held
    now, after = rate(plan, held).basis_points, rate(plan, then).basis_points
    return Outlook(
        then, levels, after, monthly(now, after, evidence, at), next_tier(plan, then, levels, evidence.currency)
    )


def monthly(old: int, new: int, evidence: Evidence, at: datetime) -> int:
    """Minor units a month: the difference in rate on the sales of the trailing 90 days, a third of them a month."""
    won = evidence.sales.won(at - timedelta(days=ESTIMATE_DAYS), at)
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
    """What somebody has done who passes these modules and earns these credentials: the modules and the credentials."""
    chosen = frozenset(credentials)
    passed = frozenset(modules).union(*(offer.credentials.get(credential, frozenset()) for credential in chosen))
    earned = chosen | {credential for credential, missing in offer.credentials.items() if missing and missing <= passed}
    return passed, earned


def offer_after(offer: Offer, *, passed: frozenset[str], earned: frozenset[str]) -> Offer:
    """What is left to do after that."""
    return replace(
        offer,
        minutes={module: 0 if module in passed else minutes for module, minutes in offer.minutes.items()},
        credentials={
            credential: missing - passed
            for credential, missing in offer.credentials.items()
            if credential not in earned
        },
    )


@dataclass(frozen=True, slots=True)
class NextStep:
    """The shortest way to a better tier or rate by learning alone, and what it brings."""

    modules: tuple[str, ...]
    credentials: tuple[str, ...]
    minutes: int
    outlook: Outlook


def next_step(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """Of the sets that change tier or rate with no further sale, the one with the fewest minutes left.

    Ties go to the larger sum a month, then to the slug. None when learning alone changes nothing.
    """
    now = rate(plan, held).basis_points
    best: tuple[tuple[int, int, str], NextStep] | None = None
    for modules in _sets(plan, held, evidence, offer, at):
        minutes = sum(offer.minutes.get(module, 0) for module in modules)
        outlook = look_ahead(plan, held, suppose(evidence, offer, modules=modules, at=at), at)
        better_tier = ranks(plan, outlook.held)[Part.TIER] > ranks(plan, held)[Part.TIER]
        if outlook.basis_points <= now and not better_tier:
            continue
        earned = tuple(sorted(c for c, missing in offer.credentials.items() if missing and missing <= modules))
        ordered = tuple(sorted(modules, key=lambda module: offer.slugs.get(module, module)))
        step = NextStep(ordered, earned, minutes, outlook)
        order = (minutes, -outlook.monthly, offer.slugs.get(ordered[0], ordered[0]))
        if best is None or order < best[0]:
            best = (order, step)
    return best[1] if best else None


def _sets(
    plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime
) -> Sequence[frozenset[str]]:
    """At most 64 sets of modules worth trying: what the next tier, the bonus and each credential miss, and unions."""
    parts: list[frozenset[str]] = []
    above = plan.above(plan.tiers[ranks(plan, held)[Part.TIER]].slug)
    if above is not None:
        for comparison in comparisons(above.enter):
            parts += _missing(comparison, plan, evidence, offer, at)
    for comparison in comparisons(plan.bonus_when):
        parts += _missing(comparison, plan, evidence, offer, at)
    parts += [missing for missing in offer.credentials.values() if missing]
    distinct = sorted({part for part in parts if part}, key=lambda part: (_minutes(offer, part), sorted(part)))
    sets = list(distinct)
    for size in range(2, len(distinct) + 1):
        for chosen in combinations(distinct, size):
            if len(sets) >= MOST_SETS:
                return sets
            union = frozenset().union(*chosen)
            if union not in sets:
                sets.append(union)
    return sets


def _missing(
    comparison: Comparison, plan: Plan, evidence: Evidence, offer: Offer, at: datetime
) -> list[frozenset[str]]:
    """The cheapest modules by which this person alone would close one comparison's gap."""
    mine = evidence.passed.get(offer.person, frozenset())
    if comparison.who is not None:
        personal = [part for part in comparisons(comparison.who) if part.metric == "core_modules"]
        return [_cheapest(offer, plan.core - mine, part.needed(evidence.currency) - len(plan.core & mine)) for part in personal]
    verdict = evaluate(comparison, measure_all(plan, evidence, at), evidence.currency)
    if verdict.met or comparison.metric not in ("core_modules", "modules"):
        return []
    wanted = plan.core if comparison.metric == "core_modules" else comparison.only or frozenset()
    done = carriers(evidence.passed, evidence.members, wanted)
    return [_cheapest(offer, wanted - done.keys(), verdict.gap)]


def _cheapest(offer: Offer, modules: frozenset[str], count: int) -> frozenset[str]:
    ordered = sorted(modules, key=lambda module: (offer.minutes.get(module, 0), offer.slugs.get(module, module)))
    return frozenset(ordered[: max(count, 0)]) if len(ordered) >= count else frozenset()


def _minutes(offer: Offer, modules: Iterable[str]) -> int:
    return sum(offer.minutes.get(module, 0) for module in modules)


def missing_sales(view: TierView | None) -> int | None:
    """How much must still be won for the next tier, in minor units, when that is all it lacks; else None."""
    if view is None:
        return None
    unmet = [leaf for leaf in view.verdict.leaves() if not leaf.met]
    return unmet[0].gap if len(unmet) == 1 and unmet[0].metric == "won" else None
