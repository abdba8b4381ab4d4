"""A course as one person sees it: in the edition taken, or else the newest, with the state of each part."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.errors import Refused
from academy.core.pagination import Page, decode_cursor, page
from academy.learning.progress.rules import DONE, Marks, State, lesson_state, module_state


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson in an outline. `state` is the person's."""

    id: UUID
    title: str
    kind: str
    minutes: int
    optional: bool
    state: State

    @property
    def is_done(self) -> bool:
        """Whether the person has finished it."""
        return self.state in DONE


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module in an outline, with its lessons in order."""

    id: UUID
    slug: str
    title: str
    summary: str
    state: State
    lessons: Sequence[LessonLine]

    @property
    def minutes(self) -> int:
        """How long its required lessons take."""
        return sum(lesson.minutes for lesson in self.lessons if not lesson.optional)

    @property
    def minutes_left(self) -> int:
        """How long its required lessons that are not done take."""
        return sum(lesson.minutes for lesson in self.lessons if not lesson.optional and not lesson.is_done)


@dataclass(frozen=True, slots=True)
class Outline:
    """A course with its modules. `locked_by` is slug and title of the first prerequisite not completed."""

    course: UUID
    slug: str
    title: str
    summary: str
    outcome: str
    takeaway: str
    level: str
    family: str
    skills: Sequence[str]
    tags: Sequence[str]
    language: str
    enrolled: bool
    newer_lessons: int
    archived: bool
    completed: bool
    locked_by: tuple[str, str] | None
    modules: Sequence[ModuleLine]

    @property
    def lessons(self) -> list[LessonLine]:
        """Every lesson in order."""
        return [lesson for module in self.modules for lesson in module.lessons]

    @property
    def required(self) -> int:
        """How many lessons count."""
        return sum(not lesson.optional for lesson in self.lessons)

    @property
    def done(self) -> int:
        """How many of the lessons that count are done."""
        return sum(lesson.is_done for lesson in self.lessons if not lesson.optional)

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(module.minutes for module in self.modules)

    @property
    def minutes_left(self) -> int:
        """How long what is left takes."""
        return sum(module.minutes_left for module in self.modules)

    @property
    def begun(self) -> bool:
        """Whether the person has opened any of its lessons."""
        return any(lesson.state is not State.NOT_STARTED for lesson in self.lessons)

    def next_lesson(self) -> LessonLine | None:
        """The first required lesson that is not done."""
        return next((lesson for lesson in self.lessons if not lesson.optional and not lesson.is_done), None)

    def upcoming(self, lesson: UUID) -> LessonLine | None:
        """What to take after a lesson: the one behind it if that is open, else the first required one that is."""
        behind = self.around(lesson)[1]
        return behind if behind is not None and not behind.is_done else self.next_lesson()

    def module_of(self, lesson: UUID) -> ModuleLine | None:
        """The module in which a lesson stands."""
        return next((module for module in self.modules if any(one.id == lesson for one in module.lessons)), None)

    def around(self, lesson: UUID) -> tuple[LessonLine | None, LessonLine | None]:
        """The lessons before and after one, in order."""
        lessons = self.lessons
        index = next((i for i, one in enumerate(lessons) if one.id == lesson), None)
        if index is None:
            return None, None
        return (lessons[index - 1] if index else None), (lessons[index + 1] if index + 1 < len(lessons) else None)


_OUTLINE = """
    select i.id, i.slug, i.title, i.summary, i.outcome, i.takeaway, i.level, i.family, i.skills, i.tags,
           i.language, n.id is not null,
           case when n.id is null or i.edition_id = n.edition_id then 0 else
             (select count(*) from learning_editionlesson x
                left join learning_lessonprogress xp
                       on xp.lesson_id = x.lesson_id and xp.person_id = %(person)s
               where x.edition_id = i.edition_id and xp.completed_at is null
                 and not exists (select 1 from learning_editionlesson y
                                  where y.edition_id = n.edition_id and y.lesson_id = x.lesson_id)) end,
           i.archived_at is not null,
           exists (select 1 from learning_courseprogress cp
                    where cp.course_id = i.id and cp.person_id = %(person)s),
           (select array[pre.slug, pre.title] from learning_item_prerequisites p
              join learning_item pre on pre.id = p.to_item_id
              left join learning_courseprogress cp on cp.course_id = pre.id and cp.person_id = %(person)s
             where p.from_item_id = i.id and cp.completed_at is null order by pre.slug limit 1),
           el.module_id, m.slug, el.module_title, el.module_summary,
           mp.id is not null, coalesce(mp.passed, false),
           el.lesson_id, r.title, r.kind, r.minutes, el.optional,
           lp.id is not null, lp.completed_at is not null, lp.passed_at is not null, lp.failed_at is not null
      from learning_item i
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      join learning_editionlesson el on el.edition_id = coalesce(n.edition_id, i.edition_id)
      join learning_module m on m.id = el.module_id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = %(person)s
      left join learning_moduleprogress mp on mp.module_id = el.module_id and mp.person_id = %(person)s
     where {which} and i.kind = 'course' and (i.archived_at is null or n.id is not null)
     order by el.position
