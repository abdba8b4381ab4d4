"""A partner's deals on its page in the studio, and the tier that a person keeps for it."""

from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.people.partners.models import Partner
from academy.people.permissions.rules import may
from academy.programme.deals.queries import deals_of, groups
from academy.programme.pins import rules
from academy.programme.pins.queries import last_pin
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, ranks
from academy.web import deal_words, formats, sentences
from academy.web.requests import PersonRequest
from academy.web.studio.deals.page import row

SHOWN = 10


def deals(request: PersonRequest, partner: Partner, *, is_now: bool) -> dict[str, Any]:
    """The latest deals, and what those of each stage come to. Of past days the journal tells."""
    if not is_now or not may(request.actor, "deal.see_any"):
        return {"deals": None}
    cut = deals_of(request.actor, partner.pk, limit=SHOWN)
    worth = [
        _("%(stage)s %(count)s, %(worth)s")
        % {
            "stage": deal_words.stage_name(one.stage),
            "count": formats.number(one.deals),
            "worth": formats.money(one.worth, one.currency),
        }
        for one in groups(request.actor, partner.pk)
    ]
    return {"deals": [row(deal) for deal in cut.items], "more_deals": bool(cut.next), "worth": worth}


def pinned(
    request: PersonRequest, partner: Partner, today: Stands | None, refused: Refused | None, *, is_now: bool
) -> dict[str, Any]:
    """The pin with its reason, and the tiers to which it may be set now: those not below what is held."""
    if not is_now or today is None:
        return {"pin": None, "pins": [], "refused": None, "typed": {}, "wrong": {}}
    pin = last_pin(request.actor, partner.pk)
    held = ranks(today.plan, today.held)[Part.TIER]
    return {
        "pin": {
            "tier": sentences.tier_name(today.plan, pin.tier),
            "day": deal_words.last_day(pin.until),
            "by": pin.pinned_by.name if pin.pinned_by else "",
            "reason": pin.reason,
            "is_over": pin.until <= request.now,
        }
        if pin
        else None,
        "pins": [(tier.slug, tier.name) for tier in today.plan.tiers[held:]] if may(request.actor, "tier.pin") else [],
        "refused": refused,
        "typed": request.POST if refused else {},
        "wrong": refused.fields if refused else {},
    }


def end_of_day(today: Stands | None, text: str) -> datetime:
    """When a day is over where the programme cuts its days. Refuses what is none."""
    try:
        return rules.end_of_day(date.fromisoformat(text), today.plan.zone if today else UTC)
    except (ValueError, OverflowError):
        sentence = _("This is not a day. Write it like 2026-05-31.")
        raise Refused(sentence, fields={"until": sentence}) from None
