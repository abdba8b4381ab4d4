"""The player: read, watch, take along, and go on."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from markupsafe import Markup

from academy.core.errors import NotFound
from academy.journal.queries import head, what_followed
from academy.learning.outlines.queries import LessonLine, Outline
from academy.learning.progress.actions import Report, save_progress
from academy.learning.sittings.queries import Sitting, content, file_of, sitting
from academy.learning.sittings.rules import asked_part, is_film, marked, picture_hosts
from academy.web.middleware import HEADERS, signed_in
from academy.web.partner.lesson.frame import frame, outline_or_404
from academy.web.partner.standing import up_to_date
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import page, url

PARTS = {"course-progress": "outline_progress", "outline-list": "outline", "lesson-state": "state"}


@signed_in
def lesson(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """A lesson in the edition one takes. A quiz has a page of its own; a locked course says what opens it."""
    found = outline_or_404(request, lesson_id)
    here = sitting(request.actor.person_id, lesson_id)
    if here is None:
        raise NotFound
    if here.kind == "quiz":
        return HttpResponseRedirect(url("quiz", lesson_id))
    if found.locked_by is not None:
        return HttpResponseRedirect(url("course", found.slug))
    stands = up_to_date(request)
    core = stands.plan.core if stands else frozenset()
    response = page(request, "partner/lesson/page.html", lambda: _context(found, here, core), parts=PARTS)
    response.headers["Content-Security-Policy"] = _policy(here)
    return response


def _context(found: Outline, here: Sitting, core: frozenset[str]) -> dict[str, Any]:
    module = found.module_of(here.lesson)
    before, after = found.around(here.lesson)
    number = [one.id for one in found.lessons].index(here.lesson) + 1
    return {
        **frame(found, here.lesson),
        "lesson": here,
        "meta": _meta(here, number, core=module is not None and str(module.id) in core),
        "html": Markup(_text(here)),  # noqa: S704 - rendered and cleaned when it was published
        "resumes": _resumes(here),
        "film": _film(here),
        "files": [file for file in here.files if here.kind != "video" or not file.is_film],
        "host": urlsplit(here.url).hostname or "",
        "back": _neighbour(before) if before else None,
        "next": _neighbour(after) if after else None,
        "report_to": f"/api/v1/lessons/{here.lesson}/progress",
    }


def _film(here: Sitting) -> str:
    """The address of a film that is played in the page: one of our own files, or one that stands elsewhere."""
    if here.kind != "video":
        return ""
    own = next((file for file in here.files if file.is_film), None)
    if own is not None:
        return url("file", own.id, own.name)
    return here.url if is_film(here.url) else ""


def _meta(here: Sitting, number: int, *, core: bool) -> str:
    parts = [_("Lesson %(number)d") % {"number": number}]
    if here.kind != "article":
        parts.append(words.lesson_kind(here.kind))
    parts.append(_("%(minutes)d minutes") % {"minutes": here.minutes} if here.minutes != 1 else _("1 minute"))
    if core:
        parts.append(_("core"))
    if here.optional:
        parts.append(_("optional"))
    return " · ".join(parts)


def _resumes(here: Sitting) -> bool:
    """Whether somebody was in the middle of it."""
    return not here.is_done and bool(here.anchor) and 0.03 < here.position < 0.97


def _text(here: Sitting) -> str:
    return marked(here.html, here.anchor, _("You were here")) if _resumes(here) else here.html


def _neighbour(one: LessonLine) -> dict[str, str]:
    return {"title": one.title, "href": words.lesson_address(one.id, one.kind)}


def _policy(here: Sitting) -> str:
    """The house's policy, wider by the origins from which this lesson shows a film or pictures."""
    policy = HEADERS["Content-Security-Policy"]
    if is_film(here.url):
        parts = urlsplit(here.url)
        policy += f"; media-src 'self' {parts.scheme}://{parts.netloc}"
    if hosts := picture_hosts(here.html):
        policy = policy.replace("img-src 'self' data:", f"img-src 'self' data: {' '.join(hosts)}")
    return policy


@signed_in
@require_POST
def complete(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """Finish a lesson and go on: to what it brought, where it brought something, else to the next lesson."""
    after = head()
    save_progress(request.actor, lesson_id, Report(position=1, completed=True), now=request.now)
    found = outline_or_404(request, lesson_id)
    followed = what_followed(
        request.actor.person_id, request.actor.partner_id, lesson_id, ["lesson.completed"], after=after
    )
    upcoming = found.around(lesson_id)[1] or found.upcoming(lesson_id)
    if len(followed) > 1 or upcoming is None:
        return HttpResponseRedirect(f"{url('lesson-done', lesson_id)}?after={after}")
    return HttpResponseRedirect(words.lesson_address(upcoming.id, upcoming.kind))


@signed_in
def file(request: PersonRequest, file_id: UUID, name: str) -> HttpResponse:
    """A file to take along, always as a download: what others wrote is never shown as a page of ours."""
    found = file_of(request.actor.person_id, file_id)
    if found is None or found.name != name:
        raise NotFound
    headers = {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=found.name) or "attachment",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=3600",
    }
    if not found.is_film:
        return HttpResponse(content(found), content_type=found.media_type, headers=headers)
    part = asked_part(request.headers.get("Range", ""), found.size)
    headers |= {"Accept-Ranges": "bytes"}
    if part is None:
        return HttpResponse(content(found), content_type=found.media_type, headers=headers)
    if not part:
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{found.size}"})
    headers |= {"Content-Range": f"bytes {part.start}-{part.stop - 1}/{found.size}"}
    return HttpResponse(content(found, part), status=206, content_type=found.media_type, headers=headers)


urlpatterns = [
    path("lessons/<uuid:lesson_id>/", lesson, name="lesson"),
    path("lessons/<uuid:lesson_id>/complete/", complete, name="lesson-complete"),
    path("files/<uuid:file_id>/<str:name>", file, name="file"),
]
