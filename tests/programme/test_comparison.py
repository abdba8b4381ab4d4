"""The same deals without training: the rule against the real engine, and against slow arithmetic of its own."""

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Sum
from hypothesis import example, given, settings
from hypothesis import strategies as st

from academy.core.money import half_away
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.comparison.queries import without_training
from academy.programme.comparison.rules import (
    Compared,
    Deal,
    Entry,
    Month,
    Past,
    by_month,
    held_before,
    pays_for_training,
    rests_on_training,
)
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.pins.actions import pin_tier, unpin_tier
from academy.programme.pins.rules import Pin
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.plans.rules import Plan
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import Held

from ..chance import seeds
from ..worlds import World, a_partner_in, a_report, a_world, days, pass_modules, refund, win, written_plan
from .plans import AT, PLAN, at_least, the_plan, tiers

MONEY = ("GBP", "EUR", "USD")
ZONE = PLAN.zone


def won(amount: int, window: str = "trailing:90d") -> dict[str, Any]:
    return at_least("won", dict.fromkeys(MONEY, amount), window=window)


BY_SALES = the_plan(
    grace_days=30,
    tiers=tiers(
        {"slug": "silver", "multiplier": 2, "enter": won(300), "stay": won(200)},
        {"slug": "gold", "multiplier": 3, "enter": {"all": [won(900), at_least("core_modules", 1)]}},
    ),
)


# -- what a plan pays for


def bonus(when: Any, share: int = 5) -> dict[str, Any]:
    return {"share": share, "when": when}


@pytest.mark.parametrize(
    ("plan", "pays", "rests"),
    [
        (PLAN, True, True),
        (BY_SALES, True, False),
        (the_plan(tiers=tiers(), core=[], advanced=[]), False, True),
        (the_plan(tiers=tiers(), core=[], uplift={"each": 1, "most": 0}), False, True),
        (the_plan(tiers=tiers(), core=[], advanced=[], bonus=bonus(at_least("modules", 1), share=0)), False, True),
        (the_plan(tiers=tiers(), core=[], advanced=[], bonus=bonus(at_least("modules", 1))), True, True),
        (the_plan(tiers=tiers({"slug": "a", "enter": {"not": at_least("modules", 1)}}), core=[]), True, False),
        (the_plan(tiers=tiers({"slug": "a", "enter": {"not": won(5)}}), core=[], advanced=[]), False, False),
        (
            the_plan(tiers=tiers({"slug": "a", "enter": {"any": [won(5), at_least("certificates", 1)]}}), advanced=[]),
            True,
            False,
        ),
        (
            the_plan(
                tiers=tiers({"slug": "a", "enter": {"not": {"any": [won(5), at_least("modules", 1)]}}}), advanced=[]
            ),
            True,
            False,
        ),
        (the_plan(bonus=bonus(won(1))), True, False),
        (the_plan(tiers=tiers(), core=[], bonus=bonus(at_least("advanced_certificates", 1))), True, True),
    ],
)  # fmt: skip
def test_what_a_plan_pays_for(plan: Plan, pays: bool, rests: bool) -> None:
    assert (pays_for_training(plan), rests_on_training(plan)) == (pays, rests)


# -- the rule


def a_deal(won_at: datetime, amount: int, basis_points: int, *, refunded: int = 0, plan: Plan = PLAN) -> Deal:
    return Deal(won_at, "automation", amount, refunded, basis_points, plan)


def test_where_tiers_rest_on_training_every_deal_is_priced_at_the_lowest() -> None:
    deals = [a_deal(AT, 1_840_000, 1208), a_deal(AT, 100_001, 1465, refunded=50_000)]
    past = Past("GBP", AT - timedelta(days=9), ((AT - timedelta(days=9), PLAN),))
    before = held_before(deals, past)
    assert before == [Held("bronze")] * 2
    # 222,272 and 14,650 less its half; at 10 % 184,000 and 10,000 less its half.
    assert by_month(deals, before, ZONE) == (Month(date(2026, 3, 1), 222_272 + 7_325, 184_000 + 5_000),)
    found = Compared("GBP", AT, AT, 2, by_month(deals, before, ZONE))
    assert (found.earned, found.without, found.difference) == (229_597, 189_000, 40_597)
    assert [month.difference for month in found.months] == [40_597]


