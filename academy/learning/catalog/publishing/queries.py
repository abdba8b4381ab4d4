"""What stands in the academy of a source before it is published again: ids and digests, no texts."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from academy.learning.catalog.changes.rules import Shelf, Standing, StandingModule
from academy.learning.catalog.models import Edition, Item, Lesson, Module, PathCourse

COLUMNS = (
    *("kind", "title", "summary", "outcome", "takeaway", "level", "family"),
    *("skills", "tags", "language", "url", "minutes"),
)


def shelf_of(source: str) -> Shelf:
    """Everything of one source. Nine queries, whatever its size; call it under the catalogue's lock."""
    through = Item.prerequisites.through.objects.filter(from_item__source=source).order_by("id")
    places = PathCourse.objects.filter(path__source=source).order_by("path_id", "position")
    lessons = Lesson.objects.filter(module__course__source=source)
    return Shelf(
        items=_items(source),
        slugs=frozenset(Item.objects.values_list("slug", flat=True)),
        needs=_grouped(through.values_list("from_item_id", "to_item_id")),
        courses=_grouped(places.values_list("path_id", "course_id")),
        modules={
            module.id: StandingModule(module.course_id, module.slug, module.skills)
            for module in Module.objects.filter(course__source=source)
        },
        lessons={course: set(ids) for course, ids in _grouped(lessons.values_list("module__course_id", "id")).items()},
        revisions=_revisions(source),
        files=_files(source),
    )


def _items(source: str) -> dict[str, Standing]:
    editions = {
        edition.id: (edition.id, edition.number, bytes(edition.digest))
        for edition in Edition.objects.filter(id__in=Item.objects.filter(source=source).values("edition_id"))
    }
    return {
        item.source_uid: Standing(
            id=item.id,
            slug=item.slug,
            columns={column: getattr(item, column) for column in COLUMNS},
            archived=item.archived_at is not None,
            edition=editions[item.edition_id] if item.edition_id else None,
        )
        for item in Item.objects.filter(source=source)
    }


def _grouped(rows: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = {}
    for key, value in rows:
        grouped.setdefault(key, []).append(value)
    return grouped


def _revisions(source: str) -> dict[tuple[UUID, bytes], UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select r.lesson_id, r.digest, r.id from learning_revision r
                 join learning_lesson l on l.id = r.lesson_id join learning_module m on m.id = l.module_id
                 join learning_item i on i.id = m.course_id where i.source = %s""",
            [source],
        )
        return {(lesson, bytes(digest)): revision for lesson, digest, revision in cursor.fetchall()}


def _files(source: str) -> dict[UUID, list[tuple[str, str, str]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.item_id, a.name, a.media_type, encode(sha256(a.content), 'hex')
                 from learning_attachment a join learning_item i on i.id = a.item_id
                where i.source = %s order by a.id""",
            [source],
        )
        files: dict[UUID, list[tuple[str, str, str]]] = {}
        for item, name, media_type, digest in cursor.fetchall():
            files.setdefault(item, []).append((name, media_type, digest))
        return files
