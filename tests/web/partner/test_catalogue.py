"""The catalogue, asking for a topic, the search, and the history."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from academy.core import clock
from academy.learning.wishes.models import Wish
from academy.notifications.models import Mail

from ...factories import a_staff_member
from ...worlds import a_course_draft, days, pass_modules, publish
from ..reading import heading, main, notes
from .classroom import a_classroom

pytestmark = pytest.mark.django_db


def _titles(answer: Any) -> list[str]:
    page = answer.content.decode()
    return [
        part.split("</a>")[0].split(">")[-1]
        for part in page.split('<li class="tile')[1:]
        for part in [part.split("<h")[1]]
    ]


def test_it_lists_everything_by_title_and_shows_more() -> None:
    room = a_classroom()
    publish(*(a_course_draft(f"b{number:02}", modules=1) for number in range(13)), now=room.at, source="b")

    first = room.get("/training/catalogue/")
    more = first.content.decode().split('id="more" class="more-line"><a class="btn quiet" href="')[1].split('"')[0]
    second = room.get(more.replace("&amp;", "&"), **{"HX-Request": "true", "HX-Target": "more"})

    assert _titles(first) == [f"B{number:02}" for number in range(12)]
    assert _titles(second) == ["B12", "Course"]
    assert "<html" not in second.content.decode()


def test_words_and_filters_narrow_it() -> None:
    room = a_classroom()
    publish(a_course_draft("pricing", modules=1), now=room.at, source="b")

    answer = room.get("/training/catalogue/?q=pricing&kind=course")

    assert _titles(answer) == ["Pricing"]


def test_where_nothing_fits_the_nearest_are_shown() -> None:
    room = a_classroom()
    publish(a_course_draft("pricing", modules=1), now=room.at, source="b")

    answer = room.get("/training/catalogue/?q=pricign")

    assert "Nothing fits “pricign”. The nearest: Course" in main(answer)
    assert "Ask for this topic" in main(answer)
    assert _titles(answer) == ["Pricing"]


def test_what_is_locked_says_what_opens_it() -> None:
    room = a_classroom()
    first, second = a_course_draft("first", modules=1), a_course_draft("second", modules=1, prerequisites=["first"])
    publish(first, second, now=room.at, source="b")
    pass_modules(room.world.owner, room.course, *room.course.modules, now=room.at + days(1))

    assert main(room.get("/training/catalogue/?q=second")).endswith("Second Opens after First")


def test_a_cursor_that_is_not_ours_is_refused() -> None:
    assert a_classroom().get("/training/catalogue/?cursor=nonsense").status_code == 422


def test_a_wish_is_kept_and_told_to_curators_without_saying_whose() -> None:
    room = a_classroom()
    a_staff_member("curator", email="curator@example.com")

    answer = room.browser.post("/training/wishes/", {"topic": "  Selling to  schools "}, follow=True)

    wish, mail = Wish.objects.get(), Mail.objects.get(to="curator@example.com")
    assert notes(answer) == ["Noted. A curator reads it; we do not tell who asked."]
    assert (wish.topic, wish.person_id) == ("Selling to schools", room.world.owner.person_id)
    assert mail.subject == "Asked for: Selling to schools"
    assert mail.text == ("Somebody searched the catalogue, found nothing that fits and asks for:\n\nSelling to schools")


def test_the_same_wish_is_kept_once() -> None:
    room = a_classroom()
    a_staff_member("curator")
    room.browser.post("/training/wishes/", {"topic": "Schools"})

    answer = room.browser.post("/training/wishes/", {"topic": "schools"}, follow=True)

    assert notes(answer)[-1] == "You asked for this before. It is noted."
    assert (Wish.objects.count(), Mail.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("", "Write at least three letters, so that a curator knows what you mean."),
        ("ab", "Write at least three letters, so that a curator knows what you mean."),
        ("x" * 201, "Write it in at most 200 letters."),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused_in_words(topic: str, says: str) -> None:
    room = a_classroom()

    answer = room.browser.post("/training/wishes/", {"topic": topic})

    assert (answer.status_code, notes(answer)[0]) == (422, says)
    assert not Wish.objects.exists()


def test_search_finds_the_text_of_lessons() -> None:
    room = a_classroom()

    answer = room.get("/search/?q=price")

    assert (answer.status_code, heading(answer)) == (200, "Search")
    assert f'href="/training/lessons/{room.lesson()}/"' in answer.content.decode()
    assert "<mark>price</mark>" in answer.content.decode()


def test_search_can_be_narrowed_to_a_kind() -> None:
    room = a_classroom()

    answer = room.get("/search/?q=price&kind=course")

    assert "Nothing says “price”" in main(answer)


def test_search_without_a_hit_shows_the_nearest_and_a_way_to_ask() -> None:
    said = main(a_classroom().get("/search/?q=corse"))

    assert "Nothing says “corse”. The nearest:" in said or "Nothing says “corse”. The two nearest:" in said
    assert said.endswith("Not what you meant? Ask for it: a curator reads what people look for. Ask for this topic")


@pytest.mark.parametrize("address", ["/search/", "/search/?q=%20"])
def test_search_without_words_says_what_can_be_found(address: str) -> None:
    assert "Everything that is written here" in main(a_classroom().get(address))


def test_what_was_asked_stands_escaped() -> None:
    page = a_classroom().get("/search/?q=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()

    assert "<script>alert" not in page


def test_history_on_the_first_day_says_what_will_be_here() -> None:
    assert "Your first finished module stands here" in main(a_classroom().get("/training/history/"))


def test_history_lists_what_was_finished_the_latest_first() -> None:
    room = a_classroom(modules=2, lessons=1)
    pass_modules(room.world.owner, room.course, room.course.modules[0], now=room.at + days(1))
    pass_modules(room.world.owner, room.course, room.course.modules[1], now=clock.now())

    said = main(room.get("/training/history/"))

    assert said.index("Courses completed") < said.index("Module 1") < said.index("Module 0")
    assert said.count("Passed, 100%") == 2


def test_history_goes_on_behind_a_cursor() -> None:
    room = a_classroom(modules=27, lessons=1)
    pass_modules(room.world.owner, room.course, now=room.at + days(1))

    first = room.get("/training/history/")
    more = first.content.decode().split('href="/training/history/?')[1].split('"')[0]
    second = room.get(f"/training/history/?{more}")

    assert list(parse_qs(urlsplit(f"?{more}").query)) == ["cursor"]
    assert (main(first).count("Passed, 100%"), main(second).count("Passed, 100%")) == (25, 2)
