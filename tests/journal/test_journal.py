"""The journal's promises: order, nothing missed, nothing changed, all or nothing, one action one transaction."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from academy.core.errors import Conflict
from academy.journal import actions, queries
from academy.journal.actions import Decision, Recorded, Thing, action, attempted, flush, reactions, record, seal
from academy.journal.kinds import KINDS, Sort
from academy.journal.models import Fact

from ..quiet import REACTIONS
from ..together import together

# What is recorded here is about nobody: no projection follows from it.
pytestmark = [pytest.mark.django_db, pytest.mark.tampers]
HOUR = timedelta(hours=1)
RULE = Decision("plan-1", {"modules": 6})


@action
def enter(now: datetime, *kinds: str, partner: UUID | None = None, **more: Any) -> int:
    """Record facts of these kinds and seal; answers with the cursor."""
    for kind in kinds:
        decision = RULE if KINDS[kind].sort is Sort.DECISION else None
        record(kind, at=now, now=now, partner=partner, decision=decision, **more)
    return seal()


def kinds_in_order() -> list[str]:
    return list(Fact.objects.order_by("pos").values_list("kind", flat=True))


Follows = Callable[..., None]


@pytest.fixture
def follows(monkeypatch: pytest.MonkeyPatch) -> Follows:
    """Say what follows from what: `follows(at_once={...}, afterwards=(...))`."""

    def set_table(**given: Any) -> None:
        table = replace(REACTIONS, **given)
        monkeypatch.setattr("tests.quiet.REACTIONS", table)
        reactions.cache_clear()

    return set_table


# -- one fact


def test_a_fact_is_kept_whole(now: datetime) -> None:
    partner, person, thing = uuid4(), uuid4(), uuid4()

    @action
    def enter_one() -> tuple[Recorded, int]:
        fact = record(
            "certificate.issued",
            at=now,
            now=now + HOUR,
            partner=partner,
            person=person,
            thing=Thing("certificate", thing),
            occurred_at=now - HOUR,
            numbers={"serial": "7K2M", "credential": thing},
            decision=RULE,
            key="certificate.issued:1",
        )
        return fact, seal()

    fact, cursor = enter_one()
    assert Fact.objects.values().get() == {
        "id": fact.id,
        "pos": cursor,
        "kind": "certificate.issued",
        "partner": partner,
        "person": person,
        "thing_kind": "certificate",
        "thing": thing,
        "numbers": {"serial": "7K2M", "credential": str(thing)},
        "occurred_at": now - HOUR,
        "effective_at": now,
        "recorded_at": now + HOUR,
        "rule": "plan-1",
        "inputs": {"modules": 6},
        "key": "certificate.issued:1",
    }


@pytest.mark.parametrize(("kind", "decision"), [("deal.won", RULE), ("tier.changed", None)])
def test_observations_carry_no_rule_and_decisions_do(now: datetime, kind: str, decision: Decision | None) -> None:
    @action
    def wrong() -> None:
        record(kind, at=now, now=now, decision=decision)

    with pytest.raises(ValueError, match="only decisions carry a rule"):
        wrong()
    assert Fact.objects.count() == 0


@pytest.mark.parametrize(("rule", "inputs"), [("plan-1", None), ("", {})])
def test_the_database_holds_decisions_to_it_too(now: datetime, rule: str, inputs: object) -> None:
    fact = Fact(kind="x", occurred_at=now, effective_at=now, recorded_at=now, rule=rule, inputs=inputs)
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save(force_insert=True)


def test_facts_are_recorded_inside_an_action(now: datetime) -> None:
    for outside in (lambda: record("deal.won", at=now, now=now), seal, lambda: actions.latest_time(uuid4())):
        with pytest.raises(RuntimeError, match="inside an action"):
            outside()
    flush()  # has nothing to write and says nothing


def test_an_unknown_kind_is_our_mistake(now: datetime) -> None:
    with pytest.raises(KeyError):
        enter(now, "deal.dreamt")


def test_what_happens_once_happens_once(now: datetime) -> None:
    enter(now, "deal.won", key="deal:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        enter(now, "deal.won", key="deal:1")
    assert Fact.objects.count() == 1


# -- append-only


@pytest.mark.parametrize(
    "statement",
    [
        "update journal_fact set numbers = '{}'",
        "update journal_fact set pos = pos + 100",
        "update journal_fact set pos = null",
        "update journal_fact set effective_at = now()",
        "delete from journal_fact",
    ],
)
def test_the_database_refuses_to_change_or_lose_a_fact(now: datetime, statement: str) -> None:
    enter(now, "deal.won")
    before = list(Fact.objects.values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Fact.objects.values()) == before


def test_not_even_before_it_has_its_place(now: datetime) -> None:
    @action
    def change() -> None:
        record("deal.won", at=now, now=now)
        flush()
        Fact.objects.update(pos=5, numbers={"amount": 7})

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()


# -- seal


def test_seal_says_the_cursor_of_the_last_fact(now: datetime) -> None:
    first = enter(now, "deal.won")
    assert enter(now, "deal.won", "deal.won", "deal.won") == first + 3
    assert queries.head() == first + 3
    assert list(Fact.objects.order_by("pos").values_list("pos", flat=True)) == [first + n for n in range(4)]


def test_without_a_fact_the_cursor_is_what_everybody_sees(now: datetime) -> None:
    assert (enter(now), queries.head()) == (0, 0)
    cursor = enter(now, "deal.won")
    assert enter(now) == cursor


def test_what_is_flushed_can_be_read_before_the_end(now: datetime) -> None:
    person = uuid4()

    @action
    def read_own() -> list[str]:
        record("lesson.completed", at=now, now=now, person=person)
        flush()
        flush()
        return list(Fact.objects.filter(person=person, kind="lesson.completed").values_list("kind", flat=True))

    assert read_own() == ["lesson.completed"]


# -- all or nothing


def test_a_failing_action_leaves_nothing(now: datetime) -> None:
    @action
    def fail() -> None:
        record("deal.won", at=now, now=now)
        flush()
        raise Conflict("No.")

    with pytest.raises(Conflict):
        fail()
    assert Fact.objects.count() == 0
    assert enter(now, "deal.won") == queries.head()  # and the next one begins with nothing left over


def test_an_action_inside_an_action_belongs_to_it(now: datetime) -> None:
    @action
    def outer() -> None:
        enter(now, "deal.won")
        raise Conflict("No.")

    with pytest.raises(Conflict):
        outer()
    assert Fact.objects.count() == 0


def test_an_action_may_be_attempted_inside_another(now: datetime, follows: Follows) -> None:
    """Where it fails nothing of it is left, written or not, and the outer one goes on."""
    settled, partner = [], uuid4()
    kinds = frozenset({"deal.won", "deal.lost"})
    follows(afterwards=((kinds, lambda *told: settled.append(told[0])),))

    @action
    def lose(*, how: str = "", whose: UUID | None = None) -> str:
        record("deal.lost", at=now, now=now, partner=whose)
        if how == "flushed":
            flush()
        if how:
            raise Conflict(how)
        return "lost"

    @action
    def outer() -> str:
        record("deal.won", at=now, now=now)
        for how in ("flushed", "not yet"):
            with pytest.raises(Conflict, match=how):
                attempted(partial(lose, how=how))
        return attempted(partial(lose, whose=partner))

    assert (outer(), kinds_in_order(), settled) == ("lost", ["deal.won", "deal.lost"], [partner])


def test_a_failing_reaction_takes_the_fact_along(now: datetime, follows: Follows) -> None:
    def refuse(fact: Recorded) -> None:
        raise Conflict("No.")

    follows(at_once={"deal.won": (refuse,)})
    with pytest.raises(Conflict):
        enter(now, "deal.won")
    assert Fact.objects.count() == 0


# -- what follows


def test_reactions_follow_in_order_and_the_partner_is_settled_once(now: datetime, follows: Follows) -> None:
    partner, settled = uuid4(), []

    def completes(fact: Recorded) -> None:
        record("module.completed", at=fact.effective_at, now=now, partner=fact.partner, decision=RULE)

    def issues(fact: Recorded) -> None:
        record("certificate.issued", at=fact.effective_at, now=now, partner=fact.partner, decision=RULE)

    def judge(one: UUID, at: datetime, when: datetime) -> None:
        settled.append((one, at, when))
        if len(settled) == 1:
            record("tier.changed", at=at, now=when, partner=one, decision=RULE)

    follows(
        at_once={"lesson.completed": (completes,), "module.completed": (issues,)},
        afterwards=((frozenset({"module.completed", "certificate.issued"}), judge),),
    )
    enter(now, "lesson.completed", partner=partner)
    assert kinds_in_order() == ["lesson.completed", "module.completed", "certificate.issued", "tier.changed"]
    assert settled == [(partner, now, now)]


def test_facts_without_a_partner_settle_nobody(now: datetime, follows: Follows) -> None:
    settled: list[UUID] = []
    follows(afterwards=((frozenset({"deal.won"}), lambda partner, at, when: settled.append(partner)),))
    enter(now, "deal.won")
    assert settled == []


@pytest.mark.parametrize(
    "table",
    [{"at_once": {"deal.dreamt": ()}}, {"afterwards": ((frozenset({"deal.dreamt"}), print),)}],
)
def test_a_table_that_names_no_kind_of_fact_is_refused_when_loaded(follows: Follows, table: dict[str, Any]) -> None:
    follows(**table)
    with pytest.raises(LookupError, match=r"reacts to deal\.dreamt, which is not a kind of fact"):
        reactions()


def test_the_time_of_what_is_not_written_yet(now: datetime) -> None:
    partner = uuid4()

    @action
    def look() -> list[datetime | None]:
        seen = [actions.latest_time(partner)]
        record("deal.won", at=now + HOUR, now=now, partner=partner)
        record("deal.won", at=now, now=now, partner=partner)
        seen.append(actions.latest_time(partner))
        flush()
        seen.append(actions.latest_time(partner))
        return seen

    assert look() == [None, now + HOUR, None]


# -- reading


def test_somebody_is_told_of_their_own_facts_and_of_their_partners(now: datetime) -> None:
    partner, person = uuid4(), uuid4()
    start = enter(now, "deal.won", partner=partner)
    enter(now + HOUR, "member.joined", partner=partner, person=uuid4())
    enter(now + 2 * HOUR, "lesson.completed", partner=partner, person=person)
    enter(now + 3 * HOUR, "lesson.completed", partner=partner, person=uuid4())

    def kinds(rows: list[tuple[Any, ...]]) -> list[str]:
        return [row[1] for row in rows]

    as_owner = queries.told_to(person, partner=partner, owner=True, after=0, limit=9)
    assert kinds(as_owner) == ["deal.won", "member.joined", "lesson.completed"]
    as_member = queries.told_to(person, partner=partner, owner=False, after=0, limit=2)
    assert kinds(as_member) == ["deal.won", "member.joined"]
    assert kinds(queries.told_to(person, partner=None, owner=False, after=start, limit=9)) == ["lesson.completed"]
    newest = queries.told_before(person, partner=partner, owner=True, before=None, limit=2)
    assert kinds(newest) == ["lesson.completed", "member.joined"]
    assert kinds(queries.told_before(person, partner=partner, owner=True, before=newest[-1][0], limit=2)) == [
        "deal.won"
    ]


# -- many at once


@pytest.mark.django_db(transaction=True)
def test_twelve_writers_and_a_reader_who_misses_nothing(now: datetime) -> None:
    """Positions are in the order in which facts become visible, however long a transaction goes on after entering."""
    writers, each = 12, 25
    done = threading.Event()
    seen: list[int] = []

    @action
    def write(chance: random.Random) -> None:
        record("deal.won", at=now, now=now)
        flush()  # an early place in the transaction, which then goes on
        time.sleep(chance.random() * 0.01)
        record("deal.won", at=now, now=now)

    def read() -> None:
        last = 0
        while True:
            finished = done.is_set()
            found = [row[0] for row in _positions_after(last)]
            seen.extend(found)
            last = found[-1] if found else last
            if finished and not found:
                return
            time.sleep(0.002)

    def work(number: int) -> None:
        if number == writers:
            read()
            return
        chance = random.Random(number)
        try:
            for _ in range(each):
                write(chance)
        finally:
            with counting:
                left.pop()
                if not left:
                    done.set()

    counting, left = threading.Lock(), list(range(writers))
    assert together(writers + 1, work) == [None] * (writers + 1)
    assert len(seen) == len(set(seen)) == 2 * writers * each
    assert seen == sorted(seen)


def _positions_after(last: int) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute("select pos from journal_fact where pos > %s order by pos", [last])
        return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_the_cursor_of_an_action_without_facts_is_never_ahead_of_what_can_be_seen(now: datetime) -> None:
    holds, may_commit = threading.Event(), threading.Event()

    @action
    def slow() -> None:
        record("deal.won", at=now, now=now)
        seal()
        holds.set()
        may_commit.wait(30)

    def quick() -> int:
        holds.wait(30)
        cursor = enter(now)
        may_commit.set()
        return cursor

    assert together(2, lambda number: (slow, quick)[number]()) == [None, 0]


@pytest.mark.django_db(transaction=True)
def test_the_victim_of_a_deadlock_is_run_again_with_the_same_now(now: datetime) -> None:
    keys, meet, runs = (1, 2), threading.Barrier(2), [0, 0]

    @action
    def cross(number: int, *, when: datetime) -> datetime:
        runs[number] += 1
        record("deal.won", at=when, now=when, numbers={"amount": number})
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(99, %s)", [keys[number]])
            if runs[number] == 1:
                meet.wait(30)
            cursor.execute("select pg_advisory_xact_lock(99, %s)", [keys[1 - number]])
        return when

    assert together(2, lambda number: cross(number, when=now)) == [now, now]
    assert sorted(runs) == [1, 2]
    assert sorted(fact.numbers["amount"] for fact in Fact.objects.all()) == [0, 1]


class _DeadlockError(Exception):
    sqlstate = "40P01"


@pytest.mark.parametrize(("cause", "runs"), [(_DeadlockError(), actions.TRIES), (Exception("no state"), 1), (None, 1)])
def test_trying_again_ends(cause: Exception | None, runs: int) -> None:
    tried = []

    @action
    def unlucky() -> None:
        tried.append(1)
        raise OperationalError from cause

    with pytest.raises(OperationalError):
        unlucky()
    assert len(tried) == runs
