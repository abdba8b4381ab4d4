"""Many at once: no deadlock, nothing lost, and one answer that everybody agrees on."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from academy.core.errors import Conflict
from academy.journal.models import Fact
from academy.people.memberships.actions import add_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.plans.actions import publish_plan
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate

from ..factories import a_person
from ..together import together
from ..worlds import a_colleague, a_world, days, pass_modules, read_lesson, take_quiz, win, written_plan

pytestmark = pytest.mark.django_db(transaction=True)


def standing(partner: UUID) -> Stands:
    found = stands(partner)
    assert found is not None
    return found


def test_fifty_members_of_one_partner_who_finish_at_once_lose_nothing(now: datetime) -> None:
    world = a_world(now, modules=1)
    win(world.partner, 150_000, at=now)
    people = [a_colleague(world.partner, now=now) for _ in range(50)]
    for one in people:
        read_lesson(one, world.course.lessons[world.course.modules[0]][0], now=now)
    quiz = world.course.quizzes[world.course.modules[0]]

    answers = together(50, lambda number: take_quiz(people[number], quiz, now=now + days(1)))

    assert answers == [None] * 50
    counts = {kind: Fact.objects.filter(kind=kind).count() for kind in ("module.completed", "certificate.issued")}
    assert counts == {"module.completed": 50, "certificate.issued": 50}
    assert (standing(world.partner).held.tier, standing(world.partner).rate().basis_points) == ("gold", 1465)
    times = list(Fact.objects.filter(partner=world.partner).order_by("pos").values_list("effective_at", flat=True))
    assert times == sorted(times)


@pytest.mark.parametrize("belongs", [True, False])
def test_of_two_administrators_who_revoke_at_once_one_does(now: datetime, belongs: bool) -> None:
    world = a_world(now)
    holder = world.owner if belongs else Actor(a_person().pk)
    pass_modules(holder, world.course, now=now)
    certificate = Certificate.objects.get()

    answers = together(
        8, lambda number: revoke(THE_HOUSE, certificate.serial, reason=f"Reason {number}.", now=now + days(1))
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 7 + ["NoneType"]
    certificate.refresh_from_db()
    assert certificate.revoked_reason == f"Reason {answers.index(None)}."
    assert Fact.objects.filter(kind="certificate.revoked").count() == 1


def test_a_plan_published_while_people_learn_counts_for_all_of_them(now: datetime) -> None:
    """Whoever was judged by the old plan, for an instant at which the new one had begun, is judged again."""
    world = a_world(now, modules=2)
    win(world.partner, 20_000, at=now)
    people = [a_colleague(world.partner, now=now) for _ in range(12)]
    better = written_plan(world.course.modules, [world.credential], base={"automation": 12, "website": 8})
    begins = now + days(1)

    def work(number: int) -> None:
        at = begins + timedelta(seconds=number)
        if number == 6:
            publish_plan(None, world.programme, better, reason="More.", effective_from=begins, now=begins)
        else:
            pass_modules(people[number], world.course, world.course.modules[number % 2], now=at)

    assert together(12, work) == [None] * 12
    bring_up_to_date(world.partner, now=begins + timedelta(minutes=1))

    found = standing(world.partner)
    assert (found.plan.reference, found.held.tier, found.rate().basis_points) == ("agencies-2", "silver", 1380)


def test_a_plan_for_an_instant_that_was_judged_already_is_due_at_once(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, now=now + timedelta(hours=1))
    better = written_plan(world.course.modules, [world.credential], base={"automation": 12, "website": 8})
    publish_plan(None, world.programme, better, reason="More.", effective_from=now + timedelta(minutes=1), now=now)

    assert standing(world.partner).next_change_at == standing(world.partner).judged_at
    bring_up_to_date(world.partner, now=now + timedelta(hours=2))

    found = standing(world.partner)
    assert (found.plan.reference, found.judged_at) == ("agencies-2", now + timedelta(hours=1))
    times = list(Fact.objects.filter(partner=world.partner).order_by("pos").values_list("effective_at", flat=True))
    assert times == sorted(times)


def test_who_joins_while_learning_alone_brings_along_what_was_finished(now: datetime) -> None:
    """Either the last quiz comes first and joining counts it, or joining does and the quiz is tried again."""
    world = a_world(now, modules=1)
    module = world.course.modules[0]
    for number in range(6):
        person, at = a_person().pk, now + days(number + 1)
        alone = Actor(person)
        read_lesson(alone, world.course.lessons[module][0], now=now)

        def work(which: int, alone: Actor = alone, at: datetime = at) -> None:
            if which:
                add_member(world.partner, alone.person_id, role="member", by=THE_HOUSE, now=at)
            else:
                take_quiz(alone, world.course.quizzes[module], now=at)

        quiz, joined = together(2, work)
        assert not isinstance(joined, Exception)
        assert quiz is None or isinstance(quiz, Conflict)
        passed = Fact.objects.filter(person=person, kind="module.completed").exists()
        assert passed is (quiz is None)
        if passed:
            assert standing(world.partner).levels["core_modules@lifetime"] == 1