"""
_BY_SLUG = _OUTLINE.format(which="i.slug = %(course)s")
_BY_LESSON = _OUTLINE.format(
    which="i.id = (select lm.course_id from learning_lesson l join learning_module lm on lm.id = l.module_id"
    " where l.id = %(course)s)"
)


def outline(person: UUID, slug: str) -> Outline | None:
    """A course by its address; None when there is none, or an archived one that the person does not take.

    One query, however many lessons there are.
    """
    return _read(_BY_SLUG, person, slug)


def outline_of_lesson(person: UUID, lesson: UUID) -> Outline | None:
    """The course in which a lesson stands. One query."""
    return _read(_BY_LESSON, person, lesson)


def _read(statement: str, person: UUID, course: UUID | str) -> Outline | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"person": person, "course": course})
        rows = cursor.fetchall()
    if not rows:
        return None
    locked = tuple(rows[0][15]) if rows[0][15] else None
    modules = [_module(list(lines)) for _, lines in groupby(rows, key=lambda row: row[16])]
    return Outline(*(*rows[0][:15], locked, modules))


def _module(rows: Sequence[Any]) -> ModuleLine:
    lessons = [LessonLine(*(*row[22:27], lesson_state(Marks(*row[27:31])))) for row in rows]
    first = rows[0]
    state = module_state(completed=first[20], passed=first[21], lessons=[lesson.state for lesson in lessons])
    return ModuleLine(*(*first[16:20], state, lessons))


@dataclass(frozen=True, slots=True)
class ModuleCard:
    """A module by itself, for one person: where it stands, what is left of it, how it went.

    `score` is the best percentage with which a quiz of it was passed, None before one; `tries` are the attempts
    that were handed in; `locked_by` is the title of the course that has to be completed first.
    """

    id: UUID
    slug: str
    title: str
    course: UUID
    course_slug: str
    course_title: str
    family: str
    minutes: int
    minutes_left: int
    next_lesson: UUID | None
    next_kind: str | None
    state: State
    completed_at: datetime | None
    score: int | None
    tries: int
    locked_by: str | None


_CARDS = """
    with failed as (
        select distinct l.module_id
          from learning_lessonprogress lp join learning_lesson l on l.id = lp.lesson_id
         where lp.person_id = %(person)s and lp.failed_at is not null
    ), tried as (
        select l.module_id, max(a.score) filter (where a.passed) as score, count(*) as tries
          from learning_attempt a join learning_lesson l on l.id = a.lesson_id
         where a.person_id = %(person)s and a.submitted_at is not null
         group by l.module_id)
    select m.id, m.slug, min(el.module_title), i.id, i.slug, i.title, i.family,
           coalesce(sum(r.minutes) filter (where not el.optional), 0)::int,
           coalesce(sum(r.minutes) filter (where not el.optional and lp.completed_at is null), 0)::int,
           (array_agg(el.lesson_id order by el.position)
              filter (where not el.optional and lp.completed_at is null))[1],
           (array_agg(r.kind order by el.position)
              filter (where not el.optional and lp.completed_at is null))[1],
           mp.completed_at, coalesce(mp.passed, false),
           bool_or(lp.failed_at is not null), bool_or(lp.id is not null),
           min(t.score), coalesce(min(t.tries), 0),
           (select pre.title from learning_item_prerequisites p
              join learning_item pre on pre.id = p.to_item_id
              left join learning_courseprogress cp on cp.course_id = pre.id and cp.person_id = %(person)s
             where p.from_item_id = i.id and cp.completed_at is null order by pre.slug limit 1)
      from learning_module m
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      join learning_editionlesson el
        on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.module_id = m.id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = %(person)s
      left join learning_moduleprogress mp on mp.module_id = m.id and mp.person_id = %(person)s
      left join tried t on t.module_id = m.id
     where m.id = any(%(modules)s) or m.id in (select module_id from failed)
     group by m.id, i.id, mp.completed_at, mp.passed
     order by i.slug, min(el.position)
