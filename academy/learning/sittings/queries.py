"""A person before one lesson: what it says in the edition taken, where to resume, what can be taken along."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from academy.learning.catalog.rules import FILM
from academy.learning.progress.rules import DONE, Marks, State, lesson_state


@dataclass(frozen=True, slots=True)
class File:
    """A file to take along, without its content. `size` is in bytes."""

    id: UUID
    name: str
    media_type: str
    size: int

    @property
    def is_film(self) -> bool:
        """Whether it can be played in the page."""
        return self.media_type.startswith(FILM)


@dataclass(frozen=True, slots=True)
class Sitting:
    """One lesson as it is read. `anchor` is the paragraph (`p-7`) or second (`t-95`) to resume at."""

    lesson: UUID
    kind: str
    title: str
    minutes: int
    html: str
    url: str
    optional: bool
    position: float
    anchor: str
    seconds: int
    state: State
    files: Sequence[File]

    @property
    def is_done(self) -> bool:
        """Whether the person has finished it."""
        return self.state in DONE


_FILES = """
    (select coalesce(json_agg(json_build_array(a.id, a.name, a.media_type, length(a.content)) order by a.name), '[]')
       from learning_attachment a where {which})
"""
_SITTING = f"""
    select l.id, r.kind, r.title, r.minutes, r.html, r.url, el.optional,
           coalesce(lp.position, 0), coalesce(lp.anchor, ''), coalesce(lp.seconds, 0),
           lp.id is not null, lp.completed_at is not null, lp.passed_at is not null, lp.failed_at is not null,
           {_FILES.format(which="a.revision_id = r.id")}
      from learning_lesson l
      join learning_module m on m.id = l.module_id
      join learning_item i on i.id = m.course_id
      left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
      join learning_editionlesson el
        on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.lesson_id = l.id
      join learning_revision r on r.id = el.revision_id
      left join learning_lessonprogress lp on lp.lesson_id = l.id and lp.person_id = %(person)s
     where l.id = %(lesson)s and (i.archived_at is null or n.id is not null)
"""  # noqa: S608 - the inserted text is ours


def sitting(person: UUID, lesson: UUID) -> Sitting | None:
    """A lesson in the edition that a person takes; None when that edition does not have it. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_SITTING, {"person": person, "lesson": lesson})
        row = cursor.fetchone()
    if row is None:
        return None
    return Sitting(*(*row[:10], lesson_state(Marks(*row[10:14])), _files(row[14])))


def _files(written: Sequence[Any]) -> list[File]:
    return [File(UUID(one), name, media, size) for one, name, media, size in written]


def files_of_item(item: UUID) -> list[File]:
    """The files that a resource gives. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select " + _FILES.format(which="a.item_id = %s"), [item])
        return _files(cursor.fetchone()[0])


def files_of_course(person: UUID, course: UUID) -> list[File]:
    """Every file in the edition of a course that a person takes, but films: what one takes away. One query."""
    which = """a.media_type not like 'video/%%' and a.revision_id in (
        select el.revision_id from learning_item i
          left join learning_enrolment n on n.course_id = i.id and n.person_id = %s
          join learning_editionlesson el on el.edition_id = coalesce(n.edition_id, i.edition_id)
         where i.id = %s)"""
    with connection.cursor() as cursor:
        cursor.execute("select " + _FILES.format(which=which), [person, course])
        return _files(cursor.fetchone()[0])


_ONE_FILE = """
    select a.id, a.name, a.media_type, length(a.content)
      from learning_attachment a
      left join learning_item i on i.id = a.item_id
     where a.id = %(file)s and (
           (a.item_id is not null and i.archived_at is null)
        or exists (select 1 from learning_editionlesson el
                     join learning_edition e on e.id = el.edition_id
                     join learning_item c on c.id = e.course_id
                     left join learning_enrolment n on n.course_id = c.id and n.person_id = %(person)s
                    where el.revision_id = a.revision_id
                      and (n.edition_id = e.id or (c.edition_id = e.id and c.archived_at is null))))
"""


def file_of(person: UUID, file: UUID) -> File | None:
    """A file of a lesson or resource that this person can open; None for any other. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_FILE, {"person": person, "file": file})
        row = cursor.fetchone()
    return File(*row) if row else None


def content(file: File, part: range | None = None) -> bytes:
    """What a file holds, or a part of it. Whether the person may have it was asked by `file_of`. One query."""
    wanted = range(file.size) if part is None else part
    with connection.cursor() as cursor:
        cursor.execute(
            "select substring(content from %s for %s) from learning_attachment where id = %s",
            [wanted.start + 1, len(wanted), file.id],
        )
        return bytes(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Text:
    """What a lesson says: to point at a passage of it."""

    title: str
    html: str


def texts_of(person: UUID, lessons: Collection[UUID]) -> dict[UUID, Text]:
    """These lessons as a person's editions have them. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select el.lesson_id, r.title, r.html
              from learning_lesson l
              join learning_module m on m.id = l.module_id
              join learning_item i on i.id = m.course_id
              left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
              join learning_editionlesson el
                on el.edition_id = coalesce(n.edition_id, i.edition_id) and el.lesson_id = l.id
              join learning_revision r on r.id = el.revision_id
             where l.id = any(%(lessons)s)
            """,
            {"person": person, "lessons": list(lessons)},
        )
        return {lesson: Text(title, html) for lesson, title, html in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Fitting:
    """The next lessons of one course that fit into some minutes together; `lesson` is the first of them."""

    course: str
    slug: str
    family: str
    begun: bool
    lesson: UUID
    titles: Sequence[str]
    minutes: int


_FITTING = """
    with open_lessons as (
        select i.id as course, i.title as course_title, i.slug, i.family,
               n.id is not null as begun, n.last_opened_at, el.lesson_id, r.title, el.position,
               sum(r.minutes) over (partition by i.id order by el.position) as minutes
          from learning_item i
          left join learning_enrolment n on n.course_id = i.id and n.person_id = %(person)s
          join learning_editionlesson el on el.edition_id = coalesce(n.edition_id, i.edition_id)
          join learning_revision r on r.id = el.revision_id
          left join learning_lessonprogress lp on lp.lesson_id = el.lesson_id and lp.person_id = %(person)s
         where i.kind = 'course' and (n.id is not null or i.archived_at is null)
           and not el.optional and lp.completed_at is null
           and (n.id is not null or el.module_id = any(%(wanted)s::uuid[]))
           and not exists (select 1 from learning_item_prerequisites p
                             left join learning_courseprogress cp
                               on cp.course_id = p.to_item_id and cp.person_id = %(person)s
                            where p.from_item_id = i.id and cp.completed_at is null))
    select course_title, slug, family, begun, (array_agg(lesson_id order by position))[1],
           array_agg(title order by position), max(minutes)::int
      from open_lessons
     where minutes <= %(minutes)s
     group by course, course_title, slug, family, begun, last_opened_at
     order by begun desc, last_opened_at desc nulls last, max(minutes) desc, slug
     limit %(limit)s
"""


def fitting(person: UUID, minutes: int, *, wanted: Sequence[UUID] = (), limit: int = 3) -> list[Fitting]:
    """What fits into so many minutes: the next lessons of each course begun, last opened first, then of modules
    that are wanted. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _FITTING,
            {"person": person, "minutes": minutes, "wanted": [str(one) for one in wanted], "limit": limit},
        )
        return [Fitting(*row) for row in cursor.fetchall()]
