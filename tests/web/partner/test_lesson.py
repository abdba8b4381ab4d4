"""The player: text, film, link and files, and going on."""

from uuid import uuid4

import pytest
from django.test import Client

from academy.core import clock
from academy.learning.catalog.models import Attachment
from academy.learning.progress.actions import Report, save_progress
from academy.learning.progress.models import LessonProgress

from ...worlds import a_course_draft, publish
from ..reading import heading, main
from .classroom import TEMPLATE, a_classroom, a_lesson_of
from .films import FILM

pytestmark = pytest.mark.django_db
OFFLINE = "Saved on this phone. It is sent as soon as you are online. "


def test_a_lesson_says_what_it_is_and_what_comes_next() -> None:
    room = a_classroom()

    answer = room.get(f"/training/lessons/{room.lesson()}/")

    page = answer.content.decode()
    assert (answer.status_code, heading(answer)) == (200, "Lesson 0.0")
    assert main(answer) == OFFLINE + "Lesson 1 · 5 minutes · core Lesson 0.0 Say the price, then stop."
    assert f'action="/training/lessons/{room.lesson()}/complete/"' in page
    assert "Next: Lesson 0.1" in page
    assert page.count('class="btn go"') == 1


def test_next_completes_the_lesson_and_goes_on() -> None:
    room = a_classroom()

    answer = room.browser.post(f"/training/lessons/{room.lesson()}/complete/")

    assert (answer.status_code, answer["Location"]) == (302, f"/training/lessons/{room.lesson(0, 1)}/")
    assert LessonProgress.objects.get(lesson=room.lesson()).completed_at is not None


def test_next_leads_to_the_quiz_of_the_module() -> None:
    room = a_classroom(lessons=1)

    answer = room.browser.post(f"/training/lessons/{room.lesson()}/complete/")

    assert answer["Location"] == f"/training/quizzes/{room.quiz()}/"


def test_next_leads_to_what_it_brought_when_it_brought_something() -> None:
    room = a_classroom(modules=1, lessons=1)
    (course,) = publish(a_course_draft("plain", modules=1, lessons=1, quiz=False), now=room.at, source="plain")
    lesson = course.lessons[course.modules[0]][0]

    answer = room.browser.post(f"/training/lessons/{lesson}/complete/")
    done = room.get(answer["Location"])

    assert answer["Location"].startswith(f"/training/lessons/{lesson}/done/?after=")
    assert heading(done) == "Course completed"


def test_what_was_finished_goes_on_without_being_finished_again() -> None:
    room = a_classroom()
    room.browser.post(f"/training/lessons/{room.lesson()}/complete/")

    page = room.get(f"/training/lessons/{room.lesson()}/").content.decode()

    assert "/complete/" not in page
    assert f'class="btn go" href="/training/lessons/{room.lesson(0, 1)}/"' in page


def test_a_text_marks_the_paragraph_where_one_was() -> None:
    room = a_classroom()
    lesson = a_lesson_of("article", at=room.at, text="One.\n\nTwo.\n\nThree.")
    save_progress(room.world.owner, lesson, Report(position=0.5, anchor="p-2"), now=clock.now())

    page = room.get(f"/training/lessons/{lesson}/").content.decode()

    assert '<p id="p-2" class="was-here" data-says="You were here">Two.</p>' in page
    assert '<a class="more" href="#p-2">Go on where you were</a>' in page


def test_a_film_is_played_here_and_only_its_origin_is_let_in() -> None:
    room = a_classroom()
    lesson = a_lesson_of("video", at=room.at, url="https://films.example.com/one.mp4")

    answer = room.get(f"/training/lessons/{lesson}/")

    assert 'preload="metadata" src="https://films.example.com/one.mp4"' in answer.content.decode()
    assert answer["Content-Security-Policy"].endswith("; media-src 'self' https://films.example.com")


