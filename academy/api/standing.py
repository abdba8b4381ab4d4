"""Where somebody stands, read once and put into the shapes of `schemas.standing`. Words come from `web.sentences`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from django.utils.translation import gettext as _

from academy.api import tiers
from academy.api.callers import Caller
from academy.api.schemas.standing import (
    Commission,
    Effect,
    Keeps,
    NextStep,
    Payment,
    Preview,
    Standing,
    Step,
    Tier,
    Training,
)
from academy.api.schemas.values import Money
from academy.core.errors import NotFound, Refused, Text
from academy.core.money import half_away, parse_field, percent
from academy.journal.queries import head
from academy.learning.catalog.queries import module_titles
from academy.learning.catalog.rules import COURSE, item_url, lesson_url
from academy.learning.progress.queries import passed_modules, totals
from academy.learning.progress.rules import percent as share
from academy.people.permissions.access import allow
from academy.people.permissions.rules import may
from academy.programme.balance.accounts.queries import overview_of
from academy.programme.balance.accounts.rules import NextPayment, Overview
from academy.programme.commissions.rules import LineState
from academy.programme.lapses.rules import safe_until
from academy.programme.outlook import rules as outlook
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.outlook.rules import Outlook
from academy.programme.plans.models import Clock
from academy.programme.plans.rules import ANY_PRODUCT, Plan
from academy.programme.rates.rules import Step as RateStep
from academy.programme.rates.rules import StepKind
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import Held, Part, ranks, rate
from academy.programme.steps import rules as steps
from academy.web import payments, sentences
from academy.web import steps as words

WHAT_IF = "/what-if/"
FACTORS = frozenset({StepKind.TIER, StepKind.BONUS})


@dataclass(frozen=True, slots=True)
class Read:
    """What answers about a caller's standing are made of."""

    caller: Caller
    cursor: int
    stands: Stands
    now: datetime

    @property
    def at(self) -> datetime:
        """The instant that questions are about: now, or where an imported programme's own clock stands."""
        return self.now if self.stands.clock == Clock.LIVE else self.stands.judged_at

    @property
    def sees_amounts(self) -> bool:
        """Whether the caller may see the partner's sums."""
        return may(self.caller.actor, "amounts.see", partner_id=self.stands.partner)


def up_to_date(partner: UUID, *, now: datetime) -> tuple[int, Stands]:
    """The journal's cursor, and a partner's standing with everything applied that was due. Raises NotFound.

    The cursor is read first: whatever it does not cover comes again, and nothing is missed.
    """
    cursor, found = head(), stands(partner)
    due = found.next_change_at if found and found.clock == Clock.LIVE else None
    if due is not None and due < now:
        bring_up_to_date(partner, now=now)
        cursor, found = head(), stands(partner)
    if found is None:
        raise NotFound(_("This partner is in no programme yet, so there is no standing."))
    return cursor, found


def read(caller: Caller, verb: str, *, now: datetime) -> Read:
    """What the caller's own partner stands on. Raises NotFound for people without one."""
    partner = caller.actor.partner_id
    if partner is None:
        raise NotFound(_("You are not a member of a partner, so there is no standing."))
    allow(caller.actor, verb, partner_id=partner)
    cursor, found = up_to_date(partner, now=now)
    return Read(caller, cursor, found, now)


def standing(caller: Caller, *, now: datetime) -> Standing:
    """GET /me/standing."""
    it = read(caller, "standing.see", now=now)
    ahead = prospects(it.stands, caller.actor.person_id, it.at)
    return Standing(
        as_of=now,
        cursor=it.cursor,
        training=_training(it, ahead),
        tier=tiers.tier_of(it.stands, ahead.evidence, it.at, sees_amounts=it.sees_amounts),
        commission=commission_of(it.stands.plan, it.stands.held, _money(it)),
        next_step=_next_step(it, ahead, ahead.next_step(), it.stands.rate().basis_points, it.stands.held),
    )


