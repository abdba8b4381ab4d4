"""Making statements: writing what was found, naming its lines, and writing it into the journal.

Everything here works on many partners at once, under their locks, for the actions of a close.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import bulk
from academy.core.ids import uuid7
from academy.journal.bulk.actions import record_many
from academy.notifications.notices.actions import Telling, tell_each
from academy.people.partners.queries import owner_ids_of
from academy.programme.closes.models import Close
from academy.programme.closes.rules import pays_on, statement_number
from academy.programme.plans.rules import Plan
from academy.programme.statements.drafts.queries import TAKEN, Basis, Draft, basis_of, drafts
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag, Found, Outcome, outcome

READY = "statement.ready"
"""The kind of notice by which owners are told of a statement."""

# What is known of each statement. Where only its lines are to be named, what is not told of it stays empty.
_TOLD = """
    with told as materialized (
        select * from jsonb_to_recordset(%(rows)s::jsonb)
            as told (id uuid, partner uuid, currency text, number text, amount bigint, lines int, outcome text,
                     inputs jsonb, flags text[], since date, behind date, late uuid[]))
"""

# The very lines that were added up, of those that pay. In the order of their keys they are written twice as fast.
_NAME = f"""
    insert into programme_statementline (line_id, statement_id)
    select l.id, told.id
      from told
     cross join lateral (
           select l.id from programme_commissionline l
            where l.partner_id = told.partner and l.currency = told.currency
              and l.payable_on between told.since and %(until)s and {TAKEN.format(behind="told.behind")}
            union all
           select unnest(told.late)) l
     where told.outcome = '{Outcome.PAY}'
     order by l.id
"""  # noqa: S608 - constants

_WRITE = f"""
    {_TOLD},
    made as (
        insert into programme_statement
               (id, close_id, partner_id, currency, number, amount, lines, outcome, inputs, flags, held_reason)
        select id, %(close)s, partner, currency, number, amount, lines, outcome, inputs, flags, '' from told)
    {_NAME}
"""  # noqa: S608 - constants

_MAKE = """
    select s.id as fact, 'statement.made', s.partner_id, null::uuid, 'statement', s.id,
           jsonb_build_object('close', s.close_id, 'month', %(month)s, 'amount', s.amount, 'currency', s.currency,
                              'outcome', s.outcome, 'pays_on', %(pays_on)s),
           %(now)s::timestamptz,
           greatest(%(now)s::timestamptz,
                    (select max(f.effective_at) from journal_fact f where f.partner = s.partner_id)),
           %(now)s::timestamptz, %(rule)s, s.inputs, 'statement.made:' || s.id
      from programme_statement s where s.id = any(%(statements)s::uuid[]) order by s.partner_id, s.currency
"""


def write(basis: Basis, found: Sequence[Draft], *, position: int) -> int:
    """Write these drafts, numbered on from a position, and name the lines of those that pay. One statement."""
    if not found:
        return 0
    month = basis.close.month
    rows = [
        {
            **_to_name(str(uuid7()), one),
            "number": statement_number(basis.programme, month, place),
            "amount": one.found.amount,
            "lines": one.found.lines,
            "inputs": one.found.as_json(),
            "flags": one.flags,
        }
        for place, one in enumerate(found, position + 1)
    ]
    _name(_WRITE, basis, rows, found)
    return len(found)


def _to_name(key: str, one: Draft) -> dict[str, Any]:
    """What naming its lines needs of a statement."""
    return {
        "id": key,
        "partner": one.partner,
        "currency": one.currency,
        "outcome": one.outcome,
        "since": one.lines.since,
        "behind": one.lines.behind,
        "late": one.lines.late,
    }


def _name(statement: str, basis: Basis, rows: Sequence[Mapping[str, Any]], found: Iterable[Draft]) -> None:
    """Put the lines that were added up on their statements. Under the partners' locks they are still the same."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {**basis.parameters, "rows": bulk.rows(rows)})
        assert cursor.rowcount == sum(one.found.lines for one in found if one.outcome is Outcome.PAY)


