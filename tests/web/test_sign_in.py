"""Signing in: every way, every refusal, and that no page of allauth's is shown in anything but our own dress."""

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import LazySettings
from django.test import Client
from django.test.signals import template_rendered
from django.urls import URLPattern, URLResolver, get_resolver

from academy.core import clock
from academy.notifications.queries import latest_mail
from academy.people.accounts.access import link_secret
from academy.people.accounts.adapter import SecondStepAdapter
from academy.people.accounts.models import Person

from ..factories import PASSWORD, a_person, signed_in
from .keys import a_passkey
from .reading import heading, main, notes, wrong

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def browser() -> Client:
    """A browser in which nobody is signed in."""
    return Client()


@pytest.fixture
def maya() -> Person:
    return a_person(email="maya@example.com", name="Maya")


def who(browser: Client) -> str:
    """The address of whoever is signed in; empty for nobody."""
    key = browser.session.session_key
    found = UserSession.objects.filter(session_key=key).select_related("user").first()
    return found.user.email if found and "_auth_user_id" in browser.session else ""


def mails() -> list[tuple[str, str]]:
    return [(mail.to, mail.subject) for mail in latest_mail()]


def code_of_mail() -> str:
    found = re.search(r"\b(\d{6})\b", latest_mail(1)[0].text)
    assert found
    return found[1]


def link_of_mail() -> str:
    found = re.search(r"http://[^/]+(/\S+)", latest_mail(1)[0].text)
    assert found
    return found[1]


# By password


def test_the_page_asks_for_address_and_password_at_once(browser: Client) -> None:
    answer = browser.get(LOGIN)
    fields = re.findall(r'name="(login|password|credential)"', answer.content.decode())
    assert (answer.status_code, heading(answer), fields) == (200, "Welcome back", ["login", "password", "credential"])


def test_a_password_signs_in_and_leads_on(browser: Client, maya: Person) -> None:
    answer = browser.post(LOGIN, {"login": "Maya@Example.com", "password": PASSWORD, "next": "/what-if/?sales=1"})
    assert (answer.status_code, answer["Location"], who(browser)) == (302, "/what-if/?sales=1", "maya@example.com")


