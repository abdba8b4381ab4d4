"""What a notice says beside what falls and when: why it does, what would keep it, and what it costs a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from academy.core.criteria import Comparison, Criterion, Levels, Verdict, comparisons, evaluate
from academy.programme.evidence.rules import Evidence
from academy.programme.outlook.rules import monthly
from academy.programme.plans.rules import ADVANCED, Plan
from academy.programme.standing.rules import Held, Part, fallen, ranks, rate

PLAN = "plan"
"""The cause where nothing that is measured fell: the plan asks for more."""


@dataclass(frozen=True, slots=True)
class Fall:
    """A part that will fall to a rank: by what is held and measured when that is told, and what was measured before.

    `by_then` is what would be held once this and all else had fallen that was warned of for that instant or earlier.
    """

    plan: Plan
    held: Held
    part: Part
    to: int
    before: Levels
    levels: Levels
    by_then: Held

    def as_json(self, evidence: Evidence, at: datetime) -> dict[str, Any]:
        """What the fact of the notice says of it. `monthly` is minor units, negative, estimated as everywhere; `before`
        is what was measured of the part at the judging before, from which its cause follows.

        `rate_then` and `monthly` are of this part alone, `rate_with_all` and `monthly_with_all` of all `by_then`.
        """
        alone = fallen(self.plan, self.held, self.part, self.to)
        now, after, with_all = (rate(self.plan, one).basis_points for one in (self.held, alone, self.by_then))
        missing = missing_to_keep(self.plan, self.held, self.part, self.levels, evidence.currency)
        return {
            "rate": now,
            "rate_then": after,
            "rate_with_all": with_all,
            "cause": self.cause(),
            "before": {one.key: self.before.get(one.key, 0) for one in self._asked()},
            "missing": [_leaf_as_json(leaf) for leaf in missing],
            "monthly": monthly(now, after, evidence, at),
            "monthly_with_all": monthly(now, with_all, evidence, at),
            "currency": evidence.currency,
        }

    def cause(self) -> str:
        """The first thing that fell of what the part asks for: a metric, or `people`; `plan` when nothing did."""
        for comparison in self._asked():
            if self.levels.get(comparison.key, 0) < self.before.get(comparison.key, 0):
                return "people" if comparison.who is not None else comparison.metric
        return PLAN

    def _asked(self) -> list[Comparison]:
        return list(comparisons(asked_of(self.plan, self.held, self.part)))


def asked_of(plan: Plan, held: Held, part: Part) -> Criterion:
    """What must hold for a part to stay as it is."""
    match part:
        case Part.TIER:
            return plan.tiers[ranks(plan, held)[Part.TIER]].stay
        case Part.BONUS:
            return plan.bonus_when
        case _:
            return Comparison(ADVANCED.metric, held.uplifts, ADVANCED.window)


def missing_to_keep(plan: Plan, held: Held, part: Part, levels: Levels, currency: str) -> list[Verdict]:
    """The comparisons that must hold again for a part to stay as it is."""
    verdict = evaluate(asked_of(plan, held, part), levels, currency)
    return [leaf for leaf in verdict.leaves() if not leaf.met]


def _leaf_as_json(leaf: Verdict) -> dict[str, Any]:
    return {"metric": leaf.metric, "window": leaf.window, "have": leaf.have, "need": leaf.need}


def leaf_from_json(written: Mapping[str, Any]) -> Verdict:
    """A comparison that did not hold, as the fact of a notice says it."""
    have, need = written["have"], written["need"]
    return Verdict(False, Fraction(have, need), have, need, written["metric"], written["window"])
