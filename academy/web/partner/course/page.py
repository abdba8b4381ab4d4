"""One course: what it brings, what it counts for, and where one is in it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from academy.core.errors import NotFound
from academy.learning.outlines.queries import ModuleLine, Outline, outline
from academy.learning.progress.actions import enrol, take_newer_edition
from academy.learning.progress.rules import DONE, State, percent
from academy.learning.sittings.queries import files_of_course
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, ranks
from academy.web import formats, sentences
from academy.web.middleware import signed_in
from academy.web.partner.outlook import monthly
from academy.web.partner.standing import up_to_date
from academy.web.partner.training import words
from academy.web.partner.training.worth import Worth, on_a_round_deal
from academy.web.requests import PersonRequest
from academy.web.templates import page, url


def course_or_404(request: PersonRequest, slug: str) -> Outline:
    """The course at an address, as this person sees it. Raises NotFound."""
    found = outline(request.actor.person_id, slug)
    if found is None:
        raise NotFound
    return found


@signed_in
def course(request: PersonRequest, slug: str) -> HttpResponse:
    """The course's page."""
    found, stands = course_or_404(request, slug), up_to_date(request)

    def context() -> dict[str, Any]:
        ahead = prospects(stands, request.actor.person_id, request.now) if stands else None
        worth = Worth(ahead, _sees(request, ahead.stands)) if ahead else None
        return {
            "course": found,
            "meta": _meta(found),
            "level": words.level_name(found.level),
            "skills": [words.tag_name(skill) for skill in found.skills],
            "progress": percent(found.done, found.required),
            "go": _go(found),
            "counts": _counts(request, found, ahead),
            "files": files_of_course(request.actor.person_id, found.course),
            "modules": [_module(one, found, stands, worth) for one in found.modules],
        }

    return page(request, "partner/course/page.html", context, parts={"intro": "intro", "modules": "modules"})


def _meta(found: Outline) -> str:
    lessons = len(found.lessons)
    parts = [
        _("Course"),
        words.level_name(found.level),
        ngettext("%(count)d module", "%(count)d modules", len(found.modules)) % {"count": len(found.modules)},
        ngettext("%(count)d lesson", "%(count)d lessons", lessons) % {"count": lessons},
        formats.minutes(found.minutes),
    ]
    return " · ".join(part for part in parts if part)


def _go(found: Outline) -> dict[str, Any] | None:
    """The one button: start, continue, or nothing while it is locked or when it is finished."""
    upcoming = found.next_lesson()
    if found.locked_by is not None or upcoming is None:
        return None
    return {
        "label": words.step_action(upcoming.kind, begun=found.begun),
        "href": words.lesson_address(upcoming.id, upcoming.kind),
        "enrols": not found.enrolled,
        "title": upcoming.title,
        "minutes": upcoming.minutes,
    }


def _counts(request: PersonRequest, found: Outline, ahead: Prospects | None) -> dict[str, Any]:
    """What the course counts for: core modules, certificates, and what finishing it would change."""
    if ahead is None:
        return {"lines": [], "sum": [], "basis": ""}
    stands = ahead.stands
    mine = {str(module.id) for module in found.modules}
    core = len(mine & stands.plan.core)
    lines = []
    if core:
        lines.append(ngettext("%(count)d core module", "%(count)d core modules", core) % {"count": core})
    for credential in sorted(ahead.credentials.values(), key=lambda one: one.title):
        asked = credential.rule.modules() & mine
        if asked:
            lines.append(_for_certificate(credential.title, len(asked), len(credential.rule.modules())))
    missing = [str(one.id) for one in found.modules if one.state is not State.PASSED]
    return {"lines": lines, **_effect(ahead, missing, sees_amounts=_sees(request, stands))}


def _sees(request: PersonRequest, stands: Stands) -> bool:
    return may(request.actor, "amounts.see", partner_id=stands.partner)


def _for_certificate(title: str, asked: int, needed: int) -> str:
    if asked == needed:
        return _("everything for the certificate %(title)s") % {"title": title}
    return ngettext(
        "%(count)d of %(all)d modules for %(title)s", "%(count)d of %(all)d modules for %(title)s", asked
    ) % {"count": asked, "all": needed, "title": title}


def _effect(ahead: Prospects, missing: list[str], *, sees_amounts: bool) -> dict[str, Any]:
    """What passing the rest of the course would change now, by the rules that judge the real thing."""
    lines: list[dict[str, Any]] = []
    if not missing:
        return {"sum": lines, "basis": ""}
    found, then = ahead.stands, ahead.after(modules=missing)
    now = found.rate().basis_points
    if ranks(found.plan, then.held)[Part.TIER] > ranks(found.plan, found.held)[Part.TIER]:
        tiers = [sentences.tier_name(found.plan, slug) for slug in (found.held.tier, then.held.tier)]
        lines.append({"label": _("Tier"), "value": " → ".join(tiers)})
    if then.basis_points != now:
        rates = [formats.percent(one) for one in (now, then.basis_points)]
        lines.append({"label": _("Rate"), "value": " → ".join(rates)})
    if sees_amounts and then.monthly > 0:
        amount = formats.money(then.monthly, found.currency, whole=True, signed=True)
        lines.append({"label": _("About, a month"), "value": amount, "kind": "total"})
    elif sees_amounts and then.basis_points > now:
        lines.append({"label": on_a_round_deal(ahead, then), "value": ""})
    return {"sum": lines, "basis": monthly(ahead, then.monthly) if sees_amounts and lines else ""}


def _module(one: ModuleLine, found: Outline, stands: Stands | None, worth: Worth | None) -> dict[str, Any]:
    locked = found.locked_by is not None
    return {
        "slug": one.slug,
        "title": one.title,
        "summary": one.summary,
        "minutes": one.minutes,
        "core": bool(stands and str(one.id) in stands.plan.core),
        "chip": words.state_chip(one.state),
        "done": one.state in DONE,
        "worth": worth.of([str(one.id)]) if worth and one.state is not State.PASSED else "",
        "steps": [
            {
                "title": lesson.title,
                "url": words.lesson_address(lesson.id, lesson.kind),
                "minutes": lesson.minutes,
                "state": words.tick(lesson.state, locked=locked),
                "kind": words.lesson_kind(lesson.kind),
                "optional": lesson.optional,
            }
            for lesson in one.lessons
        ],
    }


@signed_in
@require_POST
def start(request: PersonRequest, slug: str) -> HttpResponse:
    """Enrol, and go to the first lesson."""
    found = course_or_404(request, slug)
    enrol(request.actor, found.course, now=request.now)
    upcoming = found.next_lesson()
    if upcoming is None or found.locked_by is not None:
        return HttpResponseRedirect(url("course", slug))
    return HttpResponseRedirect(words.lesson_address(upcoming.id, upcoming.kind))


@signed_in
@require_POST
def newer(request: PersonRequest, slug: str) -> HttpResponse:
    """Move to the newest edition. What is done stays done."""
    found: UUID = course_or_404(request, slug).course
    take_newer_edition(request.actor, found, now=request.now)
    messages.success(request, _("You are on the newest version now. What you had finished stays finished."))
    return HttpResponseRedirect(url("course", slug))


urlpatterns = [
    path("courses/<slug:slug>/", course, name="course"),
    path("courses/<slug:slug>/start/", start, name="course-start"),
    path("courses/<slug:slug>/newer/", newer, name="course-newer"),
]
