"""/deals and /me/deals: what partners register and what other systems report."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.instants import first_of, in_utc
from academy.api.keys import Key
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas import deal as schemas
from academy.api.schemas.deal import Deal, DealReport, Deals, DealStage, Kept, Loss, RefundReport, Registration
from academy.api.schemas.person import PartnerShort
from academy.api.schemas.values import Money
from academy.core.money import percent
from academy.journal.actions import tried
from academy.people.partners.queries import short_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor, may
from academy.programme.commissions.queries import Line, lines_of_deals
from academy.programme.commissions.rules import LineKind
from academy.programme.deals import access, rules
from academy.programme.deals.models import KeptReport
from academy.programme.deals.queries import DealLine, Wanted, deal_line, deals_of, sees_value
from academy.programme.deals.registrations.actions import lose_deal, register_deal
from academy.programme.deals.reports.actions import take_refund, take_report
from academy.programme.deals.reports.rules import Told, ToldRefund

router = Router(tags=["Deals"], auth=signed_in)

MATCHING = "/studio/deals/matching/"
Source = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$",
        description="The system that the deal comes from; `academy` for deals that partners register here.",
        examples=["crm"],
    ),
]
# What is no UTF-8 arrives as U+FFFD, whatever it was: two such ids would be one.
ExternalId = Annotated[
    str,
    Path(pattern="^[^\\x00\ufffd]{1,200}$", description="That system's id; it may have slashes.", examples=["d-4711"]),
]
Stage = Annotated[DealStage | None, Query(description="Only deals at this stage.")]


@router.get(
    "/deals",
    response=Deals,
    operation_id="list_deals",
    summary="Deals",
    openapi_extra=says("deal.see", *READING),
)
def list_deals(request: HttpRequest, stage: Stage = None, cursor: Cursor = None, limit: Limit = 50) -> Deals:
    """The deals of one's partner; for managers, finance and administrators those of all. The latest move first."""
    actor = caller_of(request).actor
    if not may(actor, "deal.see_any") and actor.partner_id is None:
        allow(actor, "deal.see_any")
    partner = None if may(actor, "deal.see_any") else actor.partner_id
    stages = frozenset({rules.Stage(stage)}) if stage else frozenset()
    cut = deals_of(actor, partner, wanted=Wanted(stages=stages), cursor=cursor, limit=limit)
    return Deals(items=shapes(actor, cut.items), next=cut.next)


@router.post(
    "/me/deals",
    response={201: Deal},
    operation_id="register_deal",
    summary="Register a deal",
    openapi_extra=says("deal.register", *WRITING, idempotent=True),
)
def register(request: HttpRequest, body: Registration) -> Status[Any]:
    """A client whom one's partner is about to win. The answer says until when it is answered, and whether a person has
    to decide since another partner registered the same client.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, Deal]:
        expected_on = first_of(body.month, field="month") if body.month else None
        made = register_deal(
            actor,
            client=body.client,
            product=body.product,
            amount=body.amount,
            expected_on=expected_on,
            now=now,
        )
        return 201, _one(actor, made.pk)

    return once(request, act)


@router.post(
    "/me/deals/{id}/loss",
    response={200: Deal},
    operation_id="lose_deal",
    summary="A deal came to nothing",
    openapi_extra=says("deal.lose", *WRITING, idempotent=True),
)
def lose(request: HttpRequest, deal_id: Key, body: Loss) -> Status[Any]:
    """Say that an open deal of one's partner came to nothing: it keeps its client from nobody any more. Managers may
    for any partner. 409 where it is no longer open.
    """
    actor, now = caller_of(request).actor, now_of(request)

    def act() -> tuple[int, Deal]:
        return 200, _one(actor, lose_deal(actor, deal_id, reason=body.reason, now=now).pk)

    return once(request, act)


# Before the deals themselves: an id may have slashes, and would swallow this address.
@router.post(
    "/deals/{source}/{path:external_id}/refunds",
    response={200: Deal, 201: Deal, 202: Kept},
    operation_id="refund_deal",
    summary="Report a refund",
    openapi_extra=says("deal.report", *WRITING, idempotent=True),
)
def refund(request: HttpRequest, source: Source, external_id: ExternalId, body: RefundReport) -> Status[Any]:
    """So much of a won deal was taken back. 201 when this is new; repeated with the same id and amount, 200. 202 while
    the deal itself is kept for matching: the refund is kept with it.
    """
    actor, now = caller_of(request).actor, now_of(request)

    at = in_utc(body.occurred_at, field="occurred_at")
    told = ToldRefund(source, external_id, body.external_id, body.amount, at)

    def act() -> tuple[int, Deal | Kept]:
        taken = take_refund(actor, told, now=now)
        if taken.deal is not None:
            return (201 if taken.is_new else 200), _one(actor, taken.deal.pk)
        assert taken.kept is not None
        assert taken.waits_for is not None
        return 202, Kept(id=taken.kept.pk, unknown=_unknown(taken.waits_for), url=MATCHING)

    return once(request, act)


@router.get("/deals/{source}/{path:external_id}/refunds", response=Deal, include_in_schema=False)
def one_that_ends_alike(request: HttpRequest, source: Source, external_id: ExternalId) -> Deal:
    """A deal whose id ends as the address above does."""
    return one(request, source, f"{external_id}/refunds")


@router.put(
    "/deals/{source}/{path:external_id}/refunds",
    response={200: Deal, 201: Deal, 202: Kept},
    include_in_schema=False,
)
def report_that_ends_alike(
    request: HttpRequest, source: Source, external_id: ExternalId, body: DealReport, dry_run: bool = False
) -> Status[Any]:
    """The same for a report."""
    return report(request, source, f"{external_id}/refunds", body, dry_run)


@router.get(
    "/deals/{source}/{path:external_id}",
    response=Deal,
    operation_id="deal",
    summary="One deal",
    openapi_extra=says("deal.see", *READING),
)
def one(request: HttpRequest, source: Source, external_id: ExternalId) -> Deal:
    """A deal by its source and that source's id."""
    actor = caller_of(request).actor
    return _one(actor, access.deal_of_source(actor, "deal.see", source, external_id).pk)


