"""/me/terms: what one's partner and the house agree on, and accepting it by its version."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, partner_of, signed_in
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.terms import Accepting, EarlierTerms, MyTerms, TermsAccepted, TermsVersion
from academy.people.accounts.queries import names_of
from academy.programme.standing.queries import stands
from academy.programme.terms.actions import accept_terms
from academy.programme.terms.models import Terms
from academy.programme.terms.queries import agreed

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
