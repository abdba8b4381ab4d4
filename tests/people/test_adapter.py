"""Sign-in as it behaves here: what allauth asks our adapter, and what it writes to people."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from allauth.account import app_settings as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.core import context
from allauth.mfa import app_settings as mfa
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.http import HttpRequest
from django.test import RequestFactory

from academy.core.errors import Conflict
from academy.notifications.queries import latest_mail
from academy.people.accounts.adapter import AccountAdapter, sign_in_by_link

from ..factories import PASSWORD, a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of_a_stranger() -> Iterator[HttpRequest]:
    """A request as the middlewares leave it, without a page behind it."""
    request = RequestFactory().post("/")
    request.session = SessionStore()
    request.user = get_user(request)
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    with context.request_context(request):
        yield request


def link_in(text: str) -> str:
    found = re.search(re.escape(settings.ORIGIN) + r"/sign-in/([^/\s]+)/", text)
    assert found
    return found[1]


def test_the_settings_say_what_this_allauth_understands() -> None:
    assert isinstance(get_adapter(), AccountAdapter)
    assert {method.value for method in account.LOGIN_METHODS} == {"email"}
    assert (account.LOGIN_BY_CODE_ENABLED, account.LOGIN_BY_CODE_TIMEOUT) == (True, 900)
    assert (account.PREVENT_ENUMERATION, account.EMAIL_UNKNOWN_ACCOUNTS) == (True, False)
    assert account.EMAIL_NOTIFICATIONS
    assert set(mfa.SUPPORTED_TYPES) == {"totp", "webauthn", "recovery_codes"}
    assert (mfa.PASSKEY_LOGIN_ENABLED, mfa.PASSKEY_SIGNUP_ENABLED, mfa.TOTP_ISSUER) == (
        True,
        False,
        "SISO Academy",
    )
    assert {"login", "login_failed", "request_login_code", "reset_password"} <= set(account.RATE_LIMITS)


@pytest.mark.parametrize("prefix", ["ACCOUNT", "MFA", "USERSESSIONS", "ALLAUTH"])
def test_no_setting_of_ours_is_unknown_to_it(prefix: str) -> None:
    module = {"ACCOUNT": "account", "MFA": "mfa", "USERSESSIONS": "usersessions", "ALLAUTH": ""}[prefix]
    known = type(import_module(f"allauth.{module}".rstrip(".") + ".app_settings")._app_settings) if module else None
    ours = [name.removeprefix(f"{prefix}_") for name in dir(settings) if name.startswith(f"{prefix}_")]
    if known is None:
        assert ours == ["TRUSTED_PROXY_COUNT"]
        return
    other_names = {"LOGIN_BY_CODE_SUPPORTS_RESEND"}  # read inside LOGIN_BY_CODE_MAX_RESEND_COUNT
    assert [name for name in ours if not hasattr(known, name) and name not in other_names] == []


def test_outside_tests_passwords_are_kept_by_argon2() -> None:
    assert Argon2PasswordHasher().encode(PASSWORD, "saltsalt").startswith("argon2$argon2id$")


def test_codes_are_six_digits_and_strangers_cannot_sign_up(request_of_a_stranger: HttpRequest) -> None:
    adapter = get_adapter()
    assert re.fullmatch(r"\d{6}", adapter.generate_login_code())
    assert not adapter.is_open_for_signup(request_of_a_stranger)


def test_code_and_link_come_in_one_mail_and_the_link_signs_in_once(request_of_a_stranger: HttpRequest) -> None:
    request = request_of_a_stranger
    person = a_person()
    LoginCodeVerificationProcess.initiate(request=request, user=person, email=person.email)
    [mail] = latest_mail()
    code = re.fullmatch(r"(\d{6}) is your sign-in code", mail.subject)
    assert code
    assert f"    {code[1]}\n" in mail.text
    assert (mail.to, mail.person) == (person.email, person)

    answer = sign_in_by_link(request, link_in(mail.text))

    assert (answer.status_code, answer.headers["Location"], get_user(request)) == (302, "/", person)
    assert [one.session_key for one in UserSession.objects.filter(user=person)] == [request.session.session_key]
    with pytest.raises(Conflict) as refused:
        sign_in_by_link(request, link_in(mail.text))
    assert refused.value.sentence == "This link was used already. Ask for a new one."


def test_an_unknown_address_gets_no_mail(request_of_a_stranger: HttpRequest) -> None:
    LoginCodeVerificationProcess.initiate(request=request_of_a_stranger, user=None, email="eve@example.com")
    assert latest_mail() == []


def test_signing_out_forgets_the_session(request_of_a_stranger: HttpRequest) -> None:
    request = request_of_a_stranger
    get_adapter().logout(request)  # nobody is signed in: nothing to forget
    person = a_person()
    LoginCodeVerificationProcess.initiate(request=request, user=person, email=person.email)
    sign_in_by_link(request, link_in(latest_mail()[0].text))
    get_adapter().logout(request)
    assert (get_user(request).is_authenticated, UserSession.objects.count()) == (False, 0)


@pytest.mark.parametrize(
    ("what", "given", "subject", "part"),
    [
        ("account/email/login_code", {"code": "123456"}, "Your sign-in code", "is 123456."),
        (
            "account/email/password_reset_key",
            {"password_reset_url": "http://x/reset"},
            "Set a new password",
            "http://x/reset",
        ),
        (
            "account/email/email_confirmation",
            {"activate_url": "http://x/confirm"},
            "Confirm your address",
            "http://x/confirm",
        ),
        ("mfa/email/webauthn_added", {}, "A passkey was added to your account", "end the sessions"),
        (
            "account/email/something_new",
            {},
            "Somebody used your address at SISO Academy",
            "end the sessions",
        ),
    ],
)
def test_letters_are_in_our_own_words(
    request_of_a_stranger: HttpRequest, what: str, given: dict[str, Any], subject: str, part: str
) -> None:
    get_adapter().send_mail(what, "nobody@example.com", given)
    [mail] = latest_mail()
    assert (mail.to, mail.subject) == ("nobody@example.com", subject)
    assert part in mail.text


def test_attempts_are_counted_where_all_processes_see_them() -> None:
    cache.set("attempts", [1, 2], 60)
    assert cache.get("attempts") == [1, 2]
    assert cache.add("attempts", [], 60) is False
