"""Modules by themselves, for one person: what is left of them, and which are finished."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.core.pagination import Page, decode_place, page
from academy.learning.progress.rules import State, module_state


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
    level: str


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
             where p.from_item_id = i.id and cp.completed_at is null order by pre.slug limit 1),
           i.level
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
    at, module = decode_place(cursor) or (None, None)
    with connection.cursor() as reader:
        reader.execute(_FINISHED, {"person": person, "at": at, "module": module, "limit": limit + 1})
        rows = [Finished(*row) for row in reader.fetchall()]
    return page(rows, limit, lambda one: (one.completed_at.isoformat(), str(one.id)))
