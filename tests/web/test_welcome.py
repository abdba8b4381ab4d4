"""The first minutes: three questions that may be skipped, and the first lesson with what it counts for."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.test import Client

from academy.core import clock
from academy.people.accounts.models import Person
from academy.people.accounts.queries import profile
from academy.programme.plans.actions import found_programme, publish_plan

from ..factories import signed_in
from ..worlds import (
    World,
    a_colleague,
    a_course_draft,
    a_credential,
    a_partner_in,
    a_world,
    pass_modules,
    publish,
    written_plan,
)
from .reading import heading, main, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> datetime:
    """An instant just passed: pages read the clock themselves."""
    return clock.now() - timedelta(minutes=5)


@pytest.fixture
def world(today: datetime) -> World:
    return a_world(today)


@pytest.fixture
def newcomer(world: World) -> Client:
    """A browser of the owner, who has not been welcomed yet."""
    Person.objects.filter(pk=world.owner.person_id).update(welcomed_at=None, name="Nell Adair")
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def answers(world: World) -> tuple[str, str, int | None, bool]:
    kept = profile(world.owner.person_id)
    return kept.sells, kept.sells_to, kept.minutes_a_week, kept.welcomed_at is not None


def test_home_sends_a_newcomer_here(newcomer: Client) -> None:
    answer = newcomer.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/")
    assert heading(newcomer.get("/welcome/")) == "Welcome, Nell"


def test_answers_are_kept_and_lead_to_the_first_lesson(newcomer: Client, world: World) -> None:
    answer = newcomer.post("/welcome/", {"sells": "ai", "sells_to": "small", "minutes_a_week": "30"})
    assert (answer.status_code, answer["Location"]) == (302, "/welcome/first/")
    assert answers(world) == ("ai", "small", 30, True)
    assert newcomer.get("/").status_code == 200


@pytest.mark.parametrize("sent", [{}, {"skip": "yes", "sells": "ai"}])
def test_all_three_may_be_skipped(newcomer: Client, world: World, sent: dict[str, str]) -> None:
    assert newcomer.post("/welcome/", sent)["Location"] == "/welcome/first/"
    assert answers(world) == ("", "", None, True)


@pytest.mark.parametrize(
    "sent", [{"sells": "hope"}, {"sells_to": "nobody"}, {"minutes_a_week": "17"}, {"minutes_a_week": "many"}]
)
def test_what_is_not_in_the_list_is_refused(newcomer: Client, world: World, sent: dict[str, str]) -> None:
    answer = newcomer.post("/welcome/", sent)
    assert (answer.status_code, answers(world)) == (422, ("", "", None, False))
    assert "Choose or skip." in main(answer)


def test_the_first_lesson_says_how_long_it_takes_and_what_it_counts_for(newcomer: Client, world: World) -> None:
    answer = newcomer.get("/welcome/first/")
    assert (answer.status_code, heading(answer)) == (200, "Lesson 0.0")
    assert "Your first lesson takes 5 minutes and counts towards Silver." in main(answer)
    first = world.course.lessons[world.course.modules[0]][0]
    assert str(first) in answer.content.decode()


def a_newcomer_to_three_levels(now: datetime) -> Client:
    """An owner's browser where a course of each level has a core module, the advanced one first by name."""
    levels = {"delivery": "advanced", "discovery": "beginner", "scoping": "intermediate"}
    drafts = [
        replace(a_course_draft(family, modules=1), level=level, family=family) for family, level in levels.items()
    ]
    modules = [course.modules[0] for course in publish(*drafts, now=now)]
    programme = found_programme("agencies", name="Agencies", timezone="Europe/London")
    plan = written_plan(modules, [a_credential(modules[:1], now=now)])
    publish_plan(None, programme, plan, reason="It opens.", effective_from=now, now=now)
    owner = a_colleague(a_partner_in(programme, now=now), now=now, role="owner")
    Person.objects.filter(pk=owner.person_id).update(welcomed_at=None)
    return signed_in(Person.objects.get(pk=owner.person_id))


@pytest.mark.parametrize(
    ("given", "course", "why"),
    [
        ({"skip": "yes"}, "Discovery", "It is of a course for beginners: nothing is taken for granted."),
        ({"sells": "websites"}, "Scoping", "It fits what you sell."),
        (
            {"sells": "websites", "sells_to": "public", "minutes_a_week": "15"},
            "Scoping",
            "It fits what you sell and to whom. At 15 min a week you finish its module within a week.",
        ),
    ],
)
def test_the_answers_choose_the_first_lesson_and_it_says_why(
    today: datetime, given: dict[str, str], course: str, why: str
) -> None:
    page = main(a_newcomer_to_three_levels(today).post("/welcome/", given, follow=True))
    assert page.startswith(f"{course} · Module 0 Lesson 0.0 Your first lesson takes 5 minutes and counts towards")
    assert why in page


@pytest.mark.parametrize("address", ["/", "/training/"])
def test_the_first_day_begins_with_the_lesson_that_fits(today: datetime, address: str) -> None:
    """Wherever one begins: what the next step brings may be an advanced course's."""
    browser = a_newcomer_to_three_levels(today)
    browser.post("/welcome/", {"skip": "yes"})
    page = browser.get(address).content.decode()
    assert re.findall(r'href="([^"]*)">Your first lesson<', page) == ["/welcome/first/"]
    assert "Discovery · Module 0" in main(browser.get("/welcome/first/"))


def test_what_is_picked_says_what_it_fits(today: datetime) -> None:
    browser = a_newcomer_to_three_levels(today)
    assert " fits " not in main(browser.get("/training/"))
    browser.post("/welcome/", {"sells": "websites", "sells_to": "large", "minutes_a_week": "30"})
    picked = main(browser.get("/training/"))
    assert "Scoping · fits what you sell and to whom, and your 30 min a week" in picked
    assert "Discovery · fits your 30 min a week" in picked


def test_whoever_has_learnt_all_goes_home(newcomer: Client, world: World, today: datetime) -> None:
    pass_modules(world.owner, world.course, now=today)
    answer = newcomer.get("/welcome/first/")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_outside_of_a_programme_it_leads_home(member: Client) -> None:
    assert member.get("/welcome/first/")["Location"] == "/"


def test_strangers_sign_in_first() -> None:
    assert Client().get("/welcome/")["Location"] == "/accounts/login/?next=%2Fwelcome%2F"
    assert wrong(Client().get("/accounts/login/")) == {}
