"""The training hub: choose in twenty seconds what to learn now, and see what it brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.learning.modules.queries import ModuleCard, module_cards
from academy.learning.progress.queries import Taken, taken_by, totals
from academy.learning.progress.rules import State, percent
from academy.learning.sittings.queries import fitting
from academy.people.accounts.queries import profile
from academy.people.permissions.rules import may
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.recommendations.queries import answers_of, asked_about, candidate, recommendations
from academy.programme.recommendations.rules import Answers, fits
from academy.programme.standing.queries import Stands
from academy.programme.steps.rules import NextStep
from academy.web import formats, sentences, steps
from academy.web.middleware import signed_in
from academy.web.partner.outlook import next_view
from academy.web.partner.standing import up_to_date
from academy.web.partner.training import words
from academy.web.partner.training.core import core_card, credential_lines
from academy.web.partner.training.worth import Worth
from academy.web.requests import PersonRequest
from academy.web.templates import Part as PagePart
from academy.web.templates import page, url

SPANS = (5, 15, 30)
CONTINUED = 6


@dataclass(frozen=True)
class Reads:
    """What the hub shows, each read once and only when asked for."""

    request: PersonRequest
    stands: Stands | None

    @cached_property
    def ahead(self) -> Prospects | None:
        """What can change; None outside every programme."""
        return prospects(self.stands, self.person, self.request.now) if self.stands else None

    @cached_property
    def worth(self) -> Worth | None:
        """What finishing something brings; None outside every programme."""
        return Worth(self.ahead, self.sees_amounts) if self.ahead else None

    @cached_property
    def taken(self) -> list[Taken]:
        """The courses begun, last opened first."""
        return taken_by(self.person)

    @cached_property
    def cards(self) -> list[ModuleCard]:
        """Core modules, those of credentials, and those with a failed quiz."""
        return module_cards(self.person, asked_about(self.ahead) if self.ahead else [])

    @property
    def person(self) -> UUID:
        """Who asks."""
        return self.request.actor.person_id

    @cached_property
    def answers(self) -> Answers:
        """What the person has said of itself."""
        return answers_of(profile(self.person))

    @property
    def core(self) -> list[ModuleCard]:
        """The core modules of the plan, in the order of the catalogue."""
        names = self.stands.plan.core if self.stands else frozenset()
        return [card for card in self.cards if str(card.id) in names]

    @property
    def sees_amounts(self) -> bool:
        """Whether this person may see the partner's amounts."""
        return self.stands is not None and may(self.request.actor, "amounts.see", partner_id=self.stands.partner)


@signed_in
def training(request: PersonRequest) -> HttpResponse:
    """The hub's first view. `?minutes=15` also shows what fits into them."""
    read = Reads(request, up_to_date(request))
    minutes = _minutes(request)
    parts: dict[str, str | PagePart] = {name: name for name in ("figures", "step", "continue", "core", "credentials")}
    parts["for-you"] = "picked"
    parts["time"] = PagePart("time", lambda: _time(read, minutes))
    return page(request, "partner/training/page.html", lambda: context(read, minutes), parts=parts)


def _minutes(request: PersonRequest) -> int | None:
    given = request.GET.get("minutes", "")
    return int(given) if given.isdigit() and int(given) in SPANS else None


def context(read: Reads, minutes: int | None) -> dict[str, Any]:
    """What the template shows."""
    return {
        "is_first_day": not read.taken,
        "is_all_zeros": not any(one.done for one in read.taken),
        "figures": _figures(read),
        "step": _step(read),
        "continuing": _continued(read),
        "assigned": _assigned(read),
        "core_card": core_card(read.ahead, read.core, sees_amounts=read.sees_amounts) if read.ahead else None,
        "credentials": credential_lines(read.ahead, read.worth) if read.ahead and read.worth else [],
        "picks": _picks(read),
        **_time(read, minutes),
    }


def _is_open(one: Taken) -> bool:
    return one.completed_at is None and one.next_lesson is not None


def _figures(read: Reads) -> dict[str, Any]:
    core = [card.id for card in read.core]
    found = totals(read.person, core)
    return {
        "modules": found.modules_completed,
        "modules_total": found.modules_total,
        "seconds": found.seconds,
        "certificates": found.certificates,
    }


def _step(read: Reads) -> dict[str, Any] | None:
    """The next step with its effect as a small sum; None outside a programme."""
    if read.ahead is None or read.stands is None:
        return None
    view = next_view(read.ahead, sees_amounts=read.sees_amounts, is_new=not read.taken)
    step = read.ahead.next_step()
    lines = _brings(read.ahead, step, sees_amounts=read.sees_amounts) if step and not step.keeps else []
    basis = ""
    if lines and lines[-1].get("kind") == "total":
        amount = formats.money(read.ahead.won_in_90_days(), read.stands.currency, whole=True)
        basis = _("From the %(amount)s you won in the last 90 days.") % {"amount": amount}
    return {"view": view, "lines": lines, "basis": basis}


def _brings(ahead: Prospects, step: NextStep, *, sees_amounts: bool) -> list[dict[str, str]]:
    """What a step raises, a line each."""
    found, lines = ahead.stands, []
    now = found.rate().basis_points
    if tier := steps.rises_to(ahead, step):
        names = [sentences.tier_name(found.plan, found.held.tier), tier]
        lines.append({"label": _("Tier"), "value": " → ".join(names)})
    if step.outlook.basis_points != now:
        rates = [formats.percent(one) for one in (now, step.outlook.basis_points)]
        lines.append({"label": _("Rate"), "value": " → ".join(rates)})
    if sees_amounts and step.outlook.monthly > 0:
        amount = formats.money(step.outlook.monthly, found.currency, whole=True, signed=True)
        lines.append({"label": _("About, a month"), "value": amount, "kind": "total"})
    return lines


