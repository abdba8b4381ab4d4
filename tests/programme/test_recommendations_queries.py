"""What is recommended to somebody, from the programme as it stands."""

from datetime import datetime

import pytest

from academy.learning.modules.queries import module_cards
from academy.programme.outlook.queries import prospects
from academy.programme.recommendations.queries import asked_about, recommendations
from academy.programme.recommendations.rules import Reason
from academy.programme.standing.queries import stands

from ..worlds import World, a_course_draft, a_credential, a_world, days, pass_modules, publish, take_quiz, win

pytestmark = pytest.mark.django_db


def _recommended(world: World, at: datetime) -> list[tuple[object, Reason]]:
    found = stands(world.partner)
    assert found is not None
    ahead = prospects(found, world.owner.person_id, at)
    cards = module_cards(world.owner.person_id, asked_about(ahead))
    return [(one.module, one.reason) for one in recommendations(cards, ahead)]


def test_the_tier_above_asks_for_a_core_module(now: datetime) -> None:
    world = a_world(now, modules=3)
    first, second, third = (str(module) for module in world.course.modules)

    found = _recommended(world, now + days(1))

    assert {module for module, _reason in found} == {first, second, third}
    assert found[0][1] is Reason.STEP


def test_what_the_tier_above_asks_beyond_the_shortest_step(now: datetime) -> None:
    world = a_world(now, modules=2)
    (other,) = publish(a_course_draft("other", modules=2), now=now, source="other")
    a_credential(other.modules, now=now, slug="plain")
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))

    found = dict(_recommended(world, now + days(2)))

    assert found[str(world.course.modules[1])] is Reason.STEP
    assert {found.get(str(module)) for module in other.modules} == {Reason.CREDENTIAL}


def test_at_the_top_only_what_is_missing_otherwise(now: datetime) -> None:
    world = a_world(now, modules=1)
    win(world.partner, 200_000, at=now + days(1))
    pass_modules(world.owner, world.course, now=now + days(1))

    assert _recommended(world, now + days(2)) == []


def test_a_failed_quiz_counts_outside_every_programme_too(now: datetime) -> None:
    world = a_world(now, modules=2)
    take_quiz(world.owner, world.course.quizzes[world.course.modules[0]], now=now + days(1), right=False)

    found = recommendations(module_cards(world.owner.person_id, []), None)

    assert [(one.module, one.reason) for one in found] == [(str(world.course.modules[0]), Reason.AGAIN)]


def test_modules_that_a_tier_names_itself(now: datetime) -> None:
    (course,) = publish(a_course_draft("named", modules=2), now=now, source="named")
    named = {"metric": "modules", "only": [str(module) for module in course.modules], "value": 2}
    certificate = {"metric": "certificates", "window": "now", "value": 1}
    clients = {"metric": "active_clients", "window": "trailing:6m", "value": 1}
    tiers = [
        {"slug": "bronze", "name": "Bronze", "multiplier": 1},
        {
            "slug": "silver",
            "name": "Silver",
            "multiplier": "1.15",
            **{side: {"all": [named, certificate, clients]} for side in ("enter", "stay")},
        },
    ]
    world = a_world(now, modules=2, tiers=tiers)
    found = stands(world.partner)
    assert found is not None
    ahead = prospects(found, world.owner.person_id, now + days(1))

    cards = module_cards(world.owner.person_id, [*asked_about(ahead), *course.modules])

    reasons = {one.module: one.reason for one in recommendations(cards, ahead, limit=9)}
    assert {reasons[str(module)] for module in course.modules} == {Reason.TIER}
