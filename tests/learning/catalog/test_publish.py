"""Publishing: whole or not at all, the same never twice, and identity for ever."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from academy.core.errors import Forbidden, SignInNeeded
from academy.core.ids import lasting_id
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.exporting.queries import sources, standing_catalogue
from academy.learning.catalog.models import Attachment, Edition, Item, Lesson, Module, PathCourse, Revision
from academy.learning.catalog.rules import (
    FILE,
    AttachmentDraft,
    Catalogue,
    Counts,
    Place,
    Problem,
    Report,
    item_url,
    lesson_url,
)
from academy.people.permissions.rules import ANYONE
from academy.search.models import Entry
from academy.search.queries import find
from tests.factories import a_member, a_staff_member, acting

from .drafts import TEMPLATE, TEXT, a_catalogue, a_course, a_lesson, a_module, a_path, a_question, a_quiz, a_resource

pytestmark = pytest.mark.django_db


def publish(catalogue: Catalogue, now: datetime, *, source: str = "academy", **more: Any) -> Report:
    return publish_catalogue(catalogue, source=source, by=None, now=now, **more)


def everything() -> dict[str, list[Any]]:
    """Every row of the catalogue and the search, as values."""
    tables = (Item, Module, Lesson, Revision, Edition, PathCourse, Attachment, Entry)
    return {table.__name__: sorted(table.objects.values_list(), key=str) for table in tables}


def number(course: Item) -> int:
    """The number of a course's newest edition."""
    assert course.edition is not None
    return course.edition.number


def done(report: Report) -> tuple[Any, ...]:
    return (report.added, report.changed, report.archived, report.unchanged, report.refused)


def test_a_catalogue_is_published(now: datetime) -> None:
    whole = a_catalogue(
        a_course("a", level="beginner", skills=("asking",), summary="How to ask."),
        a_course("b", prerequisites=("a",)),
        paths=(a_path("p", "a", "b"),),
        resources=(a_resource(),),
    )
    report = publish(whole, now)
    assert report == Report(added=4, counts=Counts(1, 2, 2, 4, 8, 16))
    course = Item.objects.get(slug="a")
    assert (course.id, course.kind, course.source, course.minutes, course.published_at, course.archived_at) == (
        lasting_id("academy", "a"),
        "course",
        "academy",
        8,
        now,
        None,
    )
    assert course.edition is not None
    assert (course.edition.number, course.edition.lessons.count()) == (1, 2)
    assert list(Item.objects.get(slug="b").prerequisites.values_list("slug", flat=True)) == ["a"]
    path = Item.objects.get(slug="p")
    assert (path.minutes, list(path.path_courses.order_by("position").values_list("course__slug", flat=True))) == (
        16,
        ["a", "b"],
    )
    assert bytes(Attachment.objects.get().content) == TEMPLATE.content
    assert standing_catalogue("academy") == replace(whole, covers=("",))
    assert sources() == ["academy"]


def test_lessons_are_rendered_and_quizzes_kept_with_html(now: datetime) -> None:
    publish(a_catalogue(), now)
    article, quiz = Revision.objects.order_by("kind")
    assert article.html.startswith('<p id="p-1">Opening words.</p>\n<h2 id="ask-about-money">Ask about money</h2>')
    question = {
        "kind": "single",
        "text": "What do you ask for *first*?",
        "html": "What do you ask for <em>first</em>?",
        "choices": [
            {"id": "a", "text": "The range", "html": "The range", "correct": True, "why": "It is easy to give."},
            {"id": "b", "text": "The `sum`", "html": "The <code>sum</code>", "correct": False, "why": ""},
        ],
        "explanation": "A range is easier to give.",
        "explanation_html": "A range is easier to give.",
        "passage": {
            "lesson": str(lasting_id("academy", "discovery", "start", "first")),
            "title": "Ask about money",
            "anchor": "ask-about-money",
        },
    }
    assert quiz.quiz == {
        "ask": 1,
        "pass": 75,
        "attempts_a_day": 3,
        "questions": [{"id": "q1", **question}, {"id": "q2", **question}],
    }


