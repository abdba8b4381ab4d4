"""The next step in words, for every page and the API: what to do, what it keeps or brings, and what without it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.programme.lapses.rules import Risk
from academy.programme.outlook.queries import Prospects
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, Warning, ranks
from academy.programme.steps.rules import Kept, NextStep
from academy.programme.warnings.rules import missing_to_keep
from academy.web import fall_words, formats, promotions, sentences


def headline(ahead: Prospects, step: NextStep, *, sees_amounts: bool) -> str:
    """The step in the fewest words: “Keep Gold: pass one quiz by 14 Mar”, “One quiz from Gold”, “£2,000 from Gold”."""
    if step.keeps is not None:
        return _("Keep %(what)s: %(how)s by %(day)s") % {
            "what": kept(ahead, step.keeps),
            "how": _how(ahead, step, sees_amounts=sees_amounts),
            "day": formats.day(step.keeps.until),
        }
    if not step.modules:
        return _selling(ahead, step, sees_amounts=sees_amounts)
    quizzes, lessons = _left(ahead, step)
    return sentences.headline(tier=rises_to(ahead, step), quizzes=quizzes, lessons=lessons)


def _selling(ahead: Prospects, step: NextStep, *, sees_amounts: bool) -> str:
    view = ahead.stands.next_tier()
    tier = view.tier.name if view else ""
    if not sees_amounts:
        return _("Only sales are missing for %(tier)s") % {"tier": tier}
    return _("%(amount)s from %(tier)s") % {"amount": _sum(ahead, step), "tier": tier}


def rises_to(ahead: Prospects, step: NextStep) -> str | None:
    """The name of the tier that a step leads to; None when it leads to no higher one."""
    plan, then = ahead.stands.plan, step.outlook.held
    higher = ranks(plan, then)[Part.TIER] > ranks(plan, ahead.stands.held)[Part.TIER]
    return sentences.tier_name(plan, then.tier) if higher else None


def kept(ahead: Prospects, keeps: Kept) -> str:
    """What a step keeps, in a word or two: the tier, which says most, else the bonus, else the rate."""
    parts = {risk.part: risk for risk in keeps.risks}
    if Part.TIER in parts:
        return kept_tier(ahead, parts[Part.TIER])
    return _("your training bonus") if Part.BONUS in parts else _("your rate")


def kept_tier(ahead: Prospects, risk: Risk) -> str:
    """The name of the tier that is kept: that of today, or the highest that can be."""
    plan, held = ahead.stands.plan, ahead.stands.held
    return sentences.tier_name(plan, held.tier if risk.least is None else plan.tiers[risk.least].slug)


def without_it(ahead: Prospects, keeps: Kept) -> str:
    """What happens without the step: “Without it your rate goes 14.65% → 11.50% on deals won from 14 Mar.”"""
    now, day = ahead.stands.rate().basis_points, formats.day(keeps.all_from)
    if keeps.basis_points == keeps.kept_basis_points:
        return _("Without it you lose it on %(day)s.") % {"day": formats.day(keeps.until)}
    words = {"now": formats.percent(now), "then": formats.percent(keeps.basis_points), "day": day}
    if keeps.kept_basis_points == now:
        return _("Without it your rate goes %(now)s → %(then)s on deals won from %(day)s.") % words
    words["kept"] = formats.percent(keeps.kept_basis_points)
    sentence = _("From %(day)s your rate goes %(now)s → %(kept)s with this step, and to %(then)s without it.")
    return sentence % words


def notice(stands: Stands) -> str:
    """The first open notice, and what of the tier's own requirements is missing to keep it."""
    return told(stands, stands.held.warnings[0], sees_amounts=False)


def told(stands: Stands, warning: Warning, *, sees_amounts: bool) -> str:
    """A notice that is open, and what is missing to keep what it is about; sums for those who may see amounts."""
    said = fall_words.open_warning(stands.plan, stands.held.tier, warning)
    if warning.part is Part.UPLIFT:  # it says so itself
        return said
    missing = [
        sentences.missing(leaf, stands.currency) if sees_amounts or leaf.metric != "won" else _("more sales")
        for leaf in missing_to_keep(stands.plan, stands.held, warning.part, stands.levels, stands.currency)
    ]
    return _("%(notice)s: %(missing)s") % {"notice": said, "missing": ", ".join(missing)} if missing else said


def _how(ahead: Prospects, step: NextStep, *, sees_amounts: bool) -> str:
    learning = _learning(ahead, step) if step.modules else ""
    if not step.sales:
        return learning
    selling = _("win %(amount)s more") % {"amount": _sum(ahead, step)} if sees_amounts else _("win more")
    return _("%(first)s and %(second)s") % {"first": learning, "second": selling} if learning else selling


def _learning(ahead: Prospects, step: NextStep) -> str:
    if step.credentials and ahead.renewed.issuperset(step.credentials):
        return _("renew")
    quizzes, lessons = _left(ahead, step)
    if lessons == 0:
        return ngettext("pass one quiz", "pass %(count)d quizzes", quizzes) % {"count": quizzes}
    return ngettext("finish one lesson", "finish %(count)d lessons", lessons + quizzes) % {"count": lessons + quizzes}


def _left(ahead: Prospects, step: NextStep) -> tuple[int, int]:
    """Quizzes and other lessons that are left of a step."""
    left = [ahead.modules[module] for module in step.modules]
    return sum(one.quizzes for one in left), sum(one.lessons for one in left)


def _sum(ahead: Prospects, step: NextStep) -> str:
    return formats.money(step.sales, ahead.stands.currency, whole=step.sales % 100 == 0)


def titles(ahead: Prospects, step: NextStep) -> str:
    """What is to be learned, by name: two at most, then how many more."""
    named = [ahead.modules[module].title for module in step.modules]
    if len(named) == 2:
        return _("%(first)s and %(second)s") % {"first": named[0], "second": named[1]}
    if len(named) > 2:
        return _("%(first)s and %(count)d more") % {"first": named[0], "count": len(named) - 1}
    return "".join(named)


def confirmation(ahead: Prospects, step: NextStep) -> str:
    """What is said of a step to a tier that SISO must confirm; empty for others."""
    return promotions.will_wait(sentences.tier_name(ahead.stands.plan, step.awaits)) if step.awaits else ""


def asks(step: NextStep, sales: str) -> str:
    """The question to the what-if page that the step answers, as the end of an address; `sales` as one writes it."""
    asked = [f"module={module}" for module in step.modules] + ([f"sales={sales}"] if sales else [])
    return "?" + "&".join(asked) if asked else ""
