"""What counts as started, completed and passed; how a share of a course is worked out; what may be claimed when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AHEAD = timedelta(minutes=5)
BACK = timedelta(days=30)
LONGEST_PLAY = timedelta(hours=12)
RULE = "learning-1"
"""The rule version that `module.completed` and `course.completed` carry."""


class State(StrEnum):
    """Where a person is with something that can be learned."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"


DONE = frozenset({State.COMPLETED, State.PASSED})


@dataclass(frozen=True, slots=True)
class Marks:
    """What is known of a person and a lesson."""

    opened: bool = False
    completed: bool = False
    passed: bool = False
    failed: bool = False


def lesson_state(marks: Marks) -> State:
    """A quiz is passed or failed, everything else completed."""
    if marks.passed:
        return State.PASSED
    if marks.completed:
        return State.COMPLETED
    if marks.failed:
        return State.FAILED
    return State.IN_PROGRESS if marks.opened else State.NOT_STARTED


def module_state(*, completed: bool, passed: bool, lessons: Iterable[State]) -> State:
    """Completed is kept apart from passed: only what a quiz has proved is passed."""
    if completed:
        return State.PASSED if passed else State.COMPLETED
    states = list(lessons)
    if State.FAILED in states:
        return State.FAILED
    started = any(state is not State.NOT_STARTED for state in states)
    return State.IN_PROGRESS if started else State.NOT_STARTED


def course_state(*, completed: bool, modules: Iterable[State]) -> State:
    """A course is completed; its modules are what is passed."""
    if completed:
        return State.COMPLETED
    started = any(state is not State.NOT_STARTED for state in modules)
    return State.IN_PROGRESS if started else State.NOT_STARTED


def percent(done: int, required: int) -> int:
    """Whole percent of the required lessons, rounded down so that 100 says complete: nothing required never is."""
    return min(done, required) * 100 // required if required else 0


def is_complete(done: int, required: int) -> bool:
    """Everything required is done; what requires nothing is never completed."""
    return required > 0 and done >= required


def why_not_at(occurred_at: datetime, now: datetime) -> str | None:
    """Why a client's claim of when something happened is not believed; None when it is."""
    if occurred_at > now + AHEAD:
        return "This happened in the future. Check the clock of this device."
    if occurred_at < now - BACK:
        return "This happened more than 30 days ago and can no longer be added."
    return None


def countable(claimed: int, *, counted_until: datetime, chosen_at: datetime | None, now: datetime) -> int:
    """How many more seconds of a play can be believed: whole ones, all times being our own clock's.

    A person's plays, on however many devices, fill the time that has passed at most once: `counted_until` says how far
    they have filled it. None began before its course was chosen (`chosen_at`, None where a report came first), and
    nobody learns for more than twelve hours at a stretch.
    """
    begins = max(counted_until, now - LONGEST_PLAY, chosen_at or counted_until)
    return max(0, min(claimed, (now - begins) // timedelta(seconds=1)))
