"""Reading what was told late from the journal, which alone keeps when something happened. Asks no permission."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from academy.core import reads
from academy.programme.deals.late.rules import Late

TOLD_LATE = """
    (select json_agg(json_build_array(f.occurred_at, f.recorded_at, f.effective_at, f.kind, case f.kind
                when 'deal.refunded' then (f.numbers->>'amount')::bigint
                when 'deal.changed' then (f.numbers->>'to')::bigint - (f.numbers->>'from')::bigint
                else 0 end) order by f.pos)
       from journal_fact f
      where f.thing = {deal} and f.kind in ('deal.won', 'deal.refunded', 'deal.changed')
        and f.occurred_at < f.effective_at)::text
"""
"""What was told late of a deal, as one column for `late_from`; null where nothing was."""

_OF_DEAL = f"select {TOLD_LATE.format(deal='%s::uuid')}"


def told_late(deal: UUID) -> tuple[Late, ...]:
    """What was told late of a deal, in the order of the journal. One query."""
    found = reads.row(_OF_DEAL, [deal])
    assert found is not None
    return late_from(found[0])


def late_from(written: str | None) -> tuple[Late, ...]:
    """What was told late, from the column of TOLD_LATE."""
    rows: list[Sequence[Any]] = json.loads(written) if written else []
    return tuple(_late(*row) for row in rows)


def _late(happened_at: str, told_at: str, counts_from: str, kind: str, moved: int) -> Late:
    happened, told, counts = map(datetime.fromisoformat, (happened_at, told_at, counts_from))
    return Late(happened, told, counts, kind, moved)
