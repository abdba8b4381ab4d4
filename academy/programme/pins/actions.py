"""Pinning a partner's tier with a reason and an end, and taking the pin back."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.pins.models import TierPin
from academy.programme.pins.rules import Pin
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import Part, rank_of_name, ranks

LONGEST = timedelta(days=731)
LONGEST_REASON = 500


@action
def pin_tier(by: Actor, partner: UUID, tier: str, *, until: datetime, reason: str, now: datetime) -> TierPin:
    """Let a partner hold at least a tier until an instant, whatever is measured; it replaces the pin before it. The
    same again changes nothing.

    Raises Refused for a lower tier than is held, an end beyond two years, or no reason; NotFound, Forbidden.
    """
    allow(by, "tier.pin")
    said = _reason(reason)
    at = lock_partner(partner, now)
    found = _standing(partner)
    _check(found, tier, until, at)
    before = TierPin.objects.filter(partner_id=partner, ended_at=None).first()
    if before is not None and (before.tier, before.until, before.reason) == (tier, until, said):
        return before
    _end_open(partner, at)
    pin = TierPin.objects.create(
        partner_id=partner,
        tier=tier,
        pinned_at=at,
        until=until,
        pinned_by_id=by.person_id if by.person_id.int else None,
        reason=said,
    )
    _tell(found, "tier.pinned", Pin(tier, until), at, now)
    return pin


@action
def unpin_tier(by: Actor, partner: UUID, *, now: datetime) -> None:
    """Take a pin back. What it alone has kept falls only after its notice. Raises Conflict, NotFound, Forbidden."""
    allow(by, "tier.pin")
    at = lock_partner(partner, now)
    found = _standing(partner)
    if found.held.pin is None:
        raise Conflict(_("No tier of this partner is pinned."))
    _end_open(partner, at)
    _tell(found, "tier.unpinned", None, at, now)


def _standing(partner: UUID) -> Stands:
    found = stands(partner)
    if found is None:
        raise NotFound
    return found


def _check(found: Stands, tier: str, until: datetime, at: datetime) -> None:
    rank = rank_of_name(found.plan, Part.TIER, tier)
    if rank is None or rank < ranks(found.plan, found.held)[Part.TIER]:
        sentence = _("Pin the tier that this partner has, or a higher one.")
        raise Refused(sentence, fields={"tier": sentence})
    if not at < until <= at + LONGEST:
        sentence = _("A pin ends on a day within the next two years.")
        raise Refused(sentence, fields={"until": sentence})


def _end_open(partner: UUID, at: datetime) -> None:
    TierPin.objects.filter(partner_id=partner, ended_at=None).update(ended_at=at)


def _tell(found: Stands, kind: str, pin: Pin | None, at: datetime, now: datetime) -> None:
    """Judging follows from the fact, and begins with the pin in what is held."""
    held = replace(found.held, pin=pin)
    Standing.objects.filter(pk=found.partner).update(held=held.as_json())
    thing = Thing("partner", found.partner)
    record(kind, partner=found.partner, thing=thing, at=at, now=now, numbers=pin.as_json() if pin else {})


def _reason(text: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST_REASON or "\x00" in said:
        sentence = _("Give a reason in a sentence or two.")
        raise Refused(sentence, fields={"reason": sentence})
    return said
