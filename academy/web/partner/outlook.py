"""What would change, in words: the next step's headline, effect and address, for Home, hub, finish page and what-if."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from academy.core.money import commission, exponent
from academy.programme.outlook.queries import Prospects
from academy.programme.outlook.rules import NextStep, missing_sales
from academy.programme.standing.queries import Stands
from academy.programme.standing.rules import Part, ranks
from academy.web import formats, sentences
from academy.web.templates import url


@dataclass(frozen=True, slots=True)
class NextView:
    """The next step as a card shows it. `kind` is learn, sell, keep or start."""

    kind: str
    headline: str
    minutes: int
    what: str
    effect: str
    money: str
    href: str
    action: str
    modules: tuple[str, ...] = ()


def next_view(prospects: Prospects, *, sees_amounts: bool, is_new: bool) -> NextView:
    """The one thing to do now: learn what pays, or sell what is missing, or keep what is held."""
    step = prospects.next_step()
    if step is None:
        return _without_learning(prospects, sees_amounts=sees_amounts)
    return _learning(prospects, step, sees_amounts=sees_amounts, is_new=is_new)


def _learning(prospects: Prospects, step: NextStep, *, sees_amounts: bool, is_new: bool) -> NextView:
    stands, plan = prospects.stands, prospects.stands.plan
    rises = ranks(plan, step.outlook.held)[Part.TIER] > ranks(plan, stands.held)[Part.TIER]
    tier = sentences.tier_name(plan, step.outlook.held.tier) if rises else None
    titles = [prospects.modules[module].title for module in step.modules]
    first = prospects.modules[step.modules[0]]
    left = [prospects.modules[module] for module in step.modules]
    quizzes, lessons = sum(one.quizzes for one in left), sum(one.lessons for one in left)
    return NextView(
        kind="start" if is_new else "learn",
        headline=first_day(stands) if is_new else sentences.headline(tier=tier, quizzes=quizzes, lessons=lessons),
        minutes=step.minutes,
        what=_listed(titles),
        effect=effect(stands.rate().basis_points, step.outlook.basis_points),
        money=monthly(prospects, step.outlook.monthly) if sees_amounts else "",
        href=url("lesson", left[0].next_lesson) if left[0].next_lesson else url("course", first.course_slug),
        action=_("Take the quiz") if lessons == 0 else _("Start") if is_new else _("Continue"),
        modules=step.modules,
    )


def _without_learning(prospects: Prospects, *, sees_amounts: bool) -> NextView:
    stands = prospects.stands
    view = stands.next_tier()
    gap = missing_sales(view)
    if view is not None and gap is not None:
        name = sentences.tier_name(stands.plan, view.tier.slug)
        amount = formats.money(gap, stands.currency, whole=gap % 100 == 0)
        return NextView(
            kind="sell",
            headline=_("%(amount)s from %(tier)s") % {"amount": amount, "tier": name}
            if sees_amounts
            else _("Only sales are missing for %(tier)s") % {"tier": name},
            minutes=0,
            what=_("Everything that can be learned for it is done; the rest is won with clients."),
            effect="",
            money="",
            href=url("what-if"),
            action=_("See what it brings"),
        )
    name = sentences.tier_name(stands.plan, stands.held.tier)
    until = _("safe until %(day)s") % {"day": formats.day(stands.safe_until)} if stands.safe_until else ""
    return NextView(
        kind="keep",
        headline=_("Keep %(tier)s") % {"tier": name},
        minutes=0,
        what=_("There is nothing left to learn that would raise your rate now. %(until)s") % {"until": until},
        effect="",
        money="",
        href=url("training"),
        action=_("Look around"),
    )


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


def _listed(titles: list[str]) -> str:
    if len(titles) <= 2:
        return _(" and ").join(titles)
    return _("%(first)s and %(count)d more") % {"first": titles[0], "count": len(titles) - 1}
