"""What is refused at the edges of the programme, and what a table of reactions may meet."""

from datetime import datetime
from uuid import uuid4

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.people.partners import actions as partners
from academy.people.permissions.rules import Actor
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.plans.models import PlanVersion
from academy.programme.standing import actions as standing
from academy.programme.standing.actions import approve_promotion, bring_up_to_date, enrol_partner
from academy.recognition.credentials.models import CredentialVersion

from ..factories import a_partner, a_person
from ..worlds import a_credential, a_world, days, win, written_plan

pytestmark = pytest.mark.django_db

MANAGER = Actor(uuid4(), frozenset({"manager"}))


def test_a_manager_publishes_and_a_member_does_not(now: datetime) -> None:
    world = a_world(now)
    manager = Actor(a_person(roles=("manager",)).pk, frozenset({"manager"}))
    plan = written_plan(world.course.modules, [world.credential])
    publish_plan(manager, world.programme, plan, reason="Again.", effective_from=now + days(1), now=now)
    with pytest.raises(Forbidden):
        publish_plan(world.owner, world.programme, plan, reason="Mine.", effective_from=now + days(2), now=now)
    assert PlanVersion.objects.filter(programme_id=world.programme).count() == 2


def test_partners_on_the_present_clock_must_be_warned(now: datetime) -> None:
    world = a_world(now)
    plan = written_plan(world.course.modules, [world.credential], grace_days=0)
    with pytest.raises(Refused, match="30 days or more"):
        publish_plan(None, world.programme, plan, reason="Quick.", effective_from=now + days(60), now=now)


def test_a_plan_does_not_drop_a_tier_that_somebody_may_hold(now: datetime) -> None:
    world = a_world(now)
    plan = written_plan(world.course.modules, [world.credential])
    plan["tiers"] = plan["tiers"][:2]
    with pytest.raises(Refused, match="Keep it"):
        publish_plan(None, world.programme, plan, reason="Fewer.", effective_from=now + days(60), now=now)


def test_a_partner_joins_a_programme_that_is_there_has_a_plan_and_pays_in_its_currency(now: datetime) -> None:
    world = a_world(now)
    with pytest.raises(NotFound):
        enrol_partner(a_partner().pk, uuid4(), at=now, now=now)
    with pytest.raises(Refused, match="no plan yet"):
        enrol_partner(a_partner().pk, found_programme("bare", name="Bare", timezone="Europe/London"), at=now, now=now)
    with pytest.raises(Refused, match="not in JPY"):
        enrol_partner(a_partner(currency="JPY").pk, world.programme, at=now, now=now)


def test_no_promotion_waits_outside_a_programme(now: datetime) -> None:
    with pytest.raises(NotFound):
        approve_promotion(MANAGER, a_partner().pk, "gold", now=now)


def test_a_partner_that_never_settles_is_a_fault_and_not_a_loop(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    monkeypatch.setattr(standing, "CATCH_UP_MOST", 0)
    with pytest.raises(RuntimeError, match="still has something due"):
        bring_up_to_date(world.partner, now=now + days(400))


def test_the_same_rule_again_is_no_new_version(now: datetime) -> None:
    module = uuid4()
    assert a_credential([module], now=now) == a_credential([module], now=now)
    a_credential([module], now=now, valid_months=12)
    assert list(CredentialVersion.objects.order_by("number").values_list("number", "valid_months")) == [
        (1, 24),
        (2, 12),
    ]


def test_a_membership_that_changes_while_one_waits(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody joined a partner while another action waited for the person's lock: try again."""
    answers = iter([None, uuid4()])
    monkeypatch.setattr(partners, "_partner_of", lambda person_id: next(answers))
    with pytest.raises(Conflict, match="Try again"):
        partners.lock_partner_of(a_person().pk, now)
