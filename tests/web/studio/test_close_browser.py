"""Finance closes three months in a row in a real browser, by keyboard; axe finds nothing on the pages of a close."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from django.conf import LazySettings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.models import Close
from academy.programme.payees.actions import change_payee
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms

from ...factories import a_session, a_staff_member
from ...programme.closing.months import (
    APRIL,
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
from ...worlds import World, days, win
from ..test_shell_browser import AXE, CHROMIUM
from ..test_whole_pages import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]

JUNE = date(2026, 6, 1)
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
