"""Reading what payments were made for statements."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.core.money import Money
from academy.programme.closes.guards import refuse
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Obstacle, Stage, due_on
from academy.programme.payouts.rules import Payable, Payment, table
from academy.programme.plans.queries import plan_version
from academy.programme.statements.orders.queries import waiting
from academy.programme.statements.orders.rules import Place


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement of a close as payments see it. `payout` is its last payment, `placed_by` who handed it over last."""

    id: UUID
    number: str
    partner: UUID
    payout: UUID | None
    placed_by: UUID | None
    payable: Payable

    def paid_by(self, payment: Payment) -> "Waiting":
        """The same after one payment more, of which only the next line of a file has to know."""
        return replace(self, payable=self.payable.paid_by(payment))


_PAYABLES = """
    select s.id, s.number, s.partner_id, last.id, ordered.placed_by_id, s.outcome = 'pay', s.amount, s.currency,
           coalesce(last.attempt, 0), last.paid_on, coalesce(last.reference, ''), r.payout_id is not null,
           coalesce(ordered.payee, 0)
      from programme_statement s
      left join lateral (select p.id, p.attempt, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id order by p.attempt desc limit 1) last on true
      left join programme_return r on r.payout_id = last.id
      left join lateral (select o.payee, o.placed_by_id from programme_order o
                          where o.statement_id = s.id order by o.payee desc limit 1) ordered on true
     where s.close_id = %s and s.number = any(%s)
"""


def payables(close: UUID, numbers: Collection[str]) -> dict[str, Waiting]:
    """The statements of a close that have these numbers, by them. One query; asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYABLES, [close, list(numbers)])
        return {
            number: Waiting(key, number, partner, payout, placed_by, Payable(*payable))
            for key, number, partner, payout, placed_by, *payable in cursor.fetchall()
        }


HEADING = ("number", "payee_reference", "payee", "amount", "currency", "pay_on", "attempt")


def payment_file(close: Close, at: datetime) -> str:
    """What was handed over and is not paid, as CSV: no bank numbers, the provider's own reference of each payee.

    Number and attempt together name a payment: whoever pays the same ones once can be handed a file twice. One query;
    asks no permission. Raises Conflict before it is handed over.
    """
    if close.stage not in (Stage.HANDED_OVER, Stage.DONE):
        raise refuse(Obstacle.NOT_HANDED_OVER)
    plan = plan_version(close.plan_id)
    today = at.astimezone(plan.zone).date()
    lines: list[list[object]] = [list(HEADING)]
    for one in waiting(close.pk, Place.IN_FILE):
        due = due_on(close.month, plan.pay_day, close.cut_on, came_back_on=one.returned_on)
        amount = f"{Money(one.amount, one.currency).decimal():f}"
        day = max(due, today).isoformat()
        lines.append([one.number, one.reference, one.legal_name, amount, one.currency, day, one.attempt])
    return table(lines)
