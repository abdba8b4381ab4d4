"""Everything that learning holds of a person, for the person to take along."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from academy.learning.progress.models import (
    Attention,
    CourseProgress,
    Enrolment,
    LessonProgress,
    ModuleProgress,
    PlannedModule,
    Play,
)
from academy.learning.quizzes.models import Attempt

Rows = list[Mapping[str, Any]]


def learning_of(person_id: UUID) -> dict[str, Rows]:
    """Courses taken, how far, how long, every attempt with its answers, and what is planned, as plain data.

    Times stay times and ids stay ids; courses and modules come with their slugs. Eight queries.
    """
    return {
        "enrolments": _rows(
            Enrolment,
            person_id,
            *("course", "course__slug", "edition__number", "enrolled_at", "chosen_at"),
            *("last_lesson", "last_opened_at", "due_on"),
        ),
        "lessons": _rows(
            LessonProgress,
            person_id,
            *("lesson", "position", "anchor", "positioned_at", "seconds"),
            *("opened_at", "completed_at", "passed_at", "failed_at"),
        ),
        "plays": _rows(Play, person_id, "id", "lesson", "seconds", "started_at"),
        "attention": _rows(Attention, person_id, "counted_until"),
        "attempts": _rows(
            Attempt,
            person_id,
            *("id", "lesson", "questions", "answers", "opened_at", "submitted_at", "score", "passed"),
        ),
        "modules": _rows(ModuleProgress, person_id, "module", "module__slug", "completed_at", "passed"),
        "courses": _rows(CourseProgress, person_id, "course", "course__slug", "completed_at"),
        "planned": _rows(PlannedModule, person_id, "module", "module__slug", "planned_at"),
    }


def _rows(kind: Any, person_id: UUID, *fields: str) -> Rows:
    return list(kind.objects.filter(person_id=person_id).order_by("pk").values(*fields))
