"""Reading attempts. A day is a day in UTC: the same for everybody, whatever a device's clock or a profile says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from academy.learning.quizzes.models import Attempt


@dataclass(frozen=True, slots=True)
class Attempts:
    """A person's attempts at a quiz. The quiz is that of the open attempt, else of the edition taken."""

    quiz: dict[str, Any]
    revision: UUID
    open_attempt: UUID | None
    open_questions: Sequence[str]
    last_questions: Sequence[str]
    submitted_today: int


def attempts(person: UUID, lesson: UUID, revision: UUID | None, now: datetime) -> Attempts:
    """What opening an attempt has to know; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select r.quiz, r.id, o.id, coalesce(o.questions, '{}'), coalesce(
                       (select a.questions from learning_attempt a
                         where a.person_id = %(person)s and a.lesson_id = %(lesson)s and a.submitted_at is not null
                         order by a.submitted_at desc limit 1), '{}'),
                   (select count(*) from learning_attempt a where a.person_id = %(person)s
                       and a.lesson_id = %(lesson)s and a.submitted_at >= %(today)s)
              from (select 1) one
              left join learning_attempt o
                     on o.person_id = %(person)s and o.lesson_id = %(lesson)s and o.submitted_at is null
              join learning_revision r on r.id = coalesce(o.revision_id, %(revision)s)
            """,
            {"person": person, "lesson": lesson, "revision": revision, "today": _today(now)},
        )
        row = cursor.fetchone()
    return Attempts(json.loads(row[0]), *row[1:])


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked in one attempt."""

    questions: Sequence[str]
    submitted: bool
    quiz: dict[str, Any]


def asked(person: UUID, lesson: UUID, attempt: UUID) -> Asked | None:
    """An attempt of this person at this quiz."""
    row = (
        Attempt.objects.filter(id=attempt, person_id=person, lesson_id=lesson)
        .values_list("questions", "submitted_at", "revision__quiz")
        .first()
    )
    return Asked(row[0], row[1] is not None, row[2] or {}) if row else None


def submitted_today(person: UUID, lesson: UUID, now: datetime) -> int:
    """How many attempts were handed in since midnight UTC."""
    return Attempt.objects.filter(person_id=person, lesson_id=lesson, submitted_at__gte=_today(now)).count()


def last_attempt(person: UUID, lesson: UUID) -> Attempt | None:
    """The attempt handed in last, with its revision."""
    return (
        Attempt.objects.filter(person_id=person, lesson_id=lesson, submitted_at__isnull=False)
        .select_related("revision")
        .order_by("-submitted_at")
        .first()
    )


def _today(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
