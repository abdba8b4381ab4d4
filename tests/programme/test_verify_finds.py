"""`academy verify` is only worth its silence if it speaks up: each way in which something can be untrue is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.learning.progress.models import LessonProgress, ModuleProgress
from academy.people.partners.models import Membership
from academy.programme.sales.models import Sale
from academy.programme.standing.jobs import bring_forward
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import stands
from academy.programme.verification.queries import verify
from academy.recognition.certificates.models import Certificate

from ..factories import LONG_AGO
from ..worlds import World, a_world, days, pass_modules, win

pytestmark = [pytest.mark.django_db, pytest.mark.tampers]


@pytest.fixture
def world(now: datetime) -> World:
    """A partner at Gold, with a certificate and a sale."""
    made = a_world(now)
    win(made.partner, 150_000, at=now)
    pass_modules(made.owner, made.course, now=now + days(1))
    assert verify(now=now, deep=True).differences == []
    return made


def told(world: World) -> list[str]:
    return verify(now=Fact.objects.latest("pos").recorded_at, deep=True).differences


def forge(world: World, kind: str, **more: Any) -> None:
    """Write a fact as no action would."""
    last = Fact.objects.filter(kind=kind).order_by("pos").last()
    values: dict[str, Any] = {
        "partner": world.partner,
        "numbers": last.numbers if last else {},
        "inputs": last.inputs if last else None,
        "rule": last.rule if last else "",
    }
    at = more.pop("at", Fact.objects.latest("pos").effective_at)
    Fact.objects.create(id=uuid7(), kind=kind, occurred_at=at, effective_at=at, recorded_at=at, **{**values, **more})


PROJECTIONS: dict[str, Callable[[World], object]] = {
    "lessons": lambda world: LessonProgress.objects.update(completed_at=None),
    "modules": lambda world: ModuleProgress.objects.update(passed=False),
    "certificates": lambda world: Certificate.objects.update(expires_at=None),
    "members": lambda world: Membership.objects.update(joined_at=LONG_AGO),
    "sales": lambda world: Sale.objects.update(amount=1),
}


@pytest.mark.parametrize("name", PROJECTIONS)
def test_a_projection_that_says_other_than_its_facts(world: World, name: str) -> None:
    PROJECTIONS[name](world)
    assert any(difference.startswith(f"{name}: only in the") for difference in told(world))


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("tier", "silver", "the facts say gold, the standing says silver"),
        ("rate", 2500, "the facts say 1465 as rate, the standing says 2500"),
        ("levels", {"won@trailing:12m": 5}, "the standing says {'won@trailing:12m': 5}"),
    ],
)
def test_a_standing_that_says_other_than_the_journal(world: World, field: str, value: Any, says: str) -> None:
    Standing.objects.filter(pk=world.partner).update(**{field: value})
    assert any(difference.startswith(f"partner {world.partner}: ") and says in difference for difference in told(world))


def test_a_standing_that_judging_again_would_not_leave(world: World) -> None:
    held = Standing.objects.values_list("held", flat=True).get(pk=world.partner)
    Standing.objects.filter(pk=world.partner).update(held=held | {"bonus": False})
    assert [difference for difference in told(world) if "judging again concludes" in difference]


def test_a_decision_that_does_not_follow_from_its_inputs(world: World) -> None:
    last = Fact.objects.get(kind="rate.changed", numbers__to=1465)
    forge(world, "rate.changed", numbers=last.numbers | {"to": 2500})
    assert [difference for difference in told(world) if "its inputs conclude 1465, not 2500" in difference]


def test_a_decision_whose_inputs_are_not_what_was_known(world: World) -> None:
    last = Fact.objects.get(kind="rate.changed", numbers__to=1465)
    assert last.inputs is not None
    levels = last.inputs["levels"] | {"won@trailing:12m": 10**9}
    forge(world, "rate.changed", inputs=last.inputs | {"levels": levels})
    assert [difference for difference in told(world) if "the facts before it measure" in difference]


def test_a_time_that_goes_back(world: World, now: datetime) -> None:
    forge(world, "promotion.approved", at=now)
    assert [difference for difference in told(world) if "its time goes back" in difference]


def test_a_warning_that_gives_too_little_grace(world: World) -> None:
    at = Fact.objects.latest("pos").effective_at
    numbers = {"part": "tier", "plan": "agencies-1", "sent_at": at.isoformat()}
    numbers["falls_at"] = (at + days(29)).isoformat()
    forge(world, "tier.warned", numbers=numbers)
    assert [difference for difference in told(world) if "less grace than the plan promises" in difference]


@pytest.mark.parametrize(
    ("inputs", "says"),
    [({"required": 3, "done": 2}, "2 of 3 is not complete"), ({"required": 1, "done": 1}, "2 of 2, not 1 of 1")],
)
def test_a_module_that_was_not_complete(world: World, inputs: dict[str, int], says: str) -> None:
    last = Fact.objects.filter(kind="module.completed").latest("pos")
    assert last.inputs is not None
    forge(world, "module.completed", person=last.person, thing=last.thing, inputs=last.inputs | inputs)
    assert [difference for difference in told(world) if says in difference]


def test_a_certificate_that_was_not_earned(world: World) -> None:
    last = Fact.objects.get(kind="certificate.issued")
    forge(world, "certificate.issued", person=last.person, inputs={"passed": {}, "last": None})
    assert [difference for difference in told(world) if "its inputs do not earn it" in difference]


def test_what_nobody_judged_in_time_is_overdue_and_the_job_judges_it(world: World, now: datetime) -> None:
    due = stands(world.partner)
    assert due is not None
    assert due.next_change_at is not None
    late = due.next_change_at + timedelta(minutes=6)
    assert [verify(now=at).overdue for at in (late - timedelta(minutes=2), late)] == [0, 1]
    with time_machine.travel(late, tick=False):
        assert [bring_forward(0), bring_forward(0)] == [1, 0]
    seen: list[tuple[int, int]] = []
    found = verify(now=late, deep=True, progress=lambda done, of: seen.append((done, of)))
    assert (found.differences, found.overdue, seen) == ([], 0, [(1, 1)])
    assert found.as_json() == {"partners": 1, "facts": found.facts, "differences": [], "overdue": 0}