def test_the_same_again_writes_nothing(now: datetime) -> None:
    whole = a_catalogue(a_course("a"), paths=(a_path("p", "a"),), resources=(a_resource(),))
    publish(whole, now)
    before = everything()
    with CaptureQueriesContext(connection) as asked:
        report = publish(whole, now + timedelta(days=1))
    assert done(report) == (0, 0, 0, 3, ())
    assert [q["sql"] for q in asked if q["sql"].split()[0].lower() in {"insert", "update", "delete"}] == []
    assert everything() == before


def test_a_change_makes_an_edition_of_the_course_and_a_revision_of_the_lesson_alone(now: datetime) -> None:
    publish(a_catalogue(a_course("a"), a_course("b")), now)
    changed = a_course("a", a_module("start", a_lesson(text=TEXT + "\n\nMore."), a_quiz()))
    report = publish(a_catalogue(changed, a_course("b")), now + timedelta(days=1))
    assert done(report) == (0, 1, 0, 1, ())
    course = Item.objects.get(slug="a")
    assert course.edition is not None
    assert (course.edition.number, course.published_at, course.edition.published_at) == (
        2,
        now,
        now + timedelta(days=1),
    )
    assert list(course.editions.order_by("number").values_list("number", "lessons__revision__text").distinct()) == [
        (1, ""),
        (1, TEXT),
        (2, ""),
        (2, TEXT + "\n\nMore."),
    ]
    assert number(Item.objects.get(slug="b")) == 1
    assert (Lesson.objects.count(), Revision.objects.count()) == (4, 5)


def test_going_back_makes_an_edition_but_no_revision(now: datetime) -> None:
    publish(a_catalogue(), now)
    publish(a_catalogue(a_course("discovery", a_module("start", a_lesson(title="Other"), a_quiz()))), now)
    assert done(publish(a_catalogue(), now)) == (0, 1, 0, 0, ())
    assert (number(Item.objects.get()), Revision.objects.count()) == (3, 3)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Said anew."},
        {"skills": ("asking",)},
        {"level": "advanced"},
        {"language": "cs"},
        {"outcome": "You can."},
    ],
)
def test_what_is_said_about_a_course_changes_without_an_edition(now: datetime, change: dict[str, Any]) -> None:
    publish(a_catalogue(), now)
    assert done(publish(a_catalogue(a_course(**change)), now)) == (0, 1, 0, 0, ())
    assert number(Item.objects.get()) == 1
    assert done(publish(a_catalogue(a_course(**change)), now)) == (0, 0, 0, 1, ())


def test_optional_and_order_and_module_titles_make_an_edition(now: datetime) -> None:
    first, second, quiz = a_lesson(), a_lesson("second"), a_quiz()
    publish(a_catalogue(a_course("c", a_module("start", first, second, quiz))), now)
    for module in (
        a_module("start", second, first, quiz),
        a_module("start", first, a_lesson("second", optional=True), quiz),
        a_module("start", first, second, quiz, title="Begin"),
        a_module("start", first, second, quiz, summary="How to begin."),
    ):
        assert done(publish(a_catalogue(a_course("c", module)), now)) == (0, 1, 0, 0, ())
    assert (number(Item.objects.get()), Revision.objects.count()) == (5, 3)


def test_module_skills_and_prerequisites_and_paths_change_without_an_edition(now: datetime) -> None:
    publish(a_catalogue(a_course("a"), a_course("b"), paths=(a_path("p", "a", "b"),)), now)
    changed = a_catalogue(
        a_course("a", a_module("start", skills=("asking",))),
        a_course("b", prerequisites=("a",)),
        paths=(a_path("p", "b"),),
    )
    assert done(publish(changed, now)) == (0, 3, 0, 0, ())
    assert Module.objects.get(course__slug="a").skills == ["asking"]
    assert list(Item.objects.get(slug="b").prerequisites.values_list("slug", flat=True)) == ["a"]
    assert list(PathCourse.objects.values_list("course__slug", "position")) == [("b", 1)]
    assert set(Edition.objects.values_list("number", flat=True)) == {1}
    assert done(publish(changed, now)) == (0, 0, 0, 3, ())


