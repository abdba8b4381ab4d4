"""/closes: a month is closed, looked at, and approved by a second person."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.instants import first_of
from academy.api.lists import Cursor, Limit
from academy.api.once import once, once_in_parts
from academy.api.operations import READING, WRITING, says
from academy.api.schemas import close as schemas
from academy.api.schemas.commission import Payout
from academy.api.schemas.values import Money, Month, ProgrammeSlug
from academy.core.errors import Refused, Text
from academy.core.pagination import decode_cursor, page, page_of_all
from academy.people.accounts.queries import names_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import actions, queries
from academy.programme.closes.checking.actions import see
from academy.programme.closes.guards import told_why_not_approve, told_why_not_paid
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Stage, pays_on, runs_on
from academy.programme.plans.queries import plan_version, programme_called
from academy.programme.statements.orders.queries import Count, Waiting, counts, waiting
from academy.programme.statements.orders.rules import Place
from academy.web.studio.close.patience import continue_for_a_while
from academy.web.studio.close.run import month_named

router = Router(tags=["Closing"], auth=signed_in)

MOST_NAMED = 50
MOST_LISTED = 24
"""How many months back a programme is listed: each adds up statements, and who asks about an old month names it."""


class Show(StrEnum):
    """Which statements of a close."""

    ALL = "all"
    EXCEPTIONS = "exceptions"
    UNPAID = "unpaid"


@router.get(
    "/closes",
    response=schemas.Closes,
    operation_id="list_closes",
    summary="Months",
    openapi_extra=says("close.see", *READING),
)
def list_closes(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> schemas.Closes:
    """Every programme with the months that may be closed now, and those that are; for managers and finance. Of these
    the latest 24, and earlier ones only while they are not done: ask for the others at `/closes/{programme}/{month}`.
    """
    found = queries.months(caller_of(request).actor, now=now_of(request))
    cut = page_of_all(found, cursor, limit, lambda one: one.slug)
    closes = {one.slug: one.latest(MOST_LISTED) for one in cut.items}
    totals = _totals(close for listed in closes.values() for close in listed)
    return schemas.Closes(
        items=[
            schemas.ProgrammeMonths(
                programme=one.slug,
                name=one.name,
                is_paid=one.is_closable,
                closable=[f"{month:%Y-%m}" for month in one.closable],
                closes=[schemas.CloseShort(**_short(close, totals)) for close in closes[one.slug]],
            )
            for one in cut.items
        ],
        next=cut.next,
    )


@router.post(
    "/closes",
    response={201: schemas.Close},
    operation_id="start_close",
    summary="Begin to close a month",
    openapi_extra=says("close.run", *WRITING, idempotent=True),
)
def start(request: HttpRequest, body: schemas.Starting) -> Status[Any]:
    """Begin to close a month that is over, and look at its partners for two seconds at most; the rest follows by
    itself, or by `continue`. 409 while another month of the programme is being closed.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Close]:
        allow(actor, "close.run")
        month = first_of(body.month, field="month")
        close = actions.start_close(actor, programme_called(body.programme), month, now=now)
        continue_for_a_while(actor, close.pk)
        return 201, shape_of_close(actor, close)

    return once_in_parts(request, act)


@router.get(
    "/closes/{programme}/{month}",
    response=schemas.Close,
    operation_id="close",
    summary="One month",
    openapi_extra=says("close.see", *READING),
)
def one(request: HttpRequest, programme: ProgrammeSlug, month: Month) -> schemas.Close:
    """How far a month is, what it comes to, and what stands in the way of its next step."""
    actor = caller_of(request).actor
    return shape_of_close(actor, found(actor, "close.see", programme, month))


@router.post(
    "/closes/{programme}/{month}/continue",
    response={200: schemas.Close},
    operation_id="continue_close",
    summary="Go on with a month",
    openapi_extra=says("close.run", *WRITING, idempotent=True),
)
def go_on(request: HttpRequest, programme: ProgrammeSlug, month: Month) -> Status[Any]:
    """Go on for two seconds at most where a run was stopped: look at partners, or write approved statements down.
    Nothing is done twice.
    """
    actor = caller_of(request).actor

    def act() -> tuple[int, schemas.Close]:
        close = found(actor, "close.run", programme, month)
        continue_for_a_while(actor, close.pk)
        return 200, shape_of_close(actor, close)

    return once_in_parts(request, act)


