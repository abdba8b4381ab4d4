"""A pinned tier: held whatever is measured, and ended like everything that falls, after a notice."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.history.queries import stood
from academy.programme.pins.actions import pin_tier, unpin_tier
from academy.programme.pins.models import TierPin
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import stands

from ..factories import a_partner, a_person
from ..worlds import World, a_world, days, win

pytestmark = pytest.mark.django_db
GRACE = timedelta(days=30)


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


def pin(world: World, now: datetime, tier: str = "silver", *, until: datetime | None = None) -> TierPin:
    reason = "They opened the north for us."
    return pin_tier(THE_HOUSE, world.partner, tier, until=until or now + days(90), reason=reason, now=now)


def tier_of(partner: UUID) -> tuple[str, bool]:
    row = Standing.objects.get(pk=partner)
    return row.tier, row.at_risk


def test_a_pin_lifts_a_tier_and_pays_by_it(world: World, now: datetime) -> None:
    pin(world, now)
    win(world.partner, 10_000, at=now + days(1))
    row = Standing.objects.get(pk=world.partner)
    assert (row.tier, row.rate, row.next_change_at) == ("silver", 1150, now + days(90))
    assert row.safe_until == now + days(90) + GRACE
    assert CommissionLine.objects.get().rate == 1150
    assert [(one.kind, one.numbers.get("cause")) for one in Fact.objects.filter(kind="tier.changed")] == [
        ("tier.changed", "pinned")
    ]


def test_what_a_pin_kept_falls_only_after_its_notice(world: World, now: datetime) -> None:
    pin(world, now)
    ends = now + days(90)
    bring_up_to_date(world.partner, now=ends + days(1))
    assert tier_of(world.partner) == ("silver", True)
    warned = Fact.objects.get(kind="tier.warned")
    assert (warned.numbers["to"], warned.effective_at) == ("bronze", ends)
    bring_up_to_date(world.partner, now=ends + days(1) + GRACE + days(1))
    assert tier_of(world.partner) == ("bronze", False)


def test_a_pin_that_is_taken_back_is_announced_too(world: World, now: datetime) -> None:
    pin(world, now)
    unpin_tier(THE_HOUSE, world.partner, now=now + days(5))
    assert tier_of(world.partner) == ("silver", True)
    assert TierPin.objects.get().ended_at == now + days(5)
    with pytest.raises(Conflict, match="is pinned"):
        unpin_tier(THE_HOUSE, world.partner, now=now + days(6))


def test_a_pin_answers_a_notice(world: World, now: datetime) -> None:
    pin(world, now)
    unpin_tier(THE_HOUSE, world.partner, now=now + days(5))
    pin(world, now + days(6), until=now + days(300))
    assert tier_of(world.partner) == ("silver", False)


def test_a_later_pin_replaces_the_one_before(world: World, now: datetime) -> None:
    pin(world, now)
    pin(world, now + days(1), "gold", until=now + days(200))
    found = stands(world.partner)
    assert found is not None
    assert found.held.pin is not None
    assert (found.held.tier, found.held.pin.tier) == ("gold", "gold")
    assert list(TierPin.objects.order_by("pinned_at").values_list("tier", "ended_at")) == [
        ("silver", now + days(1)),
        ("gold", None),
    ]


def test_the_standing_of_a_day_knows_its_pin(world: World, now: datetime) -> None:
    pin(world, now + days(1))
    unpin_tier(THE_HOUSE, world.partner, now=now + days(5))
    tiers = []
    for day in (0, 2, 6):
        found = stood(world.partner, world.programme, "GBP", now + days(day))
        assert found is not None
        tiers.append((found.held.tier, found.held.pin is not None))
    assert tiers == [("bronze", False), ("silver", True), ("silver", False)]


def test_what_cannot_be_pinned(world: World, now: datetime) -> None:
    pin(world, now)
    for tier, until, reason, field in (
        ("bronze", now + days(9), "Why.", "tier"),
        ("diamond", now + days(9), "Why.", "tier"),
        ("gold", now, "Why.", "until"),
        ("gold", now + days(800), "Why.", "until"),
        ("gold", now + days(9), " ", "reason"),
    ):
        with pytest.raises(Refused) as refused:
            pin_tier(THE_HOUSE, world.partner, tier, until=until, reason=reason, now=now)
        assert set(refused.value.fields) == {field}


def test_who_pins(world: World, now: datetime) -> None:
    with pytest.raises(Forbidden):
        pin_tier(world.owner, world.partner, "gold", until=now + days(9), reason="Me.", now=now)
    manager = Actor(a_person(roles=("manager",)).pk, frozenset({"manager"}))
    made = pin_tier(manager, world.partner, "gold", until=now + days(9), reason="Why.", now=now)
    assert made.pinned_by_id == manager.person_id
    with pytest.raises(NotFound):
        pin_tier(THE_HOUSE, uuid7(), "gold", until=now + days(9), reason="Why.", now=now)
    with pytest.raises(NotFound):
        pin_tier(THE_HOUSE, a_partner().pk, "gold", until=now + days(9), reason="Why.", now=now)
