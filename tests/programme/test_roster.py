"""The list of every partner: its order, its cursor, what narrows it, and what it comes to."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from academy.core.errors import Forbidden, Refused
from academy.core.pagination import encode_cursor
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.deals.models import Deal
from academy.programme.plans.models import Clock, Programme
from academy.programme.roster import queries
from academy.programme.roster.rules import (
    ORDERS,
    Choice,
    Group,
    Totals,
    Wanted,
    choices,
    is_order,
    totals,
)
from academy.programme.standing.actions import bring_up_to_date

from ..factories import a_member, a_partner, a_person, a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, a_world, days, pass_modules, refund, win

BRONZE = Group("bronze", "Bronze", 1, "GBP", False, 3, 4, 1_000)
GOLD = Group("gold", "Gold", 3, "GBP", True, 1, 2, 5_000)
EUROS = Group("gold", "Gold", 3, "EUR", False, 1, 1, 9_000)
OUTSIDE = Group(None, None, 0, "USD", False, 1, 0, 0)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), Totals(6, 7, 1, [("EUR", 9_000), ("GBP", 6_000)])),
        (Wanted(tier="gold"), Totals(2, 3, 1, [("EUR", 9_000), ("GBP", 5_000)])),
        (Wanted(at_risk=True), Totals(1, 2, 1, [("GBP", 5_000)])),
        (Wanted(tier="none"), Totals(1, 0, 0, [])),
        (Wanted(tier="silver"), Totals(0, 0, 0, [])),
    ],
)
def test_totals_never_add_currencies(wanted: Wanted, expected: Totals) -> None:
    assert totals([BRONZE, GOLD, EUROS, OUTSIDE], wanted) == expected


def test_choices_run_from_the_lowest_tier_and_end_with_those_outside() -> None:
    assert choices([OUTSIDE, GOLD, EUROS, BRONZE]) == [
        Choice("bronze", "Bronze", 3),
        Choice("gold", "Gold", 2),
        Choice("none", "", 1),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("name", True), ("-name", False), ("-sales", True), ("", False), ("--rate", False), ("drop", False)],
)
def test_orders(text: str, expected: bool) -> None:
    assert is_order(text) is expected


@pytest.fixture
def world(now: datetime) -> World:
    """Two partners in a programme, one of them Gold with sales, and one outside."""
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    other = a_partner_in(world.programme, now=now)
    Partner.objects.filter(pk=other).update(name="Bolt 100%", slug="bolt")
    a_colleague(other, now=now)
    a_partner(name="Cable", slug="cable")
    return world


@pytest.mark.django_db
def test_a_line_says_what_a_partner_sees(world: World, now: datetime) -> None:
    line = queries.listed(THE_HOUSE, Wanted()).items[0]
    assert (line.slug, line.tier, line.tier_name, line.rate, line.people, line.core, line.core_total, line.sales) == (
        "anchor",
        "gold",
        "Gold",
        1465,
        1,
        2,
        2,
        150_000,
    )
    assert (line.at_risk, line.awaiting, line.active_at) == (False, None, now)
    outside = queries.listed(THE_HOUSE, Wanted()).items[2]
    assert (outside.slug, outside.tier, outside.rate, outside.core_total, outside.sales, outside.active_at) == (
        "cable",
        None,
        None,
        None,
        None,
        None,
    )


@pytest.mark.django_db
def test_the_last_activity_is_a_partners_own_and_not_the_houses(world: World, now: datetime) -> None:
    later = now + days(3)
    refund(Deal.objects.values_list("pk", flat=True).get(partner_id=world.partner), 1_000, at=later)
    a_colleague(world.partner, now=later)
    assert queries.lines(THE_HOUSE, ["anchor"])["anchor"].active_at == now
    win(world.partner, 5_000, at=later)
    assert queries.lines(THE_HOUSE, ["anchor"])["anchor"].active_at == later


MUCH_DONE = """
    insert into journal_fact (id, kind, partner, thing_kind, numbers, occurred_at, effective_at, recorded_at, rule, pos)
    select uuidv7(), 'lesson.completed', partner, '', '{}', at, at, at, '', nextval('journal_pos')
      from (select uuidv7() as partner from generate_series(1, 100)) partners,
           generate_series(timestamptz '2026-01-01', '2026-02-01', '1 day') at
