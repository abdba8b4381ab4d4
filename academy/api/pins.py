"""A tier by a person's word: /partners/{id}/pin keeps one until a day, /promotions wait to be confirmed."""

from datetime import UTC
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.person import PartnerShort
from academy.api.schemas.pin import Confirmed, Confirming, PartnerPin, Pinning, Promotion, Promotions, TierPin
from academy.core.pagination import decode_place, page
from academy.core.periods import TICK
from academy.people.partners import access
from academy.people.partners.queries import short_of
from academy.programme.pins.actions import pin_tier, unpin_tier
from academy.programme.pins.queries import pin_of
from academy.programme.pins.rules import end_of_day
from academy.programme.plans.queries import plan_version
from academy.programme.promotions.queries import Waiting, waiting
from academy.programme.promotions.rules import confirmed_by
from academy.programme.standing.actions import approve_promotion
from academy.programme.standing.queries import stands
from academy.web import sentences

router = Router(tags=["Partners"], auth=signed_in)


@router.get(
    "/partners/{id}/pin",
    response=PartnerPin,
    operation_id="pin",
    summary="A partner's pin",
    openapi_extra=says("standing.see_any", *READING),
)
def pinned(request: HttpRequest, partner_id: Key) -> PartnerPin:
    """Whether the tier of a partner is pinned, until when and why; for managers and finance."""
    return _pin(request, access.partner(caller_of(request).actor, "standing.see_any", partner_id).pk)


@router.put(
    "/partners/{id}/pin",
    response=PartnerPin,
    operation_id="pin_tier",
    summary="Pin a tier",
    openapi_extra=says("tier.pin", *WRITING),
)
def pin(request: HttpRequest, partner_id: Key, body: Pinning) -> PartnerPin:
    """Let a partner hold at least a tier until a day is over, whatever is measured; for managers. What ends then is
    announced before, like everything that falls. The same pin again changes nothing.
    """
    actor, now = caller_of(request).actor, now_of(request)
    partner = access.partner(actor, "tier.pin", partner_id).pk
    found = stands(partner)
    until = end_of_day(body.until, found.plan.zone if found else UTC)
    pin_tier(actor, partner, body.tier, until=until, reason=body.reason, now=now)
    return _pin(request, partner)


@router.delete(
    "/partners/{id}/pin",
    response=PartnerPin,
    operation_id="unpin_tier",
    summary="Take a pin back",
    openapi_extra=says("tier.pin", *WRITING),
)
def unpin(request: HttpRequest, partner_id: Key) -> PartnerPin:
    """What it alone has kept falls only after its notice. 409 where none is in force."""
    actor, now = caller_of(request).actor, now_of(request)
    partner = access.partner(actor, "tier.pin", partner_id).pk
    unpin_tier(actor, partner, now=now)
    return _pin(request, partner)


def _pin(request: HttpRequest, partner: UUID) -> PartnerPin:
    found, made = stands(partner), pin_of(partner)
    if found is None or made is None:
        return PartnerPin(pin=None)
    return PartnerPin(
        pin=TierPin(
            tier=made.tier,
            name=sentences.tier_name(found.plan, made.tier),
            until=(made.until - TICK).astimezone(found.plan.zone).date(),
            reason=made.reason,
            pinned_at=made.pinned_at,
            pinned_by=made.pinned_by.name if made.pinned_by else None,
            is_over=made.until <= now_of(request),
        )
    )


@router.get(
    "/promotions",
    response=Promotions,
    operation_id="promotions",
    summary="Promotions to confirm",
    openapi_extra=says("standing.see_any", *READING),
)
def to_confirm(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Promotions:
    """Partners that meet a tier which a person gives, longest first; for managers and finance."""
    found = waiting(caller_of(request).actor, limit=limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.place.isoformat(), str(one.partner)))
    partners = short_of({one.partner for one in cut.items})
    return Promotions(
        items=[_promotion(one, PartnerShort(**partners[one.partner])) for one in cut.items], next=cut.next
    )


def _promotion(one: Waiting, partner: PartnerShort) -> Promotion:
    plan, since = plan_version(one.plan), one.held.awaiting_since
    assert one.held.awaiting is not None  # it waits
    return Promotion(
        partner=partner,
        tier=one.held.awaiting,
        name=sentences.tier_name(plan, one.held.awaiting),
        since=since,
        confirm_by=confirmed_by(since, plan.zone) if since else None,
    )


@router.post(
    "/partners/{id}/promotion",
    response={200: Confirmed},
    operation_id="confirm_promotion",
    summary="Confirm a promotion",
    openapi_extra=says("promotion.approve", *WRITING, idempotent=True),
)
def confirm(request: HttpRequest, partner_id: Key, body: Confirming) -> Status[Any]:
    """Give a partner the tier that it meets and waits for; for managers. It counts for deals won from now on. 409 where
    the partner does not wait for that tier.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, Confirmed]:
        partner = access.partner(actor, "promotion.approve", partner_id).pk
        approve_promotion(actor, partner, body.tier, now=now)
        found = stands(partner)
        assert found is not None  # it has just risen
        return 200, Confirmed(
            partner=PartnerShort(**short_of({partner})[partner]),
            tier=found.held.tier,
            name=sentences.tier_name(found.plan, found.held.tier),
            since=found.tier_since,
        )

    return once(request, act)
