"""Attempts at quizzes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.learning.catalog.models import Lesson, Revision
from academy.people.accounts.models import Person


class Attempt(models.Model):
    """One try at a quiz: the questions drawn for it, and what was answered."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    questions = ArrayField(models.CharField(max_length=80), help_text="ids of the questions drawn, in order")
    answers = models.JSONField(null=True, help_text="question id: list of choice ids")
    opened_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    score = models.PositiveSmallIntegerField(null=True, help_text="percent")
    passed = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "person", "lesson", condition=Q(submitted_at__isnull=True), name="one_open_attempt"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, score__isnull=True, passed__isnull=True)
                | Q(submitted_at__isnull=False, score__isnull=False, passed__isnull=False),
                name="submitted_means_scored",
            ),
        ]
        indexes = [models.Index(fields=["person", "lesson", "submitted_at"], name="attempts_of_quiz")]

    def __str__(self) -> str:
        return f"{self.score} %"
