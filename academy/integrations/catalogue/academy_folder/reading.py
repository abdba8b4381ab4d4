"""Our own catalogue: folders of Markdown and YAML.

    catalogue.yaml                              optional: `source`, by default `academy`
    courses/<course>/course.yaml                and a folder for each of its modules
    courses/<course>/<module>/module.yaml       lessons in order: <lesson>.md, or <quiz>.yaml
    paths/<path>.yaml                           courses in order
    resources/<resource>/resource.yaml          a file to take along, or an address

A folder's or file's name is the thing's address and, unless it says `uid`, its identity: who renames it makes
another thing.
"""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from academy.integrations.catalogue.academy_folder.lessons import attachments_of, read_lesson
from academy.integrations.catalogue.files import Files, UnreadableError
from academy.integrations.catalogue.located import Fields, load
from academy.integrations.catalogue.reading import Reading
from academy.learning.catalog.rules import (
    Catalogue,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PathDraft,
    Problem,
    ResourceDraft,
)

SOURCE = "academy"
ITEM = ("uid", "title", "summary", "outcome", "takeaway", "level", "family", "skills", "tags", "language")
Names = dict[tuple[str, str], tuple[str, str]]  # (module, lesson) by their files' names -> by their uids


def recognises(files: Files) -> bool:
    """Whether this is a catalogue of ours."""
    return any(PurePosixPath(name).name in {"course.yaml", "catalogue.yaml"} for name in files.names())


def read(files: Files) -> list[Reading]:
    """One catalogue for every catalogue root in the files, with all problems at once."""
    return [_Folder(files, root).read() for root in _roots(files)]


def _roots(files: Files) -> list[PurePosixPath]:
    """Folders that hold `catalogue.yaml` or `courses/`; else those of single courses."""
    names = [PurePosixPath(name) for name in files.names()]
    roots = {name.parent for name in names if name.name == "catalogue.yaml"}
    roots |= {name.parents[2] for name in names if name.match("courses/*/course.yaml")}
    return sorted(roots) or sorted({name.parent for name in names if name.name == "course.yaml"})


