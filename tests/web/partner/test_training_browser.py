"""Learning in a real browser, on a phone: a lesson that remembers, a quiz by keyboard, and what it brought."""

import json
from collections.abc import Iterator
from typing import Literal
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from academy.learning.progress.models import LessonProgress, Play

from ...worlds import days, pass_modules
from ..test_shell_browser import AXE, CHROMIUM
from .classroom import Classroom, a_classroom, a_lesson_of
from .films import FILM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]
WIDE = """1. Do this:

   | Setting | Value | Description |
   |---|---|---|
   | Subscription | *Concierge Subscription* | Select your Concierge Subscription, or read: Subscription |

   > `one_very_long_name_that_nothing_breaks_and_that_is_wider_than_any_telephone_of_this_world`

```
the same in a line of code that goes on and on and on and on and on and on and on and on and on
```
"""
SHORT = "\n\n".join(f"Paragraph {number}: say the price." for number in range(1, 61))
TOP_OF = "document.getElementById('{}').getBoundingClientRect().top"
TO_THE_LINE = "(id) => document.getElementById(id).getBoundingClientRect().top - innerHeight * 0.4 + 2"
LEAVES = 6
LONG = "\n\n".join(f"Paragraph {number}. " + "Say the price, then stop. " * 12 for number in range(1, 21))


@pytest.fixture
def room(db: None) -> Classroom:
    return a_classroom(modules=1, lessons=1)


@pytest.fixture
def context(browser: Browser, house: str, room: Classroom) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 390, "height": 844}, base_url=house, reduced_motion="reduce")
    made.add_cookies([{"name": "sessionid", "value": room.browser.cookies["sessionid"].value, "url": house}])
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    made = context.new_page()
    made.set_default_timeout(10_000)
    return made


def until(page: Page, expression: str) -> None:
    """Wait for this to be true; asked from outside, since the policy of our pages lets nothing be evaluated inside."""
    for _ in range(100):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    assert page.evaluate(expression), expression


def read_until(page: Page, paragraph: str) -> None:
    """Scroll as a hand does, until this paragraph is the one being read."""
    page.locator("main").hover()
    page.mouse.wheel(0, page.evaluate(TO_THE_LINE, paragraph))
    until(page, f"{TOP_OF.format(paragraph)} <= innerHeight * 0.4")


def place_of(lesson: UUID) -> str:
    return LessonProgress.objects.get(lesson=lesson).anchor


def test_a_lesson_remembers_the_paragraph_and_the_time(page: Page, room: Classroom) -> None:
    lesson = a_lesson_of("article", at=room.at, text=LONG)
    page.clock.install()
    page.goto(f"/training/lessons/{lesson}/")
    read_until(page, "p-9")
    with page.expect_response(lambda answer: "/progress" in answer.url) as saved:
        page.clock.run_for(16_000)

    assert saved.value.status == 200
    assert Play.objects.get().seconds in (14, 15, 16)
    assert place_of(lesson) == "p-9"
    page.reload()
    expect(page.locator("#p-9.was-here")).to_be_in_viewport()


@pytest.mark.parametrize(("width", "height"), [(1440, 1100), (390, 844)])
def test_opening_a_lesson_again_and_again_moves_nothing(
    browser: Browser, house: str, room: Classroom, width: int, height: int
) -> None:
    """Its paragraphs are short: many of them lie between the middle of the window and the line of reading."""
    lesson = a_lesson_of("article", at=room.at, text=SHORT)
    made = browser.new_context(viewport={"width": width, "height": height}, base_url=house, reduced_motion="reduce")
    made.add_cookies([{"name": "sessionid", "value": room.browser.cookies["sessionid"].value, "url": house}])
    page = made.new_page()
    page.goto(f"/training/lessons/{lesson}/")
    read_until(page, "p-29")
    with page.expect_response(lambda answer: "/progress" in answer.url):
        page.goto("/training/")
    places = [place_of(lesson)]
    for _ in range(5):
        page.goto(f"/training/lessons/{lesson}/")
        expect(page.locator("#p-29.was-here")).to_be_in_viewport()
        page.wait_for_timeout(300)
        page.goto("/training/")
        page.wait_for_timeout(100)
        places.append(place_of(lesson))
    page.goto(f"/training/lessons/{lesson}/")
    page.mouse.wheel(0, 4)  # one goes on from where one was
    page.wait_for_timeout(300)
    with page.expect_response(lambda answer: "/progress" in answer.url):
        page.goto("/training/")
    made.close()
    assert [*places, place_of(lesson)] == ["p-29"] * 7


