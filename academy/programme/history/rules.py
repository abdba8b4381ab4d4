"""What a partner held after a row of decisions, worked out from their stored inputs by the rule that made them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from academy.programme.pins.rules import Pin
from academy.programme.plans.rules import Plan
from academy.programme.standing.rules import Held, approved, judge


@dataclass(frozen=True, slots=True)
class Told:
    """A fact about a partner's standing, as the journal holds it."""

    kind: str
    numbers: Mapping[str, Any]
    at: datetime
    rule: str
    inputs: Mapping[str, Any] | None


def held_after(told: Sequence[Told], plan_of: Callable[[str], Plan]) -> Held:
    """What was held once all these were told, in the journal's order. `plan_of` finds a plan by its reference.

    The first is the partner's enrolment. Each decision says what was held before it, so that the last one counts.
    """
    held = Held(str(told[0].numbers["tier"]))
    for one in told:
        if one.inputs is not None:
            before, levels = Held.from_json(one.inputs["held"]), one.inputs["levels"]
            held = judge(plan_of(one.rule), before, levels, one.inputs["currency"], one.at).held
        elif one.kind == "tier.warned":
            # It says all that was held with it: notices that were answered before have left no fact of their own.
            held = Held.from_json(one.numbers["held"])
        elif one.kind == "promotion.approved":
            held = approved(held, str(one.numbers["tier"]))
        elif one.kind in ("tier.pinned", "tier.unpinned"):
            held = replace(held, pin=Pin.from_json(one.numbers))
    return held
