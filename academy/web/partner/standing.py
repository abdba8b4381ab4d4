"""A partner's standing as its pages show it: with everything applied that was due, and its rate a line a step."""

from typing import Any

from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.web import formats, sentences
from academy.web.requests import PersonRequest

TONES = ("bronze", "silver", "gold", "platinum")


def up_to_date(request: PersonRequest) -> Stands | None:
    """The partner's standing with everything applied that was due; None outside every programme."""
    if request.partner is None:
        return None
    found = stands(request.partner.pk)
    if found is not None and found.is_due(request.now):
        bring_up_to_date(request.partner.pk, now=request.now)
        found = stands(request.partner.pk)
    request.tier = sentences.tier_name(found.plan, found.held.tier) if found else None
    return found


def rate_lines(found: Stands) -> list[dict[str, Any]]:
    """The rate's arithmetic, a line a step."""
    rate = found.rate()
    last = len(rate.steps) - 1
    return [
        {
            "label": sentences.step_label(step, found.plan, found.held.tier),
            "value": formats.percent(sentences.step_result(step)),
            "kind": "total" if index == last and last else "",
            "key": "rate-result" if index == last else "",
        }
        for index, step in enumerate(rate.steps)
    ]