def test_a_resource_gets_another_file(now: datetime) -> None:
    publish(a_catalogue(resources=(a_resource(),)), now)
    other = AttachmentDraft("brief.md", "text/markdown", b"# Another\n")
    assert done(publish(a_catalogue(resources=(a_resource(attachments=(other,)),)), now)) == (0, 1, 0, 1, ())
    assert [bytes(file.content) for file in Attachment.objects.all()] == [b"# Another\n"]


def test_a_lesson_takes_its_template_along(now: datetime) -> None:
    lesson = a_lesson(kind=FILE, attachments=(TEMPLATE,))
    publish(a_catalogue(a_course("c", a_module("start", lesson, a_quiz()))), now)
    file = Attachment.objects.get()
    assert file.revision is not None
    assert (file.revision.lesson.source_uid, file.name, bytes(file.content)) == ("first", "brief.md", b"# A brief\n")


def test_what_is_gone_is_archived_and_can_come_back(now: datetime) -> None:
    whole = a_catalogue(a_course("a"), a_course("b"))
    publish(whole, now)
    later = now + timedelta(days=1)
    assert done(publish(a_catalogue(a_course("a")), later)) == (0, 0, 1, 1, ())
    gone = Item.objects.get(slug="b")
    assert (gone.archived_at, number(gone), Lesson.objects.count()) == (later, 1, 4)
    assert set(Entry.objects.values_list("title", flat=True)) == {"About a", "About first"}
    assert done(publish(a_catalogue(a_course("a")), later)) == (0, 0, 0, 1, ())
    assert done(publish(whole, later)) == (0, 1, 0, 1, ())
    assert (Item.objects.filter(archived_at=None).count(), Edition.objects.count(), Entry.objects.count()) == (2, 2, 4)


def test_a_single_course_archives_nothing_and_may_need_what_stands(now: datetime) -> None:
    publish(a_catalogue(a_course("a"), a_course("b")), now)
    alone = Catalogue((a_course("c", prerequisites=("a",)),))
    assert done(publish(alone, now)) == (1, 0, 0, 0, ())
    assert Item.objects.filter(archived_at=None).count() == 3


def test_an_import_archives_only_under_the_uids_that_it_covers(now: datetime) -> None:
    publish(a_catalogue(a_course("learn.a", slug="a"), a_course("bizapps.b", slug="b")), now)
    assert done(publish(Catalogue((a_course("learn.c", slug="c"),), covers=("learn.",)), now)) == (1, 0, 1, 0, ())
    assert list(Item.objects.filter(archived_at=None).order_by("slug").values_list("slug", flat=True)) == ["b", "c"]


def test_a_lesson_that_leaves_the_course_is_found_no_more_but_stays(now: datetime) -> None:
    publish(a_catalogue(a_course("c", a_module("start", a_lesson(), a_lesson("second"), a_quiz()))), now)
    publish(a_catalogue(a_course("c")), now)
    assert set(Entry.objects.values_list("title", flat=True)) == {"About c", "About first"}
    assert Lesson.objects.count() == 3


def test_two_sources_with_the_same_names_stand_beside_each_other(now: datetime) -> None:
    publish(a_catalogue(), now)
    publish(a_catalogue(), now, source="mslearn")
    publish(a_catalogue(), now, source="other")
    assert list(Item.objects.order_by("slug").values_list("slug", "source")) == [
        ("discovery", "academy"),
        ("discovery-mslearn", "mslearn"),
        ("discovery-other", "other"),
    ]
    assert done(publish(a_catalogue(), now, source="mslearn")) == (0, 0, 0, 1, ())


def test_the_same_wish_for_an_address_in_one_source(now: datetime) -> None:
    courses = [a_course(uid, slug="same") for uid in ("a", "b", "c", "c2")]
    modules = a_course("d", a_module("x", slug="one"), a_module("y", a_lesson(), slug="one"))
    report = publish(a_catalogue(*courses, replace(modules, modules=(modules.modules[1],))), now)
    assert done(report) == (5, 0, 0, 0, ())
    assert list(Item.objects.order_by("source_uid").values_list("slug", flat=True)) == [
        "same",
        "same-academy",
        "same-2",
        "same-3",
        "d",
    ]