@router.put(
    "/deals/{source}/{path:external_id}",
    response={200: Deal, 201: Deal, 202: Kept},
    operation_id="report_deal",
    summary="Report a deal",
    openapi_extra=says("deal.report", *WRITING),
)
def report(
    request: HttpRequest,
    source: Source,
    external_id: ExternalId,
    body: DealReport,
    dry_run: Annotated[bool, Query(description="Answer what would be, and change nothing.")] = False,
) -> Status[Any]:
    """Create a deal or move it to where its source says it is. Repeated it changes nothing, and neither does one that
    arrives late: reports of a deal are compared by their `occurred_at`, the source's own clock. Where another partner's
    deal with the client is open, it waits as registered, with a `case`, until a person decides or it is won. Product
    and client may change until then, and are refused with 409 afterwards. 201 when it is new, 202 where partner or
    product is not known here: the report is kept until a person matches it. A dry run answers what would be, the line
    it would make included.
    """
    actor, now = caller_of(request).actor, now_of(request)
    told = _told(source, external_id, body)

    def take() -> tuple[int, Deal | Kept]:
        taken = take_report(actor, told, now=now)
        if taken.deal is not None:
            return (201 if taken.is_new and not dry_run else 200), _one(actor, taken.deal.pk)
        assert taken.kept is not None
        return 202, Kept(id=None if dry_run else taken.kept.pk, unknown=_unknown(taken.kept), url=MATCHING)

    return Status(*(tried(take) if dry_run else take()))


def _unknown(kept: KeptReport) -> list[str]:
    return [name for name in ("partner", "product") if getattr(kept, f"{name}_name")]


def _told(source: str, external_id: str, body: DealReport) -> Told:
    return Told(
        source=source,
        external_id=external_id,
        partner=body.partner,
        product=body.product,
        client=body.client,
        amount=body.amount,
        currency=body.currency,
        stage=str(body.stage),
        occurred_at=in_utc(body.occurred_at, field="occurred_at").isoformat(),
        settled_amount=body.settled.amount if body.settled else "",
        settled_currency=body.settled.currency if body.settled else "",
        reason=body.reason,
    )


def _one(actor: Actor, deal: UUID) -> Deal:
    return shapes(actor, [deal_line(deal)])[0]


def shapes(actor: Actor, found: Sequence[DealLine]) -> list[Deal]:
    """Deals as this actor may see them. Two queries."""
    lines = lines_of_deals([it.id for it in found])
    partners = short_of({it.partner for it in found})
    return [_shape(actor, it, PartnerShort(**partners[it.partner]), lines.get(it.id, [])) for it in found]


def _shape(actor: Actor, it: DealLine, partner: PartnerShort, lines: list[Line]) -> Deal:
    sees_lines = may(actor, "amounts.see", partner_id=it.partner)
    sees = sees_value(actor, it)
    original = Money.of(it.original_amount, it.original_currency) if it.original_amount is not None else None
    return Deal(
        id=it.id,
        source=it.source,
        external_id=it.external_id,
        partner=partner,
        client=it.client,
        product=it.product,
        kind=it.kind,
        amount=Money.of(it.amount, it.currency) if sees else None,
        original=original if sees else None,
        refunded=Money.of(it.refunded, it.currency) if sees else None,
        stage=DealStage(it.stage),
        expected_on=it.expected_on,
        registered_at=it.registered_at,
        answer_by=it.answer_by if it.stage == DealStage.REGISTERED else None,
        protected_until=it.protected_until if it.stage == DealStage.ACCEPTED else None,
        won_at=it.happened_at,
        counts_from=it.won_at,
        closed_at=it.closed_at,
        reason=it.reason,
        case=_case(it),
        commission=Money.of(it.earned, it.currency) if sees_lines and it.earned is not None else None,
        line=next((_earning(line) for line in lines if line.kind == LineKind.EARNED and sees_lines), None),
        lines=[_earning(line) for line in lines] if sees_lines else [],
    )


def _case(it: DealLine) -> schemas.Case | None:
    if it.claimed_at is None or it.decide_by is None:
        return None
    return schemas.Case(claimed_at=it.claimed_at, decide_by=it.decide_by)


def _earning(line: Line) -> schemas.Earning:
    return schemas.Earning(
        kind=line.kind,
        amount=Money.of(line.amount, line.currency),
        rate=percent(line.rate),
        payable_on=line.payable_on,
    )
