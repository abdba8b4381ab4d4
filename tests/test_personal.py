"""Taking along what the house holds of oneself, and being forgotten by it: every chapter, by the one table of them."""

import json
from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.learning.assignments.actions import assign
from academy.learning.progress.actions import Report, plan_modules, save_progress
from academy.learning.progress.models import Enrolment, LessonProgress, ModuleProgress, PlannedModule, Play
from academy.learning.quizzes.actions import open_attempt
from academy.learning.quizzes.models import Attempt
from academy.learning.wishes.actions import ask_for_topic
from academy.notifications.models import Mail
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.people.privacy.actions import erase_person
from academy.people.privacy.queries import export_person
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import stands
from academy.programme.verification.queries import verify
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate

from .worlds import World, a_colleague, a_course_draft, a_world, days, pass_modules, publish, take_quiz, win

pytestmark = pytest.mark.django_db


class Past:
    """A colleague with something in every table of learning and recognition."""

    def __init__(self, now: datetime) -> None:
        self.world: World = a_world(now)
        self.now = now
        self.learner: Actor = a_colleague(self.world.partner, now=now)
        self.play = uuid7()
        (other,) = publish(a_course_draft("other", modules=1), now=now)
        self.other = other
        self.begun, self.open_quiz = other.lessons[other.modules[0]][0], other.quizzes[other.modules[0]]
        win(self.world.partner, 150_000, at=now)
        assign(self.learner.person_id, self.world.course.id, due_on=now.date(), by=self.world.owner, now=now)
        pass_modules(self.learner, self.world.course, now=now)
        take_quiz(self.learner, self.world.course.quizzes[self.world.course.modules[0]], now=now, right=False)
        report = Report(0.5, "p-4", self.play, 40)
        save_progress(self.learner, self.world.course.lessons[self.world.course.modules[0]][0], report, now=now)
        save_progress(self.learner, self.begun, Report(0.25, "p-2"), now=now + days(1))
        open_attempt(self.learner, self.open_quiz, now=now + days(1))
        plan_modules(self.learner, list(other.modules), now=now)
        ask_for_topic(self.learner, "Selling to uncle Bob", now=now)
        revoke(THE_HOUSE, Certificate.objects.get().serial, reason="Bob wrote it for Ada.", now=now + days(2))

    @property
    def id(self) -> UUID:
        return self.learner.person_id


def test_an_export_has_all_of_learning_and_recognition(now: datetime) -> None:
    past = Past(now)
    told = export_person(past.learner, past.id)
    learning = told["learning"]
    assert {name: len(rows) for name, rows in learning.items()} == {
        "enrolments": 2,
        "lessons": 6,
        "plays": 1,
        "attention": 1,
        "attempts": 4,
        "modules": 2,
        "courses": 1,
        "planned": 1,
    }
    assert learning["plays"] == [
        {
            "id": past.play,
            "lesson": learning["lessons"][0]["lesson"],
            "seconds": 40,
            "started_at": now - days(40 / 86400),
        }
    ]
    assert learning["enrolments"][1] == {
        "course": past.other.id,
        "course__slug": "other",
        "edition__number": 1,
        "enrolled_at": now + days(1),
        "chosen_at": None,
        "last_lesson": past.begun,
        "last_opened_at": now + days(1),
        "due_on": None,
    }
    assert [
        set(one["answers"].values() and map(tuple, one["answers"].values())) for one in learning["attempts"][:3]
    ] == [
        {("a",)},
        {("a",)},
        {("b",)},
    ]
    certificate = Certificate.objects.get()
    assert told["certificates"] == [
        {
            "serial": certificate.serial,
            "credential": past.world.credential,
            "credential__title": "Master",
            "issued_at": now,
            "expires_at": certificate.expires_at,
            "revoked_at": now + days(2),
            "revoked_reason": "Bob wrote it for Ada.",
            "renews__serial": None,
        }
    ]
    json.dumps(told, default=str)  # plain data


def test_who_is_erased_leaves_facts_and_completions_and_nothing_else(now: datetime) -> None:
    past, later = Past(now), now + days(3)
    facts = list(Fact.objects.order_by("pos").values())
    erase_person(past.id, by=past.learner, now=later)

    assert list(Fact.objects.order_by("pos").values())[: len(facts)] == facts
    assert not Play.objects.exists()
    assert not PlannedModule.objects.exists()
    assert not Mail.objects.filter(person_id=past.id).exists()
    assert list(Attempt.objects.order_by("opened_at", "id").values_list("answers", "score")) == [
        (None, 100),
        (None, 100),
        (None, 0),
    ]
    lessons = LessonProgress.objects.filter(person_id=past.id)
    kept = {(row.position, row.anchor, row.positioned_at, row.seconds, row.failed_at) for row in lessons}
    assert (len(lessons), kept) == (4, {(0, "", None, 0, None)})
    assert {(row.opened_at, row.completed_at) for row in lessons} == {(now, now)}
    fields = ("last_lesson", "last_opened_at", "assigned_by", "due_on")
    said = Enrolment.objects.filter(person_id=past.id).values(*fields)
    assert list(said) == [dict.fromkeys(fields)] * 2
    assert ModuleProgress.objects.filter(person_id=past.id).count() == 2
    assert Certificate.objects.get().revoked_reason == "-"


def test_after_erasing_money_and_verify_agree_and_the_evidence_leaves_by_its_grace(now: datetime) -> None:
    past = Past(now)
    before = stands(past.world.partner)
    assert before is not None
    erase_person(past.id, by=past.learner, now=now + days(3))

    after = stands(past.world.partner)
    assert after is not None
    assert verify(now=now, deep=True).differences == []
    assert (after.rate(), after.held.tier, after.at_risk) == (before.rate(), "gold", True)
    bring_up_to_date(past.world.partner, now=now + days(40))
    last = stands(past.world.partner)
    assert last is not None
    assert (last.held.tier, last.rate().basis_points) == ("bronze", 1000)


def test_no_table_has_a_word_left_of_who_was_erased(now: datetime) -> None:
    past = Past(now)
    Person.objects.filter(pk=past.id).update(name="Ada Quillfeather", email="ada@quillfeather.example")
    words = ("Quillfeather", "uncle Bob", "Bob wrote", "p-4", str(past.play))
    assert tables_with(*words) != []
    erase_person(past.id, by=past.learner, now=now + days(3))
    assert tables_with(*words) == []


def tables_with(*words: str) -> list[str]:
    """The tables in which any of these words stands anywhere, in whatever case."""
    pattern = "|".join(words)
    with connection.cursor() as cursor:
        cursor.execute("select quote_ident(tablename) from pg_tables where schemaname = 'public' order by 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"select exists (select from {table} t where t::text ~* %s)", [pattern])
            found += [table] if cursor.fetchone()[0] else []
    return found
