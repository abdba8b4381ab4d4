"""A small academy with one learner whose browser is signed in, a few days ago."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.test import Client

from academy.core import clock
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import EditionLesson
from academy.learning.catalog.rules import AttachmentDraft, Catalogue, CourseDraft, LessonDraft, ModuleDraft, PathDraft
from academy.people.accounts.models import Person

from ...factories import signed_in
from ...worlds import Course, World, a_world, course_of, days


@dataclass(frozen=True, slots=True)
class Classroom:
    """The academy, its learner's browser, and the instant at which it opened."""

    world: World
    browser: Client
    at: datetime

    @property
    def course(self) -> Course:
        """The one course."""
        return self.world.course

    def lesson(self, module: int = 0, number: int = 0) -> UUID:
        """A lesson that is no quiz."""
        return self.course.lessons[self.course.modules[module]][number]

    def quiz(self, module: int = 0) -> UUID:
        """The quiz of a module."""
        return self.course.quizzes[self.course.modules[module]]

    def get(self, address: str, **headers: str) -> Any:
        """A page."""
        return self.browser.get(address, headers=headers)

    def answer(self, quiz: UUID, *, right: bool = True) -> Any:
        """Open the quiz's page and hand in what stands on it."""
        page = self.browser.get(f"/training/quizzes/{quiz}/?again=1").content.decode()
        attempt = page.split('name="attempt" value="')[1].split('"')[0]
        names = {part.split('"')[0] for part in page.split('name="q-')[1:]}
        chosen = "a" if right else "b"
        return self.browser.post(
            f"/training/quizzes/{quiz}/", {"attempt": attempt, **{f"q-{name}": chosen for name in names}}
        )


def a_classroom(*, modules: int = 2, lessons: int = 2, **plan: Any) -> Classroom:
    """The small academy of `worlds`, three days old, with its owner's browser."""
    at = clock.now() - days(3)
    world = a_world(at, modules=modules, lessons=lessons, **plan)
    return Classroom(world, signed_in(Person.objects.get(pk=world.owner.person_id)), at)


def a_lesson_of(kind: str, *, at: datetime, **said: Any) -> UUID:
    """A published lesson of a course of its own (`course`, where there are several), for what one kind shows."""
    slug = said.pop("course", f"of-{kind}")
    lesson = LessonDraft("one", kind, said.pop("title", "One lesson"), 5, **said)
    module = ModuleDraft(uid="m", slug="m", title="Module", lessons=(lesson,))
    draft = CourseDraft(uid=slug, slug=slug, title=f"Of {kind}", modules=(module,))
    report = publish_catalogue(Catalogue(courses=(draft,)), source=slug, by=None, now=at)
    assert report.refused == ()
    return EditionLesson.objects.get(edition__course__slug=course_of(draft.slug).slug).lesson_id


def a_path(*courses: CourseDraft, now: datetime, source: str = "of-the-way") -> None:
    """A published path, “The way”, through these courses."""
    path = PathDraft(uid="way", slug="way", title="The way", courses=tuple(course.slug for course in courses))
    report = publish_catalogue(Catalogue(courses=courses, paths=(path,)), source=source, by=None, now=now)
    assert report.refused == ()


TEMPLATE = AttachmentDraft("brief.md", "text/markdown", b"# Brief\n")
