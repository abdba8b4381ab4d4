"""/me: the caller, its standing, its training, its certificates, what happened to it."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from academy.api import certificates, standing
from academy.api.callers import caller_of, now_of, signed_in
from academy.api.lists import Cursor, Limit
from academy.api.operations import READING, says
from academy.api.schemas.activity import Fact, Facts
from academy.api.schemas.certificate import Certificates
from academy.api.schemas.person import Me, PartnerShort
from academy.api.schemas.standing import Preview, Standing
from academy.api.schemas.training import NextLesson, Taken, TakenList
from academy.api.schemas.values import LARGEST_CURSOR, State
from academy.core.errors import Refused, Text
from academy.core.pagination import page_of_all
from academy.journal.audiences import with_numbers
from academy.journal.queries import told_to
from academy.learning.progress import queries as progress
from academy.learning.progress.rules import percent
from academy.live.rules import Seen, frame
from academy.people.permissions.access import allow
from academy.people.permissions.rules import OWNER, Actor
from academy.web.public.certificate.page import paper_of

router = Router(tags=["Me"], auth=signed_in)

Amount = Annotated[str | None, Query(pattern=r"^\d{1,13}(\.\d{1,4})?$", examples=["12000.00"])]


@router.get("/me", response=Me, operation_id="me", summary="Who is asking", openapi_extra=says("person.see", *READING))
def me(request: HttpRequest) -> Me:
    """The person behind the session or token, with roles and partner."""
    caller = caller_of(request)
    actor = caller.actor
    allow(actor, "person.see", person_id=actor.person_id)
    at = caller.partner
    return Me(
        id=actor.person_id,
        email=caller.email,
        name=caller.name,
        roles=sorted(actor.roles) + ([actor.member_role] if actor.member_role else []),
        partner=PartnerShort(id=at.id, name=at.name, slug=at.slug, currency=at.currency, timezone=at.timezone)
        if at
        else None,
    )


@router.get(
    "/me/standing",
    response=Standing,
    operation_id="my_standing",
    summary="Where I stand",
    openapi_extra=says("standing.see", *READING),
)
def my_standing(request: HttpRequest) -> Standing:
    """Training of the person; tier, commission rate and next step of its partner."""
    return standing.standing(caller_of(request), now=now_of(request))


@router.get(
    "/me/standing/preview",
    response=Preview,
    operation_id="preview_standing",
    summary="Where I would stand",
    openapi_extra=says("standing.preview", *READING),
)
def preview_standing(
    request: HttpRequest,
    module: Annotated[
        list[UUID], Query(default_factory=list, max_length=100, description="Modules passed; repeat it for several.")
    ],
    certificate: Annotated[
        list[UUID],
        Query(default_factory=list, max_length=100, description="Credentials earned, by `credential.id`."),
    ],
    sales: Amount = None,
) -> Preview:
    """The same after these modules, credentials and sales, and the difference. Changes nothing.

    Sales are previewed only for who may see amounts.
    """
    return standing.preview(
        caller_of(request), modules=module, credentials=certificate, sales=sales, now=now_of(request)
    )


@router.get(
    "/me/training",
    response=TakenList,
    operation_id="my_training",
    summary="Courses I take",
    openapi_extra=says("training.see", *READING),
)
def my_training(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> TakenList:
    """Enrolments with their progress, last opened first."""
    actor = caller_of(request).actor
    allow(actor, "training.see", person_id=actor.person_id)
    cut = page_of_all(progress.taken_by(actor.person_id), cursor, limit, lambda one: str(one.course))
    return TakenList(items=[_taken(one) for one in cut.items], next=cut.next)


def _taken(one: progress.Taken) -> Taken:
    begun = one.last_opened_at is not None or one.done > 0
    state = State.COMPLETED if one.completed_at else State.IN_PROGRESS if begun else State.NOT_STARTED
    return Taken(
        course=one.course,
        slug=one.slug,
        title=one.title,
        state=state,
        percent=percent(one.done, one.required),
        lessons_done=one.done,
        lessons_total=one.required,
        minutes_left=one.minutes_left,
        enrolled_at=one.enrolled_at,
        last_opened_at=one.last_opened_at,
        completed_at=one.completed_at,
        due_on=one.due_on,
        next_lesson=NextLesson(id=one.next_lesson, title=one.next_title or "", kind=one.next_kind or "")
        if one.next_lesson
        else None,
        newer_lessons=one.newer_lessons,
    )


@router.get(
    "/me/certificates",
    response=Certificates,
    operation_id="my_certificates",
    summary="My certificates",
    openapi_extra=says("certificate.see", *READING),
)
def my_certificates(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Certificates:
    """Newest first, with those that ended."""
    actor = caller_of(request).actor
    allow(actor, "certificate.see", person_id=actor.person_id)
    return certificates.of_person(actor.person_id, cursor=cursor, limit=limit, now=now_of(request))


@router.get(
    "/me/certificates/{serial}/pdf",
    operation_id="my_certificate_paper",
    summary="A certificate on paper",
    openapi_extra=says("certificate.see", *READING, file="application/pdf"),
)
def my_certificate_paper(request: HttpRequest, serial: certificates.Serial) -> HttpResponse:
    """One's own certificate as a PDF; one that was revoked is not printed."""
    actor = caller_of(request).actor
    allow(actor, "certificate.see", person_id=actor.person_id)
    return paper_of(serial, actor.person_id)


@router.get(
    "/me/activity",
    response=Facts,
    operation_id="my_activity",
    summary="What happened",
    openapi_extra=says("activity.see", *READING),
)
def my_activity(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=LARGEST_CURSOR, description="A cursor of a standing, frame or fact.")] = 0,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$", description="`next` of the page before.")] = None,
    limit: Limit = 50,
) -> Facts:
    """Facts about the person and its partner after a cursor, oldest first, as the live stream tells them."""
    actor = caller_of(request).actor
    allow(actor, "activity.see", person_id=actor.person_id)
    if cursor is not None and after:
        raise Refused("Give after or cursor, not both.", fields={"cursor": Text("Leave one of the two out.")})
    rows = told_to(
        actor.person_id,
        partner=actor.partner_id,
        owner=actor.member_role == OWNER,
        after=int(cursor) if cursor is not None else after,
        limit=limit + 1,
    )
    facts = [_fact(Seen(*row), actor) for row in rows[:limit]]
    return Facts(items=facts, next=str(facts[-1].cursor) if len(rows) > limit else None)


def _fact(fact: Seen, actor: Actor) -> Fact:
    """A fact as the live stream would tell it to this actor as a member."""
    whole = with_numbers(fact.kind, fact.person, of=actor.person_id, owner=actor.member_role == OWNER)
    return Fact.model_validate_json(frame(fact, with_numbers=whole))