@router.get(
    "/closes/{programme}/{month}/statements",
    response=schemas.CloseStatements,
    operation_id="close_statements",
    summary="Statements of a month",
    openapi_extra=says("close.see", *READING),
)
def statements(
    request: HttpRequest,
    programme: ProgrammeSlug,
    month: Month,
    show: Annotated[Show, Query(description="`exceptions` are what nobody has looked at yet.")] = Show.ALL,
    outcome: Annotated[schemas.StatementOutcome | None, Query(description="Only with this outcome.")] = None,
    flag: Annotated[schemas.StatementFlag | None, Query(description="Only with this flag.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> schemas.CloseStatements:
    """The statements of a close in the order of their numbers, narrowed by one of `show`, `outcome` and `flag`."""
    actor = caller_of(request).actor
    close = found(actor, "close.see", programme, month)
    which, value = _narrowed(show, outcome, flag)
    after = decode_cursor(cursor, 1) or [""]
    rows = queries.rows(close.pk, which, value=value, after=str(after[0]), limit=limit + 1)
    cut = page(rows, limit, lambda row: [row.number])
    return schemas.CloseStatements(items=[shape_of(row, actor) for row in cut.items], next=cut.next)


def _narrowed(
    show: Show, outcome: schemas.StatementOutcome | None, flag: schemas.StatementFlag | None
) -> tuple[str, str]:
    if (show is not Show.ALL) + (outcome is not None) + (flag is not None) > 1:
        sentence = Text("Ask for one of show, outcome and flag.")
        raise Refused(sentence, fields={"show": sentence}, code="invalid")
    if outcome is not None:
        return "outcome", str(outcome)
    return ("flag", str(flag)) if flag is not None else (str(show), "")


@router.post(
    "/closes/{programme}/{month}/seen",
    response={200: schemas.SeenStatements},
    operation_id="see_statements",
    summary="Statements were looked at",
    openapi_extra=says("close.run", *WRITING, idempotent=True),
)
def seen(request: HttpRequest, programme: ProgrammeSlug, month: Month, body: schemas.Seeing) -> Status[Any]:
    """Say that statements were looked at: some by their ids, or all that have a flag. Where a second person is asked
    for, new payee details are looked at by somebody else than whoever checked them. 409 once the month is approved.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.SeenStatements]:
        close = found(actor, "close.run", programme, month)
        return 200, schemas.SeenStatements(seen=see(actor, close.pk, body.ids, flag=body.flag or "", now=now))

    return once(request, act)


@router.post(
    "/closes/{programme}/{month}/approve",
    response={200: schemas.Close},
    operation_id="approve_close",
    summary="Approve a month",
    openapi_extra=says("close.approve", *WRITING, idempotent=True),
)
def approve(request: HttpRequest, programme: ProgrammeSlug, month: Month) -> Status[Any]:
    """Approve as expected, by somebody else than whoever started: from here on no statement changes. They are written
    down for two seconds at most; the rest follows by itself, or by `continue`. 409 with what stands in the way.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, schemas.Close]:
        close = found(actor, "close.approve", programme, month)
        actions.approve(actor, close.pk, now=now)
        continue_for_a_while(actor, close.pk)
        return 200, shape_of_close(actor, close)

    return once_in_parts(request, act)


def found(by: Actor, verb: str, programme: str, month: str) -> Close:
    """The close of an address, for somebody who may do this. Raises NotFound, Forbidden."""
    return queries.close_of(by, programme, month_named(month), verb)


def shape_of_close(by: Actor, it: Close) -> schemas.Close:
    """A close as it is now, for this reader, who may see it. Whatever was done to it meanwhile is read anew."""
    it.refresh_from_db()
    situation = queries.situation(it)
    handed_over_by = it.rest_handed_over_by_id or it.handed_over_by_id
    names = names_of(one for one in (it.started_by_id, it.approved_by_id, handed_over_by) if one)
    return schemas.Close(
        **_short(it, _totals([it])),
        cut_at=it.cut_at,
        statements=it.statements_made,
        to_look_at=situation.unseen if situation.stage is Stage.CHECKING else 0,
        payees_changed=situation.payees_changed,
        to_write=situation.unwritten,
        started_by=_name(names, it.started_by_id),
        approved_by=_name(names, it.approved_by_id),
        approved_at=it.approved_at,
        handed_over_by=_name(names, handed_over_by),
        handed_over_at=it.rest_handed_over_at or it.handed_over_at,
        done_at=it.done_at,
        why_not_approve=told_why_not_approve(by, situation) or None,
        why_not_enter_payments=told_why_not_paid(by, situation) or None,
        payments=_payments(it) if situation.stage in (Stage.APPROVED, Stage.HANDED_OVER) else None,
    )


def _name(names: Mapping[UUID, str], person: UUID | None) -> str | None:
    return names.get(person, "") if person else None


def _totals(closes: Iterable[Close]) -> dict[UUID, list[schemas.CloseTotal]]:
    by_close: dict[UUID, list[schemas.CloseTotal]] = {close.pk: [] for close in closes}
    for one in queries.totals(list(by_close)) if by_close else ():
        by_close[one.close].append(
            schemas.CloseTotal(
                currency=one.currency,
                outcome=schemas.StatementOutcome(one.outcome),
                statements=one.statements,
                amount=Money.of(one.amount, one.currency),
                paid_statements=one.paid_statements,
                paid=Money.of(one.paid, one.currency),
            )
        )
    return by_close


def _short(close: Close, totals: Mapping[UUID, list[schemas.CloseTotal]]) -> dict[str, Any]:
    plan = plan_version(close.plan_id)
    return {
        "programme": close.programme.slug,
        "month": f"{close.month:%Y-%m}",
        "stage": schemas.CloseStage(close.stage),
        "partners": close.partners,
        "looked": close.looked,
        "hands_over_on": runs_on(close.month, plan.pay_day, close.cut_on),
        "pays_on": pays_on(close.month, plan.pay_day, close.cut_on),
        "totals": totals[close.pk],
    }


def _payments(close: Close) -> schemas.PaymentFile:
    counted = counts(close.pk)
    in_file, ready, left_out = (counted.get(place, Count()) for place in (Place.IN_FILE, Place.READY, Place.UNCHECKED))
    left = waiting(close.pk, Place.UNCHECKED, limit=MOST_NAMED) if left_out.statements else []
    newer = waiting(close.pk, Place.READY, newer=True, limit=MOST_NAMED) if ready.newer else []
    return schemas.PaymentFile(
        in_file=in_file.statements,
        ready=ready.statements,
        elsewhere=ready.elsewhere,
        left_out=left_out.statements,
        first_left_out=[_waiting(one) for one in left],
        newer=ready.newer,
        first_newer=[_waiting(one) for one in newer],
    )


def _waiting(one: Waiting) -> schemas.WaitingStatement:
    return schemas.WaitingStatement(
        number=one.number,
        partner=one.slug,
        partner_name=one.name,
        amount=Money.of(one.amount, one.currency),
        payee=one.legal_name,
        payee_reference=one.reference,
    )


def shape_of(row: queries.Row, by: Actor) -> schemas.CloseStatement:
    """A statement of a close as this reader sees it."""
    return schemas.CloseStatement(
        id=row.id,
        number=row.number,
        partner_id=row.partner,
        partner=row.slug,
        partner_name=row.name,
        amount=Money.of(row.amount, row.currency),
        lines=row.lines,
        outcome=schemas.StatementOutcome(row.outcome),
        flags=[schemas.StatementFlag(flag) for flag in row.flags],
        seen_at=row.seen_at,
        held_reason=row.held_reason,
        paid=Payout(on=row.paid_on, reference=row.reference) if row.paid_on else None,
        returned_on=row.returned_on,
        is_own=queries.has_checked_payee(by, row),
    )
