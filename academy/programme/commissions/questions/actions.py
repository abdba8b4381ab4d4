"""Asking about a line, answering beside it, and correcting it by a new line with a reason."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.commissions import access
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.commissions.questions.rules import is_large
from academy.programme.deals.rules import most

LONGEST = 1000


@action
def ask_about_line(by: Actor, line_id: UUID, text: str, *, now: datetime) -> LineQuestion:
    """Say that a line looks wrong. It is marked until somebody answers. Raises Refused, Conflict, NotFound."""
    said = _said(text, "text", _("Say in a sentence or two what looks wrong."))
    line = access.line(by, "line.question", line_id)
    at = lock_partner(line.partner_id, now)
    if LineQuestion.objects.filter(line=line, answered_at=None).exists():
        raise Conflict(_("A question about this line is open already. Its answer will stand beside it."))
    question = LineQuestion.objects.create(line=line, asked_by_id=by.person_id, asked_at=at, text=said)
    _record("line.questioned", line, at, now)
    return question


@action
def answer_question(
    by: Actor, question_id: UUID, answer: str, *, amount: int = 0, now: datetime
) -> tuple[LineQuestion, Correction | None]:
    """Answer beside the line, and correct it by so many minor units where it was wrong.

    Raises Refused, Conflict where it is answered, NotFound, Forbidden.
    """
    allow(by, "line.answer")
    said = _said(answer, "answer", _("Write the answer: it is read beside the line."))
    question = LineQuestion.objects.select_related("line").filter(pk=question_id).first()
    if question is None:
        raise NotFound
    at = lock_partner(question.line.partner_id, now)
    question.refresh_from_db()
    if question.answered_at is not None:
        raise Conflict(_("Somebody has answered this question already."))
    question.answered_by_id, question.answered_at, question.answer = by.person_id, at, said
    question.save(update_fields=["answered_by", "answered_at", "answer"])
    _record("line.answered", question.line, at, now)
    correction = _propose(by, question.line, amount, said, at=at, now=now, question=question) if amount else None
    return question, correction


@action
def correct_line(by: Actor, line_id: UUID, amount: int, *, reason: str, now: datetime) -> Correction:
    """Add so many minor units to a line, or take them, by a line of its own with a reason.

    A large one is proposed, and written once a second person has confirmed it. Raises Refused, NotFound, Forbidden.
    """
    line = access.line(by, "line.correct", line_id)
    said = _said(reason, "reason", _("Give the reason: the partner reads it."))
    at = lock_partner(line.partner_id, now)
    return _propose(by, line, amount, said, at=at, now=now)


def _propose(
    by: Actor,
    line: CommissionLine,
    amount: int,
    reason: str,
    *,
    at: datetime,
    now: datetime,
    question: LineQuestion | None = None,
) -> Correction:
    allow(by, "line.correct")
    if not 0 < abs(amount) <= most(line.currency):
        sentence = _("A correction is an amount that is not zero, with a minus where it takes back.")
        raise Refused(sentence, fields={"amount": sentence})
    is_alone = not needs_a_second_person(line, amount)
    correction = Correction.objects.create(
        line=line,
        question=question,
        amount=amount,
        reason=reason,
        proposed_by_id=by.person_id if by.person_id.int else None,
        proposed_at=at,
    )
    if is_alone:
        _write(correction, line, by, at=at, now=now)
    return correction


def needs_a_second_person(line: CommissionLine, amount: int) -> bool:
    """Whether a correction waits for somebody else's word: a large one, where the house wants that. One query then.

    What one person moved of any line of its deal counts: the line that a correction wrote may be corrected too.
    """
    if not settings.FOUR_EYES:
        return False
    by_one = Q(confirmed_by=F("proposed_by")) | Q(confirmed_by=None, proposed_by=None)
    alone = Correction.objects.filter(by_one, line__deal=line.deal_id, confirmed_at__isnull=False)
    return is_large(amount, alone.aggregate(sum=Sum("amount"))["sum"] or 0, line.currency)


@action
def confirm_correction(by: Actor, correction_id: UUID, *, now: datetime) -> Correction:
    """Confirm what somebody else proposed: its line is written. Raises Conflict, Forbidden, NotFound."""
    correction = _waiting(by, correction_id)
    at = lock_partner(correction.line.partner_id, now)
    correction.refresh_from_db()
    _must_wait(correction)
    if correction.proposed_by_id == by.person_id:
        raise Conflict(_("You proposed this correction. Somebody else confirms it."))
    _write(correction, correction.line, by, at=at, now=now)
    return correction


@action
def drop_correction(by: Actor, correction_id: UUID, *, now: datetime) -> Correction:
    """Say no to a proposed correction: no line is written. Raises Conflict, Forbidden, NotFound."""
    correction = _waiting(by, correction_id)
    lock_partner(correction.line.partner_id, now)
    correction.refresh_from_db()
    _must_wait(correction)
    correction.dropped_at = now
    correction.save(update_fields=["dropped_at"])
    return correction


def _waiting(by: Actor, correction_id: UUID) -> Correction:
    allow(by, "line.correct")
    found = Correction.objects.select_related("line").filter(pk=correction_id).first()
    if found is None:
        raise NotFound
    return found


def _must_wait(correction: Correction) -> None:
    if correction.confirmed_at is not None or correction.dropped_at is not None:
        raise Conflict(_("Somebody has decided about this correction already."))


def _write(correction: Correction, line: CommissionLine, by: Actor, *, at: datetime, now: datetime) -> None:
    """The observation that a person corrected a line; its own line follows from it (reactions.py)."""
    correction.confirmed_at = at
    correction.confirmed_by_id = by.person_id if by.person_id.int else None
    correction.save(update_fields=["confirmed_at", "confirmed_by"])
    numbers = {"amount": correction.amount, "currency": line.currency}
    key = f"correction.made:{correction.pk}"
    _record("correction.made", line, at, now, numbers=numbers, key=key)
    if correction.question is not None:
        written = CommissionLine.objects.filter(corrects=line).order_by("-effective_at", "-id").first()
        LineQuestion.objects.filter(pk=correction.question.pk).update(correction=written)


def _record(
    kind: str,
    line: CommissionLine,
    at: datetime,
    now: datetime,
    *,
    numbers: dict[str, object] | None = None,
    key: str | None = None,
) -> None:
    thing = Thing("commission", line.pk)
    record(kind, partner=line.partner_id, thing=thing, at=at, now=now, numbers=numbers or {}, key=key)


def _said(text: str, field: str, otherwise: str) -> str:
    said = text.strip()
    if not said or len(said) > LONGEST or "\x00" in said:
        raise Refused(otherwise, fields={field: otherwise})
    return said
