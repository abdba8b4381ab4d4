"""What there is to learn."""

from enum import StrEnum
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import State


class ItemKind(StrEnum):
    """What stands in the catalogue."""

    COURSE = "course"
    PATH = "path"
    RESOURCE = "resource"


class Level(StrEnum):
    """Whom an item is for."""

    BEGINNER = "beginner"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class Item(Schema):
    """A course, a path of courses, or a resource."""

    id: UUID
    kind: ItemKind
    slug: str = Field(examples=["discovery-that-finds-the-money"])
    title: str = Field(examples=["Discovery that finds the money"])
    summary: str
    minutes: int = Field(ge=0, examples=[74])
    level: Level | None
    skills: list[str] = Field(examples=[["discovery"]])
    tags: list[str]


class Items(Schema):
    """A page of the catalogue."""

    items: list[Item]
    next: str | None


class LessonKind(StrEnum):
    """How a lesson is taken."""

    ARTICLE = "article"
    VIDEO = "video"
    QUIZ = "quiz"
    FILE = "file"
    LINK = "link"


class Lesson(Schema):
    """A sitting, and where the caller is with it."""

    id: UUID
    kind: LessonKind
    title: str
    minutes: int = Field(ge=0)
    optional: bool
    state: State


class Module(Schema):
    """The part of a course that counts."""

    id: UUID
    slug: str
    title: str
    core: bool = Field(description="Whether the caller's plan names it a core module.")
    state: State
    lessons: list[Lesson]


class Locked(Schema):
    """A course to finish first."""

    slug: str
    title: str


class Course(Item):
    """A course in the edition that the caller takes, or the newest."""

    outcome: str
    takeaway: str
    state: State
    enrolled: bool
    locked_by: Locked | None = Field(description="What to finish before its lessons open; null when they are open.")
    newer_lessons: int = Field(ge=0, description="Lessons of the newest edition that the edition taken lacks.")
    modules: list[Module]
