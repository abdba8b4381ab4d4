"""Closing a month: start, look at every partner, check, approve, hand over. Each step can be stopped and goes on there.

The order of locks: the close, then partners by ascending id, then the journal. Work on many partners is done a chunk
at a time, each in a transaction of its own that also remembers how far it came: whatever kills it, nothing is done
twice and nothing is left out; two people who go on at once take turns.
"""

from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import action
from academy.people.partners.actions import lock_many
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import queries, rules
from academy.programme.closes.checking.actions import decide_payees_again, look_at_payees_again
from academy.programme.closes.guards import lock_close, refuse
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Obstacle, Stage
from academy.programme.plans.models import Clock, PlanVersion, Programme
from academy.programme.plans.queries import plan_version, version_in_force
from academy.programme.standing.actions import bring_many_up_to_date
from academy.programme.statements import actions as statements
from academy.programme.statements.drafts.queries import basis_of, drafts
from academy.programme.statements.models import Statement
from academy.programme.statements.orders.actions import place_orders

A_CHUNK = 2_000
"""Partners, or statements, in one transaction: nobody waits long for a lock or for the journal."""
NOBODY = UUID(int=0)
"""Before every partner."""


@action
def start_close(by: Actor, programme: UUID, month: date, *, now: datetime) -> Close:
    """Begin to close a month that is over. What is told from now on belongs to a later one: see `open_from`. Starting
    it again is refused while it stands; `go_on` does the work.

    Raises Refused for a month that cannot be closed, Conflict when another one is being closed; NotFound, Forbidden.
    """
    allow(by, "close.run")
    # Two who begin at once take turns: the second finds the close of the first.
    found = Programme.objects.select_for_update(no_key=True).filter(pk=programme).first()
    if found is None:
        raise NotFound
    if found.clock == Clock.SOURCE:
        raise Refused(_("This programme holds imported history: its lines show what was owed then, and none is paid."))
    try:
        version = version_in_force(programme, now)
    except PlanVersion.DoesNotExist:
        raise Refused(_("This programme has no plan yet, so nothing is owed.")) from None
    last = Close.objects.filter(programme_id=programme).order_by("-month").first()
    _check_month(month, last, programme, now)
    close = Close.objects.create(
        id=uuid7(),
        programme=found,
        month=month,
        stage=Stage.COLLECTING,
        plan_id=version,
        cut_at=now,
        partners=_count_partners(programme),
        moved_at=now,
        started_by_id=by.signature,
    )
    _queue(close)
    return close


def _check_month(month: date, last: Close | None, programme: UUID, now: datetime) -> None:
    # What is approved and not written down is on no statement that is made, and would be behind the days of the next.
    if last is not None and (last.stage in rules.OPEN or queries.is_being_written(last)):
        sentence = _("%(month)s is being closed. Finish it first.") % {"month": f"{last.month:%Y-%m}"}
        raise Conflict(sentence)
    if month not in queries.closable_months(programme, last.month if last else None, now):
        sentence = _("This month cannot be closed: it is not over, or it was closed already.")
        raise Refused(sentence, fields={"month": sentence})


def _count_partners(programme: UUID) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from programme_standing where programme_id = %s", [programme])
        count: int = cursor.fetchone()[0]
    return count


def _queue(close: Close) -> None:
    """Let the worker go on, in case whoever asked does not stay."""
    app.configure_task("programme.go_on_with_close", queue="money", lock=f"close:{close.pk}").defer(
        close_id=str(close.pk)
    )


@action
def go_on(close_id: UUID, *, now: datetime) -> bool:
    """Do one chunk of whatever a close has to do, and say whether there is more. For jobs and for those who wait."""
    close = lock_close(close_id)
    if close.stage == Stage.COLLECTING:
        return _collect(close, now)
    if close.stage == Stage.CHECKING:
        decide_payees_again(close)
        return False
    return _write_down(close, now) or _tell(close, now)


@action
def go_on_as(by: Actor, close_id: UUID, *, now: datetime) -> bool:
    """The same for somebody who asks. Raises Forbidden, NotFound."""
    allow(by, "close.run")
    return go_on(close_id, now=now)


def _collect(close: Close, now: datetime) -> bool:
    """Statements of the next partners; whether there are more."""
    partners = _next_partners(close)
    lock_many(partners)
    basis = basis_of(close)
    found = drafts(basis, partners)
    close.statements_made += statements.write(basis, found, position=close.statements_made)
    close.moved_at = now
    if partners:
        close.reached = partners[-1]
        close.looked = min(close.looked + len(partners), close.partners)
    if len(partners) < A_CHUNK:
        close.stage, close.looked = Stage.CHECKING, close.partners
    close.save(update_fields=["stage", "reached", "looked", "statements_made", "moved_at"])
    return close.stage == Stage.COLLECTING


