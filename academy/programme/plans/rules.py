"""A plan: what the house pays for and how much. Read from data once, then asked; no clock, no database.

Figures are exact fractions: 0.115 is 115/1000, and only `standing.rules.rate` ever rounds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from academy.core.criteria import ALWAYS, Comparison, Criterion, CriterionError, comparisons, parse

METRICS: Mapping[str, str] = {
    "core_modules": "core modules passed by at least one active member",
    "modules": "modules passed by at least one active member",
    "certificates": "credentials held now by at least one active member",
    "advanced_certificates": "advanced credentials held now by at least one active member",
    "won": "minor units won, less what was taken back",
    "active_clients": "clients with something won and not taken back",
}
"""Name and meaning of everything that can be measured of a partner; `evidence.rules` measures it."""

MONEY_METRICS = frozenset({"won"})
ADVANCED = Comparison("advanced_certificates", 1)


@dataclass(frozen=True, slots=True)
class Tier:
    """A rung. One rises to it by `enter` and keeps it by `stay`; `approve` makes a person confirm the rise."""

    slug: str
    name: str
    multiplier: Fraction
    enter: Criterion
    stay: Criterion
    approve: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a programme's rules. `tiers` run from the lowest, which everybody has, to the highest."""

    reference: str
    zone: ZoneInfo
    tiers: tuple[Tier, ...]
    base: Mapping[str, Fraction]
    default_product: str
    bonus: Fraction
    bonus_adds_points: bool
    bonus_when: Criterion
    uplift: Fraction
    uplift_most: int
    cap: Fraction
    core: frozenset[str]
    advanced: frozenset[str]
    grace_days: int
    hold_days: int
    pay_day: int
    minimum: Mapping[str, int]

    def rank(self, slug: str) -> int:
        """The place of a tier on the ladder, from 0. Raises KeyError for a tier this plan does not have."""
        for rank, tier in enumerate(self.tiers):
            if tier.slug == slug:
                return rank
        raise KeyError(slug)

    def tier(self, slug: str) -> Tier:
        """The tier of that name."""
        return self.tiers[self.rank(slug)]

    def above(self, slug: str) -> Tier | None:
        """The next tier up; None at the top."""
        rank = self.rank(slug) + 1
        return self.tiers[rank] if rank < len(self.tiers) else None

    def measured(self) -> Iterator[Comparison]:
        """Everything that has to be measured to judge by this plan."""
        for tier in self.tiers:
            yield from comparisons(tier.enter)
            yield from comparisons(tier.stay)
        yield from comparisons(self.bonus_when)
        yield ADVANCED


class PlanError(ValueError):
    """What is written is not a plan; the message says where and why."""


def parse_plan(written: Mapping[str, Any], *, reference: str, zone: str) -> Plan:
    """The plan that data says. Raises PlanError with the place and what is wrong there."""
    if zone not in available_timezones():
        raise PlanError(f"“{zone}” is not a time zone; write one such as Europe/London.")
    core = frozenset(_names(written, "core"))
    try:
        tiers = tuple(_tier(tier, index, len(core)) for index, tier in enumerate(_list(written, "tiers")))
        bonus_when = parse(_count_all(written["bonus"]["when"], len(core)), METRICS, where="bonus.when")
        plan = Plan(
            reference=reference,
            zone=ZoneInfo(zone),
            tiers=tiers,
            base={str(product): _share(share, f"base.{product}") for product, share in written["base"].items()},
            default_product=str(written["default_product"]),
            bonus=_share(written["bonus"]["share"], "bonus.share"),
            bonus_adds_points=bool(written["bonus"].get("adds_points", False)),
            bonus_when=bonus_when,
            uplift=_share(written["uplift"]["each"], "uplift.each"),
            uplift_most=int(written["uplift"]["most"]),
            cap=_share(written["cap"], "cap"),
            core=core,
            advanced=frozenset(_names(written, "advanced")),
            grace_days=int(written["grace_days"]),
            hold_days=int(written["hold_days"]),
            pay_day=int(written["pay_day"]),
            minimum={str(code): int(amount) for code, amount in written["minimum"].items()},
        )
    except CriterionError as wrong:
        raise PlanError(str(wrong)) from None
    except KeyError as missing:
        raise PlanError(f"The plan lacks {missing}.") from None
    except (TypeError, AttributeError) as wrong:
        raise PlanError(f"The plan is not of the expected shape: {wrong}.") from None
    _check(plan)
    return plan


