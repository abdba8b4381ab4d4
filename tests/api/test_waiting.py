"""Reports that wait, by the API: the words that nobody knows, matched once, and what follows from it."""

from datetime import datetime
from typing import Any

import pytest
import time_machine

from academy.core.ids import uuid7
from academy.core.pagination import encode_cursor
from academy.people.partners.models import Partner
from academy.programme.deals.models import Deal, KeptReport, KnownName
from academy.programme.deals.rules import NameKind
from academy.programme.deals.words.actions import match_word

from ..factories import a_staff_member, acting
from ..worlds import World, a_partner_in, days
from .calls import Program

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T09:00:00Z"
MATCHES = "/waiting/matches"


@pytest.fixture
def crm(world: World, now: datetime) -> Program:
    return Program(acting(a_staff_member("finance")), now=now, scopes=("deals",))


def tell(crm: Program, now: datetime, external_id: str = "d-1", **given: Any) -> Any:
    body = {"partner": "Northwind Ltd", "product": "automation", "client": "Oakline", "amount": "1840.00"}
    body |= {"currency": "GBP", "stage": "won", "occurred_at": now.isoformat()}
    status, kept = crm.told("PUT", f"/deals/crm/{external_id}", body | given)
    assert status == 202
    return kept


def partner(means: str, name: str = "Northwind Ltd") -> dict[str, str]:
    return {"source": "crm", "kind": "partner", "name": name, "means": means}


@pytest.mark.parametrize("by", ["id", "slug"])
def test_a_word_is_matched_once_and_what_waited_is_entered(crm: Program, world: World, now: datetime, by: str) -> None:
    kept = tell(crm, now)
    refund = {"external_id": "r-1", "amount": "40.00", "occurred_at": now.isoformat()}
    assert crm.told("POST", "/deals/crm/d-1/refunds", refund)[0] == 202
    word = {"source": "crm", "kind": "partner", "name": "Northwind Ltd"}
    assert crm.get("/waiting/words") == {
        "items": [word | {"reports": 1, "deals": 1, "ready": 1, "since": NOW}],
        "next": None,
    }
    report = {
        "id": kept["id"],
        "kind": "report",
        "source": "crm",
        "external_id": "d-1",
        "partner": "Northwind Ltd",
        "product": "automation",
        "client": "Oakline",
        "amount": "1840.00",
        "currency": "GBP",
        "stage": "won",
        "occurred_at": NOW,
        "received_at": NOW,
        "unknown": ["partner"],
        "problem": "",
    }
    told = crm.get("/waiting/reports")
    first, second = sorted(told["items"], key=lambda one: one["kind"], reverse=True)  # they came at one instant
    assert (first, told["next"]) == (report, None)
    assert second == report | {"id": second["id"], "kind": "refund", "amount": "40.00", "stage": None}

    body = partner(str(world.partner) if by == "id" else Partner.objects.get(pk=world.partner).slug)
    matched = crm.told("POST", MATCHES, body, Idempotency_Key="k")
    assert matched == (200, word | {"entered": 2})
    deal = Deal.objects.get(external_id="d-1")
    assert (deal.partner_id, deal.stage, deal.refunded) == (world.partner, "won", 4_000)
    assert crm.told("POST", MATCHES, body, Idempotency_Key="k") == matched
    status, said = crm.told("POST", MATCHES, body | {"name": "Other"}, Idempotency_Key="k")
    assert (status, said["code"]) == (422, "key_reused")
    assert crm.get("/waiting/words") == crm.get("/waiting/reports") == {"items": [], "next": None}


def test_a_match_that_was_stopped_is_sent_again_and_goes_on(crm: Program, world: World, now: datetime) -> None:
    """Also by somebody else; what means something else already is a conflict."""
    manager = acting(a_staff_member("manager"))
    one, other = str(world.partner), str(a_partner_in(world.programme, now=now))
    tell(crm, now, product="SKU-9")
    match_word(manager, "crm", NameKind.PARTNER, "Northwind Ltd", one, now=now)
    match_word(manager, "crm", NameKind.PRODUCT, "SKU-9", "website", now=now)
    assert not Deal.objects.filter(external_id="d-1").exists()  # stopped before anything was entered

    product = {"source": "crm", "kind": "product", "name": "SKU-9"}
    for body in (partner(other), product | {"means": "automation"}):
        status, said = crm.told("POST", MATCHES, body)
        assert (status, said["detail"]) == (409, "Somebody has matched this name already.")
    for entered in (1, 0):
        assert crm.told("POST", MATCHES, product | {"means": "website"}) == (200, product | {"entered": entered})
    assert crm.told("POST", MATCHES, partner(one))[1]["entered"] == 0
    deal = Deal.objects.get(external_id="d-1")
    assert (deal.partner_id, deal.product, KnownName.objects.count()) == (world.partner, "website", 2)