def _next_partners(close: Close) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select partner_id from programme_standing where programme_id = %s"
            " and (%s::uuid is null or partner_id > %s) order by partner_id limit %s",
            [close.programme_id, close.reached, close.reached, A_CHUNK],
        )
        return [partner for (partner,) in cursor.fetchall()]


def _write_down(close: Close, now: datetime) -> bool:
    """The next statements of an approved close become facts; whether there were any."""
    waiting = Statement.objects.filter(close=close, made_at=None, partner_id__gte=close.reached or NOBODY)
    chosen = list(waiting.order_by("partner_id", "currency").values_list("pk", "partner_id")[:A_CHUNK])
    if not chosen:
        return False
    # A partner's time moves on to this fact: what fell due before it is applied first.
    bring_many_up_to_date({partner for _key, partner in chosen}, now=now)
    statements.make(close, plan_version(close.plan_id), [key for key, _partner in chosen], now=now)
    close.reached, close.moved_at = chosen[-1][1], now
    close.save(update_fields=["reached", "moved_at"])
    return True


def _tell(close: Close, now: datetime) -> bool:
    """Owners are told of the next statements that were written down; whether there were any.

    Apart from writing them, so that nobody waits for their partners' locks, nor for the journal, meanwhile.
    """
    made = list(Statement.objects.filter(close=close, number__gt=close.told).order_by("number")[:A_CHUNK])
    if not made:
        return False
    statements.tell_owners(close, plan_version(close.plan_id), made, now=now)
    close.told = made[-1].number
    close.save(update_fields=["told"])
    return True


def approve(by: Actor, close_id: UUID, *, now: datetime) -> Close:
    """Approve a close as expected. From here on no statement changes.

    Where payee details changed since they were looked at, those statements are decided anew first, and stay so: then,
    as for everything else that stands in the way, it raises Conflict. Raises NotFound, Forbidden.
    """
    allow(by, "close.approve")
    if look_at_payees_again(close_id):
        raise refuse(Obstacle.PAYEES)
    return _approve(by, close_id, now=now)


@action
def _approve(by: Actor, close_id: UUID, *, now: datetime) -> Close:
    close = lock_close(close_id)
    if why_not := rules.why_not_approve(queries.situation(close), by.person_id):
        raise refuse(why_not)
    close.stage, close.approved_by_id, close.approved_at = Stage.APPROVED, by.signature, now
    close.reached, close.moved_at = None, now
    close.save(update_fields=["stage", "approved_by", "approved_at", "reached", "moved_at"])
    _queue(close)
    return close


@action
def hand_over(by: Actor, close_id: UUID, *, now: datetime) -> Close:
    """What is to be paid is handed over, each to the payee that is checked now; repeated, what was left out and may be.

    Payee details that are newer than the approval were not looked at by whoever approved: where a second person is
    asked for, whoever checked them leaves them out. Where nothing is to be handed over, repeating changes nothing.
    Without anything to pay the close is done. Raises Conflict, also where repeating leaves out all; NotFound,
    Forbidden.
    """
    allow(by, "payout.record")
    close = lock_close(close_id)
    if why_not := rules.why_not_hand_over(queries.situation(close)):
        raise refuse(why_not)
    placed, left = place_orders(close.pk, by=by.signature, second=settings.FOUR_EYES, now=now)
    if close.stage == Stage.APPROVED:
        close.stage, close.handed_over_by_id, close.handed_over_at = Stage.HANDED_OVER, by.signature, now
        close.save(update_fields=["stage", "handed_over_by", "handed_over_at"])
        settle(close, now)
    elif placed:
        close.rest_handed_over_by_id, close.rest_handed_over_at = by.signature, now
        close.save(update_fields=["rest_handed_over_by", "rest_handed_over_at"])
    elif left:
        raise refuse(Obstacle.OWN_PAYEE)
    return close


def settle(close: Close, now: datetime) -> None:
    """Done when everything that it pays is paid; handed over again when a payment came back. Under the close's lock."""
    waits = queries.waits_for_payment(close.pk)
    close.stage = Stage.HANDED_OVER if waits else Stage.DONE
    close.done_at = None if waits else now
    close.save(update_fields=["stage", "done_at"])
