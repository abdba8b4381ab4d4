"""/me/payee and /payees: by what a partner is paid, changed by its owners and checked by finance."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, partner_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.problems import RecentSignInNeeded
from academy.api.schemas import payee as schemas
from academy.core.errors import Text
from academy.core.pagination import decode_place, page
from academy.people.accounts.queries import names_of
from academy.people.partners import access
from academy.people.permissions.access import allow
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payees.queries import Version, versions, waiting
from academy.programme.payees.rules import LENGTHS, Profile
from academy.web.partner.profile.proof import where_to_prove

router = Router(tags=["Money"], auth=signed_in)


@router.get(
    "/me/payee",
    response=schemas.Payee,
    operation_id="my_payee",
    summary="By what we are paid",
    openapi_extra=says("payee.see", *READING),
)
def my_payee(request: HttpRequest) -> schemas.Payee:
    """The payee profile of one's partner, whether finance has checked it, and who changed it when; for its owners."""
    return _payee(versions(caller_of(request).actor, partner_of(request).id))


@router.put(
    "/me/payee",
    response=schemas.Payee,
    operation_id="change_payee",
    summary="Change by what we are paid",
    openapi_extra=says("payee.edit", *WRITING),
)
def change(request: HttpRequest, body: schemas.PayeeGiven) -> schemas.Payee:
    """Write the next version; for owners of the partner. Every owner is told, and nothing is paid by it before finance
    has checked it. The same again changes nothing. It takes a session in which the person has signed in minutes ago:
    whoever has not, and every token, is refused with 403 and the code `recent_sign_in_needed`.
    """
    actor, partner = caller_of(request).actor, partner_of(request)
    allow(actor, "payee.edit", partner_id=partner.id)
    _must_have_just_signed_in(request)
    given = Profile.cleaned({name: getattr(body, name) for name in LENGTHS})
    change_payee(actor, partner.id, given, now=now_of(request))
    return _payee(versions(actor, partner.id))


def _must_have_just_signed_in(request: HttpRequest) -> None:
    if caller_of(request).has_token:
        raise RecentSignInNeeded(
            "A token does not show who is there now. Sign in, and change the payee details at /payee/change/."
        )
    place = where_to_prove(request)
    if place is not None:
        raise RecentSignInNeeded(Text("Show once more who you are at %(place)s, then send this again.", place=place))


@router.get(
    "/partners/{id}/payee",
    response=schemas.Payee,
    operation_id="partner_payee",
    summary="By what a partner is paid",
    openapi_extra=says("payee.see", *READING),
)
def of_partner(request: HttpRequest, partner_id: Key) -> schemas.Payee:
    """The same of any partner, for finance."""
    actor = caller_of(request).actor
    return _payee(versions(actor, access.partner(actor, "payee.see", partner_id).pk))


@router.get(
    "/payees",
    response=schemas.PayeesToCheck,
    operation_id="payees_to_check",
    summary="Payees to check",
    openapi_extra=says("payee.check", *READING),
)
def to_check(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.PayeesToCheck:
    """The profiles that finance has not checked, longest first, each beside the one before it."""
    found = waiting(caller_of(request).actor, limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.now.changed_at.isoformat(), str(one.partner)))
    names = _names([one.now for one in cut.items])
    return schemas.PayeesToCheck(
        items=[
            schemas.PayeeToCheck(
                partner=one.partner,
                slug=one.slug,
                name=one.name,
                current=_version(one.now, one.before, names),
                before=_profile(one.before.profile) if one.before else None,
            )
            for one in cut.items
        ],
        next=cut.next,
    )


@router.post(
    "/partners/{id}/payee/check",
    response={200: schemas.PayeeChecked},
    operation_id="check_payee",
    summary="Check a payee",
    openapi_extra=says("payee.check", *WRITING, idempotent=True),
)
def check(request: HttpRequest, partner_id: Key, body: schemas.PayeeCheck) -> Status[Any]:
    """Say that the latest version is right, so that its partner is paid again; for finance. Repeating it changes
    nothing. 409 where the profile changed after it was looked at.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.PayeeChecked]:
        made = check_payee(actor, partner_id, body.number, now=now)
        assert made.checked_at is not None
        return 200, schemas.PayeeChecked(partner=made.partner_id, number=made.number, checked_at=made.checked_at)

    return once(request, act)


def _payee(found: Sequence[Version]) -> schemas.Payee:
    names = _names(found)
    told = [_version(one, before, names) for one, before in zip_longest(found, found[1:])]
    return schemas.Payee(
        current=told[0] if told else None,
        earlier=[schemas.PayeeChange(**one.dict(exclude={"profile"})) for one in told[1:]],
    )


def _names(found: Sequence[Version]) -> dict[UUID, str]:
    return dict(names_of({one.changed_by for one in found if one.changed_by}))


def _version(one: Version, before: Version | None, names: dict[UUID, str]) -> schemas.PayeeVersion:
    return schemas.PayeeVersion(
        number=one.number,
        changed_at=one.changed_at,
        changed_by=names.get(one.changed_by, "") if one.changed_by else None,
        checked_at=one.checked_at,
        changes=one.profile.changes(before.profile) if before else [],
        profile=_profile(one.profile),
    )


def _profile(one: Profile) -> schemas.PayeeProfile:
    return schemas.PayeeProfile(**{name: getattr(one, name) for name in LENGTHS})
