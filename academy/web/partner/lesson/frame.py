"""What stands around a lesson, a quiz and its result: the course's outline and how far one is."""

from typing import Any
from uuid import UUID

from academy.core.errors import NotFound
from academy.learning.outlines.queries import Outline, outline_of_lesson
from academy.learning.progress.rules import percent
from academy.web.partner.training import words
from academy.web.requests import PersonRequest


def outline_or_404(request: PersonRequest, lesson: UUID) -> Outline:
    """The course around a lesson, as this person sees it. Raises NotFound when its edition has no such lesson."""
    found = outline_of_lesson(request.actor.person_id, lesson)
    if found is None or found.module_of(lesson) is None:
        raise NotFound
    return found


def frame(found: Outline, current: UUID, *, live: bool = True) -> dict[str, Any]:
    """What the aside of the player shows; `live` where the page can give its parts again."""
    return {
        "outline_is_live": live,
        "course": found,
        "progress": percent(found.done, found.required),
        "outline_modules": [
            {
                "slug": module.slug,
                "title": module.title,
                "here": any(lesson.id == current for lesson in module.lessons),
                "done": sum(lesson.is_done for lesson in module.lessons if not lesson.optional),
                "all": sum(not lesson.optional for lesson in module.lessons),
                "steps": [
                    {
                        "title": lesson.title,
                        "url": words.lesson_address(lesson.id, lesson.kind),
                        "minutes": lesson.minutes,
                        "state": words.tick(lesson.state),
                        "current": lesson.id == current,
                    }
                    for lesson in module.lessons
                ],
            }
            for module in found.modules
        ],
    }
