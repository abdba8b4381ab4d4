"""The same deals without training: what a partner's deals would have earned had no module been passed and no
certificate held.

What would have been held follows by the same `judge` from the same sales: it rises at once and falls after its grace. A
deal is priced with what would have been held strictly before it, by the plan that priced it. A rise that needs a
person's word is taken as given, and pins count: neither rests on training, and the difference is never made larger
than it is.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from academy.core.criteria import Comparison, Criterion, Not, comparisons
from academy.programme.commissions.rules import Earned, owed
from academy.programme.evidence.rules import SOLD, Evidence, Sale, Sales, measure_all
from academy.programme.lapses.rules import next_change_at
from academy.programme.pins.rules import Pin
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, approved, judge, judged_and_told


@dataclass(frozen=True, slots=True)
class Deal:
    """A won deal as it stands now and as it was priced: minor units, basis points, and the plan that they are of."""

    won_at: datetime
    product: str
    amount: int
    refunded: int
    basis_points: int
    plan: Plan

    @property
    def earned(self) -> int:
        """What its lines come to, corrections by hand apart."""
        return owed(self.amount, self.basis_points, self.refunded)

    def priced(self, held: Held) -> int:
        """What they would come to had this been held."""
        rate = Earned.of(held, product=self.product, amount=self.amount).rate(self.plan)
        return owed(self.amount, rate.basis_points, self.refunded)


@dataclass(frozen=True, slots=True)
class Entry:
    """What moved a partner's sales: a deal that was won, or something later about it; minor units."""

    deal: str
    client: str
    amount: int
    won_at: datetime
    counts_from: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """All that decides about a tier apart from training, since a partner joined.

    `plans` begin with the one of that day, each with the instant from which it counts; `entries` and `pins` too are in
    the order of time. A pin that was taken back is None.
    """

    currency: str
    enrolled_at: datetime
    plans: tuple[tuple[datetime, Plan], ...]
    entries: tuple[Entry, ...] = ()
    pins: tuple[tuple[datetime, Pin | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """The deals won in a month, in minor units: what they earned, and what they would have without training."""

    month: date
    earned: int
    without: int

    @property
    def difference(self) -> int:
        """What training brought."""
        return self.earned - self.without


@dataclass(frozen=True, slots=True)
class Compared:
    """A year of deals, with and without training, in minor units. A headline is the sum of its months."""

    currency: str
    since: datetime
    until: datetime
    deals: int
    months: tuple[Month, ...]

    @property
    def earned(self) -> int:
        """What the deals earned."""
        return sum(month.earned for month in self.months)

    @property
    def without(self) -> int:
        """What they would have earned without training."""
        return sum(month.without for month in self.months)

    @property
    def difference(self) -> int:
        """What training brought in the year."""
        return self.earned - self.without


def by_month(deals: Iterable[Deal], without: Sequence[Held], zone: ZoneInfo) -> tuple[Month, ...]:
    """The sums of the months in which these deals were won; `without` is what would have been held before each."""
    sums: defaultdict[date, list[int]] = defaultdict(lambda: [0, 0])
    for deal, held in zip(deals, without, strict=True):
        month = sums[deal.won_at.astimezone(zone).date().replace(day=1)]
        month[0] += deal.earned
        month[1] += deal.priced(held)
    return tuple(Month(month, *both) for month, both in sorted(sums.items()))


# -- what a plan pays for


def pays_for_training(plan: Plan) -> bool:
    """Whether anything that can be learned could ever raise a tier or a rate."""
    asked = [one for tier in plan.tiers for one in comparisons(tier.enter)]
    asked += comparisons(plan.bonus_when) if plan.bonus else []
    return any(_is_learned(one, plan) for one in asked) or bool(plan.advanced and plan.uplift and plan.uplift_most)


def _is_learned(one: Comparison, plan: Plan) -> bool:
    match one.metric:
        case "won" | "active_clients":
            return False
        case "core_modules":
            return bool(plan.core)
        case "advanced_certificates":
            return bool(plan.advanced)
        case _:
            return one.who is None or any(_is_learned(part, plan) for part in comparisons(one.who))


def rests_on_training(plan: Plan) -> bool:
    """Whether no tier above the lowest and no bonus can be reached by sales alone, however large."""
    above = plan.tiers[1:]
    return not any(_may(tier.enter, hold=True) for tier in above) and not _may(plan.bonus_when, hold=True)


def _may(criterion: Criterion, *, hold: bool) -> bool:
    """Whether it may hold, or else may fail, for somebody who has learned nothing and sold anything from 0 upwards."""
    match criterion:
        case Comparison(metric=metric):
            return metric in SOLD or not hold
        case Not(part):
            return _may(part, hold=not hold)
        case _:
            if hold:
                return sum(_may(part, hold=True) for part in criterion.parts) >= criterion.least
            return sum(not _may(part, hold=False) for part in criterion.parts) < criterion.least


# -- what would have been held


def held_before(deals: Sequence[Deal], past: Past) -> list[Held]:
    """What would have been held strictly before each of these deals."""
    plans = [plan for _, plan in past.plans]
    lowest = Held(plans[0].tiers[0].slug)
    stays_lowest = all(rests_on_training(plan) and plan.tiers[0].slug == lowest.tier for plan in plans)
    if stays_lowest and not past.pins:
        return [lowest] * len(deals)
    changes = list(_changes(past))
    times = [at for at, _ in changes]
    # A deal cannot be won before its partner joined; one won at that very instant finds the lowest tier.
    return [changes[place - 1][1] if (place := bisect_left(times, deal.won_at)) else lowest for deal in deals]


def _changes(past: Past) -> Iterator[tuple[datetime, Held]]:
    """What is held from each instant on at which something happened or time alone may have changed something."""
    held, sold, clock = Held(past.plans[0][1].tiers[0].slug), _Sold(), _Clock(past)
    at: datetime | None = past.enrolled_at
    while at is not None and at <= clock.ends:
        plan = clock.plan_at(at)
        for entry in clock.entries_at(at):
            sold.enter(entry)
        evidence = Evidence(past.currency, sales=sold.sales())
        for pin in clock.pins_at(at):  # what a pin lifts is held even where it was taken back at once
            held = _judged(plan, replace(held, pin=pin), evidence, at)
        held = _judged(plan, held, evidence, at)
        yield at, held
        at = min(filter(None, (clock.next(), next_change_at(plan, held, evidence, at))), default=None)


def _judged(plan: Plan, held: Held, evidence: Evidence, at: datetime) -> Held:
    levels = measure_all(plan, evidence, at)
    if awaiting := judge(plan, held, levels, evidence.currency, at).held.awaiting:
        held = approved(held, awaiting)
    return judged_and_told(plan, held, levels, evidence.currency, at)


@dataclass(slots=True)
class _Clock:
    """Goes through what happened in the order of time."""

    past: Past
    entered: int = 0
    pinned: int = 0
    planned: int = 1

    @property
    def ends(self) -> datetime:
        """After the last sale no deal is priced any more."""
        return self.past.entries[-1].counts_from if self.past.entries else self.past.enrolled_at

    def plan_at(self, at: datetime) -> Plan:
        while self.planned < len(self.past.plans) and self.past.plans[self.planned][0] <= at:
            self.planned += 1
        return self.past.plans[self.planned - 1][1]

    def entries_at(self, at: datetime) -> Iterator[Entry]:
        while self.entered < len(self.past.entries) and self.past.entries[self.entered].counts_from <= at:
            yield self.past.entries[self.entered]
            self.entered += 1

    def pins_at(self, at: datetime) -> Iterator[Pin | None]:
        while self.pinned < len(self.past.pins) and self.past.pins[self.pinned][0] <= at:
            yield self.past.pins[self.pinned][1]
            self.pinned += 1

    def next(self) -> datetime | None:
        """When something happens next."""
        moments = [one.counts_from for one in self.past.entries[self.entered : self.entered + 1]]
        moments += [at for at, _ in self.past.pins[self.pinned : self.pinned + 1]]
        moments += [at for at, _ in self.past.plans[self.planned : self.planned + 1]]
        return min(moments, default=None)


@dataclass(slots=True)
class _Sold:
    """Sales as they grow: a win is put at the end, and only what is about an earlier deal sorts them anew."""

    deals: dict[str, Sale] = field(default_factory=dict)
    times: list[datetime] = field(default_factory=list)
    sums: list[int] = field(default_factory=lambda: [0])
    last: dict[str, datetime] = field(default_factory=dict)
    stale: bool = False

    def enter(self, entry: Entry) -> None:
        before = self.deals.get(entry.deal)
        if before is not None or (self.times and entry.won_at < self.times[-1]):
            self.deals[entry.deal] = Sale(entry.won_at, entry.client, (before.amount if before else 0) + entry.amount)
            self.stale = True
            return
        self.deals[entry.deal] = Sale(entry.won_at, entry.client, entry.amount)
        self.times.append(entry.won_at)
        self.sums.append(self.sums[-1] + entry.amount)
        if entry.amount > 0:
            self.last[entry.client] = entry.won_at

    def sales(self) -> Sales:
        if self.stale:
            self._sort()
        return Sales(tuple(self.times), tuple(self.sums), tuple(sorted(self.last.values())))

    def _sort(self) -> None:
        ordered = sorted(self.deals.values(), key=lambda sale: sale.won_at)
        found = Sales.of(ordered)
        self.times, self.sums = list(found.times), list(found.sums)
        self.last = {sale.client: sale.won_at for sale in ordered if sale.amount > 0}
        self.stale = False
