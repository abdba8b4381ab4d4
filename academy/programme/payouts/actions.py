"""Entering what the bank did: payments read back, and payments that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from academy.core import bulk
from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.core.money import parse_amount
from academy.journal.actions import Thing, action, record
from academy.journal.bulk.actions import record_many
from academy.notifications.notices.actions import Telling, tell_each
from academy.people.partners.actions import lock_partner
from academy.people.partners.queries import owner_ids_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import queries as closes
from academy.programme.closes.actions import settle
from academy.programme.closes.guards import lock_close, refuse
from academy.programme.closes.models import Close
from academy.programme.closes.rules import why_not_paid as why_not_yet
from academy.programme.payouts.models import Payout, Return
from academy.programme.payouts.queries import Waiting, payables
from academy.programme.payouts.rules import Fault, Faulty, Payment, is_known, payments, why_not_paid
from academy.programme.plans.queries import plan_version
from academy.programme.standing.actions import bring_many_up_to_date
from academy.programme.statements.models import Statement

A_CHUNK = 200
"""Lines of a payment file in one transaction."""
PAID = "statement.paid"
"""The kind of fact, and of the notice by which owners are told of it."""

_INSERT = """
    insert into programme_payout (id, statement_id, attempt, payee, paid_on, reference, recorded_at, recorded_by_id)
    select id, statement, attempt, payee, paid_on, reference, %(now)s, %(by)s
      from jsonb_to_recordset(%(rows)s::jsonb)
           as paid (id uuid, statement uuid, attempt int, payee int, paid_on date, reference text)
"""

_RECORD = """
    select p.id, 'statement.paid', s.partner_id, null::uuid, 'statement', s.id,
           jsonb_build_object('payout', p.id, 'attempt', p.attempt, 'amount', s.amount, 'currency', s.currency,
                              'paid_on', p.paid_on, 'payee', p.payee),
           made.at, made.at, %(now)s::timestamptz, '', null::jsonb, 'statement.paid:' || p.id
      from programme_payout p
      join programme_statement s on s.id = p.statement_id
     cross join lateral (select greatest(%(now)s::timestamptz, max(f.effective_at)) as at from journal_fact f
                          where f.partner = s.partner_id) made
     where p.id = any(%(ids)s::uuid[]) order by s.partner_id, p.id
"""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a payment file."""

    entered: int
    known: int
    refused: tuple[Faulty, ...]


def enter_file(by: Actor, close_id: UUID, text: str, *, now: datetime) -> Entered:
    """Enter every right line of a payment file; wrong ones are told and change nothing. Read twice it changes nothing.

    Each chunk of lines is a transaction of its own. Raises Conflict before the file was handed over; NotFound,
    Forbidden.
    """
    read, wrong = payments(text)
    return enter_payments(by, close_id, read, wrong, now=now)


def enter_payments(
    by: Actor, close_id: UUID, read: Sequence[Payment], wrong: Sequence[Faulty] = (), *, now: datetime
) -> Entered:
    """The same of lines that were read already, beside those of them that are wrong."""
    allow(by, "payout.record")
    entered = known = 0
    for start in range(0, max(len(read), 1), A_CHUNK):
        done = enter(by, close_id, read[start : start + A_CHUNK], now=now)
        entered, known, wrong = entered + done.entered, known + done.known, [*wrong, *done.refused]
    return Entered(entered, known, tuple(sorted(wrong, key=lambda one: one.line)))


@action
def enter(by: Actor, close_id: UUID, lines: Sequence[Payment], *, now: datetime) -> Entered:
    """Enter these payments in one transaction. Raises Conflict, NotFound, Forbidden."""
    allow(by, "payout.record")
    close = lock_close(close_id)
    situation = closes.situation(close)
    if why_not := why_not_yet(situation, by.person_id):
        raise refuse(why_not)
    own = by.signature if situation.second else None
    known, refused = 0, []
    paying: list[tuple[Waiting, Payment]] = []
    found = payables(close.pk, {line.number for line in lines})
    for line in lines:
        statement = found.get(line.number)
        fault = _fault(close, statement, line, own, now)
        if fault is not None or statement is None:
            refused.append(Faulty(line.line, line.number, fault or Fault.UNKNOWN))
        elif is_known(statement.payable, line):
            known += 1
        else:
            found[line.number] = statement.paid_by(line)
            paying.append((found[line.number], line))
    if paying:
        _pay(close, paying, by, now)
    return Entered(len(paying), known, tuple(refused))


