"""The chapter's tables, where Django looks for them."""

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
from academy.learning.wishes.models import Wish

__all__ = [
    "Attachment",
    "Attempt",
    "Attention",
    "CourseProgress",
    "Edition",
    "EditionLesson",
    "Enrolment",
    "Item",
    "Lesson",
    "LessonProgress",
    "Module",
    "ModuleProgress",
    "PathCourse",
    "PlannedModule",
    "Play",
    "Revision",
    "Wish",
]