def look_again(close: Close, chosen: Sequence[Statement], *, mark: Flag | None = None) -> None:
    """Decide drafts anew: terms are accepted meanwhile, a payee changed or checked, a hold lifted. Under the locks.

    With a mark each stands out by it and was not looked at yet, whatever becomes of it.
    """
    _release(chosen)
    basis = basis_of(close)
    found = {(one.partner, one.currency): one for one in drafts(basis, {one.partner_id for one in chosen})}
    become = {one: found[str(one.partner_id), one.currency] for one in chosen}
    for statement, draft in become.items():
        marks = draft.flags if mark is None or mark in draft.flags else (mark, *draft.flags)
        if mark is not None:
            statement.seen_at = statement.seen_by = None
        _become(statement, draft.found, marks, reason="")
    _name(_TOLD + _NAME, basis, [_to_name(str(one.pk), draft) for one, draft in become.items()], become.values())


def _release(chosen: Sequence[Statement]) -> None:
    """Take their lines off drafts. They are found by partner: lines of statements have no order of their own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from programme_statementline n using programme_commissionline l"
            " where l.partner_id = any(%s::uuid[]) and n.line_id = l.id and n.statement_id = any(%s::uuid[])",
            [bulk.ids({one.partner_id for one in chosen}), bulk.ids(one.pk for one in chosen)],
        )


def hold_back(statement: Statement, reason: str) -> None:
    """Pay nothing this month, by a person's word. Its lines are looked at again next month. Under the lock."""
    _release([statement])
    found = replace(Found.from_json(statement.inputs), held=True)
    _become(statement, found, tuple(dict.fromkeys((*statement.flags, "held"))), reason=reason)


def _become(statement: Statement, found: Found, flags: Sequence[str], *, reason: str) -> None:
    was_held = statement.outcome == Outcome.HELD
    statement.amount, statement.lines = found.amount, found.lines
    statement.outcome, statement.inputs = outcome(found), found.as_json()
    if was_held or set(flags) - set(statement.flags):
        # There is something that nobody has looked at: holding is a look, and an end to it.
        statement.seen_at = statement.seen_by = None
    statement.flags, statement.held_reason = list(flags), reason
    fields = ["amount", "lines", "outcome", "inputs", "flags", "held_reason", "seen_at", "seen_by"]
    statement.save(update_fields=fields)


def make(close: Close, plan: Plan, statements: Sequence[UUID], *, now: datetime) -> None:
    """Write these drafts into the journal: from here on they stay as they are. Under the partners' locks."""
    keys = bulk.ids(statements)
    parameters = {
        "statements": keys,
        "now": now,
        "rule": plan.reference,
        "month": f"{close.month:%Y-%m}",
        "pays_on": _pays_on(close, plan),
    }
    with connection.cursor() as cursor:
        cursor.execute("update programme_statement set made_at = %s where id = any(%s::uuid[])", [now, keys])
    record_many(_MAKE, parameters)


def _pays_on(close: Close, plan: Plan) -> str:
    return pays_on(close.month, plan.pay_day, close.cut_on).isoformat()


def tell_owners(close: Close, plan: Plan, made: Sequence[Statement], *, now: datetime) -> None:
    """Tell the owners of these statements, each once of each, whatever it says. Nothing reacts to facts in bulk."""
    owners = owner_ids_of({one.partner_id for one in made})
    same = {"month": f"{close.month:%Y-%m}", "pays_on": _pays_on(close, plan)}
    tellings = [
        Telling(
            person=owner,
            key=f"{READY}:{one.pk}",
            partner=one.partner_id,
            params=same | {"outcome": one.outcome},
            url=f"/statements/{one.number}/",
        )
        for one in made
        for owner in owners.get(one.partner_id, ())
    ]
    tell_each(READY, tellings, now=now)
