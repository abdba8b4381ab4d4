"""One line told three times: its partner, the house and the command line read the same sentences and the same sums."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from academy.operations.explaining import in_words
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.deals.hearing.actions import report_deal
from academy.web.money.line import opened
from academy.web.money.working import Working, working

from ..factories import a_staff_member, acting, signed_in
from ..programme.closing.months import a_house
from ..worlds import World, a_report, days, pass_modules, refund, win
from .reading import main

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(now: datetime) -> Iterator[World]:
    made = a_house(now)
    Partner.objects.filter(pk=made.partner).update(name="Anchor", slug="anchor")
    with time_machine.travel(now + days(8), tick=False):
        yield made


def change(world: World, deal: UUID, amount: int, at: datetime) -> None:
    report_deal(THE_HOUSE, a_report(world.partner, amount, at=at, deal=deal, client="Oakline"), now=at)


def plain(world: World, now: datetime) -> None:
    win(world.partner, 1_840_000, at=now, client="Oakline")


def refunded(world: World, now: datetime) -> None:
    refund(win(world.partner, 200_000, at=now, client="Oakline"), 50_000, at=now + days(1))


def changed(world: World, now: datetime) -> None:
    change(world, win(world.partner, 200_000, at=now, client="Oakline"), 230_000, now + days(1))


def came_later(world: World, now: datetime) -> None:
    """Worth nothing when it was won, as Bronze; its value comes when the partner is Gold."""
    deal = win(world.partner, 0, at=now, client="Oakline")
    win(world.partner, 2_000_000, at=now + days(1), client="Fern")
    pass_modules(world.owner, world.course, now=now + days(2))
    change(world, deal, 300_000, now + days(3))


def corrected(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now, client="Oakline")
    finance = acting(a_staff_member("finance", name="Ines"))
    correct_line(finance, CommissionLine.objects.get().pk, -1_234, reason="It was too much.", now=now + days(1))


PLAN = "Why this amount. Plan agencies-1, in force since 2 Mar:\n"
RATE = "  Base: 10.00%\n  = Rate, rounded once to 0.01%: 10.00%\n"
ROUNDED = "The rate is rounded once, half up to 0.01%; that rate is multiplied, and the amount rounded once.\n\n"
SAME = "Today's rate:\nWon 2 Mar, when Anchor was Bronze. Today's rate is the same, 10.00%.\n\n"
HELD = "On hold until 1 Apr. The client may still cancel. Then paid on 5 May.\n\n"
BACK = "Taken back. Off the payment of 5 May.\n\n"
LESS = "\N{MINUS SIGN}\N{NARROW NO-BREAK SPACE}"


def when(*happened: str, is_less: bool = False) -> str:
    """What happened and what is to come."""
    to_come = (
        "1 Apr: Free to be paid: until then the client may still cancel (to come)",
        "5 May: Payment, by the April statement (to come)",
    )
    if is_less:
        to_come = (
            "1 Apr: Taken back from here on (to come)",
            "5 May: Off the payment by the April statement (to come)",
        )
    return "When, in London time:\n" + "".join(f"  {one}\n" for one in ("2 Mar: Won", *happened, *to_come))


def lines_of(*told: str) -> str:
    return "\nAll lines of this deal:\n" + "".join(f"  {one}\n" for one in told)


WAYS: dict[Callable[[World, datetime], None], str] = {
    plain: "£1,840.00 for Anchor: Commission\n"
    f"DEAL{HELD}{PLAN}{RATE}  = £18,400.00 × 10.00%: £1,840.00\n{ROUNDED}{SAME}{when()}",
    refunded: f"{LESS}£50.00 for Anchor: Refund of £500.00 on 3 Mar\n"
    f"DEAL{BACK}{PLAN}{RATE}"
    "  £2,000.00 × 10.00%: £200.00\n"
    f"  Refunded so far: £200.00 × £500.00 ÷ £2,000.00: {LESS}£50.00\n"
    "  = The deal comes to: £150.00\n"
    "  Its lines before came to: £200.00\n"
    f"  = This line: the difference: {LESS}£50.00\n"
    f"{ROUNDED}{SAME}{when('3 Mar: Refund of £500.00 on 3 Mar', is_less=True)}"
    + lines_of(
        "2 Mar: Commission: £200.00",
        f"3 Mar: Refund of £500.00 on 3 Mar: {LESS}£50.00 (this one)",
        "The deal comes to £150.00",
    ),
    changed: "£30.00 for Anchor: Changed from £2,000.00 to £2,300.00 on 3 Mar\n"
    f"DEAL{HELD}{PLAN}{RATE}"
    "  £2,300.00 × 10.00%: £230.00\n"
    "  = The deal comes to: £230.00\n"
    "  Its lines before came to: £200.00\n"
    "  = This line: the difference: £30.00\n"
    f"{ROUNDED}{SAME}{when('3 Mar: Changed from £2,000.00 to £2,300.00 on 3 Mar')}"
    + lines_of(
        "2 Mar: Commission: £200.00",
        "3 Mar: Changed from £2,000.00 to £2,300.00 on 3 Mar: £30.00 (this one)",
        "The deal comes to £230.00",
    ),
    came_later: "£300.00 for Anchor: Changed from £0.00 to £3,000.00 on 5 Mar\n"
    f"DEAL{HELD}{PLAN}{RATE}  = £3,000.00 × 10.00%: £300.00\n{ROUNDED}"
    "Why not today's rate:\n"
    "Won 2 Mar, when Anchor was Bronze. Its value of £3,000.00 came on 5 Mar, and is paid at the rate of the day it was"
    " won. Gold began 4 Mar and counts for deals won since. "
    "Automation is paid 14.65% today, for deals won from now on.\n"
    "14.65%, was 11.50% · new tier, core training completed, advanced certificate · counts for deals won since 4 Mar\n"
    "11.50%, was 10.00% · new tier · counts for deals won since 4 Mar\n\n"
    f"{when('5 Mar: Changed from £0.00 to £3,000.00 on 5 Mar')}",
    corrected: f"{LESS}£12.34 for Anchor: Corrected by SISO on 3 Mar\n"
    f"DEAL{BACK}{PLAN}Ines corrected this: It was too much.\n{RATE}  = Correction: {LESS}£12.34\n"
    f"{ROUNDED}{SAME}{when('3 Mar: Corrected by SISO on 3 Mar', is_less=True)}"
    + lines_of(
        "2 Mar: Commission: £200.00",
        f"3 Mar: Corrected by SISO on 3 Mar: {LESS}£12.34 (this one)",
        "The deal comes to £187.66",
    ),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_line_is_told_alike_to_all(
    world: World, now: datetime, way: Callable[[World, datetime], None], manager: Client
) -> None:
    way(world, now)
    line = CommissionLine.objects.filter(deal__client_name="Oakline").select_related("deal").latest("effective_at")
    by_house = opened(THE_HOUSE, line.pk, now + days(8))
    deal = f"Deal crm/{line.deal.external_id} with Oakline, product automation.\n"
    assert "\n".join(in_words(by_house)) + "\n" == WAYS[way].replace("DEAL", deal)

    with timezone.override(by_house.zone):
        told, to_partner = working(by_house.it, partner="Anchor"), working(by_house.it)
    assert to_partner.why[0] == told.why[0].replace("when Anchor was", "when you were")
    owner = signed_in(Person.objects.get(pk=world.owner.person_id))
    assert_told(owner.get(f"/earnings/lines/{line.pk}/"), to_partner)
    assert_told(manager.get(f"/studio/lines/{line.pk}/"), told)


def assert_told(page: Any, told: Working) -> None:
    """A page says all of it, in this order."""
    figures = [part for one in (*told.rate, *told.amount) for part in (one.label, one.value)]
    decided = [one for one in (told.decided, told.confirmed) if one]
    said = [told.plan, *decided, *figures, told.rounding, told.question, *told.why]
    assert " ".join(" ".join(said).split()) in main(page)
