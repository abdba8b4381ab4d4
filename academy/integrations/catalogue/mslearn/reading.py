"""The catalogue of Microsoft Learn: YAML files that begin by their type, and Markdown that they include.

A module becomes a course of one module, a unit a lesson, its quiz a quiz lesson after it, a path an ordered list of
courses. A docset is a folder with its file of achievements: who imports it imports it wholly, and what is gone from
it is archived. English is the source `mslearn`; other languages are sources of their own, such as `mslearn-cs`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from academy.integrations.catalogue.files import Files, UnreadableError
from academy.integrations.catalogue.located import Fields, load
from academy.integrations.catalogue.mslearn.titles import Titles, mend, titles_beside
from academy.integrations.catalogue.mslearn.units import Texts, lessons_of
from academy.integrations.catalogue.reading import Reading
from academy.learning.catalog.rules import (
    LEVELS,
    QUIZ,
    Catalogue,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PathDraft,
    Problem,
)

SOURCE = "mslearn"
MIME = re.compile(r"^### YamlMime:\s*(\w+)")
MODULE, UNIT, PATH, ACHIEVEMENTS, ZONES = "Module", "ModuleUnit", "LearningPath", "Achievements", "ZonePivotGroups"


def recognises(files: Files) -> bool:
    """Whether there is a file of Microsoft Learn among these, in whatever encoding."""
    return any(
        b"YamlMime" in files.read(name)[:200].replace(b"\0", b"")
        for name in files.names()
        if name.endswith((".yml", ".yaml"))
    )


@dataclass(slots=True)
class Docset:
    """The files of one docset in one language, by type."""

    root: PurePosixPath
    whole: bool
    language: str = "en"
    modules: list[Fields] = field(default_factory=list)
    units: list[Fields] = field(default_factory=list)
    paths: list[Fields] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)


def read(files: Files) -> list[Reading]:
    """A catalogue for each language, in order."""
    problems: list[Problem] = []
    notes: list[Problem] = []
    docsets = _docsets(files, problems, notes)
    try:
        titles = titles_beside(files)
    except UnreadableError as refusal:
        titles = {}
        problems.append(refusal.problem)
    readings = []
    for language in sorted({docset.language for docset in docsets}, key=lambda code: (code != "en", code)):
        chosen = [docset for docset in docsets if docset.language == language]
        readings.append(_Language(files, language, titles, problems, notes).read(chosen))
        problems, notes = [], []
    return readings or [Reading(SOURCE, Catalogue(), problems)]


def _docsets(files: Files, problems: list[Problem], notes: list[Problem]) -> list[Docset]:
    found: list[tuple[str, Fields]] = []
    for name in files.names():
        if name.endswith((".yml", ".yaml")) and (typed := _typed(files, name, problems, notes)):
            found.append(typed)
    roots = {PurePosixPath(fields.file).parent for kind, fields in found if kind == ACHIEVEMENTS}
    docsets: dict[PurePosixPath, Docset] = {}
    for kind, fields in found:
        parents = PurePosixPath(fields.file).parents
        root = next((parent for parent in parents if parent in roots), PurePosixPath("."))
        docset = docsets.setdefault(root, Docset(root, root in roots))
        _sort_in(docset, kind, fields)
    return list(docsets.values())


def _typed(files: Files, name: str, problems: list[Problem], notes: list[Problem]) -> tuple[str, Fields] | None:
    """A file's type and its values; None for what is none of ours, or cannot be read."""
    try:
        text = files.text(name)
        kind = MIME.match(text)
        return (kind[1], Fields(name, load(name, text, repeated=notes), problems)) if kind else None
    except UnreadableError as refusal:
        problems.append(refusal.problem)
        return None


def _sort_in(docset: Docset, kind: str, fields: Fields) -> None:
    metadata = fields.within("metadata")
    if metadata and (locale := metadata.text("ms.contentlocale")):
        docset.language = locale.lower().partition("-")[0]
    if kind == MODULE:
        docset.modules.append(fields)
    elif kind == UNIT:
        docset.units.append(fields)
    elif kind == PATH:
        docset.paths.append(fields)
    elif kind == ZONES:
        for group in fields.each("groups"):
            docset.zones |= {pivot.text("id"): pivot.text("title") for pivot in group.each("pivots")}


