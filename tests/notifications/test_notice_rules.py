"""When a notice is mailed: by kind, by choice, and by the clock on the reader's wall."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from academy.notifications.notices import rules
from academy.notifications.notices.rules import (
    OWNERS,
    STAFF,
    USUAL_QUIET,
    Cadence,
    Kind,
    QuietHours,
    Registry,
    Topic,
    Words,
)

LONDON = ZoneInfo("Europe/London")
CHOSEN = Kind("a", Topic.TIER, OWNERS, "A", lambda told, names: Words("", ""), mail=Cadence.DAILY)
MUST = replace(CHOSEN, must=rules.ever)
WORSE = replace(CHOSEN, must=lambda params: bool(params["worse"]))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "params", "chosen", "comes_back", "expected"),
    [
        (CHOSEN, {}, None, False, Cadence.DAILY),
        (CHOSEN, {}, "at_once", False, Cadence.AT_ONCE),
        (CHOSEN, {}, "off", False, Cadence.OFF),
        (CHOSEN, {}, "at_once", True, Cadence.OFF),
        (MUST, {}, "off", True, Cadence.AT_ONCE),
        (WORSE, {"worse": True}, "off", False, Cadence.AT_ONCE),
        (WORSE, {"worse": False}, "off", False, Cadence.OFF),
    ],
)
def test_how_often_a_notice_is_mailed(
    kind: Kind, params: dict[str, bool], chosen: str | None, comes_back: bool, expected: Cadence
) -> None:
    assert rules.cadence(kind, params, chosen=chosen, comes_back=comes_back) is expected


@pytest.mark.parametrize(
    ("now", "quiet", "until"),
    [
        ("2026-03-02T12:00", USUAL_QUIET, "2026-03-02T12:00"),
        ("2026-03-02T21:00", USUAL_QUIET, "2026-03-03T07:00"),
        ("2026-03-03T06:59:59", USUAL_QUIET, "2026-03-03T07:00"),
        ("2026-03-03T07:00", USUAL_QUIET, "2026-03-03T07:00"),
        ("2026-03-02T23:00", None, "2026-03-02T23:00"),
        ("2026-03-02T23:00", QuietHours(time(9), time(9)), "2026-03-02T23:00"),
        ("2026-03-02T13:30", QuietHours(time(13), time(15)), "2026-03-02T15:00"),
        ("2026-03-02T15:00", QuietHours(time(13), time(15)), "2026-03-02T15:00"),
        ("2026-03-02T12:59", QuietHours(time(13), time(15)), "2026-03-02T12:59"),
        # the clock jumps from 1:00 to 2:00 on 29 March: the night is an hour shorter, its end is at 7:00 on the wall
        ("2026-03-28T22:00", USUAL_QUIET, "2026-03-29T06:00"),
        ("2026-03-29T00:30", QuietHours(time(0), time(1, 30)), "2026-03-29T01:30"),  # 1:30 is not on that day's clock
        ("2026-03-28T21:30", QuietHours(time(21), time(1, 30)), "2026-03-29T01:30"),
        # and back from 2:00 to 1:00 on 25 October: an hour longer; of two half past ones the first ends it
        ("2026-10-24T20:00", USUAL_QUIET, "2026-10-25T07:00"),
        ("2026-10-24T23:10", QuietHours(time(0), time(1, 30)), "2026-10-25T00:30"),
        ("2026-10-25T01:10", QuietHours(time(0), time(1, 30)), "2026-10-25T01:10"),  # inside again, and never back
    ],
)
def test_mail_waits_for_the_end_of_quiet_hours(now: str, quiet: QuietHours | None, until: str) -> None:
    assert rules.after_quiet(at(now), quiet, LONDON) == at(until)


def test_quiet_hours_are_those_of_the_reader() -> None:
    assert rules.after_quiet(at("2026-03-02T22:00"), USUAL_QUIET, ZoneInfo("America/New_York")) == at(
        "2026-03-02T22:00"
    )
    assert rules.after_quiet(at("2026-03-02T22:00"), USUAL_QUIET, ZoneInfo("Asia/Kathmandu")) == at("2026-03-03T01:15")


@pytest.mark.parametrize(
    ("now", "quiet", "then"),
    [
        ("2026-03-02T07:59", None, "2026-03-02T08:00"),
        ("2026-03-02T08:00", None, "2026-03-03T08:00"),
        ("2026-03-28T12:00", None, "2026-03-29T07:00"),
        ("2026-10-24T12:00", None, "2026-10-25T08:00"),
        ("2026-03-02T07:00", QuietHours(time(22), time(10)), "2026-03-02T10:00"),
    ],
)
def test_when_the_mail_of_a_day_goes_out(now: str, quiet: QuietHours | None, then: str) -> None:
    assert rules.next_daily(at(now), quiet, LONDON) == at(then)


def test_what_a_period_runs_from_goes_out_at_night() -> None:
    night = at("2026-03-02T23:00")
    assert rules.due(replace(MUST, by_night=True), Cadence.AT_ONCE, night, USUAL_QUIET, LONDON) == night
    assert rules.due(MUST, Cadence.AT_ONCE, night, USUAL_QUIET, LONDON) == at("2026-03-03T07:00")
    assert rules.due(CHOSEN, Cadence.DAILY, night, USUAL_QUIET, LONDON) == at("2026-03-03T08:00")


def test_a_zone_that_nobody_knows_is_utc() -> None:
    assert [str(rules.zone(name)) for name in ("Europe/London", "Mars/Olympus", "/etc/passwd")] == [
        "Europe/London",
        "UTC",
        "UTC",
    ]


def test_kinds_are_offered_to_those_whom_they_reach() -> None:
    staff = replace(CHOSEN, name="b", readers=STAFF)
    table = Registry({"a": CHOSEN, "b": staff}, list, lambda *given: pytest.fail("no letter here"))
    assert rules.kinds_for(table, OWNERS) == [CHOSEN]
    assert rules.kinds_for(table, frozenset()) == []
    assert (rules.never({}), rules.ever({})) == (False, True)
