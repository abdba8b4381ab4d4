"""Forgetting how somebody learned, while what was completed and proved stays."""

from uuid import UUID

from django.db.models import F

from academy.learning.progress.models import Attention, Enrolment, LessonProgress, PlannedModule, Play
from academy.learning.quizzes.models import Attempt


def forget_person(person_id: UUID, addresses: list[str]) -> None:
    """Leave of a person who is being erased what facts say, and scores: bare ids, completions, results.

    Where somebody stopped, for how long, when, what was answered, planned and assigned is nobody's business any more.
    """
    Play.objects.filter(person_id=person_id).delete()
    Attention.objects.filter(person_id=person_id).delete()
    PlannedModule.objects.filter(person_id=person_id).delete()
    attempts = Attempt.objects.filter(person_id=person_id)
    attempts.filter(submitted_at=None).delete()
    attempts.update(answers=None)
    lessons = LessonProgress.objects.filter(person_id=person_id)
    lessons.filter(completed_at=None).delete()
    lessons.update(position=0, anchor="", positioned_at=None, seconds=0, failed_at=None, opened_at=F("completed_at"))
    Enrolment.objects.filter(person_id=person_id).update(
        last_lesson=None, last_opened_at=None, assigned_by=None, due_on=None, chosen_at=None
    )
