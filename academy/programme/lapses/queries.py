"""Reading what time alone will soon take from partners: sales that leave their windows."""

from datetime import datetime, timedelta
from uuid import UUID

from academy.core import reads
from academy.programme.evidence.rules import Evidence
from academy.programme.lapses.rules import Leaving, leaving
from academy.programme.plans.models import Clock
from academy.programme.standing.queries import Stands


def leaving_of(stands: Stands, evidence: Evidence, at: datetime, *, within: timedelta) -> Leaving | None:
    """What leaves its window and takes the tier of a partner within so long; None when nothing does. No query."""
    lost_at = stands.tier_lost_at
    if lost_at is None or not at < lost_at <= at + within:
        return None
    return leaving(stands.plan, stands.held, evidence, stands.levels, at, lost_at=lost_at)


_SOON_LOST = f"""
    select s.partner_id from programme_standing s
      join programme_programme g on g.id = s.programme_id and g.clock = '{Clock.LIVE}'
      join programme_planversion v on v.id = s.plan_id
     where s.safe_until - make_interval(days => (v.written->>'grace_days')::int) > %(now)s
       and s.safe_until - make_interval(days => (v.written->>'grace_days')::int) <= %(until)s
       and not s.held->'warnings' @> '[{{"part": "tier"}}]'
       and (%(after)s::uuid is null or s.partner_id > %(after)s)
     order by s.partner_id limit %(limit)s
"""  # noqa: S608 - a constant


def soon_lost(now: datetime, until: datetime, *, after: UUID | None, limit: int) -> list[UUID]:
    """Partners whose tier time alone takes in (now, until] and who were not warned of it, by id; one query."""
    asked = {"now": now, "until": until, "after": after, "limit": limit}
    return [partner for (partner,) in reads.rows(_SOON_LOST, asked)]
