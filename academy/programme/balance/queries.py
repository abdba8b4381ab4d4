"""Reading where lines stand: on which statement each is, and whether that is paid.

A line is on the statement that pays for its payable day: no two of a partner pay for the same. It is on its way from
the moment that one is made, after approval. Whoever asks has settled who may see it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import reads
from academy.programme.balance.rules import Calendar, LineStands, Named, stands
from academy.programme.closes.rules import due_on, runs_on
from academy.programme.plans.queries import plan_version

PAYS_FOR = """
    (select last.* from (select p.* from programme_statement p
                          where p.partner_id = {line}.partner_id and p.currency = {line}.currency
                            and p.outcome = 'pay' and p.since <= {line}.payable_on
                          order by p.since desc limit 1) last
      where last.until >= {line}.payable_on)
"""
"""The statement, or draft, that pays for the day of a line: of the days of a partner only the last ones can hold it."""

NAMED = f"""
    select s.number, c.month, c.plan_id, c.cut_at, c.handed_over_at,
           case when r.payout_id is null then o.paid_on end as paid_on,
           case when r.payout_id is null then o.reference end as reference, r.returned_on
      from {PAYS_FOR.format(line="l")} s
      join programme_close c on c.id = s.close_id
      left join lateral (select p.id, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id order by p.attempt desc limit 1) o on true
      left join programme_return r on r.payout_id = o.id
     where s.made_at is not null
"""  # noqa: S608 - a constant
"""The made statement of a line `l` and its last payment, for a lateral join."""

_OF_LINES = f"""
    select l.id, l.payable_on, named.* from programme_commissionline l
      left join lateral ({NAMED}) named on true
     where l.id = any(%s)
"""  # noqa: S608 - constants


def lines_stand(lines: Sequence[UUID], calendar: Calendar) -> dict[UUID, LineStands]:
    """Where these lines of one partner stand. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_LINES, [list(lines)])
        return {row[0]: line_stands(row[1], row[2:], calendar) for row in cursor.fetchall()}


def line_stands(payable_on: date, named: Sequence[Any], calendar: Calendar) -> LineStands:
    """Where a line stands, from its payable day and the columns of NAMED."""
    return stands(payable_on, calendar, named_by(*named) if named[0] else None)


def named_by(
    number: str,
    month: date,
    plan_id: UUID,
    cut_at: datetime,
    handed_over_at: datetime | None,
    paid_on: date | None,
    reference: str | None,
    returned_on: date | None,
) -> Named:
    """A made statement with its days, from the columns of NAMED."""
    plan = plan_version(plan_id)
    cut_on = cut_at.astimezone(plan.zone).date()
    run = handed_over_at.astimezone(plan.zone).date() if handed_over_at else runs_on(month, plan.pay_day, cut_on)
    due = due_on(month, plan.pay_day, cut_on, came_back_on=returned_on)
    return Named(number, month, run, due, paid_on, reference or "", returned_on)


_OF_LINE = f"""
    select s.id, s.number, c.month from programme_commissionline l
     cross join lateral {PAYS_FOR.format(line="l")} s
      join programme_close c on c.id = s.close_id
     where l.id = %s and s.made_at is not null
"""  # noqa: S608 - a constant


@dataclass(frozen=True, slots=True)
class StatementOfLine:
    """The statement that a line is on."""

    id: UUID
    number: str
    month: date


def statement_of_line(line: UUID) -> StatementOfLine | None:
    """The made statement that a line is on; None while it is on none. One query."""
    found = reads.row(_OF_LINE, [line])
    return StatementOfLine(*found) if found else None