def test_an_address_once_given_is_kept(now: datetime) -> None:
    publish(a_catalogue(a_course("uid-1", a_module("m", a_lesson(), slug="start"), slug="before")), now)
    publish(a_catalogue(a_course("uid-1", a_module("m", a_lesson(), slug="other"), slug="after")), now)
    assert (Item.objects.get().slug, Module.objects.get().slug) == ("before", "start")


def test_with_one_problem_nothing_is_written(now: datetime) -> None:
    publish(a_catalogue(a_course("a")), now)
    before = everything()
    wrong = a_catalogue(a_course("a", summary="New."), a_course("b", prerequisites=("gone",)))
    report = publish(wrong, now)
    assert report == Report(
        refused=(Problem("b/course.yaml", 1, "There is no course “gone”."),), counts=Counts(0, 2, 2, 4, 8, 16)
    )
    assert everything() == before


def test_an_id_cannot_become_another_kind_of_thing(now: datetime) -> None:
    publish(a_catalogue(a_course("a"), a_course("x")), now)
    turned = a_catalogue(a_course("a"), paths=(a_path("x", "a", place=Place("x.yaml", 3)),))
    assert publish(turned, now).refused == (Problem("x.yaml", 3, "“x” is a course already; a path needs another id."),)


def test_a_dry_run_tells_what_would_be_done(now: datetime) -> None:
    publish(a_catalogue(a_course("a"), a_course("b")), now)
    before = everything()
    report = publish(a_catalogue(a_course("a", summary="New."), a_course("c")), now, dry_run=True)
    assert done(report) == (1, 1, 1, 0, ())
    assert everything() == before


def test_progress_is_told(now: datetime) -> None:
    told = []
    courses = [a_course(f"course-{number}") for number in range(25)]
    publish(a_catalogue(*courses), now, progress=lambda count, of: told.append((count, of)))
    assert told == [(20, 25), (25, 25)]


def test_statements_do_not_grow_with_the_catalogue(now: datetime) -> None:
    counts = []
    for size in (1, 15):
        courses = [a_course(f"course-{size}-{number}") for number in range(size)]
        with CaptureQueriesContext(connection) as asked:
            publish(a_catalogue(*courses, covers=()), now)
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_publish_once(now: datetime) -> None:
    def run() -> tuple[Any, ...]:
        try:
            return done(publish(a_catalogue(a_course("a"), a_course("b")), now))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        reports = [future.result() for future in [pool.submit(run) for _ in range(4)]]
    assert sorted(reports) == [(0, 0, 0, 2, ())] * 3 + [(2, 0, 0, 0, ())]
    assert (Item.objects.count(), Edition.objects.count(), Revision.objects.count()) == (2, 2, 4)


def test_only_curators_and_the_house_may_publish(now: datetime) -> None:
    publish_catalogue(a_catalogue(), source="academy", by=acting(a_staff_member("curator")), now=now)
    for by, refusal in ((acting(a_member()), Forbidden), (ANYONE, SignInNeeded)):
        with pytest.raises(refusal):
            publish_catalogue(a_catalogue(a_course("b")), source="academy", by=by, now=now)
    assert Item.objects.count() == 1


def test_what_is_published_is_found_and_answers_are_not(now: datetime) -> None:
    question = a_question(explanation="Xylophone.", text="Xylophone?")
    publish(a_catalogue(a_course("c", a_module("start", a_lesson(), a_quiz(question)), skills=("cold-calling",))), now)
    assert [(hit.kind, hit.url) for hit in find("money", staff=False)] == [
        ("lesson", lesson_url(lasting_id("academy", "c", "start", "first")))
    ]
    assert [(hit.kind, hit.url) for hit in find("cold calling", staff=False)] == [("course", item_url("course", "c"))]
    assert find("xylophone", staff=False) == []
