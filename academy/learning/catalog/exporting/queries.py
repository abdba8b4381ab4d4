"""What stands in the academy, as drafts again: publishing them would change nothing."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from academy.learning.catalog.models import Attachment, EditionLesson, Item, PathCourse
from academy.learning.catalog.rules import (
    COURSE,
    PATH,
    RESOURCE,
    AttachmentDraft,
    Catalogue,
    ChoiceDraft,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    PathDraft,
    QuestionDraft,
    QuizDraft,
    ResourceDraft,
)

Uids = Mapping[str, tuple[str, str]]  # a lesson's id -> the uids of its module and itself


def sources() -> list[str]:
    """Every source that has something that is not archived."""
    shown = Item.objects.filter(archived_at=None).order_by("source")
    return list(shown.values_list("source", flat=True).distinct())


def standing_catalogue(source: str) -> Catalogue:
    """What stands of a source and is not archived, as it would be handed in. Six queries; it holds all texts."""
    uids = dict(Item.objects.filter(source=source).values_list("id", "source_uid"))
    items = list(Item.objects.filter(source=source, archived_at=None).order_by("slug"))
    through = Item.prerequisites.through.objects.filter(from_item__source=source).order_by("id")
    needs = _grouped(through.values_list("from_item_id", "to_item_id"))
    places = PathCourse.objects.filter(path__source=source, course__archived_at=None).order_by("path_id", "position")
    courses = _grouped(places.values_list("path_id", "course_id"))
    files = _files(Attachment.objects.filter(item__in=items), "item_id")
    modules = _modules(items)
    drafts: dict[str, list[Any]] = {COURSE: [], PATH: [], RESOURCE: []}
    for item in items:
        values = _values(item)
        if item.kind == COURSE:
            values["prerequisites"] = tuple(uids[need] for need in needs.get(item.id, []))
            drafts[COURSE].append(CourseDraft(**values, modules=modules.get(item.id, ())))
        elif item.kind == PATH:
            drafts[PATH].append(PathDraft(**values, courses=tuple(uids[one] for one in courses.get(item.id, []))))
        else:
            values |= {"minutes": item.minutes, "url": item.url, "attachments": files.get(item.id, ())}
            drafts[RESOURCE].append(ResourceDraft(**values))
    return Catalogue(tuple(drafts[COURSE]), tuple(drafts[PATH]), tuple(drafts[RESOURCE]), covers=("",))


def _grouped(rows: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[UUID]]:
    grouped: dict[UUID, list[UUID]] = {}
    for key, value in rows:
        grouped.setdefault(key, []).append(value)
    return grouped


def _values(item: Item) -> dict[str, Any]:
    same = ("slug", "title", "summary", "outcome", "takeaway", "level", "family", "language")
    return {
        "uid": item.source_uid,
        **{name: getattr(item, name) for name in same},
        "skills": tuple(item.skills),
        "tags": tuple(item.tags),
    }


def _files(attachments: Iterable[Attachment], of: str) -> dict[UUID, tuple[AttachmentDraft, ...]]:
    found: dict[UUID, tuple[AttachmentDraft, ...]] = {}
    for file in sorted(attachments, key=lambda file: file.id):
        draft = AttachmentDraft(file.name, file.media_type, bytes(file.content))
        found[getattr(file, of)] = (*found.get(getattr(file, of), ()), draft)
    return found


def _modules(items: list[Item]) -> dict[UUID, tuple[ModuleDraft, ...]]:
    """The modules of each course in its newest edition."""
    editions = [item.edition_id for item in items if item.edition_id]
    lines = list(
        EditionLesson.objects.filter(edition__in=editions)
        .select_related("module", "lesson", "revision")
        .defer("revision__html")
        .order_by("edition_id", "position")
    )
    uids = {str(line.lesson_id): (line.module.source_uid, line.lesson.source_uid) for line in lines}
    files = _files(Attachment.objects.filter(revision__in=[line.revision_id for line in lines]), "revision_id")
    modules: dict[UUID, tuple[ModuleDraft, ...]] = {}
    for (course, _), of_module in groupby(lines, key=lambda line: (line.module.course_id, line.module_id)):
        together = list(of_module)
        draft = ModuleDraft(
            uid=together[0].module.source_uid,
            slug=together[0].module.slug,
            title=together[0].module_title,
            summary=together[0].module_summary,
            skills=tuple(together[0].module.skills),
            lessons=tuple(_lesson(line, uids, files.get(line.revision_id, ())) for line in together),
        )
        modules[course] = (*modules.get(course, ()), draft)
    return modules


def _lesson(line: EditionLesson, uids: Uids, files: tuple[AttachmentDraft, ...]) -> LessonDraft:
    revision = line.revision
    return LessonDraft(
        uid=line.lesson.source_uid,
        kind=revision.kind,
        title=revision.title,
        minutes=revision.minutes,
        optional=line.optional,
        text=revision.text,
        url=revision.url,
        quiz=_quiz(revision.quiz, uids) if revision.quiz else None,
        attachments=files,
    )


def _quiz(kept: Mapping[str, Any], uids: Uids) -> QuizDraft:
    questions = tuple(_question(question, uids) for question in kept["questions"])
    return QuizDraft(kept["ask"], kept["pass"], kept["attempts_a_day"], questions)


def _question(kept: Mapping[str, Any], uids: Uids) -> QuestionDraft:
    passage = kept["passage"]
    return QuestionDraft(
        id=kept["id"],
        kind=kept["kind"],
        text=kept["text"],
        choices=tuple(ChoiceDraft(c["id"], c["text"], c["correct"], c["why"]) for c in kept["choices"]),
        explanation=kept["explanation"],
        passage=PassageDraft(*uids[passage["lesson"]], passage["anchor"]) if passage else None,
    )
