"""Learning: enrolling, reporting progress, completing. What pays is proved by quizzes; see `quizzes.actions`."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Decision, Recorded, Thing, action, record, seal
from academy.learning.progress import queries, rules
from academy.learning.progress.queries import Place
from academy.learning.progress.rules import State
from academy.notifications.actions import send_mail
from academy.people.accounts.models import Person
from academy.people.partners.access import colleague
from academy.people.partners.actions import lock_learner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class Report:
    """What a device says about a lesson. `seconds` is the running total of one play; `position` runs from 0 to 1."""

    position: float | None = None
    anchor: str = ""
    play: UUID | None = None
    seconds: int = 0
    completed: bool = False
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """Where lesson, module and course stand after it, and the journal's cursor."""

    lesson: State
    module: State
    course: State
    cursor: int


@action
def enrol(actor: Actor, course: UUID, *, now: datetime) -> bool:
    """Enrol a person in the newest edition of a course. True when this was new; repeating it changes nothing."""
    allow(actor, "course.enrol", person_id=actor.person_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_enrolment (id, person_id, course_id, edition_id, enrolled_at)
            select %s, %s, i.id, i.edition_id, %s from learning_item i
             where i.id = %s and i.kind = 'course' and i.edition_id is not null and i.archived_at is null
            on conflict (person_id, course_id) do nothing
            """,
            [uuid7(), actor.person_id, now, course],
        )
        if cursor.rowcount:
            return True
        cursor.execute(
            "select 1 from learning_enrolment where person_id = %s and course_id = %s",
            [actor.person_id, course],
        )
        if cursor.fetchone() is None:
            raise NotFound("There is no such course.")
    return False


@action
def assign(person: UUID, course: UUID, *, due_on: date | None, by: Actor, now: datetime) -> None:
    """Ask somebody of one's company to take a course, by a day; enrols, and tells them by mail.

    Repeated, it moves the day. Raises NotFound for a course or person that is not there, Refused for a day that has passed, Conflict when the
    person has completed the course.
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


@action
def take_newer_edition(actor: Actor, course: UUID, *, now: datetime) -> None:
    """Move an enrolment to the newest edition. What is completed stays completed."""
    allow(actor, "course.enrol", person_id=actor.person_id)
    at = lock_learner(actor, now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update learning_enrolment n set edition_id = i.edition_id from learning_item i
             where i.id = n.course_id and n.person_id = %s and n.course_id = %s and i.edition_id is not null
            """,
            [actor.person_id, course],
        )
        if not cursor.rowcount:
            raise NotFound("You are not enrolled in this course.")
        cursor.execute(
            "select distinct module_id from learning_editionlesson el join learning_item i on i.edition_id = el.edition_id"
            " where i.id = %s",
            [course],
        )
        modules = [module for (module,) in cursor.fetchall()]
    # A newer edition may need less than the old one did: what is complete by it completes now.
    for module in modules:
        _complete_module(actor.person_id, actor.partner_id, module, at=at, now=now)


@action
def save_progress(actor: Actor, lesson: UUID, report: Report, *, now: datetime) -> Saved:
    """Take a device's report about a lesson, in any order and any number of times, and let follow what follows.

    Raises NotFound, Conflict while prerequisites are open, Refused for times and positions that cannot be.
    """
    allow(actor, "lesson.progress", person_id=actor.person_id)
    _check(report, now)
    at = lock_learner(actor, now) if report.completed else now
    place = open_place(actor.person_id, lesson)
    if not place.enrolled:
        enrol(actor, place.course, now=now)
    completes = report.completed and place.kind != "quiz" and not place.marks.completed
    seconds = _save_play(actor.person_id, lesson, report, now) if report.play else None
    _save_position(actor.person_id, place, report, seconds, completed_at=at if completes else None, now=now)
    if completes:
        record(
            "lesson.completed",
            partner=actor.partner_id,
            person=actor.person_id,
            thing=Thing("lesson", lesson),
            at=at,
            now=now,
            occurred_at=report.occurred_at,
            numbers={"module": str(place.module), "course": str(place.course)},
            key=f"lesson.completed:{actor.person_id}:{lesson}",
        )
    return saved(actor.person_id, place)


def saved(person: UUID, place: Place) -> Saved:
    """The answer to a write about a lesson: its last act, since sealing takes the journal's lock."""
    states = queries.course_states(person, place.course)
    return Saved(
        states.lessons.get(place.lesson, State.IN_PROGRESS),
        states.modules.get(place.module, State.IN_PROGRESS),
        rules.course_state(completed=states.completed, modules=states.modules.values()),
        seal(),
    )


def open_place(person: UUID, lesson: UUID) -> Place:
    """A lesson that this person may work on now."""
    place = queries.place(person, lesson)
    if place is None or place.kind is None:
        raise NotFound("There is no such lesson in the edition you take.")
    if place.locked_by is not None:
        raise Conflict(f"Finish “{place.locked_by}” first: this course builds on it.", code="locked")
    return place


def _check(report: Report, now: datetime) -> None:
    if report.position is not None and not 0 <= report.position <= 1:
        raise Refused("A position is from 0 to 1.", fields={"position": "From 0 to 1."})
    if report.seconds < 0:
        raise Refused("Seconds are 0 or more.", fields={"seconds": "0 or more."})
    if report.occurred_at and (why_not := rules.why_not_at(report.occurred_at, now)):
        raise Refused(why_not, fields={"occurred_at": why_not})


def _save_play(person: UUID, lesson: UUID, report: Report, now: datetime) -> int:
    """Keep a play's highest total, at most the wall time it can have taken; returns the seconds of all plays."""
    true_at = min(report.occurred_at or now, now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_play (id, person_id, lesson_id, seconds, started_at)
            values (%(play)s, %(person)s, %(lesson)s, %(claimed)s, %(started)s)
            on conflict (id) do update
               set seconds = greatest(learning_play.seconds, least(
                       excluded.seconds, extract(epoch from %(now)s - learning_play.started_at)::int))
             where learning_play.person_id = excluded.person_id and learning_play.lesson_id = excluded.lesson_id
            """,
            {
                "play": report.play,
                "person": person,
                "lesson": lesson,
                "claimed": min(report.seconds, int(rules.LONGEST_PLAY.total_seconds())),
                "started": rules.play_start(report.seconds, now=true_at),
                "now": true_at,
            },
        )
        if not cursor.rowcount:
            raise Refused("This play belongs to another lesson. Give each play its own id.", fields={"play": "In use."})
        cursor.execute(
            "select coalesce(sum(seconds), 0) from learning_play where person_id = %s and lesson_id = %s",
            [person, lesson],
        )
        return int(cursor.fetchone()[0])


def _save_position(
    person: UUID,
    place: Place,
    report: Report,
    seconds: int | None,
    *,
    completed_at: datetime | None,
    now: datetime,
) -> None:
    """The position that was true last wins, whichever report arrives last; a completion is never taken back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_lessonprogress as lp
                   (person_id, lesson_id, position, anchor, positioned_at, seconds, completed_at, opened_at)
            values (%(person)s, %(lesson)s, coalesce(%(position)s, 0), %(anchor)s, %(when)s, coalesce(%(seconds)s, 0),
                    %(completed)s, %(when)s)
            on conflict (person_id, lesson_id) do update set
                position = case when %(position)s is not null and (excluded.positioned_at, excluded.position)
                    >= (lp.positioned_at, lp.position) then excluded.position else lp.position end,
                anchor = case when %(position)s is not null and (excluded.positioned_at, excluded.position)
                    >= (lp.positioned_at, lp.position) then excluded.anchor else lp.anchor end,
                positioned_at = case when %(position)s is not null
                    then greatest(excluded.positioned_at, lp.positioned_at) else lp.positioned_at end,
                opened_at = least(excluded.opened_at, lp.opened_at),
                seconds = greatest(lp.seconds, coalesce(%(seconds)s, 0)),
                completed_at = coalesce(lp.completed_at, excluded.completed_at)
            """,
            {
                "person": person,
                "lesson": place.lesson,
                "position": report.position,
                "anchor": report.anchor[:120],
                "when": report.occurred_at or now,
                "seconds": seconds,
                "completed": completed_at,
            },
        )
        cursor.execute(
            "update learning_enrolment set last_lesson_id = %s, last_opened_at = %s"
            " where person_id = %s and course_id = %s and (last_opened_at is null or last_opened_at <= %s)",
            [place.lesson, now, person, place.course, now],
        )


@action
def plan_modules(actor: Actor, modules: list[UUID], *, now: datetime) -> None:
    """Make these the modules that a person means to finish, and enrol in their courses. Raises Refused, NotFound."""
    allow(actor, "course.enrol", person_id=actor.person_id)
    with connection.cursor() as cursor:
        cursor.execute("select id, course_id from learning_module where id = any(%s)", [modules])
        known = dict(cursor.fetchall())
        if set(known) != set(modules):
            raise Refused("One of these modules is not known any more. Tick again.")
        cursor.execute("delete from learning_plannedmodule where person_id = %s", [actor.person_id])
        cursor.execute(
            "insert into learning_plannedmodule (person_id, module_id, planned_at)"
            " select %s, unnest(%s::uuid[]), %s on conflict do nothing",
            [actor.person_id, modules, now],
        )
    for course in sorted(set(known.values())):
        enrol(actor, course, now=now)


def complete_module(fact: Recorded) -> None:
    """Reaction to a completed lesson or passed quiz: the module, if that was the last of it."""
    if fact.person is None:
        return
    module = UUID(str(fact.numbers["module"]))
    _complete_module(fact.person, fact.partner, module, at=fact.effective_at, now=fact.recorded_at)


def _complete_module(person: UUID, partner: UUID | None, module: UUID, *, at: datetime, now: datetime) -> None:
    count = queries.count_module(person, module)
    if count is None or count.completed or not rules.is_complete(count.done, count.required):
        return
    passed = count.quizzes > 0
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_moduleprogress (person_id, module_id, completed_at, passed) values (%s, %s, %s, %s)",
            [person, module, at, passed],
        )
    record(
        "module.completed",
        partner=partner,
        person=person,
        thing=Thing("module", module),
        at=at,
        now=now,
        numbers={"course": str(count.course), "passed": passed},
        decision=Decision(
            rules.RULE,
            {
                "edition": str(count.edition),
                "required": count.required,
                "done": count.done,
                "quizzes": count.quizzes,
            },
        ),
        key=f"module.completed:{person}:{module}",
    )


def complete_course(fact: Recorded) -> None:
    """Reaction to a completed module: the course, if that was the last of it."""
    if fact.person is None:
        return
    course = UUID(str(fact.numbers["course"]))
    count = queries.count_course(fact.person, course)
    if count.completed or not rules.is_complete(count.done, count.required):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_courseprogress (person_id, course_id, completed_at) values (%s, %s, %s)",
            [fact.person, course, fact.effective_at],
        )
    record(
        "course.completed",
        partner=fact.partner,
        person=fact.person,
        thing=Thing("course", course),
        at=fact.effective_at,
        now=fact.recorded_at,
        decision=Decision(rules.RULE, {"edition": str(count.edition), "required": count.required, "done": count.done}),
        key=f"course.completed:{fact.person}:{course}",
    )