def preview(
    caller: Caller, *, modules: Sequence[UUID], credentials: Sequence[UUID], sales: str | None, now: datetime
) -> Preview:
    """GET /me/standing/preview: judged by the same functions as the real thing. Raises Refused for unknown ids.

    Raises Forbidden for sales that somebody asks about who may not see amounts: from how much more reaches a tier it
    follows how much was won.
    """
    it = read(caller, "standing.preview", now=now)
    if sales is not None:
        allow(caller.actor, "amounts.see", partner_id=it.stands.partner)
    ahead = prospects(it.stands, caller.actor.person_id, it.at)
    amount = parse_field(sales, it.stands.currency, field="sales") if sales else 0
    _check_known(ahead, modules, credentials)
    asked = {"modules": [str(one) for one in modules], "credentials": [str(one) for one in credentials]}
    passed, earned = outlook.completed_by(ahead.offer, **asked)
    evidence = outlook.suppose(ahead.evidence, ahead.offer, **asked, sales=amount, at=it.at)
    plan = it.stands.plan
    then = outlook.look_ahead(plan, it.stands.held, evidence, it.at, sold=ahead.evidence.sales)
    offer = outlook.offer_after(ahead.offer, passed=passed, earned=earned)
    same = then.held.tier == it.stands.held.tier
    return Preview(
        as_of=now,
        cursor=it.cursor,
        training=_training(it, ahead, passed=passed, earned=earned),
        tier=Tier(
            current=sentences.tier_name(plan, then.held.tier),
            since=it.stands.tier_since if same else now,
            safe_until=safe_until(plan, then.held, evidence, then.levels, it.at),
            next=tiers.next_tier_of(then.next, sees_amounts=it.sees_amounts),
            awaiting=tiers.awaiting(plan, then.held),
            at_risk=bool(then.held.warnings),
            leaving=tiers.shape_of_leaving(
                tiers.leaves_soon(plan, then.held, evidence, then.levels, it.at),
                plan,
                it.stands.currency,
                sees_amounts=it.sees_amounts,
            ),
        ),
        commission=commission_of(plan, then.held, _money(it)),
        next_step=_next_step(
            it, ahead, steps.next_step(plan, then.held, evidence, offer, it.at), then.basis_points, then.held
        ),
        difference=_effect(it, it.stands.rate().basis_points, it.stands.held, then),
    )


def _check_known(ahead: Prospects, modules: Sequence[UUID], credentials: Sequence[UUID]) -> None:
    unseen = [module for module in modules if str(module) not in ahead.modules]
    known = {one.id for one in module_titles(unseen)} if unseen else set()
    if unknown := [module for module in unseen if module not in known]:
        raise Refused(
            Text("There is no module %(id)s.", id=unknown[0]), fields={"module": Text("Not in the catalogue.")}
        )
    if missing := [one for one in credentials if str(one) not in ahead.credentials]:
        raise Refused(
            Text("There is no credential %(id)s.", id=missing[0]), fields={"certificate": Text("Not one of ours.")}
        )


def _training(
    it: Read, ahead: Prospects, *, passed: frozenset[str] = frozenset(), earned: frozenset[str] = frozenset()
) -> Training:
    person, core = it.caller.actor.person_id, it.stands.plan.core
    figures = totals(person, [UUID(module) for module in core])
    before = {str(module) for module in passed_modules([person]).get(person, frozenset())}
    completed = figures.modules_completed + len(passed - before)
    total = max(figures.modules_total, completed)
    held = ahead.evidence.held.get(str(person), {})
    return Training(
        modules_completed=completed,
        modules_total=total,
        core_completed=len(core & (before | passed)),
        core_total=len(core),
        seconds=figures.seconds,
        certificates=figures.certificates + len(earned - held.keys()),
        percent=share(completed, total),
    )


