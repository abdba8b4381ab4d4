"""Where a partner stands: tier, bonus, uplift and rate, from measured levels and what was held before.

Three parts are judged alike, each a rank on a ladder: the tier (its place), the bonus (0 or 1) and the uplift
(how many advanced certificates pay). A part rises at once. It falls only when a warning about it has run its
grace, and never further than that warning said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from academy.core.criteria import Levels, Verdict, comparisons, evaluate, holds
from academy.programme.pins.rules import Pin, in_force
from academy.programme.plans.rules import ADVANCED, Plan, Tier
from academy.programme.promotions.rules import since_when
from academy.programme.rates.rules import Rate, Step, StepKind, rate_of

__all__ = ["Rate", "Step", "StepKind"]
"""Besides what is defined here: what a rate is made of."""


class Part(StrEnum):
    """What a partner can gain and lose."""

    TIER = "tier"
    BONUS = "bonus"
    UPLIFT = "uplift"


@dataclass(frozen=True, slots=True)
class Warning:  # noqa: A001 - what the business calls it
    """A notice sent: this part falls to `to` at `falls_at` unless it is deserved again by then.

    `to` is a name (see `name_of_rank`), which means the same when a later plan has another ladder.
    """

    part: Part
    to: str | int
    sent_at: datetime
    falls_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "part": str(self.part),
            "to": self.to,
            "sent_at": self.sent_at.isoformat(),
            "falls_at": self.falls_at.isoformat(),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Warning":
        """The inverse of `as_json`."""
        sent_at, falls_at = (datetime.fromisoformat(written[key]) for key in ("sent_at", "falls_at"))
        return cls(Part(written["part"]), written["to"], sent_at, falls_at)


@dataclass(frozen=True, slots=True)
class Held:
    """What a partner has at an instant. `awaiting` is a tier whose criteria hold but which a person must confirm, since
    `awaiting_since` (None for a wait from before that was kept).

    `approved` is a person's word that has not been judged yet: judging uses it up. A `pin` keeps a tier until it ends.
    """

    tier: str
    bonus: bool = False
    uplifts: int = 0
    warnings: tuple[Warning, ...] = ()
    approved: str | None = None
    awaiting: str | None = None
    awaiting_since: datetime | None = None
    pin: Pin | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain data for the standing row and for a decision's inputs."""
        return {
            "tier": self.tier,
            "bonus": self.bonus,
            "uplifts": self.uplifts,
            "approved": self.approved,
            "awaiting": self.awaiting,
            "awaiting_since": self.awaiting_since.isoformat() if self.awaiting_since else None,
            "warnings": [warning.as_json() for warning in self.warnings],
            "pin": self.pin.as_json() if self.pin else None,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Held":
        """The inverse of `as_json`."""
        warnings, pin = tuple(map(Warning.from_json, written["warnings"])), Pin.from_json(written.get("pin"))
        since = datetime.fromisoformat(said) if (said := written.get("awaiting_since")) else None
        return cls(**{**written, "warnings": warnings, "awaiting_since": since, "pin": pin})


@dataclass(frozen=True, slots=True)
class Judged:
    """What judging concludes: what is held now, and the notices (part, from rank, to rank) that are due."""

    held: Held
    due_warnings: tuple[tuple[Part, int, int], ...]


def judge(plan: Plan, held: Held, levels: Levels, currency: str, at: datetime) -> Judged:
    """Apply the plan at one instant. The same inputs always conclude the same."""
    held = as_of(held, at)
    earned, awaiting = _deserved(plan, held, levels, currency)
    now = ranks(plan, held)
    after: dict[Part, int] = {}
    warnings: list[Warning] = []
    due: list[tuple[Part, int, int]] = []
    for part in Part:
        told = [warning for warning in held.warnings if warning.part is part]
        after[part], still_open, warn_to = _settle(plan, part, told, now=now[part], deserved=earned[part], at=at)
        warnings += still_open
        if warn_to is not None:
            due.append((part, after[part], warn_to))
    settled = Held(
        tier=plan.tiers[after[Part.TIER]].slug,
        bonus=bool(after[Part.BONUS]),
        uplifts=after[Part.UPLIFT],
        warnings=_in_order(warnings),
        awaiting=awaiting,
        awaiting_since=since_when(held.awaiting, held.awaiting_since, awaiting, at),
        pin=held.pin,
    )
    return Judged(settled, tuple(due))


def judged_and_told(plan: Plan, held: Held, levels: Levels, currency: str, at: datetime) -> Held:
    """What would be held after an instant if every notice that is due then were sent then: for what is supposed."""
    judged = judge(plan, held, levels, currency, at)
    return all_told(plan, judged.held, judged.due_warnings, at, grace_ends(plan, at))


def all_told(
    plan: Plan, held: Held, due: Iterable[tuple[Part, int, int]], sent_at: datetime, falls_at: datetime
) -> Held:
    """What is held once every notice that was due (part, from rank, to rank) was sent."""
    for part, _, to in due:
        held = warned(held, part, name_of_rank(plan, part, to), sent_at, falls_at)
    return held


def as_of(held: Held, at: datetime) -> Held:
    """What is held at an instant: a pin that has ended keeps nothing any more."""
    return held if held.pin is None else replace(held, pin=in_force(held.pin, at))


def deserved(plan: Plan, held: Held, levels: Levels, currency: str) -> dict[Part, int]:
    """The rank of each part that these levels deserve, whatever notices still keep."""
    return _deserved(plan, held, levels, currency)[0]


def _deserved(plan: Plan, held: Held, levels: Levels, currency: str) -> tuple[dict[Part, int], str | None]:
    tier, awaiting = _deserved_tier(plan, held, levels, currency)
    tier = max(tier, pinned_rank(plan, held))
    bonus = int(holds(plan.bonus_when, levels, currency))
    uplifts = min(levels.get(ADVANCED.key, 0), plan.uplift_most)
    return {Part.TIER: tier, Part.BONUS: bonus, Part.UPLIFT: uplifts}, awaiting


def _settle(
    plan: Plan, part: Part, warnings: list[Warning], *, now: int, deserved: int, at: datetime
) -> tuple[int, list[Warning], int | None]:
    """One part: its rank after this instant, the warnings still open, and the rank to warn of, if any."""
    if deserved >= now or plan.grace_days == 0:
        return deserved, [], None
    # What is deserved may have risen since a warning: nothing falls further than it must.
    told = [
        (warning.falls_at, max(to, deserved), warning)
        for warning in warnings
        if (to := rank_of_name(plan, part, warning.to)) is not None
    ]
    rank = min([now, *(to for falls_at, to, _ in told if falls_at <= at)])
    still_open: list[Warning] = []
    lowest = rank
    for falls_at, to, warning in sorted(told, key=lambda one: one[:2]):
        if falls_at > at and to < lowest:
            still_open.append(replace(warning, to=name_of_rank(plan, part, to)))
            lowest = to
    return rank, still_open, deserved if deserved < lowest else None


def _deserved_tier(plan: Plan, held: Held, levels: Levels, currency: str) -> tuple[int, str | None]:
    """The rank deserved, and a higher tier that only waits for a person's word."""
    now = ranks(plan, held)[Part.TIER]
    awaiting = None
    for rank in range(len(plan.tiers) - 1, now, -1):
        tier = plan.tiers[rank]
        if holds(tier.enter, levels, currency):
            if not tier.approve or held.approved == tier.slug:
                return rank, awaiting
            awaiting = awaiting or tier.slug
    kept = (rank for rank in range(now, 0, -1) if keeps(plan.tiers[rank], levels, currency))
    return next(kept, 0), awaiting


def pinned_rank(plan: Plan, held: Held) -> int:
    """The rank that a pin keeps; the lowest without one."""
    return (held.pin and rank_of_name(plan, Part.TIER, held.pin.tier)) or 0


def keeps(tier: Tier, levels: Levels, currency: str) -> bool:
    """Whether who has the tier, or a higher one, deserves it: by `stay`, and surely by what lets others rise to it."""
    return holds(tier.stay, levels, currency) or holds(tier.enter, levels, currency)


def ranks(plan: Plan, held: Held) -> dict[Part, int]:
    """What is held, as a rank a part. A tier that the plan does not have counts as its lowest."""
    tier = rank_of_name(plan, Part.TIER, held.tier)
    return {Part.TIER: tier or 0, Part.BONUS: int(held.bonus), Part.UPLIFT: held.uplifts}


def name_of_rank(plan: Plan, part: Part, rank: int) -> str | int:
    """A tier's slug, or the number that bonus and uplift are."""
    return plan.tiers[rank].slug if part is Part.TIER else rank


def rank_of_name(plan: Plan, part: Part, name: str | int) -> int | None:
    """The inverse of `name_of_rank`; None for a tier that the plan does not have."""
    if isinstance(name, int):
        return name
    return next((rank for rank, tier in enumerate(plan.tiers) if tier.slug == name), None)


def warned(held: Held, part: Part, to: str | int, sent_at: datetime, falls_at: datetime) -> Held:
    """What is held once a notice about it was sent; `to` is a name (see `name_of_rank`).

    A notice says more than every open one about that part, so that those that run no shorter have nothing left to say:
    two that were due while nobody asked are sent, and run out, together.
    """
    earlier = [one for one in held.warnings if one.part is not part or one.falls_at < falls_at]
    return replace(held, warnings=_in_order([*earlier, Warning(part, to, sent_at, falls_at)]))


def _in_order(warnings: list[Warning]) -> tuple[Warning, ...]:
    """The first to fall first; always alike, so that judging again leaves what was stored as it is."""
    return tuple(sorted(warnings, key=lambda warning: (warning.falls_at, warning.part)))


def grace_ends(plan: Plan, sent_at: datetime) -> datetime:
    """When a part falls of which the partner was told then."""
    return sent_at + timedelta(days=plan.grace_days)


def approved(held: Held, tier: str) -> Held:
    """What is held once a person has confirmed a rise."""
    return replace(held, approved=tier)


def fallen(plan: Plan, held: Held, part: Part, to: int) -> Held:
    """What would be held after a part fell to a rank."""
    match part:
        case Part.TIER:
            return replace(held, tier=plan.tiers[to].slug)
        case Part.BONUS:
            return replace(held, bonus=bool(to))
        case _:
            return replace(held, uplifts=to)


def fallen_by(plan: Plan, held: Held, at: datetime) -> Held:
    """What would be held once every notice that runs out by an instant had run out."""
    for warning in held.warnings:
        if warning.falls_at <= at and (to := rank_of_name(plan, warning.part, warning.to)) is not None:
            held = fallen(plan, held, warning.part, to)
    return held


def cause_of_tier(plan: Plan, old: Held, new: Held, before: Levels, after: Levels, at: datetime) -> str:
    """Why a tier changed, as a code: what moved that way, an approval, a grace that ended, or the plan."""
    was, now = ranks(plan, old)[Part.TIER], ranks(plan, new)[Part.TIER]
    if now < was and any(warning.part is Part.TIER and warning.falls_at <= at for warning in old.warnings):
        return "grace_ended"
    if now > was and new.pin is not None and now == pinned_rank(plan, new):
        return "pinned"
    if old.approved == new.tier:
        return "approved"
    for comparison in comparisons(plan.tiers[was].stay if now < was else plan.tiers[now].enter):
        level = after.get(comparison.key, 0)
        # What the plan before did not measure is not known to have moved. The first judging measures from nothing.
        known = before.get(comparison.key, level) if before else 0
        if level < known if now < was else level > known:
            return "people" if comparison.who is not None else comparison.metric
    return "plan"


def causes_of_rate(old: Held, new: Held) -> list[str]:
    """Which parts moved the rate; `plan` when none of them did."""
    moved = [
        str(part)
        for part, same in (
            (Part.TIER, old.tier == new.tier),
            (Part.BONUS, old.bonus == new.bonus),
            (Part.UPLIFT, old.uplifts == new.uplifts),
        )
        if not same
    ]
    return moved or ["plan"]


def rate(plan: Plan, held: Held, product: str | None = None) -> Rate:
    """The rate for deals won from now on, of the plan's default product where none is named."""
    tier = plan.tiers[ranks(plan, held)[Part.TIER]]
    product = product or plan.default_product
    return rate_of(plan, tier, bonus=held.bonus, uplifts=held.uplifts, product=product)


@dataclass(frozen=True, slots=True)
class TierView:
    """The tier above, how near it is, and what is still missing, in the partner's currency."""

    tier: Tier
    verdict: Verdict
    currency: str


def next_tier(plan: Plan, held: Held, levels: Levels, currency: str) -> TierView | None:
    """What stands between a partner and the next rung; None at the top."""
    above = plan.above(plan.tiers[ranks(plan, held)[Part.TIER]].slug)
    return TierView(above, evaluate(above.enter, levels, currency), currency) if above else None
