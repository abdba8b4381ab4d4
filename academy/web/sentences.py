"""Codes and figures of the rules, turned into sentences in the reader's language at the moment of reading.

The only place that does: page, mail and API say the same thing in the same words.
"""

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.core.criteria import Verdict
from academy.core.money import half_away
from academy.core.periods import Span, parse_window
from academy.programme.plans.rules import MONEY_METRICS, Plan
from academy.programme.standing.queries import Change
from academy.programme.standing.rules import Step, StepKind
from academy.web import formats


def tier_name(plan: Plan, slug: str) -> str:
    """What people call a tier; its slug when the plan no longer has it."""
    names = {tier.slug: tier.name for tier in plan.tiers}
    return names.get(slug, slug.capitalize())


def requirement(leaf: Verdict) -> str:
    """What a comparison asks for: “Won in 12 months”."""
    window = over_window(leaf.window or "lifetime")
    match leaf.metric:
        case "core_modules":
            return _("Core modules passed")
        case "modules":
            return _("Modules passed")
        case "advanced_certificates":
            return _("Advanced certificates held")
        case "certificates":
            return _("Certificates held")
        case "active_clients":
            return _("Active clients%(window)s") % {"window": window}
        case "people":
            return _("People with all core modules")
        case _:
            return _("Won%(window)s") % {"window": window}


def over_window(text: str) -> str:
    """Over how long something is measured, to be put behind it: “ in 12 months”; empty for a lifetime."""
    window = parse_window(text)
    if window.span is Span.MONTHS:
        return ngettext(" in %(count)d month", " in %(count)d months", window.length) % {"count": window.length}
    if window.span is Span.DAYS:
        return ngettext(" in %(count)d day", " in %(count)d days", window.length) % {"count": window.length}
    if window.span is Span.CALENDAR:
        return {1: _(" this month"), 3: _(" this quarter"), 12: _(" this year")}[window.length]
    return ""


def have_of_need(leaf: Verdict, currency: str) -> str:
    """How far a comparison is: “9 of 12”, “£41,310 of £40,000”."""
    have, need = quantity(leaf, leaf.have, currency), quantity(leaf, leaf.need, currency)
    return _("%(have)s of %(need)s") % {"have": have, "need": need}


def quantity(leaf: Verdict, value: int, currency: str) -> str:
    """A value in its metric's unit; money without pence when there are none."""
    if leaf.metric in MONEY_METRICS:
        return formats.money(value, currency, whole=value % 100 == 0)
    return formats.number(value)


def missing(leaf: Verdict, currency: str) -> str:
    """What is missing, as a phrase: “3 core modules”, “£1,200 more to win”."""
    gap = leaf.gap
    match leaf.metric:
        case "core_modules":
            return ngettext("%(count)d core module", "%(count)d core modules", gap) % {"count": gap}
        case "modules":
            return ngettext("%(count)d module", "%(count)d modules", gap) % {"count": gap}
        case "advanced_certificates":
            return ngettext("%(count)d advanced certificate", "%(count)d advanced certificates", gap) % {"count": gap}
        case "certificates":
            return ngettext("%(count)d certificate", "%(count)d certificates", gap) % {"count": gap}
        case "active_clients":
            return ngettext("%(count)d more active client", "%(count)d more active clients", gap) % {"count": gap}
        case "people":
            return ngettext(
                "%(count)d more person with all core modules",
                "%(count)d more people with all core modules",
                gap,
            ) % {"count": gap}
        case _:
            return _("%(amount)s more to win") % {"amount": quantity(leaf, gap, currency)}


def step_label(step: Step, plan: Plan, tier: str) -> str:
    """A line of the rate's arithmetic: “× 1.15 Silver”. Factors are written with ×, never as a percentage."""
    match step.kind:
        case StepKind.BASE:
            return _("Base")
        case StepKind.TIER:
            return f"{_times(step.value)} {tier_name(plan, tier)}"
        case StepKind.BONUS if plan.bonus_adds_points:
            return _("+ %(points)s points, core training") % {"points": _points(step.value)}
        case StepKind.BONUS:
            return _("%(factor)s core training") % {"factor": _times(step.value)}
        case StepKind.UPLIFT:
            count = half_away(step.value / plan.uplift)
            return ngettext(
                "+ %(points)s points, %(count)d advanced certificate",
                "+ %(points)s points, %(count)d advanced certificates",
                count,
            ) % {"points": _points(step.value), "count": count}
        case StepKind.CAP:
            return _("At most %(cap)s") % {"cap": formats.percent(half_away(step.value * 10_000))}


