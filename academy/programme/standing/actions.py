"""Keeping standings true: judging when something happened, and when time alone has changed something."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from academy.core.errors import Conflict, NotFound, Refused, Text
from academy.journal.actions import Decision, Opening, Thing, action, record
from academy.notifications.notices.actions import tell
from academy.people.accounts.queries import people_with_role
from academy.people.partners.actions import lock_partner, lock_partner_trusting
from academy.people.partners.queries import currency_of, owner_ids, slug_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import MANAGER, Actor
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence, measure_all
from academy.programme.lapses.rules import next_change_at, safe_until
from academy.programme.plans.models import Clock, PlanVersion, Programme
from academy.programme.plans.queries import plan_version, version_in_force
from academy.programme.plans.rules import Plan
from academy.programme.standing import queries, rules
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import Before, Stands
from academy.programme.standing.rules import Held, Part
from academy.recognition.certificates.actions import expire

CATCH_UP_MOST = 20_000
"""Instants applied in one transaction; more than any partner has in years."""


@action
def enrol_partner(partner: UUID, programme: UUID, *, at: datetime, now: datetime) -> None:
    """Put a partner into a programme, on its lowest rung. A partner is in one. Raises Conflict, NotFound, Refused."""
    effective = lock_partner_trusting(partner, at, now)
    if Standing.objects.filter(pk=partner).exists():
        raise Conflict("This partner is in a programme already.")
    if not Programme.objects.filter(pk=programme).exists():
        raise NotFound("There is no such programme.")
    try:
        version = version_in_force(programme, effective)
    except PlanVersion.DoesNotExist:
        raise Refused("This programme has no plan yet: publish one that has begun.") from None
    plan = plan_version(version)
    if (currency := currency_of(partner)) not in plan.currencies:
        raise Refused(
            Text(
                "This programme pays in %(currencies)s, not in %(currency)s.",
                currencies=", ".join(sorted(plan.currencies)),
                currency=currency,
            )
        )
    held = Held(plan.tiers[0].slug)
    Standing.objects.create(
        partner_id=partner,
        programme_id=programme,
        plan_id=version,
        tier=held.tier,
        tier_since=effective,
        rate=rules.rate(plan, held).basis_points,
        held=held.as_json(),
        levels={},
        before={"plan": str(version), "held": held.as_json()},
        judged_at=effective,
        next_change_at=effective,
    )
    record(
        "partner.enrolled",
        partner=partner,
        thing=Thing("programme", programme),
        at=effective,
        now=now,
        numbers={"tier": held.tier, "rate": rules.rate(plan, held).basis_points},
        key=f"partner.enrolled:{partner}",
    )


def settle(opening: Opening) -> datetime:
    """Apply what fell due strictly before what an action does, each at the instant it was due; say when that counts.

    Called when a partner is locked. Where a source's clock is followed, only what that source tells moves time.
    """
    partner = opening.partner
    for _ in range(CATCH_UP_MOST):
        standing = queries.stands(partner)
        if standing is None:
            return opening.effective
        if standing.clock == Clock.SOURCE and not opening.trusted:
            return opening.latest or standing.judged_at
        due = standing.next_change_at
        if due is None or due >= opening.effective:
            return opening.effective
        # A plan may begin before what this partner has done since it was judged: its time never goes back.
        bring_forward(standing, max(due, queries.latest_time(partner)), opening.now)
    raise RuntimeError(f"Partner {partner} still has something due after {CATCH_UP_MOST} instants.")


def bring_forward(standing: Stands, due: datetime, now: datetime) -> None:
    """One instant at which time alone may change something: what expires then expires, then it is judged."""
    evidence = evidence_at(standing.partner, standing.plan, standing.currency, due)
    expire(standing.partner, [UUID(person) for person in evidence.members], until=due, now=now)
    judge(standing.partner, due, now)


def judge(partner: UUID, at: datetime, now: datetime) -> None:
    """Judge a partner at an instant: decisions, warnings and the projection. Repeating it changes nothing."""
    standing = queries.stands(partner)
    if standing is None:
        return
    version = version_in_force(standing.programme, at)
    plan = plan_version(version)
    evidence = evidence_at(partner, plan, standing.currency, at)
    levels = measure_all(plan, evidence, at)
    held = _held_at(standing, at)
    judged = rules.judge(plan, held, levels, standing.currency, at)
    inputs = {
        "at": at.isoformat(),
        "currency": standing.currency,
        "held": held.as_json(),
        "levels": levels,
    }
    change = _Change(standing, plan, judged.held, Decision(plan.reference, inputs), at, now)
    change.record_decisions(levels)
    held = change.record_warnings(judged.due_warnings)
    _store(standing, version, plan, held, levels, evidence, at)
    if change.awaits is not None:
        tell_of_awaiting(partner, change.awaits, at=at, now=now)


def _held_at(standing: Stands, at: datetime) -> Held:
    """What judging at an instant starts from. In a programme that follows its source's clock an instant is judged once,
    after all its deals: judged again it starts from what was held before. Where people are told, what they have stays.
    """
    return standing.before.held if standing.clock == Clock.SOURCE and standing.judged_at == at else standing.held


@dataclass(frozen=True, slots=True)
class _Change:
    """From what was held before to what is held now, on the way into the journal."""

    before: Stands
    plan: Plan
    held: Held
    decision: Decision
    at: datetime
    now: datetime

    @property
    def awaits(self) -> str | None:
        """The tier that begins to wait for a person's word."""
        return self.held.awaiting if self.held.awaiting != self.before.held.awaiting else None

    def record_decisions(self, levels: Mapping[str, int]) -> None:
        old, new = self.before.held, self.held
        if old.tier != new.tier:
            cause = rules.cause_of_tier(self.plan, old, new, self.before.levels, levels, self.at)
            decision = replace(self.decision, inputs={**self.decision.inputs, "before": dict(self.before.levels)})
            self._decide("tier.changed", {"from": old.tier, "to": new.tier, "cause": cause}, decision)
        rate_before = self.before.rate().basis_points
        rate_after = rules.rate(self.plan, new).basis_points
        if rate_before != rate_after:
            self._decide(
                "rate.changed",
                {
                    "from": rate_before,
                    "to": rate_after,
                    "product": self.plan.default_product,
                    "cause": rules.causes_of_rate(old, new),
                },
                self.decision,
            )
        if self.awaits is not None:
            self._decide("promotion.awaited", {"tier": self.awaits}, self.decision)

    def _decide(self, kind: str, numbers: Mapping[str, object], decision: Decision) -> None:
        record(
            kind,
            partner=self.before.partner,
            thing=Thing("partner", self.before.partner),
            at=self.at,
            now=self.now,
            numbers=numbers,
            decision=decision,
        )

    def record_warnings(self, due: tuple[tuple[Part, int, int], ...]) -> Held:
        """Send each notice that is due. Its grace runs from now, when it is sent, not from when it was due."""
        held = self.held
        falls_at = rules.grace_ends(self.plan, max(self.now, self.at))
        for part, rank, to in due:
            name = rules.name_of_rank(self.plan, part, to)
            held = rules.warned(held, part, name, max(self.now, self.at), falls_at)
            record(
                "tier.warned",
                partner=self.before.partner,
                thing=Thing("partner", self.before.partner),
                at=self.at,
                now=self.now,
                numbers={
                    "part": str(part),
                    "from": rules.name_of_rank(self.plan, part, rank),
                    "to": name,
                    "to_rank": to,
                    "sent_at": max(self.now, self.at).isoformat(),
                    "falls_at": falls_at.isoformat(),
                    "plan": self.plan.reference,
                    "held": held.as_json(),
                    "rate": rules.rate(self.plan, self.held).basis_points,
                    "rate_then": rules.rate(self.plan, rules.fallen(self.plan, self.held, part, to)).basis_points,
                },
            )
        return held


