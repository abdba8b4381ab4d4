"""Reading what payments were made for statements."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import connection

from academy.programme.payouts.rules import Payable, Payment


@dataclass(frozen=True, slots=True)
class Waiting:
    """A statement of a close as payments see it. `payout` is its last payment."""

    id: UUID
    number: str
    partner: UUID
    payout: UUID | None
    payable: Payable

    def paid_by(self, payment: Payment) -> "Waiting":
        """The same after one payment more, of which only the next line of a file has to know."""
        return replace(self, payable=self.payable.paid_by(payment))


_PAYABLES = """
    select s.id, s.number, s.partner_id, last.id, s.outcome = 'pay', s.amount, s.currency, coalesce(last.attempt, 0),
           last.paid_on, coalesce(last.reference, ''), r.payout_id is not null,
           coalesce((select max(o.payee) from programme_order o where o.statement_id = s.id), 0)
      from programme_statement s
      left join lateral (select p.id, p.attempt, p.paid_on, p.reference from programme_payout p
                          where p.statement_id = s.id order by p.attempt desc limit 1) last on true
      left join programme_return r on r.payout_id = last.id
     where s.close_id = %s and s.number = any(%s)
"""


def payables(close: UUID, numbers: Collection[str]) -> dict[str, Waiting]:
    """The statements of a close that have these numbers, by them. One query; asks no permission."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYABLES, [close, list(numbers)])
        return {
            number: Waiting(key, number, partner, payout, Payable(*payable))
            for key, number, partner, payout, *payable in cursor.fetchall()
        }
