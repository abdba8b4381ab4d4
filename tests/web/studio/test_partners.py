"""The studio's list of partners: what it says, who may see it, and that its rows change where they stand."""

import re
from datetime import datetime
from html import unescape

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.people.partners.models import Partner
from academy.programme.standing.actions import bring_up_to_date, enrol_partner

from ...factories import a_partner, a_staff_member, signed_in
from ...worlds import World, a_colleague, a_partner_in, a_world, days, pass_modules, win, written_plan
from ..parts import assert_parts_stand_alone
from ..reading import heading, main, plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_2026")]
ADDRESS = "/studio/partners/"


@pytest.fixture
def world(now: datetime) -> World:
    """One partner, Anchor, that is Gold."""
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    return world


def rows(page: str) -> list[list[str]]:
    """The cells of each partner's row."""
    found = re.findall(r'<tr id="row-[^"]*".*?</tr>', page, re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in found]


def test_a_row_and_the_totals(world: World, manager: Client, now: datetime) -> None:
    with time_machine.travel(now + days(1), tick=False):
        answer = manager.get(ADDRESS)
    page = answer.content.decode()
    assert heading(answer) == "Partners"
    assert rows(page) == [["Anchor", "Gold", "14.65%", "1 Apr 2027", "1", "2 of 2", "£1,500", "24 hours ago"]]
    totals = re.search(r"<tfoot.*?</tfoot>", page, re.DOTALL)
    assert totals
    assert plain(totals[0]) == "1 partner 1 £1,500"
    assert "Nothing waits. The next tier that could fall is safe until 1 Apr 2027." in main(answer)


def test_of_who_did_nothing_it_says_so_though_the_house_entered_people(
    world: World, manager: Client, now: datetime
) -> None:
    idle = a_partner_in(world.programme, now=now)
    Partner.objects.filter(pk=idle).update(name="Bolt", slug="bolt")
    a_colleague(idle, now=now)
    bring_up_to_date(idle, now=now)
    with time_machine.travel(now + days(1), tick=False):
        page = manager.get(ADDRESS).content.decode()
    [_, row] = rows(page)
    assert row == ["Bolt", "Bronze", "10.00%", "no end date", "1", "0 of 2", "none", "nothing yet"]


def test_a_notice_that_runs_stands_first_with_the_one_amber_button(world: World, now: datetime) -> None:
    later = now + days(366)
    bring_up_to_date(world.partner, now=later)
    with time_machine.travel(later + days(1), tick=False):
        answer = signed_in(a_staff_member("manager")).get(ADDRESS)
    page = answer.content.decode()
    waits = re.search(r'<section id="waits".*?</section>', page, re.DOTALL)
    assert waits
    assert plain(waits[0]) == "Anchor : Gold becomes Bronze on 2 Apr See what keeps it"
    assert re.findall(r'class="btn(?: small)?"', page) == ['class="btn small"']
    assert rows(page)[0][:4] == ["Anchor", "Gold At risk", "14.65%", "2 Apr"]


def test_a_promotion_that_waits_stands_before_notices(manager: Client, now: datetime) -> None:
    tiers = written_plan([])["tiers"]
    tiers[1] |= {"promotion": "approve"}
    world = a_world(now, tiers=tiers)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    page = manager.get(ADDRESS).content.decode()
    waits = re.search(r'<section id="waits".*?</section>', page, re.DOTALL)
    assert waits
    name = Partner.objects.get(pk=world.partner).name
    assert plain(waits[0]) == (
        f"{name} : meets Silver and waits for a person's word Met since 2 Mar; promised by 5 Mar, so it is late. Decide"
    )
    assert rows(page)[0][1] == "Bronze Waits for a word"


def test_searching_narrowing_and_ordering(world: World, manager: Client, now: datetime) -> None:
    a_partner(name="Cable", slug="cable")

    def names(query: str) -> list[str]:
        return [row[0] for row in rows(manager.get(ADDRESS + query).content.decode())]

    assert names("") == ["Anchor", "Cable"]
    assert names("?q=cab") == ["Cable"]
    assert names("?tier=gold") == ["Anchor"]
    assert names("?risk=1") == []
    assert names("?sort=-rate") == ["Cable", "Anchor"]
    assert names("?sort=nonsense") == ["Anchor", "Cable"]
    assert "No partner fits" in main(manager.get(ADDRESS + "?q=nobody"))


