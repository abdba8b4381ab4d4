"""Reading what was told late from the journal, which alone keeps when something happened. Asks no permission."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from academy.programme.deals.late.rules import Late

TOLD_LATE = """
    (select json_agg(json_build_array(f.occurred_at, f.recorded_at, f.effective_at, f.kind, f.pos) order by f.pos)
       from journal_fact f
      where f.thing = {deal} and f.kind in ('deal.won', 'deal.refunded', 'deal.changed')
        and f.occurred_at < f.effective_at)::text
"""
"""What was told late of a deal, as one column for `late_from`; null where nothing was."""


def late_from(written: str | None) -> tuple[Late, ...]:
    """What was told late, from the column of TOLD_LATE."""
    rows: list[Sequence[Any]] = json.loads(written) if written else []
    return tuple(_late(*row) for row in rows)


def _late(happened_at: str, told_at: str, counts_from: str, kind: str, place: int) -> Late:
    happened, told, counts = map(datetime.fromisoformat, (happened_at, told_at, counts_from))
    return Late(happened, told, counts, kind, place)