def test_nothing_is_lost_by_leaving_a_lesson_by_a_link(page: Page, room: Classroom) -> None:
    """With the service worker between page and network, which loses most of what a page sends while it is left."""
    lessons = [a_lesson_of("article", at=room.at, text=LONG, course=f"long-{number}") for number in range(LEAVES)]
    page.goto("/training/")
    until(page, "navigator.serviceWorker.controller !== null")
    for lesson in lessons:
        page.goto(f"/training/lessons/{lesson}/")
        read_until(page, "p-9")
        page.wait_for_timeout(1_500)
        page.get_by_role("link", name="Back", exact=True).click()
        page.wait_for_url("**/training/courses/**")
        until(page, "!Object.keys(localStorage).some((key) => key.startsWith('academy.unsent.'))")

    kept = {one.lesson_id: (one.anchor, one.seconds > 0) for one in LessonProgress.objects.all()}
    assert kept == dict.fromkeys(lessons, ("p-9", True))


def test_a_film_plays_goes_on_where_it_was_left_and_is_finished(page: Page, room: Classroom) -> None:
    lesson = a_lesson_of("video", at=room.at, attachments=(FILM,))
    page.goto(f"/training/lessons/{lesson}/")
    page.wait_for_function("document.querySelector('video').readyState >= 1")
    assert page.evaluate("document.querySelector('video').duration") == 60
    with page.expect_response(lambda answer: "/progress" in answer.url):
        page.evaluate("""async () => {
            const film = document.querySelector("video");
            film.muted = true;
            film.currentTime = 30;
            await new Promise((done) => film.addEventListener("seeked", done, { once: true }));
            await film.play();
            await new Promise((done) => setTimeout(done, 1500));
            film.pause();
        }""")
    kept = LessonProgress.objects.get(lesson=lesson)
    assert (kept.anchor in ("t-31", "t-32"), 0.5 < kept.position < 0.6, kept.completed_at) == (True, True, None)

    page.reload()
    page.wait_for_function(f"document.querySelector('video').currentTime === {kept.anchor[2:]}")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/done/**")
    assert LessonProgress.objects.get(lesson=lesson).completed_at is not None


def test_without_a_network_a_lesson_is_finished_on_the_phone(
    page: Page, context: BrowserContext, room: Classroom
) -> None:
    page.goto(f"/training/lessons/{room.lesson()}/")
    context.set_offline(True)
    page.get_by_role("button", name="Next").click()

    expect(page.get_by_text("Saved on this phone.")).to_be_visible()
    assert not LessonProgress.objects.exists()

    with page.expect_response(lambda answer: "/progress" in answer.url):
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Saved on this phone.")).to_be_hidden()
    assert LessonProgress.objects.get().completed_at is not None


def test_a_quiz_by_keyboard_one_question_a_screen(page: Page, room: Classroom) -> None:
    pass_modules(room.world.owner, room.course, now=room.at + days(1))
    page.goto(f"/training/quizzes/{room.quiz()}/?again=1")

    expect(page.locator(".question:visible")).to_have_count(1)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Choose an answer first.")).to_be_visible()
    page.locator(".opt input:visible").first.focus()
    page.keyboard.press("1")
    page.reload()
    expect(page.locator(".opt input:checked")).to_have_count(1)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Passed with 100%")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_to_complain_of(
    browser: Browser, house: str, room: Classroom, scheme: Literal["light", "dark"]
) -> None:
    """The pages that the walk through the demo academy does not come by."""
    pass_modules(room.world.owner, room.course, now=room.at + days(1))
    addresses = [
        "/training/?minutes=30",
        f"/training/quizzes/{room.quiz()}/?again=1",
        f"/training/quizzes/{room.quiz()}/result/",
        f"/training/lessons/{room.quiz()}/done/",
        f"/training/lessons/{a_lesson_of('article', at=room.at, text=WIDE)}/",
        "/offline/",
    ]
    made = browser.new_context(base_url=house, color_scheme=scheme)
    made.add_cookies([{"name": "sessionid", "value": room.browser.cookies["sessionid"].value, "url": house}])
    page = made.new_page()
    assert {address: _complaints(page, address) for address in addresses} == {address: [] for address in addresses}
    made.close()


def _complaints(page: Page, address: str) -> list[str]:
    page.goto(address)
    page.evaluate(AXE.read_text())
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    wrong = []
    for width in (1440, 320):
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(f"axe.run(document, {{ runOnly: {json.dumps(rules)} }})")["violations"]
        wrong += [f"{width}: {one['id']}: {one['nodes'][0]['target']}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{width}: sideways scroll")
    return wrong
