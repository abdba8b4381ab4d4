"""/me/notices: the inbox; /mail/returns: what a mail provider tells of mail that came back."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from academy.api.callers import caller_of, now_of, signed_in
from academy.api.lists import Cursor, Limit
from academy.api.once import once
from academy.api.operations import READING, WRITING, says
from academy.api.schemas.notice import Notice, Notices, Reading, ReturnGiven, ReturnKept, Unread
from academy.notifications.notices import actions
from academy.notifications.notices.queries import Line, inbox, unread_of
from academy.notifications.returns.actions import report_return

router = Router(auth=signed_in)


@router.get(
    "/me/notices",
    response=Notices,
    operation_id="my_notices",
    summary="What I was told",
    tags=["Me"],
    openapi_extra=says("notice.see", *READING),
)
def my_notices(
    request: HttpRequest,
    unread: Annotated[bool, Query(description="Only what is not read yet.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Notices:
    """One's inbox, newest first, in one's own language."""
    cut = inbox(caller_of(request).actor, cursor=cursor, limit=limit, unread=unread)
    return Notices(items=[_notice(line) for line in cut.items], next=cut.next)


def _notice(line: Line) -> Notice:
    told, words = line.told, line.words
    return Notice(
        id=told.id,
        kind=told.kind,
        title=words.title,
        sentence=words.sentence,
        url=told.url,
        partner=told.partner,
        created_at=told.created_at,
        read_at=told.read_at,
    )


@router.post(
    "/me/notices/read",
    response={200: Unread},
    operation_id="read_notices",
    summary="Mark notices as read",
    tags=["Me"],
    openapi_extra=says("notice.read", *WRITING, idempotent=True),
)
def read_notices(request: HttpRequest, payload: Reading) -> Status[Any]:
    """Some of one's notices, or all. Repeating it changes nothing."""
    by = caller_of(request).actor

    def act() -> tuple[int, Unread]:
        actions.mark_read(by, payload.ids, now=now_of(request))
        return 200, Unread(unread=unread_of(by.person_id))

    return once(request, act)


@router.post(
    "/mail/returns",
    response={200: ReturnKept},
    operation_id="report_return",
    summary="Mail came back",
    tags=["Mail"],
    openapi_extra=says("mail.report", *WRITING, idempotent=True),
)
def report_return_(request: HttpRequest, payload: ReturnGiven) -> Status[Any]:
    """For a mail provider's webhook, with an administrator's token: mail to this address came back for good."""

    def act() -> tuple[int, ReturnKept]:
        by = caller_of(request).actor
        return 200, ReturnKept(address=report_return(by, payload.address, reason=payload.reason, now=now_of(request)))

    return once(request, act)
