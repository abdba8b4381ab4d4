"""What a closed month pays: handed over, fetched as a file, read back; one statement held, or its payment returned."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.closes import found, shape_of, shape_of_close
from academy.api.once import once, once_in_parts
from academy.api.operations import READING, WRITING, says
from academy.api.schemas import close as schemas
from academy.api.schemas.commission import EXAMPLE
from academy.api.schemas.values import Month, ProgrammeSlug
from academy.core.errors import Refused, Text
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import actions, queries
from academy.programme.closes.checking import actions as checking
from academy.programme.payouts.actions import Entered, came_back, enter_file, enter_payments
from academy.programme.payouts.rules import Payment
from academy.programme.statements.queries import called
from academy.web import payments as words
from academy.web.studio.close.payment_file import download

router = Router(tags=["Closing"], auth=signed_in)

Number = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$", examples=[EXAMPLE])]


@router.post(
    "/closes/{programme}/{month}/hand-over",
    response={200: schemas.Close},
    operation_id="hand_over_close",
    summary="Hand a month over",
    openapi_extra=says("payout.record", *WRITING, idempotent=True),
)
def hand_over(request: HttpRequest, programme: ProgrammeSlug, month: Month) -> Status[Any]:
    """What is to be paid is handed over, each to the payee that is checked now; repeated, what was left out and may be
    by now. `payments` of the answer says what is in the file and what is left out. 409 with what stands in the way.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Close]:
        close = found(actor, "payout.record", programme, month)
        actions.hand_over(actor, close.pk, now=now)
        return 200, shape_of_close(actor, close)

    return once(request, act)


@router.get(
    "/closes/{programme}/{month}/payments",
    operation_id="payment_file",
    summary="The payment file",
    openapi_extra=says("payout.record", *READING, 409, file="text/csv"),
)
def fetch(request: HttpRequest, programme: ProgrammeSlug, month: Month) -> HttpResponse:
    """What was handed over and is not paid, as CSV for the payment provider: no bank numbers, its own reference of each
    payee. Number and attempt together name a payment: whoever pays the same ones once can fetch it twice.
    """
    return download(found(caller_of(request).actor, "payout.record", programme, month), now_of(request))


@router.post(
    "/closes/{programme}/{month}/payments",
    response={200: schemas.PaymentsEntered},
    operation_id="enter_payments",
    summary="Read payments back",
    openapi_extra=says("payout.record", *WRITING, idempotent=True),
)
def read_back(request: HttpRequest, programme: ProgrammeSlug, month: Month, body: schemas.PaymentsMade) -> Status[Any]:
    """Enter what the bank paid, with date and reference, by somebody else than whoever handed over. Right payments are
    entered, wrong ones are told and change nothing; the same again changes nothing. 409 before the month was handed
    over.
    """
    actor, now = caller_of(request).actor, now_of(request)
    if (body.payments is None) == (body.file is None):
        sentence = Text("Send payments or file, one of the two.")
        raise Refused(sentence, fields={"payments": sentence}, code="invalid")

    def act() -> tuple[int, schemas.PaymentsEntered]:
        close = found(actor, "payout.record", programme, month).pk
        if body.file is not None:
            return 200, _entered(enter_file(actor, close, body.file, now=now))
        made = [_payment(line, one) for line, one in enumerate(body.payments or (), 1)]
        return 200, _entered(enter_payments(actor, close, made, now=now))

    return once_in_parts(request, act)


def _payment(line: int, one: schemas.PaymentMade) -> Payment:
    return Payment(line, one.number.strip(), one.date, " ".join(one.reference.split()), one.amount, one.currency)


def _entered(done: Entered) -> schemas.PaymentsEntered:
    return schemas.PaymentsEntered(
        entered=done.entered,
        known=done.known,
        refused=[
            schemas.PaymentRefused(line=one.line, number=one.number, fault=str(one.fault), text=words.fault(one))
            for one in done.refused
        ],
    )


@router.post(
    "/statements/{number}/hold",
    response={200: schemas.CloseStatement},
    operation_id="hold_statement",
    summary="Hold a statement",
    openapi_extra=says("close.run", *WRITING, idempotent=True),
)
def hold(request: HttpRequest, number: Number, body: schemas.Holding) -> Status[Any]:
    """Do not pay a statement this month: its lines are looked at again next month. 409 once the month is approved."""

    def act(by: Actor, statement: UUID) -> None:
        checking.hold(by, statement, body.reason, now=now_of(request))

    return _about(request, "close.run", number, act)


@router.post(
    "/statements/{number}/again",
    response={200: schemas.CloseStatement},
    operation_id="look_at_statement_again",
    summary="Look at a statement again",
    openapi_extra=says("close.run", *WRITING, idempotent=True),
)
def again(request: HttpRequest, number: Number) -> Status[Any]:
    """Lift a hold, or see whether what stood in the way is gone. 409 once the month is approved."""

    def act(by: Actor, statement: UUID) -> None:
        checking.look_again(by, statement)

    return _about(request, "close.run", number, act)


@router.post(
    "/statements/{number}/return",
    response={200: schemas.CloseStatement},
    operation_id="return_payment",
    summary="A payment came back",
    openapi_extra=says("payout.record", *WRITING, idempotent=True),
)
def returned(request: HttpRequest, number: Number, body: schemas.Returning) -> Status[Any]:
    """The bank sent the payment of a statement back: it waits for its next attempt. 409 where nothing of it is paid."""

    def act(by: Actor, statement: UUID) -> None:
        came_back(by, statement, returned_on=body.returned_on, reason=body.reason, now=now_of(request))

    return _about(request, "payout.record", number, act)


def _about(request: HttpRequest, verb: str, number: str, act: Callable[[Actor, UUID], None]) -> Status[Any]:
    """Do something about one statement, and answer it as it is then."""
    actor = caller_of(request).actor

    def answer() -> tuple[int, schemas.CloseStatement]:
        allow(actor, verb)
        statement, close = called(number)
        act(actor, statement)
        (row,) = queries.rows(close, "one", value=number, limit=1)
        return 200, shape_of(row, actor)

    return once(request, answer)
