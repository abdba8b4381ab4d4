"""A course's page, a path's, a resource's."""

import pytest

from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import Item
from academy.learning.catalog.rules import Catalogue, PathDraft, ResourceDraft
from academy.learning.progress.models import Enrolment

from ...worlds import a_course_draft, days, pass_modules, publish, win
from ..reading import heading, main, notes
from .classroom import TEMPLATE, a_classroom

pytestmark = pytest.mark.django_db


def test_a_course_says_what_it_counts_for_and_what_it_would_change() -> None:
    room = a_classroom(modules=2)
    win(room.world.partner, 150_000, at=room.at + days(1))

    answer = room.get("/training/courses/course/")

    said = main(answer)
    assert (answer.status_code, heading(answer)) == (200, "Course")
    assert "Course · 2 modules · 6 lessons · 26 min" in said
    assert "2 core modules everything for the certificate Master" in said
    assert "Tier Bronze → Gold Rate 10.00% → 14.65% About, a month + £23" in said
    assert "Start" in said


def test_start_enrols_and_opens_the_first_lesson() -> None:
    room = a_classroom()

    answer = room.browser.post("/training/courses/course/start/")

    assert (answer.status_code, answer["Location"]) == (302, f"/training/lessons/{room.lesson()}/")
    assert Enrolment.objects.get().person_id == room.world.owner.person_id


def test_what_is_begun_continues() -> None:
    room = a_classroom()
    pass_modules(room.world.owner, room.course, room.course.modules[0], now=room.at + days(1))

    answer = room.get("/training/courses/course/")

    assert "You: 3 of 6 lessons · 13 min left Continue Lesson 1.0 · 5 min" in main(answer)
    assert f'<a class="btn" href="/training/lessons/{room.lesson(1)}/">Continue</a>' in answer.content.decode()


def test_what_is_finished_has_no_button() -> None:
    room = a_classroom()
    pass_modules(room.world.owner, room.course, now=room.at + days(1))

    said = main(room.get("/training/courses/course/"))

    assert "Completed. Every lesson stays open for you." in said


def test_a_newer_version_waits_until_it_is_taken() -> None:
    room = a_classroom(modules=1, lessons=1)
    room.browser.post("/training/courses/course/start/")
    publish(a_course_draft(modules=1, lessons=2), now=room.at + days(1))

    before = main(room.get("/training/courses/course/"))
    taken = room.browser.post("/training/courses/course/newer/", follow=True)

    assert "You stay on yours; it has 1 lesson that yours has not." in before
    assert "Lesson 0.1" not in before
    assert "You are on the newest version now." in main(taken)
    assert "Lesson 0.1" in main(taken)


def test_an_archived_course_is_there_only_for_those_who_take_it() -> None:
    room = a_classroom()
    Item.objects.filter(slug="course").update(archived_at=room.at)

    before = room.get("/training/courses/course/")
    Item.objects.filter(slug="course").update(archived_at=None)
    room.browser.post("/training/courses/course/start/")
    Item.objects.filter(slug="course").update(archived_at=room.at)
    after = room.get("/training/courses/course/")

    assert (before.status_code, after.status_code) == (404, 200)
    assert "This course is no longer in the catalogue." in main(after)


def test_a_course_that_is_not_there_is_not_found() -> None:
    assert a_classroom().get("/training/courses/nothing/").status_code == 404


def test_a_path_lists_its_courses_and_goes_on_with_the_first_open_one() -> None:
    room = a_classroom()
    drafts = (a_course_draft("one", modules=1, lessons=1), a_course_draft("two", modules=1, lessons=1))
    path = PathDraft(uid="way", slug="way", title="The way", summary="From one to two.", courses=("one", "two"))
    assert publish_catalogue(Catalogue(courses=drafts, paths=(path,)), source="p", by=None, now=room.at).refused == ()

    answer = room.get("/training/paths/way/")

    assert (answer.status_code, heading(answer)) == (200, "The way")
    assert "Path · 2 courses · 16 min" in main(answer)
    assert '<a class="btn" href="/training/courses/one/">Start</a>' in answer.content.decode()


def test_a_path_says_what_is_locked_and_what_opens_it() -> None:
    room = a_classroom()
    drafts = (a_course_draft("one", modules=1), a_course_draft("two", modules=1, prerequisites=["one"]))
    path = PathDraft(uid="way", slug="way", title="The way", courses=("one", "two"))
    assert publish_catalogue(Catalogue(courses=drafts, paths=(path,)), source="p", by=None, now=room.at).refused == ()

    answer = room.get("/training/paths/way/")

    assert "2 Two Opens after One 8 min" in main(answer)
    assert '<a class="btn" href="/training/courses/one/">Start</a>' in answer.content.decode()


def test_a_locked_course_leads_to_what_opens_it() -> None:
    room = a_classroom()
    publish(
        a_course_draft("one", modules=1),
        a_course_draft("two", modules=1, prerequisites=["one"]),
        now=room.at,
        source="p",
    )

    answer = room.get("/training/courses/two/")

    assert notes(answer) == ["Locked: finish “One” first. This course builds on it."]
    assert '<a class="btn" href="/training/courses/one/">Go to what opens it</a>' in answer.content.decode()
    assert "Locked: Lesson 0.0 Reading · 5 min" in main(answer)


def test_a_resource_gives_its_files() -> None:
    room = a_classroom()
    draft = ResourceDraft(uid="r", slug="r", title="A template", minutes=5, attachments=(TEMPLATE,))
    assert publish_catalogue(Catalogue(resources=(draft,)), source="r", by=None, now=room.at).refused == ()

    answer = room.get("/training/resources/r/")

    assert (answer.status_code, heading(answer)) == (200, "A template")
    assert "Resource · 5 min A template brief.md 1 kB Download" in main(answer)


def test_a_resource_elsewhere_is_a_link() -> None:
    room = a_classroom()
    draft = ResourceDraft(uid="r", slug="r", title="A page", url="https://example.com/page")
    assert publish_catalogue(Catalogue(resources=(draft,)), source="r", by=None, now=room.at).refused == ()

    page = room.get("/training/resources/r/").content.decode()

    assert 'href="https://example.com/page" rel="noopener noreferrer" target="_blank"' in page
