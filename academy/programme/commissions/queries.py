"""Reading commission lines. One statement a question; asks no permission where it says so."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from academy.core import reads

CAUSE = """
    (select max(c.pos) from journal_fact c
      where c.thing = {deal} and c.kind in ('deal.won', 'deal.refunded', 'deal.changed')
        and c.pos < (select e.pos from journal_fact e
                      where e.thing = {line}
                        and e.kind in ('commission.added', 'commission.reversed', 'commission.adjusted')))
"""
"""The place in the journal of what a deal's line followed from: the last that happened to the deal before the line's
own fact, which is recorded at once. Not for what a person corrected.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was written. Amounts are minor units, the rate basis points; `corrects` is the line it answers."""

    id: UUID
    deal: UUID
    kind: str
    amount: int
    currency: str
    rate: int
    effective_at: datetime
    payable_on: date
    corrects: UUID | None


_OF_DEALS = """
    select id, deal_id, kind, amount, currency, rate, effective_at, payable_on, corrects_id
      from programme_commissionline where deal_id = any(%s::uuid[]) order by effective_at, id
"""


def lines_of_deals(deals: Iterable[UUID]) -> dict[UUID, list[Line]]:
    """The lines of these deals in the order in which they came; one query. Asks no permission."""
    found: defaultdict[UUID, list[Line]] = defaultdict(list)
    for row in reads.rows(_OF_DEALS, [list(deals)]):
        found[row[1]].append(Line(*row))
    return dict(found)
