"""What is told late counts from the partner's latest fact; every place says on which day it happened as well."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from academy.operations.explaining import in_words
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.late.rules import Late, late_move, late_win
from academy.programme.deals.models import Deal
from academy.web.money.line import opened

from ...api.calls import Program
from ...factories import a_staff_member, signed_in
from ...programme.closing.months import a_house
from ...worlds import World, a_report, refund, win
from ..reading import main, plain

pytestmark = pytest.mark.django_db

HAPPENED, LATE, TOLD = (datetime(2026, month, day, 9, tzinfo=UTC) for month, day in ((4, 10), (5, 20), (5, 21)))


@pytest.fixture
def world(now: datetime) -> Iterator[World]:
    """A partner with a deal of 20 May; on 21 May one that was won on 10 April is told, and a refund of 11 April."""
    with time_machine.travel(TOLD):  # ids follow the clock, and lines their ids
        made = a_house(now)
        Partner.objects.filter(pk=made.partner).update(slug="anchor", name="Anchor")
        Person.objects.update(welcomed_at=now)
        win(made.partner, 100_000, at=LATE, client="Harbour")
        late = a_report(made.partner, 200_000, at=HAPPENED, client="Quayside")
        report_deal(THE_HOUSE, late, now=TOLD)
        deal = Deal.objects.get(client_name="Quayside")
        refund(deal.pk, 50_000, at=datetime(2026, 4, 11, 9, tzinfo=UTC), now=TOLD)
    with time_machine.travel(TOLD, tick=False):
        yield made


@pytest.fixture
def owner(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def the_line(kind: str) -> CommissionLine:
    return CommissionLine.objects.get(deal__client_name="Quayside", kind=kind)


WHY = "Won 10 Apr, told 21 May; counts from 20 May, when you were Bronze. Today's rate is the same, 10.00%."
TAKEN = "Refund of £500.00 on 11 Apr, told 21 May"


def test_the_partner_reads_both_days(owner: Client) -> None:
    said = main(owner.get(f"/earnings/lines/{the_line('earned').pk}/"))
    assert WHY in said
    assert "Apr 10 Won May 20 Counts from here on: it was told on 21 May" in said
    said = main(owner.get(f"/earnings/lines/{the_line('reversed').pk}/"))
    assert f"Refund · {TAKEN} Quayside" in said
    said = main(owner.get("/earnings/"))
    assert "Quayside Automation 10 Apr counts from 20 May £2,000.00 10.00% £200.00" in said
    assert f"Quayside {TAKEN} 10 Apr counts from 20 May" in said
    assert "Harbour Automation 20 May £1,000.00 10.00% £100.00" in said


def test_its_file_has_the_day_it_happened(owner: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(owner.get("/earnings/lines.csv").content.decode("utf-8-sig"))))
    told = {(row["Client"], row["What"]): row["Won"] for row in rows}
    assert told == {
        ("Quayside", TAKEN): "2026-04-10",
        ("Quayside", "Automation"): "2026-04-10",
        ("Harbour", "Automation"): "2026-05-20",
    }


def test_deals_say_it_to_partner_and_house(owner: Client) -> None:
    deal = Deal.objects.get(client_name="Quayside")
    manager = signed_in(a_staff_member("manager"))
    for browser, address in ((owner, f"/deals/{deal.pk}/"), (manager, f"/studio/deals/{deal.pk}/")):
        said = main(browser.get(address))
        assert "Won 10 Apr" in said
        assert "Told 21 May; counts from 20 May." in said
        assert "Deal won: £2,000.00. It happened on 10 Apr" in said
        assert "Taken back by a client: £500.00. It happened on 11 Apr" in said
    assert "Won 10 Apr" in main(owner.get("/deals/"))
    assert "Won 10 Apr" in main(manager.get("/studio/deals/"))


def test_the_house_and_the_command_line_say_the_same(world: World) -> None:
    line = the_line("earned")
    why = WHY.replace("you were", "Anchor was")
    assert why in main(signed_in(a_staff_member("manager")).get(f"/studio/lines/{line.pk}/"))
    text = [plain(one) for one in in_words(opened(THE_HOUSE, line.pk, TOLD))]
    assert why in text
    assert "10 Apr: Won" in [one.strip() for one in text]


def test_the_api_tells_both_instants(world: World) -> None:
    program, line = Program(world.owner, now=TOLD), the_line("earned")
    told = program.get(f"/commissions/{line.pk}/explanation")
    days = {"won_at": "2026-04-10T09:00:00Z", "counts_from": "2026-05-20T09:00:00Z"}
    assert {name: told["deal"][name] for name in days} == days
    assert told["why_not_todays_rate"] == [WHY]
    listed = [one for one in program.get("/me/commissions")["items"] if one["id"] == str(line.pk)]
    assert [{name: one["deal"][name] for name in days} for one in listed] == [days]
    deal = Deal.objects.get(client_name="Quayside")
    found = program.get(f"/deals/crm/{deal.external_id}")
    assert {name: found[name] for name in days} == days


def told_of(happened: Sequence[tuple[datetime, int]]) -> dict[int, datetime | None]:
    """Refund so much of the late deal for each of these instants, a minute apart, told on 21 May. What its history then
    says of when each happened that was told late, by what was refunded in all.
    """
    deal = Deal.objects.get(client_name="Quayside")
    for minute, (at, amount) in enumerate(happened, 1):
        now = TOLD + timedelta(minutes=minute)
        with time_machine.travel(now, tick=False):
            refund(deal.pk, amount, at=min(at, now), now=now)
    history = explained(THE_HOUSE, the_line("earned").pk).history
    return {one.moved.refunded: one.late.happened_at if one.late else None for one in history if one.moved}


def in_may(day: int) -> datetime:
    return datetime(2026, 5, day, 9, tzinfo=UTC)


def test_equal_refunds_keep_their_own_days(world: World, owner: Client) -> None:
    """Two that were told late together, one that was told in time, and one that came late after it."""
    told = told_of([(in_may(5), 10_000), (in_may(9), 10_000), (in_may(31), 10_000), (in_may(12), 10_000)])
    first = {50_000: datetime(2026, 4, 11, 9, tzinfo=UTC)}
    assert told == {**first, 60_000: in_may(5), 70_000: in_may(9), 80_000: None, 90_000: in_may(12)}

    page = main(owner.get("/earnings/"))
    said = re.findall(r"Refund of £100.00 on ([0-9]+ May(?:, told 21 May)?)", page)
    assert sorted(said) == ["12 May, told 21 May", "21 May", "5 May, told 21 May", "9 May, told 21 May"]


def test_a_refund_behind_one_that_took_nothing_back_keeps_its_day(world: World) -> None:
    """Of a penny no commission goes back, so that it has no line."""
    told = told_of([(in_may(5), 1), (in_may(9), 10_000)])
    assert told == {50_000: datetime(2026, 4, 11, 9, tzinfo=UTC), 60_001: in_may(9)}


def test_which_telling_a_line_follows_from() -> None:
    won, first, second, changed = (
        Late(HAPPENED, TOLD, LATE, kind, place)
        for place, kind in enumerate(("deal.won", "deal.refunded", "deal.refunded", "deal.changed"))
    )
    told = (won, first, second, changed)
    assert late_win(told) == won
    assert late_win(told[1:]) is None
    assert [late_move(told, place) for place in (1, 2, 3, 4, None)] == [first, second, changed, None, None]
    assert [one.is_by_days(UTC) for one in (won, Late(LATE, TOLD, LATE.replace(hour=10), "deal.won", 0))] == [
        True,
        False,
    ]
