"""Windows: where they begin, what leaves them when, and that nothing that has left comes back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.core.periods import LIFETIME, NOW, TICK, Span, Window, parse_window, shift_months

LONDON, NEW_YORK, PLAIN = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
HAVANA, SAO_PAULO = ZoneInfo("America/Havana"), ZoneInfo("America/Sao_Paulo")

zones = st.sampled_from([LONDON, NEW_YORK, HAVANA, SAO_PAULO, PLAIN])
windows = st.one_of(
    st.integers(1, 400).map(lambda days: Window(Span.DAYS, days)),
    st.integers(1, 30).map(lambda months: Window(Span.MONTHS, months)),
    st.sampled_from([Window(Span.CALENDAR, months) for months in (1, 3, 12)]),
)
moments = st.integers(0, 18 * 366 * 24 * 3600).map(
    lambda seconds: datetime(2013, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
# Around the hours at which the clocks change and the months end, where windows go wrong.
delicate = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2024, 2, 29, tzinfo=UTC),
            datetime(2024, 3, 31, tzinfo=UTC),
            datetime(2024, 10, 27, tzinfo=UTC),
            datetime(2024, 11, 3, 4, tzinfo=UTC),
            datetime(2025, 8, 31, tzinfo=UTC),
            datetime(2025, 12, 31, 12, tzinfo=UTC),
        ]
    ),
    st.integers(-4320, 4320),
)
instants = st.one_of(moments, delicate)


def at(text: str, zone: ZoneInfo = LONDON, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _start(window: Window, moment: datetime, zone: ZoneInfo) -> datetime:
    start = window.start(moment, zone)
    assert start is not None
    return start


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("lifetime", LIFETIME),
        ("now", NOW),
        ("trailing:90d", Window(Span.DAYS, 90)),
        ("trailing:12m", Window(Span.MONTHS, 12)),
        ("trailing:1200d", Window(Span.DAYS, 1200)),
        ("calendar:month", Window(Span.CALENDAR, 1)),
        ("calendar:quarter", Window(Span.CALENDAR, 3)),
        ("calendar:year", Window(Span.CALENDAR, 12)),
    ],
)
def test_a_window_reads_back_as_it_was_written(text: str, window: Window) -> None:
    assert (parse_window(text), str(window)) == (window, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "trailing:",
        "trailing:m",
        "trailing:-1d",
        "trailing:3w",
        "trailing:²d",
        "calendar:week",
        "calendar:1m",
    ],
)
def test_what_is_no_window_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="is not a window; write lifetime, now, trailing:90d") as refused:
        parse_window(text)
    assert str(refused.value).startswith(f"“{text}” is not a window; ")


@pytest.mark.parametrize("text", ["trailing:0d", "trailing:1201m", "trailing:" + "9" * 5000 + "d"])
def test_a_trailing_window_has_a_length_that_can_be_shifted(text: str) -> None:
    with pytest.raises(ValueError, match="1 to 1200 days or months"):
        parse_window(text)


@pytest.mark.parametrize(
    ("window", "moment", "start"),
    [
        ("lifetime", "2026-03-02T09:00", None),
        ("now", "2026-03-02T09:00", None),
        ("trailing:90d", "2026-03-02T09:00", "2025-12-02T09:00"),
        ("trailing:12m", "2026-03-02T09:00", "2025-03-02T09:00"),
        # The wall clock of the zone counts: 10:00 in summer goes back to 10:00 in winter.
        ("trailing:90d", "2026-05-01T10:00", "2026-01-31T10:00"),
        ("trailing:6m", "2026-07-01T10:00", "2026-01-01T10:00"),
        # Clipped to a month's end, which is its last instant.
        ("trailing:6m", "2025-08-28T10:00", "2025-02-28T10:00"),
        ("trailing:6m", "2025-08-29T00:00", "2025-02-28T23:59:59.999999"),
        ("trailing:6m", "2025-08-31T10:00", "2025-02-28T23:59:59.999999"),
        ("trailing:12m", "2024-02-29T10:00", "2023-02-28T23:59:59.999999"),
        ("trailing:12m", "2025-02-28T10:00", "2024-02-28T10:00"),
        # A period has its first instant.
        ("calendar:month", "2026-03-01T00:00", "2026-02-28T23:59:59.999999"),
        ("calendar:month", "2026-03-31T23:59", "2026-02-28T23:59:59.999999"),
        ("calendar:quarter", "2026-06-30T23:59", "2026-03-31T23:59:59.999999"),
        ("calendar:year", "2026-12-31T23:59", "2025-12-31T23:59:59.999999"),
    ],
)
def test_start(window: str, moment: str, start: str | None) -> None:
    expected = at(start) if start else None
    assert parse_window(window).start(at(moment), LONDON) == expected


@pytest.mark.parametrize(
    ("window", "happened", "leaves"),
    [
        ("lifetime", "2026-03-02T09:00", None),
        ("now", "2026-03-02T09:00", None),
        ("trailing:90d", "2025-12-02T09:00", "2026-03-02T09:00"),
        ("trailing:12m", "2024-02-29T10:00", "2025-03-01T00:00"),
        ("trailing:12m", "2024-02-28T10:00", "2025-02-28T10:00"),
        ("trailing:6m", "2025-02-28T10:00", "2025-08-28T10:00"),
        ("trailing:6m", "2025-08-31T10:00", "2026-03-01T00:00"),
        ("calendar:month", "2026-03-01T00:00", "2026-04-01T00:00"),
        ("calendar:month", "2026-03-31T23:59:59.999999", "2026-04-01T00:00"),
        ("calendar:quarter", "2025-12-31T12:00", "2026-01-01T00:00"),
        ("calendar:year", "2025-01-01T00:00", "2026-01-01T00:00"),
    ],
)
def test_leaves_at(window: str, happened: str, leaves: str | None) -> None:
    expected = at(leaves) if leaves else None
    assert parse_window(window).leaves_at(at(happened), LONDON) == expected


def test_the_hour_that_happens_twice_runs_once_through_the_window() -> None:
    first, second = at("2024-10-27T01:30"), at("2024-10-27T01:30", fold=1)
    week = parse_window("trailing:7d")
    assert second - first == timedelta(hours=1)
    assert [week.start(moment, LONDON) for moment in (first, second)] == [
        at("2024-10-20T01:30"),
        at("2024-10-20T02:30"),
    ]
    assert [week.leaves_at(moment, LONDON) for moment in (first, second)] == [
        at("2024-11-03T01:30"),
        at("2024-11-03T02:30"),
    ]


def test_a_day_of_25_hours_waits_at_its_end_and_one_of_23_leaves_at_midnight() -> None:
    week = parse_window("trailing:7d")
    assert week.start(at("2024-10-27T23:30"), LONDON) == at("2024-10-20T23:59:59.999999")
    assert week.leaves_at(at("2024-03-24T23:30"), LONDON) == at("2024-04-01T00:00")


@given(windows, zones, instants, instants)
def test_a_window_never_reaches_back_further_as_time_goes_on(
    window: Window, zone: ZoneInfo, one: datetime, other: datetime
) -> None:
    earlier, later = sorted((one, other))
    assert _start(window, earlier, zone) <= _start(window, later, zone)


@given(windows, zones, instants, st.integers(0, 7200))
def test_nor_within_two_hours(window: Window, zone: ZoneInfo, earlier: datetime, seconds: int) -> None:
    assert _start(window, earlier, zone) <= _start(window, earlier + timedelta(seconds=seconds), zone)


@given(windows, zones, instants)
def test_what_happens_counts_at_once_and_leaves_at_the_first_instant_that_excludes_it(
    window: Window, zone: ZoneInfo, happened: datetime
) -> None:
    leaves = window.leaves_at(happened, zone)
    assert leaves is not None
    assert _start(window, happened, zone) < happened < leaves
    assert _start(window, leaves - TICK, zone) < happened <= _start(window, leaves, zone)


@pytest.mark.parametrize(
    ("moment", "months", "shifted"),
    [
        ("2024-02-29T10:00", 12, "2025-02-28T10:00"),
        ("2024-02-29T10:00", 24, "2026-02-28T10:00"),
        ("2024-02-29T10:00", 48, "2028-02-29T10:00"),
        ("2025-08-31T10:00", -6, "2025-02-28T10:00"),
        ("2025-12-15T10:00", 1, "2026-01-15T10:00"),
        ("2026-01-15T10:00", -1, "2025-12-15T10:00"),
        ("2026-01-15T10:00", 6, "2026-07-15T10:00"),
    ],
)
def test_shift_months_keeps_the_local_time_and_clips(moment: str, months: int, shifted: str) -> None:
    assert shift_months(at(moment), months, LONDON) == at(shifted)
