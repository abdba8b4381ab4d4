"""What publishing makes of a draft: ids that last, digests by which the same is known again, a quiz as it is kept."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from academy.core.ids import lasting_id
from academy.learning.catalog.markdown.rules import headings, render_inline
from academy.learning.catalog.rules import (
    AttachmentDraft,
    CourseDraft,
    ItemDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    QuestionDraft,
    ResourceDraft,
    kind_of,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an edition to be: a lesson, its place, and the digest of what it says."""

    module: ModuleDraft
    module_id: UUID
    lesson: LessonDraft
    lesson_id: UUID
    digest: bytes
    quiz: dict[str, Any] | None  # as kept, but not yet rendered


def item_id(source: str, uid: str) -> UUID:
    """The lasting id of a course, path or resource."""
    return lasting_id(source, uid)


def module_id(source: str, course: str, module: str) -> UUID:
    """The lasting id of a module, by the uids of course and module."""
    return lasting_id(source, course, module)


def lesson_id(source: str, course: str, module: str, lesson: str) -> UUID:
    """The lasting id of a lesson, by the uids of course, module and lesson."""
    return lasting_id(source, course, module, lesson)


def lines_of(source: str, course: CourseDraft) -> list[Line]:
    """The lines of a course's edition, in order."""
    lines = []
    for module, lesson in course.lessons():
        quiz = quiz_as_kept(source, course, lesson) if lesson.quiz else None
        lines.append(
            Line(
                module=module,
                module_id=module_id(source, course.uid, module.uid),
                lesson=lesson,
                lesson_id=lesson_id(source, course.uid, module.uid, lesson.uid),
                digest=_digest(_said(lesson, quiz)),
                quiz=quiz,
            )
        )
    return lines


def edition_digest(lines: Iterable[Line]) -> bytes:
    """By which the same outline with the same revisions is known again."""
    return _digest(
        [
            [
                str(line.module_id),
                line.module.title,
                line.module.summary,
                str(line.lesson_id),
                line.digest.hex(),
                line.lesson.optional,
            ]
            for line in lines
        ]
    )


def minutes_of(item: ItemDraft) -> int:
    """How long an item takes, optional lessons not counted; a path's minutes are those of its courses."""
    if isinstance(item, CourseDraft):
        return sum(lesson.minutes for _, lesson in item.lessons() if not lesson.optional)
    return item.minutes if isinstance(item, ResourceDraft) else 0


def item_columns(item: ItemDraft) -> dict[str, Any]:
    """What the table keeps of an item, beside its identity, address, edition and times."""
    return {
        "kind": kind_of(item),
        "title": item.title,
        "summary": item.summary,
        "outcome": item.outcome,
        "takeaway": item.takeaway,
        "level": item.level,
        "family": item.family,
        "skills": list(item.skills),
        "tags": list(item.tags),
        "language": item.language,
        "url": item.url if isinstance(item, ResourceDraft) else "",
    }


def attachment_keys(attachments: Iterable[AttachmentDraft]) -> list[tuple[str, str, str]]:
    """Name, media type and digest of each file: by these a file is known again."""
    return [(a.name, a.media_type, hashlib.sha256(a.content).hexdigest()) for a in attachments]


def _said(lesson: LessonDraft, quiz: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "kind": lesson.kind,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "text": lesson.text,
        "url": lesson.url,
        "quiz": quiz,
        "attachments": attachment_keys(lesson.attachments),
    }


def _digest(value: object) -> bytes:
    written = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).digest()


def quiz_as_kept(source: str, course: CourseDraft, lesson: LessonDraft) -> dict[str, Any]:
    """A quiz in the shape of `Revision.quiz`, still without HTML."""
    quiz = lesson.quiz
    assert quiz is not None
    return {
        "ask": quiz.ask,
        "pass": quiz.pass_percent,
        "attempts_a_day": quiz.attempts_a_day,
        "questions": [_question(source, course, question) for question in quiz.questions],
    }


def _question(source: str, course: CourseDraft, question: QuestionDraft) -> dict[str, Any]:
    return {
        "id": question.id,
        "kind": question.kind,
        "text": question.text,
        "choices": [
            {"id": choice.id, "text": choice.text, "correct": choice.correct, "why": choice.why}
            for choice in question.choices
        ],
        "explanation": question.explanation,
        "passage": _passage(source, course, question.passage) if question.passage else None,
    }


def _passage(source: str, course: CourseDraft, passage: PassageDraft) -> dict[str, str]:
    """A passage by the lesson's id; its title is that of the heading, or of the lesson as a whole."""
    title = passage.lesson
    for module, lesson in course.lessons():
        if (module.uid, lesson.uid) == (passage.module, passage.lesson):
            said = {heading.anchor: heading.text for heading in headings(lesson.text)} if passage.anchor else {}
            title = said.get(passage.anchor, lesson.title)
    at = lesson_id(source, course.uid, passage.module, passage.lesson)
    return {"lesson": str(at), "title": title, "anchor": passage.anchor}


def with_html(quiz: dict[str, Any]) -> dict[str, Any]:
    """A quiz as kept, with safe HTML beside each question's, choice's and explanation's text."""
    return {**quiz, "questions": list(_rendered(quiz["questions"]))}


def _rendered(questions: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for question in questions:
        yield {
            **question,
            "html": render_inline(question["text"]),
            "choices": [{**choice, "html": render_inline(choice["text"])} for choice in question["choices"]],
            "explanation_html": render_inline(question["explanation"]),
        }


def free_slug(wished: str, source: str, taken: Iterable[str]) -> str:
    """An address near the one wished for that is not taken: with the source, then with a number behind it."""
    used = taken if isinstance(taken, set | dict) else set(taken)
    candidates = [wished, f"{wished[: 119 - len(source)]}-{source}"]
    for slug in candidates:
        if slug not in used:
            return slug
    number = 2
    while (slug := f"{wished[:110]}-{number}") in used:
        number += 1
    return slug
