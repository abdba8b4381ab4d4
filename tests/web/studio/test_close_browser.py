"""Finance closes three months in a row in a real browser, by keyboard; axe finds nothing on the pages of a close."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from django.conf import LazySettings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.models import Close
from academy.programme.deals.models import Deal
from academy.programme.payees.actions import change_payee
from academy.programme.payouts.rules import table
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms
from academy.programme.verification.queries import verify

from ...factories import a_session, a_staff_member
from ...programme.closing.months import (
    APRIL,
    JUNE,
    MAY,
    a_house,
    after,
    another,
    close_month,
    collect,
    payment_file,
    profile,
    told,
)
from ...worlds import World, days, refund, win
from ..test_shell_browser import AXE, CHROMIUM
from ..test_whole_pages import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

WON_AFTER = {APRIL: 0, MAY: 31, JUNE: 61}
"""Days after the world began on 2 March: what is won then is payable in that month, thirty days later."""


@pytest.fixture
def street(now: datetime, settings: LazySettings) -> World:
    """Three partners with something ready each month, one of them little; one person may do it all."""
    settings.FOUR_EYES = False
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    partners = [world.partner, *(another(world, now=now) for _ in range(2))]
    for later in WON_AFTER.values():
        for partner, amount in zip(partners, (100_000, 20_000, 120_000), strict=True):
            win(partner, amount, at=now + days(later))
    return world


@pytest.fixture
def context(browser: Browser, house: str) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=house, viewport={"width": 1440, "height": 844}, reduced_motion="reduce")
    yield made
    made.close()


def sign_in(context: BrowserContext, person: Person, house: str) -> None:
    context.add_cookies([{"name": "sessionid", "value": a_session(person), "url": house}])


def wrong_with(page: Page) -> list[str]:
    """What axe and the eye of a machine find on the page as it stands: a desk and two phones, light and dark."""
    page.evaluate(AXE.read_text())
    found = []
    for width in (1440, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"{page.url} at {width}: {one}" for one in findings(page)]
    page.set_viewport_size({"width": 1440, "height": 844})
    return found


@pytest.mark.parametrize("scripted", [True, False])
def test_three_months_in_a_row(browser: Browser, house: str, street: World, tmp_path: Path, scripted: bool) -> None:
    """With a script and without one: months, statements, approval, the payment file, and the payments read back."""
    finance = a_staff_member("finance", name="Ruben")
    context = browser.new_context(base_url=house, java_script_enabled=scripted, reduced_motion="reduce")
    for month in WON_AFTER:
        with time_machine.travel(after(month, 4, 9), tick=True):
            sign_in(context, finance, house)
            page = context.new_page()
            from_list_to_file(page)
        with time_machine.travel(after(month, 5, 17), tick=True):
            sign_in(context, finance, house)
            file = tmp_path / "payments.csv"
            file.write_text(payment_file(Close.objects.get(month=month)))
            page.reload()
            page.get_by_label("Payments that were made").set_input_files(file)
            page.get_by_role("button", name="Read payments").press("Enter")
            expect(page.get_by_text("Done: everything is paid.")).to_be_visible()
            page.close()
    context.close()
    closes = Close.objects.order_by("month")
    assert [(close.month, close.stage) for close in closes] == [(month, "done") for month in WON_AFTER]
    # The second waits twice and is paid the three months at once; whoever is paid names one line a month.
    paid = [(10_000, "pay", 1), (12_000, "pay", 1)]
    sums = [sorted(one[1:] for one in told(close)) for close in closes]
    assert sums == [
        [(2_000, "below_minimum", 0), *paid],
        [(4_000, "below_minimum", 0), *paid],
        [(6_000, "pay", 3), *paid],
    ]


def from_list_to_file(page: Page) -> None:
    """From the list of months to the handed over file, as finance does it on the 4th."""
    page.goto("/studio/close/")
    page.get_by_role("button", name="Collect").press("Enter")
    approve = page.get_by_role("button", name="Approve as expected")
    expect(approve).to_be_visible()
    groups = page.get_by_role("button", name="All of these are looked at")
    while left := groups.count():
        groups.first.press("Enter")
        expect(groups).not_to_have_count(left)
    page.get_by_role("link", name="Anchor").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anchor")
    page.go_back()
    approve.press("Enter")
    page.get_by_role("button", name="Hand over").press("Enter")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Payment file").press("Enter")
    assert "acct_anchor" in fetched.value.path().read_text()


def test_every_page_of_finance(context: BrowserContext, house: str, street: World, now: datetime) -> None:
    finance, manager = a_staff_member("finance", name="Ruben"), a_staff_member("manager", name="Mara")
    wrong = []
    with time_machine.travel(after(APRIL), tick=True):
        sign_in(context, finance, house)
        page = context.new_page()
        page.goto("/studio/close/")
        wrong += wrong_with(page)
        collect(street, APRIL)
        page.goto("/studio/close/agencies/2026-04/")
        wrong += wrong_with(page)
        page.get_by_role("link", name="Anchor").first.click()
        wrong += wrong_with(page)
    with time_machine.travel(after(MAY), tick=True):
        sign_in(context, finance, house)
        change_payee(THE_HOUSE, street.partner, profile(legal_name="Anchor Holding Ltd"), now=after(MAY))
        page.goto("/studio/payees/")
        expect(page.get_by_text("Anchor Holding Ltd")).to_be_visible()
        wrong += wrong_with(page)
        sign_in(context, manager, house)
        page.goto("/studio/terms/")
        wrong += wrong_with(page)
    assert wrong == []


def test_every_page_of_a_paid_month(context: BrowserContext, house: str, street: World) -> None:
    """What is paid, as finance and as the owner see it."""
    close_month(street, APRIL)
    publish_terms(
        THE_HOUSE, street.programme, "# Terms\n\nWe pay on the 5th.", effective_from=after(APRIL, 6),
        reason="The first.", now=after(APRIL, 5),
    )  # fmt: skip
    number = Statement.objects.get(partner=street.partner).number
    pages = {
        a_staff_member("finance", name="Ruben"): (
            "/studio/close/",
            "/studio/close/agencies/2026-04/",
            f"/studio/statements/{number}/",
        ),
        Person.objects.get(pk=street.owner.person_id): (
            "/statements/",
            f"/statements/{number}/",
            "/payee/",
            "/terms/",
        ),
    }
    wrong = []
    with time_machine.travel(after(APRIL, 10), tick=True):
        for person, addresses in pages.items():
            sign_in(context, person, house)
            page = context.new_page()
            for address in addresses:
                answer = page.goto(address)
                assert answer is not None
                assert (page.url.removeprefix(house), answer.status) == (address, 200)
                wrong += wrong_with(page)
            page.close()
    assert wrong == []


AMOUNT = re.compile(r"(−)?\D*([\d,]+)\.(\d\d)$")


def pence(text: str) -> int:
    """What a sum on a page says, in minor units."""
    found = AMOUNT.search(text.strip())
    assert found, text
    return (-1 if found[1] else 1) * (int(found[2].replace(",", "")) * 100 + int(found[3]))


WIDER = """(() => { const list = document.querySelector("#list"), table = list.querySelector("table");
  return table.getBoundingClientRect().right - list.getBoundingClientRect().right; })()"""
"""By how much the table of statements is wider than its card."""


class Desk:
    """Somebody of finance at a browser of their own."""

    def __init__(self, browser: Browser, house: str, name: str) -> None:
        self.person, self.house = a_staff_member("finance", name=name), house
        self.context = browser.new_context(base_url=house, reduced_motion="reduce")
        self.page = self.context.new_page()

    def sit_down(self, month: date) -> Page:
        """Sign in, and open the month."""
        sign_in(self.context, self.person, self.house)
        self.page.goto(f"/studio/close/agencies/{month:%Y-%m}/")
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).press("Enter")

    def collect(self) -> None:
        sign_in(self.context, self.person, self.house)
        self.page.goto("/studio/close/")
        self.press("Collect")
        expect(self.page.get_by_role("button", name="Approve as expected")).to_be_disabled()

    def look_at_all(self) -> None:
        groups = self.page.get_by_role("button", name="All of these are looked at")
        while left := groups.count():
            groups.first.press("Enter")
            expect(groups).not_to_have_count(left)

    def hold(self, name: str, reason: str) -> None:
        run = self.page.url
        self.page.get_by_role("link", name=name).first.press("Enter")
        self.page.get_by_label("Why it is held").fill(reason)
        self.press("Hold this month")
        expect(self.page.get_by_text(f"Held by SISO this month: {reason}")).to_be_visible()
        self.page.goto(run)
        assert self.page.evaluate(WIDER) <= 0, "the statements stand out of their card"

    def fetch(self) -> list[list[str]]:
        """The payment file: number, reference, amount and attempt of each row."""
        with self.page.expect_download() as fetched:
            self.page.get_by_role("link", name="Payment file").press("Enter")
        rows = csv.DictReader(io.StringIO(fetched.value.path().read_text("utf-8-sig")))
        return [[row["number"], row["payee_reference"], row["amount"], row["attempt"]] for row in rows]

    def read_back(self, rows: list[list[str]], day: date, folder: Path) -> None:
        """What the bank says of these rows of the payment file."""
        lines: list[list[object]] = [["number", "date", "reference", "amount", "currency"]]
        lines += [
            [number, day.isoformat(), f"R{attempt}-{number}", amount, "GBP"] for number, _, amount, attempt in rows
        ]
        file = folder / "payments.csv"
        file.write_text(table(lines))
        self.page.get_by_label("Payments that were made").set_input_files(file)
        self.press("Read payments")
        expect(self.page.get_by_text("entered.")).to_be_visible()

    def bridges(self) -> dict[str, list[tuple[str, int]]]:
        """Every statement of the month that is open: its partner, and the steps of its bridge as the page tells."""
        links = self.page.locator("#rows th a")
        found = {}
        for name, address in [(one.inner_text(), one.get_attribute("href") or "") for one in links.all()]:
            self.page.goto(address)
            steps = self.page.locator("section[aria-labelledby=bridge] ul.sum > li")
            told = [one.locator("> span").all_inner_texts() for one in steps.all()]
            found[name] = [(label, pence(value)) for label, value in told]
        return found


def assert_adds_up(steps: list[tuple[str, int]]) -> None:
    """From what the month before paid, through every cause, to this month's sum."""
    *causes, (_month, total) = steps
    assert sum(amount for _cause, amount in causes) == total


