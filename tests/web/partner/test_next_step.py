"""The next step says the same on Home, in the hub, on the what-if page and in the API, whatever it is about."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor

from ...api.calls import Program
from ...factories import signed_in
from ...worlds import World, a_colleague, a_world, days, pass_modules, read_lesson, win
from ..reading import main, plain

pytestmark = pytest.mark.django_db


def browser_of(actor: Actor) -> Client:
    return signed_in(Person.objects.get(pk=actor.person_id))


def at_risk(now: datetime) -> World:
    """Gold, of which everything rests on somebody who left; one quiz is missing to replace it."""
    world = a_world(now, modules=1)
    win(world.partner, 150_000, at=now)
    leaver = a_colleague(world.partner, now=now)
    pass_modules(leaver, world.course, now=now)
    read_lesson(world.owner, world.course.lessons[world.course.modules[0]][0], now=now + days(1))
    remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(2))
    return world


def told(actor: Actor, address: str) -> str:
    return main(browser_of(actor).get(address))


def part(actor: Actor, address: str, name: str) -> str:
    page = browser_of(actor).get(address).content.decode()
    return plain(page.split(f'id="{name}"')[1].split("</article>")[0])


HEADLINE = "Keep Gold: pass one quiz by 3 Apr"
WITHOUT = "Without it your rate goes 14.65% → 10.00% on deals won from 3 Apr."


def test_what_keeps_stands_first_everywhere(now: datetime) -> None:
    world = at_risk(now)
    quiz = world.course.quizzes[world.course.modules[0]]
    with time_machine.travel(now + days(3), tick=False):
        home, hub = told(world.owner, "/"), told(world.owner, "/training/")
        what_if, again = (
            part(world.owner, "/what-if/", "result"),
            part(world.owner, "/what-if/?module=&sales=", "result"),
        )
        in_short = part(world.owner, "/what-if/", "in-short")
        step = Program(world.owner, now=now + days(3)).get("/me/standing")["next_step"]

    money = "About £23 a month, from the £1,500 you won in the last 90 days."
    assert f"Your next step · 3 min {HEADLINE} Module 0. {WITHOUT} {money} Take the quiz See the arithmetic" in home
    assert "Rate today on automation 14.65%" in home
    assert f"{HEADLINE} Module 0. {WITHOUT} {money} Take the quiz See the arithmetic" in hub
    assert "Gold: kept. Without this it falls on 3 Apr." in what_if
    assert "Your training bonus: kept. Without this it falls on 3 Apr." in what_if
    assert "Rate 14.65% Without these, from 3 Apr 10.00%" in what_if
    assert (
        "On a £1,000 deal now £146.50 Then £146.50 Without these, from 3 Apr £100.00 Kept, about, a month £23 Kept, "
        f"about, a year £279 {money}" in what_if
    )
    assert "14.65% kept, else 10.00% from 3 Apr" in in_short
    assert "kept" not in again.lower()
    assert step == {
        "title": HEADLINE,
        "url": f"/training/lessons/{quiz}/",
        "minutes": 3,
        "modules": [str(world.course.modules[0])],
        "certificates": [str(world.credential)],
        "sales": None,
        "keeps": {
            "parts": ["tier", "bonus", "uplift"],
            "until": "2026-04-03T09:00:00Z",
            "rate_without": "10.00",
            "monthly": {"amount": "23.25", "currency": "GBP"},
        },
        "awaits": None,
        "effect": {
            "tier": None,
            "rate": "0.00",
            "rate_after": "14.65",
            "monthly": {"amount": "0.00", "currency": "GBP"},
        },
    }


def test_home_what_if_and_api_say_the_same_of_what_is_kept(now: datetime) -> None:
    """Members read rate and day; sums are for those who may see amounts."""
    world = at_risk(now)
    member = a_colleague(world.partner, now=now)
    module = world.course.modules[0]
    sums = "About £23 a month, from the £1,500 you won in the last 90 days."
    told_by = {}
    with time_machine.travel(now + days(3), tick=False):
        for who, actor in (("owner", world.owner), ("member", member)):
            home, what_if = told(actor, "/"), told(actor, f"/what-if/?module={module}")
            program = Program(actor, now=now + days(3))
            step = program.get("/me/standing")["next_step"]
            assert WITHOUT in home
            assert "Rate 14.65% Without these, from 3 Apr 10.00%" in what_if
            assert "Without these, from 3 Apr £100.00" in what_if
            told_by[who] = (step["keeps"]["monthly"], sums in home, sums in what_if, "Kept, about, a month" in what_if)
    assert told_by == {
        "owner": ({"amount": "23.25", "currency": "GBP"}, True, True, True),
        "member": (None, False, False, False),
    }


def test_a_part_of_it_keeps_what_it_keeps_and_the_rest_falls(now: datetime) -> None:
    """One module of two keeps Silver; bonus and certificate fall all the same."""
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    leaver = a_colleague(world.partner, now=now)
    pass_modules(leaver, world.course, now=now)
    remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(2))
    address = f"/what-if/?module={world.course.modules[0]}"
    with time_machine.travel(now + days(3), tick=False):
        what_if = part(world.owner, address, "result")
        in_short = part(world.owner, address, "in-short")
        (notice, *_others) = [
            line["sentence"]
            for line in Program(world.owner, now=now).get("/me/notices")["items"]
            if "becomes" in line["sentence"]
        ]
    assert "Rate 14.65% With these, from 3 Apr 11.50% Without these, from 3 Apr 10.00%" in what_if
    assert "With these, from 3 Apr £115.00 Without these, from 3 Apr £100.00 Kept, about, a month £8" in what_if
    assert "11.50% kept, else 10.00% from 3 Apr" in in_short
    assert "with all that falls by then it would be 10.00%, about £23 less a month" in notice


def test_what_is_kept_where_it_moves_no_rate_has_no_figures(now: datetime) -> None:
    """Silver pays what Bronze pays."""
    core = {"metric": "core_modules", "value": 1}
    silver = {"slug": "silver", "name": "Silver", "multiplier": 1, "enter": core, "stay": core}
    world = a_world(now, modules=2, tiers=[{"slug": "bronze", "name": "Bronze", "multiplier": 1}, silver])
    leaver = a_colleague(world.partner, now=now)
    pass_modules(leaver, world.course, world.course.modules[0], now=now)
    remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(2))
    with time_machine.travel(now + days(3), tick=False):
        what_if, in_short = (part(world.owner, "/what-if/", name) for name in ("result", "in-short"))
    assert "Silver: kept. Without this it falls on 3 Apr." in what_if
    assert "Without these" not in what_if
    assert "Your rate stays 10.00%" in in_short


def test_sales_that_come_after_the_fall_keep_nothing(now: datetime) -> None:
    won = {"metric": "won", "window": "trailing:12m", "value": {"GBP": 10_000}}
    silver = {"slug": "silver", "name": "Silver", "multiplier": "1.15", "enter": won, "stay": won}
    world = a_world(now, modules=1, tiers=[{"slug": "bronze", "name": "Bronze", "multiplier": 1}, silver])
    win(world.partner, 20_000, at=now)
    late = now + days(370)
    with time_machine.travel(late, tick=False):
        said = {
            month: part(world.owner, f"/what-if/?sales=200&month={month}", "result")
            for month in ("2027-03", "2027-04", "2027-05")
        }
    kept = "Silver: kept. Without this it falls on 6 Apr."
    assert {month: kept in text for month, text in said.items()} == {"2027-03": True, "2027-04": True, "2027-05": False}


def test_only_sales_are_missing(now: datetime) -> None:
    """The owner reads which sum; a member that it is sales."""
    world = a_world(now, modules=2)
    win(world.partner, 7_500, at=now)
    pass_modules(world.owner, world.course, now=now)
    member = a_colleague(world.partner, now=now)
    pass_modules(member, world.course, now=now)
    with time_machine.travel(now + days(1), tick=False):
        home, hub = told(world.owner, "/"), told(world.owner, "/training/")
        members = told(member, "/")
        asks = re.findall(r'href="(/what-if/[?][^"]*)"', browser_of(world.owner).get("/").content.decode())
        what_if = part(world.owner, "/what-if/?sales=25.00", "result")
        step = Program(world.owner, now=now + days(1)).get("/me/standing")["next_step"]
        hidden = Program(member, now=now + days(1)).get("/me/standing")["next_step"]

    assert "Your next step £25 from Silver" in home
    assert "Your next step £25 from Silver" in hub
    assert "Only sales are missing for Silver" in members
    assert "£25" not in members
    assert asks == ["/what-if/?sales=25.00"]
    assert "Bronze → Silver" in what_if
    assert (step["title"], step["url"], step["modules"], step["sales"], step["effect"]["tier"], step["keeps"]) == (
        "£25 from Silver",
        "/what-if/",
        [],
        {"amount": "25.00", "currency": "GBP"},
        "Silver",
        None,
    )
    assert (hidden["title"], hidden["sales"]) == ("Only sales are missing for Silver", None)


def test_nothing_left_but_to_renew(now: datetime) -> None:
    """Gold, all done; the certificate ends in two months, and the notice would run a month longer."""
    world = a_world(now, modules=1)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    soon = now + days(670)
    win(world.partner, 150_000, at=soon)
    with time_machine.travel(soon, tick=False):
        home = told(world.owner, "/")
        what_if = part(world.owner, "/what-if/", "result")
    assert "Your next step · 3 min Keep Gold: renew by 1 Apr Module 0." in home
    assert "Gold: kept. Without this it falls on 1 Apr." in what_if


def test_what_neither_learning_nor_a_sum_keeps_says_what_is_missing(now: datetime) -> None:
    """Silver asks for two clients, and one took its order back."""
    clients = {"metric": "active_clients", "window": "trailing:6m", "value": 1}
    silver = {"slug": "silver", "name": "Silver", "multiplier": "1.15", "enter": clients, "stay": clients}
    bronze = {"slug": "bronze", "name": "Bronze", "multiplier": 1}
    world = a_world(now, modules=1, tiers=[bronze, silver])
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    late = now + days(190)
    with time_machine.travel(late, tick=False):
        home = told(world.owner, "/")
    said = "Silver becomes Bronze on 8 Oct unless its requirements hold again by then: 1 more active client."
    assert f"Your next step Keep Silver {said}" in home
