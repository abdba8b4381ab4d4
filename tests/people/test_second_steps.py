"""A second step that is lost: an administrator takes it away, and its owner is told."""

from datetime import datetime
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator

from academy.core.errors import Conflict, Forbidden, NotFound
from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.people.second_steps.actions import forget_second_step
from academy.people.second_steps.queries import SecondSteps, person_with_address, second_steps_of

from ..factories import a_person, a_staff_member, acting

pytestmark = pytest.mark.django_db


def locked_out(name: str = "Maya", email: str = "maya@example.com") -> Person:
    """Somebody whose phone held an authenticator app and a passkey."""
    person = a_person(name=name, email=email)
    for kind in ("totp", "recovery_codes", "webauthn", "webauthn"):
        Authenticator.objects.create(user=person, type=kind, data={})
    return person


def test_all_of_it_is_taken_away_and_the_person_told(now: datetime) -> None:
    maya, other = locked_out(), locked_out("Noor", "noor@example.com")
    by = acting(a_staff_member("administrator"))
    assert second_steps_of(by, maya.pk) == SecondSteps(
        maya.pk, "Maya", "maya@example.com", ["recovery_codes", "totp", "webauthn"]
    )
    forget_second_step(maya.pk, by=by, now=now)
    assert [second_steps_of(by, one.pk).kinds for one in (maya, other)] == [
        [],
        ["recovery_codes", "totp", "webauthn"],
    ]
    (mail,) = latest_mail()
    assert (mail.to, mail.subject) == ("maya@example.com", "Your second step was removed")
    assert "Sign in at http://localhost:8000 with your password or a mailed code" in mail.text


def test_where_there_is_none_nothing_is_said(now: datetime) -> None:
    maya = a_person(name="Maya")
    with pytest.raises(Conflict, match="Maya has no second step"):
        forget_second_step(maya.pk, by=THE_HOUSE, now=now)
    assert latest_mail() == []


def test_ones_own_is_removed_in_the_profile(now: datetime) -> None:
    ada = a_staff_member("administrator")
    Authenticator.objects.create(user=ada, type="totp", data={})
    with pytest.raises(Conflict, match="This is your own"):
        forget_second_step(ada.pk, by=acting(ada), now=now)
    assert Authenticator.objects.count() == 1


def test_who_is_not_there_or_erased_is_not_found(now: datetime) -> None:
    gone = a_person(is_active=False)
    for person in (gone.pk, uuid4()):
        with pytest.raises(NotFound):
            second_steps_of(THE_HOUSE, person)
        with pytest.raises(NotFound):
            forget_second_step(person, by=THE_HOUSE, now=now)


@pytest.mark.parametrize("role", ["manager", "finance", "curator", "expert"])
def test_nobody_else_may(role: str, now: datetime) -> None:
    maya, by = locked_out(), acting(a_staff_member(role))
    for ask in (
        lambda: forget_second_step(maya.pk, by=by, now=now),
        lambda: second_steps_of(by, maya.pk),
        lambda: person_with_address(by, "maya@example.com"),
    ):
        with pytest.raises(Forbidden):
            ask()
    assert Authenticator.objects.filter(user=maya).count() == 4


def test_a_person_is_found_by_address() -> None:
    maya = a_person(email="maya@example.com")
    assert person_with_address(THE_HOUSE, " MAYA@example.com ") == maya.pk
    assert person_with_address(THE_HOUSE, "nobody@example.com") is None
