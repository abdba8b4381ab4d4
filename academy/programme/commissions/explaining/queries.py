"""Everything that answers “why this amount, when, and why not today's rate” about one line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from academy.people.permissions.rules import Actor
from academy.programme.commissions import access
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.commissions.rules import CORRECTION, Earned, LineKind, Moved
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.rates.rules import Rate
from academy.programme.standing.queries import Stands, stands


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the same deal, as its history tells it."""

    id: UUID
    kind: str
    amount: int
    effective_at: datetime
    payable_on: date
    corrects: UUID | None


@dataclass(frozen=True, slots=True)
class Explained:
    """One line, opened.

    `earned` and `rate` are those of the deal's first line: what it was priced from, and every step of the arithmetic.
    `moved` is there for a refund or a changed amount, `correction` for what a person decided. `today` is where the
    partner stands now, so that its rate can be set beside the one that held.
    """

    line: CommissionLine
    plan: Plan
    earned: Earned
    rate: Rate
    moved: Moved | None
    correction: Correction | None
    history: Sequence[Told]
    questions: Sequence[LineQuestion]
    today: Stands | None

    @property
    def rate_today(self) -> Rate | None:
        """What a deal with the same product would be paid at now; None where it is not paid for any more."""
        if self.today is None or not self.today.plan.pays_for(self.earned.product):
            return None
        return self.today.rate(self.earned.product)


def explained(by: Actor, line_id: UUID) -> Explained:
    """A line with all that explains it; six queries. Raises NotFound or Forbidden."""
    line = access.line(by, "commission.see", line_id)
    lines = list(CommissionLine.objects.filter(deal_id=line.deal_id).order_by("effective_at", "id"))
    first = next(one for one in lines if one.kind == LineKind.EARNED)
    plan = plan_version(line.plan_id)
    earned = Earned.from_json(first.inputs)
    is_correction = line.corrects_id is not None
    moved = Moved.from_json(line.inputs) if line.kind != LineKind.EARNED and not is_correction else None
    return Explained(
        line=line,
        plan=plan,
        earned=earned,
        rate=earned.rate(plan),
        moved=moved,
        correction=_correction(line) if is_correction else None,
        history=[
            Told(one.pk, one.kind, one.amount, one.effective_at, one.payable_on, one.corrects_id) for one in lines
        ],
        questions=list(
            LineQuestion.objects.filter(line_id=line.pk)
            .select_related("asked_by", "answered_by", "correction")
            .order_by("asked_at")
        ),
        today=stands(line.partner_id),
    )


def _correction(line: CommissionLine) -> Correction | None:
    """The word of a person that a line follows from: of those about the same line, the one of its instant."""
    return (
        Correction.objects.filter(line_id=line.corrects_id, confirmed_at=line.effective_at, amount=line.amount)
        .order_by("id")
        .first()
    )


def rule_of(line: CommissionLine) -> str:
    """Which rule a line follows from: its plan version, such as `agencies-1`, or a person's correction."""
    return CORRECTION if line.corrects_id is not None else str(line.plan)
