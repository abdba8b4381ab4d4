"""The team page: who carries what, assigning, inviting, roles; for owners only."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academy.core import clock
from academy.core.errors import Forbidden, NotFound
from academy.learning.assignments.actions import assign
from academy.learning.progress.queries import taken_by
from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.invitations.queries import open_invitations
from academy.people.partners.models import Membership
from academy.people.permissions.rules import Actor

from ..factories import a_member, a_staff_member, acting, signed_in
from ..worlds import World, a_colleague, a_world, pass_modules, win
from .reading import heading, main, notes, wrong

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> datetime:
    """An instant just passed: pages read the clock themselves."""
    return clock.now() - timedelta(minutes=5)


@pytest.fixture
def world(today: datetime) -> World:
    """A company of an owner and a colleague; the owner alone has passed the first of two modules."""
    made = a_world(today)
    Person.objects.filter(pk=made.owner.person_id).update(name="Theo")
    return made


@pytest.fixture
def ines(world: World, today: datetime) -> Actor:
    made = a_colleague(world.partner, now=today)
    Person.objects.filter(pk=made.person_id).update(name="Ines", email="ines@example.com")
    return made


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def silver(world: World, today: datetime) -> None:
    """The owner brings the company to Silver alone."""
    pass_modules(world.owner, world.course, world.course.modules[0], now=today)
    win(world.partner, 20_000, at=today + timedelta(seconds=1))


# Who may


def test_members_are_told_whom_to_ask(world: World, ines: Actor) -> None:
    answer = signed_in(Person.objects.get(pk=ines.person_id)).get("/team/")
    assert (answer.status_code, "Only an owner may do this." in main(answer)) == (403, True)


def test_people_of_the_house_have_no_team(manager: Client) -> None:
    assert manager.get("/team/").status_code == 404


@pytest.mark.parametrize("path", ["assign/", "invitations/", "invitations/list/"])
def test_a_form_s_address_is_no_page(browser: Client, path: str) -> None:
    assert browser.get(f"/team/{path}")["Location"] == "/team/"


# Who carries what


def test_it_shows_who_carries_what_and_on_whom_the_tier_hangs(
    browser: Client, world: World, ines: Actor, today: datetime
) -> None:
    silver(world, today)
    answer = browser.get("/team/")
    assert (answer.status_code, heading(answer)) == (200, "Team")
    assert notes(answer) == ["Silver hangs on Theo: without them 1 core module would be missing."]
    said = main(answer)
    assert "Theo 1 1 only they have 0 Ines 0 0 Together 1 of 2 0 of 1" in said
    assert "Won in 12 months: £200 of £1,000" in said
    assert "Theo · 8 min “Module 1”. Still missing then: £800 more to win." in said
    assert "Ines · 16 min “Module 0” and “Module 1”. Still missing then: £800 more to win." in said


def test_what_two_carry_hangs_on_nobody(browser: Client, world: World, ines: Actor, today: datetime) -> None:
    silver(world, today)
    pass_modules(ines, world.course, world.course.modules[0], now=today + timedelta(seconds=2))
    assert notes(browser.get("/team/")) == []


def test_outside_of_a_programme_it_says_what_will_be_here(owner: Client) -> None:
    assert "No programme yet" in main(owner.get("/team/"))


@pytest.mark.parametrize("people", [1, 3])
def test_the_page_asks_as_often_however_many_people(
    browser: Client, world: World, today: datetime, people: int, django_assert_num_queries: Any
) -> None:
    for _ in range(people):
        a_colleague(world.partner, now=today)
    browser.get("/team/")
    with django_assert_num_queries(9):
        browser.get("/team/")


# Assigning


def test_a_course_is_assigned_with_a_day_and_told_by_mail(browser: Client, world: World, ines: Actor) -> None:
    day = (clock.now() + timedelta(days=10)).date()
    sent = {"person": ines.person_id, "course": world.course.id, "due_on": day.isoformat()}
    answer = browser.post("/team/assign/", sent, follow=True)
    assert "Ines has been asked to take “Course”, and told by mail." in notes(answer)
    (taken,) = taken_by(ines.person_id)
    assert (taken.course, taken.due_on) == (world.course.id, day)
    letter = latest_mail(1)[0]
    assert (letter.to, letter.subject) == ("ines@example.com", "For you: Course")
    assert "Theo asks you to finish “Course” by " in letter.text


@pytest.mark.parametrize(
    ("given", "beside"),
    [
        ({"person": ""}, {"person": "Choose from the list."}),
        ({"person": "no-such"}, {"person": "Choose from the list."}),
        ({"course": "no-such"}, {"course": "Choose from the list."}),
        ({"due_on": "soon"}, {"due_on": "Write it like 2026-05-31."}),
        ({"due_on": "2020-01-01"}, {"due_on": "Choose today or a later day."}),
    ],
)
def test_a_wrong_assignment_is_refused(
    browser: Client, world: World, ines: Actor, given: dict[str, str], beside: dict[str, str]
) -> None:
    sent = {"person": ines.person_id, "course": world.course.id, "due_on": "", **given}
    answer = browser.post("/team/assign/", sent)
    assert (answer.status_code, wrong(answer), taken_by(ines.person_id)) == (422, beside, [])


def test_nobody_outside_the_company_can_be_assigned(browser: Client, world: World) -> None:
    other = a_member()
    answer = browser.post("/team/assign/", {"person": other.person_id, "course": world.course.id})
    assert (answer.status_code, taken_by(other.person_id)) == (422, [])


def test_a_completed_course_is_not_assigned(browser: Client, world: World, ines: Actor, today: datetime) -> None:
    pass_modules(ines, world.course, now=today)
    answer = browser.post("/team/assign/", {"person": ines.person_id, "course": world.course.id})
    assert (answer.status_code, notes(answer)[0]) == (409, "This course is completed already. Choose another one.")


def test_an_owner_takes_a_course_up_without_a_mail(browser: Client, world: World) -> None:
    answer = browser.post("/team/assign/", {"person": world.owner.person_id, "course": world.course.id})
    (taken,) = taken_by(world.owner.person_id)
    assert (answer.status_code, taken.course, taken.due_on, latest_mail()) == (302, world.course.id, None, [])


def test_a_manager_assigns_without_a_day_and_moves_it_later(world: World, ines: Actor, today: datetime) -> None:
    manager = acting(a_staff_member("manager", name="Priya"))
    for day in (None, today.date()):
        assign(ines.person_id, world.course.id, due_on=day, by=manager, now=today)
    assert [(one.course, one.due_on) for one in taken_by(ines.person_id)] == [(world.course.id, today.date())]
    first = latest_mail()[-1].text
    assert "Priya asks you to take “Course”." in first


def test_a_course_that_is_not_there_cannot_be_assigned(world: World, ines: Actor, today: datetime) -> None:
    with pytest.raises(NotFound, match="no longer offered"):
        assign(ines.person_id, world.partner, due_on=None, by=world.owner, now=today)


def test_a_member_assigns_nothing_to_anybody(world: World, ines: Actor, today: datetime) -> None:
    for person in (ines.person_id, world.owner.person_id):
        with pytest.raises(Forbidden, match="Only an owner may do this"):
            assign(person, world.course.id, due_on=None, by=ines, now=today)


# Inviting


def invited(world: World) -> list[tuple[str, str]]:
    found = open_invitations(world.owner, world.partner, now=clock.now())
    return sorted((one.email, one.role) for one in found)


def test_an_invitation_shows_its_link_once(browser: Client, world: World) -> None:
    answer = browser.post("/team/invitations/", {"email": "Sam@Example.com", "role": "member"})
    assert (answer.status_code, invited(world)) == (200, [("sam@example.com", "member")])
    assert "/invitations/" in main(answer)
    assert "sam@example.com as a member" in main(browser.get("/team/"))


@pytest.mark.parametrize(
    ("given", "status", "beside"),
    [
        ({"email": "nobody"}, 422, {"email": "Write it like name@company.com."}),
        ({"role": "king"}, 422, {"role": "Choose one of the two."}),
        ({"email": "ines@example.com"}, 409, {}),
    ],
)
def test_a_wrong_invitation_is_refused(
    browser: Client, world: World, ines: Actor, given: dict[str, str], status: int, beside: dict[str, str]
) -> None:
    answer = browser.post("/team/invitations/", {"email": "sam@example.com", "role": "member", **given})
    assert (answer.status_code, wrong(answer), invited(world)) == (status, beside, [])


LIST = "email,role\nsam@example.com\nhanne@example.com,owner\n"


@pytest.mark.parametrize("way", ["pasted", "file"])
def test_a_list_invites_everybody(browser: Client, world: World, way: str) -> None:
    file = SimpleUploadedFile("people.csv", b"\xef\xbb\xbf" + LIST.encode())
    answer = browser.post("/team/invitations/list/", {"list": LIST} if way == "pasted" else {"file": file})
    assert answer.status_code == 200
    assert invited(world) == [("hanne@example.com", "owner"), ("sam@example.com", "member")]


def test_a_wrong_line_invites_nobody_and_is_named(browser: Client, world: World) -> None:
    answer = browser.post("/team/invitations/list/", {"list": LIST + "kofi"})
    assert (answer.status_code, invited(world)) == (422, [])
    assert "line 4: “kofi” is not an e-mail address." in main(answer)
    assert "hanne@example.com,owner" in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "This file is not plain text in UTF-8. Save it as “CSV UTF-8”."),
        (b"a" * 200_001, "At most 200 kB."),
    ],
)
def test_a_file_that_is_no_list_is_refused(browser: Client, world: World, content: bytes, said: str) -> None:
    answer = browser.post("/team/invitations/list/", {"file": SimpleUploadedFile("x.csv", content)})
    assert (answer.status_code, wrong(answer), invited(world)) == (422, {"file": said}, [])


def test_an_invitation_is_taken_back(browser: Client, world: World) -> None:
    browser.post("/team/invitations/", {"email": "sam@example.com", "role": "member"})
    (one,) = open_invitations(world.owner, world.partner, now=clock.now())
    answer = browser.post(f"/team/invitations/{one.id}/withdraw/", follow=True)
    assert (invited(world), "The invitation is taken back; its link no longer opens." in notes(answer)) == ([], True)


def test_another_company_s_invitation_is_not_there(browser: Client, world: World, owner: Client) -> None:
    owner.post("/team/invitations/", {"email": "sam@example.com", "role": "member"})
    theirs = Membership.objects.exclude(partner_id=world.partner).get().partner.invitations.get()
    assert browser.post(f"/team/invitations/{theirs.pk}/withdraw/").status_code == 404


# Members


def roles(world: World) -> dict[str, str]:
    found = Membership.objects.filter(partner_id=world.partner, left_at=None).select_related("person")
    return {one.person.name: one.role for one in found}


def test_a_member_becomes_an_owner_and_back(browser: Client, world: World, ines: Actor) -> None:
    browser.post(f"/team/members/{ines.person_id}/role/", {"role": "owner"})
    assert roles(world) == {"Theo": "owner", "Ines": "owner"}
    answer = browser.post(f"/team/members/{world.owner.person_id}/role/", {"role": "member"})
    assert (answer["Location"], roles(world)) == ("/profile/", {"Theo": "member", "Ines": "owner"})


def test_the_last_owner_stays_one(browser: Client, world: World, ines: Actor) -> None:
    answer = browser.post(f"/team/members/{world.owner.person_id}/role/", {"role": "member"})
    said = "A partner keeps at least one owner. Make somebody else an owner first."
    assert (answer.status_code, notes(answer)[0], roles(world)) == (409, said, {"Theo": "owner", "Ines": "member"})


def test_somebody_is_removed(browser: Client, world: World, ines: Actor) -> None:
    answer = browser.post(f"/team/members/{ines.person_id}/remove/", follow=True)
    assert (answer.status_code, roles(world)) == (200, {"Theo": "owner"})


def test_somebody_of_another_company_is_not_there(browser: Client, world: World) -> None:
    other = a_member()
    answer = browser.post(f"/team/members/{other.person_id}/remove/")
    assert (answer.status_code, Membership.objects.get(pk=other.pk).left_at) == (404, None)


def test_a_link_fills_the_form_in(browser: Client, world: World, ines: Actor) -> None:
    answer = browser.get(f"/team/?person={ines.person_id}&course={world.course.slug}")
    text = answer.content.decode()
    assert f'value="{ines.person_id}" selected' in text
    assert f'value="{world.course.id}" selected' in text
