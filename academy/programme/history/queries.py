"""A partner as it stood at an instant, by the facts that counted up to it: the journal read again, never guessed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.programme.evidence.rules import Evidence
from academy.programme.history.rules import Told, held_after
from academy.programme.judging.rules import Before
from academy.programme.lapses.rules import safe_until
from academy.programme.plans.queries import plan_by_reference, plan_version, version_in_force
from academy.programme.plans.rules import Plan
from academy.programme.standing.queries import told_until
from academy.programme.standing.rules import Held, judge
from academy.programme.verification.queries import replay_until
from academy.programme.verification.statements import load


@dataclass(frozen=True, slots=True)
class Stood:
    """Where a partner stood."""

    at: datetime
    plan: Plan
    held: Held
    levels: Mapping[str, int]
    evidence: Evidence
    tier_since: datetime
    safe_until: datetime | None


_DECIDED = """
    select kind, numbers, effective_at, rule, inputs from journal_fact
     where partner = %s and effective_at <= %s and pos is not null
       and kind in ('partner.enrolled', 'tier.changed', 'rate.changed', 'tier.warned', 'promotion.awaited',
                    'promotion.approved', 'tier.pinned', 'tier.unpinned')
     order by pos
"""


def stood(partner: UUID, programme: UUID, currency: str, at: datetime) -> Stood | None:
    """Where a partner stood at an instant; None when it was in no programme yet. Six queries, plans apart.

    Beyond the last instant of which a programme's source has told there is nothing to be asked: that one is told.
    """
    at = min(at, told_until(programme) or at)
    told = _told(partner, at)
    if not told:
        return None
    held = held_after(told, plan_by_reference)
    plan = plan_version(version_in_force(programme, at))
    replay = replay_until(partner, currency, at)
    levels, evidence = replay.levels(plan, at), replay.evidence(at)
    # Notices that were answered in time end without a fact: judging once more says which were still open.
    held = judge(plan, held, levels, currency, at).held
    since = [one.at for one in told if one.kind in ("partner.enrolled", "tier.changed")]
    return Stood(at, plan, held, levels, evidence, since[-1], safe_until(plan, held, evidence, levels, at))


def held_before(partner: UUID, programme: UUID, at: datetime) -> Before:
    """What prices a deal won at an instant that has passed: what was held strictly before it, by the plan of then.

    At the instant of its enrolment a partner has what it was enrolled with; it wins nothing before. Three queries.
    """
    enrolled, *later = _told(partner, at)
    earlier = [enrolled, *(one for one in later if one.at < at)]
    plan = version_in_force(programme, max(enrolled.at, at - datetime.resolution))
    return Before(plan, held_after(earlier, plan_by_reference))


def _told(partner: UUID, at: datetime) -> list[Told]:
    with connection.cursor() as cursor:
        cursor.execute(_DECIDED, [partner, at])
        return [
            Told(kind, load(numbers), effective_at, rule, load(inputs))
            for kind, numbers, effective_at, rule, inputs in cursor.fetchall()
        ]
