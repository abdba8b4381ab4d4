"""Before anything of a close is done: its lock, and what stands in the way, as a sentence."""

from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound
from academy.programme.closes.models import Close
from academy.programme.closes.rules import Obstacle


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
        Obstacle.PAYEES: _("Payee details changed after they were looked at. Look at those statements once more."),
        Obstacle.OWN_PAYEE: _(
            "You checked these payee details. Somebody else of finance looks at them before they pay."
        ),
        Obstacle.UNSEEN: _("Some statements need a look first: look at each, or hold it with a reason."),
        Obstacle.SAME_PERSON: _("This takes a second person: somebody else than whoever did the step before."),
        Obstacle.NOT_APPROVED: _("This month is not approved yet."),
        Obstacle.BEING_WRITTEN: _("Its statements are being written down. Go on with that first."),
        Obstacle.NOT_HANDED_OVER: _("The payment file was not handed over yet."),
    }
    return Conflict(sentences[obstacle])
