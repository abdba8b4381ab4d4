"""Evidence: what counts for a partner at an instant, and when time alone changes that."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.criteria import Comparison, Group
from academy.core.periods import NOW, TICK, Span, Window, parse_window
from academy.programme.evidence.rules import (
    Evidence,
    Sale,
    Sales,
    carriers,
    changes_at,
    is_moved_by_time,
    latest_ends,
    measure,
    measure_all,
    valid,
)

from .plans import ADVANCED, AT, CORE, PLAN, at_least, evidence, sales, the_plan, tiers

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER, EARLIER = AT + DAY, AT - DAY
YEAR = parse_window("trailing:12m")


def test_sales_are_sorted_and_summed() -> None:
    one, two = Sale(AT, "oak", 500), Sale(EARLIER, "fern", 300)
    assert Sales.of([one, two]) == Sales((EARLIER, AT), (0, 300, 800), (EARLIER, AT))


def test_a_window_is_open_at_its_start_and_closed_at_its_end() -> None:
    found = Sales.of([Sale(EARLIER, "oak", 1), Sale(AT, "oak", 20), Sale(LATER, "oak", 300)])
    assert [found.won(EARLIER, AT), found.won(None, AT), found.won(EARLIER, LATER), found.won(LATER, LATER)] == [
        20,
        21,
        320,
        0,
    ]


@pytest.mark.parametrize(
    ("amounts", "clients"),
    [
        ([], 0),
        ([("oak", 1, 5), ("oak", 2, 5)], 1),
        ([("oak", 1, 5), ("fern", 2, 5)], 2),
        # Taken back whole, or a credit: no sale of which something is left.
        ([("oak", 1, 0), ("fern", 2, -5)], 0),
        # The older sale still stands when the newer was taken back.
        ([("oak", 1, 5), ("oak", 2, 0)], 1),
        ([("oak", -3, 5)], 0),
    ],
)
def test_a_client_is_active_by_a_sale_of_which_something_is_left(
    amounts: list[tuple[str, int, int]], clients: int
) -> None:
    found = Sales.of(Sale(AT + days * DAY, client, amount) for client, days, amount in amounts)
    assert found.clients(AT) == clients


def test_a_supposed_sale_comes_last_and_from_no_new_client() -> None:
    found = Sales.of([Sale(EARLIER, "oak", 300)]).and_also(50, AT)
    assert found == Sales((EARLIER, AT), (0, 300, 350), (EARLIER,))


def test_the_next_to_leave_is_the_first_after_the_start() -> None:
    found = Sales.of([Sale(EARLIER, "oak", 1), Sale(AT, "oak", 2)])
    assert [found.next_after(when) for when in (EARLIER - TICK, EARLIER, AT)] == [EARLIER, AT, None]


@pytest.mark.parametrize(
    ("certificates", "ends"),
    [
        ([], {}),
        ([("a", AT), ("a", LATER)], {"a": LATER}),
        ([("a", LATER), ("a", AT)], {"a": LATER}),
        ([("a", None), ("a", AT)], {"a": None}),
        ([("a", AT), ("a", None)], {"a": None}),
        ([("a", AT), ("b", None)], {"a": AT, "b": None}),
    ],
)
def test_of_several_certificates_the_longest_counts(
    certificates: list[tuple[str, datetime | None]], ends: dict[str, datetime | None]
) -> None:
    assert latest_ends(certificates) == ends


FULL = evidence(
    {"ann": [*CORE[:3], "extra"], "bob": [*CORE[2:5]], "zoe": CORE},
    {
        "ann": {ADVANCED[0]: LATER, "basic": None},
        "bob": {ADVANCED[0]: None, ADVANCED[1]: AT},
        "zoe": {ADVANCED[2]: None},
    },
    sold=sales(100, 200, 300),
)


@pytest.mark.parametrize(
    ("comparison", "level"),
    [
        # Distinct things count once, and Zoe is no member.
        (Comparison("core_modules", 1), 5),
        (Comparison("modules", 1), 6),
        (Comparison("modules", 1, only=frozenset(["extra", CORE[0], "nothing"])), 2),
        # Bob's second certificate ends at this very instant.
        (Comparison("certificates", 1, NOW), 2),
        (Comparison("certificates", 1, NOW, frozenset(["basic"])), 1),
        (Comparison("advanced_certificates", 1, NOW), 1),
        (Comparison("won", {"GBP": 1}), 600),
        # The second was won at the very instant at which the window begins.
        (Comparison("won", {"GBP": 1}, parse_window("trailing:11d")), 300),
        (Comparison("active_clients", 1, YEAR), 3),
        (Comparison("people", 1, who=Comparison("core_modules", 3)), 2),
        (Comparison("people", 1, who=Comparison("modules", 4)), 1),
        (Comparison("people", 1, who=Comparison("certificates", 2, NOW)), 1),
        (Comparison("people", 1, who=Comparison("core_modules", 12)), 0),
        (
            Comparison("people", 1, who=Group(2, (Comparison("modules", 1), Comparison("certificates", 1, NOW)))),
            2,
        ),
    ],
)
def test_measure(comparison: Comparison, level: int) -> None:
    assert measure(comparison, PLAN, FULL, AT) == level


def test_what_nobody_measures_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"^Nothing measures “luck”\.$"):
        measure(Comparison("luck", 1), PLAN, FULL, AT)


def test_everything_a_plan_asks_is_measured_once() -> None:
    assert measure_all(PLAN, FULL, AT) == {
        "core_modules@lifetime": 5,
        "won@trailing:12m": 600,
        "advanced_certificates@now": 1,
        "active_clients@trailing:6m": 3,
        "people(core_modules@lifetime>=12)": 0,
    }
    assert set(measure_all(PLAN, Evidence("GBP"), AT).values()) == {0}


def test_carriers_are_the_active_members_who_have_it() -> None:
    assert carriers(FULL.passed, FULL.members, frozenset(CORE)) == {
        CORE[0]: ["ann"],
        CORE[1]: ["ann"],
        CORE[2]: ["ann", "bob"],
        CORE[3]: ["bob"],
        CORE[4]: ["bob"],
    }
    assert carriers({"ann": ["x"]}, frozenset(), None) == {}


@pytest.mark.parametrize(("when", "held"), [(AT - TICK, {"a", "b"}), (AT, {"b"}), (AT + TICK, {"b"})])
def test_a_credential_is_held_until_just_before_it_ends(when: datetime, held: set[str]) -> None:
    assert valid(evidence(held={"ann": {"a": AT, "b": None}}), when) == {"ann": held}


def test_what_time_moves() -> None:
    asked = [*PLAN.measured()]
    assert {one.key for one in asked if is_moved_by_time(one)} == {one.key for one in asked} - {"core_modules@lifetime"}


@pytest.mark.parametrize(
    ("found", "when"),
    [
        (Evidence("GBP"), None),
        (evidence({"ann": CORE}), None),
        (evidence(held={"ann": {"a": None}}), None),
        (evidence(held={"ann": {"a": AT, "b": LATER}}), LATER),
        (evidence(held={"zoe": {"a": LATER}}), None),
        # The six months of active clients end before the twelve of sales.
        (evidence(sold=sales(100)), datetime(2026, 8, 20, 8, 0, tzinfo=UTC)),
    ],
)
def test_when_time_alone_may_change_something(found: Evidence, when: datetime | None) -> None:
    assert changes_at(PLAN, found, AT) == when


windows = st.one_of(
    st.integers(1, 40).map(lambda days: Window(Span.DAYS, days)),
    st.integers(1, 4).map(lambda months: Window(Span.MONTHS, months)),
    st.sampled_from([Window(Span.CALENDAR, months) for months in (1, 3, 12)]),
    st.just(Window(Span.LIFETIME)),
)
# Within half a year before AT, by quarters of an hour, so that instants coincide and months end among them.
moments = st.integers(0, 184 * 96).map(lambda quarters: AT - quarters * timedelta(minutes=15))
sold = st.lists(st.builds(Sale, moments, st.sampled_from(["oak", "fern", "lin"]), st.integers(-500, 1000)), max_size=12)


@given(sold, windows, moments)
def test_a_window_measures_what_a_naive_sum_does(won: list[Sale], window: Window, at: datetime) -> None:
    so_far = [sale for sale in won if sale.won_at <= at]
    start = window.start(at, PLAN.zone)
    inside = [sale for sale in so_far if start is None or start < sale.won_at]
    known = evidence(sold=Sales.of(so_far))
    assert measure(Comparison("won", {"GBP": 1}, window), PLAN, known, at) == sum(sale.amount for sale in inside)
    assert measure(Comparison("active_clients", 1, window), PLAN, known, at) == len(
        {sale.client for sale in inside if sale.amount > 0}
    )


def _plan_of(*asked: tuple[str, Any, Window]) -> Any:
    parts = [at_least(metric, value, window=str(window)) for metric, value, window in asked]
    silver = {
        "slug": "silver",
        "enter": {"all": [*parts, {"people": at_least("certificates", 1), "value": 1}]},
    }
    return the_plan(minimum={"GBP": 1}, tiers=tiers(silver), core=[], advanced=["a"])


ends = st.one_of(st.none(), st.integers(-20, 200).map(lambda days: AT + days * DAY))


@given(
    sold,
    windows,
    windows,
    st.dictionaries(st.sampled_from(["ann", "bob", "zoe"]), st.dictionaries(st.sampled_from("ab"), ends), max_size=3),
    st.lists(st.integers(0, 999), min_size=8, max_size=8),
)
def test_no_level_moves_before_the_announced_instant(
    won: list[Sale], one: Window, other: Window, held: dict[str, dict[str, datetime | None]], thousandths: list[int]
) -> None:
    plan = _plan_of(("won", {"GBP": 1}, one), ("active_clients", 1, other))
    known = evidence(held=held, sold=Sales.of(won))
    at, level = AT, measure_all(plan, known, AT)
    for _ in range(40):
        change = changes_at(plan, known, at)
        until = change or at + 500 * DAY
        assert until > at
        for moment in [at + (until - at) * part // 1000 for part in thousandths] + [until - TICK]:
            assert measure_all(plan, known, moment) == level
        if change is None:
            break
        at, level = change, measure_all(plan, known, change)
    else:
        pytest.fail("time alone goes on changing something")


def test_a_scan_by_the_minute_finds_no_earlier_change() -> None:
    """Over the end of October 2025, with its hour that happens twice, in windows of two days and a month."""
    plan = _plan_of(
        ("won", {"GBP": 1}, parse_window("trailing:2d")), ("active_clients", 1, parse_window("trailing:1m"))
    )
    begin = datetime(2025, 10, 24, 0, 0, tzinfo=UTC)
    won = [Sale(begin + index * 37 * HOUR / 10, f"client-{index % 4}", 100 + index) for index in range(20)]
    known = evidence(sold=Sales.of(won))
    at = begin + 80 * HOUR
    level, announced = measure_all(plan, known, at), changes_at(plan, known, at)
    for minute in range(6 * 24 * 60):
        moment = at + timedelta(minutes=minute)
        now = measure_all(plan, known, moment)
        if now != level:
            assert announced is not None
            assert moment - timedelta(minutes=1) < announced <= moment
            level = now
        if announced is not None and announced <= moment:
            announced = changes_at(plan, known, moment)
    assert set(level.values()) == {0, 4}
