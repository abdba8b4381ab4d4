"""Activity: what is told there of things that concern everybody."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.plans.actions import found_programme
from academy.programme.terms.actions import publish_terms

from ...factories import signed_in
from ...worlds import a_colleague, a_world, days, refund, win
from ..reading import plain

pytestmark = pytest.mark.django_db


def lines(browser: Client) -> list[str]:
    """What stands there, newest first, each with whose doing it was."""
    page = browser.get("/activity/").content.decode()
    block = page.split('id="activity"')[1].split("</main>")[0]
    return [plain(one) for one in re.findall(r"<span>(.*?)</span><small", block, re.DOTALL)]


def test_a_member_reads_what_became_of_deals_and_no_amount(now: datetime) -> None:
    world = a_world(now)
    colleague = a_colleague(world.partner, now=now)
    Person.objects.update(welcomed_at=now)
    deal = win(world.partner, 200_000, at=now, client="Quayside")
    refund(deal, 50_000, at=now)
    found = {
        who: [one for one in lines(signed_in(Person.objects.get(pk=actor.person_id))) if "Quayside" in one]
        for who, actor in (("member", colleague), ("owner", world.owner))
    }
    said = [one.partition(" · ")[0] for one in found["member"]]
    assert said == ["The client took something back", "Deal won"]
    assert len(found["owner"]) == 4
    assert "£2,000.00" in " ".join(found["owner"])


def test_terms_are_told_of_since_one_came_and_of_the_own_programme_alone(now: datetime) -> None:
    world = a_world(now)
    other = found_programme("referrers", name="Referrers", timezone="Europe/London")
    Person.objects.update(welcomed_at=now)
    before = now - days(1)
    publish_terms(THE_HOUSE, world.programme, "# First", reason="First.", effective_from=before, now=before)
    publish_terms(THE_HOUSE, other, "# Theirs", reason="First.", effective_from=now + days(1), now=now + days(1))
    publish_terms(
        THE_HOUSE, world.programme, "# Second", reason="Clearer.", effective_from=now + days(2), now=now + days(2)
    )
    with time_machine.travel(now + days(3), tick=False):
        found = lines(signed_in(Person.objects.get(pk=world.owner.person_id)))
    assert [one for one in found if "erms" in one] == ["New terms: version 2 SISO"]
    assert not any("terms.published" in one for one in found)
