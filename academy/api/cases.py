"""/cases: two partners' deals with one client, read and decided by the house."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from academy.api import deals
from academy.api.callers import caller_of, now_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.case import CaseDecision, CaseOutcome, ClientCase, ClientCases
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.claims import queries
from academy.programme.deals.queries import deal_lines
from academy.programme.deals.registrations.actions import decide_claim

router = Router(tags=["Deals"], auth=signed_in)


@router.get(
    "/cases",
    response=ClientCases,
    operation_id="list_cases",
    summary="Two partners, one client",
    openapi_extra=says("deal.see_any", *READING),
)
def list_cases(
    request: HttpRequest,
    open: Annotated[bool, Query(description="False for those that ended.")] = True,  # noqa: A002 - its name outside
    cursor: Cursor = None,
    limit: Limit = 50,
) -> ClientCases:
    """The cases that wait for a decision, the oldest first, or those that ended; for managers and finance."""
    actor = caller_of(request).actor
    cut = queries.cases(actor, is_open=open, cursor=cursor, limit=limit)
    return ClientCases(items=_shown(actor, cut.items), next=cut.next)


@router.get(
    "/cases/{id}",
    response=ClientCase,
    operation_id="case",
    summary="One case",
    openapi_extra=says("deal.see_any", *READING),
)
def one(request: HttpRequest, key: Key) -> ClientCase:
    """Both deals with their partners, and how it ended. Partners read of their own side at their deal."""
    actor = caller_of(request).actor
    allow(actor, "deal.see_any")
    return _one(actor, key)


@router.post(
    "/cases/{id}/decision",
    response={200: ClientCase},
    operation_id="decide_case",
    summary="Decide a case",
    openapi_extra=says("deal.answer", *WRITING, idempotent=True),
)
def decide(request: HttpRequest, key: Key, body: CaseDecision) -> Status[Any]:
    """Accept the later deal beside the earlier one, or refuse it with a reason that its partner reads; for managers.
    Neither partner is told who the other is. 409 where somebody decided, or nothing is left to decide.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, ClientCase]:
        claim = decide_claim(actor, key, granted=body.granted, reason=body.reason, now=now)
        return 200, _one(actor, claim.pk)

    return once(request, act)


def _one(by: Actor, key: UUID) -> ClientCase:
    return _shown(by, [queries.case_with(key)])[0]


def _shown(by: Actor, found: Sequence[queries.Case]) -> list[ClientCase]:
    lines = deal_lines({key for one in found for key in (one.deal, one.against)})
    shapes = {one.id: one for one in deals.shapes(by, list(lines.values()))}
    return [
        ClientCase(
            id=one.id,
            deal=shapes[one.deal],
            against=shapes[one.against],
            opened_at=one.opened_at,
            decide_by=one.decide_by,
            decided_at=one.decided_at,
            decided_by=one.decided_by or None,
            outcome=CaseOutcome(one.outcome) if one.outcome else None,
            reason=one.reason,
        )
        for one in found
    ]
