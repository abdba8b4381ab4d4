"""Everything that answers “why this amount, when, and why not today's rate” about one line."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from academy.core import reads
from academy.people.permissions.rules import Actor
from academy.programme.commissions import access
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.queries import CAUSE
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.commissions.questions.queries import questions_of
from academy.programme.commissions.rules import Earned, LineKind, Moved, closed_before
from academy.programme.deals.late.queries import TOLD_LATE, late_from
from academy.programme.deals.late.rules import Late, late_move, late_win
from academy.programme.deals.models import Deal
from academy.programme.plans.models import PlanVersion
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.rates.rules import Rate
from academy.programme.standing.queries import Change, Stands, changes, stands

SOLD = ("won", "active_clients")
"""Why a tier changes when something is sold."""

MOST_CHANGES = 20
"""So many changes of tier and rate are told beside a line, the newest."""


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the same deal, as its history tells it.

    `moved` is there for a refund or a changed amount, and `before` is the deal before that.
    `late`: how late it was told.
    """

    id: UUID
    kind: LineKind
    amount: int
    effective_at: datetime
    payable_on: date
    corrects: UUID | None
    moved: Moved | None
    before: Moved | None
    late: Late | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """One line, opened.

    `earned` and `rate` are those of the deal's first line: what it was priced from, and every step of the arithmetic.
    `moved` is there for a refund or a changed amount, `correction` for what a person decided. `today` is where the
    partner stands now, so that its rate can be set beside the one that held, and `changes` what moved it since, what
    the deal itself moved included. The plan was in force from `plan_from` until `plan_until`, None while it still is.
    `has_company`: whether other deals of the partner were won at the very same instant, and judged together with it.
    `late`: how late it was told that the deal was won.
    """

    line: CommissionLine
    plan: Plan
    plan_from: datetime
    plan_until: datetime | None
    earned: Earned
    rate: Rate
    moved: Moved | None
    correction: Correction | None
    history: Sequence[Told]
    questions: Sequence[LineQuestion]
    today: Stands | None
    changes: Sequence[Change]
    has_company: bool
    late: Late | None

    @property
    def won_at(self) -> datetime:
        """From when the deal counts."""
        return self.line.deal.won_at or self.history[0].effective_at

    @property
    def closed_before(self) -> date | None:
        """The month that was closed already when the line was told, where its day is later for that; else None.

        Never for a correction: what a person decides is payable on the day of that at the earliest.
        """
        told = self.told
        if told.corrects is not None:
            return None
        return closed_before(self.plan, self.won_at, told.effective_at, told.payable_on)

    @property
    def happened_at(self) -> datetime:
        """When the deal was won, however late that was told."""
        return self.late.happened_at if self.late else self.won_at

    @property
    def lifted_to(self) -> str | None:
        """The tier that the deal, with those of its instant, lifted its partner to; None where it lifted to none."""
        return self._moved_to(up=True)

    @property
    def fell_to(self) -> str | None:
        """The tier that its partner fell to at the deal's own instant, for what was still counted of its sales then;
        None where it fell to none.
        """
        return self._moved_to(up=False)

    def _moved_to(self, *, up: bool) -> str | None:
        """The tier above, or below, the deal's own that sales moved its partner to at the deal's instant."""
        ladder = [tier.slug for tier in self.plan.tiers]
        own = ladder.index(self.earned.tier)
        there = ladder[own + 1 :] if up else ladder[:own]
        moved = (one for one in self.changes if one.kind == "tier.changed" and one.effective_at == self.won_at)
        to = (str(one.numbers["to"]) for one in moved if one.numbers["cause"] in SOLD)
        return next((tier for tier in to if tier in there), None)

    @property
    def first(self) -> Told:
        """The line that the deal was priced by."""
        return next(one for one in self.history if one.kind is LineKind.EARNED)

    def came_later(self, one: Told) -> bool:
        """Whether a line is the first of a deal that was worth nothing when it was won, and got its value later."""
        return one.kind is LineKind.EARNED and one.effective_at > self.won_at

    def happened(self, one: Told) -> bool:
        """Whether a line followed from something that happened to the deal after it was won."""
        return one.kind is not LineKind.EARNED or self.came_later(one)

    @property
    def told(self) -> Told:
        """This line as the history tells it."""
        return next(one for one in self.history if one.id == self.line.pk)

    @property
    def rate_today(self) -> Rate | None:
        """What a deal with the same product would be paid at now; None where it is not paid for any more."""
        if self.today is None or not self.today.plan.pays_for(self.earned.product):
            return None
        return self.today.rate(self.earned.product)


