"""The profile: what one changes about oneself, sessions, tokens, leaving, and one's data."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from academy.core import clock
from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.accounts.queries import profile
from academy.people.partners.models import Membership
from academy.people.tokens.actions import create_token
from academy.people.tokens.queries import tokens_of

from ..factories import PASSWORD, a_member, a_person, a_session, acting, signed_in
from .reading import heading, main, notes, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def maya() -> Person:
    return a_person(email="maya@example.com", name="Maya Okafor")


@pytest.fixture
def browser(maya: Person) -> Client:
    return signed_in(maya)


def prove(browser: Client) -> None:
    """Show once more who one is."""
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})


def kept(person: Person) -> tuple[str, str, str, bool]:
    found = profile(person.pk)
    return found.name, found.timezone, found.theme, found.shows_name


def change(browser: Client, **given: str) -> Any:
    return browser.post("/profile/", {"name": "Maya O.", "timezone": "Europe/Prague", "theme": "dark", **given})


def test_strangers_sign_in_first() -> None:
    assert Client().get("/profile/")["Location"] == "/accounts/login/?next=%2Fprofile%2F"


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_page_asks_as_often_however_many_sessions(
    maya: Person, sessions: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(sessions):
        a_session(maya)
        create_token(maya.pk, by=acting(maya), now=clock.now(), label="CRM", scopes=["read"])
    browser = signed_in(maya)
    with django_assert_max_num_queries(7):  # session, who is asking, profile, ways in, sessions, tokens, the address
        answer = browser.get("/profile/")
    assert (answer.status_code, heading(answer)) == (200, "Your profile")


def test_what_is_changed_is_kept_and_this_device_follows(browser: Client, maya: Person) -> None:
    browser.cookies["theme"] = "light"
    answer = change(browser, shows_name="yes")
    assert (answer.status_code, answer["Location"], kept(maya)) == (
        302,
        "/profile/",
        ("Maya O.", "Europe/Prague", "dark", True),
    )
    after = browser.get("/profile/")
    assert 'data-theme="dark"' in after.content.decode()
    assert notes(after) == ["Saved."]
    change(browser)
    assert kept(maya)[3] is False


@pytest.mark.parametrize(
    ("given", "beside"),
    [
        ({"name": " "}, {"name": "Write a name of at most 120 characters."}),
        ({"timezone": "Moon/Sea"}, {"timezone": "Choose one such as Europe/London."}),
        ({"theme": "pink"}, {"theme": "Choose light, dark, or as the device."}),
    ],
)
def test_what_is_wrong_is_told_beside_it(
    browser: Client, maya: Person, given: dict[str, str], beside: dict[str, str]
) -> None:
    answer = change(browser, **given)
    assert (answer.status_code, wrong(answer), kept(maya)) == (
        422,
        beside,
        ("Maya Okafor", "Europe/London", "", False),
    )


# Sessions


def test_a_place_is_signed_out_at_once(browser: Client, maya: Person) -> None:
    other = signed_in(maya)
    there = UserSession.objects.get(session_key=other.cookies["sessionid"].value)
    answer = browser.post(f"/profile/sessions/{there.pk}/end/")
    assert (answer.status_code, answer["Location"]) == (302, "/profile/#sessions")
    assert other.get("/profile/")["Location"].startswith("/accounts/login/")
    assert browser.get("/profile/").status_code == 200


def test_nobody_ends_somebody_elses_session(browser: Client) -> None:
    other = a_person()
    key = a_session(other)
    answer = browser.post(f"/profile/sessions/{UserSession.objects.get(session_key=key).pk}/end/")
    assert (answer.status_code, Session.objects.filter(session_key=key).exists()) == (404, True)


def test_all_other_places_are_signed_out(browser: Client, maya: Person) -> None:
    others = [signed_in(maya) for _ in range(2)]
    browser.post("/profile/sessions/end-others/")
    assert [other.get("/profile/").status_code for other in others] == [302, 302]
    answer = browser.get("/profile/")
    assert (answer.status_code, notes(answer)) == (200, ["2 places are signed out."])


# Tokens


def test_a_token_asks_who_it_is_and_shows_its_secret_once(browser: Client, maya: Person) -> None:
    first = browser.get("/profile/tokens/")
    assert first["Location"] == "/accounts/reauthenticate/?next=%2Fprofile%2Ftokens%2F"
    back = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/profile/tokens/"})
    assert back["Location"] == "/profile/tokens/"
    made = browser.post("/profile/tokens/", {"label": "CRM", "scopes": ["read", "deals"], "days": "30"})
    (token,) = tokens_of(acting(maya), maya.pk)
    assert (token.label, token.scopes) == ("CRM", ("deals", "read"))
    assert token.expires_at
    assert timedelta(days=29) < token.expires_at - clock.now() <= timedelta(days=30)
    assert re.search(r'value="siso_[\w-]{40}"', made.content.decode())
    assert "siso_" not in browser.get("/profile/").content.decode()


@pytest.mark.parametrize(
    ("given", "beside"),
    [
        ({"label": ""}, {"label": "Write what uses it, such as “our CRM”."}),
        ({"scopes": []}, {"scopes": "Tick at least one."}),
        ({"scopes": ["read", "all"]}, {"scopes": "Choose from the list."}),
        ({"days": "9999"}, {"days": "Choose from the list."}),
    ],
)
def test_a_wrong_token_is_refused(browser: Client, maya: Person, given: dict[str, Any], beside: dict[str, str]) -> None:
    prove(browser)
    answer = browser.post("/profile/tokens/", {"label": "CRM", "scopes": ["read"], "days": "30", **given})
    assert (answer.status_code, wrong(answer), tokens_of(acting(maya), maya.pk)) == (422, beside, [])


def test_a_token_is_ended_by_its_owner_only(browser: Client, maya: Person) -> None:
    made = create_token(maya.pk, by=acting(maya), now=clock.now(), label="CRM", scopes=["read"])
    assert signed_in(a_person()).post(f"/profile/tokens/{made.id}/revoke/").status_code == 404
    assert tokens_of(acting(maya), maya.pk)[0].revoked_at is None
    browser.post(f"/profile/tokens/{made.id}/revoke/")
    assert tokens_of(acting(maya), maya.pk)[0].revoked_at is not None
    assert "CRM" not in main(browser.get("/profile/"))


# One's partner


def test_one_leaves_and_keeps_what_one_learnt() -> None:
    partner = a_member(role="owner").partner
    mine = a_member(partner=partner)
    browser = signed_in(mine.person)
    answer = browser.post("/profile/leave/", follow=True)
    mine.refresh_from_db()
    assert (mine.left_at is not None, notes(answer)) == (True, ["You have left. What you learnt stays yours."])


def test_the_last_owner_cannot_leave() -> None:
    mine = a_member(role="owner")
    answer = signed_in(mine.person).post("/profile/leave/")
    said = "The last owner cannot leave. Make somebody else an owner first."
    assert (answer.status_code, notes(answer)) == (409, [said])
    assert Membership.objects.get(pk=mine.pk).left_at is None


# One's data


def test_ones_data_comes_as_a_file(browser: Client, maya: Person) -> None:
    assert browser.get("/profile/data/")["Location"].startswith("/accounts/reauthenticate/")
    prove(browser)
    answer = browser.get("/profile/data/")
    held = json.loads(answer.content)
    assert (held["person"]["email"], held["addresses"][0]["email"]) == ("maya@example.com", "maya@example.com")
    assert answer["Content-Disposition"].startswith('attachment; filename="siso-academy-my-data-')


def test_erasing_needs_the_address_and_is_final(browser: Client, maya: Person) -> None:
    assert browser.get("/profile/erase/")["Location"].startswith("/accounts/reauthenticate/")
    prove(browser)
    slip = browser.post("/profile/erase/", {"email": "maya"})
    assert (slip.status_code, wrong(slip)) == (
        422,
        {"email": "Write maya@example.com, so that it does not happen by accident."},
    )
    answer = browser.post("/profile/erase/", {"email": " Maya@example.com "})
    maya.refresh_from_db()
    assert (heading(answer), maya.is_active, maya.name) == ("Your account is erased", False, "")
    assert browser.get("/profile/").status_code == 302


def test_an_owner_with_others_names_another_owner_before_erasing() -> None:
    mine = a_member(role="owner")
    a_member(partner=mine.partner)
    browser = signed_in(mine.person)
    prove(browser)
    answer = browser.post("/profile/erase/", {"email": mine.person.email})
    said = "The other members need an owner. Make one of them an owner first."
    assert (answer.status_code, notes(answer)) == (409, [said])


# Address and password


def test_a_new_address_counts_when_its_link_was_opened(browser: Client, maya: Person) -> None:
    browser.post("/accounts/email/", {"email": "maya.new@example.com", "action_add": ""})
    maya.refresh_from_db()
    assert maya.email == "maya@example.com"
    (letter,) = [mail for mail in latest_mail() if mail.to == "maya.new@example.com"]
    found = re.search(r"http://[^/]+(/\S+)", letter.text)
    assert found
    shown = browser.get(found[1])
    assert "Is maya.new@example.com yours?" in main(shown)
    browser.post(found[1])
    maya.refresh_from_db()
    assert maya.email == "maya.new@example.com"


def test_a_changed_password_signs_out_everywhere(browser: Client, maya: Person) -> None:
    other = signed_in(maya)
    given = {"oldpassword": "wrong", "password1": "a-new-sentence", "password2": "a-new-sentence"}
    slip = browser.post("/accounts/password/change/", given)
    assert wrong(slip) == {"oldpassword": "That is not your present password."}
    done = browser.post("/accounts/password/change/", {**given, "oldpassword": PASSWORD}, follow=True)
    assert (heading(done), notes(done)) == ("Welcome back", ["Your password is changed. Sign in with the new one."])
    assert other.get("/profile/").status_code == 302
