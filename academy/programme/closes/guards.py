"""Before anything of a close is done: its lock, and what stands in the way, as a sentence."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound
from academy.people.permissions.rules import Actor, may
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Obstacle, Situation, Stage, why_not_approve, why_not_paid


def lock_close(close_id: UUID) -> Close:
    """A close under its lock. Raises NotFound."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from programme_close where id = %s for no key update", [close_id])
        if cursor.fetchone() is None:
            raise NotFound
    return Close.objects.select_related("programme").get(pk=close_id)


def refuse(obstacle: Obstacle) -> Conflict:
    """What stands in the way, as a refusal."""
    sentences = {
        Obstacle.COLLECTING: _("Not every partner has been looked at yet. Go on with that first."),
        Obstacle.NOT_CHECKING: _("This month is approved: its statements stay as they are."),
        Obstacle.PAYEES: _(
            "Payee details changed or were checked after statements were looked at. Look at those once more."
        ),
        Obstacle.OWN_PAYEE: _(
            "You checked these payee details. Somebody else of finance looks at them before they pay."
        ),
        Obstacle.UNSEEN: _("Some statements need a look first: look at each, or hold it with a reason."),
        Obstacle.SAME_PERSON: _("This takes a second person: somebody else than whoever did the step before."),
        Obstacle.NOT_APPROVED: _("This month is not approved yet."),
        Obstacle.BEING_WRITTEN: _("Its statements are being written down. Go on with that first."),
        Obstacle.NOT_HANDED_OVER: _("The payment file was not handed over yet. Hand the month over first."),
    }
    return Conflict(sentences[obstacle])


def told_why_not_approve(by: Actor, found: Situation) -> str:
    """Why somebody cannot approve what is being checked, as a sentence; empty where they can, and at other stages."""
    if found.stage is not Stage.CHECKING:
        return ""
    if not may(by, "close.approve"):
        return _("Finance approves.")
    why_not = why_not_approve(found, by.person_id)
    return refuse(why_not).sentence if why_not else ""


def told_why_not_paid(by: Actor, found: Situation) -> str:
    """Why somebody cannot enter payments of what is handed over, as a sentence; empty as above."""
    if found.stage not in (Stage.HANDED_OVER, Stage.DONE):
        return ""
    if not may(by, "payout.record"):
        return _("Finance enters payments.")
    why_not = why_not_paid(found, by.person_id)
    return refuse(why_not).sentence if why_not else ""
