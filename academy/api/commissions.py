"""/me/commissions, /commissions and /me/statements: a partner's money, line by line and month by month."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from academy.api.callers import caller_of, now_of, partner_of, signed_in
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.operations import READING, says
from academy.api.questions import question_of
from academy.api.schemas import commission as schemas
from academy.api.schemas import statement as papers
from academy.api.schemas.values import Money
from academy.api.standing import step_of
from academy.core.errors import Refused, Text
from academy.core.money import percent
from academy.core.pagination import decode_cursor, encode_cursor
from academy.people.partners import access as partners
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.balance.accounts.rules import Overview, Run
from academy.programme.balance.rules import LineStands
from academy.programme.commissions.explaining.queries import Explained, Told
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.queries import Row, lines, overview
from academy.programme.earnings.rules import Wanted
from academy.programme.standing.queries import stands
from academy.programme.statements import queries as statements
from academy.programme.statements.queries import Shown, of_partner, opened
from academy.programme.statements.rules import Outcome
from academy.web.money import line as opening
from academy.web.money import words
from academy.web.money.rows import what
from academy.web.money.working import working
from academy.web.partner.statements.page import printed
from academy.web.payments import statement_state

router = Router(tags=["Money"], auth=signed_in)

State = Annotated[schemas.LineState | None, Query(description="Only lines in this state.")]
Number = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,60}$", examples=[schemas.EXAMPLE])]


@router.get(
    "/me/commissions",
    response=schemas.Lines,
    operation_id="my_commissions",
    summary="Commission lines",
    openapi_extra=says("commission.see", *READING),
)
def my_commissions(
    request: HttpRequest, state: State = None, cursor: Cursor = None, limit: Limit = 50
) -> schemas.Lines:
    """The lines of one's partner with where their money is, those that are paid last first; for its owners."""
    actor, partner = caller_of(request).actor, partner_of(request)
    allow(actor, "commission.see", partner_id=partner.id)
    found = stands(partner.id)
    if found is None:
        return schemas.Lines(items=[], next=None)
    seen = overview(actor, found, now_of(request))
    wanted = Wanted(state=LineState(state) if state else None)
    cut = lines(actor, partner.id, seen, wanted, cursor=cursor, limit=limit)
    with timezone.override(found.plan.zone):
        return schemas.Lines(items=[_line(row, seen) for row in cut.items], next=cut.next)


def _line(row: Row, seen: Overview) -> schemas.Line:
    told = Told(row.id, row.kind, row.amount, row.effective_at, row.payable_on, None, row.moved, row.before)
    return schemas.Line(
        **_placed(
            told, row.stands, seen.run_of(row.stands), currency=row.currency, rate=row.rate, corrects=row.is_correction
        ),
        deal=schemas.DealOfLine(
            id=row.deal,
            source=row.source,
            external_id=row.external_id,
            client=row.client,
            product=row.product,
            won_at=row.happened_at,
            counts_from=row.won_at,
        ),
        what=what(row),
        question_open=row.is_asked,
    )


def _placed(
    one: Told, stands: LineStands, run: Run | None, *, currency: str, rate: int, corrects: bool
) -> dict[str, Any]:
    named = stands.statement
    paid = schemas.Payout(on=named.paid_on, reference=named.reference) if named and named.paid_on else None
    return {
        "id": one.id,
        "kind": schemas.LineKind(one.kind),
        "amount": Money.of(one.amount, currency),
        "rate": percent(rate),
        "effective_at": one.effective_at,
        "state": schemas.LineState(stands.state),
        "text": words.state_of_line(stands, run, one.amount),
        "payable_on": one.payable_on,
        "pays_on": (named.paid_on or named.pays_on) if named else run.pays_on if run else None,
        "statement": named.number if named else None,
        "paid": paid,
        "corrects": corrects,
    }


@router.get(
    "/commissions/{id}/explanation",
    response=schemas.Explanation,
    operation_id="explain_commission",
    summary="Why this amount",
    openapi_extra=says("commission.see", *READING),
)
def explain(request: HttpRequest, line_id: Key) -> schemas.Explanation:
    """One line with its arithmetic, when it is paid, and why it is not at today's rate; in the words of the pages."""
    found = opening.opened(caller_of(request).actor, line_id, now_of(request))
    with timezone.override(found.zone):
        return _explanation(found)


def _explanation(found: opening.Opened) -> schemas.Explanation:
    it, line = found.it, found.it.line
    told = working(it, partner=found.partner)
    history = [_of_deal(found, one) for one in it.history]
    this = next(one for one in history if one["id"] == line.pk)
    return schemas.Explanation(
        **this,
        deal=schemas.DealOfLine(
            id=line.deal_id,
            source=line.deal.source,
            external_id=line.deal.external_id,
            client=line.deal.client_name,
            product=it.earned.product,
            won_at=it.happened_at,
            counts_from=it.won_at,
        ),
        what=opening.what(it, it.told),
        inputs=_inputs(it),
        plan_version=it.plan.reference,
        plan=schemas.PlanDates(since=it.plan_from, until=it.plan_until),
        steps=[step_of(step, it.plan, it.earned.tier) for step in it.rate.steps],
        sums=[
            schemas.Sum(kind=one.kind, label=one.label, amount=Money.of(one.amount, line.currency))
            for one in told.amount
        ],
        rounding=told.rounding,
        result=schemas.Result(rate=percent(it.rate.basis_points), amount=Money.of(line.amount, line.currency)),
        why_not_todays_rate=list(told.why),
        history=[schemas.Placed(**one) for one in history],
        questions=[question_of(one) for one in it.questions],
    )


