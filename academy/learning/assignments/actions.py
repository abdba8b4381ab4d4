"""Asking somebody of one's company to take a course."""

from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import action
from academy.learning.progress import queries
from academy.notifications.actions import send_mail
from academy.people.accounts.models import Person
from academy.people.partners.access import colleague
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@action
def assign(person: UUID, course: UUID, *, due_on: date | None, by: Actor, now: datetime) -> None:
    """Ask somebody of one's company to take a course, by a day; enrols, and tells them by mail.

    Repeated, it moves the day. Raises NotFound for a course or person that is not there, Refused for a day that has
    passed, Conflict when the person has completed the course.
    """
    if person == by.person_id:
        allow(by, "learning.assign", partner_id=by.partner_id)
    else:
        colleague(by, "learning.assign", person)
    if due_on is not None and due_on < now.date():
        raise Refused(_("That day has passed."), fields={"due_on": _("Choose today or a later day.")})
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_enrolment (id, person_id, course_id, edition_id, enrolled_at, assigned_by_id, due_on)
            select %(id)s, %(person)s, i.id, i.edition_id, %(now)s, %(by)s, %(due)s from learning_item i
             where i.id = %(course)s and i.kind = 'course' and i.edition_id is not null and i.archived_at is null
            on conflict (person_id, course_id)
               do update set assigned_by_id = excluded.assigned_by_id, due_on = excluded.due_on
            """,
            {
                "id": uuid7(),
                "person": person,
                "now": now,
                "by": by.person_id,
                "due": due_on,
                "course": course,
            },
        )
        if not cursor.rowcount:
            raise NotFound(_("There is no such course, or it is no longer offered."))
        title = queries.title_of_uncompleted(person, course)
    if title is None:
        raise Conflict(_("This course is completed already. Choose another one."), code="completed")
    if person != by.person_id:
        _tell_of_assignment(person, title, due_on, by=by, now=now)


def _tell_of_assignment(person: UUID, title: str, due_on: date | None, *, by: Actor, now: datetime) -> None:
    people = Person.objects.in_bulk([person, by.person_id])
    learner, asker = people[person], people.get(by.person_id)
    with translation.override(learner.language):
        words = {
            "who": (asker.name if asker else "") or _("Your partner manager"),
            "course": title,
            "day": date_format(due_on, "j F Y") if due_on else "",
            "url": f"{settings.ORIGIN}/training/",
        }
        asks = _("%(who)s asks you to take “%(course)s”.")
        if due_on:
            asks = _("%(who)s asks you to finish “%(course)s” by %(day)s.")
        text = _("Hello,\n\n%(asks)s\n\nIt waits for you here:\n\n%(url)s\n") % {**words, "asks": asks % words}
        send_mail(learner, subject=_("For you: %(course)s") % words, text=text, now=now)
