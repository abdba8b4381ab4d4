"""Asking for a topic that the catalogue does not have."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from academy.core.errors import Refused
from academy.core.ids import uuid7
from academy.journal.actions import action
from academy.learning.wishes import rules
from academy.learning.wishes.models import Wish
from academy.notifications.actions import send_mail
from academy.people.accounts.queries import people_with_role
from academy.people.permissions.access import allow
from academy.people.permissions.rules import ADMINISTRATOR, CURATOR, Actor


@action
def ask_for_topic(actor: Actor, topic: str, *, now: datetime) -> bool:
    """Record that a person wishes a topic, and tell the curators. True when it was new; the same topic, in whatever
    case, is asked for once. Raises Refused.
    """
    allow(actor, "topic.wish", person_id=actor.person_id)
    wished = rules.tidy(topic)
    lately = Wish.objects.filter(person_id=actor.person_id, asked_at__gt=now - timedelta(days=1)).count()
    if reason := rules.why_not(wished, lately):
        raise Refused(reason, fields={"topic": reason})
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_wish (id, person_id, topic, asked_at) values (%s, %s, %s, %s) on conflict do nothing",
            [uuid7(), actor.person_id, wished, now],
        )
        if not cursor.rowcount:
            return False
    _tell(wished, now)
    return True


def _tell(topic: str, now: datetime) -> None:
    """A line to each curator, or where there is none to each administrator. Who asks is not told."""
    for reader in people_with_role(CURATOR) or people_with_role(ADMINISTRATOR):
        with translation.override(reader.language):
            send_mail(
                reader,
                subject=_("Asked for: %(topic)s") % {"topic": topic},
                text=_("Somebody searched the catalogue, found nothing that fits and asks for:\n\n%(topic)s")
                % {"topic": topic},
                now=now,
            )


def forget_person(person_id: UUID, addresses: list[str]) -> None:
    """Delete what a person who is being erased has wished; a topic may say who it was."""
    Wish.objects.filter(person_id=person_id).delete()
