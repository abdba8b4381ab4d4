"""One's own certificates: what one holds, until when, what is missing for the others, and what each brings."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.actions import publish_credential

from ...factories import a_person, a_staff_member, acting, signed_in
from ...worlds import (
    World,
    a_colleague,
    a_course_draft,
    a_credential,
    a_world,
    days,
    pass_modules,
    publish,
    read_lesson,
    take_quiz,
    win,
)
from ..parts import assert_parts_stand_alone
from ..reading import main, plain

pytestmark = pytest.mark.django_db
ADDRESS = "/certificates/"


@pytest.fixture
def world(now: datetime) -> World:
    """A credential for all of a course's two modules, valid for 24 months."""
    return a_world(now)


def browser_of(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def part(browser: Client, name: str) -> str:
    """The words of a section."""
    page = browser.get(ADDRESS).content.decode()
    found = re.search(rf'<section id="{name}".*?</section>', page, re.DOTALL)
    return plain(found[0]) if found else ""


def test_nothing_yet_says_what_will_be_here_and_what_it_takes(world: World, now: datetime) -> None:
    win(world.partner, 150_000, at=now)
    with time_machine.travel(now + days(1), tick=False):
        browser = browser_of(world)
        assert part(browser, "held").startswith(
            "Your first certificate stands here It is issued the moment the last quiz of its modules is passed"
        )
        missing = part(browser, "missing")
    assert re.search(r"Master Advanced Partner \d+: Gold, 10.00% → 14.65% About £23 a month", missing)
    assert "2 modules · 16 min left Open: Module 0 8 min Open: Module 1 8 min Start" in missing


def test_what_one_holds_says_until_when_and_from_when_it_can_be_renewed(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    serial = Certificate.objects.get().serial
    with time_machine.travel(now + days(1), tick=False):
        browser = browser_of(world)
        assert part(browser, "held") == (
            "Master Valid Advanced Issued 2 Mar Valid until 2 Mar 2028 Renew from 3 Dec 2027: what you pass again from "
            f"then on counts for the next one. Page to show others PDF No. {serial}"
        )
        assert part(browser, "missing") == "You hold everything there is. Each renewal opens 90 days before its end."


def test_renewing_keeps_the_old_record(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    soon = now + days(700)
    with time_machine.travel(soon, tick=False):
        browser = browser_of(world)
        assert "Renewal is open: pass its modules again before 2 Mar." in part(browser, "held")
        missing = part(browser, "missing")
        assert "Master Advanced Renewal is open" in missing
        assert "keeps your rate Without it your rate goes 11.50% → 10.50% on deals won from 1 Apr." in missing
        assert "Open: Module 0 its quiz again, 3 min" in missing
        for quiz in world.course.quizzes.values():
            take_quiz(world.owner, quiz, now=soon)
        assert "1 earlier certificate Master 2 Mar 2026 to 2 Mar" in part(browser, "held")


def test_an_expired_one_says_so_in_words(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    with time_machine.travel(now + days(800), tick=False):
        browser = browser_of(world)
        assert part(browser, "held").startswith("Master Expired Advanced Issued 2 Mar 2026 Expired 2 Mar")
        assert "Master Advanced Expired" in part(browser, "missing")


def test_a_revoked_one_says_why(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    curator = acting(a_staff_member("curator"))
    revoke(curator, Certificate.objects.get().serial, reason="Found wrong.", now=now + days(10))
    with time_machine.travel(now + days(20), tick=False):
        browser = browser_of(world)
        held = part(browser, "held")
        assert held.startswith("Master Revoked Advanced")
        assert "Revoked 12 Mar: Found wrong." in held
        assert "PDF" not in held


def titles(missing: str) -> list[str]:
    """The two credentials in the order in which they stand."""
    return sorted(("Master", "Quick"), key=missing.index)


def test_what_keeps_the_tier_comes_first_and_says_so(world: World, now: datetime) -> None:
    """Its loss put the tier under notice; a certificate that is nearer brings nothing."""
    win(world.partner, 5_000_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    other = publish(a_course_draft("other", modules=1), now=now)[0]
    read_lesson(world.owner, other.lessons[other.modules[0]][0], now=now)
    publish_credential(
        "quick",
        title="Quick",
        summary="",
        family="pricing",
        advanced=False,
        criterion={"metric": "modules", "only": [str(other.modules[0])], "value": 1},
        valid_months=24,
        effective_from=now,
    )
    curator = acting(a_staff_member("curator"))
    revoke(curator, Certificate.objects.get().serial, reason="Found wrong.", now=now + days(10))
    with time_machine.travel(now + days(11), tick=False):
        missing = part(browser_of(world), "missing")
        home = main(browser_of(world).get("/"))
    assert titles(missing) == ["Master", "Quick"]
    scope = Partner.objects.get(pk=world.partner).name
    without_it = "Without it your rate goes 14.65% → 12.08% on deals won from 11 Apr."
    assert f"Master Advanced Revoked {scope}: keeps Gold {without_it}" in missing
    assert "Keep Gold: " in home
    assert without_it in home


def test_whom_a_leaver_left_with_a_tier_at_risk_sees_what_keeps_it(world: World, now: datetime) -> None:
    win(world.partner, 5_000_000, at=now)
    colleague = a_colleague(world.partner, now=now)
    pass_modules(world.owner, world.course, *world.course.modules[:1], now=now)
    pass_modules(colleague, world.course, now=now)
    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(10))
    with time_machine.travel(now + days(11), tick=False):
        missing = part(browser_of(world), "missing")
    assert "Master Advanced " in missing
    assert ": keeps Gold Without it your rate goes " in missing


def test_outside_every_programme_there_is_no_rate_to_move(world: World) -> None:
    browser = signed_in(a_person())
    assert part(browser, "missing") == (
        "What you can earn the nearest first Master Advanced 2 modules · 16 min left "
        "Open: Module 0 8 min Open: Module 1 8 min Start"
    )


def test_a_member_who_may_not_see_amounts_sees_the_rate_alone(world: World, now: datetime) -> None:
    win(world.partner, 150_000, at=now)
    colleague = a_colleague(world.partner, now=now)
    with time_machine.travel(now + days(1), tick=False):
        missing = part(signed_in(Person.objects.get(pk=colleague.person_id)), "missing")
    assert "10.00% → 14.65%" in missing
    assert "£" not in missing


def test_parts_stand_alone(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    assert assert_parts_stand_alone(browser_of(world), ADDRESS) == ["held", "missing"]


def test_the_page_asks_as_often_for_one_and_for_three(
    world: World, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pass_modules(world.owner, world.course, now=now)
    browser = browser_of(world)
    browser.get(ADDRESS)
    with django_assert_num_queries(5):
        browser.get(ADDRESS)
    for slug in ("second", "third"):
        a_credential(world.course.modules[:1], slug=slug, now=now)
    for quiz in world.course.quizzes.values():
        take_quiz(world.owner, quiz, now=now + days(1))
    assert Certificate.objects.count() == 3
    with django_assert_num_queries(5):
        browser.get(ADDRESS)


def test_strangers_sign_in_first(client: Client) -> None:
    assert client.get(ADDRESS)["Location"] == "/accounts/login/?next=%2Fcertificates%2F"


def test_people_of_the_house_have_none(world: World, manager: Client) -> None:
    assert "Your first certificate stands here" in main(manager.get(ADDRESS))
