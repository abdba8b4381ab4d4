"""“This looks wrong”: what a partner asked about a line, what was answered beside it, and the line that mended it."""

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.programme.commissions.models import CommissionLine


class LineQuestion(models.Model):
    """A question about one line. The words live here, never in the journal."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    line = models.ForeignKey(CommissionLine, models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    text = models.CharField(max_length=1000)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    correction = models.OneToOneField(CommissionLine, models.PROTECT, null=True, related_name="answers")

    class Meta:
        constraints = [
            models.UniqueConstraint("line", condition=Q(answered_at__isnull=True), name="one_open_question_a_line"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", correction__isnull=True)
                | Q(answered_at__isnull=False) & ~Q(answer=""),
                name="question_answered_in_words",
            ),
        ]
        indexes = [
            models.Index("asked_at", condition=Q(answered_at__isnull=True), name="questions_to_answer"),
        ]

    def __str__(self) -> str:
        return f"question about {self.line_id}"


class Correction(models.Model):
    """An amount that a person adds to a line, or takes from it, and why. Large ones wait for a second person.

    The line itself is written once it is confirmed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7)
    line = models.ForeignKey(CommissionLine, models.PROTECT, related_name="+")
    question = models.ForeignKey(LineQuestion, models.PROTECT, null=True, related_name="corrections")
    amount = models.BigIntegerField(help_text="minor units, not zero")
    reason = models.CharField(max_length=1000)
    proposed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="correction_is_not_nothing"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | Q(dropped_at__isnull=True), name="correction_ends_one_way"
            ),
        ]
        indexes = [
            models.Index(
                "proposed_at",
                condition=Q(confirmed_at__isnull=True, dropped_at__isnull=True),
                name="corrections_to_confirm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} to {self.line_id}"
