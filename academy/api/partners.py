"""/partners: for people of the house."""

from datetime import datetime
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import AwareDatetime

from academy.api import standing, tiers
from academy.api.callers import caller_of, now_of, signed_in
from academy.api.instants import in_utc
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.operations import READING, says
from academy.api.schemas.person import PartnerLine, Partners, PartnerShort
from academy.api.schemas.standing import PartnerStanding
from academy.api.schemas.values import NO_NUL
from academy.core.errors import NotFound, Refused, Text
from academy.core.money import percent
from academy.people.partners import access
from academy.people.partners.models import Partner
from academy.people.partners.queries import PartnerLine as Listed
from academy.people.partners.queries import partners
from academy.programme.balance.accounts.queries import overview_of, overview_then
from academy.programme.evidence.queries import evidence_at
from academy.programme.history.queries import stood
from academy.programme.standing.queries import Stands, present_of, stands_of
from academy.web import sentences

router = Router(tags=["Partners"], auth=signed_in)


@router.get(
    "/partners",
    response=Partners,
    operation_id="list_partners",
    summary="All partners",
    openapi_extra=says("partner.see_any", *READING),
)
def list_partners(
    request: HttpRequest,
    q: Annotated[str, Query(pattern=NO_NUL, max_length=200, description="Found anywhere in the name.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Partners:
    """Every partner with its tier, by name. For managers, finance and administrators."""
    cut = partners(caller_of(request).actor, q=q, cursor=cursor, limit=limit)
    standings = stands_of([one.id for one in cut.items])
    return Partners(items=[_line(one, standings.get(one.id)) for one in cut.items], next=cut.next)


def _line(one: Listed, found: Stands | None) -> PartnerLine:
    return PartnerLine(
        id=one.id,
        name=one.name,
        slug=one.slug,
        currency=one.currency,
        timezone=one.timezone,
        kind=one.kind,
        people=one.members,
        tier=sentences.tier_name(found.plan, found.held.tier) if found else None,
        rate=percent(found.rate().basis_points) if found else None,
        at_risk=bool(found and found.at_risk),
        safe_until=found.safe_until if found else None,
    )


@router.get(
    "/partners/{id}/standing",
    response=PartnerStanding,
    operation_id="partner_standing",
    summary="Where a partner stands or stood",
    openapi_extra=says("standing.see_any", *READING),
)
def partner_standing(
    request: HttpRequest,
    partner_id: Key,
    as_of: Annotated[
        AwareDatetime | None,
        Query(description="An instant of the past; without it, now.", examples=["2026-01-31T09:30:00Z"]),
    ] = None,
) -> PartnerStanding:
    """Tier and rate by the facts that counted up to an instant: the journal read again, with the plan of that day."""
    now = now_of(request)
    partner = access.partner(caller_of(request).actor, "standing.see_any", partner_id)
    as_of = in_utc(as_of, field="as_of") if as_of else None
    if as_of is not None and as_of > now:
        raise Refused("That has not happened yet. Ask for a time up to now.", fields={"as_of": Text("In the past.")})
    return _today(partner, now) if as_of in (None, now) else _then(partner, as_of, now)


def _today(partner: Partner, now: datetime) -> PartnerStanding:
    cursor, found = standing.up_to_date(partner.id, now=now)
    return PartnerStanding(
        as_of=present_of(found, now),
        cursor=cursor,
        partner=_short(partner),
        tier=tiers.tier_of(found, evidence_at(partner.id, found.plan, found.currency, now), now, sees_amounts=True),
        commission=standing.commission_of(found.plan, found.held, overview_of(found, now)),
    )


def _then(partner: Partner, at: datetime, now: datetime) -> PartnerStanding:
    # What is due by now is applied first, so that the journal says all about an instant that has passed.
    cursor, found = standing.up_to_date(partner.id, now=now)
    it = stood(partner.id, found.programme, partner.currency, at)
    if it is None:
        raise NotFound("This partner was in no programme at that time.")
    return PartnerStanding(
        as_of=it.at,
        cursor=cursor,
        partner=_short(partner),
        tier=tiers.tier_then(it, partner.currency),
        commission=standing.commission_of(it.plan, it.held, overview_then(found, it.plan, it.at)),
    )


def _short(partner: Partner) -> PartnerShort:
    return PartnerShort(
        id=partner.id,
        name=partner.name,
        slug=partner.slug,
        currency=partner.currency,
        timezone=partner.timezone,
    )
