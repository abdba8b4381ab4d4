"""One partner's standing as a manager reads it: now as it is stored, or as it was at the end of some day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core.criteria import Criterion, Verdict, comparisons, evaluate
from academy.people.partners.queries import Stay
from academy.programme.evidence.rules import Evidence, carriers, valid
from academy.programme.history.queries import Stood
from academy.programme.lapses.queries import leaving_of
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, fallen, name_of_rank, ranks, rate
from academy.programme.standing.rules import Warning as Notice
from academy.programme.steps.rules import SOON
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.rules import status
from academy.web import deal_words, fall_words, formats, promotions, sentences
from academy.web.studio import words
from academy.web.templates import url

TONES = ("bronze", "silver", "gold", "platinum")
STATES = {"valid": "good", "expired": "warn", "revoked": "bad"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A standing to show, whether it is today's or a past one."""

    found: Stands | Stood
    currency: str
    at: datetime

    @property
    def plan(self) -> Plan:
        """The plan that it was judged by."""
        return self.found.plan

    @property
    def rank(self) -> int:
        """The tier's place on the ladder."""
        return ranks(self.plan, self.found.held)[Part.TIER]


def card(shown: Shown, evidence: Evidence | None) -> dict[str, Any]:
    """Tier, rate and their reasons."""
    found, plan = shown.found, shown.plan
    above = plan.above(plan.tiers[shown.rank].slug)
    return {
        "tier": sentences.tier_name(plan, found.held.tier),
        "since": found.tier_since,
        "safe_until": found.safe_until,
        "rate": rate(plan, found.held).basis_points,
        "product": deal_words.product_name(plan.default_product),
        "plan": plan.reference,
        "next": above.name if above else "",
        "awaiting": found.held.awaiting,
        "awaiting_since": promotions.to_decide(plan, found.held, shown.at),
        "awaiting_name": sentences.tier_name(plan, found.held.awaiting) if found.held.awaiting else "",
        "ladder": list(_ladder(shown)),
        "steps": list(_steps(shown)),
        "requirements": list(_requirements(shown)),
        "leaving": _leaving(shown, evidence),
        "notices": [_notice(shown, warning) for warning in found.held.warnings],
    }


def _leaving(shown: Shown, evidence: Evidence | None) -> str:
    """What soon leaves its window and takes the tier of today; empty when nothing does, and for past days."""
    if evidence is None or not isinstance(shown.found, Stands):
        return ""
    leaves = leaving_of(shown.found, evidence, shown.at, within=SOON)
    return fall_words.leaving(leaves, shown.plan, shown.currency, sees_amounts=True) if leaves else ""


def _ladder(shown: Shown) -> Iterator[dict[str, Any]]:
    above = shown.rank + 1
    for rank, tier in enumerate(shown.plan.tiers):
        near = evaluate(tier.enter, shown.found.levels, shown.currency).progress if rank == above else 0
        state = "held" if rank < shown.rank else "here" if rank == shown.rank else "next" if rank == above else "later"
        tone = TONES[rank] if rank < len(TONES) else "plain"
        yield {"name": tier.name, "tone": tone, "state": state, "progress": int(near * 100)}


def _steps(shown: Shown) -> Iterator[dict[str, Any]]:
    steps = rate(shown.plan, shown.found.held).steps
    for index, step in enumerate(steps, 1):
        yield {
            "label": sentences.step_label(step, shown.plan, shown.found.held.tier),
            "value": formats.percent(sentences.step_result(step)),
            "kind": "total" if index == len(steps) else "",
        }


def _requirements(shown: Shown) -> Iterator[dict[str, Any]]:
    """What is asked to keep this tier and to reach the next, a row for each thing that is measured."""
    here = shown.plan.tiers[shown.rank]
    above = shown.plan.above(here.slug)
    keep, reach = _leaves(here.stay, shown), _leaves(above.enter, shown) if above else {}
    for key in {**keep, **reach}:
        leaf = (keep.get(key) or reach.get(key)) or None
        if leaf is None:
            continue
        yield {
            "what": sentences.requirement(leaf),
            "have": sentences.quantity(leaf, leaf.have, shown.currency),
            "keep": _need(keep.get(key), shown.currency),
            "reach": _need(reach.get(key), shown.currency),
        }


def _leaves(criterion: Criterion, shown: Shown) -> dict[str, Verdict]:
    verdict = evaluate(criterion, shown.found.levels, shown.currency)
    return {one.key: leaf for one, leaf in zip(comparisons(criterion), verdict.leaves(), strict=True)}