"""


def module_cards(person: UUID, modules: Collection[UUID]) -> list[ModuleCard]:
    """These modules, and those in which the person has failed a quiz and not passed it since. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, {"person": person, "modules": list(modules)})
        return [_card(row) for row in cursor.fetchall()]


def _card(row: Any) -> ModuleCard:
    completed_at, passed, failed, opened = row[11:15]
    marks = [State.FAILED if failed else State.IN_PROGRESS if opened else State.NOT_STARTED]
    state = module_state(completed=completed_at is not None, passed=passed, lessons=marks)
    return ModuleCard(*(*row[:11], state, completed_at, *row[15:]))


@dataclass(frozen=True, slots=True)
class Finished:
    """A module that somebody has completed; `seconds` is the time spent in its lessons."""

    id: UUID
    slug: str
    title: str
    course_slug: str
    course_title: str
    completed_at: datetime
    passed: bool
    score: int | None
    seconds: int


_FINISHED = """
    select m.id, m.slug,
           coalesce((select el.module_title from learning_editionlesson el
                      where el.edition_id = coalesce(n.edition_id, i.edition_id) and el.module_id = m.id limit 1),
                    (select el.module_title from learning_editionlesson el where el.module_id = m.id
                      order by el.id desc limit 1)),
           i.slug, i.title, mp.completed_at, mp.passed,
           (select max(a.score) from learning_attempt a join learning_lesson l on l.id = a.lesson_id
             where a.person_id = mp.person_id and l.module_id = m.id and a.passed),
           (select coalesce(sum(lp.seconds), 0) from learning_lessonprogress lp join learning_lesson l
                on l.id = lp.lesson_id where lp.person_id = mp.person_id and l.module_id = m.id)::int
      from learning_moduleprogress mp
      join learning_module m on m.id = mp.module_id
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = mp.person_id
     where mp.person_id = %(person)s
       and (%(at)s::timestamptz is null or (mp.completed_at, m.id) < (%(at)s::timestamptz, %(module)s::uuid))
     order by mp.completed_at desc, m.id desc
     limit %(limit)s
"""


def finished_modules(person: UUID, *, cursor: str | None = None, limit: int = 25) -> Page[Finished]:
    """The modules that a person has completed, the latest first. One query. Raises Refused for a foreign cursor."""
    after = decode_cursor(cursor, 2)
    at, module = _after(after) if after else (None, None)
    with connection.cursor() as reader:
        reader.execute(_FINISHED, {"person": person, "at": at, "module": module, "limit": limit + 1})
        rows = [Finished(*row) for row in reader.fetchall()]
    return page(rows, limit, lambda one: (one.completed_at.isoformat(), str(one.id)))


def _after(key: Sequence[str | int]) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(str(key[0])), UUID(str(key[1]))
    except ValueError:
        raise Refused("This cursor is not one of ours. Ask again without it.", fields={"cursor": "Unknown."}) from None