def test_a_film_of_our_own_is_played_here_and_sent_by_parts() -> None:
    room = a_classroom()
    lesson = a_lesson_of("video", at=room.at, attachments=(FILM, TEMPLATE))
    file = Attachment.objects.get(name=FILM.name)
    address = f"/training/files/{file.id}/{FILM.name}"

    answer = room.get(f"/training/lessons/{lesson}/")
    assert f'preload="metadata" src="{address}"' in answer.content.decode()
    assert "media-src" not in answer["Content-Security-Policy"]
    assert answer.content.decode().count("Download") == 2  # the template's button and its name, not the film's

    size = len(FILM.content)
    whole, part = room.get(address), room.get(address, Range="bytes=10-19")
    assert (whole.status_code, whole.content, whole["Accept-Ranges"]) == (200, FILM.content, "bytes")
    assert (part.status_code, part.content) == (206, FILM.content[10:20])
    assert (part["Content-Range"], part["Content-Type"]) == (f"bytes 10-19/{size}", "video/webm")
    beyond = room.get(address, Range=f"bytes={size}-")
    assert (beyond.status_code, beyond["Content-Range"], beyond.content) == (416, f"bytes */{size}", b"")


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("video", "films.example.com Watch it there, then come back and go on. Open in a new tab"),
        ("link", "films.example.com Read it there, then come back and go on. Open in a new tab"),
    ],
)
def test_what_stands_elsewhere_is_a_link(kind: str, says: str) -> None:
    room = a_classroom()
    lesson = a_lesson_of(kind, at=room.at, url="https://films.example.com/watch?v=1")

    answer = room.get(f"/training/lessons/{lesson}/")

    assert says in main(answer)
    assert "media-src" not in answer["Content-Security-Policy"]


def test_pictures_let_their_own_host_in() -> None:
    room = a_classroom()
    lesson = a_lesson_of("article", at=room.at, text="![A chart](https://pictures.example.com/a.png)")

    answer = room.get(f"/training/lessons/{lesson}/")

    assert "img-src 'self' data: https://pictures.example.com;" in answer["Content-Security-Policy"]


def test_a_file_is_downloaded_and_never_shown_as_a_page() -> None:
    room = a_classroom()
    a_lesson_of("file", at=room.at, text="Take it.", attachments=(TEMPLATE,))
    file = Attachment.objects.get()

    answer = room.get(f"/training/files/{file.id}/{file.name}")

    assert (answer.status_code, answer.content) == (200, b"# Brief\n")
    assert {name: answer[name] for name in ("Content-Type", "Content-Disposition", "X-Content-Type-Options")} == {
        "Content-Type": "text/markdown",
        "Content-Disposition": 'attachment; filename="brief.md"',
        "X-Content-Type-Options": "nosniff",
    }
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize("address", ["/training/lessons/{}/", "/training/quizzes/{}/", "/training/files/{}/brief.md"])
def test_what_is_not_there_is_not_found(address: str) -> None:
    room = a_classroom()

    answer = room.get(address.format(uuid4()))

    assert (answer.status_code, heading(answer)) == (404, "Nothing here")


def test_a_file_under_another_name_is_not_found() -> None:
    room = a_classroom()
    a_lesson_of("file", at=room.at, text="Take it.", attachments=(TEMPLATE,))

    answer = room.get(f"/training/files/{Attachment.objects.get().id}/other.md")

    assert answer.status_code == 404


def test_a_lesson_of_a_locked_course_leads_to_what_opens_it() -> None:
    room = a_classroom()
    (first, second) = publish(
        a_course_draft("first", modules=1),
        a_course_draft("second", modules=1, prerequisites=("first",)),
        now=room.at,
        source="two",
    )

    answer = room.get(f"/training/lessons/{second.lessons[second.modules[0]][0]}/")
    course = room.get(answer["Location"])

    assert (answer.status_code, answer["Location"]) == (302, "/training/courses/second/")
    assert "Locked: finish “First” first. This course builds on it." in main(course)
    assert first.slug == "first"


def test_completing_a_lesson_of_a_locked_course_is_refused() -> None:
    room = a_classroom()
    (_first, second) = publish(
        a_course_draft("first", modules=1),
        a_course_draft("second", modules=1, prerequisites=("first",)),
        now=room.at,
        source="two",
    )
    lesson = second.lessons[second.modules[0]][0]

    answer = room.browser.post(f"/training/lessons/{lesson}/complete/")

    assert (answer.status_code, heading(answer)) == (409, "That is not possible now")
    assert not LessonProgress.objects.exists()


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    room = a_classroom()

    answer = client.get(f"/training/lessons/{room.lesson()}/")

    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/accounts/login/?next=%2Ftraining%2Flessons%2F{room.lesson()}%2F",
    )


def test_the_parts_that_facts_make_stale_come_alone() -> None:
    room = a_classroom()

    answer = room.get(f"/training/lessons/{room.lesson()}/", **{"X-Parts": "course-progress,outline-list,lesson-state"})

    ids = [part.split('"')[0] for part in answer.content.decode().split('id="')[1:]]
    assert ids == ["course-progress", "outline-list", "lesson-state"]
