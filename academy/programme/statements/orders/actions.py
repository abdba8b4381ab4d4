"""Handing statements over to be paid: each to the payee that is checked now. For the actions of a close."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.core import bulk
from academy.core.ids import uuid7
from academy.programme.statements.orders.queries import waiting
from academy.programme.statements.orders.rules import Place

_PLACE = """
    insert into programme_order (id, statement_id, payee, placed_at)
    select id, statement, payee, %(now)s
      from jsonb_to_recordset(%(rows)s::jsonb) as placed (id uuid, statement uuid, payee int)
"""


def place_orders(close: UUID, *, by: UUID | None, now: datetime) -> tuple[int, int]:
    """Hand over what is not paid and was not handed over to its payee before: how many that are, and how many are left.

    Left is what would go to payee details that are newer than the approval and that `by` has checked. Under the close's
    lock, so that nothing of it is paid meanwhile.
    """
    ready = waiting(close, Place.READY)
    placed = [one for one in ready if not (one.is_newer and by is not None and one.checked_by == by)]
    if placed:
        rows = [{"id": uuid7(), "statement": one.id, "payee": one.payee} for one in placed]
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, {"now": now, "rows": bulk.rows(rows)})
    return len(placed), len(ready) - len(placed)
