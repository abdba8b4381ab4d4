"""Lines that follow from deals: at the rates that held, once, never changed, taken back in full."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.journal.models import Fact
from academy.people.partners.actions import lock_partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.actions import Sum, refund_deal
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Deal
from academy.programme.deals.rules import Stage
from academy.programme.plans.actions import publish_plan
from academy.programme.standing.models import Standing
from academy.programme.verification.queries import verify

from ...factories import a_partner
from ...together import one_waits_for_another, together
from ...worlds import a_partner_in, a_report, a_world, days, pass_modules, refund, win, written_plan

pytestmark = pytest.mark.django_db


def lines(partner: UUID) -> list[tuple[str, int, int]]:
    found = CommissionLine.objects.filter(partner=partner).order_by("effective_at", "id")
    return [(line.kind, line.amount, line.rate) for line in found]


def silver(now: datetime) -> Any:
    """A partner that has just risen to Silver, at 11.5 %."""
    world = a_world(now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    assert Standing.objects.get(pk=world.partner).tier == "silver"
    return world


def test_a_won_deal_earns_one_line_at_the_rate_that_held(now: datetime) -> None:
    world = silver(now)
    deal = win(world.partner, 40_001, at=now + days(2))

    line = CommissionLine.objects.get(deal=deal)
    fact = Fact.objects.get(kind="commission.added", thing=line.pk)

    assert lines(world.partner) == [("earned", 15_000, 1000), ("earned", 4_600, 1150)]
    assert (fact.effective_at, fact.rule, fact.inputs) == (now + days(2), "agencies-1", line.inputs)
    assert fact.numbers == {
        "deal": str(deal),
        "amount": 4_600,
        "currency": "GBP",
        "rate": 1150,
        "payable_on": (now + days(32)).date().isoformat(),
    }


def test_the_deal_that_lifts_the_tier_is_paid_at_the_rate_before(now: datetime) -> None:
    world = a_world(now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    win(world.partner, 150_000, at=now + days(1))
    win(world.partner, 10_000, at=now + days(2))
    assert lines(world.partner) == [("earned", 15_000, 1000), ("earned", 1_150, 1150)]


def test_deals_of_one_instant_are_one_batch(now: datetime) -> None:
    """Reported one after the other, they are all paid at the rate before, though the first has lifted the tier."""
    world = a_world(now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    at = now + days(1)
    win(world.partner, 150_000, at=at)
    assert Standing.objects.get(pk=world.partner).tier == "silver"
    win(world.partner, 10_000, at=at)
    win(world.partner, 10_000, at=at + timedelta(microseconds=1))
    assert lines(world.partner) == [("earned", 15_000, 1000), ("earned", 1_000, 1000), ("earned", 1_150, 1150)]


def test_a_deal_won_before_the_partners_last_fact_counts_from_that(now: datetime) -> None:
    world = silver(now)
    deal = win(world.partner, 10_000, at=now - days(20), now=now + days(2))
    fact = Fact.objects.get(kind="deal.won", thing=deal)
    assert (fact.occurred_at, fact.effective_at) == (now - days(20), now + days(1))
    # Silver was decided at that very instant: the deal belongs before it.
    assert CommissionLine.objects.get(deal=deal).rate == 1000


def test_refunds_in_parts_net_to_nothing(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 10_001, at=now)
    for number, amount in enumerate((3_333, 3_333, 3_335)):
        refund(deal, amount, at=now + days(number + 1))
    assert lines(world.partner) == [
        ("earned", 1_000, 1000),
        ("reversed", -333, 1000),
        ("reversed", -334, 1000),
        ("reversed", -333, 1000),
    ]


def test_a_changed_amount_makes_a_difference_line(now: datetime) -> None:
    world = a_world(now)
    deal = uuid7()
    for amount, at in ((10_000, now), (12_500, now + days(1)), (11_000, now + days(40))):
        report_deal(THE_HOUSE, a_report(world.partner, amount, at=at, deal=deal), now=at)
    assert lines(world.partner) == [("earned", 1_000, 1000), ("adjusted", 250, 1000), ("adjusted", -150, 1000)]
    payable = CommissionLine.objects.order_by("effective_at").values_list("payable_on", flat=True)
    assert list(payable) == [(now + days(30)).date(), (now + days(30)).date(), (now + days(40)).date()]
    assert Standing.objects.get(pk=world.partner).levels["won@trailing:12m"] == 11_000


def test_the_same_report_again_changes_nothing(now: datetime) -> None:
    world = a_world(now)
    report = a_report(world.partner, 10_000, at=now)
    for _ in range(3):
        report_deal(THE_HOUSE, report, now=now)
    assert lines(world.partner) == [("earned", 1_000, 1000)]
    assert Fact.objects.filter(kind="deal.won").count() == 1


def test_an_older_amount_that_arrives_late_changes_nothing(now: datetime) -> None:
    world = a_world(now)
    deal = uuid7()
    report_deal(THE_HOUSE, a_report(world.partner, 10_000, at=now, deal=deal), now=now)
    report_deal(THE_HOUSE, a_report(world.partner, 9_000, at=now - days(1), deal=deal), now=now)
    assert lines(world.partner) == [("earned", 1_000, 1000)]


def test_a_deal_of_nothing_earns_no_line(now: datetime) -> None:
    world = a_world(now)
    win(world.partner, 0, at=now)
    assert (lines(world.partner), Deal.objects.get().stage) == ([], Stage.WON)


@pytest.mark.parametrize(("changed_after", "payable_after"), [(2, 30), (40, 40)])
def test_a_deal_of_nothing_that_gets_a_value_is_paid_at_the_rate_of_the_day_it_was_won(
    now: datetime, changed_after: int, payable_after: int
) -> None:
    world = a_world(now)
    deal = win(world.partner, 0, at=now)
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    changed_at = now + days(changed_after)

    report_deal(THE_HOUSE, a_report(world.partner, 40_001, at=changed_at, deal=deal), now=changed_at)

    line = CommissionLine.objects.get(deal=deal)
    assert Standing.objects.get(pk=world.partner).tier == "silver"
    assert (line.kind, line.amount, line.rate, line.effective_at) == ("earned", 4_000, 1000, changed_at)
    assert line.payable_on == (now + days(payable_after)).date()
    assert line.inputs == {"product": "automation", "amount": 40_001, "tier": "bronze", "bonus": False, "uplifts": 0}
    assert verify(now=changed_at, deep=True).differences == []


def test_a_value_that_comes_later_is_paid_by_the_plan_that_held_just_before_the_deal(now: datetime) -> None:
    world = a_world(now)
    plan = written_plan(world.course.modules, [world.credential])
    plan["base"] = {**plan["base"], "automation": 7}
    begins = now + days(40)
    publish_plan(None, world.programme, plan, reason="Less.", effective_from=begins, now=now)
    at_its_beginning, after_it = (win(world.partner, 0, at=at) for at in (begins, begins + days(1)))
    for deal in (at_its_beginning, after_it):
        report_deal(THE_HOUSE, a_report(world.partner, 10_000, at=begins + days(2), deal=deal), now=begins + days(2))

    rates = {line.deal_id: (line.rate, str(line.plan)) for line in CommissionLine.objects.all()}
    assert rates == {at_its_beginning: (1000, "agencies-1"), after_it: (700, "agencies-2")}
    assert verify(now=begins + days(2), deep=True).differences == []


def test_a_value_that_comes_later_moves_on_from_its_own_line(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 0, at=now)
    for amount, at in ((10_000, now + days(1)), (0, now + days(2)), (5_000, now + days(3))):
        report_deal(THE_HOUSE, a_report(world.partner, amount, at=at, deal=deal), now=at)
    refund(deal, 5_000, at=now + days(4))
    assert lines(world.partner) == [
        ("earned", 1_000, 1000),
        ("adjusted", -1_000, 1000),
        ("adjusted", 500, 1000),
        ("reversed", -500, 1000),
    ]
    assert verify(now=now + days(4), deep=True).differences == []


def test_a_credit_takes_back_at_the_rate_of_its_own_instant(now: datetime) -> None:
    world = silver(now)
    win(world.partner, -20_000, at=now + days(2))
    assert lines(world.partner) == [("earned", 15_000, 1000), ("earned", -2_300, 1150)]
    assert Deal.objects.get(amount=-20_000).kind == "credit"
    assert Standing.objects.get(pk=world.partner).levels["won@trailing:12m"] == 130_000


def test_a_partner_outside_every_programme_earns_nothing_yet(now: datetime) -> None:
    with pytest.raises(Refused, match="in no programme"):
        report_deal(THE_HOUSE, a_report(a_partner().pk, 100, at=now), now=now)
    assert Deal.objects.count() == 0


@pytest.mark.parametrize(
    "statement", ["update programme_commissionline set amount = 1", "delete from programme_commissionline"]
)
def test_a_line_is_written_once(now: datetime, statement: str) -> None:
    world = a_world(now)
    win(world.partner, 10_000, at=now)
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_correction_stands_beside_the_line_it_answers(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 10_000, at=now)
    line = CommissionLine.objects.get()

    @action
    def correct() -> None:
        at = lock_partner(world.partner, now + days(3))
        numbers = {"amount": 77, "currency": "GBP"}
        thing = Thing("commission", line.pk)
        record("correction.made", partner=world.partner, thing=thing, at=at, now=at, numbers=numbers)

    correct()
    assert lines(world.partner) == [("earned", 1_000, 1000), ("adjusted", 77, 1000)]
    refund(deal, 10_000, at=now + days(4))
    # What a person decided stays when the deal nets to nothing.
    assert sum(amount for _, amount, _ in lines(world.partner)) == 77


def test_a_refund_of_more_than_is_left(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 10_000, at=now)
    refund(deal, 9_000, at=now)
    with pytest.raises(Refused, match="at most what is left"):
        refund(deal, 1_001, at=now)
    with pytest.raises(Refused, match="More than that was refunded"):
        report_deal(THE_HOUSE, a_report(world.partner, 8_999, at=now + days(1), deal=deal), now=now + days(1))


def test_one_refund_with_two_amounts(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 10_000, at=now)
    refund(deal, 100, at=now, number="r/1")
    with pytest.raises(Conflict, match="another amount"):
        refund(deal, 200, at=now, number="r/1")


def test_a_refund_of_what_is_not_won(now: datetime) -> None:
    world = a_world(now)
    deal = report_deal(THE_HOUSE, a_report(world.partner, 100, at=now, stage=Stage.ACCEPTED), now=now)
    with pytest.raises(Conflict, match="Only a won deal"):
        refund(deal.pk, 100, at=now)
    with pytest.raises(NotFound):
        refund_deal(THE_HOUSE, uuid7(), "1", Sum(1, "GBP"), refunded_at=now, now=now)


def test_a_deal_goes_its_way(now: datetime) -> None:
    world = a_world(now)
    deal = uuid7()
    stages = []
    for day, stage in enumerate((Stage.REGISTERED, Stage.ACCEPTED, Stage.LOST, Stage.WON)):
        at = now + days(day)
        report_deal(THE_HOUSE, a_report(world.partner, 10_000, at=at, deal=deal, stage=stage), now=at)
        stages.append(Deal.objects.get().stage)
    assert stages == ["registered", "accepted", "lost", "won"]
    assert list(Fact.objects.filter(thing=deal).order_by("pos").values_list("kind", flat=True)) == [
        "deal.registered",
        "deal.accepted",
        "deal.lost",
        "deal.won",
    ]


def test_a_won_deal_does_not_go_back(now: datetime) -> None:
    world = a_world(now)
    deal = win(world.partner, 10_000, at=now)
    later = a_report(world.partner, 10_000, at=now + days(1), deal=deal, stage=Stage.LOST)
    with pytest.raises(Conflict, match="Report a refund"):
        report_deal(THE_HOUSE, later, now=now + days(1))
    late = a_report(world.partner, 10_000, at=now - days(1), deal=deal, stage=Stage.ACCEPTED)
    assert report_deal(THE_HOUSE, late, now=now + days(1)).stage == Stage.WON


def test_a_deal_of_another_partner(now: datetime) -> None:
    world = a_world(now)
    other = a_partner_in(world.programme, now=now)
    deal = win(world.partner, 10_000, at=now)
    with pytest.raises(Conflict, match="another partner's"):
        report_deal(THE_HOUSE, a_report(other, 10_000, at=now, deal=deal), now=now)


def test_a_product_that_nobody_pays_for(now: datetime) -> None:
    world = a_world(now)
    with pytest.raises(Refused, match="among the products"):
        report_deal(THE_HOUSE, a_report(world.partner, 100, at=now, product="balloons"), now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_partners_told_of_as_the_same_deal_at_once_one_has_it(now: datetime) -> None:
    world = a_world(now)
    partners = [world.partner, a_partner_in(world.programme, now=now)]
    number = uuid7()

    def told(which: int) -> object:
        report = replace(a_report(partners[which], 10_000, at=now, client="Oak"), external_id=str(number))
        return report_deal(THE_HOUSE, report, now=now).partner_id

    answers = together(2, told)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "UUID"]
    assert (Deal.objects.count(), CommissionLine.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_deal_that_is_being_entered_for_another_partner_is_refused(now: datetime) -> None:
    """Neither its partner's lock nor its client's is ours, so only its id is waited for."""
    world = a_world(now)
    partners, clients = [world.partner, a_partner_in(world.programme, now=now)], ["Oak", "Elm"]
    number = uuid7()

    def told(which: int) -> UUID:
        report = replace(a_report(partners[which], 10_000, at=now, client=clients[which]), external_id=str(number))
        return report_deal(THE_HOUSE, report, now=now).partner_id

    first, second = one_waits_for_another(lambda: told(0), lambda: told(1))
    assert (first, str(second)) == (world.partner, "This deal is being entered right now. Try again in a second.")
    assert list(Deal.objects.values_list("partner", "client_name")) == [(world.partner, "Oak")]
    assert CommissionLine.objects.count() == 1
