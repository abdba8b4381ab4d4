"""Telling owners in time that sales are about to leave a window, before a notice has to be sent."""

from datetime import datetime, timedelta
from uuid import UUID

from academy.journal.actions import action
from academy.notifications.notices.actions import tell
from academy.people.partners.queries import owner_ids
from academy.programme.evidence.queries import evidence_at
from academy.programme.lapses.queries import leaving_of, soon_lost
from academy.programme.standing.queries import stands

NOTICE = timedelta(days=30)
AT_A_TIME = 500


def tell_of_leaving(*, now: datetime) -> int:
    """Tell of each tier that sales leaving their window take in at most 30 days; how many people were told.

    Repeating it tells no more, unless another day comes out. Each partner is a transaction of its own.
    """
    told, after = 0, None
    while found := soon_lost(now, now + NOTICE, after=after, limit=AT_A_TIME):
        told += sum(_tell_of_leaving(partner, now=now) for partner in found)
        after = found[-1]
    return told


@action
def _tell_of_leaving(partner: UUID, *, now: datetime) -> int:
    found = stands(partner)
    if found is None or found.is_due(now):
        return 0  # what fell due is judged first, within the minute; a later run tells of it
    leaves = leaving_of(found, evidence_at(partner, found.plan, found.currency, now), now, within=NOTICE)
    if leaves is None:
        return 0
    day = leaves.by.astimezone(found.plan.zone).date()
    return tell(
        "deal.leaving_window",
        owner_ids(partner),
        key=f"deal.leaving_window:{partner}:{leaves.tier}:{day.isoformat()}",
        partner=partner,
        params={
            "tier": leaves.tier,
            "metric": leaves.metric,
            "window": leaves.window,
            "by": leaves.by,
            "have": leaves.have,
            "stays": leaves.stays,
            "needs": leaves.needs,
            "on_the_day": leaves.on_the_day,
            "currency": found.currency,
            "safe_until": found.safe_until,
        },
        now=now,
    )
