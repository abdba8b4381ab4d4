"""Notices of tier and rate: what will fall, what changed, what waits for a person's word."""

from datetime import datetime

from django.utils.translation import gettext as _

from academy.notifications.notices.rules import Params, Told, Words
from academy.programme.lapses.rules import Leaving
from academy.programme.promotions.rules import confirmed_by
from academy.programme.standing.queries import Change
from academy.web import fall_words, formats, sentences
from academy.web.notices.names import Names, day_of, instant


def warned(told: Told, known: Names) -> Words:
    """What falls and when; why, what keeps it, and what it costs."""
    numbers, plan = told.params, known.plan(told)
    falls_at = instant(told, "falls_at")
    sentence = (
        sentences.warned(plan, numbers["part"], numbers["from"], numbers["to"], falls_at)
        if plan
        else _("Your standing falls on %(when)s") % {"when": formats.day(falls_at)}
    )
    at_risk = {
        "tier": _("%(tier)s is at risk"),
        "bonus": _("Your core training bonus is at risk"),
        "uplift": _("What your advanced certificates add is at risk"),
    }
    return Words(
        at_risk[numbers["part"]] % {"tier": known.tier(told, str(numbers["from"]))},
        " ".join([sentence + ".", *fall_words.why_warned(numbers), *fall_words.cost_of_fall(numbers)]),
        (
            _("Deals won before that day keep today's rate."),
            _("What keeps it soonest stands on your home page, with how long it takes."),
        ),
    )


def leaving(told: Told, known: Names) -> Words:
    params, plan = told.params, known.plan(told)
    tier = {"tier": known.tier(told, params["tier"]), "day": day_of(told, "safe_until")}
    one = Leaving(
        tier=params["tier"],
        metric=params["metric"],
        window=params["window"],
        by=datetime.fromisoformat(params["by"]),
        **{name: params[name] for name in ("have", "stays", "needs", "on_the_day")},
    )
    said = fall_words.leaving(one, plan, params["currency"], sees_amounts=True) if plan else ""
    return Words(
        _("What keeps %(tier)s is about to leave its window") % tier,
        f"{said}." if said else _("Sales that your tier rests on leave soon."),
        (_("Until %(day)s %(tier)s is safe even if nothing more is won.") % tier,),
    )


def tier_changed(told: Told, known: Names) -> Words:
    tier = known.tier(told, told.params["to"])
    title = _("Your tier is now %(tier)s") if fell(told.params) else _("You are now %(tier)s")
    return Words(title % {"tier": tier}, _changed(told, known))


def rate_changed(told: Told, known: Names) -> Words:
    return Words(_("Your rate fell") if fell(told.params) else _("Your rate rose"), _changed(told, known))


def _changed(told: Told, known: Names) -> str:
    plan = known.plan(told)
    since = instant(told, "since")
    if plan is not None:
        return sentences.change(Change(told.kind, told.params, since, 0), plan) + "."
    old, new = (
        formats.percent(value) if isinstance(value, int) else known.tier(told, value)
        for value in (told.params["from"], told.params["to"])
    )
    return _("%(new)s, was %(old)s, since %(since)s.") % {"new": new, "old": old, "since": formats.day(since)}


def fell(numbers: Params) -> bool:
    """Whether a change of tier or rate was for the worse."""
    if isinstance(numbers["to"], int):
        return bool(numbers["to"] < numbers["from"])
    return bool(numbers["cause"] == "grace_ended")


def promotion_awaiting(told: Told, known: Names) -> Words:
    words, plan = {"tier": known.tier(told, told.params["tier"])}, known.plan(told)
    sentence = _("You meet what %(tier)s asks for. SISO confirms it within 3 working days.")
    if plan is not None:
        words["by"] = formats.day(confirmed_by(told.created_at, plan.zone), form="weekday")
        sentence = _("You meet what %(tier)s asks for. SISO confirms it within 3 working days, by %(by)s.")
    return Words(_("%(tier)s is waiting for SISO") % words, sentence % words)


def promotion_to_decide(told: Told, known: Names) -> Words:
    words = {"tier": known.tier(told, told.params["tier"]), "partner": known.partner(told)}
    sentence = _("%(partner)s meets what %(tier)s asks for and waits for somebody's word.")
    return Words(_("%(partner)s waits for %(tier)s") % words, sentence % words)


def promotion_approved(told: Told, known: Names) -> Words:
    tier = {"tier": known.tier(told, told.params["tier"])}
    return Words(_("%(tier)s is confirmed") % tier, _("SISO confirmed your promotion to %(tier)s.") % tier)
