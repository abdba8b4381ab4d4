"""Sales that leave their windows: the rule against judging day by day, and that owners hear of it in time, once."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from academy.core import clock
from academy.core.criteria import evaluate
from academy.notifications.notices.models import Notice
from academy.people.accounts.models import Person
from academy.people.partners.queries import slug_of
from academy.programme.evidence.queries import evidence_at
from academy.programme.evidence.rules import Evidence, Sale, Sales, measure_all
from academy.programme.lapses import jobs
from academy.programme.lapses.actions import tell_of_leaving
from academy.programme.lapses.queries import leaving_of, soon_lost
from academy.programme.lapses.rules import Leaving, leaving, tier_lost_at
from academy.programme.plans.rules import Plan
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.models import Standing
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import Held, Part, judge
from academy.web.formats import day

from ..factories import a_staff_member, signed_in
from ..web.reading import notes
from ..worlds import World, a_colleague, a_partner_in, a_world, days, pass_modules, refund, win
from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, the_plan, tiers

DAY = timedelta(days=1)
MONEY = ("GBP", "EUR", "USD")


def won(amount: int, window: str = "trailing:12m") -> dict[str, object]:
    return at_least("won", dict.fromkeys(MONEY, amount), window=window)


SALES_ALONE = the_plan(
    tiers=tiers(
        {"slug": "silver", "enter": won(300), "stay": won(200)},
        {
            "slug": "gold",
            "enter": {"all": [won(600), at_least("active_clients", 3, window="trailing:60d")]},
            "stay": {"all": [won(400), at_least("active_clients", 2, window="trailing:60d")]},
        },
        {"slug": "platinum", "enter": won(900, "calendar:quarter"), "stay": won(500, "trailing:90d")},
    )
)


def gold_and(*sold: Sale) -> tuple[Held, Evidence]:
    """A Gold partner of the demo's plan with these sales."""
    return Held("gold", True, 1), evidence({"ann": CORE}, {"ann": {ADVANCED[0]: None}}, sold=Sales.of(sold))


def look(plan: Plan, held: Held, known: Evidence) -> Leaving | None:
    levels = measure_all(plan, known, AT)
    lost_at = tier_lost_at(plan, held, known, levels, AT)
    return leaving(plan, held, known, levels, AT, lost_at=lost_at) if lost_at else None


def sale(days_ago: float, amount: int, client: str) -> Sale:
    return Sale(AT - timedelta(days=days_ago), client, amount)


LATER = [sale(10 + number, 795_250, f"client-{number}") for number in range(4)]


def test_what_leaves_what_stays_and_at_what_the_tier_keeps() -> None:
    """9,500 of the 41,310 leaves on 3 January; 31,810 stays, Gold keeps at 32,000: seen from 2 March of the year."""
    oldest = Sale(datetime(2025, 4, 3, 12, tzinfo=UTC), "oak", 950_000)
    held, known = gold_and(oldest, *LATER)
    found = look(PLAN, held, known)
    leaves = datetime(2026, 4, 3, 12, tzinfo=UTC)
    assert found == Leaving("gold", "won", "trailing:12m", leaves, 4_131_000, 3_181_000, 3_200_000, on_the_day=True)
    assert found.leaves == 950_000


def test_what_leaves_on_several_days_leaves_by_the_last() -> None:
    held, known = gold_and(sale(350, 300_000, "ash"), sale(340, 650_000, "oak"), *LATER)
    found = look(PLAN, held, known)
    assert found is not None
    assert (found.leaves, found.stays, found.on_the_day) == (950_000, 3_181_000, False)


def test_clients_leave_too() -> None:
    held, known = gold_and(*(sale(20 * number, 1_500_000, f"client-{number}") for number in range(1, 6)))
    found = look(PLAN, held, known)
    assert found is not None
    assert (found.metric, found.window, found.have, found.stays, found.needs) == (
        "active_clients", "trailing:6m", 5, 3, 4,
    )  # fmt: skip


def test_what_no_sale_takes_is_not_told_of_here() -> None:
    known = evidence({"ann": CORE}, {"ann": {ADVANCED[0]: AT + 5 * DAY}}, sold=Sales.of(LATER).and_also(900_000, AT))
    held = Held("gold", True, 1)
    levels = measure_all(PLAN, known, AT)
    lost_at = tier_lost_at(PLAN, held, known, levels, AT)
    assert lost_at == AT + 5 * DAY  # the certificate ends
    assert leaving(PLAN, held, known, levels, AT, lost_at=lost_at) is None
    assert look(PLAN, Held("bronze"), known) is None


