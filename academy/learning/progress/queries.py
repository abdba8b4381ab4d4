"""Reading how far somebody is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core import reads
from academy.learning.progress.rules import Marks, State, lesson_state, module_state


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lesson stands for a person: in which course, in the edition the person takes, and what is known."""

    lesson: UUID
    module: UUID
    course: UUID
    slug: str
    edition: UUID | None
    enrolled: bool
    chosen_at: datetime | None
    kind: str | None
    revision: UUID | None
    locked_by: str | None
    marks: Marks


_PLACE = """
    select l.id, l.module_id, m.course_id, i.slug, coalesce(n.edition_id, i.edition_id), n.id is not null,
           n.chosen_at, r.kind, r.id,
           (select pre.title from learning_item_prerequisites p
              join learning_item pre on pre.id = p.to_item_id
              left join learning_courseprogress cp on cp.course_id = pre.id and cp.person_id = %(person)s
             where p.from_item_id = i.id and cp.completed_at is null order by pre.slug limit 1),
           lp.id is not null, lp.completed_at is not null, lp.passed_at is not null, lp.failed_at is not null
      from learning_lesson l
      join learning_module m on m.id = l.module_id
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      left join learning_editionlesson el
             on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.lesson_id = l.id
      left join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = l.id and lp.person_id = %(person)s
     where l.id = %(lesson)s
"""


def place(person: UUID, lesson: UUID) -> Place | None:
    """One query: everything that saving progress with a lesson has to know. `kind` is None outside the edition."""
    row = reads.row(_PLACE, {"person": person, "lesson": lesson})
    if row is None:
        return None
    where, marks = row[:10], row[10:]
    return Place(*where, Marks(*marks))  # type: ignore[call-arg]  # mypy lets a star fill every field


@dataclass(frozen=True, slots=True)
class ModuleCount:
    """A module in the edition that a person takes: how many required lessons, how many of them done."""

    course: UUID
    edition: UUID
    required: int
    done: int
    quizzes: int
    completed: bool


_MODULE_COUNT = """
    select m.course_id, el.edition_id,
           count(*) filter (where not el.optional),
           count(*) filter (where not el.optional and
               case r.kind when 'quiz' then lp.passed_at else lp.completed_at end is not null),
           count(*) filter (where not el.optional and r.kind = 'quiz'),
           exists (select 1 from learning_moduleprogress mp where mp.module_id = m.id and mp.person_id = %(person)s)
      from learning_module m
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      join learning_editionlesson el
        on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.module_id = m.id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = %(person)s
     where m.id = %(module)s
     group by m.id, m.course_id, el.edition_id
"""


def count_module(person: UUID, module: UUID) -> ModuleCount | None:
    """How far a person is with a module; None when the edition has no such module any more."""
    row = reads.row(_MODULE_COUNT, {"person": person, "module": module})
    return ModuleCount(*row) if row else None


_COURSE_COUNT = """
    select count(*), count(mp.id), (array_agg(required.edition_id))[1],
           exists (select 1 from learning_courseprogress cp
                    where cp.course_id = %(course)s and cp.person_id = %(person)s)
      from (select distinct el.module_id, el.edition_id
              from learning_item i
              left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
              join learning_editionlesson el on el.edition_id = coalesce(n.edition_id, i.edition_id)
             where i.id = %(course)s and not el.optional) required
      left join learning_moduleprogress mp on mp.module_id = required.module_id and mp.person_id = %(person)s
"""


@dataclass(frozen=True, slots=True)
class CourseCount:
    """A course in the edition that a person takes: how many modules, how many of them completed."""

    required: int
    done: int
    edition: UUID | None
    completed: bool


def count_course(person: UUID, course: UUID) -> CourseCount:
    """How far a person is with a course, by modules."""
    with connection.cursor() as cursor:
        cursor.execute(_COURSE_COUNT, {"person": person, "course": course})
        return CourseCount(*cursor.fetchone())


_OUTLINE_STATES = """
    select el.module_id, el.lesson_id, lp.id is not null, lp.completed_at is not null, lp.passed_at is not null,
           lp.failed_at is not null, mp.id is not null, coalesce(mp.passed, false), el.optional,
           exists (select 1 from learning_courseprogress cp where cp.course_id = i.id and cp.person_id = %(person)s)
      from learning_item i
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      join learning_editionlesson el on el.edition_id = coalesce(n.edition_id, i.edition_id)
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = %(person)s
      left join learning_moduleprogress mp on mp.module_id = el.module_id and mp.person_id = %(person)s
     where i.id = %(course)s
     order by el.position
"""


@dataclass(frozen=True, slots=True)
class CourseStates:
    """The states of a course and of everything in it, for one person."""

    lessons: dict[UUID, State]
    modules: dict[UUID, State]
    completed: bool
    required: int
    done: int