def _of_deal(found: opening.Opened, one: Told) -> dict[str, Any]:
    line = found.it.line
    return _placed(
        one,
        found.placed.stands[one.id],
        found.placed.run(one.id),
        currency=line.currency,
        rate=line.rate,
        corrects=one.corrects is not None,
    )


def _inputs(it: Explained) -> schemas.Inputs:
    currency, moved = it.line.currency, it.moved
    changed = None
    if moved is not None:
        changed = schemas.Changed(
            amount=Money.of(moved.amount, currency),
            refunded=Money.of(moved.refunded, currency),
            before=Money.of(moved.before, currency),
        )
    return schemas.Inputs(
        product=it.earned.product,
        amount=Money.of(it.earned.amount, currency),
        tier=it.earned.tier,
        core_training=it.earned.bonus,
        advanced_certificates=it.earned.uplifts,
        changed=changed,
        reason=it.correction.reason if it.correction else None,
    )


@router.get(
    "/me/statements",
    response=papers.Statements,
    operation_id="my_statements",
    summary="Statements",
    openapi_extra=says("statement.see", *READING),
)
def my_statements(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> papers.Statements:
    """The statements of one's partner, the newest first; for its owners."""
    return _statements(caller_of(request).actor, partner_of(request).id, cursor, limit)


@router.get(
    "/partners/{id}/statements",
    response=papers.Statements,
    operation_id="partner_statements",
    summary="Statements of a partner",
    openapi_extra=says("statement.see", *READING),
)
def partner_statements(
    request: HttpRequest,
    partner_id: Key,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> papers.Statements:
    """The same of any partner, for managers and finance."""
    actor = caller_of(request).actor
    return _statements(actor, partners.partner(actor, "statement.see", partner_id).pk, cursor, limit)


def _statements(by: Actor, partner: UUID, cursor: str | None, limit: int) -> papers.Statements:
    found = of_partner(by, partner, limit=limit + 1, before=_month(cursor))
    more = encode_cursor([found[limit - 1].month.isoformat()]) if len(found) > limit else None
    return papers.Statements(items=[papers.Statement(**_statement(one)) for one in found[:limit]], next=more)


def _month(cursor: str | None) -> date | None:
    after = decode_cursor(cursor, 1)
    try:
        return date.fromisoformat(str(after[0])) if after else None
    except ValueError:
        sentence = "This cursor is not one of ours. Ask again without it."
        raise Refused(sentence, fields={"cursor": Text("Unknown.")}) from None


@router.get(
    "/me/statements/{number}",
    response=papers.OneStatement,
    operation_id="my_statement",
    summary="One statement",
    openapi_extra=says("statement.see", *READING),
)
def my_statement(request: HttpRequest, number: Number) -> papers.OneStatement:
    """A statement with its lines and its bridge from the month before; owners see their own, the house any."""
    shown = statements.statement(caller_of(request).actor, number)
    rests_on = opened(shown)
    before = rests_on.before
    return papers.OneStatement(
        **_statement(shown),
        items=[
            papers.StatementLine(
                id=one.id,
                kind=schemas.LineKind(one.kind),
                amount=Money.of(one.amount, shown.currency),
                rate=percent(one.rate),
                client=one.client,
                product=one.product,
                payable_on=one.payable_on,
            )
            for one in rests_on.lines
        ],
        paid_before=Money.of(before.paid, shown.currency) if before else None,
        bridge=[
            papers.Cause(cause=str(cause), amount=Money.of(amount, shown.currency)) for cause, amount in rests_on.bridge
        ],
    )


@router.get(
    "/me/statements/{number}/pdf",
    operation_id="my_statement_paper",
    summary="A statement on paper",
    openapi_extra=says("statement.see", *READING, file="application/pdf"),
)
def my_statement_paper(request: HttpRequest, number: Number) -> HttpResponse:
    """The same statement as a PDF, word for word as its partner prints it."""
    return printed(statements.statement(caller_of(request).actor, number))


def _statement(it: Shown) -> dict[str, Any]:
    pays = it.outcome is Outcome.PAY
    return {
        "number": it.number,
        "month": it.month,
        "amount": Money.of(it.amount, it.currency),
        "lines": it.lines,
        "outcome": str(it.outcome),
        "made_at": it.made_at,
        "text": statement_state(it),
        "hands_over_on": it.runs_on if pays else None,
        "pays_on": it.pays_on if pays else None,
        "paid": schemas.Payout(on=it.paid_on, reference=it.reference) if it.paid_on else None,
        "returned_on": it.returned_on,
    }
