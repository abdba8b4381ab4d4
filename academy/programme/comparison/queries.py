"""Reading a partner's deals of a year, and what they would have earned without training."""

from datetime import datetime
from uuid import UUID

from academy.core import reads
from academy.core.periods import shift_months
from academy.programme.comparison.rules import (
    Compared,
    Deal,
    Entry,
    Past,
    by_month,
    held_before,
    pays_for_training,
    rests_on_training,
)
from academy.programme.pins.rules import Pin
from academy.programme.plans.queries import plan_version
from academy.programme.standing.queries import Stands

MONTHS = 12

_DEALS = """
    select d.won_at, l.inputs->>'product', d.amount, d.refunded, l.rate, l.plan_id
      from programme_commissionline l join programme_deal d on d.id = l.deal_id
     where l.partner_id = %(partner)s and l.kind = 'earned' and d.won_at > %(since)s and d.won_at <= %(at)s
     order by d.won_at, d.id
"""

_PLANS = """
    select f.effective_at, v.effective_from, v.id
      from journal_fact f join programme_planversion v on v.programme_id = %(programme)s
     where f.partner = %(partner)s and f.kind = 'partner.enrolled' and v.effective_from <= %(at)s
     order by v.effective_from, v.number
"""

_ENTRIES = """
    select deal::text, client::text, amount, won_at, counts_from from programme_sale
     where partner_id = %(partner)s and counts_from <= %(at)s order by counts_from, id
"""

_PINS = """
    select pinned_at, tier, until, ended_at from programme_tierpin
     where partner_id = %(partner)s and pinned_at <= %(at)s order by pinned_at, id
"""


def without_training(stands: Stands, at: datetime) -> Compared | None:
    """The deals that a partner won in the 12 months up to an instant, with and without training.

    None where its plans pay for none, and where it won nothing. Three queries; four where a tier can be reached by
    sales alone, whose every sale since the beginning then counts. Asks no permission.
    """
    asked = {"partner": stands.partner, "programme": stands.programme, "at": at}
    since = shift_months(at, -MONTHS, stands.plan.zone)
    rows = reads.rows(_PLANS, asked)
    if not any(pays_for_training(plan_version(version)) for _, _, version in rows):
        return None
    deals = [
        Deal(won_at, product, amount, refunded, rate, plan_version(plan))
        for won_at, product, amount, refunded, rate, plan in reads.rows(_DEALS, {**asked, "since": since})
    ]
    if not deals:
        return None
    months = by_month(deals, held_before(deals, _past(stands, rows, at)), stands.plan.zone)
    return Compared(stands.currency, since, at, len(deals), months)


def _past(stands: Stands, plans: list[tuple[datetime, datetime, UUID]], at: datetime) -> Past:
    asked = {"partner": stands.partner, "at": at}
    enrolled_at = plans[0][0]
    # The last one that had begun by then is the plan that the partner joined with.
    begun = max((place for place, (_, since, _) in enumerate(plans) if since <= enrolled_at), default=0)
    versions = tuple((since, plan_version(version)) for _, since, version in plans[begun:])
    pins = _pins(reads.rows(_PINS, asked))
    entries: tuple[Entry, ...] = ()
    if pins or not all(rests_on_training(plan) for _, plan in versions):
        entries = tuple(Entry(*row) for row in reads.rows(_ENTRIES, asked))
    return Past(stands.currency, enrolled_at, versions, entries, pins)


def _pins(rows: list[tuple[datetime, str, datetime, datetime | None]]) -> tuple[tuple[datetime, Pin | None], ...]:
    """Each pin from when it was set, and nothing from when it was taken back or another one took its place."""
    found: list[tuple[datetime, Pin | None]] = []
    for pinned_at, tier, until, ended_at in rows:
        found.append((pinned_at, Pin(tier, until)))
        found += [(ended_at, None)] if ended_at else []
    return tuple(found)
