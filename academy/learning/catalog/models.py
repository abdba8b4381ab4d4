"""The catalogue. Courses, modules and lessons have one identity for life; what they say comes in editions.

Publishing a course makes an immutable edition: an ordered list of (lesson, revision). An enrolment points to one
edition; completion belongs to the identity, so that no new edition takes it back.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from academy.core.ids import uuid7


class ItemKind(models.TextChoices):
    """What stands in the catalogue."""

    COURSE = "course", "Course"
    PATH = "path", "Path"
    RESOURCE = "resource", "Resource"


class Level(models.TextChoices):
    """Whom an item is for."""

    BEGINNER = "beginner", "Beginner"
    INTERMEDIATE = "intermediate", "Intermediate"
    ADVANCED = "advanced", "Advanced"


class LessonKind(models.TextChoices):
    """How a lesson is taken."""

    ARTICLE = "article", "Article"
    VIDEO = "video", "Video"
    QUIZ = "quiz", "Quiz"
    FILE = "file", "File"
    LINK = "link", "Link"


class Item(models.Model):
    """A course, a path of courses, or a resource: what a partner finds in the hub."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=10, choices=ItemKind.choices)
    slug = models.SlugField(max_length=120, unique=True)
    source = models.CharField(max_length=40, help_text="which catalogue it came from, such as academy or mslearn")
    source_uid = models.CharField(max_length=300)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    outcome = models.TextField(blank=True)
    takeaway = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(default=0)
    level = models.CharField(max_length=12, choices=Level.choices, blank=True)
    family = models.CharField(max_length=30, blank=True, help_text="skill family; decides the hue of the cover")
    skills = ArrayField(models.CharField(max_length=60), default=list)
    tags = ArrayField(models.CharField(max_length=60), default=list)
    language = models.CharField(max_length=10, default="en")
    url = models.URLField(max_length=2000, blank=True, help_text="of a resource that stands elsewhere")
    edition = models.ForeignKey("Edition", models.PROTECT, null=True, related_name="+", help_text="a course's newest")
    prerequisites = models.ManyToManyField("self", symmetrical=False, related_name="opens")
    published_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "source_uid"], name="one_item_a_source_uid")]
        indexes = [
            GinIndex(fields=["skills"], name="item_skills"),
            GinIndex(fields=["tags"], name="item_tags"),
            models.Index("kind", "slug", condition=Q(archived_at__isnull=True), name="item_shown"),
        ]

    def __str__(self) -> str:
        return self.title


class PathCourse(models.Model):
    """A course's place in a path."""

    path = models.ForeignKey(Item, models.CASCADE, related_name="path_courses")
    course = models.ForeignKey(Item, models.PROTECT, related_name="in_paths")
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "position"], name="one_course_a_place")]

    def __str__(self) -> str:
        return f"{self.position}"


class Module(models.Model):
    """The part of a course that counts. Its title of today stands in the newest edition."""

    id = models.UUIDField(primary_key=True)
    course = models.ForeignKey(Item, models.PROTECT, related_name="modules")
    source_uid = models.CharField(max_length=300)
    slug = models.SlugField(max_length=120, help_text="unique in its course; how plans and credentials name it")
    skills = ArrayField(models.CharField(max_length=60), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "source_uid"], name="one_module_a_source_uid"),
            models.UniqueConstraint(fields=["course", "slug"], name="one_module_a_slug"),
        ]

    def __str__(self) -> str:
        return self.slug


class Lesson(models.Model):
    """One sitting. What it says stands in its revisions."""

    id = models.UUIDField(primary_key=True)
    module = models.ForeignKey(Module, models.PROTECT, related_name="lessons")
    source_uid = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["module", "source_uid"], name="one_lesson_a_source_uid")]

    def __str__(self) -> str:
        return self.source_uid


class Revision(models.Model):
    """What a lesson says, once said. The same content is never stored twice for a lesson."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="revisions")
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of everything below")
    kind = models.CharField(max_length=10, choices=LessonKind.choices)
    title = models.CharField(max_length=200)
    minutes = models.PositiveIntegerField()
    text = models.TextField(blank=True, help_text="Markdown as written")
    html = models.TextField(blank=True, help_text="the text rendered and sanitised, once")
    url = models.URLField(max_length=2000, blank=True, help_text="of a video or link")
    quiz = models.JSONField(null=True, help_text="see quizzes.rules.Quiz")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lesson", "digest"], name="one_revision_a_content"),
            models.CheckConstraint(
                condition=Q(kind="quiz", quiz__isnull=False) | ~Q(kind="quiz") & Q(quiz__isnull=True),
                name="a_quiz_has_questions",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Attachment(models.Model):
    """A file that a lesson or resource gives to take along."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    revision = models.ForeignKey(Revision, models.PROTECT, null=True, related_name="attachments")
    item = models.ForeignKey(Item, models.PROTECT, null=True, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=80)
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revision__isnull=False, item__isnull=True) | Q(revision__isnull=True, item__isnull=False),
                name="attached_to_one_thing",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """A course as it was published once. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    course = models.ForeignKey(Item, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32, help_text="SHA-256 of outline and revisions")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "number"], name="one_edition_a_number")]

    def __str__(self) -> str:
        return f"edition {self.number}"


class EditionLesson(models.Model):
    """A line of an edition: which lesson stands where, in which revision, in which module."""

    id = models.BigAutoField(primary_key=True)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="lessons")
    module = models.ForeignKey(Module, models.PROTECT, related_name="+")
    module_title = models.CharField(max_length=200)
    module_summary = models.TextField(blank=True)
    lesson = models.ForeignKey(Lesson, models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(help_text="of the lesson in the course, from 1")
    optional = models.BooleanField(default=False, help_text="outside every denominator")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "lesson"], name="a_lesson_once_an_edition"),
            models.UniqueConstraint(fields=["edition", "position"], name="one_lesson_a_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}"