class _Folder:
    """One catalogue, while it is read."""

    def __init__(self, files: Files, root: PurePosixPath) -> None:
        self.files, self.root = files, root
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def read(self) -> Reading:
        """All of it."""
        single = str(self.root / "course.yaml") in self.files
        folders = [self.root] if single else self._folders("courses", "course.yaml")
        courses = [course for folder in folders if (course := self._course(folder))]
        uids = {course.slug: course.uid for course in courses}
        paths = [path for file in self._path_files() if (path := self._path(file, uids))]
        resources = [
            resource for folder in self._folders("resources", "resource.yaml") if (resource := self._resource(folder))
        ]
        catalogue = Catalogue(
            courses=tuple(
                replace(course, prerequisites=tuple(uids.get(slug, slug) for slug in course.prerequisites))
                for course in courses
            ),
            paths=tuple(paths),
            resources=tuple(resources),
            covers=() if single else ("",),
        )
        return Reading(self._source(), catalogue, self.problems, self.notes)

    def _source(self) -> str:
        file = str(self.root / "catalogue.yaml")
        fields = self._fields(file) if file in self.files else None
        if fields is None:
            return SOURCE
        fields.only("source")
        source = fields.text("source", SOURCE)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", source):
            fields.wrong("A source is a short word in lower case.", "source")
        return source

    def _fields(self, file: str) -> Fields | None:
        try:
            return Fields(file, load(file, self.files.text(file)), self.problems)
        except UnreadableError as refusal:
            self.problems.append(refusal.problem)
            return None

    def _folders(self, under: str, file: str) -> list[PurePosixPath]:
        """The folders of courses or resources. One without its file is a problem, not a gap."""
        folders = self._folders_in(self.root / under)
        for folder in folders:
            if str(folder / file) not in self.files:
                self.problems.append(Problem(str(folder / file), 1, "This file is missing."))
        return [folder for folder in folders if str(folder / file) in self.files]

    def _folders_in(self, place: PurePosixPath) -> list[PurePosixPath]:
        paths = [PurePosixPath(name) for name in self.files.names()]
        inside = [path.relative_to(place).parts for path in paths if path.is_relative_to(place)]
        return sorted({place / parts[0] for parts in inside if len(parts) > 1})

    def _path_files(self) -> list[str]:
        names = [PurePosixPath(name) for name in self.files.names()]
        return [str(name) for name in names if name.parent == self.root / "paths" and name.suffix == ".yaml"]

    def _course(self, folder: PurePosixPath) -> CourseDraft | None:
        fields = self._fields(str(folder / "course.yaml"))
        if fields is None:
            return None
        fields.only(*ITEM, "prerequisites", "modules")
        listed = fields.texts("modules", needed=True)
        for found in self._folders_in(folder):
            if found.name not in listed and str(found / "module.yaml") in self.files:
                reason = f"The course does not list “{found.name}” among its modules, so it is left out."
                self.notes.append(Problem(str(found / "module.yaml"), 1, reason))
        names: Names = {}
        modules = [self._module(fields, folder / name, names) for name in listed]
        return CourseDraft(
            **_item(fields, folder.name or self.files.name),
            prerequisites=fields.texts("prerequisites"),
            modules=tuple(_with_passages(module, names) for module in modules if module),
        )

    def _module(self, course: Fields, folder: PurePosixPath, names: Names) -> ModuleDraft | None:
        file = str(folder / "module.yaml")
        if file not in self.files:
            course.wrong(f"There is no module “{folder.name}”: its module.yaml is missing.", "modules")
            return None
        fields = self._fields(file)
        if fields is None:
            return None
        fields.only("uid", "title", "summary", "skills", "lessons")
        uid = fields.text("uid", folder.name)
        lessons = []
        for name in fields.texts("lessons", needed=True):
            if lesson := read_lesson(self.files, fields, folder, name):
                names[folder.name, name] = (uid, lesson.uid)
                lessons.append(lesson)
        return ModuleDraft(
            uid=uid,
            slug=folder.name,
            title=fields.text("title", None),
            summary=fields.text("summary"),
            skills=fields.texts("skills"),
            lessons=tuple(lessons),
            place=fields.place(),
        )

    def _path(self, file: str, uids: dict[str, str]) -> PathDraft | None:
        fields = self._fields(file)
        if fields is None:
            return None
        fields.only(*ITEM, "courses")
        courses = tuple(uids.get(slug, slug) for slug in fields.texts("courses", needed=True))
        return PathDraft(**_item(fields, PurePosixPath(file).stem), courses=courses)

    def _resource(self, folder: PurePosixPath) -> ResourceDraft | None:
        fields = self._fields(str(folder / "resource.yaml"))
        if fields is None:
            return None
        fields.only(*ITEM, "minutes", "url", "attachment")
        return ResourceDraft(
            **_item(fields, folder.name),
            minutes=fields.number("minutes", 0),
            url=fields.text("url"),
            attachments=attachments_of(self.files, fields),
        )


def _item(fields: Fields, slug: str) -> dict[str, Any]:
    return {
        "uid": fields.text("uid", slug),
        "slug": slug,
        "title": fields.text("title", None),
        **{name: fields.text(name) for name in ("summary", "outcome", "takeaway", "level", "family")},
        "skills": fields.texts("skills"),
        "tags": fields.texts("tags"),
        "language": fields.text("language", "en"),
        "place": fields.place(),
    }


def _with_passages(module: ModuleDraft, names: Names) -> ModuleDraft:
    """The module with its passages by uids instead of names of files; a name without a file stays and is refused."""
    return replace(module, lessons=tuple(_with_uids(lesson, names) for lesson in module.lessons))


def _with_uids(lesson: LessonDraft, names: Names) -> LessonDraft:
    if lesson.quiz is None:
        return lesson
    questions = []
    for question in lesson.quiz.questions:
        at = question.passage
        if at and (at.module, at.lesson) in names:
            module, name = names[at.module, at.lesson]
            at = replace(at, module=module, lesson=name)
        questions.append(replace(question, passage=at))
    return replace(lesson, quiz=replace(lesson.quiz, questions=tuple(questions)))