sold = st.lists(
    st.tuples(st.integers(0, 380), st.sampled_from("abcd"), st.integers(-80, 400)), min_size=1, max_size=14, unique=True
)


@given(sold, st.sampled_from(["silver", "gold", "platinum"]))
@settings(max_examples=120)
def test_the_day_and_the_figures_are_those_of_judging_every_day(sold: list[tuple[int, str, int]], tier: str) -> None:
    """Independent: each of the next 400 days is judged at its end, until one warns of the tier."""
    history = [(AT - ago * DAY, client, amount) for ago, client, amount in sold]
    known = evidence(sold=Sales.of(Sale(at, client, amount) for at, client, amount in history))
    held = Held(tier)
    today = judge(SALES_ALONE, held, measure_all(SALES_ALONE, known, AT), "GBP", AT)
    assume(today.held.tier == tier)  # nobody stands lower than what is deserved today
    assume(not warned_on(held, known, AT))  # nor is looked at who does not deserve it even today
    found = look(SALES_ALONE, held, known)
    for later in range(1, 400):
        at = datetime.combine(AT.date() + later * DAY, time(23, 59), SALES_ALONE.zone)
        if warned_on(held, known, at):
            break
    else:
        assert found is None
        return
    assert found is not None
    assert found.by.astimezone(SALES_ALONE.zone).date() == at.date()
    rung = SALES_ALONE.tier(tier)
    now, then = ([*evaluate(rung.stay, measure_all(SALES_ALONE, known, when), "GBP").leaves()] for when in (AT, at))
    if any(not leaf.met for leaf in now):
        return  # it was kept by what lets others rise
    lost = [
        (leaf.metric, leaf.window, leaf.have, later.have, leaf.need)
        for leaf, later in zip(now, then, strict=True)
        if not later.met
    ]
    assert (found.metric, found.window, found.have, found.stays, found.needs) in lost
    assert found.stays < found.needs <= found.have


def warned_on(held: Held, known: Evidence, at: datetime) -> bool:
    judged = judge(SALES_ALONE, held, measure_all(SALES_ALONE, known, at), "GBP", at)
    return any(part is Part.TIER for part, _, _ in judged.due_warnings)


def test_what_leaves_on_one_day_is_what_counted_on_the_eve() -> None:
    """In the plan's zone: a sale of half an hour past midnight in London leaves on that day, in whatever zone told."""
    zone = SALES_ALONE.zone
    summer = datetime(2025, 7, 1, 23, 30, tzinfo=UTC)  # 2 July, 00:30 in London
    known = evidence(sold=Sales.of([Sale(summer, "a", 150), Sale(AT - 5 * DAY, "b", 150)]))
    found = look(SALES_ALONE, Held("silver"), known)
    assert found is not None
    assert (found.by.astimezone(zone).date().isoformat(), found.on_the_day) == ("2026-07-02", True)


# -- told by a job


def the_stands(partner: object) -> Stands:
    found = stands(partner)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.fixture
def silver(now: datetime, db: None) -> World:
    """A partner whose Silver rests on 100.00 of last spring and 60.00 of last week."""
    world = a_world(now - days(400))
    win(world.partner, 10_000, at=now - days(345))
    pass_modules(world.owner, world.course, world.course.modules[0], now=now - days(300))
    win(world.partner, 6_000, at=now - days(7))
    bring_up_to_date(world.partner, now=now)
    return world


def notices() -> list[tuple[object, str]]:
    rows = Notice.objects.filter(kind="deal.leaving_window").order_by("created_at", "id")
    return [(row.person_id, row.key) for row in rows]


def test_owners_hear_of_it_thirty_days_ahead_and_once(silver: World, now: datetime) -> None:
    a_colleague(silver.partner, now=now)
    lost_at = the_stands(silver.partner).tier_lost_at
    assert lost_at is not None
    assert lost_at.date() == (now + days(20)).date()
    assert tell_of_leaving(now=lost_at - days(31)) == 0
    assert (tell_of_leaving(now=now), tell_of_leaving(now=now + days(1))) == (1, 0)
    key = f"deal.leaving_window:{silver.partner}:silver:{lost_at.date().isoformat()}"
    assert notices() == [(silver.owner.person_id, key)]
    assert Notice.objects.get(key=key).params == {
        "tier": "silver",
        "metric": "won",
        "window": "trailing:12m",
        "by": lost_at.isoformat(),
        "have": 16_000,
        "stays": 6_000,
        "needs": 8_000,
        "on_the_day": True,
        "currency": "GBP",
        "safe_until": (lost_at + days(30)).isoformat(),
    }


