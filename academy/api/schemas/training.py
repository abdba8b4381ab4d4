"""Courses taken, and the answer to progress with a lesson."""

from datetime import date
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import NO_NUL, Cursor, Given, GivenTime, Number, State, Time, Whole, YesNo


class NextLesson(Schema):
    """The first required lesson that is not done."""

    id: UUID
    title: str
    kind: str = Field(description="`article`, `video`, `quiz`, `file` or `link`.", examples=["article"])


class Taken(Schema):
    """A course that somebody is enrolled in, and how far they are."""

    course: UUID
    slug: str = Field(examples=["discovery-that-finds-the-money"])
    title: str = Field(examples=["Discovery that finds the money"])
    state: State
    percent: int = Field(ge=0, le=100)
    lessons_done: int = Field(ge=0, description="Required lessons; optional ones count nowhere.")
    lessons_total: int = Field(ge=0)
    minutes_left: int = Field(ge=0)
    enrolled_at: Time
    last_opened_at: Time | None
    completed_at: Time | None
    due_on: date | None
    next_lesson: NextLesson | None
    newer_lessons: int = Field(ge=0, description="Lessons of the newest edition that the edition taken lacks.")


class TakenList(Schema):
    """Enrolments, last opened first."""

    items: list[Taken]
    next: str | None


class Enrolment(Schema):
    """That somebody takes a course."""

    course: UUID
    slug: str
    title: str
    state: State


class Report(Given):
    """What a device says about a lesson. Send it as often as you like and in any order."""

    play: UUID | None = Field(
        default=None, description="One stretch with the lesson on one device. Without it no time is counted."
    )
    position: Number | None = Field(default=None, ge=0, le=1, description="Where to resume.", examples=[0.4])
    anchor: str = Field(
        default="",
        max_length=120,
        pattern=NO_NUL,
        description="The paragraph or second to resume at.",
        examples=["what-to-write-down"],
    )
    seconds: Whole = Field(
        default=0,
        ge=0,
        le=2_147_483_647,
        description="The running total of this play, never an addition.",
        examples=[95],
    )
    completed: YesNo = False
    occurred_at: GivenTime | None = Field(
        default=None,
        description="When it was true: at most 5 minutes ahead and 30 days back. Without it, now.",
        examples=["2026-01-31T09:30:00Z"],
    )


class Saved(Schema):
    """Where lesson, module and course stand after it."""

    lesson: State
    module: State
    course: State
    cursor: Cursor
