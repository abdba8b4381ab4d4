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
