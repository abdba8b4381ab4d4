"""A clock that steps back, a device that comes late: no partner's time goes back, and nothing is forgotten."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from academy.core import clock
from academy.core.errors import Refused
from academy.journal.models import Fact
from academy.people.memberships.actions import add_member, remove_member
from academy.people.partners.models import Membership
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.history.queries import stood
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.actions import bring_up_to_date, enrol_partner
from academy.programme.standing.queries import Stands, stands
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate

from ..factories import a_partner, a_person
from ..worlds import (
    World,
    a_colleague,
    a_partner_in,
    a_world,
    days,
    pass_modules,
    read_lesson,
    refund,
    take_quiz,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def standing(partner: UUID) -> Stands:
    found = stands(partner)
    assert found is not None
    return found


def times(partner: UUID) -> list[datetime]:
    return list(Fact.objects.filter(partner=partner).order_by("pos").values_list("effective_at", flat=True))


def test_what_is_done_while_the_clock_is_back_counts_from_where_the_partner_is(now: datetime) -> None:
    with time_machine.travel(now, tick=False) as traveller:
        world = a_world(clock.now())
        win(world.partner, 150_000, at=clock.now())
        for number, hours in enumerate((5, 1, 3, 2)):
            traveller.move_to(now + hours * HOUR)
            colleague = a_colleague(world.partner, now=clock.now())
            pass_modules(colleague, world.course, world.course.modules[number % 2], now=clock.now())
    assert times(world.partner) == sorted(times(world.partner))
    assert (standing(world.partner).held.tier, standing(world.partner).judged_at) == ("silver", now + 5 * HOUR)


def test_who_joins_from_a_partner_whose_time_is_ahead_brings_everything_along(now: datetime) -> None:
    world = a_world(now)
    other = a_partner_in(world.programme, now=now)
    person = a_colleague(world.partner, now=now)
    pass_modules(person, world.course, now=now + HOUR)
    remove_member(world.partner, person.person_id, by=THE_HOUSE, now=now + HOUR)

    add_member(other, person.person_id, role="member", by=THE_HOUSE, now=now)  # the clock stepped back

    first, second = Membership.objects.filter(person_id=person.person_id).order_by("joined_at")
    assert (first.left_at, second.joined_at) == (now + HOUR, now + HOUR)
    found = standing(other)
    assert (found.judged_at, found.levels["core_modules@lifetime"], found.held.bonus) == (now + HOUR, 2, True)


def test_a_certificate_that_ended_between_two_partners_moves_no_time_back(now: datetime) -> None:
    world = a_world(now)
    person = a_colleague(world.partner, now=now)
    pass_modules(person, world.course, now=now)
    remove_member(world.partner, person.person_id, by=THE_HOUSE, now=now + days(1))
    late = now + days(1_000)
    other = a_partner_in(world.programme, now=late)
    win(other, 50_000, at=late)
    add_member(other, person.person_id, role="owner", by=THE_HOUSE, now=late)

    bring_up_to_date(other, now=late + days(400))

    assert times(other) == sorted(times(other))
    (told,) = Fact.objects.filter(kind="certificate.expired")
    assert (told.partner, told.occurred_at < late < told.effective_at) == (other, True)


def test_a_plan_that_begins_before_what_was_done_since_moves_no_time_back(now: datetime) -> None:
    world = a_world(now)
    read_lesson(world.owner, world.course.lessons[world.course.modules[0]][0], now=now + 3 * HOUR)  # judges nobody
    better = written_plan(world.course.modules, [world.credential], base={"automation": 12, "website": 8})
    publish_plan(None, world.programme, better, reason="More.", effective_from=now + HOUR, now=now + HOUR)

    bring_up_to_date(world.partner, now=now + 4 * HOUR)

    assert (times(world.partner), standing(world.partner).judged_at) == (sorted(times(world.partner)), now + 3 * HOUR)
    assert standing(world.partner).rate().basis_points == 1200


@pytest.mark.parametrize("ahead", [timedelta(minutes=5, seconds=1), days(30)])
def test_nothing_is_sold_or_refunded_in_the_future(now: datetime, ahead: timedelta) -> None:
    world = a_world(now)
    deal = win(world.partner, 500, at=now)
    with pytest.raises(Refused, match="future"):
        win(world.partner, 500, at=now + ahead, now=now)
    with pytest.raises(Refused, match="future"):
        refund(deal, 5, at=now + ahead, now=now)
    win(world.partner, 500, at=now + timedelta(minutes=5), now=now)
    assert standing(world.partner).levels["won@trailing:12m"] == 1000


def test_a_refund_told_twice_counts_once(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 500, at=now)
    for amount in (300, 300):
        refund(deal, amount, at=now, number="1")
    assert standing(world.partner).levels["won@trailing:12m"] == 200


def test_a_programme_whose_plan_has_not_begun_takes_nobody(now: datetime) -> None:
    programme, partner = found_programme("late", name="Late", timezone="Europe/London"), a_partner().pk
    with pytest.raises(Refused, match="no plan yet"):
        enrol_partner(partner, programme, at=now, now=now)
    publish_plan(None, programme, written_plan(()), reason="Later.", effective_from=now + HOUR, now=now)
    with pytest.raises(Refused, match="no plan yet"):
        enrol_partner(partner, programme, at=now, now=now)
    enrol_partner(partner, programme, at=now + HOUR, now=now + HOUR)


def test_what_is_revoked_while_the_clock_is_back_earns_nothing_again(now: datetime) -> None:
    world = a_world(now, modules=1)
    alone = Actor(a_person().pk)
    pass_modules(alone, world.course, now=now + HOUR)
    certificate = Certificate.objects.get()

    revoke(THE_HOUSE, certificate.serial, reason="Copied.", now=now)
    take_quiz(alone, world.course.quizzes[world.course.modules[0]], now=now)

    certificate.refresh_from_db()
    assert (certificate.revoked_at, Certificate.objects.count()) == (now + HOUR, 1)
    take_quiz(alone, world.course.quizzes[world.course.modules[0]], now=now + 2 * HOUR)
    assert Certificate.objects.filter(revoked_at=None).count() == 1


def test_notices_that_were_due_while_nobody_asked_run_out_together(now: datetime) -> None:
    """Silver is lost with the certificate, then everything with the sales; both are told on the same day."""
    world = a_world(now, modules=1)
    pass_modules(world.owner, world.course, now=now)
    win(world.partner, 90_000, at=now + days(1))
    win(world.partner, 20_000, at=now + days(40))
    assert standing(world.partner).held.tier == "gold"
    late = now + days(500)

    bring_up_to_date(world.partner, now=late)

    assert [warning.to for warning in standing(world.partner).held.warnings] == ["bronze"]
    told = Fact.objects.filter(kind="tier.warned").order_by("pos")
    assert [(one.numbers["to"], one.numbers["falls_at"]) for one in told] == [
        (to, (late + days(30)).isoformat()) for to in ("silver", "bronze")
    ]


def test_a_notice_that_was_answered_is_no_notice_in_the_past_either(now: datetime) -> None:
    world = a_world(now, modules=1)
    leaver = a_colleague(world.partner, now=now)
    pass_modules(leaver, world.course, now=now)
    for gone, back in ((1, 5), (50, None)):
        remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(gone))
        if back:
            add_member(world.partner, leaver.person_id, role="member", by=THE_HOUSE, now=now + days(back))
    for day in (2, 10, 51, 79):
        then = stood(world.partner, world.programme, "GBP", now + days(day))
        assert then is not None
        assert (then.held.bonus, len(then.held.warnings)) == (True, 0 if day == 10 else 2)
    last = stood(world.partner, world.programme, "GBP", now + days(50))
    assert last is not None
    assert last.held == standing(world.partner).held


def test_a_leaver_who_never_comes_back_and_one_who_does(now: datetime) -> None:
    """Evidence leaves only through warning and grace; whoever is back in time has taken nothing along."""
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    leaver, other = a_colleague(world.partner, now=now), Actor(a_person().pk)
    pass_modules(leaver, world.course, now=now)
    remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(1))
    assert (standing(world.partner).held.tier, standing(world.partner).at_risk) == ("gold", True)

    add_member(world.partner, leaver.person_id, role="member", by=THE_HOUSE, now=now + days(20))
    bring_up_to_date(world.partner, now=now + days(40))
    assert (standing(world.partner).held.tier, standing(world.partner).at_risk) == ("gold", False)

    remove_member(world.partner, leaver.person_id, by=THE_HOUSE, now=now + days(41))
    add_member(world.partner, other.person_id, role="member", by=THE_HOUSE, now=now + days(50))
    bring_up_to_date(world.partner, now=now + days(70))
    assert standing(world.partner).held.tier == "gold"
    bring_up_to_date(world.partner, now=now + days(72))
    assert (standing(world.partner).held.tier, standing(world.partner).rate().basis_points) == ("bronze", 1000)


def test_a_win_in_a_programme_of_the_past_is_told_today(now: datetime) -> None:
    world: World = a_world(now)
    win(world.partner, 500, at=now - days(3), now=now)
    fact = Fact.objects.get(kind="deal.won")
    assert (fact.occurred_at, fact.effective_at, fact.recorded_at) == (now - days(3), now, now)
