"""/registrations: what partners registered, answered by the house."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from academy.api import deals
from academy.api.callers import caller_of, now_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.deal import Deal, DealAnswer, Deals
from academy.core.pagination import decode_place, page
from academy.programme.deals.queries import deal_line, deals_to_answer
from academy.programme.deals.registrations.actions import accept_deal, refuse_deal

router = Router(tags=["Deals"], auth=signed_in)


@router.get(
    "/registrations",
    response=Deals,
    operation_id="registrations",
    summary="Deals to answer",
    openapi_extra=says("deal.see_any", *READING),
)
def to_answer(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Deals:
    """Registered deals that wait for a word of the house, those that are answered first at the top; for managers and
    finance. One with a `case` is decided among the cases.
    """
    actor = caller_of(request).actor
    found = deals_to_answer(actor, limit=limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.answered_by.isoformat(), str(one.id)))
    return Deals(items=deals.shapes(actor, cut.items), next=cut.next)


@router.post(
    "/registrations/{id}/answer",
    response={200: Deal},
    operation_id="answer_registration",
    summary="Answer a deal",
    openapi_extra=says("deal.answer", *WRITING, idempotent=True),
)
def answer(request: HttpRequest, deal_id: Key, body: DealAnswer) -> Status[Any]:
    """Accept a registered deal, which protects its client, or refuse it with a reason that its partner reads; for
    managers. 409 where it is answered already, and where a case about its client is to be decided first.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, Deal]:
        if body.accepted:
            made = accept_deal(actor, deal_id, now=now)
        else:
            made = refuse_deal(actor, deal_id, reason=body.reason, now=now)
        return 200, deals.shapes(actor, [deal_line(made.pk)])[0]

    return once(request, act)
