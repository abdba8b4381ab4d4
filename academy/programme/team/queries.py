"""Reading a partner's people together: the evidence once, and what each of them has still to learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from academy.learning.remaining.queries import Left, left_of_people
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence
from academy.programme.outlook.rules import Offer
from academy.programme.standing.queries import Stands, present_of
from academy.programme.team import rules
from academy.programme.team.rules import Column, Effort, Hanging
from academy.recognition.credentials.queries import InForce, in_force


@dataclass(frozen=True, slots=True)
class Team:
    """What a partner's people carry. `columns` and `efforts` are about the next tier; empty at the top."""

    columns: list[Column]
    hanging: list[Hanging]
    efforts: list[Effort]
    left: Mapping[str, Mapping[str, Left]]


def team(stands: Stands, at: datetime) -> Team:
    """Four queries, however many people there are. Asks no permission."""
    plan, at = stands.plan, present_of(stands, at)
    evidence = evidence_at(stands.partner, plan, stands.currency, at)
    hanging = rules.hangs_on(plan, stands.held, evidence, at)
    tier = plan.above(stands.held.tier)
    if tier is None:
        return Team([], hanging, [], {})
    credentials = {str(key): value for key, value in in_force(at).items()}
    wanted = plan.core.union(*(one.rule.modules() for one in credentials.values()))
    people = [UUID(person) for person in sorted(evidence.members)]
    rows = left_of_people(people, [UUID(module) for module in wanted])
    left = {str(person): {str(module): one for module, one in mine.items()} for person, mine in rows.items()}
    offers = [_offer(person, evidence, credentials, left[person]) for person in sorted(evidence.members)]
    efforts = [found for offer in offers if (found := rules.effort(plan, tier, evidence, offer, at))]
    return Team(
        rules.columns(plan, tier, evidence, at),
        hanging,
        sorted(efforts, key=lambda one: (len(one.missing), one.minutes, one.person)),
        left,
    )


def _offer(person: str, evidence: Evidence, credentials: Mapping[str, InForce], left: Mapping[str, Left]) -> Offer:
    """What somebody can still do. Renewals are left out: what counts for them is not known here."""
    held = evidence.held.get(person, {})
    passed = evidence.passed.get(person, frozenset())
    return Offer(
        person=person,
        minutes={module: one.minutes for module, one in left.items()},
        slugs={module: f"{one.course_slug}/{one.slug}" for module, one in left.items()},
        credentials={key: one.rule.modules() - passed for key, one in credentials.items() if key not in held},
        requires={module: frozenset(map(str, one.requires)) for module, one in left.items() if one.requires},
        unproved=frozenset(module for module, one in left.items() if not one.proves),
    )