def _money(it: Read) -> Overview | None:
    """What comes next and what is on hold; None for those who may not see amounts."""
    return overview_of(it.stands, it.now) if it.sees_amounts else None


def commission_of(plan: Plan, held: Held, money: Overview | None) -> Commission:
    """The rate of the plan's default product, line by line; sums are null without `money`."""
    result = rate(plan, held)
    return Commission(
        rate=percent(result.basis_points),
        product=result.product if result.product != ANY_PRODUCT else "any product",
        steps=[step_of(step, plan, held.tier) for step in result.steps],
        next_payment=_payment(money.next) if money else None,
        next_payment_text=payments.next_payment(money.next) if money else None,
        on_hold=Money.of(money.in_state(LineState.ON_HOLD).amount, money.account.currency) if money else None,
    )


def _payment(one: NextPayment) -> Payment | None:
    """A payment that is planned, and nothing where something keeps it."""
    if one.date is None or not one.is_planned:
        return None
    return Payment(**Money.of(one.amount, one.currency).dict(), date=one.date, about=not one.is_made)


def step_of(step: RateStep, plan: Plan, tier: str) -> Step:
    """A step of a rate's arithmetic, made at a tier of a plan."""
    is_factor = step.kind in FACTORS and not (step.kind is StepKind.BONUS and plan.bonus_adds_points)
    return Step(
        kind=str(step.kind),
        label=sentences.step_label(step, plan, tier).replace("\N{NO-BREAK SPACE}", " "),
        value=_factor(step.value) if is_factor else percent(half_away(step.value * 10_000)),
        result=percent(sentences.step_result(step)),
    )


def _factor(value: Fraction) -> str:
    """A factor with at least two digits and at most four: 1.15, 1.0525."""
    text = f"{half_away(value * 10_000) / 10_000:.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def _points(basis_points: int) -> str:
    return f"-{percent(-basis_points)}" if basis_points < 0 else percent(basis_points)


def _effect(it: Read, rate_before: int, before: Held, then: Outlook) -> Effect:
    plan = it.stands.plan
    rises = ranks(plan, then.held)[Part.TIER] != ranks(plan, before)[Part.TIER]
    return Effect(
        tier=sentences.tier_name(plan, then.held.tier) if rises else None,
        rate=_points(then.basis_points - rate_before),
        rate_after=percent(then.basis_points),
        monthly=Money.of(then.monthly, it.stands.currency) if it.sees_amounts else None,
    )


def _next_step(
    it: Read, ahead: Prospects, step: steps.NextStep | None, rate_before: int, before: Held
) -> NextStep | None:
    if step is None:
        return None
    by_name = step.keeps is None and step.modules
    return NextStep(
        title=words.titles(ahead, step) if by_name else words.headline(ahead, step, sees_amounts=it.sees_amounts),
        url=_begins_at(ahead, step),
        minutes=step.minutes,
        modules=[UUID(module) for module in step.modules],
        certificates=[UUID(credential) for credential in step.credentials],
        sales=Money.of(step.sales, it.stands.currency) if step.sales and it.sees_amounts else None,
        keeps=_keeps(it, step.keeps) if step.keeps else None,
        awaits=sentences.tier_name(it.stands.plan, step.awaits) if step.awaits else None,
        effect=_effect(it, rate_before, before, step.outlook),
    )


def _begins_at(ahead: Prospects, step: steps.NextStep) -> str:
    if not step.modules:
        return WHAT_IF
    first = ahead.modules[step.modules[0]]
    return lesson_url(first.next_lesson) if first.next_lesson else item_url(COURSE, first.course_slug)


def _keeps(it: Read, keeps: steps.Kept) -> Keeps:
    return Keeps(
        parts=[risk.part.value for risk in keeps.risks],
        until=keeps.until,
        rate_without=percent(keeps.basis_points),
        monthly=Money.of(keeps.monthly, it.stands.currency) if it.sees_amounts else None,
    )
