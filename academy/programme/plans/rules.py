"""A plan: what the house pays for and how much. Read from data once, then asked; no clock, no database.

Figures are exact fractions: 0.115 is 115/1000, and only `standing.rules.rate` ever rounds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from academy.core.criteria import ALWAYS, Comparison, Criterion, CriterionError, Metric, comparisons
from academy.core.errors import Text
from academy.core.periods import NOW, Span, time_zones
from academy.core.written_criteria import check_keys, parse, whole_number

_SALES = (Span.LIFETIME, Span.DAYS, Span.MONTHS, Span.CALENDAR)
METRICS: Mapping[str, Metric] = {
    "core_modules": Metric("core modules passed by at least one active member", personal=True),
    "modules": Metric("modules passed by at least one active member", named=True, personal=True),
    "certificates": Metric(
        "credentials held now by at least one active member", (Span.NOW,), named=True, personal=True
    ),
    "advanced_certificates": Metric(
        "advanced credentials held now by at least one active member", (Span.NOW,), personal=True
    ),
    "won": Metric("minor units won, less what was taken back", _SALES, money=True),
    "active_clients": Metric("clients with something won and not taken back", _SALES),
}
"""Everything that can be measured of a partner; `evidence.rules` measures it."""

MONEY_METRICS = frozenset(name for name, metric in METRICS.items() if metric.money)
ADVANCED = Comparison("advanced_certificates", 1, NOW)
LEAST_GRACE_DAYS = 30
ANY_PRODUCT = "*"
"""In `base`: the rate of every product that is not named there."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A rung. One rises by `enter` and keeps it by `stay`; `approve` makes a person confirm the rise."""

    slug: str
    name: str
    multiplier: Fraction
    enter: Criterion
    stay: Criterion
    approve: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a programme's rules. `tiers` run from the lowest, which everybody has, upwards."""

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
    levels: tuple[Comparison, ...] = field(init=False, compare=False, repr=False)
    """Everything that has to be measured to judge by this plan, once, whatever value it is held against."""

    def __post_init__(self) -> None:
        # Asked for at every judgement, and never others.
        object.__setattr__(self, "levels", tuple({one.key: one for one in self.measured()}.values()))

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

    def base_of(self, product: str) -> Fraction:
        """The base rate of a product. Raises KeyError for one that is not paid for."""
        return self.base[product] if product in self.base or ANY_PRODUCT not in self.base else self.base[ANY_PRODUCT]

    def pays_for(self, product: str) -> bool:
        """Whether a deal with this product earns anything by this plan."""
        return product in self.base or ANY_PRODUCT in self.base

    @property
    def currencies(self) -> frozenset[str]:
        """What a partner of this plan may be paid in."""
        return frozenset(self.minimum)

    def measured(self) -> Iterator[Comparison]:
        """Every comparison that judging by this plan makes."""
        for tier in self.tiers:
            yield from comparisons(tier.enter)
            yield from comparisons(tier.stay)
        yield from comparisons(self.bonus_when)
        yield ADVANCED


@dataclass(frozen=True, slots=True)
class Version:
    """A plan as a version of its programme, from when it is in force."""

    id: UUID
    number: int
    effective_from: datetime
    plan: Plan


class PlanError(ValueError):
    """What is written is not a plan; the message says where and why."""


def parse_plan(written: Mapping[str, Any], *, reference: str, zone: str) -> Plan:
    """The plan that data says. Raises PlanError with the place and what is wrong there."""
    if zone not in time_zones():
        raise PlanError(Text("“%(zone)s” is not a time zone; write one such as Europe/London.", zone=zone))
    try:
        check_keys(written, _PLAN_KEYS, "plan")
        plan = _plan(written, reference, ZoneInfo(zone))
    except CriterionError as wrong:
        raise PlanError(wrong.args[0]) from None
    except KeyError as missing:
        raise PlanError(Text("The plan lacks %(missing)s.", missing=missing)) from None
    except (TypeError, AttributeError) as wrong:
        raise PlanError(Text("The plan is not of the expected shape: %(wrong)s.", wrong=wrong)) from None
    _check(plan)
    return plan


_PLAN_KEYS = frozenset(
    {"base", "default_product", "bonus", "uplift", "cap", "core", "advanced", "tiers"}
    | {"grace_days", "hold_days", "pay_day", "minimum"}
)


def _plan(written: Mapping[str, Any], reference: str, zone: ZoneInfo) -> Plan:
    core = frozenset(_names(written, "core"))
    bonus, uplift = written["bonus"], written["uplift"]
    check_keys(bonus, {"share", "adds_points", "when"}, "bonus")
    check_keys(uplift, {"each", "most"}, "uplift")
    if not isinstance(adds_points := bonus.get("adds_points", False), bool):
        raise PlanError(Text("bonus.adds_points: write true or false, not “%(adds_points)s”.", adds_points=adds_points))
    return Plan(
        reference=reference,
        zone=zone,
        tiers=tuple(_tier(tier, index, len(core)) for index, tier in enumerate(_list(written, "tiers"))),
        base={str(product): _share(share, f"base.{product}") for product, share in written["base"].items()},
        default_product=str(written["default_product"]),
        bonus=_share(bonus["share"], "bonus.share"),
        bonus_adds_points=adds_points,
        bonus_when=parse(_count_all(bonus["when"], len(core)), METRICS, where="bonus.when"),
        uplift=_share(uplift["each"], "uplift.each"),
        uplift_most=whole_number(uplift["most"], "uplift.most", least=0),
        cap=_share(written["cap"], "cap"),
        core=core,
        advanced=frozenset(_names(written, "advanced")),
        grace_days=whole_number(written["grace_days"], "grace_days", least=0),
        hold_days=whole_number(written["hold_days"], "hold_days", least=0),
        pay_day=whole_number(written["pay_day"], "pay_day", least=0),
        minimum={
            str(code): whole_number(amount, f"minimum.{code}", least=0) for code, amount in written["minimum"].items()
        },
    )


