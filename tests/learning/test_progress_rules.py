"""Progress: what is started, completed and passed, and what a device may claim."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.learning.progress.rules import (
    AHEAD,
    BACK,
    DONE,
    LONGEST_PLAY,
    Marks,
    State,
    countable,
    course_state,
    is_complete,
    lesson_state,
    module_state,
    percent,
    why_not_at,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
NONE, SOME, FULL, PASSED, FAILED = (
    State.NOT_STARTED,
    State.IN_PROGRESS,
    State.COMPLETED,
    State.PASSED,
    State.FAILED,
)


@pytest.mark.parametrize(
    ("marks", "state"),
    [
        (Marks(), NONE),
        (Marks(opened=True), SOME),
        (Marks(opened=True, completed=True), FULL),
        (Marks(opened=True, failed=True), FAILED),
        # A pass stands, whatever was failed before or since.
        (Marks(opened=True, completed=True, passed=True, failed=True), PASSED),
        (Marks(completed=True, failed=True), FULL),
    ],
)
def test_a_lesson(marks: Marks, state: State) -> None:
    assert lesson_state(marks) == state


@pytest.mark.parametrize(
    ("completed", "passed", "lessons", "state"),
    [
        (False, False, [], NONE),
        (False, False, [NONE, NONE], NONE),
        (False, False, [NONE, SOME], SOME),
        (False, False, [FULL, NONE], SOME),
        (False, False, [FULL, FAILED], FAILED),
        (True, False, [FULL], FULL),
        (True, True, [FULL, PASSED], PASSED),
        # A newer edition with a lesson more takes no completion back.
        (True, True, [NONE, FAILED], PASSED),
    ],
)
def test_a_module(completed: bool, passed: bool, lessons: list[State], state: State) -> None:
    assert module_state(completed=completed, passed=passed, lessons=lessons) == state


@pytest.mark.parametrize(
    ("completed", "modules", "state"),
    [
        (False, [], NONE),
        (False, [NONE], NONE),
        (False, [NONE, FAILED], SOME),
        (False, [PASSED, FULL], SOME),
        (True, [NONE], FULL),
    ],
)
def test_a_course(completed: bool, modules: list[State], state: State) -> None:
    assert course_state(completed=completed, modules=modules) == state


def test_done_is_completed_or_passed() -> None:
    assert {FULL, PASSED} == DONE


@pytest.mark.parametrize(
    ("done", "required", "whole"),
    [(0, 3, 0), (1, 3, 33), (2, 3, 66), (3, 3, 100), (4, 3, 100), (199, 200, 99), (0, 0, 0), (5, 0, 0)],
)
def test_percent(done: int, required: int, whole: int) -> None:
    assert percent(done, required) == whole


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_hundred_percent_says_complete_and_nothing_else_does(done: int, required: int) -> None:
    assert 0 <= percent(done, required) <= 100
    assert (percent(done, required) == 100) == is_complete(done, required)
    assert percent(done + 1, required) >= percent(done, required)


@pytest.mark.parametrize(
    ("moved", "why_not"),
    [
        (timedelta(), None),
        (AHEAD, None),
        (AHEAD + TICK, "This happened in the future. Check the clock of this device."),
        (-BACK, None),
        (-BACK - TICK, "This happened more than 30 days ago and can no longer be added."),
    ],
)
def test_a_claim_is_five_minutes_ahead_and_thirty_days_back_at_most(moved: timedelta, why_not: str | None) -> None:
    assert why_not_at(NOW + moved, NOW) == why_not


@pytest.mark.parametrize(
    ("claimed", "counted", "chosen", "believed"),
    [
        (0, LONGEST_PLAY, None, 0),
        (90, LONGEST_PLAY, None, 90),
        (10**30, LONGEST_PLAY, None, 12 * 3600),
        (10**30, timedelta(days=300), None, 12 * 3600),  # what was not used long ago is not saved up
        (90, timedelta(seconds=60.9), None, 60),  # whole seconds, no more than passed
        (90, timedelta(), None, 0),
        (90, timedelta(seconds=-30), None, 0),
        (90, LONGEST_PLAY, timedelta(seconds=40), 40),  # no lesson before the course was chosen
        (90, timedelta(seconds=40), timedelta(days=300), 40),
        (90, timedelta(seconds=40), timedelta(seconds=30), 30),
    ],
)
def test_what_is_believed_of_a_play_fits_into_the_time_that_passed(
    claimed: int, counted: timedelta, chosen: timedelta | None, believed: int
) -> None:
    """Times before now."""
    chosen_at = None if chosen is None else NOW - chosen
    assert countable(claimed, counted_until=NOW - counted, chosen_at=chosen_at, now=NOW) == believed
