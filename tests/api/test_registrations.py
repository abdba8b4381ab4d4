"""What partners registered, answered by the house over the API."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Deal
from academy.programme.deals.registrations.actions import accept_deal, register_deal, win_deal

from ..factories import a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, a_report, refund, two_claims
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


def test_who_registered_a_deal_is_told_what_it_is_worth_to_its_end(world: World, now: datetime) -> None:
    """And not its commission. Another member is told that it happened; so is who registered it and left, no more."""
    seller, other, gone = (a_colleague(world.partner, now=now) for _ in range(3))
    for who in (seller, gone):
        client = f"Oakline {who.person_id}"
        deal = register_deal(who, client=client, product="automation", amount="1840", expected_on=None, now=now)
        if who is gone:
            remove_member(world.partner, gone.person_id, by=world.owner, now=now)
        accept_deal(THE_HOUSE, deal.pk, now=now)
        win_deal(THE_HOUSE, deal.pk, amount="1900", now=now)
        worth = a_report(world.partner, 200_000, at=now, client=client)
        report_deal(THE_HOUSE, replace(worth, source=deal.source, external_id=deal.external_id), now=now)
        refund(deal.pk, 500, at=now)

    def told(who: Actor) -> list[tuple[str, dict[str, Any]]]:
        facts = Program(who, now=now).get("/me/activity?limit=100")["items"]
        mine = [fact for fact in facts if fact["subject"]["id"] == str(of[who])]
        return [(fact["kind"], fact["data"]) for fact in mine]

    def pounds(amount: str) -> dict[str, str]:
        return {"amount": amount, "currency": "GBP"}

    deals = {one.registered_by_id: one.pk for one in Deal.objects.exclude(registered_by=None)}
    of = {seller: deals[seller.person_id], other: deals[seller.person_id], gone: deals[gone.person_id]}
    facts = [
        ("deal.registered", {"amount": pounds("1840.00"), "product": "automation"}),
        ("deal.accepted", {"protected_until": "2026-06-01T00:00:00+01:00"}),
        ("deal.won", {"amount": pounds("1900.00"), "product": "automation"}),
        ("deal.changed", {"from": pounds("1900.00"), "to": pounds("2000.00")}),
        ("deal.refunded", {"amount": pounds("5.00")}),
    ]
    assert told(seller) == facts
    assert told(other) == [(kind, {}) for kind, _ in facts]
    assert told(gone) == facts[:1]
    assert "commission.added" not in str(Program(seller, now=now).get("/me/activity?limit=100"))
