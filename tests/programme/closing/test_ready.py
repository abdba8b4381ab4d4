"""Owners are told once of each statement, whatever becomes of it."""

from datetime import datetime

import pytest

from academy.notifications.models import Mail
from academy.notifications.notices.actions import send_daily
from academy.notifications.notices.models import Delivery, Notice
from academy.notifications.preferences.actions import choose
from academy.programme.closes.actions import go_on
from academy.programme.statements.models import Statement

from ...worlds import a_colleague, win
from .months import APRIL, a_house, after, another, collect, sign

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person")]


def test_owners_are_told_once_when_it_is_made(now: datetime) -> None:
    world = a_house(now)
    second = a_colleague(world.partner, now=now, role="owner")
    a_colleague(world.partner, now=now)
    nobodys, small = another(world, now=now), another(world, now=now)
    owner_of_small = a_colleague(small, now=now, role="owner")
    for partner, amount in ((world.partner, 200_000), (nobodys, 200_000), (small, 10_000)):
        win(partner, amount, at=now)
    Notice.objects.all().delete()

    close = collect(world, APRIL)
    assert Notice.objects.count() == 0  # a draft may still change
    sign(close)
    assert not go_on(close.pk, now=after(APRIL))

    found = Notice.objects.filter(kind="statement.ready")
    paying, waiting = (Statement.objects.get(partner=partner) for partner in (world.partner, small))
    pays = {
        "month": "2026-04", "outcome": "pay", "pays_on": "2026-05-05", "amount": 20_000, "currency": "GBP",
        "minimum": 5_000,
    }  # fmt: skip
    waits = pays | {"outcome": "below_minimum", "amount": 1_000}
    told = {(n.person_id, n.key, n.partner_id, n.url): n.params for n in found}
    assert told == {
        (person, f"statement.ready:{one.pk}", one.partner_id, f"/statements/{one.number}/"): params
        for person, one, params in (
            (world.owner.person_id, paying, pays),
            (second.person_id, paying, pays),
            (owner_of_small.person_id, waiting, waits),
        )
    }
    assert found.count() == 3


def test_it_comes_with_the_mail_of_the_day_or_as_was_chosen(now: datetime) -> None:
    world = a_house(now)
    at_once = a_colleague(world.partner, now=now, role="owner")
    never = a_colleague(world.partner, now=now, role="owner")
    choose(at_once, {"statement.ready": "at_once"}, quiet_begins=None, quiet_ends=None, now=now)
    choose(never, {"statement.ready": "off"}, quiet_begins=None, quiet_ends=None, now=now)
    win(world.partner, 200_000, at=now)
    Mail.objects.all().delete()
    Delivery.objects.all().delete()

    sign(collect(world, APRIL))

    ready = Delivery.objects.filter(notice__kind="statement.ready")
    ways = dict(ready.values_list("notice__person_id", "cadence"))
    assert ways == {world.owner.person_id: "daily", at_once.person_id: "at_once"}
    mail = Mail.objects.get()
    assert mail.subject == "Your statement for April"
    assert "£200.00 is paid on 5 May." in mail.text
    assert send_daily(now=after(APRIL, 5)) == 1
