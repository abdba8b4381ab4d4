"""A course as one person sees it: in the edition taken, or else the newest, with the state of each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

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

    def waits_for(self) -> int:
        """How many of its required lessons are not done."""
        return sum(not lesson.optional and not lesson.is_done for lesson in self.lessons)


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
        """What to take after a lesson: the one behind it if that is open, else the first required one that is.

        Behind a module's last lesson stands the next module; what is left of this one comes before it.
        """
        behind, module = self.around(lesson)[1], self.module_of(lesson)
        if module is not None and lesson == module.lessons[-1].id and module.waits_for():
            return next(one for one in module.lessons if not one.optional and not one.is_done)
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


_OPENERS = """
    select distinct on (p.from_item_id) p.from_item_id, pre.title
      from learning_item_prerequisites p
      join learning_item pre on pre.id = p.to_item_id
      left join learning_courseprogress cp on cp.course_id = pre.id and cp.person_id = %(person)s
     where p.from_item_id = any(%(courses)s) and cp.completed_at is null
     order by p.from_item_id, pre.slug
"""


def openers(person: UUID, courses: Sequence[UUID]) -> dict[UUID, str]:
    """What opens each of these courses that is locked for this person: the title to complete first."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENERS, {"person": person, "courses": list(courses)})
        return dict(cursor.fetchall())


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
