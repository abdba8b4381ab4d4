"""/me/terms and /terms: what partners and the house agree on, accepted by its version and published by the house."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, partner_of, signed_in
from academy.api.instants import in_utc
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.terms import (
    Accepting,
    AllTerms,
    EarlierTerms,
    MyTerms,
    PublishedTerms,
    Publishing,
    TermsAccepted,
    TermsVersion,
)
from academy.core.pagination import page_of_all
from academy.people.accounts.queries import names_of
from academy.people.permissions.access import allow
from academy.programme.plans.queries import programme_called
from academy.programme.standing.queries import stands
from academy.programme.terms.actions import accept_terms, publish_terms
from academy.programme.terms.models import Terms
from academy.programme.terms.queries import Version, agreed, versions

router = Router(tags=["Money"], auth=signed_in)


@router.get(
    "/me/terms",
    response=MyTerms,
    operation_id="my_terms",
    summary="Terms",
    openapi_extra=says("terms.see", *READING),
)
def my_terms(request: HttpRequest) -> MyTerms:
    """The version in force for one's partner, whether it is accepted, and the one that comes."""
    actor = caller_of(request).actor
    partner = partner_of(request)
    standing = stands(partner.id)
    if standing is None:
        return MyTerms(current=None, accepted_at=None, accepted_by=None, coming=None, earlier=[])
    found = agreed(actor, partner.id, standing.programme, now_of(request))
    by = found.accepted_by
    return MyTerms(
        current=_version(found.terms),
        accepted_at=found.accepted_at,
        accepted_by=names_of([by]).get(by, "") if by else None,
        coming=_version(found.coming),
        earlier=[EarlierTerms(number=number, accepted_at=at) for number, at in found.others],
    )


@router.get(
    "/terms",
    response=AllTerms,
    operation_id="list_terms",
    summary="All terms",
    openapi_extra=says("terms.publish", *READING),
)
def list_terms(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> AllTerms:
    """Every version of every programme, the newest first, with how many partners accepted it; for managers."""
    cut = page_of_all(versions(caller_of(request).actor), cursor, limit, lambda one: str(one.id))
    return AllTerms(items=[_published(one) for one in cut.items], next=cut.next)


@router.post(
    "/terms",
    response={201: PublishedTerms},
    operation_id="publish_terms",
    summary="Publish terms",
    openapi_extra=says("terms.publish", *WRITING, idempotent=True),
)
def publish(request: HttpRequest, body: Publishing) -> Status[Any]:
    """Publish the next version; for managers. Owners are mailed, and partners are not paid from its first day on until
    one of them accepts it. A version is never changed: before it begins, a newer one takes its place.
    """
    actor, now = caller_of(request).actor, now_of(request)
    begins = in_utc(body.effective_from, field="effective_from") if body.effective_from else now

    def act() -> tuple[int, PublishedTerms]:
        allow(actor, "terms.publish")
        programme = programme_called(body.programme)
        made = publish_terms(actor, programme, body.text, reason=body.reason, effective_from=begins, now=now)
        return 201, next(_published(one) for one in versions(actor) if one.id == made.pk)

    return once(request, act)


def _published(one: Version) -> PublishedTerms:
    return PublishedTerms(
        id=one.id,
        programme=one.programme_slug,
        number=one.number,
        text=one.text,
        reason=one.reason,
        effective_from=one.effective_from,
        published_at=one.published_at,
        accepted=one.accepted,
        is_replaced=one.is_replaced,
    )


def _version(one: Terms | None) -> TermsVersion | None:
    if one is None:
        return None
    return TermsVersion(
        id=one.pk, number=one.number, text=one.text, reason=one.reason, effective_from=one.effective_from
    )


@router.post(
    "/me/terms/acceptance",
    response={200: TermsAccepted},
    operation_id="accept_terms",
    summary="Accept the terms",
    openapi_extra=says("terms.accept", *WRITING, idempotent=True),
)
def accept(request: HttpRequest, body: Accepting) -> Status[Any]:
    """Accept the version in force for one's partner, for its owners: whoever sends this has read it and may accept it
    for them. Repeating it changes nothing. 409 where another version is in force by now.
    """
    actor, now = caller_of(request).actor, now_of(request)
    partner = partner_of(request)

    def act() -> tuple[int, TermsAccepted]:
        made = accept_terms(actor, partner.id, body.version, now=now)
        return 200, TermsAccepted(version=made.terms_id, number=made.terms.number, accepted_at=made.accepted_at)

    return once(request, act)
