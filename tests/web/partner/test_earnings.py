"""Earnings and one line: what stands there for an owner, a member, a newcomer; and “This looks wrong”."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import answer_question, correct_line
from academy.programme.commissions.questions.models import LineQuestion
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payouts.actions import came_back
from academy.programme.statements.models import Statement

from ...factories import a_member, a_partner, a_staff_member, acting, signed_in
from ...programme.closing.months import APRIL, MAY, a_house, after, close_month, collect, profile, sign
from ...worlds import World, a_colleague, a_report, days, pass_modules, refund, win
from ..parts import assert_parts_stand_alone
from ..reading import heading, main, wrong

pytestmark = pytest.mark.django_db
EARNINGS = "/earnings/"


@pytest.fixture(autouse=True)
def _on_the_day(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@contextmanager
def on(world: World, when: datetime) -> Iterator[Client]:
    """The owner's browser on another day; a session does not last that long."""
    with time_machine.travel(when, tick=False):
        yield signed_in(Person.objects.get(pk=world.owner.person_id))


@pytest.fixture
def world(now: datetime) -> World:
    return a_house(now)


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def the_line(**of: Any) -> CommissionLine:
    return CommissionLine.objects.get(**of)


def rows(page: str) -> list[str]:
    """The commissions that the table shows, in order."""
    found = re.findall(r'<tr id="line-.*?<td class="n key">(.*?)</td>', page, re.DOTALL)
    return [one.replace("\N{NARROW NO-BREAK SPACE}", "") for one in found]


def test_the_first_day_says_what_will_be_here(browser: Client) -> None:
    said = main(browser.get(EARNINGS))
    assert "The first £1,000 brings £100.00, on hold 30 days, paid on the 5th. Register a deal" in said
    assert "£0.00" not in said
    assert "The same deals without your training" not in said


def test_each_sum_opens_its_lines(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now, client="Oakline")
    refund(the_line().deal_id, 50_000, at=now + days(1))
    with on(world, now + days(40)) as later:
        win(world.partner, 100_000, at=now + days(35), client="Fern")
        page = later.get(EARNINGS)
        said = main(page)
        assert "Next payment 5 May: about £150.00 2 lines, ready" in said
        assert "On hold £100.00 1 line · until 6 May, the client may still cancel" in said
        assert "Ready £150.00 2 lines · April statement" in said
        assert "On its way nothing now Paid this year nothing now" in said
        assert rows(page.content.decode())[0] == "£100.00"
        assert sorted(rows(page.content.decode())) == ["£100.00", "£200.00", "−£50.00"]
        assert "Oakline Refund of £500.00 on 3 Mar" in said
        opened = later.get(f"{EARNINGS}?state=ready").content.decode()
        assert sorted(rows(opened)) == ["£200.00", "−£50.00"]
        assert rows(later.get(f"{EARNINGS}?payment=2026-05-05").content.decode()) == rows(opened)
        assert rows(later.get(f"{EARNINGS}?state=paid&year=2026").content.decode()) == []
        assert "No line is in this" in main(later.get(f"{EARNINGS}?state=paid&year=2026"))


