"""Without a network, in a real browser: the course one is in opens, what counts is fresh or not shown, and what the
phone keeps is one person's.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from academy.learning.progress.models import LessonProgress
from academy.people.accounts.models import Person

from ...factories import signed_in
from ...worlds import a_colleague
from ..test_shell_browser import CHROMIUM
from .classroom import Classroom, a_classroom

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("academy.texts."));
  const kept = {};
  for (const name of names) {
    const urls = (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname);
    kept[name.replace("academy.texts.", "")] = urls.sort();
  }
  return kept;
}"""


@pytest.fixture
def room(db: None) -> Classroom:
    return a_classroom(modules=2, lessons=2)


@pytest.fixture
def context(browser: Browser, house: str, room: Classroom) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 390, "height": 844}, base_url=house, reduced_motion="reduce")
    sign_in(made, house, room.browser.cookies["sessionid"].value)
    yield made
    made.close()


def sign_in(context: BrowserContext, house: str, session: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": session, "url": house}])


def address(room: Classroom, module: int = 0, number: int = 0) -> str:
    return f"/training/lessons/{room.lesson(module, number)}/"


def expected(room: Classroom) -> list[str]:
    lessons = [address(room, module, number) for module in (0, 1) for number in (0, 1)]
    return sorted([*lessons, "/offline/", "/offline/index.json"])


def finished() -> list[UUID]:
    return list(LessonProgress.objects.exclude(completed_at=None).values_list("lesson_id", flat=True))


def kept_course(context: BrowserContext, room: Classroom) -> Page:
    """A page on the first lesson, when the phone has kept its course."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(address(room))
    until_kept(page, {str(room.world.owner.person_id): expected(room)})
    return page


def expect_to_be_on(page: Page, path: str) -> None:
    """Without a network the browser tells of a navigation that failed, while the worker answers it with what is kept:
    what waits for navigations would now and then take the one for the other.
    """
    expect(page).to_have_url(re.compile(f"{re.escape(path)}$"))


def until_kept(page: Page, wanted: dict[str, list[str]]) -> None:
    """Wait until exactly these addresses are kept, by person."""
    for _ in range(100):
        if page.evaluate(KEPT) == wanted:
            return
        page.wait_for_timeout(100)
    assert page.evaluate(KEPT) == wanted


def test_only_the_lessons_of_the_course_are_kept(context: BrowserContext, room: Classroom) -> None:
    page = kept_course(context, room)
    page.goto("/")
    page.goto("/training/")

    assert page.evaluate(KEPT) == {str(room.world.owner.person_id): expected(room)}


def test_a_course_is_read_and_finished_without_a_network(context: BrowserContext, room: Classroom) -> None:
    page = kept_course(context, room)
    context.set_offline(True)

    page.get_by_role("button", name="Next").click()
    expect_to_be_on(page, address(room, 0, 1))
    expect(page.get_by_text("You are offline. This is the lesson as it was on")).to_be_visible()
    expect(page.locator("article#lesson")).not_to_be_empty()
    expect(page.get_by_text("Saved on this phone. It is sent")).to_be_visible()
    expect(page.locator("#outline [data-kept-here]")).to_have_count(1)
    assert finished() == []

    with page.expect_response(lambda answer: "/progress" in answer.url):
        context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Saved on this phone. It is sent")).to_be_hidden()
    assert finished() == [room.lesson()]


def test_what_counts_is_never_shown_old(context: BrowserContext, room: Classroom) -> None:
    page = kept_course(context, room)
    page.goto("/")
    context.set_offline(True)
    for path in ("/", "/training/", "/what-if/", f"/training/quizzes/{room.quiz()}/"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
        expect(page.locator("main")).not_to_contain_text("%")

    page.evaluate("dispatchEvent(new Event('online'))")  # a network that is said to be there and is not
    page.locator("[data-kept-list] a").nth(2).click()
    expect_to_be_on(page, address(room, 1, 0))
    expect(page.locator("article#lesson")).to_be_visible()


def test_the_page_asked_for_comes_with_the_network(context: BrowserContext, room: Classroom) -> None:
    page = kept_course(context, room)
    context.set_offline(True)
    page.goto("/training/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")

    context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")

    expect(page.get_by_role("heading", level=1)).to_have_text("Training")


def test_signing_out_takes_the_texts_away(context: BrowserContext, room: Classroom) -> None:
    page = kept_course(context, room)
    page.goto("/")
    page.get_by_role("button", name="your account").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/**")

    assert page.evaluate(KEPT) == {}
    context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_FAILED|ERR_INTERNET_DISCONNECTED"):
        page.goto(address(room))


def test_somebody_elses_sign_in_takes_the_texts_away(context: BrowserContext, house: str, room: Classroom) -> None:
    page = kept_course(context, room)
    other = a_colleague(room.world.partner, now=room.at).person_id
    sign_in(context, house, signed_in(Person.objects.get(pk=other)).cookies["sessionid"].value)
    page.goto("/training/")
    until_kept(page, {str(other): ["/offline/"]})


def test_a_network_that_only_seems_to_be_there_loses_no_completion(context: BrowserContext, room: Classroom) -> None:
    context.add_init_script("Object.defineProperty(Navigator.prototype, 'onLine', { get: () => true })")
    page = kept_course(context, room)
    context.set_offline(True)
    page.get_by_role("button", name="Next").click()
    page.wait_for_url(f"**{address(room, 0, 1)}")
    expect(page.get_by_text("Saved on this phone. It is sent")).to_be_visible()

    with page.expect_response(lambda answer: "/progress" in answer.url and answer.ok, timeout=30_000):
        context.set_offline(False)
    expect(page.get_by_text("Saved on this phone. It is sent")).to_be_hidden()
    assert finished() == [room.lesson()]
