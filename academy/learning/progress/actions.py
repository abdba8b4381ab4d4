"""Learning: enrolling, reporting progress, completing. What pays is proved by quizzes; see `quizzes.actions`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db import connection

from academy.core.errors import Conflict, NotFound, Refused, Text
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record, seal
from academy.learning.completions.actions import finish_course, finish_module
from academy.learning.progress import queries, rules
from academy.learning.progress.queries import Place
from academy.learning.progress.rules import State
from academy.people.partners.actions import lock_learner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor

LONGEST = int(rules.LONGEST_PLAY.total_seconds())


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
    return _enrol(actor, course, chosen_at=now, now=now)


def _enrol(actor: Actor, course: UUID, *, chosen_at: datetime | None, now: datetime) -> bool:
    allow(actor, "course.enrol", person_id=actor.person_id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_enrolment (id, person_id, course_id, edition_id, enrolled_at, chosen_at)
            select %s, %s, i.id, i.edition_id, %s, %s from learning_item i
             where i.id = %s and i.kind = 'course' and i.edition_id is not null and i.archived_at is null
            on conflict (person_id, course_id) do nothing
            """,
            [uuid7(), actor.person_id, now, chosen_at, course],
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
            "select distinct el.module_id from learning_editionlesson el"
            " join learning_item i on i.edition_id = el.edition_id where i.id = %s",
            [course],
        )
        modules = [module for (module,) in cursor.fetchall()]
    # A newer edition may need less than the old one did: what is complete by it completes now, be it without a module
    # of the old one that was all that was missing.
    for module in modules:
        finish_module(actor.person_id, actor.partner_id, module, at=at, now=now)
    finish_course(actor.person_id, actor.partner_id, course, at=at, now=now)


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
        _enrol(actor, place.course, chosen_at=None, now=now)
    completes = report.completed and place.kind != "quiz" and not place.marks.completed
    seconds = _save_play(actor.person_id, place, report, now) if report.play else 0
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
        raise Conflict(
            Text("Finish “%(locked_by)s” first: this course builds on it.", locked_by=place.locked_by), code="locked"
        )
    return place


def _check(report: Report, now: datetime) -> None:
    if report.position is not None and not 0 <= report.position <= 1:
        raise Refused("A position is from 0 to 1.", fields={"position": Text("From 0 to 1.")})
    if report.seconds < 0:
        raise Refused("Seconds are 0 or more.", fields={"seconds": Text("0 or more.")})
    check_claim(report.occurred_at, now)


def check_claim(occurred_at: datetime | None, now: datetime) -> None:
    """Refuse a device's claim of when something happened that cannot be."""
    if occurred_at and (why_not := rules.why_not_at(occurred_at, now)):
        raise Refused(why_not, fields={"occurred_at": why_not})


def _save_play(person: UUID, place: Place, report: Report, now: datetime) -> int:
    """Keep a play's highest total, at most the wall time it can have taken; returns the seconds that this adds.

    A device's clock may be ahead of ours, and its totals are whole seconds: neither costs an honest device a second.
    """
    true_at = report.occurred_at or now
    counted_until = _lock_attention(person, now)
    claimed = min(report.seconds, LONGEST)
    free = rules.countable(LONGEST, counted_until=counted_until, chosen_at=None, now=now)
    believed = rules.countable(claimed, counted_until=counted_until, chosen_at=place.chosen_at, now=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with played as (
                insert into learning_play (id, person_id, lesson_id, seconds, started_at)
                values (%(play)s, %(person)s, %(lesson)s, %(believed)s, %(started)s)
                on conflict (id) do update
                   set seconds = greatest(learning_play.seconds, least(
                           %(claimed)s, learning_play.seconds + %(free)s,
                           floor(extract(epoch from %(true_at)s - learning_play.started_at))::int + 1))
                 where learning_play.person_id = excluded.person_id and learning_play.lesson_id = excluded.lesson_id
                returning new.seconds - coalesce(old.seconds, 0) as added),
            counted as (
                update learning_attention set counted_until = counted_until + make_interval(secs => played.added)
                  from played where person_id = %(person)s)
            select added from played
            """,
            {
                "play": report.play,
                "person": person,
                "lesson": place.lesson,
                "claimed": claimed,
                "believed": believed,
                "free": free,
                "started": min(true_at, now) - timedelta(seconds=believed),
                "true_at": true_at,
            },
        )
        added = cursor.fetchone()
    if added is None:
        raise Refused(
            "This play belongs to another lesson. Give each play its own id.", fields={"play": Text("In use.")}
        )
    return int(added[0])


def _lock_attention(person: UUID, now: datetime) -> datetime:
    """Up to when a person's plays have filled the time, held until this transaction ends: two at once add up too."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_attention as known (person_id, counted_until)
            select id, greatest(joined_at, %(oldest)s) from people_person where id = %(person)s
            on conflict (person_id) do update set counted_until = greatest(known.counted_until, %(oldest)s)
            returning counted_until
            """,
            {"person": person, "oldest": now - rules.LONGEST_PLAY},
        )
        return cast(datetime, cursor.fetchone()[0])


def _save_position(
    person: UUID,
    place: Place,
    report: Report,
    seconds: int,
    *,
    completed_at: datetime | None,
    now: datetime,
) -> None:
    """The position that was true last wins, whichever report arrives last; a completion is never taken back.

    Two positions of one instant are told apart by themselves. A quiz has none: its answers say how far one is.
    """
    when = report.occurred_at or now
    has_position = report.position is not None and place.kind != "quiz"
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_lessonprogress as lp
                   (person_id, lesson_id, position, anchor, positioned_at, seconds, completed_at, opened_at)
            values (%(person)s, %(lesson)s, %(position)s, %(anchor)s, %(positioned)s, %(seconds)s, %(completed)s,
                    %(when)s)
            on conflict (person_id, lesson_id) do update set
                (position, anchor, positioned_at) = (
                    select newest.position, newest.anchor, newest.positioned_at
                      from (values (lp.position, lp.anchor, lp.positioned_at),
                                   (excluded.position, excluded.anchor, excluded.positioned_at))
                        as newest (position, anchor, positioned_at)
                     order by newest.positioned_at desc nulls last, newest.position desc, newest.anchor desc limit 1),
                opened_at = least(excluded.opened_at, lp.opened_at),
                seconds = lp.seconds + excluded.seconds,
                completed_at = coalesce(lp.completed_at, excluded.completed_at)
            """,
            {
                "person": person,
                "lesson": place.lesson,
                "position": report.position if has_position else 0,
                "anchor": report.anchor[:120] if has_position else "",
                "positioned": when if has_position else None,
                "when": when,
                "seconds": seconds,
                "completed": completed_at,
            },
        )
        cursor.execute(
            "update learning_enrolment set last_lesson_id = %(lesson)s, last_opened_at = %(when)s"
            " where person_id = %(person)s and course_id = %(course)s and (last_opened_at is null"
            " or (last_opened_at, last_lesson_id) < (%(when)s, %(lesson)s))",
            {"lesson": place.lesson, "when": when, "person": person, "course": place.course},
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
