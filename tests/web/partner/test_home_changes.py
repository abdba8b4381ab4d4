"""What changed, on Home: each line leads to how it came, or to what keeps what will fall."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from academy.journal.models import Fact
from academy.learning.progress.actions import enrol
from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE

from ...factories import signed_in
from ...worlds import a_colleague, a_world, days, pass_modules, read_lesson, win
from ..reading import main, plain

pytestmark = pytest.mark.django_db


def lines(browser: Client) -> list[tuple[str, str]]:
    """The lines with where they lead."""
    page = browser.get("/").content.decode()
    block = page.split('id="changed"')[1].split("</section>")[0].split("<section")[0]
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', block)
    return [(plain(text), href.replace("&amp;", "&")) for href, text in links]


def test_what_rose_leads_to_how_it_came(now: datetime) -> None:
    world = a_world(now)
    Person.objects.update(welcomed_at=now)
    win(world.partner, 5_000_000, at=now)
    pass_modules(world.owner, world.course, now=now + days(1))
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    with time_machine.travel(now + days(2), tick=False):
        found = lines(browser)
        facts = Fact.objects.filter(partner=world.partner, kind__in=("tier.changed", "rate.changed")).order_by("-pos")
        assert [href for _, href in found] == [f"/activity/?before={(fact.pos or 0) + 1}" for fact in facts[:3]]
        risen = dict(found)["Gold, was Silver · core modules passed · since 3 Mar"]
        activity = main(browser.get(risen))
    # First the change itself, then what it followed from.
    assert activity.index("Gold") < activity.index("Certificate issued: Master") < activity.index("Quiz passed")


def test_what_will_fall_leads_to_what_keeps_it(now: datetime) -> None:
    world = a_world(now)
    Person.objects.update(welcomed_at=now)
    win(world.partner, 5_000_000, at=now)
    colleague = a_colleague(world.partner, now=now)
    pass_modules(colleague, world.course, now=now + days(1))
    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(2))
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    with time_machine.travel(now + days(3), tick=False):
        found = dict(lines(browser))
        href = found[
            "Gold becomes Bronze on 3 Apr unless its requirements hold again by then: 2 core modules, 1 advanced "
            "certificate"
        ]
        assert href == "/what-if/?" + "&".join(f"module={module}" for module in world.course.modules)
        assert "Gold: kept. Without this it falls on 3 Apr." in main(browser.get(href))


def test_who_has_begun_and_finished_nothing_meets_no_zeros(now: datetime) -> None:
    world = a_world(now, lessons=2)
    Person.objects.update(welcomed_at=now)
    enrol(world.owner, world.course.id, now=now)
    with time_machine.travel(now + days(1), tick=False):
        browser = signed_in(Person.objects.get(pk=world.owner.person_id))
        home, hub = main(browser.get("/")), main(browser.get("/training/"))
        assert "gather here from your first lesson on" in home
        assert "Core modules passed 1" in home
        assert [zero for zero in (" 0%", "£0", " 0 of", " 0 s") if zero in home] == []
        assert "What you learn here moves your tier and your rate." in hub
        read_lesson(world.owner, world.course.lessons[world.course.modules[0]][0], now=now + days(1))
        assert "Modules 0 of 2" in main(browser.get("/"))
