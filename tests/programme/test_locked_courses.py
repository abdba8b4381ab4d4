"""A module in a course that is not open yet comes with everything that must be finished before it."""

from datetime import datetime
from uuid import UUID

import pytest

from academy.people.permissions.rules import Actor
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.queries import stands
from academy.programme.team.queries import team

from ..worlds import (
    Course,
    a_colleague,
    a_course_draft,
    a_credential,
    a_partner_in,
    days,
    pass_modules,
    publish,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db


class Chain:
    """Three courses of one module, each building on the one before; the last is all of the core. The second's module
    has no quiz.
    """

    def __init__(self, now: datetime) -> None:
        first = a_course_draft("third", modules=1)  # so that the alphabet is of no help
        second = a_course_draft("second", modules=1, quiz=False, prerequisites=["third"])
        third = a_course_draft("first", modules=2, prerequisites=["second"])
        self.first, self.second, self.third = publish(first, second, third, now=now)
        credential = a_credential(self.third.modules, now=now)
        programme = found_programme("agencies", name="Agencies", timezone="Europe/London")
        plan = written_plan(self.third.modules, [credential])
        publish_plan(None, programme, plan, reason="It opens.", effective_from=now, now=now)
        self.partner = a_partner_in(programme, now=now)
        self.owner = a_colleague(self.partner, now=now, role="owner")
        win(self.partner, 20_000, at=now)

    def ahead(self, at: datetime, actor: Actor | None = None) -> Prospects:
        found = stands(self.partner)
        assert found is not None
        return prospects(found, (actor or self.owner).person_id, at)


def ids(*courses: Course) -> list[str]:
    return [str(module) for course in courses for module in course.modules]


def test_the_next_step_begins_with_what_is_open(now: datetime) -> None:
    it = Chain(now)
    step = it.ahead(now + days(1)).next_step()
    assert step is not None
    wanted = [str(it.first.modules[0]), str(it.second.modules[0]), str(it.third.modules[0])]
    assert (list(step.modules), step.minutes, step.outlook.held.tier) == (wanted, 8 + 5 + 8, "silver")

    pass_modules(it.owner, it.first, now=now + days(1))
    step = it.ahead(now + days(2)).next_step()
    assert step is not None
    assert (list(step.modules), step.minutes) == (wanted[1:], 5 + 8)

    pass_modules(it.owner, it.second, now=now + days(2))
    step = it.ahead(now + days(3)).next_step()
    assert step is not None
    assert (list(step.modules), step.minutes) == (wanted[2:], 8)


def test_what_is_promised_with_what_comes_first_is_what_comes(now: datetime) -> None:
    it = Chain(now)
    promised = it.ahead(now + days(1)).after(modules=[str(module) for module in it.third.modules])
    for course in (it.first, it.second, it.third):
        pass_modules(it.owner, course, now=now + days(1))
    found = stands(it.partner)
    assert found is not None
    assert (found.held, found.rate().basis_points) == (promised.held, promised.basis_points)
    assert (found.held.bonus, found.held.uplifts) == (True, 1)


def test_what_must_come_first_is_told_module_by_module(now: datetime) -> None:
    it = Chain(now)
    offer = it.ahead(now).offer
    assert offer.requires == {
        **dict.fromkeys(ids(it.third), frozenset(ids(it.first, it.second))),
        **dict.fromkeys(ids(it.second), frozenset(ids(it.first))),
    }
    assert offer.unproved == frozenset(ids(it.second))
    assert set(offer.minutes) == set(ids(it.first, it.second, it.third))


def test_a_module_without_a_quiz_is_needed_but_proves_nothing(now: datetime) -> None:
    it = Chain(now)
    ahead = it.ahead(now)
    then = ahead.after(modules=ids(it.second))
    nothing = ahead.after()
    assert (then.levels, then.basis_points) == (nothing.levels, 1000)


def test_who_has_finished_a_course_needs_nothing_of_it(now: datetime) -> None:
    it = Chain(now)
    colleague = a_colleague(it.partner, now=now)
    for course in (it.first, it.second):
        pass_modules(colleague, course, now=now)
    assert it.ahead(now + days(1), colleague).offer.requires == {}
    # A course that was finished opens the next one, whatever its own prerequisites say.
    assert set(it.ahead(now + days(1), colleague).offer.minutes) == set(ids(it.third))


def test_everybody_in_the_team_has_their_own_way(now: datetime) -> None:
    it = Chain(now)
    colleague = a_colleague(it.partner, now=now)
    pass_modules(colleague, it.first, now=now)
    found = stands(it.partner)
    assert found is not None
    ways = {UUID(one.person): (len(one.modules), one.minutes) for one in team(found, now + days(1)).efforts}
    assert ways == {colleague.person_id: (2, 13), it.owner.person_id: (3, 21)}
