"""The staff room: administrators give and take roles there; a weighty one waits for a second person."""

from datetime import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.roles.actions import set_roles
from academy.people.roles.models import RoleChange

from ...factories import a_member, a_staff_member, acting, signed_in
from ..reading import heading, main, wrong

pytestmark = pytest.mark.django_db
STAFF = "/studio/staff/"


@pytest.fixture(autouse=True)
def _two_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = False


@pytest.fixture
def ada() -> Person:
    return a_staff_member("administrator", name="Ada", email="ada@example.com")


@pytest.fixture
def browser(ada: Person) -> Client:
    return signed_in(ada)


def test_only_administrators_see_the_room(browser: Client, manager: Client, owner: Client, ada: Person) -> None:
    assert heading(browser.get(STAFF)) == "Staff"
    assert f'href="{STAFF}"' in browser.get("/studio/partners/").content.decode()
    assert f'href="{STAFF}"' not in manager.get("/studio/partners/").content.decode()
    for path in (STAFF, f"{STAFF}{ada.pk}/"):
        assert [visitor.get(path).status_code for visitor in (manager, owner, Client())] == [403, 404, 302]
    for path in (f"{STAFF}enter/", f"{STAFF}{ada.pk}/", f"{STAFF}{ada.pk}/second-step/"):
        assert [visitor.post(path).status_code for visitor in (manager, owner, Client())] == [403, 404, 302]


def test_somebody_is_entered(browser: Client) -> None:
    sent = {"email": "eva@example.com", "name": "Eva", "roles": ["manager", "expert"], "reason": ""}
    answer = browser.post(f"{STAFF}enter/", sent, follow=True)
    assert "Eva is entered, and signs in by a code that is mailed." in main(answer)
    assert "Expert, Partner manager" in main(answer)
    assert Person.objects.get(email="eva@example.com").roles == ["expert", "manager"]


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(browser: Client) -> None:
    answer = browser.post(f"{STAFF}enter/", {"email": "eva", "name": "Eva", "roles": ["finance"], "reason": ""})
    assert (answer.status_code, wrong(answer)) == (422, {"email": "Write it like name@company.com."})
    assert 'value="eva"' in answer.content.decode()
    sent = {"email": "eva@example.com", "name": "Eva", "roles": ["finance"], "reason": ""}
    answer = browser.post(f"{STAFF}enter/", sent)
    assert wrong(answer) == {"reason": "Write why this person needs it. It is kept with the change."}
    assert 'value="finance" checked' in answer.content.decode()
    assert not Person.objects.filter(email="eva@example.com").exists()


def test_roles_are_changed_on_the_persons_own_page(browser: Client) -> None:
    eva = a_staff_member("manager", name="Eva")
    page = f"{STAFF}{eva.pk}/"
    assert 'value="manager" checked' in browser.get(page).content.decode()
    answer = browser.post(page, {"roles": ["finance"], "reason": "Checks statements"}, follow=True)
    assert "Saved." in main(answer)
    eva.refresh_from_db()
    assert eva.roles == ["finance"]
    history = main(browser.get(page))
    assert "Finance, given" in history
    assert "Partner manager, taken" in history
    assert "Checks statements" in history
    assert "Nothing was changed." in main(browser.post(page, {"roles": ["finance"], "reason": ""}, follow=True))


def test_the_last_administrator_stays_one(browser: Client, ada: Person) -> None:
    assert "This is you." in main(browser.get(f"{STAFF}{ada.pk}/"))
    answer = browser.post(f"{STAFF}{ada.pk}/", {"roles": [], "reason": ""})
    assert answer.status_code == 409
    assert "The last administrator stays one. Make somebody else an administrator first." in main(answer)


def test_a_weighty_role_is_confirmed_by_another_administrator(
    browser: Client, ada: Person, now: datetime, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    eva, ben = a_staff_member("manager", name="Eva"), signed_in(a_staff_member("administrator", name="Ben"))
    sent = {"roles": ["manager", "finance"], "reason": "Checks statements"}
    answer = main(browser.post(f"{STAFF}{eva.pk}/", sent, follow=True))
    assert "Waits until another administrator confirms it: Finance." in answer
    assert "another administrator has to confirm it" in answer
    change = RoleChange.objects.get()
    confirm, decline = (f"{STAFF}changes/{change.pk}/{word}/" for word in ("confirm", "decline"))
    assert f'action="{confirm}"' not in browser.get(STAFF).content.decode()
    assert browser.post(confirm).status_code == 403
    assert f'action="{confirm}"' in ben.get(STAFF).content.decode()
    assert "Eva is now: Finance." in main(ben.post(confirm, follow=True))
    eva.refresh_from_db()
    assert eva.roles == ["finance", "manager"]
    assert ben.post(decline).status_code == 409


def test_a_request_is_taken_back(browser: Client, ada: Person, now: datetime, settings: LazySettings) -> None:
    settings.FOUR_EYES = True
    eva = a_staff_member("manager", name="Eva")
    (change,) = set_roles(eva.pk, ["manager", "finance"], reason="Checks", by=acting(ada), now=now)
    assert "Take back" in main(browser.get(STAFF))
    answer = browser.post(f"{STAFF}changes/{change.pk}/decline/", follow=True)
    assert "Eva does not become: Finance." in main(answer)
    assert "Finance, declined" in main(answer)


def test_a_lost_second_step_is_found_by_address_and_removed(browser: Client) -> None:
    maya = a_member(role="owner").person
    Authenticator.objects.create(user=maya, type="totp", data={})
    Authenticator.objects.create(user=maya, type="webauthn", data={})
    looked = browser.get(f"{STAFF}second-step/", {"address": maya.email}, follow=True)
    assert looked.redirect_chain == [(f"{STAFF}{maya.pk}/second-step/", 302)]
    assert "Authenticator app Passkey Be sure that it is they who ask" in main(looked)

    answer = browser.post(f"{STAFF}{maya.pk}/second-step/", follow=True)
    assert f"{maya} signs in without a second step now, and is told by mail." in main(answer)
    assert "None. A password or a mailed code is enough." in main(answer)
    assert not Authenticator.objects.exists()

    again = browser.post(f"{STAFF}{maya.pk}/second-step/")
    assert (again.status_code, f"{maya} has no second step." in main(again)) == (409, True)


def test_an_address_that_nobody_has_is_said_beside_its_field(browser: Client) -> None:
    answer = browser.get(f"{STAFF}second-step/", {"address": "nobody@example.com"})
    assert (answer.status_code, wrong(answer)) == (422, {"address": "Nobody here signs in with that address."})
    assert 'value="nobody@example.com"' in answer.content.decode()


def test_ones_own_second_step_is_not_removed_here(browser: Client, ada: Person) -> None:
    Authenticator.objects.create(user=ada, type="totp", data={})
    page = browser.get(f"{STAFF}{ada.pk}/second-step/")
    assert "Remove it in your profile" in main(page)
    assert "<form method" not in page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert browser.post(f"{STAFF}{ada.pk}/second-step/").status_code == 409


def test_others_do_not_see_second_steps(manager: Client, owner: Client, ada: Person) -> None:
    for path in (f"{STAFF}second-step/", f"{STAFF}{ada.pk}/second-step/"):
        assert [visitor.get(path).status_code for visitor in (manager, owner, Client())] == [403, 404, 302]
