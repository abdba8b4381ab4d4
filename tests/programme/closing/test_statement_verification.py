"""`academy verify` measures statements again: each way in which one can be untrue is told."""

from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.statements.models import Statement
from academy.programme.verification.queries import verify

from ...worlds import World, win
from .months import APRIL, a_house, after, collect, profile, sign

pytestmark = [pytest.mark.django_db, pytest.mark.tampers]


@pytest.fixture
def world(now: datetime) -> World:
    """A partner whose April comes to 200.00, which is looked at and not written down yet."""
    world = a_house(now)
    win(world.partner, 200_000, at=now)
    collect(world, APRIL)
    return world


def forge(world: World, *, numbers: dict[str, Any] | None = None, inputs: dict[str, Any] | None = None) -> None:
    """Write the fact of the statement as no action would: its draft with other numbers or other inputs."""
    draft = Statement.objects.get()
    said = {
        "close": str(draft.close_id),
        "month": "2026-04",
        "amount": draft.amount,
        "currency": "GBP",
        "outcome": "pay",
        "pays_on": "2026-05-05",
    }
    at = after(APRIL)
    Fact.objects.create(
        id=uuid7(),
        kind="statement.made",
        partner=world.partner,
        thing_kind="statement",
        thing=draft.pk,
        numbers=said | (numbers or {}),
        rule="agencies-1",
        inputs=draft.inputs | (inputs or {}),
        occurred_at=at,
        effective_at=at,
        recorded_at=at,
    )


def told() -> list[str]:
    """What is said of the statement itself."""
    differences = verify(now=after(APRIL), deep=True).differences
    return [one.split(": ", 2)[-1] for one in differences if "statement.made at" in one]


def test_what_follows_is_silent(world: World) -> None:
    forge(world)
    assert told() == []


@pytest.mark.parametrize(
    ("numbers", "inputs", "said"),
    [
        ({"amount": 1}, {}, "its inputs come to 20000, not 1"),
        ({}, {"minimum": 1}, "the minimum of its plan is 5000, not 1"),
        ({"outcome": "held"}, {}, "its inputs conclude pay, not held"),
        ({}, {"lines": 2}, "the facts before it hold 1 lines of 20000, not 2 of 20000"),
        ({"amount": 9_000}, {"amount": 9_000}, "the facts before it hold 1 lines of 20000, not 1 of 9000"),
        ({"month": "2026-03"}, {}, "the facts before it hold 0 lines of 0, not 1 of 20000"),
        ({}, {"terms": "t-1", "accepted": True}, "the facts before it say accepted: False, not True"),
        ({}, {"payee": 7}, "the checked payee before it was 1, not 7"),
        ({"outcome": "payee"}, {"payee": 0}, "the checked payee before it was 1, not 0"),
        ({}, {"seen": 0}, "the checked payee before it was 0, not 1"),
    ],
)
def test_what_does_not_follow_is_told(world: World, numbers: dict[str, Any], inputs: dict[str, Any], said: str) -> None:
    forge(world, numbers=numbers, inputs=inputs)
    assert told() == [said]


def test_a_payee_that_changed_and_was_not_checked_pays_nothing(world: World) -> None:
    change_payee(THE_HOUSE, world.partner, profile(address="2 Quay Street"), now=after(APRIL))
    forge(world, inputs={"seen": Fact.objects.latest("pos").pos})
    assert told() == ["the checked payee before it was 0, not 1"]


def test_lines_that_a_statement_names_are_open_to_no_other(world: World) -> None:
    forge(world)
    forge(world)
    assert told() == ["the facts before it hold 0 lines of 0, not 1 of 20000"]


def test_a_payment_to_older_details_than_were_approved_is_told(now: datetime) -> None:
    """The first version was checked too, and nobody approved a payment to it."""
    world = a_house(now)
    change_payee(world.owner, world.partner, profile(address="2 Quay Street"), now=now)
    check_payee(THE_HOUSE, world.partner, 2, now=now)
    win(world.partner, 200_000, at=now)
    statement = Statement.objects.get(close=sign(collect(world, APRIL)))
    at = after(APRIL, 5)
    numbers = {"payout": str(uuid7()), "attempt": 1, "amount": 20_000, "currency": "GBP", "paid_on": "2026-05-05"}
    Fact.objects.create(
        id=uuid7(),
        kind="statement.paid",
        partner=world.partner,
        thing_kind="statement",
        thing=statement.pk,
        numbers={**numbers, "payee": 1},
        occurred_at=at,
        effective_at=at,
        recorded_at=at,
    )
    differences = [
        one.split(": ", 2)[-1] for one in verify(now=at, deep=True).differences if "statement.paid at" in one
    ]
    assert differences == ["it was paid to payee 1, though it was approved with 2"]
