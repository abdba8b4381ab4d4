"""What a finished lesson or quiz brought: the fact, its effect, and what is next. Only what the journal confirms."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.journal.queries import Followed, what_followed
from academy.learning.outlines.queries import Outline
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.standing.queries import Stands
from academy.recognition.certificates.queries import of_person
from academy.web import activity_words, formats, sentences, steps
from academy.web.middleware import signed_in
from academy.web.partner.lesson.frame import frame, outline_or_404
from academy.web.partner.outlook import next_view
from academy.web.partner.standing import TONES, rate_lines, up_to_date
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import render, url

DEEDS = ("lesson.completed", "quiz.passed")


@signed_in
def finish(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """The page after a lesson or quiz. `?after=` is the journal's cursor before it; what stands behind it is shown."""
    found = outline_or_404(request, lesson_id)
    after = request.GET.get("after", "")
    facts = what_followed(
        request.actor.person_id,
        request.actor.partner_id,
        lesson_id,
        DEEDS,
        after=int(after) if after.isdigit() and len(after) < 19 else 0,
    )
    if not facts:  # nothing is confirmed: there is nothing to show
        return HttpResponseRedirect(url("lesson", lesson_id))
    stands = up_to_date(request)
    return render(request, "partner/finish/page.html", **_context(request, found, facts, stands, lesson_id))


def _context(
    request: PersonRequest, found: Outline, facts: Sequence[Followed], stands: Stands | None, lesson: UUID
) -> dict[str, Any]:
    person = request.actor.person_id
    ahead = prospects(stands, person, request.now) if stands else None
    tier, rate = _first(facts, "tier.changed"), _first(facts, "rate.changed")
    return {
        **frame(found, lesson, live=False),
        "headline": _headline(facts, stands),
        "facts": _facts(facts, found, lesson),
        "risen": _risen(tier, stands),
        "rate": _rate(rate, stands),
        "scope": request.partner.name if request.partner else "",
        "certificates": _certificates(request, facts),
        "towards": _towards(ahead, facts) if ahead and not rate and not tier else [],
        "left": _left(facts, found, lesson),
        "next": _next(request, found, lesson, ahead),
        "quiz_result": url("quiz-result", lesson) if facts[0].kind == "quiz.passed" else "",
    }


def _first(facts: Sequence[Followed], kind: str) -> Followed | None:
    return next((fact for fact in facts if fact.kind == kind), None)


def _headline(facts: Sequence[Followed], stands: Stands | None) -> str:
    """The largest thing that happened, in the fewest words."""
    if (tier := _first(facts, "tier.changed")) and stands:
        return _("You are %(tier)s") % {"tier": sentences.tier_name(stands.plan, tier.numbers["to"])}
    if rate := _first(facts, "rate.changed"):
        return _("Your rate is %(rate)s now") % {"rate": formats.percent(rate.numbers["to"])}
    if _first(facts, "certificate.issued"):
        return _("Certificate earned")
    if _first(facts, "course.completed"):
        return _("Course completed")
    if module := _first(facts, "module.completed"):
        return _("Module passed") if module.numbers["passed"] else _("Module completed")
    if facts[0].kind == "quiz.passed":
        return _("Passed with %(score)d%%") % {"score": facts[0].numbers["score"]}
    return _("Lesson finished")


def _facts(facts: Sequence[Followed], found: Outline, lesson: UUID) -> list[str]:
    """What was done, a line each, as the activity tells it."""
    titles = {one.id: one.title for one in found.lessons} | {one.id: one.title for one in found.modules}
    titles |= {found.course: found.title}
    kinds = (*DEEDS, "module.completed", "course.completed")
    return [
        activity_words.activity(fact.kind, fact.numbers, titles.get(fact.thing, ""), None) if fact.thing else ""
        for fact in facts
        if fact.kind in kinds
    ]


def _left(facts: Sequence[Followed], found: Outline, lesson: UUID) -> str:
    """What a passed quiz still waits for before its module counts; empty when nothing, or when no quiz was taken."""
    module = found.module_of(lesson)
    if facts[0].kind != "quiz.passed" or module is None or (waits := module.waits_for()) == 0:
        return ""
    return ngettext(
        "%(count)d lesson of “%(module)s” is left, %(minutes)s. Then the module counts.",
        "%(count)d lessons of “%(module)s” are left, %(minutes)s. Then the module counts.",
        waits,
    ) % {"count": waits, "module": module.title, "minutes": formats.minutes(module.minutes_left)}