@pytest.mark.parametrize(
    "away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]
)
def test_signing_in_never_leads_to_another_house(browser: Client, maya: Person, away: str) -> None:
    answer = browser.post(LOGIN, {"login": maya.email, "password": PASSWORD, "next": away})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize("address", ["maya@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_address_sound_the_same(browser: Client, maya: Person, address: str) -> None:
    answer = browser.post(LOGIN, {"login": address, "password": "wrong-password"})
    assert (answer.status_code, notes(answer), who(browser)) == (
        200,
        ["That address and password do not belong together."],
        "",
    )
    assert f'value="{address}"' in answer.content.decode()
    assert "wrong-password" not in answer.content.decode()


def test_empty_fields_are_told_beside_them(browser: Client) -> None:
    answer = browser.post(LOGIN, {"login": "", "password": ""})
    assert wrong(answer) == {"login": "This field is required.", "password": "This field is required."}


def test_after_five_wrong_passwords_one_has_to_wait(browser: Client, maya: Person) -> None:
    for _ in range(5):
        browser.post(LOGIN, {"login": maya.email, "password": "wrong-password"})
    answer = browser.post(LOGIN, {"login": maya.email, "password": PASSWORD})
    assert (notes(answer), who(browser)) == (["Too many attempts. Wait five minutes, then try again."], "")


def test_an_erased_person_cannot_sign_in(browser: Client) -> None:
    gone = a_person(is_active=False)
    answer = browser.post(LOGIN, {"login": gone.email, "password": PASSWORD}, follow=True)
    assert who(browser) == ""
    assert heading(answer) in ("This account is closed", "Welcome back")


# By code


def ask_for_code(browser: Client, address: str, **more: str) -> Any:
    return browser.post("/accounts/login/code/", {"login": address, **more}, follow=True)


@pytest.mark.parametrize(("address", "written"), [("maya@example.com", 1), ("nobody@example.com", 0)])
def test_asking_for_a_code_tells_nothing_about_who_is_known(
    browser: Client, maya: Person, address: str, written: int
) -> None:
    answer = ask_for_code(browser, address)
    assert (answer.status_code, heading(answer), len(mails())) == (200, "Type the code", written)
    said = f"If this address is known, a code is on its way to {address}. It holds for 15 minutes"
    assert said in main(answer)


def test_a_code_signs_in_once_and_confirms_the_address(browser: Client) -> None:
    person = a_person(email="new@example.com", verified=False, password=None)
    ask_for_code(browser, person.email, next="/what-if/")
    code = code_of_mail()
    answer = browser.post("/accounts/login/code/confirm/", {"code": code, "next": "/what-if/"})
    assert (answer["Location"], who(browser)) == ("/what-if/", "new@example.com")
    assert list(EmailAddress.objects.filter(user=person).values_list("email", "verified")) == [
        ("new@example.com", True)
    ]

    other = Client()
    ask_for_code(other, person.email)
    again = other.post("/accounts/login/code/confirm/", {"code": code})
    assert (wrong(again), who(other)) == ({"code": "That is not the code. Look again, or send a new one."}, "")


def test_five_wrong_codes_end_the_code(browser: Client, maya: Person) -> None:
    ask_for_code(browser, maya.email)
    code = code_of_mail()
    bad = "000000" if code != "000000" else "111111"
    said = [wrong(browser.post("/accounts/login/code/confirm/", {"code": bad})) for _ in range(4)]
    assert said == [{"code": "That is not the code. Look again, or send a new one."}] * 4
    last = browser.post("/accounts/login/code/confirm/", {"code": bad}, follow=True)
    assert (heading(last), notes(last)) == (
        "Sign in by code",
        ["Too many attempts. Wait five minutes, then try again."],
    )
    after = browser.post("/accounts/login/code/confirm/", {"code": code}, follow=True)
    assert (heading(after), who(browser)) == ("Sign in by code", "")


def test_a_code_is_dead_after_fifteen_minutes(browser: Client, maya: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ask_for_code(browser, maya.email)
    code, real = code_of_mail(), __import__("time").time
    monkeypatch.setattr("time.time", lambda: real() + 15 * 60 + 1)
    answer = browser.post("/accounts/login/code/confirm/", {"code": code}, follow=True)
    assert (heading(answer), who(browser)) == ("Sign in by code", "")


def test_a_new_code_can_be_sent_and_another_address_chosen(browser: Client, maya: Person) -> None:
    ask_for_code(browser, maya.email)
    answer = browser.post("/accounts/login/code/confirm/", {"action": "resend"}, follow=True)
    assert (heading(answer), len(mails())) == ("Type the code", 2)
    left = browser.post("/accounts/logout/", {"next": LOGIN}, follow=True)
    assert heading(left) == "Welcome back"


def test_asking_without_an_address_is_told_beside_the_field(browser: Client) -> None:
    answer = ask_for_code(browser, "")
    assert (heading(answer), wrong(answer)) == ("Sign in by code", {"email": "This field is required."})


# By mailed link


def test_a_link_asks_for_one_press_and_then_signs_in(browser: Client, maya: Person) -> None:
    ask_for_code(Client(), maya.email)
    link = link_of_mail()
    scanned = browser.get(link)
    assert (heading(scanned), who(browser)) == ("Good to see you", "")
    assert "you are in as maya@example.com" in main(scanned)
    pressed = browser.post(link)
    assert (pressed.status_code, pressed["Location"], who(browser)) == (302, "/", "maya@example.com")
    again = Client().get(link)
    assert (again.status_code, heading(again)) == (409, "This link does not work any more")
    assert "This link was used already. Ask for a new one." in main(again)


def test_a_link_is_dead_after_fifteen_minutes(browser: Client, maya: Person) -> None:
    old = link_secret(maya, now=clock.now() - timedelta(minutes=15, seconds=1))
    answer = browser.post(f"/sign-in/{old}/")
    assert (answer.status_code, who(browser)) == (409, "")
    assert "This link is older than 15 minutes. Ask for a new one." in main(answer)


def test_a_made_up_link_opens_nothing(browser: Client) -> None:
    answer = browser.get("/sign-in/made-up/")
    assert (answer.status_code, heading(answer)) == (404, "This link does not work any more")


def test_a_link_takes_the_place_of_whoever_was_signed_in(maya: Person) -> None:
    other = a_person(email="other@example.com")
    browser = signed_in(other)
    secret = link_secret(maya, now=clock.now())
    assert "You are signed in as other@example.com here" in main(browser.get(f"/sign-in/{secret}/"))
    browser.post(f"/sign-in/{secret}/")
    assert who(browser) == "maya@example.com"


# Forgotten password


@pytest.mark.parametrize(("address", "written"), [("maya@example.com", 1), ("nobody@example.com", 0)])
def test_a_reset_says_the_same_for_every_address(browser: Client, maya: Person, address: str, written: int) -> None:
    answer = browser.post("/accounts/password/reset/", {"email": address}, follow=True)
    assert (answer.status_code, heading(answer), len(mails())) == (200, "Look into your mail", written)


def test_a_reset_link_sets_a_password_once(browser: Client, maya: Person) -> None:
    browser.post("/accounts/password/reset/", {"email": maya.email})
    link = link_of_mail()
    form = browser.get(link, follow=True)
    weak = browser.post(form.request["PATH_INFO"], {"password1": "short", "password2": "short"})
    assert heading(weak) == "Set a new password"
    assert "at least 10 characters" in wrong(weak)["password1"]
    unequal = browser.post(form.request["PATH_INFO"], {"password1": "a-new-sentence", "password2": "another-one"})
    assert wrong(unequal) == {"password2": "You must type the same password each time."}
    done = browser.post(
        form.request["PATH_INFO"], {"password1": "a-new-sentence", "password2": "a-new-sentence"}, follow=True
    )
    assert heading(done) == "Your password is set"
    browser.post(LOGIN, {"login": maya.email, "password": "a-new-sentence"})
    assert who(browser) == maya.email
    assert heading(Client().get(link, follow=True)) == "This link does not work any more"


# Second factor


def with_app(person: Person) -> str:
    """Turn the authenticator app on; the key that the app then has."""
    key = totp.generate_totp_secret()
    totp.TOTP.activate(person, key)
    return str(key)


def test_an_authenticator_app_is_asked_for_after_the_password(browser: Client, maya: Person) -> None:
    key = with_app(maya)
    answer = browser.post(LOGIN, {"login": maya.email, "password": PASSWORD}, follow=True)
    assert (heading(answer), who(browser)) == ("One more step", "")
    bad = browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert (wrong(bad), who(browser)) == (
        {"code": "That is not the code of this moment. Wait for the next one and type it."},
        "",
    )
    counter = int(clock.now().timestamp()) // 30
    good = totp.format_hotp_value(totp.hotp_value(key, counter))
    browser.post("/accounts/2fa/authenticate/", {"code": good})
    assert who(browser) == maya.email


def test_secrets_of_second_steps_lie_sealed(maya: Person, settings: LazySettings) -> None:
    key = with_app(maya)
    RecoveryCodes.activate(maya)
    app, codes = (Authenticator.objects.get(user=maya, type=kind) for kind in ("totp", "recovery_codes"))
    assert (app.data["secret"][:7], codes.data["seed"][:7]) == ("sealed:", "sealed:")
    assert key not in str(app.data)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert SecondStepAdapter().decrypt(app.data["secret"]) == key


def test_a_second_step_sealed_with_a_lost_key_says_what_to_do(
    browser: Client, maya: Person, settings: LazySettings
) -> None:
    settings.SECRET_KEY, kept = "a key that is lost", settings.SECRET_KEY
    with_app(maya)
    settings.SECRET_KEY = kept
    browser.post(LOGIN, {"login": maya.email, "password": PASSWORD})
    answer = browser.post("/accounts/2fa/authenticate/", {"code": "123456"})
    assert (answer.status_code, who(browser)) == (409, "")
    assert "This second step can no longer be checked." in answer.content.decode()


def test_secrets_that_lay_open_are_sealed_by_the_migration(maya: Person) -> None:
    Authenticator.objects.create(user=maya, type="totp", data={"secret": "ABCDEF"})
    Authenticator.objects.create(user=maya, type="recovery_codes", data={"migrated_codes": ["1234", "5678"]})
    a_passkey(maya)
    passkey = Authenticator.objects.get(type="webauthn").data
    migration = import_module("academy.people.migrations.0003_seal_second_steps")
    for _ in range(2):  # the second time there is nothing to do
        migration.close(apps, None)
    app, codes = (Authenticator.objects.get(type=kind).data for kind in ("totp", "recovery_codes"))
    adapter = SecondStepAdapter()
    assert adapter.decrypt(app["secret"]) == "ABCDEF"
    assert [adapter.decrypt(code) for code in codes["migrated_codes"]] == ["1234", "5678"]
    assert Authenticator.objects.get(type="webauthn").data == passkey
    migration.open_again(apps, None)
    assert Authenticator.objects.get(type="totp").data == {"secret": "ABCDEF"}
    assert Authenticator.objects.get(type="recovery_codes").data == {"migrated_codes": ["1234", "5678"]}


def test_a_recovery_code_signs_in_once(maya: Person) -> None:
    with_app(maya)
    code = RecoveryCodes.activate(maya).get_unused_codes()[0]
    seen = []
    for _ in range(2):
        browser = Client()
        browser.post(LOGIN, {"login": maya.email, "password": PASSWORD})
        browser.post("/accounts/2fa/authenticate/", {"code": code})
        seen.append(who(browser))
    assert seen == [maya.email, ""]


def test_a_mailed_link_does_not_get_round_the_second_step(browser: Client, maya: Person) -> None:
    with_app(maya)
    secret = link_secret(maya, now=clock.now())
    answer = browser.post(f"/sign-in/{secret}/", follow=True)
    assert (heading(answer), who(browser)) == ("One more step", "")


# Everything that allauth can show


def _patterns(found: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for one in found:
        route = prefix + re.sub(r"[\^$]", "", str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, route)
        elif isinstance(one, URLPattern) and (one.lookup_str or "").startswith("allauth."):
            yield str(one.name), "/" + route


ADDRESSES = sorted(set(_patterns(get_resolver().url_patterns)))


# These pages sign out whoever they are not for, or forget a sign-in that is not finished.
ENDING = ("account_reset_password_from_key", "account_signup")


def _filled(address: str, values: dict[str, str]) -> str:
    address = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: values[found[1]], address)
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], address)


def _people() -> dict[str, Client]:
    """Somebody in every state in which allauth shows another page."""
    protected = a_person(email="protected@example.com")
    with_app(protected)
    RecoveryCodes.activate(protected)
    a_passkey(protected)
    proved = signed_in(protected)
    proved.post("/accounts/reauthenticate/", {"password": PASSWORD})
    waiting, second = Client(), Client()
    ask_for_code(waiting, protected.email)
    second.post(LOGIN, {"login": protected.email, "password": PASSWORD})
    codes_only = signed_in(a_person(password=None))
    return {
        "stranger": Client(),
        "waiting for a code": waiting,
        "at the second step": second,
        "signed in": signed_in(a_person()),
        "signed in by code only": codes_only,
        "protected": signed_in(protected),
        "protected, just proved": proved,
    }


def _visit(visitors: dict[str, Client], method: str, values: dict[str, str]) -> set[str]:
    """Ask for every address as everybody; the names of the pages that were shown."""
    shown: set[str] = set()
    for name, address in ADDRESSES:
        if (name, method) == ("account_logout", "post"):
            continue  # nobody would be left for what follows
        for who_asks, visitor in visitors.items():
            if name in ENDING and who_asks != "stranger":
                continue
            asked = _filled(address, values)
            answer = getattr(visitor, method)(asked, follow=method == "get")
            assert answer.status_code < 500, (name, answer.status_code)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                assert 'href="/static/academy.' in answer.content.decode(), name
                is_there = answer.request["PATH_INFO"] == asked or "set-password" in answer.request["PATH_INFO"]
                shown |= {name} if is_there else set()
    return shown


def test_every_page_of_allauth_is_ours() -> None:
    from_django: list[str] = []

    def noticed(template: Any, **_: Any) -> None:
        from_django.append(template.name)

    people = _people()
    protected = Person.objects.get(email="protected@example.com")
    key = Authenticator.objects.get(user=protected, type="webauthn").pk
    uid, token = user_pk_to_url_str(protected), default_token_generator.make_token(protected)
    values = {"key": token, "uidb36": uid, "pk": str(key)}
    template_rendered.connect(noticed)
    try:
        shown = _visit(people, "get", values)
        _visit(people, "post", values)
    finally:
        template_rendered.disconnect(noticed)
    assert from_django == []
    # The one is for scripts only, the other a file.
    assert sorted({name for name, _ in ADDRESSES} - shown) == ["mfa_download_recovery_codes", "mfa_login_webauthn"]