def test_another_day_is_told_anew_and_what_is_won_in_time_ends_it(silver: World, now: datetime) -> None:
    with time_machine.travel(now - days(90), tick=False):
        jobs.tell_of_leaving(timestamp=0)
    assert notices() == []
    with time_machine.travel(now, tick=False):
        jobs.tell_of_leaving(timestamp=0)
    assert len(notices()) == 1
    win(silver.partner, 9_000, at=now + days(1))
    assert (soon_lost(now, now + days(40), after=None, limit=5), tell_of_leaving(now=now + days(2))) == ([], 0)


def test_what_fell_due_is_judged_before_anything_is_told(silver: World, now: datetime) -> None:
    win(silver.partner, 100, at=now - days(6))
    lost_at = the_stands(silver.partner).tier_lost_at
    assert lost_at is not None
    later = lost_at + timedelta(minutes=1)
    Standing.objects.update(next_change_at=lost_at - days(1))
    assert tell_of_leaving(now=later - days(1)) == 0
    bring_up_to_date(silver.partner, now=later - days(1))
    assert tell_of_leaving(now=later - days(1)) == 1


def test_what_fell_due_and_what_was_warned_of_is_not_told(silver: World, now: datetime) -> None:
    lost_at = the_stands(silver.partner).tier_lost_at
    assert lost_at is not None
    assert tell_of_leaving(now=lost_at + timedelta(minutes=1)) == 0
    bring_up_to_date(silver.partner, now=lost_at + timedelta(minutes=1))
    found = the_stands(silver.partner)
    assert (found.tier_lost_at, [warning.part for warning in found.held.warnings]) == (None, [Part.TIER])
    assert tell_of_leaving(now=lost_at + days(1)) == 0


def test_a_certificate_that_ends_is_told_of_elsewhere(now: datetime, db: None) -> None:
    world = a_world(now - days(720))
    pass_modules(world.owner, world.course, now=now - days(720))
    win(world.partner, 200_000, at=now - days(10))
    bring_up_to_date(world.partner, now=now)
    ends = the_stands(world.partner).tier_lost_at
    assert ends is not None
    assert (soon_lost(now, now + days(30), after=None, limit=5), tell_of_leaving(now=now)) == ([world.partner], 0)


def test_partners_are_gone_through_a_page_at_a_time(silver: World, now: datetime) -> None:
    other = a_partner_in(silver.programme, now=now - days(350))
    owner = a_colleague(other, now=now - days(350), role="owner")
    win(other, 10_000, at=now - days(345))
    pass_modules(owner, silver.course, silver.course.modules[0], now=now - days(300))
    bring_up_to_date(other, now=now)
    both = sorted([silver.partner, other])
    pages = [soon_lost(now, now + days(30), after=after, limit=1) for after in (None, *both)]
    assert pages == [[both[0]], [both[1]], []]
    assert tell_of_leaving(now=now) == 2


def test_what_was_taken_back_neither_counts_nor_leaves(silver: World, now: datetime) -> None:
    deal = win(silver.partner, 5_000, at=now - timedelta(hours=2))
    refund(deal, 5_000, at=now - timedelta(hours=1))
    found = the_stands(silver.partner)
    known = evidence_at(silver.partner, found.plan, found.currency, now)
    leaves = leaving_of(found, known, now, within=days(30))
    assert leaves is not None
    assert (leaves.have, leaves.stays) == (16_000, 6_000)
    assert leaving_of(found, known, now, within=days(3)) is None


# -- on pages


@pytest.mark.parametrize("role", ["owner", "member"])
def test_home_says_what_leaves_sums_for_owners_alone(role: str, db: None) -> None:
    today = clock.now()
    world = a_world(today - days(400))
    pass_modules(world.owner, world.course, world.course.modules[0], now=today - days(399))
    win(world.partner, 10_000, at=today - days(345))
    win(world.partner, 6_000, at=today - days(7))
    who = world.owner if role == "owner" else a_colleague(world.partner, now=today - days(6))
    Person.objects.update(welcomed_at=today)
    lost_at = the_stands(world.partner).tier_lost_at
    assert lost_at is not None
    with timezone.override("Europe/London"):
        when = day(lost_at)
    sums = f"£100 of your £160 in 12 months leaves on {when}; £60 stays, Silver keeps at £80."
    shares = f"What you won in 12 months falls on {when} to less than 80% of what keeps Silver."
    home = notes(signed_in(Person.objects.get(pk=who.person_id)).get("/"))
    said = [one for one in home if "leaves on" in one or "falls on" in one]
    assert said == [sums if role == "owner" else shares]

    manager = signed_in(a_staff_member("manager"))
    page = manager.get(f"/studio/partners/{slug_of(world.partner)}/")
    assert [one for one in notes(page) if "leaves on" in one] == [sums]
