"""One line opened: its arithmetic, when it is paid, why it is not today's rate, all lines of its deal, what was asked.

The same for whoever sees it: the partner's page, the studio's, the API.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from academy.people.permissions.rules import Actor
from academy.programme.balance.accounts.rules import Waits
from academy.programme.commissions.explaining.queries import Explained, Told, explained
from academy.programme.commissions.questions.models import LineQuestion
from academy.programme.commissions.rules import LineState
from academy.programme.earnings.queries import Paid, Placed, payments_of, placed
from academy.web import formats, payments
from academy.web.deal_words import is_late
from academy.web.money import words
from academy.web.money.rows import TONES
from academy.web.money.working import name_of, working


@dataclass(frozen=True, slots=True)
class Opened:
    """A line with everything that explains it, where all lines of its deal are, and each attempt to pay it.

    `partner` is the name by which its partner is told of; empty where the partner itself is told.
    """

    it: Explained
    placed: Placed
    payments: Sequence[Paid]
    partner: str

    @property
    def zone(self) -> Any:
        """The zone in which its days are told: that of its programme."""
        return self.it.plan.zone

    def where(self, one: Told) -> str:
        """Where the money of a line of the deal is, and what comes next."""
        stands, waits = self.placed.stands[one.id], self.placed.seen.account.waits
        return words.whereabouts(stands, self.placed.run(one.id), one.amount, waits)


def opened(by: Actor, line: UUID, now: datetime) -> Opened:
    """A line, opened. Thirteen queries, however many lines its deal has. Raises NotFound, Forbidden."""
    it = explained(by, line)
    where = placed(it.line.partner_id, [one.id for one in it.history], now)
    is_own = by.partner_id == it.line.partner_id
    return Opened(it, where, payments_of(line), "" if is_own else it.line.partner.name)


def context(found: Opened) -> dict[str, Any]:
    """What the template of a line shows."""
    it, stands = found.it, found.placed.stands[found.it.line.pk]
    line = it.line
    return {
        "line": line,
        "partner_href": "",
        "client": line.deal.client_name,
        "what": what(it, it.told),
        "happened": it.happened(it.told),
        "kind": words.kind(it.told.kind, is_correction=line.corrects_id is not None),
        "amount": formats.money(line.amount, line.currency),
        "state": words.state_of_line(stands, found.placed.run(line.pk), line.amount),
        "tone": "" if line.amount < 0 else TONES[stands.state],
        "where": found.where(it.told),
        "place": formats.place(it.plan.zone),
        "working": working(it, partner=found.partner),
        "events": _events(found),
        "deal_lines": [_of_deal(found, one) for one in it.history],
        "deal_sum": formats.money(sum(one.amount for one in it.history), line.currency),
        "questions": [_question(one) for one in it.questions],
        "is_asked": any(one.answered_at is None for one in it.questions),
    }


def what(it: Explained, one: Told) -> str:
    """What a line of the deal is for."""
    return words.what(
        one.kind,
        is_correction=one.corrects is not None,
        product=it.earned.product,
        at=one.effective_at,
        currency=it.line.currency,
        moved=one.moved,
        before=one.before,
        came_later=it.earned.amount if it.came_later(one) else 0,
        late=one.late,
    )


def _of_deal(found: Opened, one: Told) -> dict[str, Any]:
    stands = found.placed.stands[one.id]
    return {
        "id": one.id,
        "at": one.effective_at,
        "what": what(found.it, one),
        "happened": found.it.happened(one),
        "kind": words.kind(one.kind, is_correction=one.corrects is not None),
        "amount": formats.money(one.amount, found.it.line.currency),
        "state": words.state_of_line(stands, found.placed.run(one.id), one.amount),
        "tone": "" if one.amount < 0 else TONES[stands.state],
        "where": found.where(one) if one.amount < 0 else "",
        "is_this": one.id == found.it.line.pk,
    }


def _events(found: Opened) -> list[dict[str, Any]]:
    """What happened to the line and what is to come, in order of time: (day, words, whether it is still to come)."""
    it, line = found.it, found.it.line
    stands = found.placed.stands[line.pk]
    named = stands.statement
    events: list[tuple[date, str, bool]] = [(_day(it.happened_at), _("Won"), False)]
    if it.late is not None and is_late(it.late):
        counts = _("Counts from here on: it was told on %(day)s") % {"day": formats.day(it.late.told_at)}
        events.append((_day(it.won_at), counts, False))
    if it.told.effective_at != it.won_at:
        events.append((_day(it.told.effective_at), what(it, it.told), False))
    is_held = stands.state is LineState.ON_HOLD
    events.append((line.payable_on, _freed(line.amount, is_held=is_held, closed=it.closed_before), is_held))
    if named is None:
        run = found.placed.run(line.pk)
        if run is not None:
            month = {"month": payments.month(run.month, year=False)}
            payment = _("Payment, by the %(month)s statement") % month
            if line.amount < 0:
                payment = _("Off the payment by the %(month)s statement") % month
            events.append((run.pays_on, payments.once(found.placed.seen.account.waits, payment), True))
    else:
        events += _of_statement(found)
    return [
        {"day": day, "what": said, "is_ahead": ahead}
        for day, said, ahead in sorted(events, key=lambda event: (event[0], event[2]))
    ]


def _freed(amount: int, *, is_held: bool, closed: date | None) -> str:
    """What the day means from which a line may be paid. `closed`: the month that took it in no more."""
    if closed is not None:
        month = {"month": payments.month(closed)}
        if amount < 0:
            return _("Taken back from here on: %(month)s was closed already when this was told") % month
        return _("Free to be paid: %(month)s was closed already when this was told") % month
    if amount < 0:
        return _("Taken back from here on")
    return _("Free to be paid: until then the client may still cancel") if is_held else _("Free to be paid")


def _of_statement(found: Opened) -> list[tuple[date, str, bool]]:
    stands = found.placed.stands[found.it.line.pk]
    named = stands.statement
    assert named is not None
    run = _("Run of the %(month)s statement, %(number)s") % {
        "month": payments.month(named.month, year=False),
        "number": named.number,
    }
    events = [(named.runs_on, run, named.runs_on > timezone.localdate())]
    for paid in found.payments:
        events.append((paid.paid_on, _("Paid, ref. %(reference)s") % {"reference": paid.reference}, False))
        if paid.returned_on is not None:
            back = _("Sent back by the bank: %(reason)s") % {"reason": paid.reason}
            events.append((paid.returned_on, back, False))
    if named.paid_on is None:
        again = _("Payment") if not found.payments else _("Paid once more")
        said = payments.once(Waits.PAYEE if stands.state is LineState.READY else None, again)
        events.append((max(named.pays_on, *(one[0] for one in events)), said, True))
    return events


def _day(at: datetime) -> date:
    return timezone.localtime(at).date()


def _question(one: LineQuestion) -> dict[str, Any]:
    return {
        "id": one.pk,
        "by": name_of(one.asked_by),
        "at": one.asked_at,
        "text": one.text,
        "answer": one.answer,
        "answered_by": name_of(one.answered_by) if one.answered_at else "",
        "answered_at": one.answered_at,
        "correction": formats.money(one.correction.amount, one.correction.currency) if one.correction else "",
        "correction_line": one.correction.pk if one.correction else None,
    }


TEMPLATE = "money/line.html"
PARTS = ("about", "working", "history")
"""The ids of the parts that stand in it."""