def test_a_product_is_matched_and_what_cannot_be_entered_says_why(crm: Program, world: World, now: datetime) -> None:
    for number, currency in enumerate(("GBP", "EUR")):
        tell(crm, now, f"d-{number}", partner=str(world.partner), product="SKU-9", currency=currency)
    body = {"source": "crm", "kind": "product", "name": "SKU-9", "means": "website"}
    assert crm.told("POST", MATCHES, body) == (
        200,
        {"source": "crm", "kind": "product", "name": "SKU-9", "entered": 1},
    )
    assert Deal.objects.get(external_id="d-0").product == "website"
    (left,) = crm.get("/waiting/reports")["items"]
    assert (left["external_id"], left["unknown"], "paid in GBP" in left["problem"]) == ("d-1", [], True)
    assert crm.told("POST", f"/waiting/reports/{left['id']}/drop", Idempotency_Key="k") == (200, {"id": left["id"]})
    assert crm.told("POST", f"/waiting/reports/{left['id']}/drop", Idempotency_Key="k") == (200, {"id": left["id"]})
    assert crm.told("POST", f"/waiting/reports/{left['id']}/drop")[0] == 404
    assert (crm.get("/waiting/reports")["items"], KeptReport.objects.filter(dropped_at=None).count()) == ([], 1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"means": "nobody"}, "means"),
        ({"means": str(uuid7())}, "means"),
        ({"means": ""}, "means"),
        ({"kind": "product", "means": "bricks"}, "means"),
        ({"kind": "client"}, "kind"),
        ({"source": "Not one"}, "source"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(crm: Program, world: World, now: datetime, given: dict[str, str], field: str) -> None:
    tell(crm, now)
    status, said = crm.told("POST", MATCHES, partner(str(world.partner)) | given)
    assert (status, list(said["errors"])) == (422, [field])
    assert len(crm.get("/waiting/words")["items"]) == 1


def test_lists_go_on_where_they_stopped(crm: Program, now: datetime) -> None:
    for number in range(3):
        tell(crm, now + days(number - 3), f"d-{number}", partner=f"{'Nord' * 40}{number}")
    for path in ("/waiting/words", "/waiting/reports"):
        whole, found, cursor = crm.get(path)["items"], [], ""
        while True:
            page = crm.get(f"{path}?limit=2{cursor}")
            found += page["items"]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert (len(whole), found) == (3, whole)
        for cursor in ("WyJ4Il0", encode_cursor(["x", "crm", "partner", "Nord"]), encode_cursor([NOW, 1])):
            assert crm.told("GET", f"{path}?cursor={cursor}")[0] == 422


def test_words_that_are_matched_as_they_are_read_take_none_from_the_next_page(
    crm: Program, world: World, now: datetime
) -> None:
    """However they are written: the longest words of all, some of one instant and some of others."""
    words = [letter * 200 for letter in ("\x01", "e", "é", "\U0001f600")]
    for number, word in enumerate(words):
        with time_machine.travel(now + days(number // 3), tick=False):
            tell(crm, now, f"d-{number}", partner=word)
    ask = "/waiting/words?limit=1"
    told = crm.get(ask)
    found = []
    while told["items"]:
        (item,) = told["items"]
        found.append(item["name"])
        assert crm.told("POST", MATCHES, partner(str(world.partner), item["name"]))[1]["entered"] == 1
        told = crm.get(f"{ask}&cursor={told['next']}") if told["next"] else {"items": []}
    assert (sorted(found), found[-1]) == (sorted(words), words[-1])


def test_who_may(world: World, now: datetime) -> None:
    callers = {
        "stranger": Program(None, now=now),
        "owner": Program(world.owner, now=now),
        "curator": Program(acting(a_staff_member("curator")), now=now),
        "reading": Program(acting(a_staff_member("manager")), now=now, scopes=("read",)),
        "manager": Program(acting(a_staff_member("manager")), now=now),
    }
    asked: list[tuple[str, str, Any]] = [("GET", "/waiting/words", None), ("GET", "/waiting/reports", None)]
    asked.append(("POST", MATCHES, partner(str(world.partner))))
    told = {name: [one.send(*what).status_code for what in asked] for name, one in callers.items()}
    assert told == {
        "stranger": [401] * 3,
        "owner": [403] * 3,
        "curator": [403] * 3,
        "reading": [403] * 3,
        "manager": [200] * 3,
    }
