"""What would change, in words: the next step's headline, effect and address, for Home, hub, finish page and what-if."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from academy.core.money import Money, commission, exponent
from academy.programme.outlook.queries import Prospects
from academy.programme.standing.queries import Stands
from academy.programme.steps.rules import Kept, NextStep
from academy.web import formats, promotions, sentences, steps
from academy.web.templates import url


@dataclass(frozen=True, slots=True)
class NextView:
    """The next step as a card shows it. `kind` is start, learn, sell, keep or rest; `asks` leads to its arithmetic."""

    kind: str
    headline: str
    minutes: int
    what: str
    effect: str
    money: str
    href: str
    action: str
    asks: str = ""


def next_view(prospects: Prospects, *, sees_amounts: bool, is_new: bool) -> NextView:
    """The one thing to do now: keep what is at risk, learn what pays, sell what is missing, or rest."""
    step = prospects.next_step()
    if step is None:
        return _resting(prospects)
    if step.keeps is not None:
        return _keeping(prospects, step, step.keeps, sees_amounts=sees_amounts)
    if not step.modules:
        return _selling(prospects, step, sees_amounts=sees_amounts)
    return _learning(prospects, step, sees_amounts=sees_amounts, is_new=is_new)


def _keeping(prospects: Prospects, step: NextStep, keeps: Kept, *, sees_amounts: bool) -> NextView:
    told = [f"{steps.titles(prospects, step)}."] if step.modules else []
    return NextView(
        kind="keep",
        headline=steps.headline(prospects, step, sees_amounts=sees_amounts),
        minutes=step.minutes,
        what=" ".join([*told, steps.without_it(prospects, keeps)]),
        effect="",
        money=monthly(prospects, keeps.monthly) if sees_amounts else "",
        href=_begins_at(prospects, step),
        action=_action(prospects, step),
        asks=steps.asks(step, _sales(prospects, step) if sees_amounts else ""),
    )


def _learning(prospects: Prospects, step: NextStep, *, sees_amounts: bool, is_new: bool) -> NextView:
    """The step; on somebody's first day what it brings, and a beginning that fits."""
    begins_anew = is_new and any(key in prospects.stands.plan.core for key in prospects.modules)
    return NextView(
        kind="start" if is_new else "learn",
        headline=first_day(prospects.stands) if is_new else steps.headline(prospects, step, sees_amounts=sees_amounts),
        minutes=step.minutes,
        what=_sentences(f"{steps.titles(prospects, step)}.", steps.confirmation(prospects, step))
        if step.awaits
        else steps.titles(prospects, step),
        effect=effect(prospects.stands.rate().basis_points, step.outlook.basis_points),
        money=monthly(prospects, step.outlook.monthly) if sees_amounts else "",
        href=url("welcome-first") if begins_anew else _begins_at(prospects, step),
        action=_("Your first lesson") if begins_anew else _("Start") if is_new else _action(prospects, step),
        asks=steps.asks(step, ""),
    )


def _selling(prospects: Prospects, step: NextStep, *, sees_amounts: bool) -> NextView:
    return NextView(
        kind="sell",
        headline=steps.headline(prospects, step, sees_amounts=sees_amounts),
        minutes=0,
        what=_sentences(
            _("Everything that can be learned for it is done; the rest is won with clients."),
            steps.confirmation(prospects, step),
        ),
        effect="",
        money="",
        href=_begins_at(prospects, step) + steps.asks(step, _sales(prospects, step) if sees_amounts else ""),
        action=_action(prospects, step),
    )


def _resting(prospects: Prospects) -> NextView:
    """Neither learning nor sales alone do anything now: what is held, until when, and what is missing to keep it."""
    stands = prospects.stands
    name = sentences.tier_name(stands.plan, stands.held.tier)
    told = [_("There is nothing left to learn that would raise your rate now.")]
    if stands.held.awaiting:
        told = [promotions.waiting(stands.plan, stands.held, prospects.at)]
    elif stands.held.warnings:
        told = [f"{steps.notice(stands)}."]
    elif stands.safe_until:
        told.append(_("%(tier)s is safe until %(day)s.") % {"tier": name, "day": formats.day(stands.safe_until)})
    return NextView(
        kind="rest",
        headline=_("Keep %(tier)s") % {"tier": name},
        minutes=0,
        what=" ".join(told),
        effect="",
        money="",
        href=url("training"),
        action=_("Look around"),
    )


def _sentences(*said: str) -> str:
    return " ".join(filter(None, said))


def _begins_at(prospects: Prospects, step: NextStep) -> str:
    """Where a step begins: its first lesson that is left, or the arithmetic where only sales are missing."""
    if not step.modules:
        return url("what-if")
    first = prospects.modules[step.modules[0]]
    return url("lesson", first.next_lesson) if first.next_lesson else url("course", first.course_slug)


def _action(prospects: Prospects, step: NextStep) -> str:
    if not step.modules:
        return _("See what it brings")
    lessons = sum(prospects.modules[module].lessons for module in step.modules)
    return _("Continue") if lessons else _("Take the quiz")


def _sales(prospects: Prospects, step: NextStep) -> str:
    """The sum that a step asks for, as one writes it; empty for none."""
    return f"{Money(step.sales, prospects.stands.currency).decimal():f}" if step.sales else ""


def first_day(stands: Stands) -> str:
    """The promise that somebody begins with, in money and not in zeros."""
    deal = 1_000 * 10 ** exponent(stands.currency)
    brings = commission(deal, stands.rate().basis_points)
    return _("You earn %(amount)s of each %(deal)s") % {
        "amount": formats.money(brings, stands.currency, whole=brings % 100 == 0),
        "deal": formats.money(deal, stands.currency, whole=True),
    }


def effect(old: int, new: int) -> str:
    """How the rate moves: “12.08% → 14.65%”; empty when it does not."""
    if old == new:
        return ""
    return f"{formats.percent(old)} → {formats.percent(new)}"


def monthly(prospects: Prospects, amount: int) -> str:
    """What a difference is worth a month, with its basis; without sales, what a round deal would bring."""
    basis = prospects.won_in_90_days()
    currency = prospects.stands.currency
    if amount <= 0 or basis <= 0:
        return ""
    return _("About %(amount)s a month, from the %(basis)s you won in the last 90 days.") % {
        "amount": formats.money(amount, currency, whole=True),
        "basis": formats.money(basis, currency, whole=True),
    }
