"""Who of a partner's people carries what, on whom the tier hangs, and who closes its gaps with the least effort."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from academy.core.criteria import Comparison, Verdict, comparisons, evaluate
from academy.programme.evidence.rules import Evidence, carriers, measure, valid
from academy.programme.outlook.rules import Offer, suppose
from academy.programme.plans.rules import Plan, Tier
from academy.programme.standing.rules import Held

PERSONAL = frozenset({"core_modules", "modules", "certificates", "advanced_certificates"})


def is_personal(comparison: Comparison) -> bool:
    """Whether people carry it, and not sales."""
    return comparison.who is not None or comparison.metric in PERSONAL


@dataclass(frozen=True, slots=True)
class Share:
    """What one person brings to a requirement, and how much of it nobody else has."""

    has: int
    alone: int


@dataclass(frozen=True, slots=True)
class Column:
    """A requirement of a tier: how far the partner is, and what each person carries. No shares for sales."""

    verdict: Verdict
    shares: Mapping[str, Share]


def columns(plan: Plan, tier: Tier, evidence: Evidence, at: datetime) -> list[Column]:
    """Every requirement to enter a tier, in the order in which the plan names them."""
    found = []
    for comparison in comparisons(tier.enter):
        level = {comparison.key: measure(comparison, plan, evidence, at)}
        shares = _shares(comparison, plan, evidence, at) if is_personal(comparison) else {}
        found.append(Column(evaluate(comparison, level, evidence.currency), shares))
    return found


def _shares(comparison: Comparison, plan: Plan, evidence: Evidence, at: datetime) -> dict[str, Share]:
    whole = measure(comparison, plan, evidence, at)
    return {
        person: Share(
            measure(comparison, plan, evidence.of_one(person), at),
            whole - measure(comparison, plan, without(evidence, person), at),
        )
        for person in evidence.members
    }


def without(evidence: Evidence, person: str) -> Evidence:
    """What would speak for the partner if this person left. What was sold stays sold."""
    return replace(evidence, members=evidence.members - {person})


@dataclass(frozen=True, slots=True)
class Hanging:
    """Somebody without whom the tier that is held would be lost, after its notice: what would then be missing."""

    person: str
    missing: tuple[Verdict, ...]


def hangs_on(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> list[Hanging]:
    """On whom the tier hangs, the one with most to lose first. Nobody where one works alone, or it is lost anyway."""
    if len(evidence.members) < 2 or not _stays(plan, held, evidence, at).met:
        return []
    found = []
    for person in sorted(evidence.members):
        verdict = _stays(plan, held, without(evidence, person), at)
        if not verdict.met:
            found.append(Hanging(person, tuple(leaf for leaf in verdict.leaves() if not leaf.met)))
    return sorted(found, key=lambda one: -sum(leaf.gap for leaf in one.missing))


def _stays(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> Verdict:
    stay = plan.tier(held.tier).stay
    levels = {part.key: measure(part, plan, evidence, at) for part in comparisons(stay)}
    return evaluate(stay, levels, evidence.currency)


@dataclass(frozen=True, slots=True)
class Effort:
    """What one person would learn so that only `missing` is left for a tier: modules, and how long they take."""

    person: str
    modules: tuple[str, ...]
    minutes: int
    missing: tuple[Verdict, ...]


def effort(plan: Plan, tier: Tier, evidence: Evidence, offer: Offer, at: datetime) -> Effort | None:
    """The shortest way by which this person alone closes every gap that learning closes; None when none is open.

    The modules for credentials are chosen first, since they count for the other requirements too.
    """
    before = _unmet(plan, tier, evidence, at)
    chosen: frozenset[str] = frozenset()
    for comparison in sorted(comparisons(tier.enter), key=lambda one: "certificates" not in one.metric):
        if is_personal(comparison):
            chosen |= _closing(comparison, plan, suppose(evidence, offer, modules=chosen, at=at), offer, at, chosen)
    missing = _unmet(plan, tier, suppose(evidence, offer, modules=chosen, at=at), at)
    if not chosen or [leaf.gap for leaf in missing] == [leaf.gap for leaf in before]:
        return None
    chosen = offer.with_required(chosen)
    minutes = sum(offer.minutes.get(module, 0) for module in chosen)
    return Effort(offer.person, offer.in_order(chosen), minutes, missing)


def _unmet(plan: Plan, tier: Tier, evidence: Evidence, at: datetime) -> tuple[Verdict, ...]:
    levels = {part.key: measure(part, plan, evidence, at) for part in comparisons(tier.enter)}
    return tuple(leaf for leaf in evaluate(tier.enter, levels, evidence.currency).leaves() if not leaf.met)


def _closing(
    comparison: Comparison, plan: Plan, evidence: Evidence, offer: Offer, at: datetime, chosen: frozenset[str]
) -> frozenset[str]:
    """The cheapest modules by which the person closes one gap; none where it is closed, or the person cannot."""
    gap = comparison.needed(evidence.currency) - measure(comparison, plan, evidence, at)
    if gap <= 0:
        return frozenset()
    mine = evidence.passed.get(offer.person, frozenset()) | chosen
    if comparison.who is not None:
        return _for_oneself(comparison, plan, evidence, offer, at, mine)
    if comparison.metric in ("core_modules", "modules"):
        wanted = plan.core if comparison.metric == "core_modules" else comparison.only or frozenset()
        return _cheapest(wanted - carriers(evidence.passed, evidence.members, wanted).keys(), gap, offer)
    return _by_credentials(comparison, plan, evidence, offer, at, gap, chosen)


def _for_oneself(
    comparison: Comparison, plan: Plan, evidence: Evidence, offer: Offer, at: datetime, mine: frozenset[str]
) -> frozenset[str]:
    """What the person lacks to be one of the people whom a requirement counts, by core modules."""
    if comparison.who is None or measure(comparison, plan, evidence.of_one(offer.person), at):
        return frozenset()
    found: frozenset[str] = frozenset()
    for part in comparisons(comparison.who):
        if part.metric == "core_modules":
            found |= _cheapest(plan.core - mine, part.needed(evidence.currency) - len(plan.core & mine), offer)
    return found


def _by_credentials(
    comparison: Comparison,
    plan: Plan,
    evidence: Evidence,
    offer: Offer,
    at: datetime,
    gap: int,
    chosen: frozenset[str],
) -> frozenset[str]:
    counted = plan.advanced if comparison.metric == "advanced_certificates" else comparison.only
    carried = carriers(valid(evidence, at), evidence.members, counted)
    open_ones = [
        missing - chosen
        for credential, missing in offer.credentials.items()
        if missing and credential not in carried and (counted is None or credential in counted)
    ]
    open_ones.sort(key=lambda missing: (sum(offer.minutes.get(one, 0) for one in missing), sorted(missing)))
    return frozenset().union(*open_ones[:gap]) if len(open_ones) >= gap else frozenset()


def _cheapest(modules: frozenset[str], count: int, offer: Offer) -> frozenset[str]:
    def cost(module: str) -> tuple[int, str]:
        return offer.minutes.get(module, 0), offer.slugs.get(module, module)

    return frozenset(sorted(modules, key=cost)[: max(count, 0)])
