"""/lessons: progress, as devices report it."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.instants import in_utc
from academy.api.operations import WRITING, says
from academy.api.schemas.training import Report, Saved
from academy.api.schemas.values import State
from academy.learning.progress import actions

router = Router(tags=["Learning"], auth=signed_in)

LessonId = Annotated[UUID, Path(alias="id", description="Of a lesson; a course lists them.")]


@router.put(
    "/lessons/{id}/progress",
    response=Saved,
    operation_id="save_progress",
    summary="Report progress with a lesson",
    openapi_extra=says("lesson.progress", *WRITING),
)
def save_progress(request: HttpRequest, lesson_id: LessonId, payload: Report) -> Saved:
    """Takes reports in any order and any number of times; enrols in the lesson's course where that is missing.

    Of each play the highest total counts, at most the wall time it can have taken. Plays are added up: all of a person
    together take no more time than has passed, and none began before its course was chosen. The position that was true
    last wins. A completion stays, whatever is reported later; quizzes are completed by passing.
    """
    report = actions.Report(
        position=payload.position,
        anchor=payload.anchor,
        play=payload.play,
        seconds=payload.seconds,
        completed=payload.completed,
        occurred_at=in_utc(payload.occurred_at, field="occurred_at") if payload.occurred_at else None,
    )
    saved = actions.save_progress(caller_of(request).actor, lesson_id, report, now=now_of(request))
    return Saved(
        lesson=State(saved.lesson), module=State(saved.module), course=State(saved.course), cursor=saved.cursor
    )
