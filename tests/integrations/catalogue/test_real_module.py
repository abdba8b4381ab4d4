"""A module of a real catalogue, taken through the pages from its first lesson to its passed quiz."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from academy.integrations.catalogue import import_catalogue
from academy.journal.models import Fact
from academy.learning.catalog.models import Item
from academy.learning.progress.models import Enrolment, LessonProgress, ModuleProgress
from academy.learning.quizzes.models import Attempt
from academy.people.accounts.models import Person
from academy.programme.verification.queries import verify

from ...factories import signed_in
from ...web.reading import heading, main
from ...worlds import World, a_world

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
SLUG = "principles-cloud-computing"


def go_on(browser: Client, page: Any) -> Any:
    """Press the one button that leads on, or follow the one link."""
    text = page.content.decode()
    if pressed := re.search(r'<form method="post" action="([^"]*)" id="go-on"', text):
        return browser.post(pressed[1], follow=True)
    (link,) = re.findall(r'<a class="btn go" href="([^"]*)"', text)
    return browser.get(link.replace("&amp;", "&"), follow=True)


def hand_in(browser: Client, page: Any, *, right: bool) -> Any:
    """Answer what the page asks, from what the academy keeps of the questions, as somebody who knows them or not."""
    text = page.content.decode()
    attempt = Attempt.objects.get(pk=re.findall(r'name="attempt" value="([^"]*)"', text)[0])
    asked = {question["id"]: question for question in attempt.revision.quiz["questions"]}  # type: ignore[index]
    shown = set(re.findall(r'name="q-([^"]*)"', text))
    assert shown == set(attempt.questions)
    answers = {
        f"q-{question}": [choice["id"] for choice in asked[question]["choices"] if choice["correct"] is right]
        for question in shown
    }
    assert "explanation" not in text
    return browser.post(page.request["PATH_INFO"], {"attempt": str(attempt.pk), **answers}, follow=True)


@pytest.fixture
def world(now: datetime, shared: Path) -> World:
    """A small academy of our own, and Microsoft Learn's of 2018 beside it."""
    made = a_world(now)
    import_catalogue(shared / "data" / "mslearn-azure-2018.tar.xz", by=None, now=now)
    Person.objects.update(welcomed_at=now)
    return made


def test_a_real_module_from_its_first_lesson_to_its_passed_quiz(world: World, now: datetime) -> None:
    course = Item.objects.get(slug=SLUG)
    learner = world.owner.person_id
    browser = signed_in(Person.objects.get(pk=learner))
    with time_machine.travel(now, tick=False):
        assert heading(browser.get(f"/training/courses/{SLUG}/")) == "Principles of cloud computing"
        page = browser.post(f"/training/courses/{SLUG}/start/", follow=True)
        assert Enrolment.objects.filter(person_id=learner, course=course).count() == 1
        read = []
        while "/quizzes/" not in page.request["PATH_INFO"]:
            read.append(heading(page))
            page = go_on(browser, page)
        quiz = page.request["PATH_INFO"]
        missed = hand_in(browser, page, right=False)
        passed = hand_in(browser, browser.get(quiz), right=True)
        summary = go_on(browser, passed)
        done = go_on(browser, summary)

    assert read == [
        "Introduction",
        "What is cloud computing?",
        "Benefits of cloud computing",
        "Cloud deployment models",
        "Types of cloud services",
    ]
    assert "Knowledge Check 0 of 2, 2 needed" in main(missed)
    assert (heading(passed), heading(summary), heading(done)) == ("Passed with 100%", "Summary", "Course completed")
    kinds = list(Fact.objects.filter(person=learner).order_by("pos").values_list("kind", flat=True))
    completed = ["lesson.completed"] * len(read)
    assert kinds[-9:] == [*completed, "quiz.passed", "lesson.completed", "module.completed", "course.completed"]
    assert ModuleProgress.objects.get(person_id=learner, module__course=course).passed is True
    assert LessonProgress.objects.filter(person_id=learner).exclude(completed_at=None).count() == 7
    assert verify(now=now, deep=True).differences == []
