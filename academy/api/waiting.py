"""/waiting: reports of partners and products that are not known here, matched by a person once."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once, once_in_parts
from academy.api.operations import READING, WRITING, says
from academy.api.schemas import waiting as schemas
from academy.api.schemas.deal import DealStage
from academy.core.pagination import decode_place, decode_since, page
from academy.programme.deals.reports.actions import drop_report, enter_matched
from academy.programme.deals.reports.queries import Kept, Word, kept_reports, unknown_words
from academy.programme.deals.rules import NameKind
from academy.programme.deals.words.actions import match_word
from academy.programme.plans.queries import products_sold

router = Router(tags=["Deals"], auth=signed_in)


@router.get(
    "/waiting/words",
    response=schemas.UnknownWords,
    operation_id="unknown_words",
    summary="Words to match",
    openapi_extra=says("deal.match", *READING),
)
def words(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.UnknownWords:
    """The words for partners and products that reports wait for, longest first; for managers and finance."""
    sold = products_sold(now_of(request))
    after = decode_since(cursor, 3)
    found = unknown_words(caller_of(request).actor, products=sold, limit=limit + 1, after=after)
    cut = page(found, limit, lambda one: (one.since.isoformat(), one.source, one.kind, one.name))
    return schemas.UnknownWords(items=[_word(one) for one in cut.items], next=cut.next)


def _word(one: Word) -> schemas.UnknownWord:
    return schemas.UnknownWord(
        source=one.source,
        kind=schemas.WordKind(one.kind),
        name=one.name,
        reports=one.reports,
        deals=one.deals,
        ready=one.ready,
        since=one.since,
    )


@router.post(
    "/waiting/matches",
    response={200: schemas.Matched},
    operation_id="match_word",
    summary="Match a word",
    openapi_extra=says("deal.match", *WRITING, idempotent=True),
)
def match(request: HttpRequest, body: schemas.Match) -> Status[Any]:
    """Say what a source's word means. It is remembered, and what waited for it is entered, each report by itself: what
    cannot be entered says why among the reports that wait. Sent again, it goes on with what is not entered yet; 409
    where the word is matched with something else.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Matched]:
        match_word(actor, body.source, NameKind(body.kind), body.name, body.means, now=now)
        entered = enter_matched(actor, body.source, now=now)
        return 200, schemas.Matched(source=body.source, kind=body.kind, name=body.name, entered=entered)

    return once_in_parts(request, act)


@router.get(
    "/waiting/reports",
    response=schemas.WaitingReports,
    operation_id="waiting_reports",
    summary="Reports that wait",
    openapi_extra=says("deal.match", *READING),
)
def reports(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.WaitingReports:
    """Reports and refunds that wait to be matched, or could not be entered, longest first."""
    found = kept_reports(caller_of(request).actor, limit=limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.received_at.isoformat(), str(one.id)))
    return schemas.WaitingReports(items=[_report(one) for one in cut.items], next=cut.next)


def _report(one: Kept) -> schemas.WaitingReport:
    unknown = {schemas.WordKind.PARTNER: one.unknown_partner, schemas.WordKind.PRODUCT: one.unknown_product}
    return schemas.WaitingReport(
        id=one.id,
        kind=schemas.ReportKind.REPORT if one.stage else schemas.ReportKind.REFUND,
        source=one.source,
        external_id=one.external_id,
        partner=one.partner,
        product=one.product,
        client=one.client,
        amount=one.amount,
        currency=one.currency,
        stage=DealStage(one.stage) if one.stage else None,
        occurred_at=one.occurred_at,
        received_at=one.received_at,
        unknown=[kind for kind, word in unknown.items() if word],
        problem=one.problem,
    )


@router.post(
    "/waiting/reports/{id}/drop",
    response={200: schemas.Dropped},
    operation_id="drop_report",
    summary="Drop a report",
    openapi_extra=says("deal.match", *WRITING, idempotent=True),
)
def drop(request: HttpRequest, key: Key) -> Status[Any]:
    """Say that a report or refund that waits is none of ours. Told again by its source, it waits again."""
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Dropped]:
        drop_report(actor, key, now=now)
        return 200, schemas.Dropped(id=key)

    return once(request, act)
