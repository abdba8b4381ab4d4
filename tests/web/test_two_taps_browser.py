"""Why this amount, when, and why not today's rate: two taps from where one begins, for every line there is.

Counted in a real browser, on a desk and on a phone: for the owner from Home, for the house from Today.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.deals.hearing.actions import report_deal

from ..factories import a_session, a_staff_member
from ..programme.closing.months import a_house
from ..worlds import World, a_report, days, refund, win, written_plan
from .test_shell_browser import AXE, CHROMIUM, Hub
from .test_whole_pages import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

WIDTHS = (390, 1360)
DEALS, A_PAGE = 45, 20
LATER = DEALS + 1
"""Days after the world began, when everybody looks."""


@pytest.fixture
def world(now: datetime) -> Iterator[World]:
    """A partner with more lines than two pages hold, in two payments, at two rates, with each kind of line."""
    bronze, silver, _gold = written_plan([])["tiers"]
    sold = {"metric": "won", "window": "trailing:12m", "value": {"GBP": 2_000_000}}
    made = a_house(now, tiers=[bronze, silver | {"enter": sold, "stay": sold}])
    Partner.objects.filter(pk=made.partner).update(name="Anchor", slug="anchor")
    Person.objects.update(welcomed_at=now)
    deals = [win(made.partner, 100_000, at=now + days(day), client=f"Client {day}") for day in range(DEALS)]
    at = now + days(LATER - 1)
    refund(deals[3], 40_000, at=at)
    report_deal(THE_HOUSE, a_report(made.partner, 120_000, at=at, deal=deals[5], client="Client 5"), now=at)
    line = CommissionLine.objects.get(deal=deals[7])
    ask_about_line(made.owner, line.pk, "Is this right?", now=at)
    correct_line(THE_HOUSE, line.pk, 700, reason="So agreed.", now=at)
    with time_machine.travel(now + days(LATER)):
        yield made


@pytest.fixture
def context(browser: Browser, house: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """As wide as the test says."""
    size: Any = {"width": request.param, "height": 844}
    made = browser.new_context(base_url=house, viewport=size, reduced_motion="reduce")
    made.set_default_timeout(20_000)
    yield made
    made.close()


def sign_in(context: BrowserContext, person: Person, house: str) -> Page:
    context.add_cookies([{"name": "sessionid", "value": a_session(person), "url": house}])
    return context.new_page()


def owner_of(world: World) -> Person:
    return Person.objects.get(pk=world.owner.person_id)


class Hand:
    """Somebody at a page, who scrolls as far as they like; every tap is counted."""

    def __init__(self, page: Page, start: str) -> None:
        self.page, self.taps = page, 0
        page.goto(start)

    def tap(self, what: Locator) -> None:
        what.click()
        self.taps += 1

    def room(self, name: str) -> None:
        """A room of the navigation, wherever that is on a screen of this width."""
        self.tap(self.page.get_by_role("link", name=name, exact=True).filter(visible=True).first)

    def scroll_to_the_end(self) -> None:
        """To the end of the page, as often as there is more."""
        while self.page.locator("a:is(#more-lines, #more-deals)").count():
            # As a hand does, once more where nothing came of it yet: the page may still be on its way to listening.
            self.page.wait_for_function(
                """before => {
                    scrollTo(0, 0)
                    scrollTo(0, document.body.scrollHeight)
                    return document.querySelectorAll("tbody tr").length !== before
                }""",
                arg=self.page.locator("tbody tr").count(),
                polling=300,
                timeout=20_000,
            )


def assert_answered(page: Page) -> None:
    """Why this amount, when, and why not today's rate, all on the page that is open."""
    for question in ("Why this amount", "When", re.compile("^(Why not today's rate|Today's rate)$")):
        expect(page.get_by_role("heading", name=question, exact=True)).to_be_visible()
    expect(page.locator("#working li.total").first).to_be_visible()
    expect(page.locator("#history li").first).to_be_visible()


