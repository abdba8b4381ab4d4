"""What partners registered, answered by the house over the API."""

from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7

from ..factories import a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, two_claims
from .calls import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(now: datetime) -> Program:
    return Program(acting(a_staff_member("manager")), now=now)


def register(program: Program, client: str = "Oakline") -> Any:
    status, deal = program.told("POST", "/me/deals", {"client": client, "product": "automation", "amount": "1840"})
    assert status == 201
    return deal


def test_a_registered_deal_is_accepted(program: Program, manager: Program) -> None:
    deal = register(program)
    assert manager.get("/registrations") == {"items": [deal], "next": None}
    address = f"/registrations/{deal['id']}/answer"
    status, accepted = manager.told("POST", address, {"accepted": True}, Idempotency_Key="k")
    assert status == 200
    protected = {"stage": "accepted", "answer_by": None, "protected_until": accepted["protected_until"]}
    assert (accepted, accepted["protected_until"] > deal["registered_at"]) == (deal | protected, True)
    assert manager.told("POST", address, {"accepted": True}, Idempotency_Key="k") == (200, accepted)
    status, said = manager.told("POST", address, {"accepted": True})
    assert (status, said["detail"]) == (409, "This deal is already accepted.")
    assert manager.get("/registrations") == {"items": [], "next": None}


def test_a_registered_deal_is_refused_with_a_reason(program: Program, manager: Program) -> None:
    deal = register(program)
    address = f"/registrations/{deal['id']}/answer"
    for body in ({"accepted": False}, {"accepted": False, "reason": " "}, {"accepted": False, "reason": "a" * 501}):
        status, said = manager.told("POST", address, body)
        assert (status, list(said["errors"])) == (422, ["reason"])
    status, refused = manager.told("POST", address, {"accepted": False, "reason": "We serve them ourselves."})
    closed = {"stage": "refused", "reason": "We serve them ourselves.", "answer_by": None}
    assert (status, refused) == (200, deal | closed | {"closed_at": "2026-03-02T09:00:00Z"})
    assert program.get("/deals?stage=refused")["items"] == [refused]


def test_a_case_is_decided_first(world: World, manager: Program, now: datetime) -> None:
    case = manager.get(f"/cases/{two_claims(world, now=now)}")
    status, said = manager.told("POST", f"/registrations/{case['deal']['id']}/answer", {"accepted": True})
    assert (status, said["detail"]) == (
        409,
        "Another partner registered this client first. Decide the case instead.",
    )
    first = manager.get("/registrations?limit=1")
    rest = manager.get(f"/registrations?limit=1&cursor={first['next']}")
    assert [first["items"] + rest["items"], rest["next"]] == [manager.get("/registrations")["items"], None]
    assert {one["id"] for one in manager.get("/registrations")["items"]} == {
        case["deal"]["id"],
        case["against"]["id"],
    }


def test_who_may(program: Program, manager: Program, world: World, now: datetime) -> None:
    address, body = f"/registrations/{register(program)['id']}/answer", {"accepted": True}
    stranger = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    callers = {
        "nobody": Program(None, now=now),
        "owner": program,
        "owner elsewhere": Program(stranger, now=now),
        "finance": Program(acting(a_staff_member("finance")), now=now),
        "reading": Program(acting(a_staff_member("manager")), now=now, scopes=("read",)),
        "answering": Program(acting(a_staff_member("manager")), now=now, scopes=("deals",)),
    }
    told = {
        name: (one.told("GET", "/registrations")[0], one.told("POST", address, body)[0])
        for name, one in callers.items()
    }
    assert told == {
        "nobody": (401, 401),
        "owner": (403, 403),
        "owner elsewhere": (403, 404),
        "finance": (200, 403),
        "reading": (200, 403),
        "answering": (403, 200),
    }
    assert manager.told("POST", f"/registrations/{uuid7()}/answer", body)[0] == 404
