"""Home's money: the next payment with its day first, what is on hold, and the rate; words for who may see no sums."""

import re
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner, PartnerKind
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import start_close
from academy.programme.earnings.queries import overview
from academy.programme.glance.queries import as_of, glance
from academy.programme.standing.queries import stands
from academy.programme.terms.actions import publish_terms
from academy.web import kept

from ...factories import signed_in
from ...programme.closing.months import APRIL, MAY, a_house, after, close_month
from ...worlds import World, a_colleague, days, refund, win
from ..parts import assert_parts_stand_alone
from ..reading import plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person", "nothing_kept")]


@pytest.fixture
def world(now: datetime) -> World:
    made = a_house(now)
    Person.objects.update(welcomed_at=now)
    return made


def card(browser: Client, at: datetime) -> str:
    """What the money card says at an instant; the same as a page that was not kept says."""
    with time_machine.travel(at, tick=False):
        said = _card(browser)
        kept.forget()
        assert said == _card(browser)
    return said


def _card(browser: Client) -> str:
    page = browser.get("/").content.decode()
    head, _, rest = re.findall(r'<article id="money".*?</article>', page, re.DOTALL)[0].partition("</div>")
    return f"{plain(head.split('</h2>')[0])} {plain(rest)}"


def assert_home_says_what_earnings_says(world: World, at: datetime) -> None:
    """Home reads its money with everything else in one statement; it is the one that Earnings shows."""
    known, found = as_of(world.partner, world.owner.person_id), stands(world.partner)
    assert known is not None
    assert found is not None
    assert glance(known, at).money == overview(world.owner, found, at)


def test_the_way_of_some_money_as_home_tells_it(world: World, now: datetime) -> None:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    rate = "Rate today on automation"
    assert "Next payment" not in card(browser, now)

    win(world.partner, 4_000, at=now + days(1))
    assert card(browser, now + days(1)).startswith(
        f"Next payment No payment planned: £4.00 is below the minimum of £50.00. It waits, it does not expire."
        f" 1 line, no payment planned On hold until 2 Apr the client may still cancel £4.00 {rate} 10.00%"
    )  # fmt: skip
    deal = win(world.partner, 196_000, at=now + days(2))
    on_hold = "On hold, the last until 3 Apr the client may still cancel £200.00"
    assert card(browser, now + days(2)).startswith(
        f"Next payment 5 May: about £200.00 2 lines, on hold until 3 Apr {on_hold} {rate}"
    )
    assert_home_says_what_earnings_says(world, now + days(2))
    # The hold ends with a day of the programme, though nothing happens.
    assert card(browser, now + days(40)).startswith(f"Next payment 5 May: about £200.00 2 lines, ready {rate}")
    refund(deal, 98_000, at=now + days(41))
    assert card(browser, now + days(41)).startswith("Next payment 5 May: about £102.00")
    assert_home_says_what_earnings_says(world, now + days(41))

    start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL, 1, 9))
    assert_home_says_what_earnings_says(world, after(APRIL, 1, 9))


def test_a_statement_on_its_way_and_paid(world: World, now: datetime) -> None:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    win(world.partner, 200_000, at=now)
    assert card(browser, now + days(50)).startswith("Next payment 5 May: about £200.00")
    close_month(world, APRIL, pay=False)
    assert card(browser, after(APRIL, 4, 12)).startswith("Next payment 5 May: £200.00")
    assert_home_says_what_earnings_says(world, after(APRIL, 4, 12))


def test_without_accepted_terms_it_says_what_waits(world: World, now: datetime) -> None:
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    win(world.partner, 200_000, at=now)
    publish_terms(THE_HOUSE, world.programme, "New words.", reason="New.", effective_from=now, now=now)
    close_month(world, APRIL, pay=False)
    win(world.partner, 100_000, at=after(APRIL, 5, 9))
    assert card(browser, after(APRIL, 6, 9)).startswith(
        "Next payment No payment before the current terms are accepted."
    )
    assert_home_says_what_earnings_says(world, after(MAY, 1, 9))


def test_a_member_reads_words(world: World, now: datetime) -> None:
    colleague = a_colleague(world.partner, now=now)
    Person.objects.update(welcomed_at=now)
    win(world.partner, 200_000, at=now)
    browser = signed_in(Person.objects.get(pk=colleague.person_id))
    said = card(browser, now + days(1))
    assert "Payments are visible to the owner." in said
    assert "200.00" not in said


@pytest.mark.parametrize(
    ("won", "member", "owner"),
    [
        (6_573, "60% or more", "£65.73 of £100"),
        (573, "", "£5.73 of £100"),
        (10_000, "100%", "£100 of £100"),
    ],
)
def test_a_members_tier_card_tells_a_sum_in_tenths(
    world: World, now: datetime, won: int, member: str, owner: str
) -> None:
    people = {"member": a_colleague(world.partner, now=now).person_id, "owner": world.owner.person_id}
    Person.objects.update(welcomed_at=now)
    win(world.partner, won, at=now)
    said = {}
    with time_machine.travel(now + days(1), tick=False):
        for who, person in people.items():
            kept.forget()
            page = signed_in(Person.objects.get(pk=person)).get("/").content.decode()
            card = re.findall(r'<article id="tier".*?</article>', page, re.DOTALL)[0]
            todo = re.findall(r"<small[^>]*>(.*?)</small></li>", card, re.DOTALL)
            said[who] = [plain(one) for one in todo]

    assert {who: one[-1] for who, one in said.items()} == {"member": member, "owner": owner}


def test_the_sum_names_its_scope_and_opens_its_lines(world: World, now: datetime) -> None:
    """A freelancer has one scope, which need not be named."""
    win(world.partner, 200_000, at=now)
    seen = {}
    for kind in PartnerKind:
        Partner.objects.filter(pk=world.partner).update(kind=kind, name="Northlight Studio")
        with time_machine.travel(now + days(1), tick=False):
            page = signed_in(Person.objects.get(pk=world.owner.person_id)).get("/").content.decode()
        head = page.split('id="money"')[1].split("</p>")[0]
        assert 'href="/earnings/?payment=2026-05-05#lines"' in head
        seen[kind] = plain(f"<{head}")
    assert seen == {
        PartnerKind.FREELANCER: "Next payment 5 May: about £200.00",
        PartnerKind.COMPANY: "Next payment Northlight Studio 5 May: about £200.00",
    }


def test_the_card_stands_alone(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    with time_machine.travel(now + days(1), tick=False):
        parts = assert_parts_stand_alone(signed_in(Person.objects.get(pk=world.owner.person_id)), "/")
    assert "money" in parts
