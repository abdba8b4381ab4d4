"""Home is kept from one look to the next, and is never somebody else's, nor of yesterday."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import add_message, constants
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpResponse
from django.test import Client, RequestFactory

from academy.core import clock
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership, Partner
from academy.web import kept

from ...factories import signed_in
from ...worlds import World, a_colleague, a_world, days, pass_modules, read_lesson, win
from ..reading import main, notes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_kept")]

FOR_ONE_REQUEST = re.compile(r'(name="csrf-token" content|name="csrfmiddlewaretoken" value|data-cursor)="[^"]*"')


@pytest.fixture
def world() -> World:
    """A partner whose owner has read one lesson."""
    at = clock.now() - days(3)
    made = a_world(at, lessons=2)
    Person.objects.update(welcomed_at=at)
    read_lesson(made.owner, made.course.lessons[made.course.modules[0]][0], now=at + days(1))
    return made


def browser_of(person: Any) -> Client:
    return signed_in(Person.objects.get(pk=person))


def text(answer: Any) -> str:
    """A page without what is made for each request."""
    return FOR_ONE_REQUEST.sub(r"\1", answer.content.decode())


def test_a_second_look_reads_no_more_than_who_asks_and_whether_anything_happened(
    world: World, django_assert_num_queries: Any
) -> None:
    browser = browser_of(world.owner.person_id)
    browser.get("/")
    kept.forget()
    with django_assert_num_queries(6):
        first = browser.get("/")
    with django_assert_num_queries(2):
        second = browser.get("/")

    assert text(second) == text(first)
    assert first.headers.keys() == second.headers.keys()


@pytest.mark.parametrize(
    "happens",
    [
        lambda world, now: read_lesson(world.owner, world.course.lessons[world.course.modules[1]][0], now=now),
        lambda world, now: pass_modules(world.owner, world.course, *world.course.modules, now=now),
        lambda world, now: win(world.partner, 5_000_000, at=now),
        lambda world, now: Person.objects.filter(pk=world.owner.person_id).update(name="Renamed"),
        lambda world, now: Person.objects.filter(pk=world.owner.person_id).update(email="other@example.com", name=""),
        lambda world, now: Person.objects.filter(pk=world.owner.person_id).update(theme="dark"),
        lambda world, now: Partner.objects.filter(pk=world.partner).update(name="Renamed"),
        lambda world, now: Membership.objects.filter(partner=world.partner).update(role="member"),
    ],
    ids=["lesson", "modules", "sale", "name", "address", "theme", "partner's name", "role"],
)
def test_what_happens_is_seen_at_once(world: World, happens: Callable[[World, Any], None]) -> None:
    browser = browser_of(world.owner.person_id)
    before = text(browser.get("/"))

    happens(world, clock.now())
    after = text(browser.get("/"))

    kept.forget()
    assert after != before
    assert after == text(browser.get("/"))


def test_a_theme_chosen_on_this_device_is_seen_at_once(world: World) -> None:
    browser = browser_of(world.owner.person_id)
    assert 'data-theme="dark"' not in text(browser.get("/"))

    browser.cookies["theme"] = "dark"

    assert 'data-theme="dark"' in text(browser.get("/"))
    assert "".join(re.findall(r'value="(\w*)" checked', text(browser.get("/training/")))) == "dark"


def test_times_are_those_of_the_zone_of_now(world: World) -> None:
    browser = browser_of(world.owner.person_id)
    now = clock.now()
    pass_modules(world.owner, world.course, *world.course.modules, now=now)
    win(world.partner, 5_000_000, at=now)
    looks = []
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        Person.objects.filter(pk=world.owner.person_id).update(timezone=zone)
        seen = text(browser.get("/"))
        kept.forget()
        assert seen == text(browser.get("/"))
        looks.append(seen)

    assert looks[0] != looks[1]  # what keeps the tier falls on another day there


def test_nobody_sees_anothers_page(world: World) -> None:
    colleague = a_colleague(world.partner, now=clock.now() - days(2))
    Person.objects.filter(pk=colleague.person_id).update(welcomed_at=clock.now(), name="Colleague")
    pages = {}
    for person in (world.owner.person_id, colleague.person_id):
        browser = browser_of(person)
        pages[person] = text(browser.get("/"))
        kept.forget()
        assert pages[person] == text(browser.get("/"))

    again = {person: text(browser_of(person).get("/")) for person in pages}
    assert again == pages
    assert "Amounts are visible to the owner." in pages[colleague.person_id]
    assert "Amounts are visible to the owner." not in pages[world.owner.person_id]


def test_every_request_has_a_token_of_its_own_and_the_cursor_of_now(world: World) -> None:
    browser, other = browser_of(world.owner.person_id), browser_of(world.owner.person_id)
    pages = [one.get("/").content.decode() for one in (browser, browser, other)]
    tokens = [re.findall(r'(?:csrf-token" content|csrfmiddlewaretoken" value)="(\w{64})"', page) for page in pages]

    assert [len(set(found)) for found in tokens] == [1, 1, 1]
    assert len({found[0] for found in tokens}) == 3  # masked anew, so that they cannot be guessed from sizes
    assert {re.search(r'data-cursor="(\d+)"', page) is not None for page in pages} == {True}
    assert [re.findall(r"(?:token|cursor)-[0-9a-f]{32}", page) for page in pages] == [[], [], []]

    win(a_world(clock.now() - days(1), modules=1).partner, 100, at=clock.now())  # elsewhere; nothing to see here
    before, after = (int(re.findall(r'data-cursor="(\d+)"', page)[0]) for page in (pages[1], _home(browser)))
    assert after > before


def _home(browser: Client) -> str:
    return browser.get("/").content.decode()


def test_the_token_of_a_kept_page_is_taken(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.cookies["sessionid"] = browser_of(world.owner.person_id).cookies["sessionid"].value
    browser.get("/")
    token = re.findall(r'csrfmiddlewaretoken" value="(\w{64})"', _home(browser))[0]

    assert browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token[::-1]}).status_code == 403
    assert browser.post("/accounts/logout/", {"csrfmiddlewaretoken": token}).status_code == 302
    assert browser.get("/").status_code == 302  # signed out: to the page where one signs in


def test_what_is_said_once_is_said_once(world: World) -> None:
    browser = browser_of(world.owner.person_id)
    quiet = text(browser.get("/"))
    browser.cookies["messages"] = _left("Your choice is saved.")

    assert "Your choice is saved." in notes(browser.get("/"))
    assert text(browser.get("/")) == quiet


def _left(words: str) -> str:
    """The cookie that a page leaves for the next one."""
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    add_message(request, constants.SUCCESS, words)
    response = HttpResponse()
    request._messages.update(response)  # type: ignore[attr-defined]
    return response.cookies["messages"].value


def test_a_page_is_written_anew_after_an_hour(world: World, django_assert_num_queries: Any) -> None:
    browser = browser_of(world.owner.person_id)
    browser.get("/")
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False), django_assert_num_queries(6):
        assert browser.get("/").status_code == 200


FRAMED = ("/training/", "/training/catalogue/", "/what-if/", "/team/", "/activity/", "/certificates/", "/profile/")


@pytest.mark.parametrize("address", FRAMED)
def test_the_frame_of_other_pages_is_theirs(world: World, address: str) -> None:
    browser = browser_of(world.owner.person_id)
    fresh = text(browser.get(address))
    for other in FRAMED:
        browser.get(other)

    assert text(browser.get(address)) == fresh
    assert main(browser.get(address))
    assert fresh.count('aria-current="page"') in (1, 2, 3)


def test_what_was_not_asked_for_the_longest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST", 10)
    made = []

    def make(name: str) -> str:
        made.append(name)
        return name * 4

    for name in ("a", "b", "a", "c", "a", "b"):
        assert kept.kept(name, lambda name=name: make(name)) == name * 4  # type: ignore[misc]

    assert made == ["a", "b", "c", "b"]


def test_what_was_made_of_one_template_can_be_dropped_alone() -> None:
    made = []

    def make(name: str) -> str:
        made.append(name)
        return name

    def look() -> None:
        for name in ("page", "rail"):
            kept.kept((name, 1), lambda name=name: make(name))  # type: ignore[misc]

    look()
    kept.forget("page")
    look()

    assert made == ["page", "rail", "page"]