class _Language:
    """The docsets of one language, while they are read."""

    def __init__(
        self, files: Files, language: str, titles: Titles, problems: list[Problem], notes: list[Problem]
    ) -> None:
        self.language, self.titles, self.problems, self.notes = language, titles, problems, notes
        self.ending = "" if language == "en" else f"-{language}"
        self.texts = Texts(files, problems, self.notes)

    def read(self, docsets: list[Docset]) -> Reading:
        """One catalogue of all of them."""
        courses: list[CourseDraft] = []
        for docset in docsets:
            units = self._units(docset.units)
            courses += [self._course(module, units, docset) for module in docset.modules]
            for uid, unit in units.items():
                unit.wrong(f"No module has the unit “{uid}”.", "uid")
        names = {course.uid: course.title for course in courses}
        paths = [self._path(path, names) for docset in docsets for path in docset.paths]
        catalogue = Catalogue(
            courses=tuple(courses),
            paths=tuple(paths),
            covers=tuple(sorted(_beginnings(docset for docset in docsets if docset.whole))),
            units=sum(_is_unit(lesson) for course in courses for _, lesson in course.lessons()),
        )
        return Reading(SOURCE + self.ending, catalogue, self.problems, self.notes)

    def _units(self, units: list[Fields]) -> dict[str, Fields]:
        known: dict[str, Fields] = {}
        for unit in units:
            uid = unit.text("uid", None)
            if uid in known:
                unit.wrong(f"The id “{uid}” is used twice; it is first in {known[uid].file}.", "uid")
            known.setdefault(uid, unit)
        return known

    def _course(self, module: Fields, units: dict[str, Fields], docset: Docset) -> CourseDraft:
        uid = module.text("uid", None)
        title = self._title(module, uid)
        lessons: list[LessonDraft] = []
        first = ""
        for wanted in module.texts("units", needed=True):
            unit = units.pop(wanted, None)
            if unit is None:
                module.wrong(f"There is no unit “{wanted}”, or another module has it already.", "units")
                continue
            first = first or _description(unit)
            lessons += lessons_of(unit, self.texts, language=self.language, zones=docset.zones)
        part = ModuleDraft(uid, _slug(uid), title, tuple(lessons), place=module.place())
        foreign = title != module.text("title")
        return CourseDraft(
            uid=uid,
            slug=_slug(uid) + self.ending,
            title=title,
            summary=first if foreign else module.text("summary"),
            outcome="" if foreign else _sentence(module.text("abstract")),
            level=_level(module),
            family=next(iter(_tags(module)), "")[:30].strip("-"),
            tags=_tags(module),
            language=self.language,
            place=module.place(),
            modules=(part,),
        )

    def _path(self, path: Fields, names: dict[str, str]) -> PathDraft:
        uid = path.text("uid", None)
        title = self._title(path, uid)
        courses = path.texts("modules", needed=True)
        listed = " · ".join(names[course] for course in courses if course in names)
        return PathDraft(
            uid=uid,
            slug=_slug(uid) + self.ending,
            title=title,
            summary=listed if title != path.text("title") else path.text("summary"),
            level=_level(path),
            tags=_tags(path),
            language=self.language,
            place=path.place(**{f"courses.{i}": line for i, line in enumerate(path.lines_of("modules"))}),
            courses=courses,
        )

    def _title(self, fields: Fields, uid: str) -> str:
        """The title, mended where it came in another language; then summary and outcome did too, and are left out."""
        given = fields.text("title", None)
        found = mend(self.titles, uid, self.language, given)
        if found.mended:
            reason = f"The title “{given}” is in another language; “{found.title}” was taken from the table beside."
            self.notes.append(Problem(fields.file, fields.line("title"), reason))
        return found.title


def _is_unit(lesson: LessonDraft) -> bool:
    return not (lesson.kind == QUIZ and lesson.uid.endswith("#quiz"))


def _beginnings(docsets: Iterable[Docset]) -> set[str]:
    """How the uids of these docsets begin: `learn.` and the like."""
    uids = [fields.text("uid") for docset in docsets for fields in [*docset.modules, *docset.paths]]
    return {uid.partition(".")[0] + "." for uid in uids if "." in uid}


def _description(unit: Fields) -> str:
    metadata = unit.within("metadata")
    return metadata.text("description") if metadata else ""


def _sentence(abstract: str) -> str:
    """What one learns, as one line: the points of the list, or the text where there is none."""
    points = [line.strip()[2:].strip() for line in abstract.split("\n") if line.strip().startswith(("- ", "* "))]
    return " ".join("; ".join(point.rstrip(".;") for point in points).split()) or " ".join(abstract.split())


def _level(fields: Fields) -> str:
    """The lowest level that is named: whoever is there can begin."""
    named = [level.lower() for level in fields.texts("levels")]
    return next((level for level in LEVELS if level in named), "")


def _tags(fields: Fields) -> tuple[str, ...]:
    words = [_slug(word) for word in (*fields.texts("products"), *fields.texts("roles"))]
    return tuple(dict.fromkeys(word[:60].strip("-") for word in words if word))


def _slug(uid: str) -> str:
    """The last part of a uid as an address."""
    words = re.sub(r"[^a-z0-9]+", "-", uid.lower().rpartition(".")[2])
    return words.strip("-")[:100].strip("-") or "course"
