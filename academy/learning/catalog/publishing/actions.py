"""Writing what a plan says, in bulk: a few statements a kind of row, a few hundred rows at a time."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model

from academy.core.ids import uuid7
from academy.learning.catalog.changes.rules import Change, Plan, Shelf
from academy.learning.catalog.markdown.rules import plain, render
from academy.learning.catalog.models import (
    Attachment,
    Edition,
    EditionLesson,
    Item,
    Lesson,
    Module,
    PathCourse,
    Revision,
)
from academy.learning.catalog.publishing.queries import COLUMNS
from academy.learning.catalog.publishing.rules import Line, lesson_id, with_html
from academy.learning.catalog.rules import (
    QUIZ,
    AttachmentDraft,
    CourseDraft,
    Progress,
    ResourceDraft,
    item_url,
    lesson_url,
)
from academy.search.actions import put_entries, remove_entries
from academy.search.rules import NewEntry

Row = TypeVar("Row", bound=Model)
AT_ONCE = 200
COURSES_AT_ONCE = 20


def lock_catalogue() -> None:
    """Let one import at a time change the catalogue, until the transaction ends: slugs are shared by all sources."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('academy.catalogue'))")


def write(source: str, plan: Plan, shelf: Shelf, *, now: datetime, progress: Progress | None = None) -> None:
    """Write a plan. Call it inside an action that has checked permission and holds the catalogue's lock."""
    editions = {change.id: uuid7() for change in plan.changes if change.lines is not None}
    _write_items(source, plan.changes, editions, now)
    done = 0
    for changes in _batches(plan.changes, COURSES_AT_ONCE):
        _write_courses([change for change in changes if isinstance(change.draft, CourseDraft)], shelf, editions, now)
        put_entries(entry for change in changes for entry in _entries(source, change))
        done += len(changes)
        if progress:
            progress(done, len(plan.changes))
    _write_relations(plan.changes)
    _write_files([change for change in plan.changes if change.files])
    _forget_lessons(source, plan.changes, shelf)
    _archive(plan, shelf, now)


def _batches(things: Iterable[Row | Change], size: int) -> Iterator[list]:  # type: ignore[type-arg]
    waiting = iter(things)
    while batch := list(islice(waiting, size)):
        yield batch


def _create(rows: Iterable[Row]) -> None:
    for batch in _batches(rows, AT_ONCE):
        type(batch[0])._default_manager.bulk_create(batch)


def _write_items(source: str, changes: list[Change], editions: dict[UUID, UUID], now: datetime) -> None:
    """Items first: whatever else is written refers to them. An edition may be named before it is written."""
    rows = [
        Item(
            id=change.id,
            slug=change.slug,
            source=source,
            source_uid=change.draft.uid,
            edition_id=editions.get(change.id) or _standing_edition(change),
            published_at=now,
            archived_at=None,
            **change.columns,
        )
        for change in changes
    ]
    kept = [*COLUMNS, "edition", "archived_at"]
    for batch in _batches(rows, AT_ONCE):
        Item.objects.bulk_create(batch, update_conflicts=True, unique_fields=["id"], update_fields=kept)


def _standing_edition(change: Change) -> UUID | None:
    return change.standing.edition[0] if change.standing and change.standing.edition else None


def _write_courses(changes: list[Change], shelf: Shelf, editions: dict[UUID, UUID], now: datetime) -> None:
    for batch in _batches(_modules(changes), AT_ONCE):
        Module.objects.bulk_create(batch, update_conflicts=True, unique_fields=["id"], update_fields=["skills"])
    published = [change for change in changes if change.lines is not None]
    lines = [line for change in published for line in change.lines or []]
    known = {lesson for change in published for lesson in shelf.lessons.get(change.id, ())}
    _create(
        Lesson(id=line.lesson_id, module_id=line.module_id, source_uid=line.lesson.uid)
        for line in lines
        if line.lesson_id not in known
    )
    revisions = _write_revisions(lines, shelf)
    _create(
        Edition(
            id=editions[change.id],
            course_id=change.id,
            number=_number(change),
            digest=change.digest,
            published_at=now,
        )
        for change in published
    )
    _create(
        _edition_line(editions[change.id], position, line, revisions)
        for change in published
        for position, line in enumerate(change.lines or [], start=1)
    )


def _modules(changes: list[Change]) -> Iterator[Module]:
    for change in changes:
        for identity, (module, slug) in change.modules.items():
            yield Module(id=identity, course_id=change.id, source_uid=module.uid, slug=slug, skills=list(module.skills))


def _number(change: Change) -> int:
    return change.standing.edition[1] + 1 if change.standing and change.standing.edition else 1


