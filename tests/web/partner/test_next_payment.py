"""The next payment is one fact: Home, Earnings, Statements, the studio and the API say it in the same words."""

import re
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.checking.actions import hold
from academy.programme.payees.actions import change_payee
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms
from academy.web import kept

from ...api.calls import Program
from ...factories import a_staff_member, signed_in
from ...programme.closing.months import APRIL, MAY, a_house, after, collect, profile, sign
from ...worlds import World, days, win
from ..reading import plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(now: datetime) -> World:
    made = a_house(now)
    Person.objects.update(welcomed_at=now)
    Partner.objects.filter(pk=made.partner).update(slug="anchor")
    return made


def told(world: World, at: datetime) -> tuple[str, dict[str, Any] | None]:
    """What every place says of the next payment, which is one thing, and the API's figures for it."""
    kept.forget()
    owner, manager = Person.objects.get(pk=world.owner.person_id), a_staff_member("manager")
    with time_machine.travel(at, tick=False):
        pages = [_figure(signed_in(owner), place) for place in ("/", "/earnings/", "/statements/")]
        pages.append(_figure(signed_in(manager), "/studio/partners/anchor/"))
        api = Program(world.owner, now=at).get("/me/standing")["commission"]
    assert pages == [api["next_payment_text"]] * 4
    return api["next_payment_text"], api["next_payment"]


def _figure(browser: Client, address: str) -> str:
    page = browser.get(address).content.decode()
    return plain(re.findall(r'<(\w+)[^>]* data-figure="next-payment"[^>]*>(.*?)</\1>', page)[0][1])


def section(world: World, at: datetime) -> list[str]:
    """What heads the lines of each payment on Earnings."""
    with time_machine.travel(at, tick=False):
        page = signed_in(Person.objects.get(pk=world.owner.person_id)).get("/earnings/").content.decode()
    return re.findall(r"(?:Payment of|No payment)[^<]*", page.split('id="lines"')[1].split("</select>")[1])


def test_what_is_planned_is_told_as_about_until_a_statement_says_it(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    figures = {"amount": "200.00", "currency": "GBP", "date": "2026-05-05"}
    assert told(world, now + days(40)) == ("5 May: about £200.00", figures | {"about": True})
    sign(collect(world, APRIL))
    assert told(world, after(APRIL, 4, 12)) == ("5 May: £200.00", figures | {"about": False})


def test_what_is_held_is_told_apart_from_what_waits_with_it(world: World, now: datetime) -> None:
    win(world.partner, 98_900, at=now)
    win(world.partner, 191_590, at=now + days(40))
    close = collect(world, APRIL)
    hold(THE_HOUSE, Statement.objects.get().pk, "A question is open.", now=after(APRIL))
    sign(close)
    assert told(world, after(MAY, 1)) == (
        "No payment before SISO lets it go: £98.90 was held in the April statement. £290.49 waits, it does not expire.",
        None,
    )
    assert section(world, after(MAY, 1)) == ["Payment of 5 June 2026, if SISO no longer holds it"]


def test_what_waits_for_a_check_of_payee_details_has_no_day(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    change_payee(world.owner, world.partner, profile(legal_name="Anchor Group"), now=now + days(1))
    said = "No payment before the payee details are checked. £200.00 waits, it does not expire."
    assert told(world, now + days(40)) == (said, None)
    assert section(world, now + days(40)) == ["Payment of 5 May 2026, once the payee details are checked"]


def test_what_waits_for_terms_has_no_day(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    publish_terms(THE_HOUSE, world.programme, "New words.", reason="New.", effective_from=now, now=now)
    said = "No payment before the current terms are accepted. £200.00 waits, it does not expire."
    assert told(world, now + days(40)) == (said, None)
    assert section(world, now + days(40)) == ["Payment of 5 May 2026, once the current terms are accepted"]
