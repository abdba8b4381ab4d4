"""The next step: what keeps what is at risk, else what raises tier or rate, and what each of them brings.

What a step promises is judged by the functions that will judge it once it is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, combinations, islice

from academy.core.criteria import Comparison, Criterion, comparisons, holds
from academy.core.periods import NOW
from academy.programme.evidence.rules import Evidence, measure, measure_all
from academy.programme.lapses.rules import Risk, at_risk, next_risks, risk_of, with_the_least, without
from academy.programme.outlook.rules import Offer, Outlook, completed_by, look_ahead, monthly, suppose
from academy.programme.plans.rules import ADVANCED, Plan
from academy.programme.standing.rules import Held, Part, TierView, approved, deserved, next_tier, ranks, rate
from academy.programme.ways.rules import Ways

MOST_SETS = 64
SOON = timedelta(days=90)
"""How far ahead one is told of what time alone takes; as long as a certificate can be renewed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a step keeps, the first to fall first; the rate once that had fallen, and what it would cost a month.

    `kept_basis_points` is the rate that is kept: that of today, or less where something falls in spite of the step.
    What falls by then in any case has fallen in both.
    """

    risks: tuple[Risk, ...]
    basis_points: int
    monthly: int
    kept_basis_points: int

    @property
    def until(self) -> datetime:
        """By when the step must be done."""
        return self.risks[0].falls_at

    @property
    def all_from(self) -> datetime:
        """From when everything had fallen, so that the rate is `basis_points`."""
        return self.risks[-1].falls_at


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do next, and where it leads. Modules in the order in which they can be learned.

    `sales` is a sum in minor units that must be won, 0 when learning is enough. `keeps` says what would fall without
    the step; None when it raises something. `awaits` is a tier that a person must confirm after the step; the outlook
    is that after this word.
    """

    modules: tuple[str, ...]
    credentials: tuple[str, ...]
    minutes: int
    outlook: Outlook
    sales: int = 0
    keeps: Kept | None = None
    awaits: str | None = None


