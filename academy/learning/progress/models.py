"""How far people have come. Positions, plays and seconds are plain state; completions are folds of facts."""

from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7
from academy.learning.catalog.models import Edition, Item, Lesson, Module
from academy.people.accounts.models import Person


class Enrolment(models.Model):
    """A person takes a course, in one edition until choosing a newer one."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Item, models.PROTECT, related_name="enrolments")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()
    chosen_at = models.DateTimeField(
        null=True, help_text="when the course was chosen before anything of it was read; empty: a report came first"
    )
    last_lesson = models.ForeignKey(Lesson, models.PROTECT, null=True, related_name="+")
    last_opened_at = models.DateTimeField(null=True)
    assigned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "course"], name="enrolled_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.course_id}"


class LessonProgress(models.Model):
    """Where a person is in a lesson. `completed_at` follows from the fact `lesson.completed` or `quiz.passed`."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    position = models.FloatField(default=0, help_text="0 to 1, where to resume")
    anchor = models.CharField(max_length=120, blank=True, help_text="the paragraph or second to resume at")
    positioned_at = models.DateTimeField(
        null=True, help_text="when the position was true; an older report never replaces a newer. Empty: none was told"
    )
    seconds = models.PositiveIntegerField(default=0, help_text="the sum of its plays")
    completed_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True, help_text="quizzes: when first passed")
    failed_at = models.DateTimeField(null=True, help_text="quizzes: when last failed, if not passed since")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "lesson"], name="one_progress_a_lesson"),
            models.CheckConstraint(condition=Q(position__gte=0, position__lte=1), name="position_from_0_to_1"),
        ]

    def __str__(self) -> str:
        return f"{self.position:.0%}"


class Play(models.Model):
    """One uninterrupted stretch with a lesson on one device. Its seconds are a running total: the highest counts."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    lesson = models.ForeignKey(Lesson, models.CASCADE, related_name="+")
    seconds = models.PositiveIntegerField()
    started_at = models.DateTimeField(help_text="when first heard of, less what was then believed of its claim")

    class Meta:
        indexes = [models.Index(fields=["person", "lesson"], name="plays_of_lesson")]

    def __str__(self) -> str:
        return f"{self.seconds} s"


class Attention(models.Model):
    """How far the plays of a person have filled the time that passes: together they take no more than there is."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    counted_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id} until {self.counted_until}"


class ModuleProgress(models.Model):
    """A person has completed a module: the projection of `module.completed`. No edition takes it back."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    module = models.ForeignKey(Module, models.PROTECT, related_name="+")
    completed_at = models.DateTimeField()
    passed = models.BooleanField(help_text="proved by a quiz: only then it counts for tier and bonus")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "module"], name="one_progress_a_module")]

    def __str__(self) -> str:
        return f"{self.person_id} completed {self.module_id}"


class CourseProgress(models.Model):
    """A person has completed a course: the projection of `course.completed`."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    course = models.ForeignKey(Item, models.PROTECT, related_name="+")
    completed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "course"], name="one_progress_a_course")]

    def __str__(self) -> str:
        return f"{self.person_id} completed {self.course_id}"


class PlannedModule(models.Model):
    """A module that somebody means to finish. Taken off the list by finishing it, or by making another plan."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    module = models.ForeignKey(Module, models.CASCADE, related_name="+")
    planned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "module"], name="planned_once")]

    def __str__(self) -> str:
        return f"{self.person_id} plans {self.module_id}"
