"""What a close finds: the sums of the lines that many partners still have to be paid, and what becomes of each.

A close looks at what may be paid up to its month's end. What the month before last paid ends with that month, and once
a close has begun no line can be payable in its month any more. So a sum is one of days: those after the last payment.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import bulk
from academy.journal.queries import head
from academy.programme.closes.models import Close
from academy.programme.closes.rules import last_day
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.statements.rules import USUAL_OF, Found, Outcome, flags, outcome
from academy.programme.terms.queries import in_force

# What pays of the months before. Read along the index of those that pay, the latest first: however many there are, no
# more are looked at than are asked for.
_BEFORE = """
    s.partner_id = {partner} and s.currency = {currency} and s.outcome = 'pay' and s.since <= %(until)s
    and s.close_id <> %(close)s
"""

# The payee that a partner was paid as the last time. What came back has paid nobody.
_PAID_TO = f"""
    select o.payee from programme_statement s join programme_payout o on o.statement_id = s.id
     where {_BEFORE.format(partner="due.partner_id", currency="due.currency")}
       and not exists (select from programme_return r where r.payout_id = o.id)
     order by s.since desc limit 1
"""  # noqa: S608 - a constant

# A partner's lines have its one currency. Days on which nothing is payable have no row, and neither has a partner
# without any.
_FOUND = f"""
    with due as materialized (
        select p.id as partner_id, p.currency, before.amounts as before, sums.*,
               coalesce(before.until + 1, %(ever)s::date) as since
          from people_partner p
         cross join lateral (
               select array_agg(latest.amount) as amounts, max(latest.until) as until
                 from (select s.amount, s.until from programme_statement s
                        where {_BEFORE.format(partner="p.id", currency="p.currency")}
                        order by s.since desc limit {USUAL_OF}) latest) before
         cross join lateral (
               select sum(d.amount)::bigint as amount, sum(d.lines) as lines from programme_daysum d
                where d.partner_id = p.id and d.currency = p.currency
                  and d.payable_on between coalesce(before.until + 1, %(ever)s::date) and %(until)s) sums
         where p.id = any(%(partners)s::uuid[]) and sums.lines > 0
    )
    select due.partner_id as partner, due.currency, due.since, due.amount, due.lines,
           exists (select from programme_acceptance a
                    where a.terms_id = %(terms)s and a.partner_id = due.partner_id) as accepted,
           case when payee.checked_at is not null then payee.number else 0 end as payee,
           coalesce(due.before, '{{}}') as before, paid_to.payee as paid_to, payee.number as latest_payee,
           due.partner_id = any(array(select asked.partner_id from programme_linequestion q
                                        join programme_commissionline asked on asked.id = q.line_id
                                       where q.answered_at is null and asked.payable_on <= %(until)s)) as question
      from due
      left join lateral (select p.number, p.checked_at from programme_payee p
                          where p.partner_id = due.partner_id order by p.number desc limit 1) payee on true
      left join lateral ({_PAID_TO}) paid_to on true
     order by due.partner_id, due.currency
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Basis:
    """What is the same for every statement of a close: its month, its minimum, the terms in force."""

    close: Close
    plan: Plan
    programme: str
    terms: UUID | None
    seen: int

    @property
    def until(self) -> date:
        """The last day on which a line may be payable that its statements look at."""
        return last_day(self.close.month)


def basis_of(close: Close) -> Basis:
    """What statements of this close are decided by now. Under the partners' locks, so that `seen` is exact."""
    terms = in_force(close.programme_id, close.cut_at)
    return Basis(
        close=close,
        plan=plan_version(close.plan_id),
        programme=close.programme.slug,
        terms=terms.pk if terms else None,
        seen=head(),
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found for one partner in its currency, and what becomes of it. `since`: the first day that counts."""

    partner: str
    currency: str
    since: date
    found: Found
    outcome: Outcome
    flags: tuple[str, ...]


def drafts(basis: Basis, partners: Collection[UUID]) -> list[Draft]:
    """What these partners' open lines come to and what becomes of it, in their order. One query.

    It answers in JSON, which is read at once: value by value it takes as long as adding up.
    """
    asked: dict[str, Any] = {
        "partners": bulk.ids(partners),
        "until": basis.until,
        "ever": date.min,
        "close": basis.close.pk,
    }
    statement = f"select coalesce(json_agg(found), '[]')::text from ({_FOUND}) found"  # noqa: S608 - a constant
    with connection.cursor() as cursor:
        cursor.execute(statement, asked | {"terms": basis.terms})
        return [_draft(basis, row) for row in json.loads(cursor.fetchone()[0])]


def _draft(basis: Basis, row: Mapping[str, Any]) -> Draft:
    found = Found(
        amount=row["amount"],
        lines=row["lines"],
        minimum=basis.plan.minimum.get(row["currency"], 0),
        seen=basis.seen,
        terms=str(basis.terms) if basis.terms else "",
        accepted=row["accepted"],
        payee=row["payee"],
    )
    marks = flags(
        found,
        before=row["before"],
        paid_to=row["paid_to"],
        latest_payee=row["latest_payee"],
        question=row["question"],
    )
    since = date.fromisoformat(row["since"])
    return Draft(row["partner"], row["currency"], since, found, outcome(found), marks)
