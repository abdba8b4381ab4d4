"""Finance closes three months in a row in a real browser, mostly by keyboard, and axe finds nothing on the way."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import pytest
import time_machine
from playwright.sync_api import Browser, BrowserContext, Page, expect

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.programme.closes.models import Close
from academy.programme.payees.models import Payee
from academy.programme.statements.models import Statement

from ...factories import a_session, a_staff_member
from ...programme.closing.months import APRIL, a_house, after, another, close_month, payment_file, told
from ...worlds import World, days, win
from ..test_shell_browser import AXE, CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]


@pytest.fixture
def street(now: datetime, settings: Any) -> World:
    """Six partners with something ready each month; one of them sells little."""
    settings.FOUR_EYES = False
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    partners = [world.partner, *(another(world, now=now) for _ in range(5))]
    for month in range(3):
        for index, partner in enumerate(partners):
            win(partner, 20_000 if index == 1 else 100_000 + 10_000 * index, at=now + days(30 * month))
    return world


@pytest.fixture(params=[(1440, "light", True), (390, "dark", True), (1360, "light", False)])
def context(request: pytest.FixtureRequest, browser: Browser, house: str, street: World) -> Iterator[BrowserContext]:
    """A desk in the light, a phone in the dark, and a desk without a script."""
    width, scheme, scripted = request.param
    colour: Literal["light", "dark"] = scheme
    made = browser.new_context(
        viewport={"width": width, "height": 844},
        base_url=house,
        color_scheme=colour,
        reduced_motion="reduce",
        java_script_enabled=scripted,
    )
    made.set_default_timeout(30_000)
    yield made
    made.close()


def findings(page: Page, *, scripted: bool) -> list[str]:
    if not scripted:
        return []
    found = []
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url} scrolls sideways")
    page.evaluate(AXE.read_text())
    for violation in page.evaluate("axe.run().then(result => result.violations)"):
        targets = ", ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:3])
        found.append(f"{page.url}: {violation['id']} at {targets}")
    return found


def test_three_months_in_a_row(
    context: BrowserContext, house: str, street: World, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scripted = request.node.callspec.params["context"][2]
    finance = a_staff_member("finance", name="Ruben")
    wrong: list[str] = []
    months = [APRIL, date(2026, 5, 1), date(2026, 6, 1)]
    for month in months:
        with time_machine.travel(after(month, 4, 9), tick=True):
            session = a_session(finance)
            context.add_cookies([{"name": "sessionid", "value": session, "url": house}])
            page = context.new_page()
            wrong += a_close(page, scripted=scripted)
        with time_machine.travel(after(month, 5, 17), tick=True):
            context.add_cookies([{"name": "sessionid", "value": a_session(finance), "url": house}])
            file = tmp_path / "payments.csv"
            file.write_text(payment_file(Close.objects.get(month=month)))
            page.reload()
            page.get_by_label("Payments that were made").set_input_files(file)
            page.get_by_role("button", name="Read payments").click()
            expect(page.get_by_text("Done: everything is paid.")).to_be_visible()
            wrong += findings(page, scripted=scripted)
            page.close()
    assert wrong == []
    assert [close.stage for close in Close.objects.order_by("month")] == ["done"] * 3
    outcomes = [sorted(one[2] for one in told(close)) for close in Close.objects.order_by("month")]
    waits = ["below_minimum", *["pay"] * 5]
    assert outcomes == [waits, waits, ["pay"] * 6]
    small = Statement.objects.filter(outcome="pay", amount=6_000)
    assert small.count() == 1


def a_close(page: Page, *, scripted: bool) -> list[str]:
    """From the list of months to the handed over file, as finance does it on the 4th."""
    page.goto("/studio/close/")
    found = findings(page, scripted=scripted)
    page.get_by_role("button", name="Collect").press("Enter")
    expect(page.get_by_role("button", name="Approve as expected")).to_be_visible()
    found += findings(page, scripted=scripted)
    while (more := page.get_by_role("button", name="All looked at")).count():
        more.first.press("Enter")
        page.wait_for_load_state()
    page.get_by_role("link", name="Anchor").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anchor")
    found += findings(page, scripted=scripted)
    page.go_back()
    page.get_by_role("button", name="Approve as expected").press("Enter")
    page.get_by_role("button", name="Hand over").press("Enter")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Payment file").click()
    assert "acct_anchor" in fetched.value.path().read_text()
    return found + findings(page, scripted=scripted)


def test_what_an_owner_sees(browser: Browser, house: str, street: World) -> None:
    """The owner's pages on a phone and a desk, light and dark."""

    close_month(street, APRIL)
    owner = Person.objects.get(pk=street.owner.person_id)
    wrong: list[str] = []
    with time_machine.travel(after(APRIL, 10), tick=True):
        session = a_session(owner)
        schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for width in (320, 1360):
            for scheme in schemes:
                made = browser.new_context(
                    viewport={"width": width, "height": 844}, base_url=house, color_scheme=scheme
                )
                made.add_cookies([{"name": "sessionid", "value": session, "url": house}])
                page = made.new_page()
                number = Statement.objects.get(partner=street.partner).number
                for address in ("/statements/", f"/statements/{number}/", "/payee/", "/terms/"):
                    page.goto(address)
                    wrong += findings(page, scripted=True)
                made.close()
    assert wrong == []
    assert Payee.objects.count() == 6