def money(amount: int) -> str:
    """So many pence as they are shown, without their sign."""
    return f"£{abs(amount) / 100:,.2f}"


def lines_in_order() -> list[CommissionLine]:
    """As Earnings lists them."""
    return list(CommissionLine.objects.order_by("-payable_on", "-id"))


@pytest.mark.parametrize("context", WIDTHS, indirect=True)
def test_an_owner_has_every_line_two_taps_from_home(context: BrowserContext, world: World, house: str) -> None:
    page = sign_in(context, owner_of(world), house)
    lines = lines_in_order()
    assert len(lines) == DEALS + 3
    of_kind = {line.kind: line for line in lines}
    for line in (lines[0], lines[A_PAGE], lines[-1], of_kind["reversed"], of_kind["adjusted"]):
        hand = Hand(page, "/")
        hand.room("Earnings")
        expect(page.locator("#line-table")).to_be_visible()
        hand.scroll_to_the_end()
        found = page.locator('#line-table tr[id^="line-"]')
        assert [one["id"] for one in found.evaluate_all("them => them.map(one => ({id: one.id}))")] == [
            f"line-{one.pk}" for one in lines
        ]
        hand.tap(page.locator(f"#line-{line.pk} a"))
        assert_answered(page)
        assert hand.taps == 2


@pytest.mark.parametrize("context", WIDTHS, indirect=True)
def test_a_sum_on_home_has_its_lines_two_taps_away(context: BrowserContext, world: World, house: str) -> None:
    page = sign_in(context, owner_of(world), house)
    for figure in ("next-payment", "on-hold"):
        hand = Hand(page, "/")
        sum_ = page.locator("#money a").filter(has=page.locator(f'[data-figure="{figure}"]'))
        hand.tap(sum_.or_(page.locator(f'#money [data-figure="{figure}"] a')))
        hand.scroll_to_the_end()
        hand.tap(page.locator('#line-table tr[id^="line-"] a').last)
        assert_answered(page)
        assert hand.taps == 2


@pytest.mark.parametrize("context", WIDTHS, indirect=True)
@pytest.mark.parametrize("role", ["manager", "finance"])
def test_the_house_has_every_deals_line_two_taps_from_today(
    context: BrowserContext, world: World, house: str, role: str
) -> None:
    another_page = [win(world.partner, 1_000, at=datetime.fromisoformat("2026-04-17T08:00:00+00:00")) for _ in range(9)]
    page = sign_in(context, a_staff_member(role), house)
    earned = CommissionLine.objects.filter(kind="earned").order_by("effective_at", "id")
    refunded, changed = (earned.get(deal__client_name=f"Client {number}") for number in (3, 5))
    for line in (earned[0], refunded, changed, earned.get(deal=another_page[-1])):
        hand = Hand(page, "/")
        expect(page).to_have_url(re.compile("/studio/today/$"))
        hand.room("Deals")
        expect(page.locator("#rows")).to_be_visible()
        hand.scroll_to_the_end()
        expect(page.locator('#rows tr[id^="deal-"]')).to_have_count(DEALS + 9)
        hand.tap(page.locator(f"#deal-{line.deal_id} td:last-child a"))
        assert_answered(page)
        assert hand.taps == 2
        after_it = CommissionLine.objects.filter(deal=line.deal_id).exclude(pk=line.pk)
        for later in after_it:  # what happened to the deal since stands on the same page
            link = page.locator(f'a[href$="{later.pk}/"]')
            expect(page.locator(".deal-lines li").filter(has=link)).to_contain_text(money(later.amount))


