"""Reading the rule language: data as somebody wrote it becomes a criterion, or a sentence with the place and the fault.

What can be written stands in `criteria`. Nothing is guessed: what is misspelt or can never hold is refused.
"""

from collections.abc import Mapping, Set
from typing import Any

from academy.core.criteria import Comparison, Criterion, CriterionError, Group, Metric, Metrics, Not
from academy.core.errors import Text
from academy.core.money import MOST
from academy.core.periods import Window, parse_window


def parse(written: object, metrics: Metrics, *, where: str = "criterion", personal: bool = False) -> Criterion:
    """The criterion that data says. `metrics` may be compared; `personal` when it is about one person.

    Raises CriterionError with the place and what is wrong there.
    """
    if not isinstance(written, Mapping):
        raise CriterionError(
            Text("%(where)s: a criterion is a mapping such as {metric: modules, value: 6}.", where=where)
        )
    for word in ("all", "any", "of"):
        if word in written:
            return _parse_group(written, word, metrics, where, personal)
    if "not" in written:
        check_keys(written, {"not"}, where)
        return Not(parse(written["not"], metrics, where=f"{where}.not", personal=personal))
    if "people" in written:
        check_keys(written, {"people", "value"}, where)
        if personal:
            raise CriterionError(Text("%(where)s.people: this is about one person already.", where=where))
        who = parse(written["people"], metrics, where=f"{where}.people", personal=True)
        return Comparison("people", whole_number(written.get("value"), f"{where}.value"), who=who)
    return _parse_comparison(written, metrics, where, personal)


def _parse_group(written: Mapping[str, Any], word: str, metrics: Metrics, where: str, personal: bool) -> Group:
    check_keys(written, {"of", "at_least"} if word == "of" else {word}, where)
    parts = written[word]
    if not isinstance(parts, list) or not parts:
        raise CriterionError(
            Text("%(where)s.%(word)s: a list with at least one criterion is needed.", where=where, word=word)
        )
    parsed = tuple(
        parse(part, metrics, where=f"{where}.{word}[{i}]", personal=personal) for i, part in enumerate(parts)
    )
    least = {"all": len(parsed), "any": 1}.get(word) or whole_number(written.get("at_least"), f"{where}.at_least")
    _can_hold(least, len(parsed), f"{where}.at_least")
    return Group(least, parsed)


def _parse_comparison(written: Mapping[str, Any], metrics: Metrics, where: str, personal: bool) -> Comparison:
    check_keys(written, {"metric", "value", "window", "only"}, where)
    name = written.get("metric")
    known = {key: metric for key, metric in metrics.items() if metric.personal or not personal}
    if not isinstance(name, str) or name not in known:
        raise CriterionError(
            Text(
                "%(where)s.metric: “%(name)s” is not known here; known are %(known)s.",
                where=where,
                name=name,
                known=", ".join(sorted(known)),
            )
        )
    metric = known[name]
    value = _value(written.get("value"), metric, f"{where}.value")
    only = _only(written["only"], metric, f"{where}.only") if "only" in written else None
    if only is not None and isinstance(value, int):
        _can_hold(value, len(only), f"{where}.value")
    return Comparison(name, value, _window(written.get("window"), metric, f"{where}.window"), only)


def _window(written: object, metric: Metric, where: str) -> Window:
    if written is None:
        return Window(metric.windows[0])
    try:
        window = parse_window(str(written))
    except ValueError as wrong:
        raise CriterionError(Text("%(where)s: %(wrong)s", where=where, wrong=wrong.args[0])) from None
    if window.span not in metric.windows:
        raise CriterionError(
            Text(
                "%(where)s: %(meaning)s cannot be measured over “%(window)s”.",
                where=where,
                meaning=metric.meaning,
                window=window,
            )
        )
    return window


def _value(written: object, metric: Metric, where: str) -> int | Mapping[str, int]:
    if not metric.money:
        return whole_number(written, where)
    if not isinstance(written, Mapping) or not written:
        raise CriterionError(Text("%(where)s: amounts are a table by currency such as {GBP: 1000000}.", where=where))
    return {str(code): whole_number(amount, f"{where}.{code}") for code, amount in written.items()}


def _only(written: object, metric: Metric, where: str) -> frozenset[str]:
    if not metric.named:
        raise CriterionError(
            Text("%(where)s: %(meaning)s cannot be narrowed to some.", where=where, meaning=metric.meaning)
        )
    if not isinstance(written, list) or not written or not all(isinstance(name, str) for name in written):
        raise CriterionError(Text("%(where)s: a list with at least one name is needed.", where=where))
    return frozenset(written)


def _can_hold(least: int, most: int, where: str) -> None:
    if least > most:
        raise CriterionError(
            Text(
                "%(where)s: %(least)s of %(most)s can never hold; write %(most)s or less.",
                where=where,
                least=least,
                most=most,
            )
        )


def whole_number(written: object, where: str, *, least: int = 1) -> int:
    """A whole number as data says it. Raises CriterionError."""
    if isinstance(written, bool) or not isinstance(written, int) or written < least:
        raise CriterionError(
            Text(
                "%(where)s: a whole number of at least %(least)s is needed, not %(written)s.",
                where=where,
                least=least,
                written=repr(written),
            )
        )
    if written > MOST:
        raise CriterionError(Text("%(where)s: %(written)s is too large to be meant.", where=where, written=written))
    return written


def check_keys(written: Mapping[str, Any], known: Set[str], where: str) -> None:
    """Refuse what is misspelt: overlooked, it would mean something else. Raises CriterionError."""
    if unknown := sorted(str(key) for key in written if key not in known):
        raise CriterionError(
            Text(
                "%(where)s: “%(unknown)s” is not known here; known are %(known)s.",
                where=where,
                unknown=unknown[0],
                known=", ".join(sorted(known)),
            )
        )
