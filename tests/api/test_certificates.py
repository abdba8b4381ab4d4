"""Certificates: one's own, and what anybody may check."""

from datetime import datetime

import pytest
import time_machine

from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.recognition.certificates.actions import revoke

from ..factories import signed_in
from ..worlds import World, a_colleague, days, pass_modules
from .calls import Program, problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def serial(world: World, program: Program, now: datetime) -> str:
    """The number of the certificate that the owner has earned."""
    pass_modules(world.owner, world.course, now=now)
    return str(program.get("/me/certificates")["items"][0]["serial"])


def test_ones_own_certificates(program: Program, world: World, serial: str) -> None:
    assert program.get("/me/certificates") == {
        "items": [
            {
                "serial": serial,
                "title": "Master",
                "status": "valid",
                "issued_at": "2026-03-02T09:00:00Z",
                "expires_at": "2028-03-02T09:00:00Z",
                "revoked_at": None,
                "revoked_reason": None,
                "credential": {
                    "id": str(world.credential),
                    "slug": "master",
                    "title": "Master",
                    "advanced": True,
                },
                "url": f"/certificates/{serial}/",
            }
        ],
        "next": None,
    }


def test_ones_own_on_paper_is_what_the_page_prints(program: Program, world: World, serial: str, now: datetime) -> None:
    paper = program.send("GET", f"/me/certificates/{serial}/pdf")
    with time_machine.travel(now, tick=False):
        page = signed_in(Person.objects.get(pk=world.owner.person_id)).get(f"/certificates/{serial}/certificate.pdf")
    assert (paper.status_code, paper.headers["Content-Type"], paper.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert paper.content == page.content
    colleague = Program(a_colleague(world.partner, now=now), now=now)
    assert colleague.send("GET", f"/me/certificates/{serial}/pdf").status_code == 404
    revoke(THE_HOUSE, serial, reason="By mistake.", now=now + days(1))
    assert program.send("GET", f"/me/certificates/{serial}/pdf").status_code == 404


def test_anybody_may_check_a_certificate_and_sees_no_name(serial: str, now: datetime) -> None:
    stranger = Program(None, now=now)
    told = {
        "valid": True,
        "status": "valid",
        "serial": serial,
        "title": "Master",
        "issued_at": "2026-03-02T09:00:00Z",
        "expires_at": "2028-03-02T09:00:00Z",
        "facts": {"summary": "", "advanced": True, "version": 1, "modules": ["Module 0", "Module 1"]},
    }

    assert stranger.get(f"/certificates/{serial}") == told
    assert stranger.get(f"/certificates/{serial.lower()}") == told


def test_the_name_is_told_with_consent_only(world: World, serial: str, now: datetime) -> None:
    Person.objects.filter(id=world.owner.person_id).update(shows_name=True, name="Ada Partner")

    assert Program(None, now=now).get(f"/certificates/{serial}")["person"] == "Ada Partner"


def test_a_person_without_a_name_is_never_told_by_address(world: World, serial: str, now: datetime) -> None:
    Person.objects.filter(id=world.owner.person_id).update(shows_name=True, name="")

    assert "person" not in Program(None, now=now).get(f"/certificates/{serial}")


def test_what_has_ended_is_not_valid(serial: str, now: datetime) -> None:
    stranger = Program(None, now=now)

    with time_machine.travel(now + days(800), tick=False):
        expired = stranger.get(f"/certificates/{serial}")
    revoke(THE_HOUSE, serial, reason="Somebody else sat the quiz.", now=now)
    revoked = stranger.get(f"/certificates/{serial}")

    assert [(told["valid"], told["status"]) for told in (expired, revoked)] == [
        (False, "expired"),
        (False, "revoked"),
    ]
    assert "reason" not in str(revoked)


def test_a_number_that_does_not_exist(now: datetime) -> None:
    refused = Program(None, now=now).send("GET", "/certificates/0000-0000-0000")

    assert (refused.status_code, problem(refused)["detail"]) == (
        404,
        "There is no certificate with this number. Compare it with the paper once more.",
    )