def course_states(person: UUID, course: UUID) -> CourseStates:
    """One query for every state on a course's page."""
    rows = reads.rows(_OUTLINE_STATES, {"person": person, "course": course})
    lessons = {row[1]: lesson_state(Marks(*row[2:6])) for row in rows}
    modules: dict[UUID, State] = {}
    for module in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == module]
        modules[module] = module_state(
            completed=mine[0][6], passed=mine[0][7], lessons=[lessons[row[1]] for row in mine]
        )
    required = [row for row in rows if not row[8]]
    return CourseStates(
        lessons, modules, bool(rows and rows[0][9]), len(required), sum(bool(row[3]) for row in required)
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A course that somebody has begun, as lists show it."""

    course: UUID
    slug: str
    title: str
    family: str
    minutes: int
    required: int
    done: int
    minutes_left: int
    completed_at: datetime | None
    last_opened_at: datetime | None
    enrolled_at: datetime
    next_lesson: UUID | None
    next_title: str | None
    next_kind: str | None
    newer_lessons: int
    due_on: Any


_TAKEN = """
    select i.id, i.slug, i.title, i.family, i.minutes,
           count(*) filter (where not el.optional) as required,
           count(*) filter (where not el.optional and lp.completed_at is not null) as done,
           coalesce(sum(r.minutes) filter (where not el.optional and lp.completed_at is null), 0) as minutes_left,
           (select cp.completed_at from learning_courseprogress cp
             where cp.course_id = i.id and cp.person_id = n.person_id),
           n.last_opened_at, n.enrolled_at,
           (array_agg(el.lesson_id order by el.position) filter (where lp.completed_at is null and not el.optional))[1],
           (array_agg(r.title order by el.position) filter (where lp.completed_at is null and not el.optional))[1],
           (array_agg(r.kind order by el.position) filter (where lp.completed_at is null and not el.optional))[1],
           case when i.edition_id = n.edition_id then 0 else
             (select count(*) from learning_editionlesson x
                left join learning_lessonprogress xp on xp.lesson_id = x.lesson_id and xp.person_id = n.person_id
               where x.edition_id = i.edition_id and xp.completed_at is null
                 and not exists (select 1 from learning_editionlesson y
                                  where y.edition_id = n.edition_id and y.lesson_id = x.lesson_id)) end,
           n.due_on
      from learning_enrolment n
      join learning_item i on i.id = n.course_id
      join learning_editionlesson el on el.edition_id = n.edition_id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = n.person_id
     where n.person_id = %s
     group by n.id, i.id
     order by n.last_opened_at desc nulls last, n.enrolled_at desc
"""


def taken_by(person: UUID) -> list[Taken]:
    """Every course that a person is enrolled in, last opened first; one query."""
    return [Taken(*row) for row in reads.rows(_TAKEN, [person])]


@dataclass(frozen=True, slots=True)
class Totals:
    """A person's training in figures. Modules are those of the courses begun, and every core module."""

    modules_completed: int
    modules_total: int
    seconds: int
    certificates: int
    lessons_done: int
    lessons_required: int


_TOTALS = """
    with mine as (
        select el.module_id, el.optional, lp.completed_at
          from learning_enrolment n
          join learning_editionlesson el on el.edition_id = n.edition_id
          left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = n.person_id
         where n.person_id = %(person)s)
    select (select count(*) from learning_moduleprogress where person_id = %(person)s),
           (select count(*) from (
               select module_id from mine where not optional
               union select unnest(%(core)s::uuid[])
               union select module_id from learning_moduleprogress where person_id = %(person)s) every),
           (select coalesce(sum(seconds), 0) from learning_lessonprogress where person_id = %(person)s),
           (select count(*) from recognition_certificate
             where person_id = %(person)s and revoked_at is null and not expired),
           (select count(*) from mine where not optional and completed_at is not null),
           (select count(*) from mine where not optional)
"""


def totals(person: UUID, core: list[UUID]) -> Totals:
    """What the training card shows; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS, {"person": person, "core": [str(module) for module in core]})
        return Totals(*(int(value) for value in cursor.fetchone()))


def passed_modules(people: list[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Which modules each of these people has passed; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select person_id, array_agg(module_id) from learning_moduleprogress"
            " where person_id = any(%s) and passed group by person_id",
            [people],
        )
        return {person: frozenset(modules) for person, modules in cursor.fetchall()}


def title_of_uncompleted(person: UUID, course: UUID) -> str | None:
    """A course's title; None when this person has completed it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select title from learning_item i where id = %(course)s and not exists (
                select from learning_courseprogress where course_id = i.id and person_id = %(person)s)
            """,
            {"person": person, "course": course},
        )
        row = cursor.fetchone()
    return str(row[0]) if row else None