def test_a_pin_counts_without_training_too() -> None:
    begins = AT - timedelta(days=100)
    pinned = (AT - timedelta(days=50), Pin("gold", AT - timedelta(days=20)))
    deals = [a_deal(AT - timedelta(days=ago), 1_000, 1_000) for ago in (60, 40, 20, 0)]
    entries = tuple(Entry(str(deal.won_at), "oak", 1_000, deal.won_at, deal.won_at) for deal in deals)
    held = held_before(deals, Past("GBP", begins, ((begins, PLAN),), entries, (pinned,)))
    # It ends after 30 days, and is then lost only after the 60 days of grace.
    assert [one.tier for one in held] == ["bronze", "gold", "gold", "gold"]
    taken_back = (AT - timedelta(days=45), None)
    grace = the_plan(grace_days=30)
    held = held_before(deals, Past("GBP", begins, ((begins, grace),), entries, (pinned, taken_back)))
    assert [one.tier for one in held] == ["bronze", "gold", "gold", "bronze"]


def test_a_credit_is_no_sale_of_its_client_and_what_never_leaves_stays() -> None:
    asked = at_least("active_clients", 2, window="lifetime")
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": asked}))
    sold = [(0, 500, "oak"), (1, -200, "ash"), (2, 300, "elm"), (3, 100, "oak")]
    entries = [
        Entry(str(day), client, amount, AT + timedelta(days=day), AT + timedelta(days=day))
        for day, amount, client in sold
    ]
    deals = [a_deal(one.won_at, one.amount, 1_000, plan=plan) for one in entries]
    held = held_before(deals, Past("GBP", AT, ((AT, plan),), tuple(entries)))
    assert [one.tier for one in held] == ["bronze", "bronze", "bronze", "silver"]
    assert [deal.priced(one) for deal, one in zip(deals, held, strict=True)] == [50, -20, 30, 11]


def test_a_rise_that_needs_a_word_is_taken_as_given() -> None:
    plan = the_plan(tiers=tiers({"slug": "silver", "enter": won(500), "promotion": "approve"}))
    deals = [a_deal(AT, 600, 1_000, plan=plan), a_deal(AT + timedelta(days=1), 600, 1_000, plan=plan)]
    entries = tuple(Entry(str(deal.won_at), "oak", 600, deal.won_at, deal.won_at) for deal in deals)
    held = held_before(deals, Past("GBP", AT, ((AT, plan),), entries))
    assert [one.tier for one in held] == ["bronze", "silver"]


history = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 250), st.integers(0, 60), st.integers(0, 100)),
    min_size=1,
    max_size=12,
)


@given(history)
@example([(250, 210, 0, 0), (340, 90, 0, 0), (341, 3, 0, 0)])  # 90 days that begin in summer time and end in winter's
@example([(91, 100, 0, 0), (180, 200, 0, 0), (300, 3, 0, 0)])  # and 30 days of grace
@settings(max_examples=80)
def test_day_by_day_arithmetic_of_its_own_says_the_same(history: list[tuple[int, int, int, int]]) -> None:
    """All happens at the programme's noon, so that a slow walk over its days, by rules of its own, can follow."""
    deals, entries = [], []
    for number, (day, amount, later, share) in enumerate(sorted(history)):
        won_at, refunded = noon(day), amount * share // 100
        deals.append(a_deal(won_at, amount, 1_000, refunded=refunded, plan=BY_SALES))
        entries.append(Entry(str(number), "oak", amount, won_at, won_at))
        if refunded:
            entries.append(Entry(str(number), "oak", -refunded, won_at, noon(day + later)))
    entries.sort(key=lambda one: one.counts_from)
    past = Past("GBP", noon(0), ((noon(0), BY_SALES),), tuple(entries))

    found = [deal.priced(held) for deal, held in zip(deals, held_before(deals, past), strict=True)]

    assert found == [slowly(deal, entries) for deal in deals]


