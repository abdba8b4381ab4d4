"""What comes through a socket, over a real server and a real journal."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from academy.journal.models import Fact
from academy.live import reads
from academy.live.rules import MOST_FACTS

from .world import (
    Running,
    a_fact,
    a_membership,
    a_partner,
    a_person,
    cursors,
    hello,
    nothing_comes,
    read,
)

pytestmark = pytest.mark.tampers  # facts are entered past every reaction: nothing follows from them

LESSON = UUID(int=9)


def test_a_page_hears_of_its_person_and_partner_and_of_nobody_else(live: Running) -> None:
    anna, ben, partner, other = a_person("anna"), a_person("ben"), a_partner("north"), a_partner("south")
    a_membership(anna, partner)
    a_membership(ben, other, "owner")
    with live.as_page(anna) as page:
        begin = hello(page)
        mine = a_fact("lesson.completed", person=anna, partner=partner, thing=LESSON, course="c", seconds=5)
        a_fact("lesson.completed", person=ben, partner=partner, thing=LESSON)
        a_fact("tier.changed", partner=other)
        a_fact("commission.added", partner=partner, person=ben, amount=5)  # for owners
        won = a_fact("deal.won", partner=partner, person=ben, amount=5)  # the amount for owners
        moved: dict[str, Any] = {"from": "bronze", "to": "silver", "inputs": 3}
        ours = a_fact("tier.changed", partner=partner, **moved)
        everyones = a_fact("plan.published", programme="p", number=2)

        assert [read(page), read(page), read(page), read(page)] == [
            {
                "cursor": mine,
                "kind": "lesson.completed",
                "occurred_at": "2026-03-04T00:00:00Z",
                "subject": {"kind": "lesson", "id": str(LESSON)},
                "data": {"course": "c"},
            },
            {
                "cursor": won,
                "kind": "deal.won",
                "occurred_at": "2026-03-04T00:00:00Z",
                "subject": {"kind": "person", "id": str(ben.pk)},
                "data": {},
            },
            {
                "cursor": ours,
                "kind": "tier.changed",
                "occurred_at": "2026-03-04T00:00:00Z",
                "subject": {"kind": "partner", "id": str(partner.pk)},
                "data": {"from": "bronze", "to": "silver"},
            },
            {
                "cursor": everyones,
                "kind": "plan.published",
                "occurred_at": "2026-03-04T00:00:00Z",
                "subject": None,
                "data": {"programme": "p", "number": 2},
            },
        ]
        assert begin < mine
        assert nothing_comes(page)


def test_a_page_of_ours_hears_that_its_inbox_is_another(live: Running) -> None:
    anna, ben = a_person("anna"), a_person("ben")
    with (
        live.as_page(anna, notices=True) as page,
        live.as_page(anna) as other_page,
        live.as_page(ben, notices=True) as bens,
    ):
        for one in (page, other_page, bens):
            hello(one)
        tell_of_inbox(str(anna.pk))
        assert read(page) == {"kind": "notices"}
        tell_of_inbox("nonsense")
        last = a_fact("lesson.completed", person=anna, thing=LESSON)
        assert [read(one)["cursor"] for one in (page, other_page)] == [last, last]
        assert nothing_comes(bens)


def tell_of_inbox(person: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify('live_notices', %s)", [person])


def test_owners_hear_of_amounts_and_staff_of_everything_once(live: Running) -> None:
    owner, manager, partner = a_person("owner"), a_person("manager", roles=["manager"]), a_partner()
    a_membership(owner, partner, "owner")
    with live.as_page(owner) as page, live.as_page(manager) as studio:
        hello(page)
        hello(studio)
        facts = [
            a_fact("deal.won", partner=partner, person=owner, amount=5),
            a_fact("member.joined", partner=a_partner("south").pk, person=manager),
            a_fact("lesson.completed", person=manager),
            a_fact("plan.published"),
        ]
        assert (cursors(page, 2), cursors(studio, 4)) == ([facts[0], facts[3]], facts)
        assert nothing_comes(page)
        assert nothing_comes(studio)


def test_a_socket_that_was_cut_misses_nothing_and_sees_nobody_elses(live: Running) -> None:
    anna, ben, partner, other = a_person("anna"), a_person("ben"), a_partner("north"), a_partner("south")
    a_membership(anna, partner)
    with live.as_page(anna) as page:
        last = hello(page)
    expected = []
    for number in range(1_200):  # more than two pages of replay
        if number % 2:
            expected.append(a_fact("lesson.completed", person=anna, partner=partner))
        else:
            a_fact("lesson.completed", person=ben, partner=other)
    for kind in ("tier.changed", "member.joined", "deal.won", "certificate.issued", "correction.made"):
        a_fact(kind, person=ben, partner=other)  # what a partner, its owners or the staff are told of
    a_fact("commission.added", partner=partner)  # what only owners of one's own partner are told of
    expected.append(a_fact("deal.won", partner=partner))
    with live.as_page(anna, after=last) as page:
        expected.append(a_fact("tier.changed", partner=partner))
        assert cursors(page, len(expected)) == expected
        assert nothing_comes(page)


def test_facts_that_arrive_during_the_replay_come_once_and_in_order(live: Running) -> None:
    anna = a_person()
    before = [a_fact("lesson.completed", person=anna) for _ in range(200)]
    with live.as_page(anna, after=before[0] - 1) as page:
        after = [a_fact("lesson.completed", person=anna) for _ in range(200)]
        assert cursors(page, 400) == before + after
        assert nothing_comes(page)


def test_a_cursor_of_the_present_goes_on_without_a_greeting(live: Running) -> None:
    anna = a_person()
    last = a_fact("lesson.completed", person=anna)
    with live.as_page(anna, after=last) as page:
        assert nothing_comes(page)
        new = a_fact("lesson.completed", person=anna)
        assert cursors(page, 1) == [new]


def test_the_greeting_stands_where_the_journal_stands(live: Running) -> None:
    anna = a_person()
    last = a_fact("lesson.completed", person=anna)
    with live.as_page(anna) as page:
        assert (hello(page), nothing_comes(page)) == (last, True)


def test_a_cursor_older_than_a_day_is_reset(live: Running) -> None:
    anna = a_person()
    old = a_fact("lesson.completed", person=anna, recorded_at=datetime.now(UTC) - timedelta(hours=25))
    last = a_fact("lesson.completed", person=anna)
    with live.as_page(anna, after=old - 1) as page:
        assert read(page) == {"cursor": last, "kind": "reset"}
        new = a_fact("lesson.completed", person=anna)
        assert cursors(page, 1) == [new]
    with live.as_page(anna, after=old) as page:  # of the time just before the second fact
        assert cursors(page, 2) == [last, new]


def test_a_cursor_from_a_journal_that_is_no_more_is_reset(live: Running) -> None:
    anna = a_person()
    last = a_fact("lesson.completed", person=anna)
    with live.as_page(anna, after=last + 1_000_000) as page:
        assert read(page) == {"cursor": last, "kind": "reset"}


def test_too_many_facts_are_reset_but_those_of_others_do_not_count(
    live: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("academy.live.rules.MOST_FACTS", 3)
    anna, ben = a_person("anna"), a_person("ben")
    first = a_fact("lesson.completed", person=anna)
    mine = [a_fact("lesson.completed", person=anna) for _ in range(3)]
    for _ in range(5):
        last = a_fact("lesson.completed", person=ben)
    with live.as_page(anna, after=first) as page:
        assert cursors(page, 3) == mine
    with live.as_page(anna, after=first - 1) as page:
        assert read(page) == {"cursor": last, "kind": "reset"}
    assert MOST_FACTS == 10_000


def test_a_killed_listener_comes_back_and_nothing_is_missing(live: Running) -> None:
    anna = a_person()
    with live.as_page(anna) as page:
        hello(page)
        for name in ("academy live listen", "academy live reads", "academy live door"):
            with connection.cursor() as cursor:
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = %s and datname = current_database()",
                    [name],
                )
            facts = [a_fact("lesson.completed", person=anna) for _ in range(3)]
            assert cursors(page, 3) == facts
        live.wait(lambda: live.hub.listening)
    with live.as_page(anna, after=facts[0]) as page:
        assert cursors(page, 2) == facts[1:]


def test_a_migration_under_a_running_server_is_survived(live: Running) -> None:
    """A prepared statement whose table has changed is refused by PostgreSQL until it is prepared anew."""
    anna = a_person()
    with live.as_page(anna) as page:
        hello(page)
        first = a_fact("lesson.completed", person=anna)
        assert cursors(page, 1) == [first]
        try:
            for length in (41, 40):
                with connection.cursor() as cursor:
                    cursor.execute(f"alter table journal_fact alter column kind type varchar({length})")
                fact = a_fact("lesson.completed", person=anna)
                assert cursors(page, 1) == [fact]
        finally:
            with connection.cursor() as cursor:
                cursor.execute("alter table journal_fact alter column kind type varchar(40)")


def test_many_facts_at_once_come_in_one_order(live: Running) -> None:
    anna = a_person()
    at = datetime.now(UTC)
    with live.as_page(anna) as page:
        begin = hello(page)
        Fact.objects.bulk_create(
            Fact(kind="lesson.completed", person=anna.pk, occurred_at=at, effective_at=at, recorded_at=at)
            for _ in range(reads.BATCH + 200)
        )
        seen: list[int] = []
        while len(seen) < reads.BATCH + 200:
            seen.append(read(page)["cursor"])
        assert (seen[0] > begin, seen == sorted(set(seen))) == (True, True)


def test_frames_come_soon(live: Running) -> None:
    anna = a_person()
    with live.as_page(anna) as page:
        hello(page)
        waited = []
        for _ in range(20):
            a_fact("lesson.completed", person=anna)
            begun = time.perf_counter()
            read(page)
            waited.append(time.perf_counter() - begun)
        assert sorted(waited)[10] < 0.5  # milliseconds where nothing else runs
