"""Certificates that did not simply last: one that ran out, one that was renewed in time, one that was taken back.

Pure, like `history`: whom the cast says it of, and the modules, in; more events out. They have a chance of their own,
so that nothing else of the year is drawn differently.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from academy.core.periods import shift_months
from academy.demo.history import YEAR, Event, Judged, Learned, ModuleOf, Revoked, study

AGAIN_DAYS = 12
"""In how many days somebody passes the quizzes of a certificate again."""


def certified(
    partner: str,
    person: str,
    told: Mapping[str, Any],
    credential: Mapping[str, Any],
    modules: Mapping[str, ModuleOf],
    *,
    today: datetime,
    chance: random.Random,
) -> Iterator[Event]:
    """What the cast tells of a person's certificate: the days of the year in which it is earned, and what came then."""
    opened = today - timedelta(days=YEAR)
    chosen = [modules[name] for name in credential["modules"]]
    days = (opened + timedelta(days=told["from"]), opened + timedelta(days=told["to"]))
    earned = list(study(person, chosen, begins=days[0], ends=days[1], chance=chance))
    yield from earned
    if "again" in told:
        begins = earned[-1].at + timedelta(days=told["again"])
        quizzes = [_quizzes(module) for module in chosen]
        yield from _rightly(study(person, quizzes, begins=begins, ends=begins + timedelta(AGAIN_DAYS), chance=chance))
    elif "revoked" in told:
        at = (today - timedelta(days=told["revoked"])).replace(hour=11, minute=20)
        yield Revoked(at, partner, person, credential["slug"], told["reason"])
    else:
        yield Judged(_ends(earned, credential) + timedelta(minutes=1), partner)


def _quizzes(module: ModuleOf) -> ModuleOf:
    return ModuleOf(module.name, tuple(lesson for lesson in module.lessons if lesson.quiz))


def _rightly(learned: Iterator[Learned]) -> Iterator[Learned]:
    """Without the tries that failed: whoever renews knows it."""
    return (event for event in learned if event.wrong < 2)


def _ends(earned: Sequence[Learned], credential: Mapping[str, Any]) -> datetime:
    """When a certificate ends that was earned while the credential's first rule was in force."""
    return shift_months(earned[-1].at, credential["at_first"]["valid_months"], ZoneInfo("UTC")).astimezone(UTC)