def _tier(written: Mapping[str, Any], index: int, core: int) -> Tier:
    where = f"tiers[{index}]"
    # Everybody has the lowest tier: what it asked would never be looked at.
    asked = {"enter", "stay", "promotion"} if index else set()
    check_keys(written, {"slug", "name", "multiplier"} | asked, where)
    enter = parse(_count_all(written["enter"], core), METRICS, where=f"{where}.enter") if index else ALWAYS
    stay = parse(_count_all(written["stay"], core), METRICS, where=f"{where}.stay") if index else ALWAYS
    multiplier = _fraction(written["multiplier"], f"{where}.multiplier", "a factor; write 1 or 1.15")
    if multiplier <= 0:
        raise PlanError(Text("%(where)s.multiplier: it must be more than 0.", where=where))
    promotion = written.get("promotion", "automatic")
    if promotion not in ("automatic", "approve"):
        raise PlanError(
            Text(
                "%(where)s.promotion: write automatic or approve, not “%(promotion)s”.",
                where=where,
                promotion=promotion,
            )
        )
    return Tier(str(written["slug"]), str(written["name"]), multiplier, enter, stay, promotion == "approve")


def _count_all(written: Any, core: int) -> Any:
    """Replace `all_core` by the number of core modules. Without any, completing them all never holds."""
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
    if not plan.pays_for(plan.default_product):
        raise PlanError(
            Text("default_product: “%(default_product)s” has no base rate.", default_product=plan.default_product)
        )
    multipliers = [tier.multiplier for tier in plan.tiers]
    if multipliers != sorted(multipliers):
        raise PlanError("tiers: a higher tier must not have a smaller multiplier.")
    if 0 < plan.grace_days < LEAST_GRACE_DAYS:
        raise PlanError(
            Text(
                "grace_days: %(least_grace_days)s or more; 0 only for imported history, where nobody is warned.",
                least_grace_days=LEAST_GRACE_DAYS,
            )
        )
    if not 1 <= plan.pay_day <= 28:
        raise PlanError("pay_day: it is from 1 to 28, so that every month has it.")
    for comparison in plan.measured():
        if not isinstance(comparison.value, int) and (lacks := plan.currencies - comparison.value.keys()):
            raise PlanError(
                Text(
                    "%(metric)s: there is a minimum in %(currency)s, so name a value in it too.",
                    metric=comparison.metric,
                    currency=min(lacks),
                )
            )


def _share(written: object, where: str) -> Fraction:
    """A percentage such as "10.00" as a fraction of one."""
    share = _fraction(written, where, "a percentage; write 10 or 12.5") / 100
    if not 0 <= share <= 1:
        raise PlanError(Text("%(where)s: a percentage is from 0 to 100.", where=where))
    return share


def _fraction(written: object, where: str, expected: str) -> Fraction:
    text = str(written)
    if not text.isascii() or len(text) > 20 or not text.replace(".", "", 1).removeprefix("-").isdecimal():
        raise PlanError(
            Text("%(where)s: “%(text)s” is not %(expected)s.", where=where, text=text[:40], expected=expected)
        )
    return Fraction(text)


def _names(written: Mapping[str, Any], key: str) -> list[str]:
    names = [str(name) for name in _list(written, key)]
    if len(set(names)) != len(names):
        raise PlanError(Text("%(key)s: something is named twice.", key=key))
    return names


def _list(written: Mapping[str, Any], key: str) -> list[Any]:
    value = written[key]
    if not isinstance(value, list):
        raise PlanError(Text("%(key)s: a list is needed.", key=key))
    return value


def why_not_after(old: Plan, new: Plan) -> str | None:
    """Why `new` cannot follow `old`, as a sentence; None when it can.

    What a partner holds or is paid in must still be there, or it would be lost without a warning of its own.
    """
    slugs = [tier.slug for tier in new.tiers]
    for tier in old.tiers:
        if tier.slug not in slugs:
            return f"Partners may hold the tier {tier.name}. Keep it; its criteria, name and figures may change."
    if lost := old.currencies - new.currencies:
        return f"Partners may be paid in {min(lost)}. Keep its minimum and its values."
    return None


def needs_longer_notice(old: Plan, new: Plan) -> bool:
    """Whether some figure of `new` is lower than in `old` for somebody who changes nothing.

    Core modules and criteria are not looked at: what they take away falls only after a warning of its own.
    """
    tiers = {tier.slug: tier.multiplier for tier in new.tiers}
    return (
        any(_share_of(new, product) < share for product, share in old.base.items())
        or any(share < _share_of(old, product) for product, share in new.base.items())
        or new.base_of(new.default_product) < old.base_of(old.default_product)
        or any(tiers.get(tier.slug, Fraction(0)) < tier.multiplier for tier in old.tiers)
        or new.bonus < old.bonus
        # Points are never less than the same share of a rate.
        or (old.bonus_adds_points and not new.bonus_adds_points and old.bonus > 0)
        or new.uplift < old.uplift
        or new.uplift_most < old.uplift_most
        or new.cap < old.cap
    )


def _share_of(plan: Plan, product: str) -> Fraction:
    return plan.base_of(product) if plan.pays_for(product) else Fraction(0)
