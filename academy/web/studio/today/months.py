"""What the months of programmes wait for, a row each: one that can be begun, and every one that is not done."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.programme.closes import queries
from academy.programme.closes.models import Close
from academy.programme.closes.queries import Months, Total
from academy.programme.closes.rules import (
    Obstacle,
    Situation,
    Stage,
    ends_at,
    pays_on,
    runs_on,
    why_not_approve,
    why_not_paid,
)
from academy.programme.plans.queries import plan_version
from academy.programme.statements.rules import Outcome
from academy.web import formats, payments
from academy.web.requests import PersonRequest
from academy.web.studio.close.run import address
from academy.web.studio.today.rows import PREFIX, Does, Row
from academy.web.templates import url


def waiting(request: PersonRequest) -> list[Row]:
    """The rows, by programme and oldest month first, for somebody who closes months. Five queries at most."""
    found = queries.months(request.actor, now=request.now)
    closes = [close for one in found for close in one.closes if close.stage != Stage.DONE]
    situations = queries.situations(closes) if closes else {}
    totals: dict[UUID, list[Total]] = {}
    for total in queries.totals([close.pk for close in closes]) if closes else ():
        totals.setdefault(total.close, []).append(total)
    rows = []
    for one in found:
        for close in reversed(one.closes):
            if close.pk in situations:
                rows.append(_of_close(request, close, situations[close.pk], totals.get(close.pk, [])))
        if one.closable:
            rows.append(_to_begin(request, one))
    return rows


def _to_begin(request: PersonRequest, one: Months) -> Row:
    month = one.closable[0]
    today = request.now.astimezone(one.zone).date()
    # The plan of the month before says when it would be due; nobody waits for a first month by a day.
    due = runs_on(month, plan_version(one.closes[0].plan_id).pay_day, month) if one.closes else None
    why = _("It is over and can be closed")
    if others := len(one.closable) - 1:
        more = ngettext("and %(count)d more month", "and %(count)d more months", others) % {"count": others}
        why = f"{why}, {more}"
    return Row(
        id=_row_id(one.slug, month),
        title=payments.month(month),
        href=url("studio-close"),
        partner=one.name,
        why=why,
        since=ends_at(month, one.zone),
        until=due,
        late=due is not None and due < today,
        does=(Does(_("Collect"), url("studio-close"), about=payments.month(month)),),
    )


def _of_close(request: PersonRequest, close: Close, situation: Situation, totals: Sequence[Total]) -> Row:
    plan = plan_version(close.plan_id)
    paying = [total for total in totals if total.outcome == Outcome.PAY]
    why, label, since = _waits_for(close, situation, paying, request.person.pk)
    find_due = pays_on if situation.stage is Stage.HANDED_OVER else runs_on
    due = find_due(close.month, plan.pay_day, close.cut_on)
    name = payments.month(close.month)
    return Row(
        id=_row_id(close.programme.slug, close.month),
        title=name,
        href=address(close),
        partner=close.programme.name,
        why=why,
        amount=" + ".join(formats.money(total.amount, total.currency) for total in paying),
        since=since,
        until=due,
        late=due < request.now.astimezone(plan.zone).date(),
        does=(Does(label, address(close), about=name),) if label else (),
    )


def _waits_for(
    close: Close, situation: Situation, paying: Sequence[Total], person: UUID
) -> tuple[str, str, datetime | None]:
    """What it waits for, what to press (nothing where it takes somebody else), and since when."""
    match situation.stage:
        case Stage.COLLECTING:
            done = {"done": formats.number(close.looked), "total": formats.number(close.partners)}
            return _("%(done)s of %(total)s partners looked at") % done, _("Continue"), close.moved_at
        case Stage.CHECKING if words := payments.to_be_looked_at(situation):
            return words, _("Look"), close.moved_at
        case Stage.CHECKING:
            if why_not_approve(situation, person) is Obstacle.SAME_PERSON:
                return _("You began it, so somebody else approves it"), "", close.moved_at
            return _("Everything was looked at: it waits for approval"), _("Approve"), close.moved_at
        case Stage.APPROVED if situation.unwritten:
            made = close.statements_made
            done = {"done": formats.number(made - situation.unwritten), "total": formats.number(made)}
            return _("%(done)s of %(total)s statements are written down.") % done, _("Continue"), close.moved_at
        case Stage.APPROVED:
            return _("Approved, and not handed over yet"), _("Hand over"), close.approved_at
        case _:
            if why_not_paid(situation, person) is Obstacle.SAME_PERSON:
                return _("You handed it over, so somebody else reads the payments back"), "", close.handed_over_at
            done = {
                "done": formats.number(sum(total.paid_statements for total in paying)),
                "total": formats.number(sum(total.statements for total in paying)),
            }
            return _("%(done)s of %(total)s payments are read back") % done, _("Read payments"), close.handed_over_at


def _row_id(programme: str, month: date) -> str:
    return f"{PREFIX}month-{programme}-{month:%Y-%m}"
