"""How one is told, by the API: the page's choices, read and set."""

from datetime import datetime
from typing import Any

import pytest

from academy.notifications.preferences.models import Choice

from ..factories import a_member, a_person, acting
from .calls import Program

pytestmark = pytest.mark.django_db
PATH = "/me/preferences"


def mailed(told: dict[str, Any]) -> dict[str, str]:
    return {one["kind"]: one["mail"] for one in told["mail"]}


def test_choices_are_read_and_set(now: datetime) -> None:
    program = Program(acting(a_member(role="owner")), now=now)
    usual = program.get(PATH)
    assert usual["quiet"] == {"begins": "21:00", "ends": "07:00"}
    assert {one["kind"]: one for one in usual["mail"]}["tier.warned"] == {
        "kind": "tier.warned",
        "topic": "tier",
        "label": "Tier, bonus or rate will fall",
        "mail": "at_once",
        "always": True,
        "why": "Nothing gets worse unannounced: we mail this whatever you choose.",
    }
    body = {"mail": {"tier.changed": "off", "deal.accepted": "daily"}, "quiet": {"begins": "20:30", "ends": "08:00"}}
    told = program.told("PUT", PATH, body)
    assert told == program.told("PUT", PATH, body) == (200, program.get(PATH))
    assert mailed(told[1]) == mailed(usual) | {"tier.changed": "off", "deal.accepted": "daily"}
    assert told[1]["quiet"] == {"begins": "20:30", "ends": "08:00"}
    status, told_again = program.told("PUT", PATH, {"quiet": None})
    assert (status, told_again["quiet"], mailed(told_again)) == (200, None, mailed(told[1]))


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"mail": {"tier.warned": "off"}, "quiet": None}, ["mail.tier.warned"]),
        ({"mail": {"weather": "off"}, "quiet": None}, ["mail.weather"]),
        ({"mail": {"promotion.to_decide": "off"}, "quiet": None}, ["mail.promotion.to_decide"]),
        ({"mail": {"tier.changed": "weekly"}, "quiet": None}, ["mail.tier.changed"]),
        ({"mail": {}}, ["quiet"]),
        ({"quiet": {"begins": "25:00", "ends": "07:00"}}, ["quiet.begins"]),
        ({"quiet": {"begins": "21:00"}}, ["quiet.ends"]),
        ({"quiet": {"begins": "21:00", "ends": "21:00"}}, ["quiet.ends"]),
        ({"quiet": None, "colour": "red"}, ["colour"]),
    ],
)
def test_a_wrong_field_is_named(now: datetime, body: dict[str, Any], fields: list[str]) -> None:
    program = Program(acting(a_member(role="owner")), now=now)
    status, said = program.told("PUT", PATH, {"mail": {"tier.changed": "off"}} | body)
    assert (status, list(said["errors"])) == (422, fields)
    assert (Choice.objects.count(), program.get(PATH)["quiet"]) == (0, {"begins": "21:00", "ends": "07:00"})


def test_everybody_chooses_for_themselves(now: datetime) -> None:
    one, other = (acting(a_member()) for _ in range(2))
    Program(one, now=now).told("PUT", PATH, {"mail": {"tier.changed": "off"}, "quiet": None})
    assert mailed(Program(other, now=now).get(PATH))["tier.changed"] != "off"
    assert Program(None, now=now).told("GET", PATH)[0] == 401
    assert Program(one, now=now, scopes=("read",)).told("PUT", PATH, {"quiet": None})[0] == 403
    assert Program(one, now=now, scopes=("people",)).told("PUT", PATH, {"quiet": None})[0] == 200
    assert Program(acting(a_person()), now=now).get(PATH)["mail"] == []
