"""Asking somebody of one's company to take a course."""

from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import action
from academy.learning.progress import queries
from academy.notifications.notices.actions import tell
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
        _tell_of_assignment(person, course, due_on, by=by, now=now)


def _tell_of_assignment(person: UUID, course: UUID, due_on: date | None, *, by: Actor, now: datetime) -> None:
    asker = Person.objects.filter(pk=by.person_id).exclude(name="").values_list("pk", flat=True).first()
    tell(
        "learning.assigned",
        [person],
        key=f"learning.assigned:{course}:{due_on or now.date()}:{by.person_id}",
        params={"thing": course, "person": asker, "due_on": due_on},
        now=now,
    )
