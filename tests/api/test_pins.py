"""A tier by a person's word over the API: pinned until a day, and a rise that waits to be confirmed."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.partners.models import Partner
from academy.programme.verification.queries import verify

from ..factories import a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, a_world, pass_modules, win, written_plan
from .calls import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(now: datetime) -> Program:
    return Program(acting(a_staff_member("manager", name="Mara")), now=now)


def short(partner: Any) -> dict[str, Any]:
    it = Partner.objects.get(pk=partner)
    return {"id": str(it.pk), "name": it.name, "slug": it.slug, "currency": "GBP", "timezone": it.timezone}


def waiting_world(now: datetime) -> World:
    """Silver is met, and a person gives it."""
    tiers = written_plan(())["tiers"]
    tiers[1] = tiers[1] | {"promotion": "approve"}
    world = a_world(now, tiers=tiers)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    return world


def test_a_tier_is_pinned_until_a_day_and_taken_back(world: World, manager: Program, now: datetime) -> None:
    address = f"/partners/{world.partner}/pin"
    assert manager.get(address) == {"pin": None}
    asked = {"tier": "gold", "until": "2026-05-31", "reason": " Their founder is on leave. "}
    pin = {
        "tier": "gold",
        "name": "Gold",
        "until": "2026-05-31",
        "reason": "Their founder is on leave.",
        "pinned_at": "2026-03-02T09:00:00Z",
        "pinned_by": "Mara",
        "is_over": False,
    }
    assert manager.told("PUT", address, asked) == (200, {"pin": pin})
    assert manager.told("PUT", address, asked) == (200, {"pin": pin})
    assert manager.get(address) == {"pin": pin}
    assert Fact.objects.filter(kind="tier.pinned").count() == 1
    assert manager.get(f"/partners/{world.partner}/standing")["tier"]["current"] == "Gold"
    with time_machine.travel(datetime(2026, 5, 31, 23, tzinfo=UTC), tick=False):  # midnight in London
        assert manager.get(address) == {"pin": pin | {"is_over": True}}
    assert manager.told("DELETE", address) == (200, {"pin": None})
    status, said = manager.told("DELETE", address)
    assert (status, said["detail"]) == (409, "No tier of this partner is pinned.")
    assert verify(now=now, deep=True).differences == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"tier": "diamond"}, "tier"),
        ({"until": "2026-03-01"}, "until"),
        ({"until": "2028-04-01"}, "until"),
        ({"until": "9999-12-31"}, "until"),
        ({"until": "soon"}, "until"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_pin_that_cannot_be_names_its_field(
    world: World, manager: Program, given: dict[str, str], field: str
) -> None:
    asked = {"tier": "gold", "until": "2026-05-31", "reason": "So."} | given
    status, said = manager.told("PUT", f"/partners/{world.partner}/pin", asked)
    assert (status, list(said["errors"])) == (422, [field])
    assert manager.get(f"/partners/{world.partner}/pin") == {"pin": None}


def test_a_rise_that_waits_is_confirmed_once(now: datetime) -> None:
    world = waiting_world(now)
    manager = Program(acting(a_staff_member("manager")), now=now)
    waits = {
        "partner": short(world.partner),
        "tier": "silver",
        "name": "Silver",
        "since": "2026-03-02T09:00:00Z",
        "confirm_by": "2026-03-05",
    }
    assert manager.get("/promotions") == {"items": [waits], "next": None}
    address = f"/partners/{world.partner}/promotion"
    assert manager.told("POST", address, {"tier": "gold"})[0] == 409
    risen = {"partner": short(world.partner), "tier": "silver", "name": "Silver", "since": "2026-03-02T09:00:00Z"}
    assert manager.told("POST", address, {"tier": "silver"}, Idempotency_Key="k") == (200, risen)
    assert manager.told("POST", address, {"tier": "silver"}, Idempotency_Key="k") == (200, risen)
    assert manager.told("POST", address, {"tier": "silver"})[0] == 409
    assert manager.get("/promotions") == {"items": [], "next": None}


def test_promotions_are_cut_by_cursors(now: datetime) -> None:
    world = waiting_world(now)
    manager = Program(acting(a_staff_member("manager")), now=now)
    other = a_partner_in(world.programme, now=now)
    win(other, 20_000, at=now)
    pass_modules(a_colleague(other, now=now), world.course, world.course.modules[0], now=now)
    first = manager.get("/promotions?limit=1")
    rest = manager.get(f"/promotions?limit=1&cursor={first['next']}")
    assert {one["partner"]["id"] for one in first["items"] + rest["items"]} == {str(world.partner), str(other)}
    assert rest["next"] is None


def test_the_house_alone_sees_and_does_it(world: World, program: Program, now: datetime) -> None:
    finance = Program(acting(a_staff_member("finance")), now=now)
    address = f"/partners/{world.partner}"
    assert [one.told("GET", f"{address}/pin")[0] for one in (finance, program)] == [200, 403]
    asked = {"tier": "gold", "until": "2026-05-31", "reason": "So."}
    assert [one.told("PUT", f"{address}/pin", asked)[0] for one in (finance, program)] == [403, 403]
    assert [one.told("POST", f"{address}/promotion", {"tier": "gold"})[0] for one in (finance, program)] == [403, 403]
    manager = Program(acting(a_staff_member("manager")), now=now)
    assert manager.told("PUT", f"/partners/{uuid7()}/pin", asked)[0] == 404
