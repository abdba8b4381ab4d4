"""What is asked about commission lines: asking, answering beside them, correcting them by lines of their own."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas import question as schemas
from academy.api.schemas.values import Money
from academy.core.errors import NotFound
from academy.core.money import parse_field
from academy.core.pagination import decode_place, page, page_of_all
from academy.people.permissions.rules import Actor
from academy.programme.commissions import access
from academy.programme.commissions.questions import actions, models, queries
from academy.web.money.working import name_of

router = Router(tags=["Money"], auth=signed_in)


@router.get(
    "/commissions/{id}/questions",
    response=schemas.LineQuestions,
    operation_id="questions_about_commission",
    summary="What was asked about a line",
    openapi_extra=says("commission.see", *READING),
)
def asked(
    request: HttpRequest,
    line_id: Key,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.LineQuestions:
    """Every question about a line with its answer, oldest first; for owners of its partner and for the house."""
    found = queries.questions_about(caller_of(request).actor, line_id)
    cut = page_of_all(found, cursor, limit, lambda one: str(one.pk))
    return schemas.LineQuestions(items=[question_of(one) for one in cut.items], next=cut.next)


@router.post(
    "/commissions/{id}/questions",
    response={201: schemas.LineQuestion},
    operation_id="question_commission",
    summary="This looks wrong",
    openapi_extra=says("line.question", *WRITING, idempotent=True),
)
def ask(request: HttpRequest, line_id: Key, body: schemas.Asking) -> Status[Any]:
    """Say what looks wrong about a line of one's partner; for its owners. The line is marked until the house answers
    beside it. 409 while a question about it is open.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.LineQuestion]:
        made = actions.ask_about_line(actor, line_id, body.text, now=now)
        return 201, _one(made)

    return once(request, act)


@router.get(
    "/questions",
    response=schemas.OpenQuestions,
    operation_id="open_questions",
    summary="Questions to answer",
    openapi_extra=says("line.answer", *READING),
)
def to_answer(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.OpenQuestions:
    """What waits for an answer of the house, longest first; for managers and finance."""
    found = queries.open_questions(caller_of(request).actor, limit=limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.asked_at.isoformat(), str(one.id)))
    return schemas.OpenQuestions(
        items=[
            schemas.OpenQuestion(
                id=one.id,
                line=_line(one),
                amount=Money.of(one.amount, one.currency),
                asked_at=one.asked_at,
                asked_by=one.asked_by,
                text=one.text,
            )
            for one in cut.items
        ],
        next=cut.next,
    )


@router.post(
    "/questions/{id}/answer",
    response={200: schemas.Answered},
    operation_id="answer_question",
    summary="Answer a question",
    openapi_extra=says("line.answer", *WRITING, idempotent=True),
)
def answer(request: HttpRequest, question_id: Key, body: schemas.Answering) -> Status[Any]:
    """Answer beside the line: it is paid as it is, or with an `amount` corrected by a line of its own, for which one
    has to be of finance. A large correction waits for a second person. 409 where somebody answered before.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Answered]:
        found = queries.questions(actor, [question_id]).get(question_id)
        if found is None:
            raise NotFound
        amount = parse_field(body.amount, found.currency, field="amount") if body.amount is not None else 0
        made, correction = actions.answer_question(actor, question_id, body.answer, amount=amount, now=now)
        proposed = _correction(actor, correction.pk) if correction else None
        return 200, schemas.Answered(**_one(made).dict(), proposed=proposed)

    return once(request, act)


@router.get(
    "/corrections",
    response=schemas.Corrections,
    operation_id="waiting_corrections",
    summary="Corrections to confirm",
    openapi_extra=says("line.correct", *READING),
)
def to_confirm(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.Corrections:
    """The corrections that wait for a second person of finance, longest first."""
    found = queries.waiting_corrections(caller_of(request).actor, limit=limit + 1, after=decode_place(cursor))
    cut = page(found, limit, lambda one: (one.proposed_at.isoformat(), str(one.id)))
    return schemas.Corrections(items=[_proposed(one) for one in cut.items], next=cut.next)


@router.post(
    "/commissions/{id}/corrections",
    response={201: schemas.Correction},
    operation_id="correct_commission",
    summary="Correct a line",
    openapi_extra=says("line.correct", *WRITING, idempotent=True),
)
def correct(request: HttpRequest, line_id: Key, body: schemas.Correcting) -> Status[Any]:
    """Add to a line, or take from it, by a line of its own with a reason; for finance. A large one waits for a second
    person. No line is ever changed.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Correction]:
        currency = access.line(actor, "line.correct", line_id).currency
        amount = parse_field(body.amount, currency, field="amount")
        made = actions.correct_line(actor, line_id, amount, reason=body.reason, now=now)
        return 201, _correction(actor, made.pk)

    return once(request, act)


@router.post(
    "/corrections/{id}/decision",
    response={200: schemas.Correction},
    operation_id="decide_correction",
    summary="Confirm or drop a correction",
    openapi_extra=says("line.correct", *WRITING, idempotent=True),
)
def decide(request: HttpRequest, key: Key, body: schemas.Deciding) -> Status[Any]:
    """The word of a second person: confirmed, its line is written; else it is dropped. 409 where it is decided, and
    for whoever would confirm what they proposed.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Correction]:
        verb = actions.confirm_correction if body.confirmed else actions.drop_correction
        return 200, _correction(actor, verb(actor, key, now=now).pk)

    return once(request, act)


def question_of(one: models.LineQuestion) -> schemas.LineQuestion:
    """A question as whoever sees its line reads it."""
    mended = one.correction
    return schemas.LineQuestion(
        id=one.pk,
        asked_at=one.asked_at,
        asked_by=name_of(one.asked_by),
        text=one.text,
        answered_at=one.answered_at,
        answered_by=name_of(one.answered_by) if one.answered_at else None,
        answer=one.answer,
        correction=schemas.Mended(line=mended.pk, amount=Money.of(mended.amount, mended.currency)) if mended else None,
    )


def _one(made: models.LineQuestion) -> schemas.LineQuestion:
    return next(question_of(one) for one in queries.questions_of(made.line_id) if one.pk == made.pk)


def _correction(by: Actor, key: UUID) -> schemas.Correction:
    return _proposed(queries.corrections(by, [key])[key])


def _proposed(one: queries.Proposal) -> schemas.Correction:
    state = schemas.CorrectionState.WRITTEN if one.confirmed_at else schemas.CorrectionState.WAITING
    return schemas.Correction(
        id=one.id,
        line=_line(one),
        amount=Money.of(one.amount, one.currency),
        reason=one.reason,
        state=schemas.CorrectionState.DROPPED if one.dropped_at else state,
        proposed_at=one.proposed_at,
        proposed_by=one.proposed_by,
    )


def _line(one: queries.Question | queries.Proposal) -> schemas.LineShort:
    return schemas.LineShort(id=one.line, partner=one.partner_slug, partner_name=one.partner_name, client=one.client)
