"""What a close finds: the open lines of many partners, added up, and what becomes of each sum."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
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
# to its cut. So what nobody names is payable later than the last payment, or was told of after its cut. `since` and
# `cut`: of the currency that was paid longest ago, none where one was never paid; `behind`: of the one paid last.
_LOOKED = """
    select known.partner_id, max(known.next_day) as behind,
           case when bool_and(known.cut is not null) then min(known.next_day) end as since,
           case when bool_and(known.cut is not null) then min(known.cut) end as cut
      from (select partner_id, (max(month) filter (where outcome = 'pay') + interval '1 month')::date as next_day,
                   max(cut) filter (where outcome = 'pay') as cut
              from before group by partner_id, currency) known
     group by known.partner_id
"""

# How the journal tells that a line is there. Questions, answers and corrections are about one that is there already.
TELLS = "f.kind in ('commission.added', 'commission.reversed', 'commission.adjusted')"

# A close takes what was told of up to its cut and is named by nobody. Who names a line is asked only where that does
# not follow from its day.
TAKEN = f"""
    l.id <> all (array(select f.thing from journal_fact f where f.pos > %(cut)s and {TELLS} and f.thing is not null))
    and case when l.payable_on >= {{behind}} then true
             else not exists (select from programme_statementline n where n.line_id = l.id) end
"""  # noqa: S608 - a constant

# The lines of one partner: by their day; and those of earlier days that were told of late. Days in the journal are
# written as ISO: as texts they have the same order.
_NEAR = f"""
    select l.id, l.currency, l.amount, l.payable_on, false as late from programme_commissionline l
     where l.partner_id = asked.partner
       and l.payable_on between coalesce(looked.since, '-infinity'::date) and %(until)s
    union all
    select l.id, l.currency, l.amount, l.payable_on, true from journal_fact f
      join programme_commissionline l on l.id = f.thing and l.payable_on < looked.since
     where f.partner = asked.partner and f.pos > looked.cut
       and {TELLS}
       and f.numbers ->> 'payable_on' < looked.since::text
"""  # noqa: S608 - a constant

# What was paid to each, the latest first.
_PAID = f"""
    select partner_id, currency, array_agg(amount) as paid, (array_agg(payee order by place))[1] as paid_to
      from (select b.partner_id, b.currency, b.amount, p.payee,
                   row_number() over (partition by b.partner_id, b.currency order by b.month desc) as place
              from before b join programme_payout p on p.statement_id = b.id
             where b.month < %(month)s and not exists (select from programme_return r where r.payout_id = p.id)) latest
     where place <= {USUAL_OF} group by partner_id, currency
"""  # noqa: S608 - a constant

# `before`: what other closes have written for these partners. Read once for all of them: partner by partner it takes
# longer with every month.
_FOUND = f"""
    with before as materialized (
        select s.id, s.partner_id, s.currency, s.amount, s.outcome, c.month, c.cut
          from programme_statement s join programme_close c on c.id = s.close_id
         where s.partner_id = any(%(partners)s::uuid[]) and s.close_id <> %(close)s
    ),
    due as (
        select asked.partner as partner_id, sums.*, coalesce(looked.since, '-infinity'::date) as since,
               coalesce(looked.behind, '-infinity'::date) as behind
          from unnest(%(partners)s::uuid[]) asked (partner)
          left join ({_LOOKED}) looked on looked.partner_id = asked.partner
         cross join lateral (
               select l.currency, sum(l.amount)::bigint as amount, count(*) as lines,
                      array_agg(l.id) filter (where l.late) as late
                 from ({_NEAR}) l where {TAKEN.format(behind="coalesce(looked.behind, '-infinity'::date)")}
                group by l.currency) sums
    )
    select due.partner_id as partner, due.currency, due.amount, due.lines,
           exists (select from programme_acceptance a
                    where a.terms_id = %(terms)s and a.partner_id = due.partner_id) as accepted,
           case when payee.checked_at is not null then payee.number else 0 end as payee,
           coalesce(payee.number <> earlier.paid_to, false) as payee_changed, coalesce(earlier.paid, '{{}}') as paid,
           due.partner_id = any(array(select asked.partner_id from programme_linequestion q
                                        join programme_commissionline asked on asked.id = q.line_id
                                       where q.answered_at is null and asked.payable_on <= %(until)s)) as question,
           due.since, due.behind, coalesce(due.late, '{{}}') as late
      from due
      left join lateral (select p.number, p.checked_at from programme_payee p
                          where p.partner_id = due.partner_id order by p.number desc limit 1) payee on true
      left join ({_PAID}) earlier on earlier.partner_id = due.partner_id and earlier.currency = due.currency
     order by due.partner_id, due.currency
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Basis:
    """What is the same for every statement of a close: its cut, its minimum, the terms in force."""

    close: Close
    plan: Plan
    programme: str
    terms: UUID | None
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
        }


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
class Lines:
    """Which lines a sum is of: those payable from `since` on, unless named before `behind`; and late ones by their ids.

    Days as the database writes them, for naming the very same lines.
    """

    since: str
    behind: str
    late: Sequence[str]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found for one partner in one currency, and what becomes of it."""

    partner: str
    currency: str
    found: Found
    outcome: Outcome
    flags: tuple[str, ...]
    lines: Lines


def drafts(basis: Basis, partners: Collection[UUID]) -> list[Draft]:
    """What these partners' open lines come to and what becomes of it, in their order. One query.

    It answers in JSON, which is read at once: value by value it takes as long as adding up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"select coalesce(json_agg(found), '[]')::text from ({_FOUND}) found",  # noqa: S608 - a constant
            {**basis.parameters, "partners": bulk.ids(partners)},
        )
        terms = str(basis.terms) if basis.terms else ""
        return [_draft(basis, terms, row) for row in json.loads(cursor.fetchone()[0])]


def _draft(basis: Basis, terms: str, row: Mapping[str, Any]) -> Draft:
    found = Found(
        amount=row["amount"],
        lines=row["lines"],
        minimum=basis.plan.minimum.get(row["currency"], 0),
        cut=basis.close.cut,
        seen=basis.seen,
        terms=terms,
        accepted=row["accepted"],
        payee=row["payee"],
    )
    marks = flags(found, paid=row["paid"], payee_changed=row["payee_changed"], question=row["question"])
    lines = Lines(row["since"], row["behind"], row["late"])
    return Draft(row["partner"], row["currency"], found, outcome(found), marks, lines)
