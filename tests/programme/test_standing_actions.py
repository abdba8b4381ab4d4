"""A partner's standing follows from what is learned and sold, and never falls unannounced."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.memberships.actions import remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.plans.actions import publish_plan
from academy.programme.standing.actions import (
    approve_promotion,
    bring_many_up_to_date,
    bring_up_to_date,
    enrol_partner,
)
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import Stands, changes, due_before, oldest_due, stands
from academy.programme.verification.queries import verify
from academy.recognition.certificates.actions import revoke

from ..factories import a_partner
from ..worlds import (
    a_colleague,
    a_credential,
    a_report,
    a_world,
    days,
    pass_modules,
    refund,
    take_quiz,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db


def facts(partner: UUID, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    found = Fact.objects.filter(partner=partner, kind__in=kinds).order_by("pos")
    return [(fact.kind, fact.numbers) for fact in found]


def standing(partner: UUID) -> Stands:
    found = stands(partner)
    assert found is not None
    return found


def test_learning_and_selling_raise_tier_and_rate(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    assert (standing(world.partner).held.tier, standing(world.partner).rate().basis_points) == (
        "silver",
        1150,
    )

    pass_modules(world.owner, world.course, world.course.modules[1], now=now + days(2))

    found = standing(world.partner)
    assert (found.held.tier, found.held.bonus, found.held.uplifts) == ("gold", True, 1)
    assert found.rate().basis_points == 1465
    assert facts(world.partner, "tier.changed", "rate.changed") == [
        ("tier.changed", {"from": "bronze", "to": "silver", "cause": "core_modules"}),
        ("rate.changed", {"from": 1000, "to": 1150, "product": "automation", "cause": ["tier"]}),
        ("tier.changed", {"from": "silver", "to": "gold", "cause": "core_modules"}),
        (
            "rate.changed",
            {"from": 1150, "to": 1465, "product": "automation", "cause": ["tier", "bonus", "uplift"]},
        ),
    ]


def test_sales_that_leave_their_window_are_announced_before_the_tier_falls(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    leaves = datetime(2027, 3, 2, 9, 0, tzinfo=now.tzinfo)
    assert standing(world.partner).safe_until == leaves + timedelta(days=30)
    assert standing(world.partner).next_change_at == leaves

    bring_up_to_date(world.partner, now=leaves + days(3))

    found = standing(world.partner)
    assert (found.held.tier, found.at_risk, found.judged_at) == ("silver", True, leaves)
    assert found.safe_until == leaves + days(33)  # the grace runs from when the notice was sent
    bring_up_to_date(world.partner, now=leaves + days(34))
    assert (standing(world.partner).held.tier, standing(world.partner).rate().basis_points) == (
        "bronze",
        1000,
    )
    assert [kind for kind, _ in facts(world.partner, "tier.warned", "tier.changed")] == [
        "tier.changed",
        "tier.warned",
        "tier.changed",
    ]
    assert facts(world.partner, "tier.changed")[-1][1]["cause"] == "grace_ended"


def test_selling_again_during_the_grace_keeps_the_tier(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    bring_up_to_date(world.partner, now=now + days(370))
    assert standing(world.partner).at_risk

    win(world.partner, 9_000, at=now + days(380))

    assert (standing(world.partner).held.tier, standing(world.partner).at_risk) == ("silver", False)


def test_a_leaver_takes_evidence_along_only_through_warning_and_grace(now: datetime) -> None:
    world = a_world(now)
    colleague = a_colleague(world.partner, now=now)
    win(world.partner, 150_000, at=now)
    pass_modules(colleague, world.course, now=now + days(1))
    assert standing(world.partner).rate().basis_points == 1465

    remove_member(world.partner, colleague.person_id, by=THE_HOUSE, now=now + days(2))

    found = standing(world.partner)
    assert (found.held.tier, found.rate().basis_points, found.at_risk) == ("gold", 1465, True)
    warned = facts(world.partner, "tier.warned")
    assert [(numbers["part"], numbers["from"], numbers["to"]) for _, numbers in warned] == [
        ("tier", "gold", "bronze"),
        ("bonus", 1, 0),
        ("uplift", 1, 0),
    ]
    bring_up_to_date(world.partner, now=now + days(33))
    assert (standing(world.partner).held.tier, standing(world.partner).rate().basis_points) == (
        "bronze",
        1000,
    )


def test_refunds_lower_sales_from_their_own_instant(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)

    refund(deal, 15_000, at=now + days(5))

    found = standing(world.partner)
    assert found.levels["won@trailing:12m"] == 5_000
    assert (found.held.tier, found.at_risk) == ("silver", True)


@pytest.mark.parametrize("amount", [0, -1, 20_001])
def test_a_refund_is_of_something_and_at_most_of_what_is_left(now: datetime, amount: int) -> None:
    world = a_world(now)
    deal = win(world.partner, 20_000, at=now)
    with pytest.raises(Refused, match="at most what is left"):
        refund(deal, amount, at=now)


def test_a_refund_of_what_was_not_won_is_not_there(now: datetime) -> None:
    a_world(now)
    with pytest.raises(NotFound):
        refund(uuid7(), 1, at=now)


def test_a_win_told_twice_counts_once(now: datetime) -> None:
    world = a_world(now)
    deal = uuid7()
    for _ in range(2):
        report_deal(THE_HOUSE, a_report(world.partner, 500, at=now, deal=deal), now=now)
    assert len(facts(world.partner, "deal.won")) == 1
    assert standing(world.partner).levels["won@trailing:12m"] == 500


def test_a_deal_in_another_currency_is_refused(now: datetime) -> None:
    world = a_world(now)
    with pytest.raises(Refused, match="paid in GBP"):
        report_deal(THE_HOUSE, a_report(world.partner, 1, at=now, currency="EUR"), now=now)


def test_a_deal_reported_late_counts_from_where_the_partner_already_is(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 10, at=now + days(10))
    win(world.partner, 10, at=now + days(2), now=now + days(11))
    times = list(Fact.objects.filter(kind="deal.won").order_by("pos").values_list("occurred_at", "effective_at"))
    assert times == [(now + days(10), now + days(10)), (now + days(2), now + days(10))]


def test_the_clock_stepping_back_moves_no_partner_back(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    pass_modules(world.owner, world.course, world.course.modules[1], now=now)
    times = list(Fact.objects.filter(partner=world.partner).order_by("pos").values_list("effective_at", flat=True))
    assert times == sorted(times)


def test_a_certificate_that_ends_lowers_the_rate_only_after_its_notice(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, now=now)
    ends = datetime(2028, 3, 2, 9, 0, tzinfo=now.tzinfo)
    assert standing(world.partner).held.uplifts == 1

    bring_up_to_date(world.partner, now=ends + days(1))

    assert (standing(world.partner).held.uplifts, standing(world.partner).at_risk) == (1, True)
    assert [kind for kind, _ in facts(world.partner, "certificate.expired")] == ["certificate.expired"]
    bring_up_to_date(world.partner, now=ends + days(40))
    assert standing(world.partner).held.uplifts == 0


def test_passing_again_in_the_last_ninety_days_renews_and_keeps_the_old_record(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, now=now)
    renewal = datetime(2028, 1, 15, 9, 0, tzinfo=now.tzinfo)

    for quiz in world.course.quizzes.values():
        take_quiz(world.owner, quiz, now=renewal)

    issued = [numbers["expires_at"] for _, numbers in facts(world.partner, "certificate.issued")]
    assert issued == ["2028-03-02T09:00:00+00:00", "2030-01-15T09:00:00+00:00"]
    bring_up_to_date(world.partner, now=renewal + days(365))
    assert (standing(world.partner).held.uplifts, standing(world.partner).at_risk) == (1, False)


def test_revoking_needs_a_reason_and_falls_after_its_notice(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, now=now)
    serial = facts(world.partner, "certificate.issued")[0][1]["serial"]
    with pytest.raises(Refused, match="Say why"):
        revoke(THE_HOUSE, serial, reason=" ", now=now)
    with pytest.raises(NotFound):
        revoke(THE_HOUSE, "0000-0000-0000", reason="Copied answers.", now=now)

    revoke(THE_HOUSE, serial, reason="Copied answers.", now=now + days(1))

    assert (standing(world.partner).held.uplifts, standing(world.partner).at_risk) == (1, True)
    with pytest.raises(Conflict):
        revoke(THE_HOUSE, serial, reason="Again.", now=now + days(2))


def test_a_plan_that_adds_a_core_module_takes_the_bonus_only_after_its_notice(now: datetime) -> None:
    world = a_world(now, modules=3)
    core = world.course.modules[:2]
    publish_plan(
        None,
        world.programme,
        written_plan(core, [world.credential]),
        reason="Two.",
        effective_from=now + days(1),
        now=now,
    )
    pass_modules(world.owner, world.course, *core, now=now + days(2))
    assert standing(world.partner).held.bonus

    publish_plan(
        None,
        world.programme,
        written_plan(world.course.modules, [world.credential]),
        reason="Three again.",
        effective_from=now + days(10),
        now=now + days(3),
    )
    bring_up_to_date(world.partner, now=now + days(11))

    found = standing(world.partner)
    assert (found.held.bonus, found.at_risk, found.plan.reference) == (True, True, "agencies-3")
    pass_modules(world.owner, world.course, world.course.modules[2], now=now + days(12))
    assert (standing(world.partner).held.bonus, standing(world.partner).at_risk) == (True, False)


def test_a_plan_that_lowers_a_figure_needs_the_grace_as_notice(now: datetime) -> None:
    world = a_world(now)
    lower = written_plan(world.course.modules, [world.credential], cap=20)
    with pytest.raises(Refused, match="30 days' notice"):
        publish_plan(None, world.programme, lower, reason="Less.", effective_from=now + days(29), now=now)
    with pytest.raises(Refused, match="begins now or later"):
        publish_plan(None, world.programme, lower, reason="Less.", effective_from=now - days(1), now=now)
    publish_plan(None, world.programme, lower, reason="Less.", effective_from=now + days(30), now=now)


def test_a_plan_that_cannot_be_read_is_refused_with_its_place(now: datetime) -> None:
    world = a_world(now)
    broken = written_plan(world.course.modules, bonus={"share": "five", "when": {"metric": "won", "value": 1}})
    with pytest.raises(Refused, match=r"bonus\.share"):
        publish_plan(None, world.programme, broken, reason="?", effective_from=now + days(1), now=now)
    with pytest.raises(NotFound):
        publish_plan(None, uuid7(), written_plan(()), reason="?", effective_from=now, now=now)


def test_a_rise_that_needs_a_word_waits_for_it(now: datetime) -> None:
    tiers = written_plan(())["tiers"]
    tiers[1] = tiers[1] | {"promotion": "approve"}
    world = a_world(now, tiers=tiers)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    waiting = standing(world.partner).held
    assert (waiting.tier, waiting.awaiting, waiting.awaiting_since) == ("bronze", "silver", now)
    assert [numbers for _, numbers in facts(world.partner, "promotion.awaited")] == [{"tier": "silver"}]
    manager = Actor(uuid7(), frozenset({"manager"}))
    with pytest.raises(Conflict):
        approve_promotion(manager, world.partner, "gold", now=now)

    approve_promotion(manager, world.partner, "silver", now=now + days(1))

    assert (standing(world.partner).held.tier, standing(world.partner).held.awaiting) == ("silver", None)
    assert facts(world.partner, "tier.changed")[-1][1]["cause"] == "approved"
    assert (standing(world.partner).tier_since, standing(world.partner).held.awaiting_since) == (now + days(1), None)


def test_a_partner_is_in_one_programme(now: datetime) -> None:
    world = a_world(now)
    with pytest.raises(Conflict):
        enrol_partner(world.partner, world.programme, at=now, now=now)


def test_partners_that_are_due_are_found_longest_first(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    assert due_before(now + days(400), 10) == [world.partner]
    assert due_before(now + days(300), 10) == []
    assert oldest_due() == datetime(2027, 3, 2, 9, 0, tzinfo=now.tzinfo)


def test_of_many_only_those_that_are_due_are_judged(now: datetime) -> None:
    """What bulk work does with the partners it touches before it counts on where they stand."""
    world = a_world(now)
    later = a_partner().pk
    enrol_partner(later, world.programme, at=now, now=now)
    win(world.partner, 20_000, at=now)
    win(later, 20_000, at=now + days(60))
    leaves = datetime(2027, 3, 2, 9, 0, tzinfo=now.tzinfo)

    bring_many_up_to_date([later, world.partner], now=leaves + days(3))

    assert (standing(world.partner).judged_at, standing(later).judged_at) == (leaves, now + days(60))


def test_what_changed_is_told_newest_first(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    told = [(change.kind, change.effective_at) for change in changes(world.partner, since=now, limit=5)]
    assert told == [("rate.changed", now + days(1)), ("tier.changed", now + days(1))]


def test_a_second_credential_of_another_course_counts_beside_the_first(now: datetime) -> None:
    world = a_world(now, modules=3)
    first, second = world.course.modules[:1], world.course.modules[1:2]
    one = a_credential(first, now=now, slug="one")
    two = a_credential(second, now=now, slug="two")
    publish_plan(
        None,
        world.programme,
        written_plan(world.course.modules, [one, two]),
        reason="Two.",
        effective_from=now + days(1),
        now=now,
    )
    pass_modules(world.owner, world.course, *first, *second, now=now + days(2))
    assert standing(world.partner).held.uplifts == 2


@pytest.mark.tampers
def test_verify_finds_what_was_tampered_with(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 20_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    assert verify(now=now, deep=True).differences == []

    Standing.objects.filter(pk=world.partner).update(rate=2500)

    said = f"partner {world.partner}: the facts say 1308 as rate, the standing says 2500"
    assert verify(now=now).differences == [said]
