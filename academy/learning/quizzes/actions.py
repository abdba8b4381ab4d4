"""Taking a quiz: opening an attempt, answering it. A passed quiz is the proof that everything paid rests on."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from academy.core.errors import Conflict, NotFound, Refused, Text
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.learning.progress.actions import Saved, check_claim, enrol, open_place, saved
from academy.learning.progress.queries import Place
from academy.learning.quizzes import queries, rules
from academy.people.partners.actions import lock_learner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor


@dataclass(frozen=True, slots=True)
class Opened:
    """An attempt under way and the quiz it belongs to."""

    attempt: UUID
    quiz: rules.Quiz
    questions: tuple[rules.Question, ...]
    attempts_left: int


@dataclass(frozen=True, slots=True)
class Answered:
    """How an attempt went."""

    attempt: UUID
    quiz: rules.Quiz
    scored: rules.Scored
    attempts_left: int
    saved: Saved

    @property
    def shows_explanations(self) -> bool:
        """Whether the right answers may be told."""
        return rules.shows_explanations(passed=self.scored.passed, left=self.attempts_left)


@action
def open_attempt(actor: Actor, lesson: UUID, *, now: datetime) -> Opened:
    """The attempt that is open, or a new one with newly drawn questions.

    Raises NotFound, or Conflict while prerequisites are open or when the day's attempts are used up.
    """
    allow(actor, "quiz.attempt", person_id=actor.person_id)
    lock_learner(actor, now)
    place = _quiz_place(actor, lesson)
    if not place.enrolled:
        enrol(actor, place.course, now=now)
    standing = queries.attempts(actor.person_id, lesson, place.revision, now)
    quiz = rules.parse_quiz(standing.quiz)
    left = rules.attempts_left(quiz, standing.submitted_today)
    if standing.open_attempt is not None:
        drawn = standing.open_questions
        return Opened(standing.open_attempt, quiz, tuple(quiz.question(q) for q in drawn), left)
    if left == 0:
        raise Conflict(
            "Today's attempts are used up. Read the explanations and try again tomorrow.", code="no_attempts"
        )
    attempt = uuid7()
    drawn = rules.draw(quiz, seed=str(attempt), seen_before=standing.last_questions)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into learning_attempt (id, person_id, lesson_id, revision_id, questions, opened_at)"
            " values (%s, %s, %s, %s, %s, %s)",
            [attempt, actor.person_id, lesson, standing.revision, drawn, now],
        )
        cursor.execute(
            "insert into learning_lessonprogress as lp (person_id, lesson_id, position, anchor, seconds, opened_at)"
            " values (%s, %s, 0, '', 0, %s) on conflict (person_id, lesson_id)"
            " do update set opened_at = least(lp.opened_at, excluded.opened_at)",
            [actor.person_id, lesson, now],
        )
    return Opened(attempt, quiz, tuple(quiz.question(q) for q in drawn), left)


@action
def submit_attempt(
    actor: Actor,
    lesson: UUID,
    attempt: UUID,
    answers: Mapping[str, Sequence[str]],
    *,
    now: datetime,
    occurred_at: datetime | None = None,
) -> Answered:
    """Score an open attempt. Passing records `quiz.passed`, and what follows follows.

    Raises NotFound, Refused for answers to questions that were not asked and times that cannot be, Conflict when it
    was submitted already.
    """
    allow(actor, "quiz.attempt", person_id=actor.person_id)
    check_claim(occurred_at, now)
    at = lock_learner(actor, now)
    place = _quiz_place(actor, lesson)
    asked = queries.asked(actor.person_id, lesson, attempt)
    if asked is None:
        raise NotFound("There is no such attempt of yours.")
    if asked.submitted:
        raise Conflict("This attempt was handed in already. Open a new one.", code="submitted")
    quiz = rules.parse_quiz(asked.quiz)
    if wrong := rules.unknown_answers(quiz, asked.questions, answers):
        raise Refused(
            Text("“%(wrong)s” was not asked in this attempt.", wrong=wrong[:40]),
            fields={"answers": Text("Not asked here.")},
        )
    scored = rules.score(quiz, asked.questions, answers)
    _write(attempt, answers, scored, now)
    _mark(actor.person_id, lesson, passed=scored.passed, at=at)
    if scored.passed:
        record(
            "quiz.passed",
            partner=actor.partner_id,
            person=actor.person_id,
            thing=Thing("lesson", lesson),
            at=at,
            now=now,
            occurred_at=occurred_at,
            numbers={"module": str(place.module), "course": str(place.course), "score": scored.percent},
            key=f"quiz.passed:{attempt}",
        )
    left = rules.attempts_left(quiz, queries.submitted_today(actor.person_id, lesson, now))
    return Answered(attempt, quiz, scored, left, saved(actor.person_id, place))


def _quiz_place(actor: Actor, lesson: UUID) -> Place:
    place = open_place(actor.person_id, lesson)
    if place.kind != "quiz":
        raise NotFound("This lesson is not a quiz.")
    return place


def _write(attempt: UUID, answers: Mapping[str, Sequence[str]], scored: rules.Scored, now: datetime) -> None:
    kept = {question: list(chosen) for question, chosen in answers.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "update learning_attempt set answers = %s, submitted_at = %s, score = %s, passed = %s where id = %s",
            [json.dumps(kept), now, scored.percent, scored.passed, attempt],
        )


def _mark(person: UUID, lesson: UUID, *, passed: bool, at: datetime) -> None:
    """A pass completes the lesson for good; a failure shows only until a pass."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            insert into learning_lessonprogress as lp
                   (person_id, lesson_id, position, anchor, seconds, opened_at, completed_at, passed_at, failed_at)
            values (%(person)s, %(lesson)s, 1, '', 0, %(at)s, %(passed)s, %(passed)s, %(failed)s)
            on conflict (person_id, lesson_id) do update set
                position = 1,
                completed_at = coalesce(lp.completed_at, excluded.completed_at),
                passed_at = coalesce(lp.passed_at, excluded.passed_at),
                failed_at = case when coalesce(lp.passed_at, excluded.passed_at) is null then excluded.failed_at end
            """,
            {
                "person": person,
                "lesson": lesson,
                "at": at,
                "passed": at if passed else None,
                "failed": None if passed else at,
            },
        )