"""


@pytest.mark.tampers  # facts of nobody
@pytest.mark.django_db
def test_the_last_activity_is_one_look_into_the_index_made_for_it() -> None:
    """Of a journal with facts in it: of an empty one any index costs the same."""
    with connection.cursor() as cursor:
        cursor.execute(MUCH_DONE)
        cursor.execute("analyze journal_fact")
        cursor.execute(f"explain select {queries._ACTIVE_AT} from people_partner p")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan Backward using fact_own_doing" in plan


@pytest.mark.django_db
@pytest.mark.parametrize("order", [*ORDERS, *(f"-{order}" for order in ORDERS if order != "name")])
def test_every_order_has_each_partner_once_across_pages(world: World, order: str) -> None:
    whole = [line.slug for line in queries.listed(THE_HOUSE, Wanted(order=order)).items]
    paged: list[str] = []
    cursor = None
    while True:
        found = queries.listed(THE_HOUSE, Wanted(order=order), cursor=cursor, limit=1)
        paged += [line.slug for line in found.items]
        cursor = found.next
        if cursor is None:
            break
    assert paged == whole
    assert sorted(whole) == ["anchor", "bolt", "cable"]


@pytest.mark.django_db
def test_the_largest_stand_first_unless_turned_round(world: World) -> None:
    assert [line.slug for line in queries.listed(THE_HOUSE, Wanted(order="rate")).items] == ["anchor", "bolt", "cable"]
    assert [line.slug for line in queries.listed(THE_HOUSE, Wanted(order="-rate")).items] == ["cable", "bolt", "anchor"]


@pytest.mark.django_db
def test_search_finds_names_people_and_addresses(world: World) -> None:
    a_member(partner=Partner.objects.get(slug="cable"), person=a_person(name="Zoë Quill", email="zoe@cable.test"))

    def found(q: str) -> list[str]:
        return [line.slug for line in queries.listed(THE_HOUSE, Wanted(q=q)).items]

    assert (found("ANCH"), found("quill"), found("zoe@cable"), found("0%"), found("_"), found("nobody")) == (
        ["anchor"],
        ["cable"],
        ["cable"],
        ["bolt"],
        [],
        [],
    )
    assert [(group.tier, group.partners) for group in queries.groups(THE_HOUSE, "quill")] == [(None, 1)]


@pytest.mark.django_db
def test_tier_and_risk_narrow_the_list(world: World, now: datetime) -> None:
    assert [line.slug for line in queries.listed(THE_HOUSE, Wanted(tier="gold")).items] == ["anchor"]
    assert [line.slug for line in queries.listed(THE_HOUSE, Wanted(tier="none")).items] == ["cable"]
    assert queries.listed(THE_HOUSE, Wanted(at_risk=True)).items == []
    assert (queries.waiting(THE_HOUSE, limit=5), queries.next_look(THE_HOUSE)) == (
        [],
        datetime(2027, 4, 1, 9, 0, tzinfo=UTC),
    )

    Programme.objects.update(clock=Clock.SOURCE)  # of imported history nothing will fall any more
    assert queries.next_look(THE_HOUSE) is None
    Programme.objects.update(clock=Clock.LIVE)

    bring_up_to_date(world.partner, now=now + days(366))

    assert [line.slug for line in queries.listed(THE_HOUSE, Wanted(at_risk=True)).items] == ["anchor"]
    (waits,) = queries.waiting(THE_HOUSE, limit=5)
    assert (waits.slug, waits.held.tier, waits.held.awaiting, [str(one.part) for one in waits.held.warnings]) == (
        "anchor",
        "gold",
        None,
        ["tier"],
    )
    assert waits.first == waits.held.warnings[0]


@pytest.mark.django_db
def test_rows_are_found_by_slug_whatever_narrows_the_list(world: World) -> None:
    assert list(queries.lines(THE_HOUSE, ["bolt", "nobody"])) == ["bolt"]


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["nonsense", encode_cursor(["", "x", "a", "b"]), encode_cursor([1, 2])])
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(Refused, match="not one of ours"):
        queries.listed(THE_HOUSE, Wanted(), cursor=cursor)


@pytest.mark.django_db
def test_only_who_may_see_any_partner_reads_the_list() -> None:
    curator, member = acting(a_staff_member("curator")), acting(a_member(role="owner"))
    for actor in (curator, member):
        for ask in (
            lambda: queries.listed(actor, Wanted()),  # noqa: B023 - called at once
            lambda: queries.lines(actor, ["a"]),  # noqa: B023
            lambda: queries.groups(actor),  # noqa: B023
            lambda: queries.waiting(actor, limit=1),  # noqa: B023
            lambda: queries.next_look(actor),  # noqa: B023
        ):
            with pytest.raises(Forbidden):
                ask()


@pytest.mark.django_db
def test_each_question_is_one_query(world: World, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(2):
        with django_assert_num_queries(3):
            queries.listed(THE_HOUSE, Wanted(order="sales"))
            queries.groups(THE_HOUSE)
            queries.waiting(THE_HOUSE, limit=5)
        a_partner_in(world.programme, now=datetime(2026, 3, 3, tzinfo=UTC))