@pytest.fixture
def busy_street(now: datetime) -> dict[str, UUID]:
    """Three partners; Anchor sells in April and June, the others each month."""
    world = a_house(now)
    partners = {"Anchor": world.partner, "Birch": another(world, now=now), "Cedar": another(world, now=now)}
    for name, partner in partners.items():
        Partner.objects.filter(pk=partner).update(name=name, slug=name.lower())
    for month, later in WON_AFTER.items():
        for name, amount in {"Anchor": 100_000, "Birch": 120_000, "Cedar": 150_000}.items():
            if (name, month) != ("Anchor", MAY):
                win(partners[name], amount, at=now + days(later), client=f"{name} {month:%B}")
    return partners


def test_three_months_by_two_people_with_everything_that_goes_wrong(
    browser: Browser, house: str, busy_street: dict[str, UUID], tmp_path: Path
) -> None:
    """A hold, a refund after the payment, a negative month, a new payee and a payment that came back.

    Each month the bridge on the page of every statement adds up, and each pound is paid once.
    """
    ruben, ines = Desk(browser, house, "Ruben"), Desk(browser, house, "Ines")
    cedar = busy_street["Cedar"]
    with time_machine.travel(after(APRIL, 4, 9), tick=True):
        ruben.collect()
        ruben.look_at_all()
        ruben.hold(
            "Birch",
            "The client asks for its money: ask again in a week, once both have looked at it. " * 2 + "So it is.",
        )
        expect(ruben.page.get_by_text("This takes a second person")).to_be_visible()
        approve_and_hand_over(ruben, ines, APRIL)
        rows = ruben.fetch()
        assert [row[2] for row in rows] == ["100.00", "150.00"]
    with time_machine.travel(after(APRIL, 5, 17), tick=True):
        expect(ruben.sit_down(APRIL).get_by_role("button", name="Read payments")).to_be_disabled()
        ines.sit_down(APRIL)
        ines.read_back(rows, date(2026, 5, 5), tmp_path)
        expect(ines.page.get_by_text("Done: everything is paid.")).to_be_visible()
        assert list(ines.bridges().values()) == [[], [], []]

    anchors = Deal.objects.filter(partner=busy_street["Anchor"]).earliest("won_at")
    refund(anchors.pk, 60_000, at=after(APRIL, 20))
    with time_machine.travel(after(MAY, 4, 9), tick=True):
        ruben.collect()
        ruben.look_at_all()
        ines.sit_down(MAY)
        ines.press("Approve as expected")
        expect(ines.page.get_by_text("Hand it over on")).to_be_visible()
        change_payee(THE_HOUSE, cedar, profile(provider_reference="acct_cedar"), now=after(MAY, 4, 10))
    with time_machine.travel(after(MAY, 4, 11), tick=True):
        ruben.sit_down(MAY)
        ruben.press("Hand over")
        expect(ruben.page.get_by_text("Left out until their payee details are checked: Cedar.")).to_be_visible()
        rows = ruben.fetch()
        assert [row[1:] for row in rows] == [["acct_anchor", "240.00", "1"]]
        sign_in(ines.context, ines.person, house)
        ines.page.goto("/studio/payees/")
        ines.press("Checked: Cedar")
        ruben.page.reload()
        ruben.press("Hand over the rest")
        expect(ruben.page.get_by_text("The rest was handed over on")).to_be_visible()
        rows = ruben.fetch()
        assert sorted(row[1:] for row in rows) == [["acct_anchor", "240.00", "1"], ["acct_cedar", "150.00", "1"]]
    with time_machine.travel(after(MAY, 5, 17), tick=True):
        ines.sit_down(MAY)
        ines.read_back(rows, date(2026, 6, 5), tmp_path)
        expect(ines.page.get_by_text("Done: everything is paid.")).to_be_visible()
        told = ines.bridges()
    assert told["Anchor"][1:] == [("Paid last month", -10_000), ("Taken back", -6_000), ("May 2026", -6_000)]
    assert told["Birch"][1:] == [
        ("Carried over from earlier months", 12_000),
        ("New deals", 12_000),
        ("May 2026", 24_000),
    ]
    assert told["Cedar"][1:] == [
        ("Paid last month", -15_000),
        ("New deals", 15_000),
        ("May 2026", 15_000),
    ]
    for steps in told.values():
        assert_adds_up(steps)

    birch = Statement.objects.get(partner=busy_street["Birch"], close__month=MAY).number
    with time_machine.travel(after(MAY, 9, 9), tick=True):
        sign_in(ines.context, ines.person, house)
        ines.page.goto(f"/studio/statements/{birch}/")
        ines.page.get_by_label("What the bank said").fill("Account closed.")
        ines.press("It came back")
        expect(ines.page.get_by_text("The payment came back on 9 Jun. The next attempt is planned for")).to_be_visible()
        ruben.sit_down(MAY)
        expect(ruben.page.get_by_text("1 of them was paid before and came back.")).to_be_visible()
        rows = ruben.fetch()
        assert rows == [[birch, "acct_anchor", "240.00", "2"]]
        ines.sit_down(MAY)
        ines.read_back(rows, date(2026, 6, 9), tmp_path)
        expect(ines.page.get_by_text("Done: everything is paid.")).to_be_visible()

    with time_machine.travel(after(JUNE, 4, 9), tick=True):
        ruben.collect()
        ruben.look_at_all()
        approve_and_hand_over(ruben, ines, JUNE)
        rows = ruben.fetch()
    with time_machine.travel(after(JUNE, 5, 17), tick=True):
        ines.sit_down(JUNE)
        ines.read_back(rows, date(2026, 7, 5), tmp_path)
        told = ines.bridges()
    assert told["Anchor"] == [
        ("May 2026, nothing paid", 0),
        ("Carried over from earlier months", -6_000),
        ("New deals", 10_000),
        ("June 2026", 4_000),
    ]
    for steps in told.values():
        assert_adds_up(steps)
    for desk in (ruben, ines):
        desk.context.close()
    assert verify(now=after(JUNE, 5, 18), deep=True).differences == []


def approve_and_hand_over(first: Desk, second: Desk, month: date) -> None:
    """The second person approves what the first collected, who hands it over then."""
    second.sit_down(month)
    second.press("Approve as expected")
    expect(second.page.get_by_text("Hand it over on")).to_be_visible()
    first.sit_down(month)
    first.press("Hand over")
    expect(first.page.get_by_role("link", name="Payment file")).to_be_visible()
