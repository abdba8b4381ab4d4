"""Learning in words: kinds, states, levels, addresses, and why something is recommended."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.learning.progress.rules import DONE, State
from academy.programme.outlook.queries import Prospects
from academy.programme.recommendations.rules import Answers, Fit, Reason, Recommendation
from academy.web import formats, sentences, steps
from academy.web.templates import url


def item_kind(kind: str) -> str:
    """What an entry of the catalogue or of the search is called."""
    names = {
        "course": _("Course"),
        "path": _("Path"),
        "resource": _("Resource"),
        "lesson": _("Lesson"),
    }
    return names.get(kind, kind.capitalize())


def lesson_kind(kind: str) -> str:
    """How a lesson is taken."""
    names = {
        "article": _("Reading"),
        "video": _("Video"),
        "quiz": _("Quiz"),
        "file": _("Template"),
        "link": _("Link"),
    }
    return names.get(kind, kind.capitalize())


def level_name(level: str) -> str:
    """Whom something is for; empty when nobody said."""
    names = {"beginner": _("Beginner"), "intermediate": _("Intermediate"), "advanced": _("Advanced")}
    return names.get(level, "")


def tag_name(slug: str) -> str:
    """A skill or tag as people read it: “budget discovery”."""
    return slug.replace("-", " ").replace("_", " ")


def state_chip(state: State, at: datetime | None = None, score: int | None = None) -> tuple[str, str]:
    """A state as label and tone of a chip."""
    match state:
        case State.PASSED if score is not None:
            return _("Passed, %(score)d%%") % {"score": score}, "good"
        case State.PASSED:
            return _("Passed"), "good"
        case State.COMPLETED if at is not None:
            return _("Completed %(day)s") % {"day": formats.day(at)}, "good"
        case State.COMPLETED:
            return _("Completed"), "good"
        case State.FAILED:
            return _("Quiz not passed yet"), "bad"
        case State.IN_PROGRESS:
            return _("Begun"), "why"
        case _:
            return _("Not started"), ""


def tick(state: State, *, locked: bool = False) -> str:
    """Which mark stands before a lesson."""
    if state in DONE:
        return "done"
    if locked:
        return "locked"
    return {State.FAILED: "failed", State.IN_PROGRESS: "begun"}.get(state, "open")


def lesson_address(lesson: UUID, kind: str | None) -> str:
    """Where a lesson is taken."""
    return url("quiz" if kind == "quiz" else "lesson", lesson)


def item_address(kind: str, slug: str) -> str:
    """Where an item of the catalogue stands."""
    return url(kind, slug)


def step_action(kind: str | None, *, begun: bool) -> str:
    """What the button to a next lesson says."""
    if kind == "quiz":
        return _("Take the quiz")
    return _("Continue") if begun else _("Start")


def because(one: Recommendation, ahead: Prospects | None, families: Mapping[str, str]) -> str:
    """Why a module is recommended, as the chip above its title."""
    match one.reason:
        case Reason.AGAIN:
            return _("Try the quiz again")
        case Reason.STEP if ahead is not None:
            return _step(ahead)
        case Reason.TIER if ahead is not None and (view := ahead.stands.next_tier()):
            return _("Counts for %(tier)s") % {"tier": sentences.tier_name(ahead.stands.plan, view.tier.slug)}
        case Reason.CORE:
            return ngettext("Core: the last one", "Core: one of %(count)d still missing", one.left) % {
                "count": one.left
            }
        case Reason.CREDENTIAL if ahead is not None:
            return ngettext("The last one for %(title)s", "%(count)d left for %(title)s", one.left) % {
                "count": one.left,
                "title": ahead.credentials[one.about].title,
            }
        case _:
            return _("Closes your gap: %(skill)s") % {"skill": families.get(one.about, tag_name(one.about))}


def fitting(found: Collection[Fit], answers: Answers) -> str:
    """Which answers a module fits, as a phrase: “fits what you sell, and your 30 min a week”; empty for none."""
    subject = {
        (True, True): _("fits what you sell and to whom"),
        (True, False): _("fits what you sell"),
        (False, True): _("fits whom you sell to"),
    }.get((Fit.SELLS in found, Fit.SELLS_TO in found), "")
    if Fit.TIME not in found or answers.minutes_a_week is None:
        return subject
    time = {"minutes": formats.minutes(answers.minutes_a_week)}
    if not subject:
        return _("fits your %(minutes)s a week") % time
    return _("%(subject)s, and your %(minutes)s a week") % {"subject": subject, **time}


def _step(ahead: Prospects) -> str:
    """What the next step keeps or opens: a tier, or only a better rate."""
    step = ahead.next_step()
    if step and step.keeps:
        return _("Keeps %(what)s") % {"what": steps.kept(ahead, step.keeps)}
    if step and (tier := steps.rises_to(ahead, step)):
        if len(step.modules) == 1:
            return _("Unlocks %(tier)s") % {"tier": tier}
        return _("On the way to %(tier)s") % {"tier": tier}
    return _("Raises your rate")
