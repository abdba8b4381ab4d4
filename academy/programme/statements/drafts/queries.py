"""What a close finds: the open lines of many partners, added up, and what becomes of each sum."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
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

# A statement that pays names every line of its partner and currency that was payable by its month's end and told of up
# to its cut. So in a currency nobody names what is payable later than the last payment, or was told of after its cut.
_PAID = """
    select distinct on (s.partner_id, s.currency) s.partner_id, s.currency, c.cut,
           (c.month + interval '1 month')::date as next_day
      from programme_statement s join programme_close c on c.id = s.close_id
     where s.partner_id = any(%(partners)s::uuid[]) and s.close_id <> %(close)s and s.outcome = 'pay'
     order by s.partner_id, s.currency, c.month desc
"""

# Where a close has to look: behind the currency that was paid longest ago; where one was never paid, at everything.
_LOOKED = f"""
    select known.partner_id, min(paid.next_day) as next_day, min(paid.cut) as cut
      from (select distinct s.partner_id, s.currency from programme_statement s
             where s.partner_id = any(%(partners)s::uuid[]) and s.close_id <> %(close)s) known
      left join ({_PAID}) paid on paid.partner_id = known.partner_id and paid.currency = known.currency
     group by known.partner_id having bool_and(paid.cut is not null)
"""  # noqa: S608 - constants

# A close takes what was told of up to its cut and is named by nobody. Who names a line is asked only where that does
# not follow from its day.
TAKEN = """
    l.id <> all (array(select f.thing from journal_fact f
                        where f.pos > %(cut)s and f.thing_kind = 'commission' and f.thing is not null))
    and case when l.payable_on >= {behind} then true
             else not exists (select from programme_statementline n where n.line_id = l.id) end
"""

# The lines found there: by their day; and those of earlier days that were told of late. Days in the journal are written
# as ISO: as texts they have the same order.
_NEAR = """
    select l.id, l.partner_id, l.currency, l.amount, l.payable_on, false as late from programme_commissionline l
     where l.partner_id = asked.partner
       and l.payable_on between coalesce(looked.next_day, '-infinity'::date) and %(until)s
    union all
    select l.id, l.partner_id, l.currency, l.amount, l.payable_on, true from journal_fact f
      join programme_commissionline l on l.id = f.thing and l.payable_on < looked.next_day
     where f.partner = asked.partner and f.pos > looked.cut
       and f.kind in ('commission.added', 'commission.reversed', 'commission.adjusted')
       and f.numbers ->> 'payable_on' < looked.next_day::text
"""

_FOUND = f"""
    with due as (
        select l.partner_id, l.currency, sum(l.amount)::bigint as amount, count(*) as lines,
               min(coalesce(looked.next_day, '-infinity'::date)) as since,
               min(coalesce(paid.next_day, '-infinity'::date)) as behind, array_agg(l.id) filter (where l.late) as late
          from unnest(%(partners)s::uuid[]) asked (partner)
          left join ({_LOOKED}) looked on looked.partner_id = asked.partner
         cross join lateral ({_NEAR}) l
          left join ({_PAID}) paid on paid.partner_id = l.partner_id and paid.currency = l.currency
         where {TAKEN.format(behind="coalesce(paid.next_day, '-infinity'::date)")}
         group by l.partner_id, l.currency
    )
    select due.partner_id, due.currency, due.amount, due.lines,
           exists (select from programme_acceptance a
                    where a.terms_id = %(terms)s and a.partner_id = due.partner_id) as accepted,
           case when payee.checked_at is not null then payee.number else 0 end as payee,
           coalesce(payee.changed_at > %(before)s, false) as payee_changed,
           array(select s.amount from programme_statement s join programme_close c on c.id = s.close_id
                  where s.partner_id = due.partner_id and s.currency = due.currency and c.month < %(month)s
                    and exists (select from programme_payout p where p.statement_id = s.id and not exists (
                                    select from programme_return r where r.payout_id = p.id))
                  order by c.month desc limit {USUAL_OF}) as paid,
           due.partner_id = any(array(select asked.partner_id from programme_linequestion q
                                        join programme_commissionline asked on asked.id = q.line_id
                                       where q.answered_at is null and asked.payable_on <= %(until)s)) as question,
           due.since::text, due.behind::text, coalesce(due.late, '{{}}')
      from due
      left join lateral (select p.number, p.checked_at, p.changed_at from programme_payee p
                          where p.partner_id = due.partner_id order by p.number desc limit 1) payee on true
     order by due.partner_id, due.currency
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Basis:
    """What is the same for every statement of a close: its cut, its minimum, the terms in force, the close before."""

    close: Close
    plan: Plan
    programme: str
    terms: UUID | None
    before: datetime | None
    seen: int

    @property
    def parameters(self) -> dict[str, Any]:
        """What the statements above need beside the partners."""
        return {
            "close": self.close.pk,
            "until": last_day(self.close.month),
            "cut": self.close.cut,
            "terms": self.terms,
            "month": self.close.month,
            # Without a close before it nothing is newer than it.
            "before": self.before or "infinity",
        }


def basis_of(close: Close) -> Basis:
    """What statements of this close are decided by now. Under the partners' locks, so that `seen` is exact."""
    terms = in_force(close.programme_id, close.cut_at)
    earlier = Close.objects.filter(programme_id=close.programme_id, month__lt=close.month).order_by("-month").first()
    return Basis(
        close=close,
        plan=plan_version(close.plan_id),
        programme=close.programme.slug,
        terms=terms.pk if terms else None,
        before=earlier.cut_at if earlier else None,
        seen=head(),
    )


@dataclass(frozen=True, slots=True)
class Lines:
    """Which lines a sum is of: those payable from `since` on, unless named before `behind`; and late ones by their ids.

    Days as the database writes them, for naming the very same lines.
    """

    since: str
    behind: str
    late: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found for one partner in one currency, and what becomes of it."""

    partner: UUID
    currency: str
    found: Found
    outcome: Outcome
    flags: tuple[str, ...]
    lines: Lines


def drafts(basis: Basis, partners: Collection[UUID]) -> list[Draft]:
    """What these partners' open lines come to and what becomes of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {**basis.parameters, "partners": bulk.ids(partners)})
        rows = cursor.fetchall()
    return [_draft(basis, row) for row in rows]


def _draft(basis: Basis, row: Sequence[Any]) -> Draft:
    partner, currency, amount, lines, accepted, payee, payee_changed, paid, question, since, behind, late = row
    found = Found(
        amount=amount,
        lines=lines,
        minimum=basis.plan.minimum.get(currency, 0),
        cut=basis.close.cut,
        seen=basis.seen,
        terms=str(basis.terms) if basis.terms else "",
        accepted=accepted,
        payee=payee,
    )
    marks = flags(found, paid=paid, payee_changed=payee_changed, question=question)
    return Draft(partner, currency, found, outcome(found), marks, Lines(since, behind, late))