def explained(by: Actor, line_id: UUID) -> Explained:
    """A line with all that explains it; ten queries. Raises NotFound or Forbidden."""
    line = access.line(by, "commission.see", line_id)
    lines = list(CommissionLine.objects.filter(deal_id=line.deal_id).order_by("effective_at", "id"))
    first = next(one for one in lines if one.kind == LineKind.EARNED)
    plan = plan_version(line.plan_id)
    earned = Earned.from_json(first.inputs)
    late, causes = _told_late(line.deal_id)
    history = _history(lines, late, causes)
    won_at = line.deal.won_at or first.effective_at
    is_correction = line.corrects_id is not None
    return Explained(
        line=line,
        plan=plan,
        plan_from=line.plan.effective_from,
        plan_until=_followed_at(line.plan),
        earned=earned,
        rate=earned.rate(plan),
        moved=next(one.moved for one in history if one.id == line.pk),
        correction=_correction(line) if is_correction else None,
        history=history,
        questions=questions_of(line.pk),
        today=stands(line.partner_id),
        changes=changes(line.partner_id, since=won_at, limit=MOST_CHANGES),
        has_company=Deal.objects.filter(partner=line.partner_id, won_at=won_at).exclude(pk=line.deal_id).exists(),
        late=late_win(late),
    )


def closed_before_told(line_id: UUID) -> date | None:
    """The month that was closed already when a line was told, as in `Explained`. One query; it asks no permission."""
    line = CommissionLine.objects.select_related("deal").get(pk=line_id)
    if line.corrects_id is not None:
        return None
    return closed_before(
        plan_version(line.plan_id), line.deal.won_at or line.effective_at, line.effective_at, line.payable_on
    )


_TOLD_LATE = f"""
    select {TOLD_LATE.format(deal="%(deal)s::uuid")},
           (select json_object_agg(l.id, {CAUSE.format(deal="l.deal_id", line="l.id")}) from programme_commissionline l
             where l.deal_id = %(deal)s and l.kind <> 'earned' and l.corrects_id is null)::text
"""  # noqa: S608 - constants


def _told_late(deal: UUID) -> tuple[Sequence[Late], Mapping[str, int | None]]:
    """What was told late of a deal, and by line the place in the journal of what it followed from. One query."""
    found = reads.row(_TOLD_LATE, {"deal": deal})
    assert found is not None
    return late_from(found[0]), json.loads(found[1]) if found[1] else {}


def _history(lines: Sequence[CommissionLine], late: Sequence[Late], causes: Mapping[str, int | None]) -> list[Told]:
    found: list[Told] = []
    before: Moved | None = None
    for one in lines:
        moved = None
        if one.kind != LineKind.EARNED and one.corrects_id is None:
            moved = Moved.from_json(one.inputs)
        kind = LineKind(one.kind)
        was_late = late_move(late, causes[str(one.pk)]) if moved else None
        told = Told(
            one.pk, kind, one.amount, one.effective_at, one.payable_on, one.corrects_id, moved, before, was_late
        )
        found.append(told)
        if one.kind == LineKind.EARNED:
            before = Moved(one.inputs["amount"], 0, 0)
        before = moved or before
    return found


def _followed_at(version: PlanVersion) -> datetime | None:
    """When the version of a plan gave way to the next; None while it is the latest."""
    later = PlanVersion.objects.filter(programme_id=version.programme_id, number__gt=version.number)
    return later.order_by("effective_from").values_list("effective_from", flat=True).first()


def _correction(line: CommissionLine) -> Correction | None:
    """The word of a person that a line follows from: of those about the same line, the one of its instant."""
    return (
        Correction.objects.filter(line_id=line.corrects_id, confirmed_at=line.effective_at, amount=line.amount)
        .order_by("id")
        .first()
    )
