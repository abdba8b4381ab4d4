"""/courses: one course as the caller sees it, and enrolling in it."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.once import once
from academy.api.operations import READING, says
from academy.api.schemas.catalogue import Course, ItemKind, Lesson, LessonKind, Level, Locked, Module
from academy.api.schemas.training import Enrolment
from academy.api.schemas.values import SLUG, State
from academy.core.errors import NotFound
from academy.learning.outlines.queries import LessonLine, ModuleLine, Outline, outline
from academy.learning.progress.actions import enrol
from academy.learning.progress.rules import course_state
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.standing.queries import stands

router = Router(tags=["Catalogue"], auth=signed_in)

CourseSlug = Annotated[str, Path(pattern=SLUG, max_length=120, examples=["discovery-that-finds-the-money"])]


@router.get(
    "/courses/{slug}",
    response=Course,
    operation_id="course",
    summary="A course",
    openapi_extra=says("catalogue.see", 401, 403, 404),
)
def course(request: HttpRequest, slug: CourseSlug) -> Course:
    """Modules and lessons with the caller's state, in the edition that the caller takes, else the newest."""
    actor = caller_of(request).actor
    allow(actor, "catalogue.see")
    it = _outline(actor, slug)
    found = stands(actor.partner_id) if actor.partner_id else None
    core = found.plan.core if found else frozenset[str]()
    return Course(
        id=it.course,
        kind=ItemKind.COURSE,
        slug=it.slug,
        title=it.title,
        summary=it.summary,
        minutes=it.minutes,
        level=Level(it.level) if it.level else None,
        skills=list(it.skills),
        tags=list(it.tags),
        outcome=it.outcome,
        takeaway=it.takeaway,
        state=_state(it),
        enrolled=it.enrolled,
        locked_by=Locked(slug=it.locked_by[0], title=it.locked_by[1]) if it.locked_by else None,
        newer_lessons=it.newer_lessons,
        modules=[_module(module, core) for module in it.modules],
    )


def _outline(actor: Actor, slug: str) -> Outline:
    found = outline(actor.person_id, slug)
    if found is None:
        raise NotFound("There is no such course.")
    return found


def _state(it: Outline) -> State:
    return State(course_state(completed=it.completed, modules=[module.state for module in it.modules]))


def _module(module: ModuleLine, core: frozenset[str]) -> Module:
    return Module(
        id=module.id,
        slug=module.slug,
        title=module.title,
        core=str(module.id) in core,
        state=State(module.state),
        lessons=[_lesson(lesson) for lesson in module.lessons],
    )


def _lesson(lesson: LessonLine) -> Lesson:
    return Lesson(
        id=lesson.id,
        kind=LessonKind(lesson.kind),
        title=lesson.title,
        minutes=lesson.minutes,
        optional=lesson.optional,
        state=State(lesson.state),
    )


@router.post(
    "/courses/{slug}/enrolment",
    response={200: Enrolment, 201: Enrolment},
    operation_id="enrol",
    summary="Enrol in a course",
    openapi_extra=says("course.enrol", *READING, 409, idempotent=True),
)
def enrol_in(request: HttpRequest, slug: CourseSlug) -> Status[Any]:
    """201 when this is new; repeated, 200 and the same. Takes the newest edition, and stays on it until asked."""
    caller, now = caller_of(request), now_of(request)

    def act() -> tuple[int, Enrolment]:
        allow(caller.actor, "course.enrol", person_id=caller.actor.person_id)
        it = _outline(caller.actor, slug)
        is_new = enrol(caller.actor, it.course, now=now)
        return (201 if is_new else 200), Enrolment(
            course=it.course,
            slug=it.slug,
            title=it.title,
            state=_state(it),
        )

    return once(request, act)
