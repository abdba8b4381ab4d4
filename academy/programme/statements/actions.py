"""Making statements: what ready lines come to, which are named, and writing them into the journal.

Everything here works on many partners at once, under their locks, for the actions of a close.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.ids import uuid7
from academy.journal.actions import record_many
from academy.journal.queries import head
from academy.notifications.notices.actions import Telling, tell_each
from academy.people.partners.queries import owner_ids_of
from academy.programme.closes.models import Close
from academy.programme.closes.rules import last_day, pays_on, statement_number
from academy.programme.plans.queries import plan_version
from academy.programme.plans.rules import Plan
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import USUAL_OF, Found, Outcome, flags, outcome
from academy.programme.terms.queries import in_force

READY = "statement.ready"
"""The kind of notice by which owners are told of a statement."""

# Where a close has to look. A statement that pays names every line of its partner and currency that was payable by its
# month's end and told of up to its cut. So what nobody names is payable later than that, or was told of later; where a
# partner has several currencies, later than the one that was paid longest ago. One that was never paid: everything.
_LOOKED = """
    select paid.partner_id, min(paid.month + interval '1 month')::date as next_day, min(paid.cut) as cut
      from (select s.partner_id, max(c.month) filter (where s.outcome = 'pay') as month,
                   (array_agg(c.cut order by c.month desc) filter (where s.outcome = 'pay'))[1] as cut
              from programme_statement s join programme_close c on c.id = s.close_id
             where s.partner_id = any(%(partners)s) and s.close_id <> %(close)s
             group by s.partner_id, s.currency) paid
     group by paid.partner_id having bool_and(paid.month is not null)
"""

# The lines found there. Days in the journal are written as ISO: as texts they have the same order.
_NEAR = """
    select l.id, l.partner_id, l.currency, l.amount from programme_commissionline l
     where l.partner_id = asked.partner
       and l.payable_on between coalesce(looked.next_day, '-infinity'::date) and %(until)s
    union all
    select l.id, l.partner_id, l.currency, l.amount from journal_fact f
      join programme_commissionline l on l.id = f.thing and l.payable_on < looked.next_day
     where f.partner = asked.partner and f.pos > looked.cut
       and f.kind in ('commission.added', 'commission.reversed', 'commission.adjusted')
       and f.numbers ->> 'payable_on' < looked.next_day::text
"""

# Of these a close takes what was told of up to its own cut and is named by nobody. The last is asked as a value, so
# that each line is looked up by its key instead of reading all that were ever named.
_OPEN_LINES = f"""
    select l.id, l.partner_id, l.currency, l.amount
      from unnest(%(partners)s::uuid[]) asked (partner)
      left join ({_LOOKED}) looked on looked.partner_id = asked.partner
     cross join lateral ({_NEAR}) l
     where l.id <> all (array(select f.thing from journal_fact f
                               where f.pos > %(cut)s and f.thing_kind = 'commission' and f.thing is not null))
       and (select n.statement_id from programme_statementline n where n.line_id = l.id) is null
