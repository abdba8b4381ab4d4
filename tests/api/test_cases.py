"""Two partners and one client by the API: the house reads both sides and decides; partners read no names."""

from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.people.permissions.rules import Actor
from academy.programme.deals.models import Claim, Deal

from ..factories import a_staff_member, acting
from ..worlds import World, two_claims
from .calls import Program

pytestmark = pytest.mark.django_db
NOW, DECIDE_BY = "2026-03-02T09:00:00Z", "2026-03-05T23:59:00Z"


@pytest.fixture
def case(world: World, now: datetime) -> Claim:
    return Claim.objects.get(pk=two_claims(world, now=now))


@pytest.fixture
def manager(now: datetime) -> Program:
    return Program(acting(a_staff_member("manager", name="Mara")), now=now)


def side(house: Program, deal: Deal) -> Any:
    return house.get(f"/deals/academy/{deal.external_id}")


def test_the_house_reads_both_sides_and_refuses(manager: Program, case: Claim, now: datetime) -> None:
    told = {
        "id": str(case.pk),
        "deal": side(manager, case.deal),
        "against": side(manager, case.against),
        "opened_at": NOW,
        "decide_by": DECIDE_BY,
        "decided_at": None,
        "decided_by": None,
        "outcome": None,
        "reason": "",
    }
    assert told["deal"]["partner"]["id"] != told["against"]["partner"]["id"]
    assert manager.get("/cases") == {"items": [told], "next": None}
    assert manager.get("/cases?open=false") == {"items": [], "next": None}
    assert manager.get(f"/cases/{case.pk}") == told

    address, body = f"/cases/{case.pk}/decision", {"granted": False, "reason": "They met in June."}
    status, decided = manager.told("POST", address, body, Idempotency_Key="k")
    assert (status, decided) == (
        200,
        told
        | {
            "deal": side(manager, case.deal),
            "decided_at": NOW,
            "decided_by": "Mara",
            "outcome": "refused",
            "reason": "They met in June.",
        },
    )
    assert (decided["deal"]["stage"], decided["deal"]["reason"]) == ("refused", "They met in June.")
    assert manager.told("POST", address, body, Idempotency_Key="k") == (200, decided)
    status, said = manager.told("POST", address, body)
    assert (status, said["detail"]) == (409, "Somebody has decided this case already.")
    assert (manager.get("/cases")["items"], manager.get("/cases?open=false")["items"]) == ([], [decided])


def test_a_case_is_granted_without_a_reason(manager: Program, case: Claim) -> None:
    status, decided = manager.told("POST", f"/cases/{case.pk}/decision", {"granted": True})
    assert (status, decided["outcome"], decided["deal"]["stage"], decided["against"]["stage"]) == (
        200,
        "granted",
        "accepted",
        "registered",
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"granted": False}, "reason"),
        ({"granted": False, "reason": "  "}, "reason"),
        ({"granted": True, "reason": "a" * 501}, "reason"),
        ({"granted": "yes"}, "granted"),
        ({"reason": "So."}, "granted"),
    ],
)
def test_a_wrong_field_is_named(manager: Program, case: Claim, body: dict[str, Any], field: str) -> None:
    status, said = manager.told("POST", f"/cases/{case.pk}/decision", body)
    assert (status, list(said["errors"])) == (422, [field])
    case.refresh_from_db()
    assert case.decided_at is None


def test_there_is_nothing_to_decide_once_the_earlier_deal_is_closed(
    manager: Program, case: Claim, world: World, now: datetime
) -> None:
    report = {"partner": str(world.partner), "product": "automation", "client": "Oakline", "amount": "1840.00"}
    report |= {"currency": "GBP", "stage": "lost", "occurred_at": now.isoformat()}
    assert manager.told("PUT", f"/deals/academy/{case.against.external_id}", report)[0] == 200
    status, said = manager.told("POST", f"/cases/{case.pk}/decision", {"granted": True})
    assert (status, said["detail"]) == (
        409,
        "There is nothing left to decide: the two deals are no longer in each other's way.",
    )
    assert manager.get(f"/cases/{case.pk}")["outcome"] == "freed"


def test_cases_go_on_where_they_stopped(manager: Program, case: Claim, world: World, now: datetime) -> None:
    two_claims(world, now=now, client="Fern")
    whole = manager.get("/cases")["items"]
    first = manager.get("/cases?limit=1")
    rest = manager.get(f"/cases?limit=1&cursor={first['next']}")
    assert (len(whole), first["items"] + rest["items"], rest["next"]) == (2, whole, None)


def test_who_may(world: World, case: Claim, manager: Program, now: datetime) -> None:
    def asks(who: Actor | None, method: str, path: str, body: Any = None, scopes: tuple[str, ...] = ()) -> int:
        status: int = Program(who, now=now, scopes=scopes).send(method, path, body).status_code
        return status

    finance, granted = acting(a_staff_member("finance")), {"granted": True}
    one, decision = f"/cases/{case.pk}", f"/cases/{case.pk}/decision"
    rival = acting(case.deal.registered_by)  # type: ignore[arg-type]
    assert [asks(who, "GET", path) for who in (None, world.owner, rival) for path in ("/cases", one)] == [
        *[401, 401],
        *[403] * 4,
    ]
    assert [asks(finance, "GET", path) for path in ("/cases", one)] == [200, 200]
    assert [asks(who, "POST", decision, granted) for who in (None, world.owner, rival, finance)] == [401, 403, 403, 403]
    reading = asks(acting(a_staff_member("manager")), "POST", decision, granted, ("read",))
    deciding = asks(acting(a_staff_member("manager")), "POST", decision, granted, ("deals",))
    assert (reading, deciding) == (403, 200)
    nothing = uuid7()
    assert manager.told("GET", f"/cases/{nothing}")[0] == 404
    assert manager.told("POST", f"/cases/{nothing}/decision", granted)[0] == 404


def test_partners_read_of_their_own_side_alone(case: Claim, world: World, manager: Program, now: datetime) -> None:
    rival = Program(acting(case.deal.registered_by), now=now)  # type: ignore[arg-type]
    other = manager.get(f"/cases/{case.pk}")["against"]["partner"]["name"]
    manager.told("POST", f"/cases/{case.pk}/decision", {"granted": True})
    whole = f"{rival.get('/deals')} {rival.get('/me/notices')} {rival.get('/me/activity')}"
    assert other not in whole
