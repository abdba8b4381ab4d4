"""A catalogue as somebody hands it in: plain values, whatever format they came in, and what became of them.

Sources name things by uids of their own. They stay as they are for ever: identity follows from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

Progress = Callable[[int, int], None]  # (courses done, of how many)

COURSE, PATH, RESOURCE = "course", "path", "resource"
ARTICLE, VIDEO, QUIZ, FILE, LINK = "article", "video", "quiz", "file", "link"
FILM = "video/"  # how the media type of a film begins
LESSON_KINDS = (ARTICLE, VIDEO, QUIZ, FILE, LINK)
SINGLE, MULTIPLE = "single", "multiple"
LEVELS = ("beginner", "intermediate", "advanced")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something cannot be taken in, where it stands, in a sentence that its author can act on."""

    file: str
    line: int
    reason: str

    def as_json(self) -> dict[str, Any]:
        """The shape in which the command line tells it."""
        return {"file": self.file, "line": self.line, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was written. `lines` knows the line of a part by its name, such as `title` or `skills.0`."""

    file: str = ""
    line: int = 1
    lines: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def problem(self, reason: str, part: str = "") -> Problem:
        """A problem with this thing, or with a part of it."""
        return Problem(self.file, self.lines.get(part, self.line), reason)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class ChoiceDraft:
    """An answer that can be ticked; `why` says what is right or wrong with it."""

    id: str
    text: str
    correct: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """Where an answer can be read: a lesson of the same course by the uids of module and lesson, and a heading."""

    module: str
    lesson: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question of a pool."""

    id: str
    kind: str
    text: str
    choices: tuple[ChoiceDraft, ...]
    explanation: str = ""
    passage: PassageDraft | None = None
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class QuizDraft:
    """A pool of questions: so many are asked, so many percent pass, so many attempts a day."""

    ask: int
    pass_percent: int
    attempts_a_day: int
    questions: tuple[QuestionDraft, ...]


@dataclass(frozen=True, slots=True)
class AttachmentDraft:
    """A file to take along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class LessonDraft:
    """One sitting. `slug` is what its file is called; its text is Markdown."""

    uid: str
    kind: str
    title: str
    minutes: int
    optional: bool = False
    text: str = ""
    url: str = ""
    quiz: QuizDraft | None = None
    attachments: tuple[AttachmentDraft, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ModuleDraft:
    """A part of a course. `slug` is the address that is wished for; one once given is kept."""

    uid: str
    slug: str
    title: str
    lessons: tuple[LessonDraft, ...]
    summary: str = ""
    skills: tuple[str, ...] = ()
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """What courses, paths and resources have in common."""

    uid: str
    slug: str
    title: str
    summary: str = ""
    outcome: str = ""
    takeaway: str = ""
    level: str = ""
    family: str = ""
    skills: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "en"
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CourseDraft(ItemDraft):
    """A course; its prerequisites are uids of courses of the same source."""

    prerequisites: tuple[str, ...] = ()
    modules: tuple[ModuleDraft, ...] = ()

    def lessons(self) -> list[tuple[ModuleDraft, LessonDraft]]:
        """Every lesson in order, with its module."""
        return [(module, lesson) for module in self.modules for lesson in module.lessons]


@dataclass(frozen=True, slots=True)
class PathDraft(ItemDraft):
    """Courses in an order, by their uids."""

    courses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourceDraft(ItemDraft):
    """Something to take along outside a course: files, or an address."""

    minutes: int = 0
    url: str = ""
    attachments: tuple[AttachmentDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is, as the source counts it: a unit is a lesson that is more than its quiz."""

    paths: int = 0
    modules: int = 0
    units: int = 0
    questions: int = 0
    choices: int = 0
    minutes: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    def as_json(self) -> dict[str, int]:
        """The shape in which the command line tells it."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one import holds of one source.

    `covers` are beginnings of uids: whatever the academy has of the source under one of them and this does not hold
    is gone from the source. One empty beginning covers all; none covers nothing, as with a single course.
    """

    courses: tuple[CourseDraft, ...] = ()
    paths: tuple[PathDraft, ...] = ()
    resources: tuple[ResourceDraft, ...] = ()
    covers: tuple[str, ...] = ()
    units: int | None = None  # where the source counts its units otherwise than by lessons without quizzes

    def items(self) -> tuple[ItemDraft, ...]:
        """Everything that stands in the hub."""
        return (*self.courses, *self.paths, *self.resources)

    def counts(self) -> Counts:
        """How much there is."""
        lessons = [lesson for course in self.courses for _, lesson in course.lessons()]
        questions = [question for lesson in lessons if lesson.quiz for question in lesson.quiz.questions]
        return Counts(
            paths=len(self.paths),
            modules=sum(len(course.modules) for course in self.courses),
            units=sum(lesson.kind != QUIZ for lesson in lessons) if self.units is None else self.units,
            questions=len(questions),
            choices=sum(len(question.choices) for question in questions),
            minutes=sum(lesson.minutes for lesson in lessons),
        )


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, in courses, paths and resources. With anything refused, nothing was written.

    `notes` are what was mended on the way in, for the people who look after the source.
    """

    added: int = 0
    changed: int = 0
    archived: int = 0
    unchanged: int = 0
    refused: tuple[Problem, ...] = ()
    counts: Counts = Counts()
    notes: tuple[Problem, ...] = ()

    def __add__(self, other: "Report") -> "Report":
        return Report(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))

    def as_json(self) -> dict[str, Any]:
        """The shape in which the command line tells it."""
        return {
            "added": self.added,
            "changed": self.changed,
            "archived": self.archived,
            "unchanged": self.unchanged,
            "refused": [problem.as_json() for problem in self.refused],
            "counts": self.counts.as_json(),
        }


def kind_of(item: ItemDraft) -> str:
    """Which kind of item a draft is."""
    if isinstance(item, CourseDraft):
        return COURSE
    return PATH if isinstance(item, PathDraft) else RESOURCE


def tidy(text: str) -> str:
    """A text with plain line ends, no blank lines at its start and none at its end: so the same is the same."""
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n").rstrip()


def item_url(kind: str, slug: str) -> str:
    """Where an item stands in the pages."""
    return f"/training/{kind}s/{slug}/"


def lesson_url(lesson: object) -> str:
    """Where a lesson stands in the pages."""
    return f"/training/lessons/{lesson}/"
