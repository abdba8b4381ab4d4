"""Error pages keep the house around who is signed in; the frame of every page names the tier."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from academy import urls
from academy.core import clock
from academy.core.errors import Conflict
from academy.people.accounts.models import Person
from academy.web import kept, templates

from ..factories import a_member, a_staff_member
from ..factories import signed_in as browser_of
from ..worlds import World, a_world, days, pass_modules, win


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict("This deal is already accepted.")


def break_down(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


urlpatterns = [path("refuse/", refuse), path("break/", break_down), path("", include(urls))]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def shown(person: Person | None, address: str) -> tuple[int, str, list[str]]:
    """Status, heading, and the rooms in the rail."""
    browser = browser_of(person) if person else Client()
    browser.raise_request_exception = False
    response = browser.get(address)
    text = response.content.decode()
    rail = re.search(r'<aside class="rail".*?</aside>', text, re.DOTALL)
    heading = re.search(r"<h1>(.*?)</h1>", text)
    assert heading, text
    return response.status_code, heading[1], re.findall(r'<a href="([^"]+)"', rail[0]) if rail else []


PARTNERS_ROOMS = ["/", "/training/", "/what-if/", "/team/", "/certificates/", "/activity/"]


@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/nowhere/", 404, "Nothing here"),
        ("/studio/partners/", 404, "Nothing here"),
        ("/refuse/", 409, "That is not possible now"),
        ("/break/", 500, "Something broke on our side"),
    ],
)
def test_who_is_signed_in_keeps_the_navigation(address: str, status: int, heading: str) -> None:
    owner = a_member(role="owner").person
    found, said, rooms = shown(owner, address)
    assert (found, said, [room for room in rooms if room in PARTNERS_ROOMS]) == (status, heading, PARTNERS_ROOMS)


def test_the_house_keeps_its_own_rooms_and_strangers_have_none() -> None:
    assert "/studio/partners/" in shown(a_staff_member("manager"), "/nowhere/")[2]
    assert shown(None, "/nowhere/") == (404, "Nothing here", [])
    assert shown(None, "/break/") == (500, "Something broke on our side", [])


def test_a_frame_that_is_broken_itself_gives_way_to_the_plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(template: str) -> str:
        raise RuntimeError("the rail is torn")

    monkeypatch.setitem(templates.jinja().globals, "framed", torn)
    assert shown(a_member().person, "/break/") == (500, "Something broke on our side", [])


def tier_in(browser: Client, address: str) -> str | None:
    """The tier that the rail names."""
    found = re.search(r'data-figure="tier">([^<]*)<', browser.get(address).content.decode())
    return found[1] if found else None


@pytest.fixture
def silver() -> Iterator[World]:
    """A partner that reached Silver three days ago."""
    kept.forget()
    at = clock.now() - days(3)
    world = a_world(at)
    Person.objects.update(welcomed_at=at)
    win(world.partner, 50_000, at=at + days(1))
    pass_modules(world.owner, world.course, *world.course.modules[:1], now=at + days(2))
    yield world
    kept.forget()


def owner_of(world: World) -> Client:
    return browser_of(Person.objects.get(pk=world.owner.person_id))


@pytest.mark.parametrize(
    "address", ["/", "/training/", "/what-if/", "/team/", "/certificates/", "/activity/", "/profile/", "/search/"]
)
def test_every_page_names_the_tier(silver: World, address: str) -> None:
    assert tier_in(owner_of(silver), address) == "Silver"


@pytest.mark.parametrize("address", ["/", "/training/"])
def test_a_tier_that_falls_when_a_page_is_asked_for_is_named_as_it_is_then(silver: World, address: str) -> None:
    with time_machine.travel(clock.now() + days(370), tick=False):
        assert tier_in(owner_of(silver), address) == "Silver"  # told that it falls in 30 days
    with time_machine.travel(clock.now() + days(402), tick=False):
        assert tier_in(owner_of(silver), address) == "Bronze"


def test_nobody_outside_a_programme_has_a_tier() -> None:
    assert tier_in(browser_of(a_member().person), "/activity/") is None


@pytest.mark.parametrize("way", ["get", "head"])
def test_an_address_without_its_last_slash_leads_to_its_page(client: Client, way: str) -> None:
    asked = ("/demo", "/demo/mail", "/earnings?state=ready", "/studio/today", "/training/courses/discovery")
    answers = [getattr(client, way)(path) for path in asked]
    assert [(one.status_code, one.headers.get("Location")) for one in answers] == [
        (301, "/demo/"),
        (301, "/demo/mail/"),
        (301, "/earnings/?state=ready"),
        (301, "/studio/today/"),
        (301, "/training/courses/discovery/"),
    ]


def test_what_is_nowhere_is_not_led_on(client: Client) -> None:
    asked = ("/nowhere", "/earnings//", "/nowhere/at-all", "/api/v1/nowhere")
    assert [client.get(path).status_code for path in asked] == [404] * 4
    assert client.post("/profile/preferences").status_code == 404
