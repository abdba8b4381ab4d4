"""Writing a catalogue in our own form, such that reading it gives the same again."""

import re
from pathlib import Path
from typing import Any

import yaml

from academy.core.errors import Refused
from academy.integrations.catalogue.academy_folder.lessons import MEDIA_TYPES
from academy.learning.catalog.rules import (
    QUIZ,
    AttachmentDraft,
    Catalogue,
    CourseDraft,
    ItemDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    QuestionDraft,
)

Names = dict[tuple[str, str], tuple[str, str]]  # (module, lesson) by uids -> by the names of their files


def write_catalogue(catalogue: Catalogue, source: str, folder: Path) -> None:
    """Write all of it below a folder."""
    _yaml(folder / "catalogue.yaml", {"source": source})
    slugs = {course.uid: course.slug for course in catalogue.courses}
    for course in catalogue.courses:
        _course(course, slugs, folder / "courses" / course.slug)
    for path in catalogue.paths:
        values = {**_item(path, path.slug), "courses": [slugs[uid] for uid in path.courses]}
        _yaml(folder / "paths" / f"{path.slug}.yaml", values)
    for resource in catalogue.resources:
        place = folder / "resources" / resource.slug
        values = {**_item(resource, resource.slug), "minutes": resource.minutes or "", "url": resource.url}
        _yaml(place / "resource.yaml", {**values, "attachment": _attached(place, resource.attachments)})


def _course(course: CourseDraft, slugs: dict[str, str], folder: Path) -> None:
    names: Names = {}
    for module in course.modules:
        taken = {"module", *(file.name.rpartition(".")[0] for _, one in _of(module) for file in one.attachments)}
        for _, lesson in _of(module):
            name = _name(lesson.uid, taken)
            taken.add(name)
            names[module.uid, lesson.uid] = (module.slug, name)
    values = {
        **_item(course, course.slug),
        "prerequisites": [slugs.get(uid, uid) for uid in course.prerequisites],
        "modules": [module.slug for module in course.modules],
    }
    _yaml(folder / "course.yaml", values)
    for module in course.modules:
        _module(module, names, folder / module.slug)


def _of(module: ModuleDraft) -> list[tuple[ModuleDraft, LessonDraft]]:
    return [(module, lesson) for lesson in module.lessons]


def _name(uid: str, taken: set[str]) -> str:
    """A file's name for a lesson: the last part of its uid."""
    words = re.sub(r"[^a-z0-9]+", "-", uid.lower().rpartition(".")[2]).strip("-")[:80] or "lesson"
    name, number = words, 2
    while name in taken:
        name, number = f"{words}-{number}", number + 1
    return name


def _module(module: ModuleDraft, names: Names, folder: Path) -> None:
    values = {
        "uid": module.uid if module.uid != module.slug else "",
        "title": module.title,
        "summary": module.summary,
        "skills": list(module.skills),
        "lessons": [names[module.uid, lesson.uid][1] for lesson in module.lessons],
    }
    _yaml(folder / "module.yaml", values)
    for lesson in module.lessons:
        name = names[module.uid, lesson.uid][1]
        if lesson.kind == QUIZ:
            _yaml(folder / f"{name}.yaml", _quiz(lesson, name, module, names))
            continue
        head = {**_head(lesson, name), "attachment": _attached(folder, lesson.attachments)}
        _file(folder / f"{name}.md", f"---\n{_dumped(head)}---\n{lesson.text}\n".encode())


def _head(lesson: LessonDraft, name: str) -> dict[str, Any]:
    return {
        "uid": lesson.uid if lesson.uid != name else "",
        "title": lesson.title,
        "kind": "" if lesson.kind == QUIZ else lesson.kind,
        "minutes": lesson.minutes,
        "optional": lesson.optional or "",
        "url": lesson.url,
    }


def _quiz(lesson: LessonDraft, name: str, module: ModuleDraft, names: Names) -> dict[str, Any]:
    quiz = lesson.quiz
    assert quiz is not None
    return {
        **_head(lesson, name),
        "ask": quiz.ask,
        "pass": quiz.pass_percent,
        "attempts_a_day": quiz.attempts_a_day,
        "questions": [_question(question, module, names) for question in quiz.questions],
    }


def _question(question: QuestionDraft, module: ModuleDraft, names: Names) -> dict[str, Any]:
    choices = [
        {"id": choice.id, "text": choice.text, "correct": choice.correct or "", "why": choice.why}
        for choice in question.choices
    ]
    return _said(
        {
            "id": question.id,
            "kind": question.kind,
            "text": question.text,
            "choices": [_said(choice) for choice in choices],
            "explanation": question.explanation,
            "passage": _passage(question.passage, module, names) if question.passage else "",
        }
    )


def _passage(passage: PassageDraft, module: ModuleDraft, names: Names) -> str:
    folder, name = names[passage.module, passage.lesson]
    lesson = name if folder == module.slug else f"{folder}/{name}"
    return f"{lesson}#{passage.anchor}" if passage.anchor else lesson


def _item(item: ItemDraft, slug: str) -> dict[str, Any]:
    return {
        "uid": item.uid if item.uid != slug else "",
        "title": item.title,
        "summary": item.summary,
        "outcome": item.outcome,
        "takeaway": item.takeaway,
        "level": item.level,
        "family": item.family,
        "skills": list(item.skills),
        "tags": list(item.tags),
        "language": item.language,
    }


def _attached(folder: Path, files: tuple[AttachmentDraft, ...]) -> list[str]:
    """Write the files of a lesson or resource; returns their names."""
    for file in files:
        if "/" in file.name or "\\" in file.name or Path(file.name).suffix.lower() not in MEDIA_TYPES:
            raise Refused(f"“{file.name}” cannot be the name of an attachment in our own form.")
        _file(folder / file.name, file.content)
    return [file.name for file in files]


def _said(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that say nothing."""
    return {name: value for name, value in values.items() if value not in ("", [], None)}


class _Dumper(yaml.SafeDumper):
    """Writes texts so that every line end in them is read as it was: the rare ones only survive as escapes."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text, in double quotes where it needs escapes."""
        style = '"' if any(rare in text for rare in "\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def _dumped(values: dict[str, Any]) -> str:
    return yaml.dump(_said(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _yaml(path: Path, values: dict[str, Any]) -> None:
    _file(path, _dumped(values).encode())


def _file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