def _need(leaf: Verdict | None, currency: str) -> dict[str, Any] | None:
    """What is needed, whether it is there, and else how much is missing."""
    if leaf is None:
        return None
    return {
        "need": sentences.quantity(leaf, leaf.need, currency),
        "met": leaf.met,
        "missing": "" if leaf.met else sentences.missing(leaf, currency),
    }


def _notice(shown: Shown, warning: Notice) -> dict[str, Any]:
    """A notice that runs, with what the rate would then be."""
    plan, held = shown.plan, shown.found.held
    names: dict[str | int, int] = {name_of_rank(plan, warning.part, rank): rank for rank in range(len(plan.tiers))}
    rank = names.get(warning.to, 0) if warning.part is Part.TIER else int(warning.to)
    then = rate(plan, fallen(plan, held, warning.part, rank)).basis_points
    return {
        "what": words.open_notice(plan, held, warning),
        "sent_at": warning.sent_at,
        "falls_at": warning.falls_at,
        "rate": formats.percent(then) if then != rate(plan, held).basis_points else "",
    }


def people(stays: Sequence[Stay], evidence: Evidence | None, plan: Plan | None, at: datetime) -> dict[str, Any]:
    """Who was a member at an instant and what each carries; who had left by then."""
    here = [stay for stay in stays if stay.joined_at <= at and (stay.left_at is None or stay.left_at > at)]
    gone = [stay for stay in stays if stay.left_at is not None and stay.left_at <= at]
    core = carriers(evidence.passed, evidence.members, plan.core) if evidence and plan else {}
    held = carriers(valid(evidence, at), evidence.members, plan.advanced) if evidence and plan else {}
    return {
        "people": [_carries(stay, core, held) for stay in sorted(here, key=lambda stay: stay.role != "owner")],
        "core_total": len(plan.core) if plan else 0,
        "core": len(core),
        "advanced": len(held),
        "gone": [{"name": stay.name or stay.email, "left_at": stay.left_at} for stay in gone],
    }


def _carries(stay: Stay, core: Mapping[str, list[str]], held: Mapping[str, list[str]]) -> dict[str, Any]:
    """What one person has done of what counts, and how much of it nobody else has."""
    person = str(stay.person_id)
    modules, credentials = _of(person, core), _of(person, held)
    return {
        "id": stay.person_id,
        "name": stay.name or stay.email,
        "email": stay.email if stay.name else "",
        "role": _("Owner") if stay.role == "owner" else _("Member"),
        "joined_at": stay.joined_at,
        "core": modules["all"],
        "core_alone": modules["alone"],
        "advanced": credentials["all"],
        "advanced_alone": credentials["alone"],
    }


def _of(person: str, carried: Mapping[str, list[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for who in carried.values():
        if person in who:
            found["all"] += 1
            found["alone"] += len(who) == 1
    return found


def hanging(told: Mapping[str, Any]) -> str:
    """The sentence that says when everything that counts hangs on one person; empty when it does not."""
    alone = [one["name"] for one in told["people"] if told["core"] and one["core_alone"] == told["core"]]
    if not alone or len(told["people"]) < 2:
        return ""
    return _("All core modules hang on %(name)s: nobody else has passed any of them.") % {"name": alone[0]}


def certificates(
    rows: Iterable[Certificate], members: frozenset[UUID], at: datetime, *, revokes: bool
) -> list[dict[str, Any]]:
    """The certificates of members as they stood at an instant, newest first."""
    shown = []
    for one in rows:
        if one.issued_at > at or one.person_id not in members:
            continue
        state = status(expires_at=one.expires_at, revoked_at=one.revoked_at, at=at)
        shown.append(
            {
                "serial": one.serial,
                "title": one.credential.title,
                "advanced": one.credential.advanced,
                "person": one.person.name or one.person.email,
                "state": state,
                "tone": STATES[state],
                "state_name": state_name(state),
                "issued_at": one.issued_at,
                "expires_at": one.expires_at,
                "revoked_at": one.revoked_at if state == "revoked" else None,
                "reason": one.revoked_reason if state == "revoked" else "",
                "revoke": url("studio-certificate-revoke", one.serial) if revokes and state != "revoked" else "",
            }
        )
    return shown


def state_name(state: str) -> str:
    """What the state of a certificate is called."""
    return {"valid": _("Valid"), "expired": _("Expired"), "revoked": _("Revoked")}[state]


def end_of(day: datetime) -> datetime:
    """The last instant of the day that begins at this midnight."""
    return day + timedelta(days=1) - timedelta(microseconds=1)
