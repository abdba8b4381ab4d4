"""The written courses as the history generator needs them: modules by `course/module`, in order, with their lessons."""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from academy.demo.history import LessonOf, ModuleOf

_OUTLINE = """
    select i.slug || '/' || m.slug, m.id, el.lesson_id, r.kind = 'quiz', r.minutes
      from learning_item i
      join learning_editionlesson el on el.edition_id = i.edition_id
      join learning_module m on m.id = el.module_id
      join learning_revision r on r.id = el.revision_id
     where i.source = 'academy' and not el.optional
     order by i.slug, el.position
"""


def _rows() -> list[tuple[str, UUID, UUID, bool, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_OUTLINE)
        return list(cursor.fetchall())


def module_ids() -> Mapping[str, UUID]:
    """Every module's id by its name in plans."""
    return {name: module for name, module, *_ in _rows()}


def modules_by_name() -> Mapping[str, ModuleOf]:
    """Every module with its required lessons."""
    lessons: dict[str, list[LessonOf]] = {}
    for name, _module, lesson, quiz, minutes in _rows():
        lessons.setdefault(name, []).append(LessonOf(lesson, quiz, minutes))
    return {name: ModuleOf(name, tuple(found)) for name, found in lessons.items()}
