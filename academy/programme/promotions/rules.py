"""A rise that waits for a person's word: since when, and by when that word is promised."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from academy.core.periods import working_days_after

CONFIRM_WORKING_DAYS = 3


def since_when(waited: str | None, since: datetime | None, waits: str | None, at: datetime) -> datetime | None:
    """Since when a tier waits that does at this instant: it keeps its day for as long as it is the one that waits."""
    if waits is None:
        return None
    return since if waits == waited else at


def confirmed_by(met_at: datetime, zone: ZoneInfo) -> date:
    """The last day on which SISO's word is in time: so many working days after the day on which the tier was met."""
    return working_days_after(met_at.astimezone(zone).date(), CONFIRM_WORKING_DAYS)
