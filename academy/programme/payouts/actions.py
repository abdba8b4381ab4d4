"""Entering what the bank did: payments read back, and payments that came back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.core.money import parse_amount
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import queries as closes
from academy.programme.closes.actions import lock_close, refuse, settle
from academy.programme.closes.models import Close
from academy.programme.closes.rules import why_not_paid as why_not_yet
from academy.programme.payouts.models import Payout, Return
from academy.programme.payouts.rules import Fault, Faulty, Payable, Payment, is_known, payments, why_not_paid
from academy.programme.plans.queries import plan_version
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Outcome

A_CHUNK = 200


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
    allow(by, "payout.record")
    read, wrong = payments(text)
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
    if why_not := why_not_yet(closes.situation(close), by.person_id):
        raise refuse(why_not)
    numbers = {line.number for line in lines}
    found = {one.number: one for one in _with_payouts(close, numbers)}
    entered, known, refused = 0, 0, []
    for line in sorted(lines, key=lambda one: str(found[one.number].partner_id) if one.number in found else ""):
        statement = found.get(line.number)
        fault = _fault(close, statement, line, now)
        if fault is not None or statement is None:
            refused.append(Faulty(line.line, line.number, fault or Fault.UNKNOWN))
        elif is_known(_payable(statement), line):
            known += 1
        else:
            _pay(statement, line, by, now)
            found[line.number] = next(iter(_with_payouts(close, {line.number})))
            entered += 1
    if entered:
        settle(close, now)
    return Entered(entered, known, tuple(refused))


def _with_payouts(close: Close, numbers: set[str]) -> list[Statement]:
    latest = Payout.objects.select_related("came_back").order_by("-attempt")
    found = Statement.objects.filter(close=close, number__in=numbers)
    return list(found.prefetch_related(Prefetch("payouts", queryset=latest, to_attr="tries")))


def _payable(statement: Statement) -> Payable:
    tries: list[Payout] = getattr(statement, "tries")  # noqa: B009 - prefetched, which the type does not know
    pays = statement.outcome == Outcome.PAY
    if not tries:
        return Payable(pays, statement.amount, statement.currency)
    last = tries[0]
    came_back = hasattr(last, "came_back")
    return Payable(pays, statement.amount, statement.currency, last.paid_on, last.reference, came_back)


def _fault(close: Close, statement: Statement | None, line: Payment, now: datetime) -> Fault | None:
    if statement is None:
        return Fault.UNKNOWN
    zone = plan_version(close.plan_id).zone
    handed_over = close.handed_over_at or close.cut_at
    try:
        amount = parse_amount(line.amount, statement.currency)
    except Refused:
        return Fault.AMOUNT
    return why_not_paid(
        _payable(statement),
        line,
        amount,
        earliest=handed_over.astimezone(zone).date(),
        today=now.astimezone(zone).date(),
    )


def _pay(statement: Statement, line: Payment, by: Actor, now: datetime) -> None:
    at = lock_partner(statement.partner_id, now)
    tries: list[Payout] = getattr(statement, "tries")  # noqa: B009 - as above
    payout = Payout.objects.create(
        id=uuid7(),
        statement=statement,
        attempt=tries[0].attempt + 1 if tries else 1,
        paid_on=line.paid_on,
        reference=line.reference,
        recorded_at=now,
        recorded_by_id=by.signature,
    )
    record(
        "statement.paid",
        partner=statement.partner_id,
        thing=Thing("statement", statement.pk),
        at=at,
        now=now,
        numbers={
            "payout": str(payout.pk),
            "attempt": payout.attempt,
            "amount": statement.amount,
            "currency": statement.currency,
            "paid_on": payout.paid_on.isoformat(),
        },
        key=f"statement.paid:{payout.pk}",
    )


@action
def came_back(by: Actor, statement_id: UUID, *, returned_on: date, reason: str, now: datetime) -> Return:
    """The payment of a statement came back: the statement waits for its next attempt. Nothing is edited.

    Raises Refused for a wrong day or without a reason, Conflict where nothing is paid; NotFound, Forbidden.
    """
    allow(by, "payout.record")
    statement = Statement.objects.filter(pk=statement_id).first()
    if statement is None:
        raise NotFound
    close = lock_close(statement.close_id)
    at = lock_partner(statement.partner_id, now)
    (statement,) = _with_payouts(close, {statement.number})
    last = _payable(statement)
    if last.paid_on is None or last.came_back:
        raise Conflict(_("Nothing of this statement is paid now."))
    _check_return(last.paid_on, returned_on, reason, now.astimezone(plan_version(close.plan_id).zone).date())
    payout: Payout = getattr(statement, "tries")[0]  # noqa: B009 - as above
    entered = Return.objects.create(
        payout=payout,
        returned_on=returned_on,
        reason=" ".join(reason.split())[:200],
        recorded_at=now,
        recorded_by_id=by.signature,
    )
    record(
        "statement.returned",
        partner=statement.partner_id,
        thing=Thing("statement", statement.pk),
        at=at,
        now=now,
        numbers={
            "payout": str(payout.pk),
            "attempt": payout.attempt,
            "amount": statement.amount,
            "currency": statement.currency,
            "returned_on": returned_on.isoformat(),
        },
        key=f"statement.returned:{payout.pk}",
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
