"""The rule language: one way to say what must hold, for tiers, bonuses, credentials and audiences.

A criterion is written as data, and read once (`written_criteria`):

    {"all": [...]}, {"any": [...]}, {"at_least": 2, "of": [...]}, {"not": {...}}
    {"metric": "won", "window": "trailing:12m", "value": {"GBP": 1000000}}
    {"metric": "modules", "only": ["<id>", ...], "value": 3}
    {"people": {...a criterion about one person...}, "value": 2}

Evaluating it never looks at a clock or a database: the caller hands in what each metric measures. A verdict is
a tree of codes and numbers; `web` turns it into sentences in the reader's language.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from academy.core.errors import Text
from academy.core.periods import LIFETIME, Span, Window

Levels = Mapping[str, int]
"""What each metric measured at one instant, by `Comparison.key`."""


class CriterionError(ValueError):
    """What is written is not a criterion; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that can be measured. What is not said here is refused, so that nothing asked is ignored.

    `windows` are how it may be cut, the first where none is written. `money` holds it against a table by
    currency. `named` lets `only` choose the things that count. `personal` can be asked of one person.
    """

    meaning: str
    windows: tuple[Span, ...] = (Span.LIFETIME,)
    money: bool = False
    named: bool = False
    personal: bool = False


Metrics = Mapping[str, Metric]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric over a window, at least a value. `value` is one number, or one for each currency."""

    metric: str
    value: int | Mapping[str, int]
    window: Window = LIFETIME
    only: frozenset[str] | None = None
    who: "Criterion | None" = None
    key: str = field(init=False, compare=False, repr=False)
    """Names what is measured, whatever value it is held against: two tiers share one measurement."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self._key())  # asked for at every measurement, and never another

    def _key(self) -> str:
        if self.who is not None:
            return f"people({describe(self.who)})"
        chosen = f"[{','.join(sorted(self.only))}]" if self.only is not None else ""
        return f"{self.metric}{chosen}@{self.window}"

    def needed(self, currency: str) -> int:
        """The value to reach in this currency. Raises CriterionError when the table lacks it."""
        if isinstance(self.value, int):
            return self.value
        if currency not in self.value:
            raise CriterionError(
                Text("“%(metric)s” names no value in %(currency)s.", metric=self.metric, currency=currency)
            )
        return self.value[currency]


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` of the parts hold: all of them, any of them, or n of them."""

    least: int
    parts: tuple["Criterion", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Criterion"


Criterion = Comparison | Group | Not
ALWAYS = Group(0, ())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a criterion holds, how near it is, and what is missing.

    `progress` runs from 0 to 1. For a comparison `have`, `need` and `gap` are in the metric's unit; for a
    group they count its parts.
    """

    met: bool
    progress: Fraction
    have: int
    need: int
    metric: str | None = None
    window: str | None = None
    parts: tuple["Verdict", ...] = ()

    @property
    def gap(self) -> int:
        """How much is missing; 0 when nothing is."""
        return max(self.need - self.have, 0)

    def leaves(self) -> Iterator["Verdict"]:
        """The comparisons in the tree, in the order they were written."""
        if self.metric is not None:
            yield self
        for part in self.parts:
            yield from part.leaves()

    def coarse(self, metrics: Collection[str]) -> "Verdict":
        """The same with progress in these metrics in whole tenths, rounded down, so that no figure follows from it:
        for who may not see the figures. What groups say of progress follows from that, and tells no more.
        """
        if self.metric is not None:
            tenths = Fraction(int(self.progress * 10), 10)
            return replace(self, progress=tenths) if self.metric in metrics else self
        if not self.parts:
            return self
        parts = tuple(part.coarse(metrics) for part in self.parts)
        is_not = len(parts) == 1 and parts[0].met != self.met
        return replace(self, progress=self.progress if is_not else _nearest(self.need, parts), parts=parts)

    def as_json(self) -> dict[str, Any]:
        """The tree as plain data, for the API."""
        shown: dict[str, Any] = {
            "met": self.met,
            # Rounded down, so that 1 says that it is met.
            "progress": int(self.progress * 10_000) / 10_000,
            "have": self.have,
            "need": self.need,
            "gap": self.gap,
        }
        if self.metric is not None:
            shown |= {"metric": self.metric, "window": self.window}
        if self.parts:
            shown["parts"] = [part.as_json() for part in self.parts]
        return shown


def evaluate(criterion: Criterion, levels: Levels, currency: str) -> Verdict:
    """Hold measured levels against a criterion. A level that was not measured counts as nothing."""
    match criterion:
        case Comparison():
            return _compare(criterion, levels.get(criterion.key, 0), criterion.needed(currency))
        case Not(part):
            verdict = evaluate(part, levels, currency)
            return Verdict(not verdict.met, Fraction(not verdict.met), int(not verdict.met), 1, parts=(verdict,))
        case _:
            return _count(criterion.least, tuple(evaluate(part, levels, currency) for part in criterion.parts))


def holds(criterion: Criterion, levels: Levels, currency: str) -> bool:
    """Whether `evaluate` would say that it is met, and nothing more: some forty are asked for one next step."""
    match criterion:
        case Comparison():
            return levels.get(criterion.key, 0) >= criterion.needed(currency)
        case Not(part):
            return not holds(part, levels, currency)
        case _:
            return sum(holds(part, levels, currency) for part in criterion.parts) >= criterion.least


def _count(least: int, verdicts: tuple[Verdict, ...]) -> Verdict:
    """So many of the parts must hold; progress is that of the nearest."""
    held = sum(verdict.met for verdict in verdicts)
    return Verdict(held >= least, _nearest(least, verdicts), min(held, least), least, parts=verdicts)


def _nearest(least: int, verdicts: Sequence[Verdict]) -> Fraction:
    nearest = sorted((verdict.progress for verdict in verdicts), reverse=True)[:least]
    return sum(nearest, Fraction(0)) / least if least else Fraction(1)


def _compare(comparison: Comparison, have: int, need: int) -> Verdict:
    progress = Fraction(1) if have >= need else max(Fraction(have, need), Fraction(0))
    metric = "people" if comparison.who is not None else comparison.metric
    return Verdict(have >= need, progress, have, need, metric, str(comparison.window))


def comparisons(criterion: Criterion) -> Iterator[Comparison]:
    """Every comparison in a criterion, but not those about one person inside `people`."""
    match criterion:
        case Comparison():
            yield criterion
        case Not(part):
            yield from comparisons(part)
        case _:
            for part in criterion.parts:
                yield from comparisons(part)


def describe(criterion: Criterion) -> str:
    """One canonical line for a criterion: equal text, equal meaning."""
    match criterion:
        case Comparison():
            value = (
                str(criterion.value)
                if isinstance(criterion.value, int)
                else "/".join(f"{amount}{code}" for code, amount in sorted(criterion.value.items()))
            )
            return f"{criterion.key}>={value}"
        case Not(part):
            return f"not({describe(part)})"
        case _:
            return f"{criterion.least}of({';'.join(describe(part) for part in criterion.parts)})"
