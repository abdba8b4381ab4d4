"""What the next step promises is what comes, tried in a copy of the partner that is thrown away afterwards."""

import random
from datetime import datetime
from uuid import UUID

import pytest
from django.db import transaction

from academy.learning.remaining.queries import left_of_modules
from academy.people.permissions.rules import Actor
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.outlook.rules import NextStep
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.queries import Stands, stands

from ..worlds import (
    Course,
    a_colleague,
    a_course_draft,
    a_credential,
    a_partner_in,
    days,
    pass_modules,
    publish,
    read_lesson,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db


class Office:
    """A partner of some people who have done this and that, in an academy whose courses build on each other."""

    def __init__(self, seed: int, now: datetime) -> None:
        dice = random.Random(seed)
        drafts = [
            a_course_draft("one", modules=2, lessons=2),
            a_course_draft("two", modules=2, quiz=dice.random() < 0.7),
            a_course_draft("three", modules=3, prerequisites=dice.choice([[], ["one"], ["two"]])),
            a_course_draft("four", modules=1, prerequisites=dice.choice([[], ["three"], ["two", "one"]])),
        ]
        self.courses = dict(zip(("one", "two", "three", "four"), publish(*drafts, now=now), strict=True))
        self.of_module = {module: course for course in self.courses.values() for module in course.modules}
        proved = [module for module, course in self.of_module.items() if module in course.quizzes]
        core = dice.sample(proved, 4)
        credentials = [
            a_credential(dice.sample(proved, dice.randint(1, 3)), now=now, slug=slug) for slug in ("first", "second")
        ]
        programme = found_programme("agencies", name="Agencies", timezone="Europe/London")
        bonus = {
            "share": 5,
            "when": dice.choice(
                [
                    {"people": {"metric": "core_modules", "value": "all_core"}, "value": 1},
                    {"metric": "core_modules", "value": 3},
                ]
            ),
        }
        plan = written_plan(core, credentials, bonus=bonus)
        publish_plan(None, programme, plan, reason="It opens.", effective_from=now, now=now)
        self.partner = a_partner_in(programme, now=now)
        people = [a_colleague(self.partner, now=now, role="owner"), a_colleague(self.partner, now=now)]
        win(self.partner, dice.choice([500, 20_000, 150_000]), at=now)
        for actor in people:
            self.practise(actor, dice, now)
        self.learner = people[0]

    def practise(self, actor: Actor, dice: random.Random, now: datetime) -> None:
        """Do a little of what is open."""
        for course in (self.courses["one"], self.courses["two"]):
            for module in course.modules:
                if dice.random() < 0.4:
                    pass_modules(actor, course, module, now=now)
                elif dice.random() < 0.5:
                    read_lesson(actor, course.lessons[module][0], now=now)

    def stands(self) -> Stands:
        found = stands(self.partner)
        assert found is not None
        return found

    def course_of(self, module: str) -> Course:
        return self.of_module[UUID(module)]

    def do(self, module: str, at: datetime) -> int:
        """Finish what is left of a module; the minutes that it took."""
        left = left_of_modules(self.learner.person_id, [UUID(module)])[UUID(module)]
        assert left.requires == frozenset(), "a step begins with what is open"
        pass_modules(self.learner, self.course_of(module), UUID(module), now=at)
        return left.minutes


def ahead(office: Office, at: datetime) -> Prospects:
    return prospects(office.stands(), office.learner.person_id, at)


@pytest.mark.parametrize("seed", range(12))
def test_a_step_that_is_played_brings_exactly_what_it_promised(seed: int, now: datetime) -> None:
    office, at = Office(seed, now), now + days(1)
    for _ in range(8):
        step = ahead(office, at).next_step()
        if step is None:
            break
        before = office.stands()
        with transaction.atomic():
            assert_kept(office, step, at)
            transaction.set_rollback(True)
        assert office.stands() == before
        assert_kept(office, step, at)  # and for good, to go on from there
        at += days(1)
    assert (before.held, before.rate()) != (office.stands().held, office.stands().rate())


def assert_kept(office: Office, step: NextStep, at: datetime) -> None:
    """Do just what the step says, in its order."""
    promised = step.outlook
    minutes = sum([office.do(module, at) for module in step.modules])
    found = office.stands()
    assert (found.held, found.levels, found.rate().basis_points, minutes) == (
        promised.held,
        promised.levels,
        promised.basis_points,
        step.minutes,
    )
