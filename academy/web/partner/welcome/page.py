"""The first minutes: three questions that may be skipped, then the first lesson and what it counts for."""

from dataclasses import dataclass
from math import ceil
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from academy.core.errors import Refused
from academy.learning.modules.queries import ModuleCard, module_cards
from academy.learning.outlines.queries import LessonLine, outline_of_lesson
from academy.people.accounts.actions import answer_welcome
from academy.people.accounts.queries import profile
from academy.people.accounts.rules import MINUTES_A_WEEK
from academy.programme.recommendations.queries import answers_of, candidate, first_module
from academy.programme.recommendations.rules import Answers, Fit, fits
from academy.programme.standing.queries import Stands
from academy.web import formats
from academy.web.middleware import signed_in
from academy.web.partner.standing import up_to_date
from academy.web.partner.training import words
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
    """The first lesson as the page shows it; `why` says why this one."""

    lesson: LessonLine
    module: str
    course: str
    family: str
    tier: str
    why: list[str]


@signed_in
def first(request: PersonRequest) -> HttpResponse:
    """The first lesson: how long it takes, what it counts for, and why it is this one."""
    found = up_to_date(request)
    lesson = _first(request, found) if found else None
    if lesson is None:
        return HttpResponseRedirect(url("home"))
    return render(request, "partner/welcome/first.html", first=lesson)


def _first(request: PersonRequest, found: Stands) -> First | None:
    """The next lesson of the core module that fits a beginner's answers."""
    core = frozenset(UUID(module) for module in found.plan.core)
    cards = [card for card in module_cards(request.person.pk, core) if card.id in core]
    answers = answers_of(profile(request.person.pk))
    module = first_module(cards, answers)
    outline = outline_of_lesson(request.person.pk, module.next_lesson) if module and module.next_lesson else None
    for line in outline.lessons if outline else ():
        if module and outline and line.id == module.next_lesson:
            why = _why(module, answers)
            return First(line, module.title, module.course_title, outline.family, _counts_towards(found), why)
    return None


def _why(module: ModuleCard, answers: Answers) -> list[str]:
    """Why the first lesson is of this module, as sentences."""
    found = fits(candidate(module), answers)
    said = []
    if subject := words.fitting([fit for fit in found if fit is not Fit.TIME], answers):
        said.append(_("It %(fits)s.") % {"fits": subject})
    elif module.level == "beginner":
        said.append(_("It is of a course for beginners: nothing is taken for granted."))
    if answers.minutes_a_week:
        weeks = ceil(module.minutes_left / answers.minutes_a_week)
        said.append(
            ngettext(
                "At %(minutes)s a week you finish its module within a week.",
                "At %(minutes)s a week you finish its module in %(weeks)d weeks.",
                weeks,
            )
            % {"minutes": formats.minutes(answers.minutes_a_week), "weeks": weeks}
        )
    return said


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