"""  # noqa: S608 - constants

_FOUND = f"""
    with due as (
        select l.partner_id, l.currency, sum(l.amount)::bigint as amount, count(*) as lines,
               array_agg(l.id)::text as named
          from ({_OPEN_LINES}) l group by l.partner_id, l.currency
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
           due.named
      from due
      left join lateral (select p.number, p.checked_at, p.changed_at from programme_payee p
                          where p.partner_id = due.partner_id order by p.number desc limit 1) payee on true
     order by due.partner_id, due.currency
"""  # noqa: S608 - constants

# The very lines that were added up, as the database wrote them: nothing is looked for twice.
_NAME = """
    insert into programme_statementline (line_id, statement_id)
    select unnest(paying.lines::uuid[]), paying.id
      from unnest(%(statements)s::uuid[], %(lines)s::text[]) as paying (id, lines)
"""

_INSERT = """
    insert into programme_statement
           (id, close_id, partner_id, currency, number, amount, lines, outcome, inputs, flags, held_reason)
    select made.id, %(close)s, made.partner, made.currency, made.number, made.amount, made.lines, made.outcome,
           made.inputs, string_to_array(made.flags, ','), ''
      from unnest(%(ids)s::uuid[], %(owners)s::uuid[], %(currencies)s::text[], %(numbers)s::text[],
                  %(amounts)s::bigint[], %(counts)s::int[], %(outcomes)s::text[], %(inputs)s::jsonb[],
                  %(flags)s::text[])
           as made (id, partner, currency, number, amount, lines, outcome, inputs, flags)
"""

_MAKE = """
    select s.id as fact, 'statement.made', s.partner_id, null::uuid, 'statement', s.id,
           jsonb_build_object('close', s.close_id, 'month', %(month)s, 'amount', s.amount, 'currency', s.currency,
                              'outcome', s.outcome, 'pays_on', %(pays_on)s),
           %(now)s::timestamptz,
           greatest(%(now)s::timestamptz,
                    (select max(f.effective_at) from journal_fact f where f.partner = s.partner_id)),
           %(now)s::timestamptz, %(rule)s, s.inputs, 'statement.made:' || s.id
      from programme_statement s where s.id = any(%(statements)s) order by s.partner_id, s.currency
"""


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


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found for one partner in one currency. `named`: the ids of its lines, as an array literal."""

    partner: UUID
    currency: str
    found: Found
    outcome: Outcome
    flags: tuple[str, ...]
    named: str


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


def drafts(basis: Basis, partners: Sequence[UUID]) -> list[Draft]:
    """What these partners' open lines come to and what becomes of it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, {**basis.parameters, "partners": list(partners)})
        rows = cursor.fetchall()
    return [_draft(basis, row) for row in rows]


def _draft(basis: Basis, row: Sequence[Any]) -> Draft:
    partner, currency, amount, lines, accepted, payee, payee_changed, paid, question, named = row
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
    return Draft(partner, currency, found, outcome(found), tuple(marks), named)


def write(basis: Basis, found: Sequence[Draft], *, position: int) -> int:
    """Write these drafts, numbered on from a position, and name the lines of those that pay. Two statements."""
    if not found:
        return 0
    ids = [uuid7() for _ in found]
    numbers = [
        statement_number(basis.programme, basis.close.month, position + index) for index in range(1, len(found) + 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            {
                "close": basis.close.pk,
                "ids": ids,
                "owners": [one.partner for one in found],
                "currencies": [one.currency for one in found],
                "numbers": numbers,
                "amounts": [one.found.amount for one in found],
                "counts": [one.found.lines for one in found],
                "outcomes": [str(one.outcome) for one in found],
                "inputs": [json.dumps(one.found.as_json()) for one in found],
                "flags": [",".join(one.flags) for one in found],
            },
        )
    _name({key: one.named for key, one in zip(ids, found, strict=True) if one.outcome is Outcome.PAY})
    return len(found)


def _name(lines: Mapping[UUID, str]) -> None:
    """Put lines on their statements."""
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(_NAME, {"statements": list(lines), "lines": list(lines.values())})


def look_again(statement: Statement) -> None:
    """Decide a draft anew: terms are accepted meanwhile, a payee checked, a hold lifted. Under the partner's lock."""
    _release(statement)
    basis = basis_of(statement.close)
    (found,) = [one for one in drafts(basis, [statement.partner_id]) if one.currency == statement.currency]
    _become(statement, found, reason="")
    if found.outcome is Outcome.PAY:
        _name({statement.pk: found.named})


def _release(statement: Statement) -> None:
    """Take its lines off a draft. They are found by their partner: lines of statements have no order of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from programme_statementline n using programme_commissionline l"
            " where l.partner_id = %s and n.line_id = l.id and n.statement_id = %s",
            [statement.partner_id, statement.pk],
        )


def hold_back(statement: Statement, reason: str) -> None:
    """Pay nothing this month, by a person's word. Its lines are looked at again next month. Under the lock."""
    _release(statement)
    found = replace(Found.from_json(statement.inputs), held=True)
    marks = tuple(dict.fromkeys((*statement.flags, "held")))
    draft = Draft(statement.partner_id, statement.currency, found, outcome(found), marks, "")
    _become(statement, draft, reason=reason)


def _become(statement: Statement, draft: Draft, *, reason: str) -> None:
    statement.amount, statement.lines = draft.found.amount, draft.found.lines
    statement.outcome, statement.inputs = draft.outcome, draft.found.as_json()
    if set(draft.flags) - set(statement.flags):
        statement.seen_at = statement.seen_by = None  # there is something that nobody has looked at
    statement.flags, statement.held_reason = list(draft.flags), reason
    fields = ["amount", "lines", "outcome", "inputs", "flags", "held_reason", "seen_at", "seen_by"]
    statement.save(update_fields=fields)


def make(close: Close, plan: Plan, statements: Sequence[UUID], *, now: datetime) -> int:
    """Write these drafts into the journal: from here on they stay as they are, and the owners are told.

    Under the partners' locks; how many.
    """
    parameters: Mapping[str, Any] = {
        "statements": list(statements),
        "now": now,
        "rule": plan.reference,
        "month": f"{close.month:%Y-%m}",
        "pays_on": pays_on(close.month, plan.pay_day, close.cut_on).isoformat(),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "update programme_statement set made_at = %s where id = any(%s) returning id, partner_id, number, outcome",
            [now, list(statements)],
        )
        made = [_Made(*row) for row in cursor.fetchall()]
    _tell_owners(made, month=parameters["month"], pays_on=parameters["pays_on"], now=now)
    return record_many(_MAKE, parameters)


@dataclass(frozen=True, slots=True)
class _Made:
    id: UUID
    partner: UUID
    number: str
    outcome: str


def _tell_owners(made: Sequence[_Made], *, month: str, pays_on: str, now: datetime) -> None:
    """Nothing reacts to facts in bulk, so the owners are told here: each once of each statement, whatever it says."""
    owners = owner_ids_of({one.partner for one in made})
    tellings = [
        Telling(
            person=owner,
            key=f"{READY}:{one.id}",
            partner=one.partner,
            params={"month": month, "outcome": one.outcome, "pays_on": pays_on},
            url=f"/statements/{one.number}/",
        )
        for one in made
        for owner in owners.get(one.partner, ())
    ]
    tell_each(READY, tellings, now=now)