def noon(day: int) -> datetime:
    """Noon of a day by the programme's clock, which summer time moves; the days are counted from New Year 2025."""
    return (datetime(2025, 1, 1, 12, tzinfo=ZONE) + timedelta(days=day)).astimezone(UTC)


def slowly(deal: Deal, entries: list[Entry]) -> int:
    """Walk every day up to the deal: Silver from 300 in 90 days, kept at 200, lost 30 days after being told.

    The 90 are days of the programme's clock, the 30 are of 24 hours: with a change of clocks between, noon is not it.
    """
    silver, falls_at = False, None
    day = 0
    while (today := noon(day)) < deal.won_at:
        level = sum(one.amount for one in entries if one.counts_from <= today and one.won_at > noon(day - 90))
        if level >= (200 if silver else 300):
            silver, falls_at = True, None
        elif silver:
            falls_at = falls_at or today + timedelta(days=30)
            if today >= falls_at:
                silver, falls_at = False, None
        day += 1
    if falls_at is not None and falls_at < deal.won_at:
        silver = False
    earns = half_away(Fraction(deal.amount * (20 if silver else 10), 100))
    return earns - (half_away(Fraction(earns * deal.refunded, deal.amount)) if deal.refunded else 0)


# -- read from the house


def sales_plan(world: World) -> dict[str, Any]:
    """Silver and Gold by sales alone; Platinum and the bonus by training."""
    by_sales = [
        {"slug": "bronze", "name": "Bronze", "multiplier": 1},
        {"slug": "silver", "name": "Silver", "multiplier": 2, "enter": pence(300), "stay": pence(200)},
        {"slug": "gold", "name": "Gold", "multiplier": "2.2", "enter": pence(600, "12m"), "stay": pence(500, "12m")},
        {"slug": "platinum", "name": "Platinum", "multiplier": "2.4", "enter": {"all": [pence(300), trained()]},
         "stay": trained()},
    ]  # fmt: skip
    return written_plan(world.course.modules, [world.credential], tiers=by_sales)


def pence(amount: int, length: str = "60d") -> dict[str, Any]:
    return {"metric": "won", "window": f"trailing:{length}", "value": {"GBP": amount}}


def trained() -> dict[str, Any]:
    return {"metric": "core_modules", "value": 1}


