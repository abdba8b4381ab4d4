"""Terms by the API: the version in force, whether it is accepted, and accepting it by that version."""

from datetime import datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.terms.actions import publish_terms
from academy.programme.terms.models import Acceptance, Terms

from ..factories import a_member, a_partner, a_staff_member, acting
from ..worlds import World, a_colleague, days
from .calls import Program

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T09:00:00Z"
NOTHING: dict[str, Any] = {"current": None, "accepted_at": None, "accepted_by": None, "coming": None, "earlier": []}


@pytest.fixture
def terms(world: World, now: datetime) -> Terms:
    return publish_terms(THE_HOUSE, world.programme, "# One", reason="The first.", effective_from=now, now=now)


def test_the_version_in_force_is_read_and_accepted(program: Program, terms: Terms, world: World, now: datetime) -> None:
    coming = publish_terms(
        THE_HOUSE, world.programme, "# Two", reason="Shorter.", effective_from=now + days(30), now=now
    )
    told = NOTHING | {
        "current": {
            "id": str(terms.pk),
            "number": 1,
            "text": "# One",
            "reason": "The first.",
            "effective_from": NOW,
        },
        "coming": {
            "id": str(coming.pk),
            "number": 2,
            "text": "# Two",
            "reason": "Shorter.",
            "effective_from": "2026-04-01T09:00:00Z",
        },
    }
    assert program.get("/me/terms") == told
    accepted = {"version": str(terms.pk), "number": 1, "accepted_at": NOW}
    body = {"version": str(terms.pk)}
    for headers in ({}, {}, {"Idempotency_Key": "k"}, {"Idempotency_Key": "k"}):
        assert program.told("POST", "/me/terms/acceptance", body, **headers) == (200, accepted)
    assert Acceptance.objects.count() == 1
    name = program.get("/me")["name"]
    assert program.get("/me/terms") == told | {"accepted_at": NOW, "accepted_by": name}
    member = Program(a_colleague(world.partner, now=now), now=now)
    assert member.get("/me/terms") == program.get("/me/terms")


def test_another_version_than_the_one_in_force_is_not_accepted(program: Program, terms: Terms, world: World) -> None:
    newer = publish_terms(
        THE_HOUSE, world.programme, "# Two", reason="New.", effective_from=terms.effective_from, now=terms.published_at
    )
    for version in (terms.pk, uuid7()):
        status, said = program.told("POST", "/me/terms/acceptance", {"version": str(version)})
        assert (status, said["detail"]) == (409, "Newer terms came out meanwhile. Read them, then accept those.")
    assert Acceptance.objects.count() == 0
    assert program.told("POST", "/me/terms/acceptance", {"version": str(newer.pk)})[0] == 200
    assert program.told("POST", "/me/terms/acceptance", {"version": "2"})[0] == 422


def test_earlier_versions_stay_accepted(program: Program, terms: Terms, world: World) -> None:
    program.told("POST", "/me/terms/acceptance", {"version": str(terms.pk)})
    publish_terms(
        THE_HOUSE, world.programme, "# Two", reason="New.", effective_from=terms.effective_from, now=terms.published_at
    )
    told = program.get("/me/terms")
    assert (told["current"]["number"], told["accepted_at"], told["earlier"]) == (
        2,
        None,
        [{"number": 1, "accepted_at": NOW}],
    )


def test_managers_publish_and_see_who_accepted(program: Program, terms: Terms, now: datetime) -> None:
    manager = Program(acting(a_staff_member("manager")), now=now)
    program.told("POST", "/me/terms/acceptance", {"version": str(terms.pk)})
    first = {
        "id": str(terms.pk),
        "programme": "agencies",
        "number": 1,
        "text": "# One",
        "reason": "The first.",
        "effective_from": NOW,
        "published_at": NOW,
        "accepted": 1,
        "is_replaced": False,
    }
    assert manager.get("/terms") == {"items": [first], "next": None}
    body = {"programme": "agencies", "text": "# Two", "reason": "Shorter.", "effective_from": "2026-04-01T00:00:00Z"}
    status, second = manager.told("POST", "/terms", body, Idempotency_Key="k")
    told = {"id": second["id"], "number": 2, "accepted": 0} | body
    assert (status, second) == (201, first | told)
    assert manager.told("POST", "/terms", body, Idempotency_Key="k") == (201, second)
    assert manager.get("/terms")["items"] == [second, first]
    page = manager.get("/terms?limit=1")
    assert manager.get(f"/terms?limit=1&cursor={page['next']}") == {"items": [first], "next": None}
    _, third = manager.told("POST", "/terms", {"programme": "agencies", "text": "# Three", "reason": "At once."})
    assert (third["number"], third["effective_from"]) == (3, NOW)
    assert program.get("/me/terms")["current"]["number"] == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "<script>x</script>"}, "text"),
        ({"text": "a" * 60_001}, "text"),
        ({"reason": " "}, "reason"),
        ({"effective_from": "2026-03-02T08:59:59Z"}, "effective_from"),
        ({"effective_from": "2028-01-01T00:00:00Z"}, "effective_from"),
        ({"effective_from": "2027-01-01"}, "effective_from"),
        ({"programme": "?"}, "programme"),
    ],
)
def test_what_cannot_be_published_is_named(world: World, now: datetime, given: dict[str, str], field: str) -> None:
    manager = Program(acting(a_staff_member("manager")), now=now)
    body = {"programme": "agencies", "text": "# Two", "reason": "Shorter."}
    status, said = manager.told("POST", "/terms", body | given)
    assert (status, list(said["errors"]), Terms.objects.count()) == (422, [field], 0)
    assert manager.told("POST", "/terms", body | {"programme": "nothing"})[0] == 404
    for who, status in ((world.owner, 403), (acting(a_staff_member("finance")), 403), (None, 401)):
        caller = Program(who, now=now)
        assert [caller.told("POST", "/terms", body)[0], caller.told("GET", "/terms")[0]] == [status, status]


def test_who_may(terms: Terms, world: World, now: datetime) -> None:
    body = {"version": str(terms.pk)}
    callers = {
        "stranger": Program(None, now=now),
        "member": Program(a_colleague(world.partner, now=now), now=now),
        "reading": Program(world.owner, now=now, scopes=("read",)),
        "manager": Program(acting(a_staff_member("manager")), now=now),
        "accepting": Program(world.owner, now=now, scopes=("people",)),
    }
    assert {name: one.told("POST", "/me/terms/acceptance", body)[0] for name, one in callers.items()} == {
        "stranger": 401,
        "member": 403,
        "reading": 403,
        "manager": 404,
        "accepting": 200,
    }
    assert callers["manager"].told("GET", "/me/terms")[0] == 404
    outside = Program(acting(a_member(partner=a_partner(), role="owner")), now=now)
    assert outside.get("/me/terms") == NOTHING
    assert outside.told("POST", "/me/terms/acceptance", body)[0] == 409
