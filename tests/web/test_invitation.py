"""The page behind an invitation: each of its states, and every way in."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from academy.core import clock
from academy.people.invitations.actions import invite_member, withdraw_invitation
from academy.people.invitations.queries import open_invitations
from academy.people.partners.models import Membership

from ..factories import PASSWORD, a_member, a_partner, a_person, acting, signed_in
from .reading import heading, main, notes, wrong
from .test_sign_in import who

pytestmark = pytest.mark.django_db


@pytest.fixture
def theo() -> Membership:
    """The owner who invites."""
    return a_member(partner=a_partner(name="Brightside Labs"), person=a_person(name="Theo"), role="owner")


def invite(
    theo: Membership, email: str = "ines@example.com", *, at: datetime | None = None, role: str = "member"
) -> str:
    """Invite somebody; the path of the link."""
    made = invite_member(theo.partner_id, email, role=role, by=acting(theo), now=at or clock.now())
    return "/invitations/" + made.url.split("/invitations/")[1]


def join(browser: Client, link: str, **given: str) -> Any:
    return browser.post(link, {"name": "Ines Carvalho", "way": "password", "password": PASSWORD, **given})


def memberships() -> list[tuple[str, str, str]]:
    found = Membership.objects.filter(left_at=None).order_by("joined_at", "id")
    return [(one.person.email, one.person.name, one.role) for one in found.select_related("person")]


def test_it_says_by_whom_to_what_and_until_when(theo: Membership) -> None:
    answer = Client().get(invite(theo, role="owner"))
    assert (answer.status_code, heading(answer)) == (200, "Join Brightside Labs")
    said = "Theo invited ines@example.com to SISO Academy as an owner of Brightside Labs."
    assert said in main(answer)
    assert answer["Cache-Control"].startswith("max-age=0")


@pytest.mark.parametrize(
    ("way", "password", "leads"),
    [("password", PASSWORD, "/"), ("code", "", "/"), ("passkey", "ignored", "/accounts/2fa/webauthn/add/")],
)
def test_a_new_person_joins_and_is_signed_in(theo: Membership, way: str, password: str, leads: str) -> None:
    browser, link = Client(), invite(theo)
    answer = join(browser, link, way=way, password=password)
    assert (answer.status_code, answer["Location"], who(browser)) == (302, leads, "ines@example.com")
    assert memberships()[1:] == [("ines@example.com", "Ines Carvalho", "member")]
    person = Membership.objects.get(person__email="ines@example.com").person
    assert person.has_usable_password() is (way == "password")
    assert (browser.get(answer["Location"]).status_code, browser.get("/")["Location"]) == (
        302 if leads == "/" else 200,
        "/welcome/",
    )


@pytest.mark.parametrize(
    ("given", "beside"),
    [
        ({"name": " "}, {"name": "Write the name that others should see."}),
        ({"password": ""}, {"password": "Write a password, or choose another way to sign in."}),
        ({"way": "magic"}, {"way": "Choose how you want to sign in."}),
        ({"way": ""}, {"way": "Choose how you want to sign in."}),
    ],
)
def test_what_is_wrong_is_told_beside_it_and_what_was_typed_stays(
    theo: Membership, given: dict[str, str], beside: dict[str, str]
) -> None:
    browser = Client()
    answer = join(browser, invite(theo), **given)
    assert (answer.status_code, wrong(answer), who(browser)) == (422, beside, "")
    assert (given.get("name") is not None) or 'value="Ines Carvalho"' in answer.content.decode()
    assert len(memberships()) == 1


def test_a_weak_password_is_refused_with_what_to_do(theo: Membership) -> None:
    answer = join(Client(), invite(theo), password="password12")
    assert (answer.status_code, wrong(answer)) == (422, {"password": "This password is too common."})


def test_somebody_known_signs_in_first_and_then_accepts(theo: Membership) -> None:
    ines, link = a_person(email="ines@example.com", name="Ines"), invite(theo)
    stranger = Client()
    assert notes(stranger.get(link)) == ["ines@example.com has an account here. Sign in with it, then accept."]
    refused = join(stranger, link)
    assert (refused.status_code, who(stranger)) == (409, "")
    browser = signed_in(ines)
    assert heading(browser.get(link)) == "Join Brightside Labs"
    accepted = browser.post(link)
    assert (accepted.status_code, accepted["Location"]) == (302, "/")
    assert memberships()[1:] == [("ines@example.com", "Ines", "member")]


def test_it_is_not_for_somebody_else(theo: Membership) -> None:
    browser, link = signed_in(a_person(email="other@example.com")), invite(theo)
    said = "You are signed in as other@example.com, and the invitation is for ines@example.com."
    assert notes(browser.get(link)) == [f"{said} Sign out to accept it, or ask for one to your address."]
    refused = browser.post(link)
    assert (refused.status_code, notes(refused)) == (
        409,
        ["This invitation is for ines@example.com. Sign out and open it again, or ask for one to your address."],
    )


def test_a_member_of_another_partner_is_told_to_leave_first(theo: Membership) -> None:
    ines = a_member(person=a_person(email="ines@example.com")).person
    refused = signed_in(ines).post(invite(theo))
    assert (refused.status_code, notes(refused)) == (
        409,
        ["One is a member of one partner at a time. Leave the other one first, in your profile."],
    )


def test_it_works_once(theo: Membership) -> None:
    link = invite(theo)
    join(Client(), link)
    again = Client().get(link)
    assert (again.status_code, notes(again)) == (200, ["This invitation was used already. Sign in instead."])
    refused = join(Client(), link)
    assert (refused.status_code, notes(refused)) == (409, ["This invitation was used already. Sign in instead."])


def test_taken_back_it_says_so(theo: Membership) -> None:
    link = invite(theo)
    (open_one,) = open_invitations(acting(theo), theo.partner_id, now=clock.now())
    withdraw_invitation(open_one.id, by=acting(theo), now=clock.now())
    said = "This invitation was taken back, or a newer one replaced it. Look for a later mail, or ask for a new one."
    assert notes(Client().get(link)) == [said]
    assert (join(Client(), link).status_code, len(memberships())) == (409, 1)


def test_too_old_it_says_whom_to_ask(theo: Membership) -> None:
    link = invite(theo, at=clock.now() - timedelta(days=15))
    answer = Client().get(link)
    assert "Ask Theo for a new one." in notes(answer)[0]
    assert (join(Client(), link).status_code, len(memberships())) == (409, 1)


def test_an_incomplete_link_says_what_to_do() -> None:
    answer = Client().get("/invitations/half/")
    assert (answer.status_code, heading(answer)) == (404, "This invitation does not open")
    assert "This invitation is not complete. Open the link from the mail again." in main(answer)