@pytest.mark.parametrize("context", WIDTHS, indirect=True)
def test_the_house_has_a_question_one_tap_and_a_partners_lines_one_more_away(
    context: BrowserContext, world: World, house: str
) -> None:
    page = sign_in(context, a_staff_member("manager"), house)
    asked = CommissionLine.objects.get(deal__client_name="Client 7", kind="earned")
    hand = Hand(page, "/")
    hand.tap(page.locator(f'a[href^="/studio/lines/{asked.pk}/"]').first)
    assert_answered(page)
    assert hand.taps == 1
    hand = Hand(page, "/studio/partners/anchor/")
    hand.tap(page.locator('#line-table tr[id^="line-"] a').first)
    assert_answered(page)
    assert hand.taps == 1
    hand = Hand(page, "/studio/partners/anchor/")
    hand.tap(page.get_by_role("link", name="Show more lines"))
    hand.tap(page.locator('#line-table tr[id^="line-"] a').nth(A_PAGE))
    assert_answered(page)
    assert hand.taps == 2


@pytest.mark.parametrize("context", WIDTHS, indirect=True)
def test_a_list_that_grows_begins_short_and_says_nothing_twice(
    context: BrowserContext, world: World, house: str
) -> None:
    """A page's worth first. What heads some lines is said once, the keyboard stays where it is, the page has an end."""
    page = sign_in(context, owner_of(world), house)
    page.goto("/earnings/")
    rows = page.locator('#line-table tr[id^="line-"]')
    assert rows.count() == A_PAGE
    page.locator("#more-lines").focus()
    expect(rows).to_have_count(2 * A_PAGE)
    expect(page.locator("#more-lines")).to_be_focused()
    expect(page.locator("#announcements")).to_have_text("More lines are shown.")
    page.wait_for_timeout(300)
    assert rows.count() == 2 * A_PAGE, "it goes on by itself under whoever stands still"
    page.keyboard.press("Enter")
    expect(rows).to_have_count(DEALS + 3)
    expect(page.locator("#more-lines")).to_be_focused()
    expect(page.locator("#more-lines")).to_have_text("That was the last line.")
    heads = page.locator("#line-table tr.group th").filter(visible=True)
    said = [one.split("\n")[0].strip() for one in heads.all_inner_texts()]
    assert said == ["Payment of 5 June 2026", "Payment of 5 May 2026", "On hold", "Ready"]
    assert page.evaluate("document.querySelector('main').lastElementChild.id") == "lines"
    page.evaluate(AXE.read_text())
    assert findings(page) == []


@pytest.mark.parametrize("context", WIDTHS[1:], indirect=True)
def test_a_list_that_was_gone_on_with_stays_while_something_happens(
    context: BrowserContext, world: World, house: str
) -> None:
    page = sign_in(context, owner_of(world), house)
    hub = Hub(page)
    page.goto("/earnings/")
    rows = page.locator('#line-table tr[id^="line-"]')
    page.locator("#more-lines").focus()
    expect(rows).to_have_count(2 * A_PAGE)
    on_hold = page.locator('[data-figure="sum-on_hold"]')
    before = on_hold.inner_text()
    win(world.partner, 1_000_000, at=datetime.fromisoformat("2026-04-17T08:00:00+00:00"))
    hub.say(10**6, "commission.added")
    expect(on_hold).not_to_have_text(before)
    assert rows.count() == 2 * A_PAGE


def test_without_scripts_the_next_lines_are_a_page(browser: Browser, world: World, house: str) -> None:
    context = browser.new_context(base_url=house, java_script_enabled=False)
    page = sign_in(context, owner_of(world), house)
    page.goto("/earnings/")
    page.get_by_role("link", name="Show more lines").click()
    rows = page.locator('#line-table tr[id^="line-"]')
    assert rows.count() == A_PAGE
    assert rows.first.get_attribute("id") == f"line-{lines_in_order()[A_PAGE].pk}"
    expect(page.locator("#line-table tr.group").first).to_be_visible()
    page.get_by_role("link", name="Back to the first").click()
    assert rows.first.get_attribute("id") == f"line-{lines_in_order()[0].pk}"
    context.close()
