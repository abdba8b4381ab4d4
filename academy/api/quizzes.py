"""/quizzes: opening an attempt, handing it in."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.once import once
from academy.api.operations import WRITING, says
from academy.api.schemas.quiz import Answers, Attempt, Choice, Explained, Passage, Question, Scored
from academy.api.schemas.values import State
from academy.learning.quizzes import actions, rules

router = Router(tags=["Learning"], auth=signed_in)

QuizId = Annotated[UUID, Path(description="Of a lesson of kind quiz.")]


@router.get(
    "/quizzes/{lesson_id}",
    response=Attempt,
    operation_id="open_attempt",
    summary="The questions of an attempt",
    openapi_extra=says("quiz.attempt", 401, 403, 404, 409, 422),
)
def open_attempt(request: HttpRequest, lesson_id: QuizId) -> Attempt:
    """Questions drawn for this attempt, without answers. Repeated, the same attempt until it is handed in."""
    opened = actions.open_attempt(caller_of(request).actor, lesson_id, now=now_of(request))
    return Attempt(
        attempt=opened.attempt,
        attempts_left=opened.attempts_left,
        needed=opened.quiz.needed(),
        questions=[_asked(question) for question in opened.questions],
    )


def _asked(question: rules.Question) -> Question:
    return Question(
        id=question.id,
        multiple=question.multiple,
        text=question.text,
        html=question.html,
        choices=[Choice(id=one.id, text=one.text, html=one.html) for one in question.choices],
    )


@router.post(
    "/quizzes/{lesson_id}/attempts",
    response=Scored,
    exclude_unset=True,
    operation_id="submit_attempt",
    summary="Hand in an attempt",
    openapi_extra=says("quiz.attempt", *WRITING, idempotent=True),
)
def submit_attempt(request: HttpRequest, lesson_id: QuizId, payload: Answers) -> Status[Any]:
    """Scores the attempt. Passing is the proof that tier and rate rest on; what follows has happened by the answer."""

    def act() -> tuple[int, Scored]:
        answered = actions.submit_attempt(
            caller_of(request).actor, lesson_id, payload.attempt, payload.answers, now=now_of(request)
        )
        return 200, _scored(answered)

    return once(request, act)


def _scored(answered: actions.Answered) -> Scored:
    saved = answered.saved
    told = Scored(
        score=answered.scored.percent,
        passed=answered.scored.passed,
        attempts_left=answered.attempts_left,
        lesson=State(saved.lesson),
        module=State(saved.module),
        course=State(saved.course),
        cursor=saved.cursor,
    )
    if answered.shows_explanations:
        told.questions = [
            _explained(answered.quiz.question(question), correct=correct)
            for question, correct in answered.scored.right.items()
        ]
    return told


def _explained(question: rules.Question, *, correct: bool) -> Explained:
    at = question.passage
    return Explained(
        id=question.id,
        correct=correct,
        explanation=question.explanation,
        right=sorted(question.right()),
        passage=Passage(lesson=at.lesson, title=at.title, anchor=at.anchor) if at else None,
    )
