"""How one person's learning can make a criterion hold: sets of modules, worked out along the criterion's own tree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations, islice

from academy.core.criteria import Comparison, Criterion, Group, comparisons, holds
from academy.programme.evidence.rules import Evidence, carriers, measure, valid
from academy.programme.outlook.rules import Offer, suppose
from academy.programme.plans.rules import Plan

MOST_WAYS = 32
"""How many may lead to one criterion."""
_COUNTED = ("core_modules", "modules")
_WIDE = 10_000


@dataclass(frozen=True, slots=True)
class Ways:
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
        return holds(criterion, levels, then.currency)

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
            key=lambda key: (self.offer.minutes_of(open_[key]), key),
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
    ordered = sorted(modules, key=lambda module: (offer.minutes_of([module]), offer.slugs.get(module, module)))
    return frozenset(ordered[:count]) if len(ordered) >= count else frozenset()