def _continued(read: Reads) -> list[dict[str, Any]]:
    """What was begun, last opened first; the course that the next step is in comes before all others."""
    slugs = _step_courses(read)
    begun = sorted((one for one in read.taken if _is_open(one)), key=lambda one: one.slug not in slugs)
    return [
        {**_continuing(one, slugs.get(one.slug, "")), "worth": read.worth.of_course(one.slug) if read.worth else ""}
        for one in begun[:CONTINUED]
    ]


def _step_courses(read: Reads) -> dict[str, str]:
    """The courses of the next step, each with where the step leads: “Gold”, “keeps Gold”."""
    step = read.ahead.next_step() if read.ahead else None
    if read.ahead is None or step is None:
        return {}
    leads = [_("keeps %(what)s") % {"what": steps.kept(read.ahead, step.keeps)}] if step.keeps else []
    if tier := steps.rises_to(read.ahead, step):
        leads.append(tier)
    courses = {read.ahead.modules[module].course_slug for module in step.modules}
    said = " · ".join(leads) or _("Your next step")
    return dict.fromkeys(courses, said if len(courses) == 1 else _("together: %(gain)s") % {"gain": said})


def _continuing(one: Taken, why: str) -> dict[str, Any]:
    return {
        "title": one.title,
        "href": words.lesson_address(one.next_lesson, one.next_kind) if one.next_lesson else url("course", one.slug),
        "family": one.family,
        "chip": _("Course · %(minutes)s left") % {"minutes": formats.minutes(one.minutes_left)},
        "why": why or _newer(one),
        "meta": _("Next: %(title)s") % {"title": one.next_title},
        "progress": percent(one.done, one.required),
    }


def _newer(one: Taken) -> str:
    if not one.newer_lessons:
        return ""
    count = one.newer_lessons
    return ngettext("Newer version: %(count)d new lesson", "Newer version: %(count)d new lessons", count) % {
        "count": count
    }


def _assigned(read: Reads) -> list[dict[str, Any]]:
    """What somebody set a day for and is not done, the earliest first."""
    due = sorted((one for one in read.taken if one.due_on and one.completed_at is None), key=lambda one: one.due_on)
    today = read.request.now.date()
    return [
        {
            "title": one.title,
            "href": url("course", one.slug),
            "due_on": one.due_on,
            "late": one.due_on < today,
            "left": formats.minutes(one.minutes_left),
            "progress": percent(one.done, one.required),
            "worth": read.worth.of_course(one.slug) if read.worth else "",
        }
        for one in due
    ]


def _picks(read: Reads) -> list[dict[str, Any]]:
    """Recommended modules, each with its reason."""
    by_id = {str(card.id): card for card in read.cards}
    return [
        {
            **_pick(by_id[one.module], words.because(one, read.ahead, families()), read.answers),
            "worth": read.worth.of([one.module]) if read.worth else "",
        }
        for one in recommendations(read.cards, read.ahead, read.answers)
    ]


def _pick(card: ModuleCard, why: str, answers: Answers) -> dict[str, Any]:
    begun = card.state in (State.IN_PROGRESS, State.FAILED)
    return {
        "title": card.title,
        "href": words.lesson_address(card.next_lesson, card.next_kind)
        if begun and card.next_lesson
        else f"{url('course', card.course_slug)}#{card.slug}",
        "family": card.family,
        "seed": f"{card.course_slug}/{card.slug}",
        "chip": _("Module · %(minutes)s left") % {"minutes": formats.minutes(card.minutes_left)}
        if begun
        else _("Module · %(minutes)s") % {"minutes": formats.minutes(card.minutes_left)},
        "why": why,
        "meta": " · ".join(filter(None, [card.course_title, words.fitting(fits(candidate(card), answers), answers)])),
    }


def families() -> dict[str, str]:
    """The skill families in words."""
    return {
        "discovery": _("discovery"),
        "scoping": _("scoping"),
        "pricing": _("pricing"),
        "delivery": _("delivery"),
        "retention": _("keeping clients"),
    }


def _time(read: Reads, minutes: int | None) -> dict[str, Any]:
    """What fits into the minutes one has: next in what was begun, then what the next step asks.

    Where nothing is that short, what takes up to twice as long: a lesson goes on where one stops.
    """
    fits = _fits(read, minutes) if minutes else []
    longer = _fits(read, 2 * minutes) if minutes and not fits else []
    return {"minutes_chosen": minutes, "spans": SPANS, "fits": fits or longer, "is_longer": bool(longer)}


def _fits(read: Reads, minutes: int) -> Sequence[dict[str, Any]]:
    step = read.ahead.next_step() if read.ahead else None
    core = read.stands.plan.core if read.stands else frozenset()
    wanted = [UUID(module) for module in {*(step.modules if step else ()), *core}]
    return [
        {
            "title": one.titles[0],
            "more": ngettext("and %(count)d more", "and %(count)d more", len(one.titles) - 1)
            % {"count": len(one.titles) - 1}
            if len(one.titles) > 1
            else "",
            "course": one.course,
            "href": url("lesson", one.lesson),
            "minutes": one.minutes,
            "action": _("Go on") if one.begun else _("Begin"),
            "worth": read.worth.of_course(one.slug) if read.worth else "",
        }
        for one in fitting(read.person, minutes, wanted=wanted)
    ]


urlpatterns = [path("", training, name="training")]