def _write_revisions(lines: list[Line], shelf: Shelf) -> dict[tuple[UUID, bytes], UUID]:
    """Render and write what was never said before; returns the revision of each lesson and digest."""
    ids: dict[tuple[UUID, bytes], UUID] = {}
    new = []
    for line in lines:
        key = (line.lesson_id, line.digest)
        if key in shelf.revisions:
            ids[key] = shelf.revisions[key]
        else:
            ids[key] = uuid7()
            new.append(line)
    _create(_revision(line, ids) for line in new)
    _create(
        attachment
        for line in new
        for attachment in _attachments(line.lesson.attachments, revision=ids[line.lesson_id, line.digest])
    )
    return ids


def _revision(line: Line, ids: dict[tuple[UUID, bytes], UUID]) -> Revision:
    lesson = line.lesson
    return Revision(
        id=ids[line.lesson_id, line.digest],
        lesson_id=line.lesson_id,
        digest=line.digest,
        kind=lesson.kind,
        title=lesson.title,
        minutes=lesson.minutes,
        text=lesson.text,
        html=render(lesson.text) if lesson.text else "",
        url=lesson.url,
        quiz=with_html(line.quiz) if line.quiz else None,
    )


def _attachments(
    files: Iterable[AttachmentDraft], *, revision: UUID | None = None, item: UUID | None = None
) -> Iterator[Attachment]:
    for file in files:
        yield Attachment(
            revision_id=revision,
            item_id=item,
            name=file.name,
            media_type=file.media_type,
            content=file.content,
        )


def _edition_line(edition: UUID, position: int, line: Line, revisions: dict[tuple[UUID, bytes], UUID]) -> EditionLesson:
    return EditionLesson(
        edition_id=edition,
        module_id=line.module_id,
        module_title=line.module.title,
        module_summary=line.module.summary,
        lesson_id=line.lesson_id,
        revision_id=revisions[line.lesson_id, line.digest],
        position=position,
        optional=line.lesson.optional,
    )


def _write_relations(changes: list[Change]) -> None:
    """Prerequisites and paths, after all items are there."""
    through = Item.prerequisites.through
    needing = [change for change in changes if change.needs is not None]
    if any(change.standing for change in needing):
        through.objects.filter(from_item_id__in=[change.id for change in needing]).delete()
    _create(through(from_item_id=change.id, to_item_id=needed) for change in needing for needed in change.needs or [])
    paths = [change for change in changes if change.courses is not None]
    if any(change.standing for change in paths):
        PathCourse.objects.filter(path_id__in=[change.id for change in paths]).delete()
    _create(
        PathCourse(path_id=change.id, course_id=course, position=position)
        for change in paths
        for position, course in enumerate(change.courses or [], start=1)
    )


def _write_files(changes: list[Change]) -> None:
    if any(change.standing for change in changes):
        Attachment.objects.filter(item_id__in=[change.id for change in changes]).delete()
    _create(
        attachment
        for change in changes
        if isinstance(change.draft, ResourceDraft)
        for attachment in _attachments(change.draft.attachments, item=change.id)
    )


def _entries(source: str, change: Change) -> Iterator[NewEntry]:
    """What is found of an item: itself, and its lessons. Quizzes are left out: nobody looks for their questions."""
    item = change.draft
    words = "\n".join([item.outcome, item.takeaway, " ".join([*item.skills, *item.tags]).replace("-", " ")])
    if isinstance(item, CourseDraft):
        titles = [name for module in item.modules for name in (module.title, *(one.title for one in module.lessons))]
        words = "\n".join([words, *dict.fromkeys(titles)])
    kind = change.columns["kind"]
    yield NewEntry(kind, change.id, item.title, item_url(kind, change.slug), item.summary, words.strip(), item.language)
    if not isinstance(item, CourseDraft):
        return
    for module, lesson in item.lessons():
        if lesson.kind != QUIZ:
            identity = lesson_id(source, item.uid, module.uid, lesson.uid)
            yield NewEntry(
                "lesson",
                identity,
                lesson.title,
                lesson_url(identity),
                item.title,
                plain(lesson.text),
                item.language,
            )


def _forget_lessons(source: str, changes: list[Change], shelf: Shelf) -> None:
    """Lessons that are in no newest edition any more are not found any more."""
    gone: set[UUID] = set()
    for change in changes:
        if change.lines is not None:
            gone |= shelf.lessons.get(change.id, set()) - {
                line.lesson_id for line in change.lines if line.lesson.kind != QUIZ
            }
    remove_entries("lesson", gone)


def _archive(plan: Plan, shelf: Shelf, now: datetime) -> None:
    if not plan.archived:
        return
    Item.objects.filter(id__in=[standing.id for standing in plan.archived]).update(archived_at=now)
    for kind in ("course", "path", "resource"):
        remove_entries(kind, [standing.id for standing in plan.archived if standing.columns["kind"] == kind])
    lessons = {lesson for standing in plan.archived for lesson in shelf.lessons.get(standing.id, ())}
    remove_entries("lesson", lessons)
