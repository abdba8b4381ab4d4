"""Handing statements over to be paid: each to the payee that is checked now. For the actions of a close."""

from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.programme.statements.orders.queries import WAITING
from academy.programme.statements.orders.rules import Place

_PLACE = f"""
    with ready as (
        select id, payee, (%(second)s and is_newer and checked_by = %(by)s::uuid) is true as own
          from ({WAITING}) waiting where place = '{Place.READY}'),
    placed as (
        insert into programme_order (id, statement_id, payee, placed_at, placed_by_id)
        select uuidv7(), id, payee, %(now)s, %(by)s::uuid from ready where not own)
    select count(*) filter (where not own), count(*) filter (where own) from ready
"""  # noqa: S608 - constants


def place_orders(close: UUID, *, by: UUID | None, second: bool, now: datetime) -> tuple[int, int]:
    """Hand over what is not paid and was not handed over to its payee before: how many that are, and how many are left.

    Left is what would go to payee details that are newer than the approval and that `by` has checked, where a `second`
    person is asked for. Under the close's lock, so that nothing of it is paid meanwhile. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, {"close": close, "by": by, "second": second, "now": now})
        placed, left = cursor.fetchone()
    return placed, left