def _store(
    standing: Stands,
    version: UUID,
    plan: Plan,
    held: Held,
    levels: Mapping[str, int],
    evidence: Evidence,
    at: datetime,
) -> None:
    Standing.objects.filter(pk=standing.partner).update(
        plan_id=version,
        tier=held.tier,
        tier_since=standing.tier_since if held.tier == standing.held.tier else at,
        rate=rules.rate(plan, held).basis_points,
        held=held.as_json(),
        levels=dict(levels),
        judged_at=at,
        before=_before(standing, at),
        next_change_at=next_change_at(plan, held, evidence, at),
        safe_until=safe_until(plan, held, evidence, levels, at),
        at_risk=bool(held.warnings),
        version=standing.version + 1,
    )


def _before(standing: Stands, at: datetime) -> dict[str, object]:
    """What prices deals won at this very instant: what was held before it, however often it is judged."""
    before = standing.before if standing.judged_at == at else Before(standing.plan_id, standing.held)
    return before.as_json()


def tell_of_awaiting(partner: UUID, tier: str, *, at: datetime, now: datetime) -> None:
    """A rise waits for a person's word: the partner's owners are told, and those of the house who may give it."""
    key, params = f"promotion:{partner}:{tier}:{at.isoformat()}", {"tier": tier}
    tell("promotion.awaiting", owner_ids(partner), key=key, partner=partner, params=params, now=now)
    deciding = [one.id for one in people_with_role(MANAGER)]
    room = f"/studio/partners/{slug_of(partner)}/"
    tell("promotion.to_decide", deciding, key=key, partner=partner, params=params, url=room, now=now)


@action
def bring_up_to_date(partner: UUID, *, now: datetime) -> None:
    """Apply whatever fell due up to now; what the job each minute does for partners that nobody has asked for."""
    lock_partner(partner, now)


@action
def approve_promotion(actor: Actor, partner: UUID, tier: str, *, now: datetime) -> None:
    """Confirm a rise that waits for a person's word. Raises Conflict when none waits."""
    allow(actor, "promotion.approve")
    at = lock_partner(partner, now)
    standing = queries.stands(partner)
    if standing is None:
        raise NotFound()
    if standing.held.awaiting != tier:
        raise Conflict("This partner is not waiting for that tier.")
    held = rules.approved(standing.held, tier)
    Standing.objects.filter(pk=partner).update(held=held.as_json())
    record(
        "promotion.approved",
        partner=partner,
        person=actor.person_id,
        thing=Thing("partner", partner),
        at=at,
        now=now,
        numbers={"tier": tier},
    )
