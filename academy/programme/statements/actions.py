"""Making statements: writing what was found, deciding it anew, and writing it into the journal.

Everything here works on many partners at once, under their locks, for the actions of a close.
"""

from collections.abc import Sequence
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
from academy.programme.statements.drafts.queries import Basis, Draft, basis_of, drafts
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag, Found, Outcome, outcome

READY = "statement.ready"
"""The kind of notice by which owners are told of a statement."""

_WRITE = """
    insert into programme_statement (id, close_id, partner_id, currency, since, until, number, amount, lines, outcome,
                                     inputs, flags, held_reason)
    select id, %(close)s, partner, currency, since, %(until)s, number, amount, lines, outcome, inputs, flags, ''
      from jsonb_to_recordset(%(rows)s::jsonb)
           as told (id uuid, partner uuid, currency text, since date, number text, amount bigint, lines int,
                    outcome text, inputs jsonb, flags text[])
"""

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
    """Write these drafts, numbered on from a position. One statement."""
    if not found:
        return 0
    close, month = basis.close, basis.close.month
    rows = [
        {
            "id": uuid7(),
            "partner": one.partner,
            "currency": one.currency,
            "since": one.since,
            "number": statement_number(basis.programme, month, place),
            "amount": one.found.amount,
            "lines": one.found.lines,
            "outcome": one.outcome,
            "inputs": one.found.as_json(),
            "flags": one.flags,
        }
        for place, one in enumerate(found, position + 1)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"close": close.pk, "until": basis.until, "rows": bulk.rows(rows)})
    return len(found)


def look_again(close: Close, chosen: Sequence[Statement], *, mark: Flag | None = None) -> None:
    """Decide drafts anew: terms are accepted meanwhile, a payee changed or checked, a hold lifted. Under the locks.

    With a mark each stands out by it and was not looked at yet, whatever becomes of it.
    """
    found = {(one.partner, one.currency): one for one in drafts(basis_of(close), {one.partner_id for one in chosen})}
    for statement in chosen:
        draft = found[str(statement.partner_id), statement.currency]
        marks = draft.flags if mark is None or mark in draft.flags else (mark, *draft.flags)
        if mark is not None:
            statement.seen_at = statement.seen_by = None
        _become(statement, draft.found, marks, reason="")


def hold_back(statement: Statement, reason: str) -> None:
    """Pay nothing this month, by a person's word. Its lines are looked at again next month. Under the lock."""
    found = replace(Found.from_json(statement.inputs), held=True)
    _become(statement, found, tuple(dict.fromkeys((*statement.flags, "held"))), reason=reason)


def _become(statement: Statement, found: Found, flags: Sequence[str], *, reason: str) -> None:
    was_held, paid = statement.outcome == Outcome.HELD, statement.outcome == Outcome.PAY
    statement.amount, statement.lines = found.amount, found.lines
    statement.outcome, statement.inputs = outcome(found), found.as_json()
    begins_to_pay = statement.outcome == Outcome.PAY and not paid
    if was_held or begins_to_pay or set(flags) - set(statement.flags):
        # There is something that nobody has looked at: holding is a look, and an end to it; and whoever saw that
        # nothing is paid has not seen whom it is paid to.
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
            params=same | _said(one),
            url=f"/statements/{one.number}/",
        )
        for one in made
        for owner in owners.get(one.partner_id, ())
    ]
    tell_each(READY, tellings, now=now)


def _said(made: Statement) -> dict[str, Any]:
    """What a notice tells of a statement: its outcome, its sum and the minimum of its currency, in minor units."""
    same = {"outcome": made.outcome, "amount": made.amount, "currency": made.currency}
    return same | {"minimum": made.inputs["minimum"]}