class Year:
    """A partner whose tiers rest on sales, and in whose office nobody ever learns."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.dice, self.at, self.world = random.Random(seed), now, a_world(now)
        plan = sales_plan(self.world)
        later = now + days(40)
        publish_plan(None, self.world.programme, plan, reason="By sales.", effective_from=later, now=now)
        self.deals: dict[UUID, tuple[datetime, int]] = {}
        self.clients: dict[UUID, str] = {}
        self.untouched: list[UUID] = []

    def stands(self) -> Stands:
        found = stands(self.world.partner)
        assert found is not None
        return found

    def step(self) -> None:
        """Some days pass, and one thing happens."""
        self.at += days(self.dice.choice([0, 1, 3, 8, 20, 40]))
        self.let_time_pass()
        ways = [self.win] * 4 + [self.pin, self.unpin] + ([self.refund, self.change] if self.untouched else [])
        self.dice.choice(ways)()

    def let_time_pass(self) -> None:
        """Judge at each instant that falls due, in time, so that every notice is sent on its day."""
        while (due := self.stands().next_change_at) is not None and due < self.at:
            bring_up_to_date(self.world.partner, now=due + timedelta(microseconds=1))

    def win(self) -> None:
        amount = self.dice.randint(50, 400)
        client = self.dice.choice(["Oak", "Ash"])
        deal = win(self.world.partner, amount, at=self.at, client=client)
        self.deals[deal] = (self.at, amount)
        self.clients[deal] = client
        self.untouched.append(deal)

    def refund(self) -> None:
        deal = self.untouched.pop(self.dice.randrange(len(self.untouched)))
        amount = self.deals[deal][1]
        first = self.dice.randint(1, amount)
        refund(deal, first, at=self.at)
        if amount > first:
            refund(deal, self.dice.randint(1, amount - first), at=self.at)

    def change(self) -> None:
        deal = self.untouched.pop(self.dice.randrange(len(self.untouched)))
        amount = self.dice.randint(1, 400)
        report = a_report(self.world.partner, amount, at=self.at, deal=deal, client=self.clients[deal])
        report_deal(THE_HOUSE, report, now=self.at)

    def pin(self) -> None:
        until = self.at + days(self.dice.randint(1, 60))
        highest = self.stands().plan.tiers[-1].slug
        pin_tier(THE_HOUSE, self.world.partner, highest, until=until, reason="A fair.", now=self.at)

    def unpin(self) -> None:
        if self.stands().held.pin is not None:
            unpin_tier(THE_HOUSE, self.world.partner, now=self.at)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", seeds(8))
def test_where_nobody_ever_learned_it_is_what_came(seed: int, now: datetime) -> None:
    """Independent of the rule: the house itself prices a year without training, and comes to the same sums."""
    year = Year(seed, now)
    for _ in range(40):
        year.step()
    found = without_training(year.stands(), year.at)
    assert found is not None
    assert [(month.earned, month.difference) for month in found.months] == [
        (lines_of(deals), 0) for deals in months_of(year, found.since).values()
    ]
    assert found.deals == sum(won_at > found.since for won_at, _ in year.deals.values())
    assert len({line.rate for line in CommissionLine.objects.all()}) > 1


def months_of(year: Year, since: datetime) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for deal, (won_at, _) in year.deals.items():
        if won_at > since:
            found.setdefault(won_at.astimezone(ZONE).strftime("%Y-%m"), []).append(deal)
    return found


def lines_of(deals: list[UUID]) -> int:
    """The sum of the lines of these deals, corrections by hand apart."""
    return CommissionLine.objects.filter(deal__in=deals, corrects=None).aggregate(sum=Sum("amount"))["sum"] or 0


@pytest.mark.django_db
def test_training_brings_the_difference(now: datetime, django_assert_num_queries: Any) -> None:
    world = a_world(now)
    win(world.partner, 100_000, at=now)
    pass_modules(world.owner, world.course, now=now + days(1))
    deal = win(world.partner, 200_000, at=now + days(40))
    refund(deal, 50_000, at=now + days(41))
    found = stands(world.partner)
    assert found is not None
    assert found.rate().basis_points == 1465
    with django_assert_num_queries(3):
        year = without_training(found, now + days(60))
    assert year == Compared(
        "GBP",
        now + days(60 - 365),
        now + days(60),
        2,
        # 2,000 at 14.65 %, a quarter of it taken back; at 10 % without.
        (Month(date(2026, 3, 1), 10_000, 10_000), Month(date(2026, 4, 1), 21_975, 15_000)),
    )
    assert year.difference == 6_975
    assert [without_training(found, now + days(day)) for day in (-1, 366 + 39)] == [None, None]


@pytest.mark.django_db
def test_a_plan_that_pays_for_no_training_has_nothing_to_compare(now: datetime) -> None:
    world = a_world(now)
    plain = sales_plan(world) | {"core": [], "uplift": {"each": 1, "most": 0}}
    plain["tiers"] = plain["tiers"][:3]
    other = found_programme("plain", name="Plain", timezone="Europe/London")
    publish_plan(None, other, plain, reason="It opens.", effective_from=now, now=now)
    partner = a_partner_in(other, now=now)
    win(partner, 100_000, at=now + days(1))
    found = stands(partner)
    assert found is not None
    assert without_training(found, now + days(2)) is None
