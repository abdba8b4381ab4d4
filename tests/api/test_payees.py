"""Payee details by the API: read by owners, changed by whoever has just signed in, checked by finance."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.payees.actions import change_payee
from academy.programme.payees.models import Payee

from ..factories import PASSWORD, a_member, a_partner, a_staff_member, acting, signed_in
from ..programme.closing.months import profile
from ..worlds import World, a_colleague, a_partner_in
from .calls import ROOT, Program, problem

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T09:00:00Z"
GIVEN = asdict(profile())


@pytest.fixture
def browser(world: World) -> Client:
    """A session of the partner's owner, who signed in long ago."""
    return signed_in(Person.objects.get(pk=world.owner.person_id))


@pytest.fixture
def finance(now: datetime) -> Program:
    return Program(acting(a_staff_member("finance")), now=now)


def prove(browser: Client) -> None:
    """Show once more who one is."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})


def put(browser: Client, body: Any) -> Any:
    return browser.put(f"{ROOT}/me/payee", body, content_type="application/json")


def test_an_owner_who_has_just_signed_in_changes_it_and_finance_checks_it(
    browser: Client, program: Program, finance: Program, world: World
) -> None:
    assert program.get("/me/payee") == {"current": None, "earlier": []}
    prove(browser)
    answer = put(browser, GIVEN)
    name = program.get("/me")["name"]
    first = {
        "number": 1,
        "changed_at": NOW,
        "changed_by": name,
        "checked_at": None,
        "changes": [],
        "profile": GIVEN,
    }
    assert (answer.status_code, answer.json()) == (200, {"current": first, "earlier": []})
    again = put(browser, GIVEN)
    assert (again.json(), Payee.objects.count()) == (answer.json(), 1)

    moved = GIVEN | {"address": "2 Quay Street\nBristol", "country": "gb"}
    told = put(browser, moved).json()
    second = first | {"number": 2, "changes": ["address"], "profile": moved | {"country": "GB"}}
    change = {key: value for key, value in first.items() if key != "profile"}
    assert told == {"current": second, "earlier": [change]}
    assert program.get("/me/payee") == finance.get(f"/partners/{world.partner}/payee") == told

    partner = Partner.objects.get(pk=world.partner)
    assert finance.get("/payees") == {
        "items": [
            {
                "partner": str(partner.pk),
                "slug": partner.slug,
                "name": partner.name,
                "current": second,
                "before": GIVEN,
            }
        ],
        "next": None,
    }
    check = f"/partners/{world.partner}/payee/check"
    status, said = finance.told("POST", check, {"number": 1})
    assert (status, said["detail"]) == (
        409,
        "This profile was changed again meanwhile. Look at the newest version.",
    )
    checked = {"partner": str(world.partner), "number": 2, "checked_at": NOW}
    for headers in ({}, {}, {"Idempotency_Key": "k"}, {"Idempotency_Key": "k"}):
        assert finance.told("POST", check, {"number": 2}, **headers) == (200, checked)
    assert program.get("/me/payee")["current"] == second | {"checked_at": NOW}
    assert finance.get("/payees") == {"items": [], "next": None}


def test_a_token_never_changes_it(program: Program) -> None:
    assert problem(program.send("PUT", "/me/payee", GIVEN)) == {
        "type": "urn:siso-academy:problem:recent_sign_in_needed",
        "title": "Forbidden",
        "status": 403,
        "detail": "A token does not show who is there now. Sign in, and change the payee details at /payee/change/.",
        "code": "recent_sign_in_needed",
        "errors": {},
    }
    assert Payee.objects.count() == 0


def test_a_token_beside_a_fresh_session_changes_nothing(browser: Client, program: Program) -> None:
    prove(browser)
    answer = browser.put(f"{ROOT}/me/payee", GIVEN, content_type="application/json", headers=program.headers)
    assert (answer.status_code, answer.json()["code"], Payee.objects.count()) == (403, "recent_sign_in_needed", 0)


def test_a_session_of_long_ago_shows_who_it_is_first(browser: Client) -> None:
    answer = put(browser, GIVEN)
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        403,
        "recent_sign_in_needed",
        "Show once more who you are at /accounts/reauthenticate/, then send this again.",
    )
    assert Payee.objects.count() == 0
    prove(browser)
    assert put(browser, GIVEN).status_code == 200


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"legal_name": " "}, "legal_name"),
        ({"legal_name": "GB33BUKB20201555555555"}, "legal_name"),
        ({"provider_reference": "4111 1111 1111 1111"}, "provider_reference"),
        ({"address": "a" * 401}, "address"),
        ({"country": "Narnia"}, "country"),
        ({"invoice_email": "accounts"}, "invoice_email"),
        ({"account_number": "12345678"}, "account_number"),
    ],
)
def test_what_is_wrong_or_never_kept_is_named(browser: Client, given: dict[str, str], field: str) -> None:
    prove(browser)
    answer = put(browser, GIVEN | given)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert Payee.objects.count() == 0


def test_who_may(world: World, program: Program, finance: Program, now: datetime) -> None:
    change_payee(THE_HOUSE, world.partner, profile(), now=now)
    callers = {
        "stranger": Program(None, now=now),
        "owner": program,
        "owner elsewhere": Program(acting(a_member(partner=a_partner(), role="owner")), now=now),
        "member": Program(a_colleague(world.partner, now=now), now=now),
        "manager": Program(acting(a_staff_member("manager")), now=now),
        "finance, reading": Program(acting(a_staff_member("finance")), now=now, scopes=("read",)),
        "finance": finance,
    }
    asked = [
        ("GET", "/me/payee", None),
        ("GET", f"/partners/{world.partner}/payee", None),
        ("GET", "/payees", None),
        ("POST", f"/partners/{world.partner}/payee/check", {"number": 1}),
    ]
    told = {name: [one.send(*what).status_code for what in asked] for name, one in callers.items()}
    assert told == {
        "stranger": [401, 401, 401, 401],
        "owner": [200, 200, 403, 403],
        "owner elsewhere": [200, 404, 403, 403],
        "member": [403, 403, 403, 403],
        "manager": [404, 403, 403, 403],
        "finance, reading": [404, 200, 403, 403],
        "finance": [404, 200, 200, 200],
    }
    member = signed_in(Person.objects.get(pk=a_colleague(world.partner, now=now).person_id))
    prove(member)
    assert put(member, GIVEN).json()["code"] == "forbidden"


def test_those_to_check_go_on_where_they_stopped(world: World, finance: Program, now: datetime) -> None:
    for partner in (world.partner, a_partner_in(world.programme, now=now)):
        change_payee(THE_HOUSE, partner, profile(), now=now)
    whole = finance.get("/payees")["items"]
    first = finance.get("/payees?limit=1")
    rest = finance.get(f"/payees?limit=1&cursor={first['next']}")
    assert (len(whole), first["items"] + rest["items"], rest["next"]) == (2, whole, None)