def test_a_column_turns_round_when_pressed_again(world: World, manager: Client) -> None:
    page = manager.get(ADDRESS + "?sort=rate&q=anchor").content.decode()
    head = re.search(r'<th scope="col" class="n" aria-sort="descending"><a href="([^"]*)">Rate', page)
    assert head
    assert unescape(head[1]) == "/studio/partners/?q=anchor&sort=-rate"


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_page_asks_as_often_for_any_number_of_partners(
    count: int, world: World, manager: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count - 1):
        partner = a_partner(name=f"Partner {number:03d}", slug=f"p-{number:03d}")
        enrol_partner(partner.pk, world.programme, at=now, now=now)
    manager.get(ADDRESS)
    with django_assert_num_queries(6):
        page = manager.get(ADDRESS).content.decode()
    assert len(rows(page)) == min(count, 50)


def test_show_more_leads_through_all_of_them(world: World, manager: Client) -> None:
    for number in range(120):
        a_partner(name=f"Partner {number:03d}", slug=f"p-{number:03d}")
    found: list[str] = []
    address = ADDRESS
    for _ in range(3):
        page = manager.get(address).content.decode()
        found += [row[0] for row in rows(page)]
        more = re.search(r'href="([^"]*)" hx-get="\1" hx-select', page)
        address = unescape(more[1]) if more else ""
    assert found == ["Anchor", *(f"Partner {number:03d}" for number in range(120))]
    assert address == ""


def test_a_row_is_asked_for_alone_and_stays_where_it_is(world: World, manager: Client) -> None:
    a_partner(name="Cable", slug="cable")
    parts = assert_parts_stand_alone(manager, ADDRESS)
    assert parts == ["waits", "row-anchor", "row-cable", "totals"]
    # A list that no longer has the row still gets it: nothing moves or vanishes under the hand.
    answer = manager.get(ADDRESS + "?q=anchor", headers={"X-Parts": "row-cable"})
    assert re.findall(r'^<template>\s*<tr id="row-([^"]*)"', answer.content.decode()) == ["cable"]


def test_rows_that_are_asked_for_again_cost_one_query(
    world: World, manager: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in ("cable", "dock"):
        a_partner(slug=slug)
    for wanted in ("row-anchor", "row-anchor,row-cable,row-dock"):
        with django_assert_num_queries(2):
            manager.get(ADDRESS, headers={"X-Parts": wanted})


def test_a_row_of_nobody_is_refused(world: World, manager: Client) -> None:
    assert manager.get(ADDRESS, headers={"X-Parts": "row-nobody"}).status_code == 404


@pytest.mark.parametrize("role", ["manager", "finance", "administrator"])
def test_who_sees_the_list(role: str, world: World) -> None:
    assert len(rows(signed_in(a_staff_member(role)).get(ADDRESS).content.decode())) == 1


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("expert", "Experts will find their sessions and the questions put to them here."),
        ("curator", "Curators will find the catalogue here"),
    ],
)
def test_other_roles_read_what_they_will_find(role: str, sentence: str, world: World) -> None:
    answer = signed_in(a_staff_member(role)).get(ADDRESS)
    assert (answer.status_code, rows(answer.content.decode())) == (200, [])
    assert sentence in main(answer)
    assert "Anchor" not in answer.content.decode()


def test_to_partners_the_studio_is_not_there(owner: Client, client: Client) -> None:
    assert owner.get(ADDRESS).status_code == 404
    assert client.get(ADDRESS)["Location"] == "/accounts/login/?next=%2Fstudio%2Fpartners%2F"


def test_the_first_day_of_the_house(manager: Client) -> None:
    answer = manager.get(ADDRESS)
    assert "No partners yet" in main(answer)
    assert "Nothing waits." in main(answer)


def test_what_is_typed_into_the_address_does_no_harm(world: World, manager: Client) -> None:
    for query in ("?q=%00", "?tier=%00x", "?cursor=nonsense", "?sort=%27", "?q=" + "x" * 500):
        assert manager.get(ADDRESS + query).status_code in (200, 422)


def test_members_of_a_partner_are_counted_while_they_are_there(world: World, manager: Client, now: datetime) -> None:
    a_colleague(world.partner, now=now)
    assert rows(manager.get(ADDRESS).content.decode())[0][4] == "2"