def _tier(written: Mapping[str, Any], index: int, core: int) -> Tier:
    where = f"tiers[{index}]"
    enter = parse(_count_all(written["enter"], core), METRICS, where=f"{where}.enter") if index else ALWAYS
    stay = parse(_count_all(written["stay"], core), METRICS, where=f"{where}.stay") if index else ALWAYS
    multiplier = Fraction(str(written["multiplier"]))
    if multiplier <= 0:
        raise PlanError(f"{where}.multiplier: it must be more than 0.")
    promotion = written.get("promotion", "automatic")
    if promotion not in ("automatic", "approve"):
        raise PlanError(f"{where}.promotion: write automatic or approve, not “{promotion}”.")
    return Tier(str(written["slug"]), str(written["name"]), multiplier, enter, stay, promotion == "approve")


def _count_all(written: Any, core: int) -> Any:
    """Replace the value `all_core` by the number of core modules, wherever it stands."""
    if isinstance(written, dict):
        return {key: _count_all(value, core) for key, value in written.items()}
    if isinstance(written, list):
        return [_count_all(value, core) for value in written]
    return max(core, 1) if written == "all_core" else written


def _check(plan: Plan) -> None:
    if not plan.tiers:
        raise PlanError("tiers: a plan needs at least one tier.")
    slugs = [tier.slug for tier in plan.tiers]
    if len(set(slugs)) != len(slugs):
        raise PlanError("tiers: two tiers have the same slug.")
    if plan.default_product not in plan.base:
        raise PlanError(f"default_product: “{plan.default_product}” has no base rate.")
    multipliers = [tier.multiplier for tier in plan.tiers]
    if multipliers != sorted(multipliers):
        raise PlanError("tiers: a higher tier must not have a smaller multiplier.")
    if plan.grace_days < 0 or plan.hold_days < 0 or not 1 <= plan.pay_day <= 28:
        raise PlanError("grace_days and hold_days are 0 or more, pay_day is 1 to 28.")


def _share(written: object, where: str) -> Fraction:
    """A percentage such as "10.00" as a fraction of one."""
    try:
        share = Fraction(str(written)) / 100
    except ValueError:
        raise PlanError(f"{where}: “{written}” is not a percentage; write 10 or 12.5.") from None
    if not 0 <= share <= 1:
        raise PlanError(f"{where}: a percentage is from 0 to 100.")
    return share


def _names(written: Mapping[str, Any], key: str) -> list[str]:
    names = _list(written, key)
    if len(set(names)) != len(names):
        raise PlanError(f"{key}: something is named twice.")
    return [str(name) for name in names]


def _list(written: Mapping[str, Any], key: str) -> list[Any]:
    value = written[key]
    if not isinstance(value, list):
        raise PlanError(f"{key}: a list is needed.")
    return value


def needs_longer_notice(old: Plan, new: Plan) -> bool:
    """Whether some figure of `new` is lower than in `old` for somebody who changes nothing.

    Core modules and criteria are not looked at: what they take away falls only after a warning of its own.
    """
    tiers = {tier.slug: tier.multiplier for tier in new.tiers}
    return (
        any(new.base.get(product, Fraction(0)) < share for product, share in old.base.items())
        or any(tiers.get(tier.slug, Fraction(0)) < tier.multiplier for tier in old.tiers)
        or new.bonus < old.bonus
        or new.uplift < old.uplift
        or new.uplift_most < old.uplift_most
        or new.cap < old.cap
    )