def step_result(step: Step) -> int:
    """The rate so far, rounded for showing, in basis points."""
    return half_away(step.result * 10_000)


def _times(value: Fraction) -> str:
    return formats.factor(half_away(value * 1000))


def _points(value: Fraction) -> str:
    return formats.percent(half_away(value * 10_000)).rstrip("%").strip()


def causes(numbers: Mapping[str, Any]) -> str:
    """Why a rate changed: “core training completed”."""
    rising = numbers["to"] > numbers["from"]
    words = {
        "tier": _("new tier"),
        "bonus": _("core training completed") if rising else _("core training no longer complete"),
        "uplift": _("advanced certificate") if rising else _("an advanced certificate ended"),
        "plan": _("a new plan"),
    }
    return ", ".join(words[cause] for cause in numbers["cause"])


def why_tier(cause: str) -> str:
    """Why a tier changed, as a phrase."""
    return {
        "core_modules": _("core modules passed"),
        "modules": _("modules passed"),
        "won": _("sales won"),
        "active_clients": _("active clients"),
        "advanced_certificates": _("an advanced certificate"),
        "certificates": _("a certificate"),
        "people": _("your people's core training"),
        "approved": _("confirmed by SISO"),
        "pinned": _("kept for you by SISO"),
        "grace_ended": _("the notice you were given has run out"),
        "plan": _("a new plan"),
    }.get(cause, cause)


def change(changed: Change, plan: Plan) -> str:
    """What changed, old to new, with cause and from when; the same sentence on page, mail and API."""
    numbers, since = changed.numbers, formats.day(changed.effective_at)
    if changed.kind == "rate.changed":
        return _("%(new)s, was %(old)s · %(cause)s · counts for deals won since %(since)s") % {
            "new": formats.percent(numbers["to"]),
            "old": formats.percent(numbers["from"]),
            "cause": causes(numbers),
            "since": since,
        }
    if changed.kind == "tier.changed":
        return _("%(new)s, was %(old)s · %(cause)s · since %(since)s") % {
            "new": tier_name(plan, numbers["to"]),
            "old": tier_name(plan, numbers["from"]),
            "cause": why_tier(numbers["cause"]),
            "since": since,
        }
    return warned(plan, numbers["part"], numbers["from"], numbers["to"], datetime.fromisoformat(numbers["falls_at"]))


def cause(changed: Change) -> str:
    """Why a rate changed and from when that counts, where the figures would be those of another product."""
    words = {"cause": causes(changed.numbers), "since": formats.day(changed.effective_at)}
    return _("%(cause)s · counts for deals won since %(since)s") % words


def warned(plan: Plan, part: str, old: str | int, new: str | int, falls_at: datetime) -> str:
    """A notice that something will fall: what, to what, when."""
    when = formats.day(falls_at)
    if part == "tier":
        return _("%(old)s becomes %(new)s on %(when)s unless its requirements hold again by then") % {
            "old": tier_name(plan, str(old)),
            "new": tier_name(plan, str(new)),
            "when": when,
        }
    if part == "bonus":
        return _("Your core training bonus ends on %(when)s unless the core modules are complete again by then") % {
            "when": when
        }
    if not int(new):
        return _("From %(when)s no advanced certificate counts for your rate unless one is renewed") % {"when": when}
    return ngettext(
        "From %(when)s %(count)d advanced certificate counts for your rate unless one is renewed",
        "From %(when)s %(count)d advanced certificates count for your rate unless one is renewed",
        int(new),
    ) % {"when": when, "count": int(new)}


def headline(*, tier: str | None, quizzes: int, lessons: int) -> str:
    """What is left before something better, in the fewest words: “One quiz from Gold”."""
    goal = tier or _("a better rate")
    if lessons == 0 and quizzes:
        return ngettext("One quiz from %(goal)s", "%(count)d quizzes from %(goal)s", quizzes) % {
            "count": quizzes,
            "goal": goal,
        }
    return ngettext("One lesson from %(goal)s", "%(count)d lessons from %(goal)s", lessons + quizzes) % {
        "count": lessons + quizzes,
        "goal": goal,
    }
