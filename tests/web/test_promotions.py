"""A tier that SISO must confirm: promised as such, dated while it waits, counted from the word, late or not."""

from datetime import datetime
from typing import Any

import pytest
import time_machine

from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.standing.actions import approve_promotion
from academy.programme.standing.models import Standing

from ..api.calls import Program
from ..factories import signed_in
from ..worlds import World, a_world, days, pass_modules, win, written_plan
from .reading import main

pytestmark = pytest.mark.django_db

PROMISE = "SISO confirms Silver within 3 working days, counting from the day you meet it."
WAITS = (
    "You have met Silver since 2 Mar. SISO confirms within 3 working days, counting from the day you met it: by 5 Mar. "
    "Silver counts for deals won after it is confirmed."
)
LATE = (
    "You have met Silver since 2 Mar. SISO promised to confirm by 5 Mar and is late. "
    "Silver counts for deals won after it is confirmed."
)


@pytest.fixture
def world(now: datetime) -> World:
    """One module is missing for Silver, which a person must confirm."""
    tiers: list[dict[str, Any]] = written_plan([])["tiers"]
    tiers[1] |= {"promotion": "approve"}
    made = a_world(now, tiers=tiers[:2])
    win(made.partner, 50_000, at=now)
    return made


def pages(world: World, at: datetime) -> dict[str, str]:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    with time_machine.travel(at, tick=False):
        return {address: main(browser.get(address)) for address in ("/", "/training/", "/what-if/", "/team/")}


def test_the_step_there_promises_no_more_than_siso_does(world: World, now: datetime) -> None:
    told = pages(world, now)
    assert [address for address, text in told.items() if PROMISE in text] == ["/", "/training/", "/what-if/", "/team/"]
    step = Program(world.owner, now=now).get("/me/standing")["next_step"]
    assert (step["awaits"], step["effect"]["tier"], step["effect"]["rate_after"]) == ("Silver", "Silver", "11.50")


@pytest.mark.parametrize(("day", "sentence"), [(0, WAITS), (3, WAITS), (4, LATE)])
def test_while_it_waits_its_day_stands_everywhere(world: World, now: datetime, day: int, sentence: str) -> None:
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    told = pages(world, now + days(day))
    assert [address for address, text in told.items() if sentence in text] == ["/", "/what-if/", "/team/"]
    tier = Program(world.owner, now=now + days(day)).get("/me/standing")["tier"]
    assert tier["awaiting"] == {"name": "Silver", "since": "2026-03-02T09:00:00Z", "confirmed_by": "2026-03-05"}


def test_approved_late_it_counts_from_the_word(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    approve_promotion(THE_HOUSE, world.partner, "silver", now=now + days(9))
    tier = Program(world.owner, now=now + days(9)).get("/me/standing")["tier"]
    assert (tier["current"], tier["since"], tier["awaiting"]) == ("Silver", "2026-03-11T09:00:00Z", None)
    assert not [text for text in pages(world, now + days(9)).values() if "SISO confirms" in text]


def test_a_wait_from_before_its_day_was_kept_reads_without_one(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    standing = Standing.objects.get(pk=world.partner)
    del standing.held["awaiting_since"]
    standing.save(update_fields=["held"])
    told = pages(world, now)
    assert "You meet Silver. SISO confirms within 3 working days; it counts for deals won after that." in told["/"]
    tier = Program(world.owner, now=now).get("/me/standing")["tier"]
    assert tier["awaiting"] == {"name": "Silver", "since": None, "confirmed_by": None}
    standing.held["awaiting_since"] = now.isoformat()
    standing.save(update_fields=["held"])
