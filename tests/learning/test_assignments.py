"""Asking somebody of one's company to take a course."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.learning.assignments.actions import assign
from academy.learning.progress.models import Enrolment
from academy.notifications.models import Mail
from academy.people.accounts.models import Person
from academy.people.permissions.rules import Actor

from ..factories import a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, a_world, pass_modules

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def colleague(world: World, now: datetime) -> Actor:
    return a_colleague(world.partner, now=now)


def asked(person: UUID) -> list[tuple[UUID, UUID | None, date | None]]:
    return list(Enrolment.objects.filter(person_id=person).values_list("course_id", "assigned_by_id", "due_on"))


def mail() -> list[tuple[str, str]]:
    asking = Mail.objects.filter(kind="learning.assigned")
    return list(asking.order_by("created_at", "id").values_list("subject", "text"))


def test_an_owner_asks_and_the_colleague_is_told(world: World, colleague: Actor, now: datetime) -> None:
    by = Person.objects.get(pk=world.owner.person_id)
    assign(colleague.person_id, world.course.id, due_on=date(2026, 3, 20), by=world.owner, now=now)
    assert asked(colleague.person_id) == [(world.course.id, by.pk, date(2026, 3, 20))]
    ((subject, text),) = mail()
    assert subject == "For you: Course"
    assert f"{by.name} asks you to finish “Course” by 20 March 2026." in text


def test_asking_again_moves_the_day_and_keeps_the_enrolment(world: World, colleague: Actor, now: datetime) -> None:
    assign(colleague.person_id, world.course.id, due_on=now.date(), by=world.owner, now=now)
    first = Enrolment.objects.get(person_id=colleague.person_id).pk
    assign(colleague.person_id, world.course.id, due_on=None, by=world.owner, now=now + timedelta(days=1))
    assert asked(colleague.person_id) == [(world.course.id, world.owner.person_id, None)]
    assert Enrolment.objects.get(person_id=colleague.person_id).pk == first
    assert "asks you to take “Course”." in mail()[1][1]


def test_asking_oneself_sends_no_mail(world: World, now: datetime) -> None:
    assign(world.owner.person_id, world.course.id, due_on=now.date(), by=world.owner, now=now)
    assert (len(asked(world.owner.person_id)), mail()) == (1, [])


def test_staff_without_a_name_ask_in_their_office(world: World, colleague: Actor, now: datetime) -> None:
    manager = a_staff_member("manager", name="")
    assign(colleague.person_id, world.course.id, due_on=None, by=acting(manager), now=now)
    assert "Your partner manager asks you to take “Course”." in mail()[0][1]


def test_only_what_is_offered_not_completed_and_not_over(world: World, colleague: Actor, now: datetime) -> None:
    with pytest.raises(Refused) as refused:
        assign(colleague.person_id, world.course.id, due_on=now.date() - timedelta(days=1), by=world.owner, now=now)
    assert list(refused.value.fields) == ["due_on"]
    with pytest.raises(NotFound):
        assign(colleague.person_id, uuid7(), due_on=None, by=world.owner, now=now)
    pass_modules(colleague, world.course, now=now)
    with pytest.raises(Conflict) as done:
        assign(colleague.person_id, world.course.id, due_on=now.date(), by=world.owner, now=now)
    assert done.value.code == "completed"
    assert asked(colleague.person_id) == [(world.course.id, None, None)]
    assert mail() == []


def test_nobody_asks_strangers_nor_members_their_owner(world: World, colleague: Actor, now: datetime) -> None:
    stranger = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    with pytest.raises(NotFound):
        assign(stranger.person_id, world.course.id, due_on=None, by=world.owner, now=now)
    for who in (world.owner.person_id, colleague.person_id):
        with pytest.raises((NotFound, Forbidden)):
            assign(who, world.course.id, due_on=None, by=colleague, now=now)
    assert Enrolment.objects.count() == 0