def _fault(close: Close, statement: Waiting | None, line: Payment, own: UUID | None, now: datetime) -> Fault | None:
    """What is wrong with a line; `own`: of what this person handed over somebody else enters the payments."""
    if statement is None:
        return Fault.UNKNOWN
    zone = plan_version(close.plan_id).zone
    handed_over = close.handed_over_at or close.cut_at
    try:
        amount = parse_amount(line.amount, statement.payable.currency)
    except Refused:
        return Fault.AMOUNT
    return why_not_paid(
        statement.payable,
        line,
        amount,
        earliest=handed_over.astimezone(zone).date(),
        today=now.astimezone(zone).date(),
        is_own=own is not None and statement.placed_by == own,
    )


def _pay(close: Close, paying: Sequence[tuple[Waiting, Payment]], by: Actor, now: datetime) -> None:
    """Payouts and their facts, each written at once for all."""
    bring_many_up_to_date({statement.partner for statement, _line in paying}, now=now)
    ids = [uuid7() for _ in paying]
    rows = [
        {
            "id": payout,
            "statement": statement.id,
            "attempt": statement.payable.attempts,
            "payee": statement.payable.payee,
            "paid_on": line.paid_on,
            "reference": line.reference,
        }
        for payout, (statement, line) in zip(ids, paying, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, {"now": now, "by": by.signature, "rows": bulk.rows(rows)})
    settle(close, now)
    # In time of their own: a mail is written for each owner, and whoever reads a long file back does not wait for that.
    app.configure_task("programme.tell_of_payments", queue="money").defer(payouts=[str(payout) for payout in ids])
    record_many(_RECORD, {"ids": bulk.ids(ids), "now": now})


@action
def tell_of_payments(payouts: Sequence[UUID], *, now: datetime) -> None:
    """Tell the owners of these payments, each once of each, in one transaction."""
    paid = list(Payout.objects.select_related("statement").filter(pk__in=payouts).order_by("pk"))
    owners = owner_ids_of({one.statement.partner_id for one in paid})
    tellings = [
        Telling(
            person=owner,
            key=f"{PAID}:{one.pk}",
            partner=one.statement.partner_id,
            params={
                "month": f"{one.statement.until:%Y-%m}",
                "amount": one.statement.amount,
                "currency": one.statement.currency,
                "paid_on": one.paid_on.isoformat(),
                "reference": one.reference,
            },
            url=f"/statements/{one.statement.number}/",
        )
        for one in paid
        for owner in owners.get(one.statement.partner_id, ())
    ]
    tell_each(PAID, tellings, now=now)


@action
def came_back(by: Actor, statement_id: UUID, *, returned_on: date, reason: str, now: datetime) -> Return:
    """The payment of a statement came back: the statement waits for its next attempt. Nothing is edited.

    Raises Refused for a wrong day or without a reason, Conflict where nothing is paid; NotFound, Forbidden.
    """
    allow(by, "payout.record")
    found = Statement.objects.filter(pk=statement_id).first()
    if found is None:
        raise NotFound
    close = lock_close(found.close_id)
    at = lock_partner(found.partner_id, now)
    statement = payables(close.pk, {found.number})[found.number]
    last = statement.payable
    if statement.payout is None or last.paid_on is None or last.came_back:
        raise Conflict(_("Nothing of this statement is paid now."))
    _check_return(last.paid_on, returned_on, reason, now.astimezone(plan_version(close.plan_id).zone).date())
    entered = Return.objects.create(
        payout_id=statement.payout,
        returned_on=returned_on,
        reason=" ".join(reason.split())[:200],
        recorded_at=now,
        recorded_by_id=by.signature,
    )
    record(
        "statement.returned",
        partner=statement.partner,
        thing=Thing("statement", statement.id),
        at=at,
        now=now,
        numbers={
            "payout": str(statement.payout),
            "attempt": last.attempts,
            "amount": last.amount,
            "currency": last.currency,
            "returned_on": returned_on.isoformat(),
        },
        key=f"statement.returned:{statement.payout}",
    )
    settle(close, now)
    return entered


def _check_return(paid_on: date, returned_on: date, reason: str, today: date) -> None:
    wrong = {}
    if not paid_on <= returned_on <= today:
        wrong["returned_on"] = _("A day from the payment on, and not in the future.")
    if not reason.strip():
        wrong["reason"] = _("Say what the bank said, for the next attempt.")
    if wrong:
        raise Refused(next(iter(wrong.values())), fields=wrong)
