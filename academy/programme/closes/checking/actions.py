"""Looking at drafts before a month is approved: seen, held, decided anew. Under the locks of close and partner."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from academy.core.errors import NotFound, Refused
from academy.journal.actions import action
from academy.people.partners.actions import lock_many
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.closes import queries
from academy.programme.closes.guards import lock_close, refuse
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Obstacle, Stage
from academy.programme.statements import actions as statements
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag

LONGEST_REASON = 500


def _lock_checking(close_id: UUID) -> Close:
    """A close whose drafts can still change, under its lock. Raises Conflict, NotFound."""
    close = lock_close(close_id)
    if close.stage != Stage.CHECKING:
        raise refuse(Obstacle.COLLECTING if close.stage == Stage.COLLECTING else Obstacle.NOT_CHECKING)
    return close


def _lock_draft(by: Actor, statement_id: UUID) -> Statement:
    """A statement that can still change, with its close and its partner locked. Raises Conflict, NotFound."""
    allow(by, "close.run")
    close_id = Statement.objects.filter(pk=statement_id).values_list("close_id", flat=True).first()
    if close_id is None:
        raise NotFound
    close = _lock_checking(close_id)
    statement = Statement.objects.get(pk=statement_id)
    lock_many([statement.partner_id])
    statement.close = close
    return statement


@action
def see(by: Actor, close_id: UUID, statement_ids: Sequence[UUID], *, flag: str = "", now: datetime) -> int:
    """Say that these statements were looked at, or all that have a flag; how many that newly were.

    Where a second person is asked for, new payee details are looked at by somebody else than who checked them: those
    stay to be looked at. Raises Conflict where no others are left, and once the close is approved; NotFound, Forbidden.
    """
    allow(by, "close.run")
    close = _lock_checking(close_id)
    unseen = Statement.objects.filter(close=close, seen_at=None).exclude(flags=[])
    wanted = unseen.filter(flags__contains=[flag]) if flag else unseen.filter(pk__in=statement_ids)
    own = queries.checked_by(close.pk, by.signature) if settings.FOUR_EYES else []
    seen = wanted.exclude(pk__in=own).update(seen_at=now, seen_by=by.signature)
    if not seen and wanted.exists():
        raise refuse(Obstacle.OWN_PAYEE)
    return seen


@action
def hold(by: Actor, statement_id: UUID, reason: str, *, now: datetime) -> Statement:
    """Do not pay a statement this month. Raises Refused without a reason; Conflict, NotFound, Forbidden."""
    statement = _lock_draft(by, statement_id)
    said = " ".join(reason.split())[:LONGEST_REASON]
    if not said:
        sentence = _("Say why, for the next who looks and for the partner who asks.")
        raise Refused(sentence, fields={"reason": sentence})
    statements.hold_back(statement, said)
    statement.seen_at, statement.seen_by_id = now, by.signature
    statement.save(update_fields=["seen_at", "seen_by"])
    return statement


@action
def look_again(by: Actor, statement_id: UUID) -> Statement:
    """Lift a hold, or see whether what stood in the way is gone. Raises Conflict, NotFound, Forbidden."""
    statement = _lock_draft(by, statement_id)
    statements.look_again(statement.close, [statement])
    return statement


@action
def look_at_payees_again(close_id: UUID) -> int:
    """Decide anew what would pay another payee than was looked at, or an unchecked one, or waits for a check that is
    made by now; how many statements that are.

    Each is an exception then that nobody has seen: not to be paid where the payee is not checked. Raises NotFound.
    """
    close = lock_close(close_id)
    return decide_payees_again(close) if close.stage == Stage.CHECKING else 0


def decide_payees_again(close: Close) -> int:
    """The same for a close that is locked."""
    partners = queries.payees_changed(close.pk).values()
    if not partners:
        return 0
    lock_many(partners)
    # Asked once more under the locks: whom it is waited for may have changed it again.
    changed = list(Statement.objects.filter(pk__in=queries.payees_changed(close.pk)))
    statements.look_again(close, changed, mark=Flag.PAYEE_CHANGED)
    return len(changed)
