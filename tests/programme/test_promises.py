"""What the next step promises is what comes, tried in a copy of the partner that is thrown away afterwards."""

import random
from datetime import datetime
from uuid import UUID

import pytest
from django.db import transaction

from academy.learning.progress.queries import passed_modules
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import rank_of_name, ranks
from academy.programme.steps.rules import Kept, NextStep

from ..chance import CURRENCIES, PRODUCTS, seeds
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
    take_quiz,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db


A_QUIZ = 3
"""Minutes."""


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
        self.currency = dice.choice(CURRENCIES)
        plan = written_plan(core, credentials, bonus=bonus, currencies=[self.currency])
        publish_plan(None, programme, plan, reason="It opens.", effective_from=now, now=now)
        self.partner = a_partner_in(programme, now=now, currency=self.currency)
        people = [a_colleague(self.partner, now=now, role="owner"), a_colleague(self.partner, now=now)]
        self.client = "Oakline"
        amount, product = dice.choice([0, 500, 20_000, 150_000]), dice.choice(PRODUCTS)
        win(self.partner, amount, at=now, client=self.client, product=product, currency=self.currency)
        for actor in people:
            self.practise(actor, dice, now)
        self.learner, self.colleague = people

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
        """Finish what is left of a module, or prove it anew; the minutes that it took."""
        left = ahead(self, at).modules[module]
        assert left.requires == frozenset(), "a step begins with what is open"
        course, id_ = self.course_of(module), UUID(module)
        if id_ in passed_modules([self.learner.person_id]).get(self.learner.person_id, frozenset()):
            take_quiz(self.learner, course.quizzes[id_], now=at)
            return A_QUIZ
        pass_modules(self.learner, course, id_, now=at)
        return left.minutes


def ahead(office: Office, at: datetime) -> Prospects:
    bring_up_to_date(office.partner, now=at)
    return prospects(office.stands(), office.learner.person_id, at)


@pytest.mark.parametrize("seed", seeds(12))
def test_a_step_that_is_played_brings_exactly_what_it_promised(seed: int, now: datetime) -> None:
    office, at = Office(seed, now), now + days(1)
    moved = 0
    for _ in range(8):
        step = ahead(office, at).next_step()
        if step is None:
            break
        moved += assert_kept_in_a_copy_and_for_good(office, step, at)
        at += days(1)
    assert moved


@pytest.mark.parametrize("seed", seeds(4))
def test_what_keeps_is_played_too_when_people_leave_and_certificates_end(seed: int, now: datetime) -> None:
    """Two years of doing just what the step says, each month; a colleague leaves on the way."""
    office, at = Office(seed, now), now + days(1)
    for course in office.courses.values():
        pass_modules(office.colleague, course, now=at)
    kinds = set()
    for month in range(26):
        at += days(30)
        if month == 2:
            remove_member(office.partner, office.colleague.person_id, by=THE_HOUSE, now=at)
        step = ahead(office, at).next_step()
        if step is None:
            continue
        kinds.add("keeps" if step.keeps else "raises")
        assert_kept_in_a_copy_and_for_good(office, step, at)
    assert "keeps" in kinds


def assert_kept_in_a_copy_and_for_good(office: Office, step: NextStep, at: datetime) -> bool:
    """The same promise twice: in a copy that is thrown away, then for good. Whether anything moved."""
    before = office.stands()
    with transaction.atomic():
        assert_kept(office, step, at)
        transaction.set_rollback(True)
    assert office.stands() == before
    assert_kept(office, step, at)
    return (before.held, before.rate()) != (office.stands().held, office.stands().rate())


def assert_kept(office: Office, step: NextStep, at: datetime) -> None:
    """Do just what the step says, in its order."""
    promised = step.outlook
    minutes = sum([office.do(module, at) for module in step.modules])
    if step.sales:
        win(office.partner, step.sales, at=at, client=office.client, currency=office.currency)
    found = office.stands()
    assert (found.held, found.levels, found.rate().basis_points, minutes) == (
        promised.held,
        promised.levels,
        promised.basis_points,
        step.minutes,
    )
    if step.keeps is not None:
        assert_nothing_falls(office, step.keeps, at)


def assert_nothing_falls(office: Office, keeps: Kept, at: datetime) -> None:
    """Nothing that was kept falls further than was promised, by an open notice or by the day on which it would have."""
    plan, held = office.stands().plan, office.stands().held
    now = ranks(plan, held)
    least = {risk.part: now[risk.part] if risk.least is None else risk.least for risk in keeps.risks}
    for warning in held.warnings:
        if warning.part in least:
            falls_to = rank_of_name(plan, warning.part, warning.to)
            assert falls_to is not None
            assert falls_to >= least[warning.part]
    with transaction.atomic():
        bring_up_to_date(office.partner, now=keeps.until)
        after = ranks(office.stands().plan, office.stands().held)
        assert all(after[part] >= least[part] for part in least)
        transaction.set_rollback(True)