def test_the_five_words(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    assert "On hold until 1 Apr" in main(browser.get(EARNINGS))
    with on(world, now + days(31)) as later:
        assert "Ready · April statement · 1 line" in main(later.get(EARNINGS))
    close_month(world, APRIL, pay=False)
    with on(world, after(APRIL)) as later:
        said = main(later.get(EARNINGS))
        assert "Payment of 5 May 2026 On its way · run of 4 May · 1 line £200.00" in said
        assert "Next payment 5 May: £200.00 1 line, on its way" in said


def test_months_that_are_closed_late_come_on_one_day(world: World, now: datetime) -> None:
    """Nothing is closed until June: the headline of the day is the sum that its group is headed by."""
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    win(world.partner, 100_000, at=after(APRIL, 6), client="Fern")
    win(world.partner, 300_000, at=after(APRIL, 6) + days(30), client="Oakline")
    with on(world, datetime(2026, 7, 20, 9, tzinfo=UTC)) as later:
        page = later.get(EARNINGS)
        said = main(page)
        assert "Next payment 5 Aug: about £400.00 2 lines, ready" in said
        assert "Ready £400.00 2 lines · June to July statements" in said
        assert "Payment of 5 August 2026 £400.00 Ready July statement · 1 line £300.00 Oakline" in said
        assert "Ready June statement · 1 line £100.00 Fern" in said
        assert rows(later.get(f"{EARNINGS}?payment=2026-08-05").content.decode()) == ["£300.00", "£100.00"]


def test_a_line_that_is_told_of_late_splits_no_payment(world: World, now: datetime) -> None:
    """A refund of a deal on hold that is told of once its month is being closed comes with the month after."""
    win(world.partner, 300_000, at=now + days(1), client="Penrose")
    oakline = win(world.partner, 200_000, at=now + days(8), client="Oakline")
    win(world.partner, 100_000, at=now + days(19), client="Fern")
    close = collect(world, APRIL)
    refund(oakline, 50_000, at=now + days(34), now=after(APRIL, 4, 12))
    sign(close, now=after(APRIL, 4, 13))
    assert {(f"{one.payable_on:%d %b}", one.amount) for one in CommissionLine.objects.all()} == {
        ("20 Apr", 10_000), ("09 Apr", 20_000), ("01 May", -5_000), ("02 Apr", 30_000)
    }  # fmt: skip
    late = CommissionLine.objects.get(amount__lt=0)
    with on(world, after(APRIL, 4, 14)) as browser:
        page = browser.get(EARNINGS)
        line = main(browser.get(f"{EARNINGS}lines/{late.pk}/"))
    said = main(page)
    assert "Taken back from here on: April 2026 was closed already when this was told" in line
    assert "No payment planned Ready · set against what comes next · 1 line −" in said
    assert "Payment of 5 May 2026 On its way · run of 4 May · 3 lines £600.00 Fern" in said
    assert said.count("Payment of 5 May 2026 ") == 1
    assert rows(page.content.decode()) == ["−£50.00", "£100.00", "£200.00", "£300.00"]


def test_a_line_says_which_month_was_closed_before_it_was_told(world: World, now: datetime) -> None:
    """A deal that turned out to be worth more, as its source tells once April is being closed; and a correction."""
    deal = win(world.partner, 200_000, at=now)
    collect(world, APRIL)
    more = a_report(world.partner, 300_000, at=now + days(34), deal=deal)
    report_deal(THE_HOUSE, more, now=after(APRIL, 4, 12))
    line = CommissionLine.objects.get(kind="adjusted")
    correct_line(THE_HOUSE, line.pk, 100, reason="So agreed.", now=after(APRIL, 4, 13))
    corrected = CommissionLine.objects.get(corrects=line)
    assert (line.payable_on, corrected.payable_on) == (date(2026, 5, 1), date(2026, 5, 4))
    with on(world, after(APRIL, 4, 14)) as browser:
        said, of_correction = (main(browser.get(f"{EARNINGS}lines/{one.pk}/")) for one in (line, corrected))
    assert "Free to be paid: April 2026 was closed already when this was told" in said
    assert "was closed already" not in of_correction


def test_a_line_says_why_it_is_paid_later_than_its_month_is(world: World, now: datetime) -> None:
    """It is ready for the May statement, and May was not closed by its own pay day, 5 June."""
    win(world.partner, 200_000, at=now)
    win(world.partner, 300_000, at=now + days(31))
    close_month(world, APRIL)
    line = CommissionLine.objects.order_by("payable_on").last()
    assert line is not None
    address = f"{EARNINGS}lines/{line.pk}/"
    with on(world, after(MAY, 20)) as browser:
        assert "May statement, not closed by its own pay day: paid on 5 Jul" in main(browser.get(address))
    close = collect(world, MAY, now=after(MAY, 20))
    sign(close, now=after(MAY, 20))
    change_payee(world.owner, world.partner, profile(legal_name="Anchor Group"), now=after(MAY, 20))
    with on(world, after(MAY, 20)) as browser:
        assert "May statement, closed too late for its own pay day: paid on 5 Jul" in main(browser.get(address))


def test_what_waits_for_the_payees_check_is_not_on_its_way(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    close = sign(collect(world, APRIL))
    change_payee(world.owner, world.partner, profile(legal_name="Anchor Group"), now=after(APRIL, 4))
    with on(world, after(APRIL, 4, 10)) as browser:
        said = main(browser.get(EARNINGS))
        line = main(browser.get(f"{EARNINGS}lines/{the_line().pk}/"))
    assert "No payment before the payee details are checked. £200.00 waits, it does not expire. 1 line, ready" in said
    assert "Ready £200.00 1 line · April statement On its way nothing now" in said
    assert "Payment of 5 May 2026, once the payee details are checked Ready · April statement · 1 line £200.00" in said
    assert "Next payment 5 May" not in said
    assert "Ready (April statement) April statement, paid on 5 May, once the payee details are checked" in line
    assert "Payment, once the payee details are checked to come" in line
    assert "On its way" not in line
    check_payee(THE_HOUSE, world.partner, 2, now=after(APRIL, 4, 11))
    hand_over(THE_HOUSE, close.pk, now=after(APRIL, 4, 12))
    with on(world, after(APRIL, 4, 13)) as browser:
        assert "Payment of 5 May 2026 On its way · run of 4 May · 1 line £200.00" in main(browser.get(EARNINGS))


def test_paid_and_sent_back(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    number = Statement.objects.get().number
    with on(world, after(APRIL, 6)) as later:
        said = main(later.get(EARNINGS))
        assert "Paid on 5 May 2026 Paid · April statement · 1 line £200.00" in said
        assert f"Paid 5 May, ref. R-{number}" in said
        assert "Paid this year £200.00 1 line" in said
        assert "Next payment No payment planned: nothing is ready or on hold." in said
    came_back(
        THE_HOUSE, Statement.objects.get().pk, returned_on=date(2026, 5, 6), reason="Closed.", now=after(APRIL, 7)
    )
    with on(world, after(APRIL, 8)) as later:
        said = main(later.get(f"{EARNINGS}lines/{the_line().pk}/"))
        assert f"Paid, ref. R-{number}" in said
        assert "Sent back by the bank: Closed." in said
        assert "The bank sent it back on 6 May. It is paid again on 5 Jun" in said
        said = main(later.get(EARNINGS))
        again = "came back on 6 May, paid again on 5 Jun"
        assert f"Ready nothing now On its way £200.00 1 line · {again} Paid this year nothing now" in said
        assert f"Payment of 5 June 2026 On its way · {again} · 1 line £200.00" in said
        assert f"On its way ({again})" in said
        assert "run of" not in said


def test_what_came_back_beside_what_is_on_its_way(browser: Client, world: World, now: datetime) -> None:
    """The run is that of the other statement; what the bank sent back is told apart, with its sum."""
    win(world.partner, 200_000, at=now)
    win(world.partner, 100_000, at=datetime(2026, 4, 10, 9, tzinfo=UTC))
    close_month(world, APRIL)
    first = Statement.objects.get().pk
    came_back(THE_HOUSE, first, returned_on=date(2026, 5, 6), reason="Closed.", now=after(APRIL, 7))
    close_month(world, MAY, pay=False)
    with on(world, after(MAY, 4, 12)) as later:
        said = main(later.get(EARNINGS))
    way = "run of 4 Jun; £200.00 came back on 6 May, paid again on 5 Jun"
    assert f"On its way £300.00 2 lines · {way} Paid this year nothing now" in said


def test_below_the_minimum_it_waits(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 18_400, at=now)
    with on(world, now + days(40)) as later:
        said = main(later.get(EARNINGS))
        sentence = "No payment planned: £18.40 is below the minimum of £50.00. It waits, it does not expire."
        assert f"Next payment {sentence} 1 line, no payment planned" in said
        assert rows(later.get(f"{EARNINGS}?payment=waiting").content.decode()) == ["£18.40"]


def test_bad_news_in_full(browser: Client, world: World, now: datetime) -> None:
    deal = win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    refund(deal, 200_000, at=after(APRIL, 10))
    with on(world, after(APRIL, 12)) as later:
        said = main(later.get(EARNINGS))
        assert "No payment planned: £200.00 is owed and is set against what comes next." in said
        said = main(later.get(f"{EARNINGS}lines/{the_line(kind='reversed').pk}/"))
        assert "Refund · Refund of £2,000.00 on 10 May" in said
        assert "Refunded so far: £200.00 × £2,000.00 ÷ £2,000.00" in said
        assert "The deal comes to £0.00" in said


def test_members_are_told_who_sees_amounts(world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    member = signed_in(Person.objects.get(pk=a_colleague(world.partner, now=now).person_id))
    answer = member.get(EARNINGS)
    assert (answer.status_code, "Amounts are visible to the owner" in main(answer)) == (200, True)
    assert "£" not in main(answer)
    assert member.get(f"{EARNINGS}lines.csv").status_code == 403
    assert member.get(f"{EARNINGS}lines/{the_line().pk}/").status_code == 403


def test_whose_pages_they_are(world: World, now: datetime, manager: Client) -> None:
    win(world.partner, 200_000, at=now)
    elsewhere = signed_in(a_member(partner=a_partner(), role="owner").person)
    address = f"{EARNINGS}lines/{the_line().pk}/"
    assert "No programme yet" in main(elsewhere.get(EARNINGS))
    seen = [one.get(address).status_code for one in (elsewhere, manager, Client())]
    assert seen == [404, 404, 302]
    assert elsewhere.post(f"{address}question/", {"text": "Mine?"}).status_code == 404
    assert [manager.get(path).status_code for path in (EARNINGS, f"{EARNINGS}lines.csv")] == [404, 404]
    assert elsewhere.get(f"{EARNINGS}lines.csv").status_code == 404


@pytest.mark.parametrize(
    "query", ["state=lost", "payment=never", "payment=2026-13-01", "payment=2026-05", "year=x", "year=0", "cursor=zz"]
)
def test_an_address_that_is_none_of_ours(browser: Client, world: World, now: datetime, query: str) -> None:
    win(world.partner, 200_000, at=now)
    assert browser.get(f"{EARNINGS}?{query}").status_code == 422


def test_a_line_explains_itself(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 1_840_000, at=now, client="Oakline")
    pass_modules(world.owner, world.course, now=now + days(1))
    with on(world, now + days(2)) as later:
        page = later.get(f"{EARNINGS}lines/{the_line().pk}/")
    said = main(page)
    assert heading(page) == "Oakline"
    assert "Plan agencies-1, in force since 2 Mar" in said
    assert "Base 10.00% Rate, rounded once to 0.01% 10.00% £18,400.00 × 10.00% £1,840.00" in said
    assert "Won 2 Mar, when you were Bronze. Gold began 3 Mar and counts for deals won since." in said
    assert "14.65%, was 11.50% · new tier, core training completed" in said
    assert "11.50%, was 10.00% · new tier · counts for deals won since 3 Mar" in said
    assert_parts_stand_alone(browser, f"{EARNINGS}lines/{the_line().pk}/")
    assert_parts_stand_alone(browser, EARNINGS)


def test_a_value_that_came_after_the_deal_was_won(browser: Client, world: World, now: datetime) -> None:
    deal = win(world.partner, 0, at=now, client="Oakline")
    at = now + days(3)
    report_deal(THE_HOUSE, a_report(world.partner, 300_000, at=at, deal=deal, client="Oakline"), now=at)
    with on(world, at) as later:
        said = main(later.get(EARNINGS))
    assert "Oakline Changed from £0.00 to £3,000.00 on 5 Mar 2 Mar £3,000.00 10.00% £300.00 On hold until 1 Apr" in said


def test_this_looks_wrong(browser: Client, world: World, now: datetime) -> None:
    win(world.partner, 200_000, at=now)
    address = f"{EARNINGS}lines/{the_line().pk}/"
    refused = browser.post(f"{address}question/", {"text": "  "})
    assert (refused.status_code, wrong(refused)) == (422, {"text": "Say in a sentence or two what looks wrong."})
    long = "It should be at Silver's rate. " * 40
    refused = browser.post(f"{address}question/", {"text": long})
    assert (refused.status_code, long in refused.content.decode().replace("&#39;", "'")) == (422, True)
    asked = browser.post(f"{address}question/", {"text": "Should it not be 11.50 %?"}, follow=True)
    assert "Should it not be 11.50 %?" in main(asked)
    assert "Question open" in main(browser.get(EARNINGS))
    again = browser.post(f"{address}question/", {"text": "Again."})
    assert (again.status_code, "A question about this line is open already." in main(again)) == (409, True)
    assert browser.get(f"{address}question/")["Location"] == address
    finance = acting(a_staff_member("finance", name="Ines"))
    answer_question(finance, LineQuestion.objects.get().pk, "You are right.", amount=3_000, now=now + days(1))
    said = main(browser.get(address))
    assert "Ines" in said
    assert "You are right. Corrected by £30.00" in said
    said = main(browser.get(f"{EARNINGS}lines/{the_line(kind='adjusted').pk}/"))
    assert "Ines corrected this: You are right." in said


def test_the_file_says_the_same(browser: Client, world: World, now: datetime) -> None:
    deal = win(world.partner, 1_840_000, at=now, client="=Oak, line")
    refund(deal, 40_000, at=now + days(1))
    correct_line(THE_HOUSE, the_line(kind="earned").pk, -1_234, reason="Twice.", now=now + days(2))
    answer = browser.get(f"{EARNINGS}lines.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    told = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert {(one["What"], one["Amount"], one["Commission"], one["State"]) for one in told} == {
        ("Corrected by SISO on 4 Mar", "", "-12.34", "Taken back"),
        ("Refund of £400.00 on 3 Mar", "", "-40.00", "Taken back"),
        ("Automation", "18400.00", "1840.00", "On hold until 1 Apr"),
    }
    assert {one["Client"] for one in told} == {"'=Oak, line"}
    assert len(browser.get(f"{EARNINGS}lines.csv?state=paid").content.decode().splitlines()) == 1


@pytest.mark.parametrize("count", [1, 3, 60])
def test_it_asks_as_often_however_many_lines(
    browser: Client, world: World, now: datetime, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        win(world.partner, 10_000 + number, at=now)
    browser.get(EARNINGS)
    with django_assert_num_queries(6):
        page = browser.get(EARNINGS).content.decode()
    assert len(rows(page)) == min(count, 20)
    with django_assert_num_queries(15):
        browser.get(f"{EARNINGS}lines/{CommissionLine.objects.first().pk}/")  # type: ignore[union-attr]


def test_pages_go_on_to_the_last_line(browser: Client, world: World, now: datetime) -> None:
    for number in range(30):
        win(world.partner, 10_000 + 100 * number, at=now)
    first = browser.get(EARNINGS).content.decode()
    more = re.search(r'href="(/earnings/\?cursor=[^"#]+)', first)
    assert more
    second = browser.get(more[1]).content.decode()
    assert len(rows(first) + rows(second)) == 30
    assert set(rows(first)).isdisjoint(rows(second))
    assert "Back to the first" in second
    whole = Decimal(sum(CommissionLine.objects.values_list("amount", flat=True))) / 100
    assert f"£{whole}" in main(browser.get(more[1]))  # the sum of the group is that of all of it


def test_every_printed_product_agrees_by_hand(browser: Client, world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    for amount in (999, 1_840_000, 12_345, 50_005):
        win(world.partner, amount, at=now + days(1))
    with on(world, now + days(1)) as later:
        page = later.get(EARNINGS).content.decode()
    cells = re.findall(r'data-h="Amount">£([\d,.]+)</td><td class="n" data-h="Rate then">([\d.]+)%</td>', page)
    assert len(cells) == 4
    by_hand = [
        (Decimal(a.replace(",", "")) * Decimal(r) / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        for a, r in cells
    ]
    assert [f"£{one:,}" for one in by_hand] == rows(page)


def test_a_line_that_is_not_there(browser: Client) -> None:
    assert browser.get(f"{EARNINGS}lines/{uuid7()}/").status_code == 404


def test_the_room_is_among_the_tabs(browser: Client) -> None:
    page = browser.get(EARNINGS).content.decode()
    tabs = re.search(r'<nav class="tabs".*?</nav>', page, re.DOTALL)
    assert tabs
    assert re.findall(r"<span>(.*?)</span>", tabs[0]) == ["Home", "Training", "Deals", "Earnings", "More"]
