"""The first minutes: three questions that may be skipped, then the first lesson and what it counts for."""

from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.learning.outlines.queries import LessonLine, outline_of_lesson
from academy.people.accounts.actions import answer_welcome
from academy.people.accounts.queries import profile
from academy.people.accounts.rules import MINUTES_A_WEEK
from academy.programme.outlook.queries import prospects
from academy.programme.standing.queries import Stands
from academy.web import formats
from academy.web.middleware import signed_in
from academy.web.partner.home.page import up_to_date
from academy.web.requests import PersonRequest
from academy.web.templates import render, url


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: PersonRequest) -> HttpResponse:
    """The three questions. Whoever has answered or skipped them goes on to the first lesson."""
    if request.method == "POST":
        return _answer(request)
    return _questions(request)


def _questions(request: PersonRequest, refused: Refused | None = None) -> HttpResponse:
    mine = profile(request.person.pk)
    minutes = str(mine.minutes_a_week) if mine.minutes_a_week else ""
    return render(
        request,
        "partner/welcome/page.html",
        name=mine.name.split()[0] if mine.name else "",
        questions=_asked(),
        given={"sells": mine.sells, "sells_to": mine.sells_to, "minutes_a_week": minutes},
        refused=refused,
    )


def _asked() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each question with its answers, in the reader's language."""
    times = [(str(minutes), formats.minutes(minutes)) for minutes in MINUTES_A_WEEK]
    sells = [
        ("websites", _("Websites")),
        ("software", _("Software")),
        ("ai", _("AI and automation")),
        ("marketing", _("Marketing")),
        ("consulting", _("Advice")),
        ("other", _("Something else")),
    ]
    sells_to = [
        ("small", _("Small firms, up to 20 people")),
        ("medium", _("Firms of 20 to 250")),
        ("large", _("Larger firms")),
        ("public", _("Public bodies and charities")),
    ]
    return [
        ("sells", _("What do you mostly sell?"), sells),
        ("sells_to", _("To whom?"), sells_to),
        ("minutes_a_week", _("How much time a week is realistic?"), times),
    ]


def _answer(request: PersonRequest) -> HttpResponse:
    request.on_refusal = lambda refused: _questions(request, refused)
    given = {} if "skip" in request.POST else request.POST
    minutes = given.get("minutes_a_week", "")
    if minutes and not (minutes.isascii() and minutes.isdigit()):
        raise Refused(_("Choose a time from the list, or skip."), fields={"minutes_a_week": _("Choose or skip.")})
    answer_welcome(
        request.person.pk,
        by=request.actor,
        now=request.now,
        sells=given.get("sells", ""),
        sells_to=given.get("sells_to", ""),
        minutes_a_week=int(minutes) if minutes else None,
    )
    return HttpResponseRedirect(url("welcome-first"))


@dataclass(frozen=True, slots=True)
class First:
    """The first lesson as the page shows it."""

    lesson: LessonLine
    module: str
    course: str
    family: str
    tier: str


@signed_in
def first(request: PersonRequest) -> HttpResponse:
    """The first lesson: how long it takes and what it counts for."""
    found = up_to_date(request)
    lesson = _first(request, found) if found else None
    if lesson is None:
        return HttpResponseRedirect(url("home"))
    return render(request, "partner/welcome/first.html", first=lesson)


def _first(request: PersonRequest, found: Stands) -> First | None:
    """The next lesson of a core module: one of the shortest way up, else the shortest of all."""
    ahead = prospects(found, request.person.pk, request.now)
    step = ahead.next_step()
    core = {key: one for key, one in ahead.modules.items() if key in found.plan.core and one.next_lesson}
    on_the_way = [core[key] for key in (step.modules if step else ()) if key in core]
    modules = on_the_way or sorted(core.values(), key=lambda one: (one.minutes, one.course_slug, one.slug))
    for module in modules:
        outline = outline_of_lesson(request.person.pk, module.next_lesson) if module.next_lesson else None
        for line in outline.lessons if outline else ():
            if outline and line.id == module.next_lesson:
                return First(line, module.title, module.course_title, outline.family, _counts_towards(found))
    return None


def _counts_towards(found: Stands) -> str:
    """The next tier, where it asks for training; empty where only the rate gains."""
    view = found.next_tier()
    if view is None or not any(leaf.metric in ("core_modules", "people") for leaf in view.verdict.leaves()):
        return ""
    return view.tier.name


urlpatterns = [
    path("welcome/", welcome, name="welcome"),
    path("welcome/first/", first, name="welcome-first"),
]
