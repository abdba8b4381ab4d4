"""Writing commission lines: what follows from a won deal, a refund, a changed amount, and a person's correction."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from academy.core.ids import uuid7
from academy.core.writes import insert
from academy.journal.actions import Decision, Recorded, Thing, record
from academy.programme.closes.queries import open_from
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.rules import CORRECTION, Earned, LineKind, Moved, counted_on, payable_on
from academy.programme.deals.models import Deal
from academy.programme.history.queries import held_before
from academy.programme.judging.rules import Before
from academy.programme.plans.queries import plan_version
from academy.programme.standing.queries import stands

_KINDS = {
    LineKind.EARNED: "commission.added",
    LineKind.REVERSED: "commission.reversed",
    LineKind.ADJUSTED: "commission.adjusted",
}


def add_commission(fact: Recorded) -> None:
    """Reaction to a won deal: its line, at the rates that held strictly before it. None for a deal of zero."""
    assert fact.partner is not None
    standing = stands(fact.partner)
    assert standing is not None  # nothing is won outside every programme
    _earn(fact, standing.for_deals_at(fact.effective_at), int(fact.numbers["amount"]), fact.effective_at)


def _earn(fact: Recorded, before: Before, amount: int, won_at: datetime) -> None:
    """The first line of a deal. A later change writes it where the deal was worth nothing when it was won."""
    if amount == 0:
        return
    assert fact.thing is not None
    plan = plan_version(before.plan)
    earned = Earned.of(before.held, product=str(fact.numbers["product"]), amount=amount)
    basis_points = earned.rate(plan).basis_points
    _write(
        fact,
        kind=LineKind.EARNED,
        deal=fact.thing.id,
        amount=Moved(amount, 0, 0).difference(basis_points),
        rate=basis_points,
        payable=payable_on(plan, won_at, fact.effective_at),
        plan=before.plan,
        decision=Decision(plan.reference, earned.as_json()),
    )


def take_back(fact: Recorded) -> None:
    """Reaction to a refund: what of the commission goes back, so that all refunds together are rounded once."""
    _follow(fact, LineKind.REVERSED)


def adjust(fact: Recorded) -> None:
    """Reaction to an amount that changed after winning: the difference, at the rate of the deal.

    A deal that was worth nothing until then gets its first line, at what the journal says was held before it was won.
    """
    assert fact.partner is not None
    assert fact.thing is not None
    if _first_lines(fact.thing.id).exists():
        _follow(fact, LineKind.ADJUSTED)
        return
    deal, standing = Deal.objects.get(pk=fact.thing.id), stands(fact.partner)
    assert deal.won_at is not None
    assert standing is not None  # nothing is won outside every programme
    before = held_before(fact.partner, standing.programme, deal.won_at)
    _earn(fact, before, deal.amount, deal.won_at)


def _first_lines(deal: UUID) -> QuerySet[CommissionLine]:
    """The line that a deal was priced by; none while the deal was never worth anything."""
    return CommissionLine.objects.filter(deal=deal, kind=LineKind.EARNED)


def _follow(fact: Recorded, kind: LineKind) -> None:
    assert fact.thing is not None
    earned = _first_lines(fact.thing.id).select_related("deal").get()
    deal = earned.deal
    assert deal.won_at is not None
    moved = Moved(deal.amount, deal.refunded, _so_far(deal.pk))
    amount = moved.difference(earned.rate)
    if amount == 0:
        return
    plan = plan_version(earned.plan_id)
    _write(
        fact,
        kind=kind,
        deal=deal.pk,
        amount=amount,
        rate=earned.rate,
        payable=payable_on(plan, deal.won_at, fact.effective_at),
        plan=earned.plan_id,
        decision=Decision(plan.reference, moved.as_json()),
    )


def _so_far(deal: UUID) -> int:
    """The sum of a deal's lines, corrections by hand apart."""
    total: int | None = CommissionLine.objects.filter(deal=deal, corrects=None).aggregate(sum=Sum("amount"))["sum"]
    return total or 0


def correct(fact: Recorded) -> None:
    """Reaction to a correction: the line that a person decided, beside the line that it answers, never paid before."""
    assert fact.thing is not None
    line = CommissionLine.objects.get(pk=fact.thing.id)
    plan = plan_version(line.plan_id)
    _write(
        fact,
        kind=LineKind.ADJUSTED,
        deal=line.deal_id,
        amount=int(fact.numbers["amount"]),
        rate=line.rate,
        payable=max(line.payable_on, fact.effective_at.astimezone(plan.zone).date()),
        plan=line.plan_id,
        decision=Decision(CORRECTION, {"correction": fact.numbers["amount"], "line": str(line.pk)}),
        corrects=line.pk,
    )


def _write(
    fact: Recorded,
    *,
    kind: LineKind,
    deal: UUID,
    amount: int,
    rate: int,
    payable: date,
    plan: UUID,
    decision: Decision,
    corrects: UUID | None = None,
) -> None:
    """The line and its fact, which say the same. Under the partner's lock: no close looks at the partner meanwhile."""
    assert fact.partner is not None
    payable = counted_on(payable, open_from(fact.partner))
    line = CommissionLine(
        id=uuid7(),
        partner_id=fact.partner,
        deal_id=deal,
        kind=kind,
        amount=amount,
        currency=str(fact.numbers["currency"]),
        rate=rate,
        effective_at=fact.effective_at,
        payable_on=payable,
        plan_id=plan,
        inputs=dict(decision.inputs),
        corrects_id=corrects,
    )
    insert(line)
    record(
        _KINDS[kind],
        partner=fact.partner,
        thing=Thing("commission", line.pk),
        at=fact.effective_at,
        now=fact.recorded_at,
        numbers=numbers_of(deal, amount, line.currency, rate, payable),
        decision=decision,
    )


def numbers_of(deal: UUID, amount: int, currency: str, rate: int, payable: date) -> Mapping[str, Any]:
    """What the fact of a line says."""
    return {
        "deal": str(deal),
        "amount": amount,
        "currency": currency,
        "rate": rate,
        "payable_on": payable.isoformat(),
    }