def next_step(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """First what keeps what is at risk, then what raises by learning, then by sales alone, then what time will take."""
    return (
        keeping(plan, held, evidence, offer, at)
        or raising(plan, held, evidence, offer, at)
        or selling(plan, held, evidence, offer, at)
        or renewing(plan, held, evidence, offer, at)
    )


# -- what raises


def raising(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """Of the sets that change tier or rate with no further sale, the one with the fewest minutes left.

    Ties go to the larger sum a month, then to the slug. None when learning alone changes nothing.
    """
    rank, now = ranks(plan, held)[Part.TIER], rate(plan, held).basis_points
    best: tuple[tuple[int, int, list[str]], NextStep] | None = None
    for modules in sorted(_sets(plan, held, evidence, offer, at), key=offer.minutes_of):
        minutes = offer.minutes_of(modules)
        if best is not None and minutes > best[1].minutes:
            break
        step = _rising(plan, held, evidence, offer, at, modules=modules)
        if step.outlook.basis_points <= now and ranks(plan, step.outlook.held)[Part.TIER] <= rank:
            continue
        order = (minutes, -step.outlook.monthly, _slugs(offer, modules))
        if best is None or order < best[0]:
            best = (order, step)
    return best[1] if best else None


def _rising(
    plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime, *, modules: Iterable[str], sales: int = 0
) -> NextStep:
    """A step, and where it leads once a person has confirmed the tier that would begin to wait for that."""
    step = _step(plan, held, evidence, offer, at, modules=modules, sales=sales)
    waits = step.outlook.held.awaiting
    if waits is None or waits == held.awaiting:
        return step
    confirmed = _step(plan, approved(held, waits), evidence, offer, at, modules=modules, sales=sales)
    return replace(confirmed, awaits=waits)


def _step(
    plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime, *, modules: Iterable[str], sales: int = 0
) -> NextStep:
    ordered = offer.in_order(modules)
    _, earned = completed_by(offer, modules=ordered)
    supposed = suppose(evidence, offer, modules=ordered, sales=sales, at=at)
    outlook = look_ahead(plan, held, supposed, at, sold=evidence.sales)
    return NextStep(ordered, tuple(sorted(earned)), offer.minutes_of(ordered), outlook, sales)


def _slugs(offer: Offer, modules: Iterable[str]) -> list[str]:
    return [offer.slugs.get(module, module) for module in offer.in_order(modules)]


def _sets(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> list[frozenset[str]]:
    """At most 64 sets of modules worth trying: what the next tier, the bonus or a credential misses, and pairs."""
    ways = Ways(plan, evidence, offer, at)
    above = plan.above(plan.tiers[ranks(plan, held)[Part.TIER]].slug)
    found = ways.to(above.enter, frozenset()) if above else []
    found += ways.to(plan.bonus_when, frozenset())
    found += sorted(ways.credentials.values(), key=offer.minutes_of)
    distinct = list(dict.fromkeys(offer.with_required(way) for way in found if way))
    pairs = (one | other for one, other in combinations(distinct, 2))
    return list(islice(dict.fromkeys(chain(distinct, pairs)), MOST_SETS))


def selling(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """What must still be won for the next tier, when that is all it lacks."""
    view = next_tier(plan, held, measure_all(plan, evidence, at), evidence.currency)
    gap = missing_sales(view)
    return _rising(plan, held, evidence, offer, at, modules=(), sales=gap) if gap else None


def missing_sales(view: TierView | None) -> int | None:
    """How much must still be won for the next tier, in minor units, when that is all it lacks; else None."""
    if view is None or view.verdict.met:
        return None
    asked = list(zip(comparisons(view.tier.enter), view.verdict.leaves(), strict=True))
    for gap in sorted({leaf.gap for one, leaf in asked if one.metric == "won" and not leaf.met}):
        then = {one.key: leaf.have + gap * (one.metric == "won") for one, leaf in asked}
        if holds(view.tier.enter, then, view.currency):
            return gap
    return None


# -- what keeps


def keeping(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """What keeps the first thing to fall that this person and sales can keep; None when nothing is at risk."""
    risks = at_risk(plan, held, measure_all(plan, evidence, at), evidence.currency, at)
    return _Keeping(plan, held, evidence, offer, at, at).first(risks)


def renewing(plan: Plan, held: Held, evidence: Evidence, offer: Offer, at: datetime) -> NextStep | None:
    """What keeps the first thing that time alone will put at risk soon; None when nothing is, or it cannot be kept."""
    moment, risks = next_risks(plan, held, evidence, at, until=at + SOON)
    return _Keeping(plan, held, evidence, offer, at, moment).first(risks)


def kept_by(
    plan: Plan,
    held: Held,
    evidence: Evidence,
    offer: Offer,
    at: datetime,
    *,
    modules: Iterable[str],
    sales: int = 0,
    sold_at: datetime | None = None,
) -> Kept | None:
    """What these keep of all that is at risk, or else of what time alone will soon put there; None for nothing.

    `sold_at` is when the sales come, where that is later than `at`: they keep nothing that has fallen by then.
    """
    moment, risks = at, at_risk(plan, held, measure_all(plan, evidence, at), evidence.currency, at)
    if not risks:
        moment, risks = next_risks(plan, held, evidence, at, until=at + SOON)
    keeping = _Keeping(plan, held, evidence, offer, at, moment)
    way = frozenset(modules)
    found = keeping.kept(risks, way, sales)
    if sold_at is not None:
        alone = (risk for risk in keeping.kept(risks, way, 0) if risk.falls_at <= sold_at)
        found = (*alone, *(risk for risk in found if risk.falls_at > sold_at))
    return keeping.worth(found, risks) if found else None


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Looks, for what is at risk at `moment`, at what can be done `at` a time not later."""

    plan: Plan
    held: Held
    evidence: Evidence
    offer: Offer
    at: datetime
    moment: datetime

    def first(self, risks: tuple[Risk, ...]) -> NextStep | None:
        """What keeps the first of these that can be kept, or as much of it as can be, with all else that it keeps."""
        for risk in risks:
            for rank in range(self._held[risk.part], self._earned(frozenset(), 0)[risk.part], -1):
                if (step := self._at_least(risk.part, rank, risks)) is not None:
                    return step
        return None

    def _at_least(self, part: Part, rank: int, risks: tuple[Risk, ...]) -> NextStep | None:
        """The shortest way to deserve this rank again, by learning before sales."""
        for sales in self._sums(part, rank):
            ways = [way for way in self._ways(part, rank, sales) if self._earned(way, sales)[part] >= rank]
            if ways:
                way = min(ways, key=lambda one: (self.offer.minutes_of(one), _slugs(self.offer, one)))
                return self._step(way, sales, risks)
        return None

    @property
    def _held(self) -> dict[Part, int]:
        return ranks(self.plan, self.held)

    def _asked(self, part: Part, rank: int) -> tuple[Criterion, ...]:
        """What any one of must hold for a rank to be deserved."""
        match part:
            case Part.TIER:
                tier = self.plan.tiers[rank]
                return tier.stay, tier.enter
            case Part.BONUS:
                return (self.plan.bonus_when,)
            case _:
                return (Comparison(ADVANCED.metric, rank, NOW),)

    def _sums(self, part: Part, rank: int) -> list[int]:
        """Sales worth supposing, in minor units: none, else what one of the comparisons misses."""
        won = [one for asked in self._asked(part, rank) for one in comparisons(asked) if one.metric == "won"]
        gaps = (one.needed(self.evidence.currency) - measure(one, self.plan, self.evidence, self.moment) for one in won)
        return sorted({0, *(gap for gap in gaps if gap > 0)})

    def _ways(self, part: Part, rank: int, sales: int) -> list[frozenset[str]]:
        supposed = suppose(self.evidence, self.offer, sales=sales, at=self.moment)
        ways = Ways(self.plan, supposed, self.offer, self.moment)
        found = (way for criterion in self._asked(part, rank) for way in ways.to(criterion, frozenset()))
        return list(dict.fromkeys(self.offer.with_required(way) for way in found))

    def _earned(self, way: frozenset[str], sales: int) -> dict[Part, int]:
        """The ranks that would be deserved."""
        then = suppose(self.evidence, self.offer, modules=way, sales=sales, at=self.moment)
        return deserved(self.plan, self.held, measure_all(self.plan, then, self.moment), self.evidence.currency)

    def kept(self, risks: tuple[Risk, ...], way: frozenset[str], sales: int) -> tuple[Risk, ...]:
        """Those that would be deserved again, or more of them than now; the first to fall first."""
        before, then = self._earned(frozenset(), 0), self._earned(way, sales)
        found = []
        for risk in risks:
            part, earned = risk.part, then[risk.part]
            if earned >= self._held[part]:
                found.append(risk)
            elif earned > before[part]:
                found.append(risk_of(self.plan, self.held, part, before[part], self.moment, least=earned))
        return tuple(sorted(found, key=lambda risk: risk.falls_at))

    def worth(self, kept: tuple[Risk, ...], risks: tuple[Risk, ...]) -> Kept:
        """What keeping these of all that is at risk is worth."""
        parts, last = {risk.part for risk in kept}, max(risk.falls_at for risk in kept)
        anyway = tuple(risk for risk in risks if risk.part not in parts and risk.falls_at <= last)
        held = without(self.plan, self.held, anyway)
        best, otherwise = with_the_least(self.plan, held, kept), without(self.plan, held, kept)
        now, then = (rate(self.plan, one).basis_points for one in (best, otherwise))
        return Kept(kept, then, monthly(then, now, self.evidence, self.at), now)

    def _step(self, way: frozenset[str], sales: int, risks: tuple[Risk, ...]) -> NextStep:
        step = _step(self.plan, self.held, self.evidence, self.offer, self.at, modules=way, sales=sales)
        return replace(step, keeps=self.worth(self.kept(risks, way, sales), risks))
