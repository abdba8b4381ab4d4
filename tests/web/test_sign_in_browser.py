"""Sign-in in a real browser: a passkey from invitation to the next sign-in, one field a screen, and no JavaScript."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, ViewportSize, expect

from academy.core import clock
from academy.people.accounts.models import Person
from academy.people.invitations.actions import invite_member

from ..factories import PASSWORD, a_member, a_person, acting
from .test_shell_browser import AXE, CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason="no Chromium: apt-get install chromium, or set ACADEMY_CHROMIUM"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=PHONE)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    made = context.new_page()
    made.set_default_timeout(10_000)
    return made


class Device:
    """A phone that makes passkeys and says yes, or no."""

    def __init__(self, session: CDPSession) -> None:
        self.session = session
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self.id = made["authenticatorId"]

    def knows_its_owner(self, yes: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def keys(self) -> int:
        return len(self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])


def test_a_passkey_from_invitation_to_the_next_sign_in(page: Page, context: BrowserContext, house: str) -> None:
    theo = a_member(role="owner")
    made = invite_member(theo.partner_id, "ines@example.com", role="member", by=acting(theo), now=clock.now())
    device = Device(context.new_cdp_session(page))

    page.goto(house + "/invitations/" + made.url.split("/invitations/")[1])
    page.get_by_label("Your name").fill("Ines")
    page.get_by_text("With a passkey").click()
    expect(page.locator("#field-password")).to_be_hidden()
    page.get_by_role("button", name="Join").click()

    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    page.get_by_label("What do you call it?").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.get_by_text("10 of 10 are left.")).to_be_visible()
    assert device.keys() == 1
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("heading", name="Welcome, Ines")).to_be_visible()

    context.clear_cookies()
    page.goto(house + "/accounts/login/?next=/profile/")
    device.knows_its_owner(False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Your device did not give a passkey. Try again, or choose another way.")).to_be_visible()
    device.knows_its_owner(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()

    page.goto(house + "/profile/tokens/")
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Make a token")).to_be_visible()

    page.goto(house + "/accounts/2fa/webauthn/")
    expect(page.get_by_text("My phone")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("This device has a passkey for you already.")).to_be_visible()


def test_a_passkey_is_the_second_step_after_a_password(page: Page, context: BrowserContext, house: str) -> None:
    maya = a_person(email="maya@example.com", name="Maya")
    Device(context.new_cdp_session(page))
    _by_password(page, house, maya)
    page.goto(house + "/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    context.clear_cookies()
    _by_password(page, house, maya)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda address: "/accounts/" not in address)


def _by_password(page: Page, house: str, person: Person) -> None:
    page.goto(house + "/accounts/login/")
    page.get_by_label("E-mail", exact=True).fill(person.email)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def test_a_phone_shows_one_field_at_a_time(page: Page, house: str) -> None:
    page.goto(house + "/accounts/login/")
    address, password = page.get_by_label("E-mail", exact=True), page.locator("#field-password")
    seen = "(field) => field.parentElement.parentElement.getBoundingClientRect().width > 1"
    assert password.evaluate(seen) is False
    later = [page.get_by_role("link", name="Forgot your password?"), page.get_by_role("button", name="Sign in")]
    for one in later:  # nobody tabs to what is not seen
        expect(one).to_be_hidden()
    address.press("Enter")  # empty: the browser says what is missing, nothing is sent
    assert password.evaluate(seen) is False
    address.fill("maya@example.com")
    address.press("Enter")
    assert password.evaluate(seen) is True
    expect(password).to_be_focused()
    expect(page.get_by_role("button", name="Continue")).to_be_hidden()
    for one in later:
        expect(one).to_be_visible()


def test_a_password_manager_fills_both_at_once(page: Page, house: str) -> None:
    page.goto(house + "/accounts/login/")
    page.locator("#field-login").fill("maya@example.com")
    filled = "(field) => { field.value = 'x'; field.dispatchEvent(new Event('input')); }"
    page.locator("#field-password").evaluate(filled)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_everything_but_passkeys_works_without_scripts(browser: Browser, house: str) -> None:
    maya = a_person(email="maya@example.com", name="Maya")
    plain = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = plain.new_page()
    page.goto(house + "/accounts/login/")
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.get_by_label("E-mail", exact=True).fill(maya.email)
    page.get_by_role("button", name="E-mail me a code").click()
    expect(page.get_by_role("heading", name="Type the code")).to_be_visible()
    page.get_by_role("button", name="Use another address").click()
    page.get_by_label("E-mail", exact=True).fill(maya.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(house + "/profile/")
    page.get_by_label("Name", exact=True).fill("Maya O.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    plain.close()


def test_a_phone_asks_one_question_a_screen(browser: Browser, house: str) -> None:
    theo = a_member(role="owner", person=a_person(name="Theo", email="theo@example.com"))
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    _sign_in_wide(page, house, theo.person)
    page.goto(house + "/welcome/")

    def asked() -> list[str]:
        return page.locator("form[data-steps] h2:visible").all_inner_texts()

    seen = [asked()]
    page.get_by_text("Websites").click()
    expect(page.get_by_role("button", name="Continue")).to_be_in_viewport()
    page.get_by_role("button", name="Continue").click()
    seen.append(asked())
    page.get_by_role("button", name="Back").click()
    seen.append(asked())
    for _question in range(3):
        page.get_by_role("button", name="Continue").click()
    expect(page).not_to_have_url(house + "/welcome/")
    first, second = "What do you mostly sell?", "To whom?"
    assert seen == [[first], [second], [first]]
    theo.person.refresh_from_db()
    assert (theo.person.sells, theo.person.welcomed_at is not None) == ("websites", True)
    page.set_viewport_size({"width": 1360, "height": 900})
    page.goto(house + "/welcome/")
    assert asked() == [first, second, "How much time a week is realistic?"]
    context.close()


PAGES = [
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/password/reset/",
    "/profile/",
    "/accounts/2fa/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/team/",
    "/welcome/",
]


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1440, "light"), (1440, "dark")])
def test_nothing_to_complain_of(browser: Browser, house: str, width: int, scheme: Any) -> None:
    theo = a_member(role="owner", person=a_person(name="Theo"))
    a_member(partner=theo.partner)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, complaints = context.new_page(), []
    for number, path in enumerate(PAGES):
        if number == 3:
            _sign_in_wide(page, house, theo.person)
        page.goto(house + path)
        page.evaluate(AXE.read_text())
        found = page.evaluate("async () => (await axe.run()).violations.map((one) => [one.id, one.nodes[0].html])")
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        complaints += [(path, one) for one in found] + ([(path, wider)] if wider > 0 else [])
    context.close()
    assert complaints == []


def _sign_in_wide(page: Page, house: str, person: Person) -> None:
    page.goto(house + "/accounts/login/")
    page.locator("#field-login").fill(person.email)
    page.locator("#field-password").fill(PASSWORD)
    page.locator("[data-second] button").press("Enter")
    page.wait_for_load_state()