def _risen(tier: Followed | None, stands: Stands | None) -> dict[str, Any] | None:
    """A new tier, which stays on the page."""
    if tier is None or stands is None:
        return None
    plan, slugs = stands.plan, [one.slug for one in stands.plan.tiers]
    rank = slugs.index(tier.numbers["to"]) if tier.numbers["to"] in slugs else 0
    return {
        "old": sentences.tier_name(plan, tier.numbers["from"]),
        "new": sentences.tier_name(plan, tier.numbers["to"]),
        "tone": TONES[rank] if rank < len(TONES) else "plain",
        "cause": sentences.why_tier(tier.numbers["cause"]),
        "since": formats.day(tier.effective_at),
        "safe_until": stands.safe_until if stands.held.tier == tier.numbers["to"] else None,
    }


def _rate(rate: Followed | None, stands: Stands | None) -> dict[str, Any] | None:
    """The rate as a bridge from old to new, with its steps while it is still the rate of today."""
    if rate is None:
        return None
    current = stands is not None and stands.rate().basis_points == rate.numbers["to"]
    return {
        "old": rate.numbers["from"],
        "new": rate.numbers["to"],
        "cause": sentences.causes(rate.numbers),
        "since": formats.day(rate.effective_at),
        "steps": rate_lines(stands) if stands and current else [],
    }


def _certificates(request: PersonRequest, facts: Sequence[Followed]) -> list[dict[str, Any]]:
    serials = [str(fact.numbers["serial"]) for fact in facts if fact.kind == "certificate.issued"]
    if not serials:
        return []
    issued = {one.serial: one for one in of_person(request.actor.person_id).filter(serial__in=serials)}
    return [
        {
            "serial": serial,
            "title": issued[serial].credential.title,
            "family": issued[serial].credential.family,
            "expires_at": issued[serial].expires_at,
        }
        for serial in serials
        if serial in issued
    ]


def _towards(ahead: Prospects, facts: Sequence[Followed]) -> list[dict[str, Any]]:
    """Where a module that was passed brought one nearer: core training, and each certificate that asks for it."""
    module = _first(facts, "module.completed")
    if module is None or not module.numbers["passed"]:
        return []
    name, mine = str(module.thing), ahead.evidence.passed.get(ahead.offer.person, frozenset())
    core = ahead.stands.plan.core
    lines = []
    if name in core:
        lines.append({"label": _("Core training"), "done": len(core & mine), "all": len(core)})
    for key, missing in ahead.offer.credentials.items():
        asked = ahead.credentials[key].rule.modules()
        if name in asked:
            lines.append({"label": ahead.credentials[key].title, "done": len(asked - missing), "all": len(asked)})
    return lines


def _next(request: PersonRequest, found: Outline, lesson: UUID, ahead: Prospects | None) -> dict[str, Any]:
    """What comes next: the next lesson of the course, else the next step, else the catalogue."""
    if (upcoming := found.upcoming(lesson)) is not None:
        return {
            "label": _("Next: %(title)s") % {"title": upcoming.title},
            "href": words.lesson_address(upcoming.id, upcoming.kind),
            "meta": formats.minutes(upcoming.minutes),
        }
    if ahead is not None and (step := ahead.next_step()):
        sees = may(request.actor, "amounts.see", partner_id=ahead.stands.partner)
        view = next_view(ahead, sees_amounts=sees, is_new=False)
        says_most = step.keeps is not None or not step.modules or steps.rises_to(ahead, step)
        label = view.headline if says_most else view.what
        return {
            "label": _("Next: %(title)s") % {"title": label},
            "href": view.href,
            "meta": formats.minutes(view.minutes),
        }
    return {"label": _("Choose something new"), "href": url("training"), "meta": ""}


urlpatterns = [path("lessons/<uuid:lesson_id>/done/", finish, name="lesson-done")]
