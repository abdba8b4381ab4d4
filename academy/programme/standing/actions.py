"""Keeping standings true: judging when something happened, and when time alone has changed something."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from procrastinate.contrib.django import app

from academy.core import reads
from academy.core.criteria import Levels
from academy.core.errors import Conflict, NotFound, Refused, Text
from academy.core.writes import update
from academy.journal.actions import Decision, Opening, Thing, action, record
from academy.notifications.notices.actions import tell
from academy.people.accounts.queries import people_with_role
from academy.people.partners.actions import lock_many, lock_partner, lock_partner_trusting
from academy.people.partners.queries import currency_of, owner_ids, slug_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import MANAGER, Actor
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence
from academy.programme.judging.rules import Conclusion, Position, conclude, first_position, stand_after
from academy.programme.lapses.rules import safe_until
from academy.programme.plans.models import Clock, PlanVersion, Programme
from academy.programme.plans.queries import begins_at, plan_version, version_in_force
from academy.programme.plans.rules import Plan
from academy.programme.standing import queries, rules
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Held
from academy.programme.warnings.rules import Fall
from academy.recognition.certificates.actions import expire

CATCH_UP_MOST = 20_000
"""Instants applied in one transaction; more than any partner has in years."""


@action
def enrol_partner(partner: UUID, programme: UUID, *, at: datetime, now: datetime) -> None:
    """Put a partner into a programme, on its lowest rung. A partner is in one. Raises Conflict, NotFound, Refused.

    A programme that follows its source's clock has its partners from its beginning: entering one starts no time.
    """
    # A close that is begun meanwhile waits, so that it looks at this partner too.
    reads.row("select 1 from programme_programme where id = %s for share", [programme])
    found = Programme.objects.filter(pk=programme).first()
    if found is not None and found.clock == Clock.SOURCE:
        at = begins_at(programme) or at
    effective = lock_partner_trusting(partner, at, now)
    if Standing.objects.filter(pk=partner).exists():
        raise Conflict("This partner is in a programme already.")
    if found is None:
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
    first = first_position(version, plan, currency, effective, judges_once=found.clock == Clock.SOURCE)
    Standing.objects.create(
        partner_id=partner,
        programme_id=programme,
        plan_id=version,
        tier=first.held.tier,
        tier_since=effective,
        rate=rules.rate(plan, first.held).basis_points,
        held=first.held.as_json(),
        levels={},
        before=first.before.as_json(),
        judged_at=effective,
        next_change_at=effective,
    )
    record(
        "partner.enrolled",
        partner=partner,
        thing=Thing("programme", programme),
        at=effective,
        now=now,
        numbers={"tier": first.held.tier, "rate": rules.rate(plan, first.held).basis_points},
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
    was = standing.position
    concluded = conclude(was, plan, evidence, at)
    for kind, numbers, inputs in concluded.decisions:
        record(
            kind,
            partner=partner,
            thing=Thing("partner", partner),
            at=at,
            now=now,
            numbers=numbers,
            decision=Decision(plan.reference, inputs),
        )
    held = _Notices(partner, plan, concluded, was.levels, evidence, at, now).send()
    after = stand_after(was, version, plan, held, concluded.levels, evidence, at)
    _store(standing, after, safe_until(plan, held, evidence, concluded.levels, at))
    if held.awaiting and held.awaiting != standing.held.awaiting:
        tell_of_awaiting(partner, held.awaiting, at=at, now=now)


@dataclass(frozen=True, slots=True)
class _Notices:
    """Notices about what falls, on the way into the journal. `before` is what was measured at the judging before."""

    partner: UUID
    plan: Plan
    concluded: Conclusion
    before: Levels
    evidence: Evidence
    at: datetime
    now: datetime

    def send(self) -> Held:
        """Send each notice that is due. Its grace runs from now, when it is sent, not from when it was due."""
        held, due, sent_at = self.concluded.held, self.concluded.due_warnings, max(self.now, self.at)
        falls_at = rules.grace_ends(self.plan, sent_at)
        # Each says what falls with it, whichever is written first.
        by_then = rules.fallen_by(self.plan, rules.all_told(self.plan, held, due, sent_at, falls_at), falls_at)
        for part, rank, to in due:
            fall = Fall(self.plan, self.concluded.held, part, to, self.before, self.concluded.levels, by_then)
            name = rules.name_of_rank(self.plan, part, to)
            held = rules.warned(held, part, name, sent_at, falls_at)
            record(
                "tier.warned",
                partner=self.partner,
                thing=Thing("partner", self.partner),
                at=self.at,
                now=self.now,
                numbers={
                    "part": str(part),
                    "from": rules.name_of_rank(self.plan, part, rank),
                    "to": name,
                    "to_rank": to,
                    "sent_at": sent_at.isoformat(),
                    "falls_at": falls_at.isoformat(),
                    "plan": self.plan.reference,
                    "held": held.as_json(),
                    **fall.as_json(self.evidence, self.at),
                },
            )
        return held


def _store(standing: Stands, after: Position, safe_until: datetime | None) -> None:
    update(
        Standing,
        standing.partner,
        plan_id=after.plan_id,
        tier=after.held.tier,
        tier_since=after.tier_since,
        rate=rules.rate(after.plan, after.held).basis_points,
        held=after.held.as_json(),
        levels=dict(after.levels),
        judged_at=after.judged_at,
        before=after.before.as_json(),
        next_change_at=after.next_change_at,
        safe_until=safe_until,
        at_risk=bool(after.held.warnings),
        version=standing.version + 1,
    )


FOLLOW_SOURCE = "programme.follow_source"
"""The job that brings the partners of a programme to the last instant of which its source has told."""


def let_others_follow(standing: Stands | None) -> None:
    """A source has told of one partner alone: where its clock is followed, the worker brings the others there."""
    if standing is not None and standing.clock == Clock.SOURCE:
        programme = str(standing.programme)
        job = app.configure_task(FOLLOW_SOURCE, queue="standing", lock=f"{FOLLOW_SOURCE}:{programme}")
        job.defer(programme_id=programme)


@action
def follow_source(partner: UUID, until: datetime, *, now: datetime) -> None:
    """Apply what fell due up to and including an instant of which the programme's source has told."""
    lock_partner_trusting(partner, until, now)
    standing = queries.stands(partner)
    if standing is not None and standing.next_change_at is not None and standing.next_change_at <= until:
        bring_forward(standing, max(standing.next_change_at, queries.latest_time(partner)), now)


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
def bring_many_up_to_date(partners: Collection[UUID], *, now: datetime) -> None:
    """The same for many, whose locks are taken first: for bulk work, which locks no partner one by one."""
    lock_many(partners)
    for partner in queries.due_of(partners, now):
        bring_up_to_date(partner, now=now)


@action
def approve_promotion(actor: Actor, partner: UUID, tier: str, *, now: datetime) -> None:
    """Confirm a rise that waits for a person's word. Raises Conflict when none waits."""
    allow(actor, "promotion.approve")
    at = lock_partner(partner, now)
    standing = queries.stands(partner)
    if standing is None:
        raise NotFound()
    if standing.held.awaiting != tier:
        raise Conflict(Text("This partner is not waiting for that tier."))
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
