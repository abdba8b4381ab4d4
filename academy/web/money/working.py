"""Why a line is what it is: its arithmetic to the last step, by which plan, and why not at today's rate.

Said once, here: the partner's page, the studio's, the API and the command line show the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission
from academy.programme.commissions.explaining.queries import Explained
from academy.programme.commissions.rules import Moved, returned
from academy.programme.rates.rules import Rate
from academy.programme.standing.queries import Stands
from academy.web import formats, sentences
from academy.web.deal_words import is_late, product_name


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of arithmetic: what it is, and what it comes to, in minor units where that is money.

    A total closes what stands above it.
    """

    kind: str
    label: str
    value: str
    amount: int = 0
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Working:
    """Why a line is what it is. `decided` says who corrected it and why, and is empty where nobody did.

    `why` are sentences about the rate of the line beside today's; `differs` says that it is another one.
    """

    plan: str
    rate: Sequence[Figure]
    amount: Sequence[Figure]
    rounding: str
    differs: bool
    why: Sequence[str]
    decided: str
    confirmed: str

    @property
    def question(self) -> str:
        """The heading of `why`."""
        return _("Why not today's rate") if self.differs else _("Today's rate")


def name_of(person: Any) -> str:
    """How a person of the house or of a partner is told beside a line; the house itself for none."""
    return (person.name or _("somebody of SISO")) if person is not None else _("SISO")


def working(it: Explained, *, partner: str = "") -> Working:
    """How a line was worked out, told to its partner, or of a partner by its name to somebody else."""
    return Working(
        plan=_plan_dates(it),
        rate=_rate_steps(it),
        amount=amount_steps(it),
        rounding=_rounding(),
        differs=it.rate_today is None or it.rate_today.basis_points != it.rate.basis_points,
        why=why_not_todays_rate(it, partner),
        decided=_decided(it),
        confirmed=_confirmed(it),
    )


def _rate_steps(it: Explained) -> list[Figure]:
    """How the rate of a deal was made, a line a step; the last is the rate that was rounded once and is multiplied."""
    steps = [
        Figure(
            str(step.kind),
            sentences.step_label(step, it.plan, it.earned.tier),
            formats.percent(sentences.step_result(step)),
        )
        for step in it.rate.steps
    ]
    rounded = _("Rate, rounded once to %(step)s") % {"step": formats.percent(1)}
    return [*steps, Figure("rate", rounded, formats.percent(it.rate.basis_points), is_total=True)]


def amount_steps(it: Explained) -> list[Figure]:
    """How the amount of a line follows from the rate; the last is the amount."""
    line = it.line
    if line.corrects_id is not None:
        return [_sum(it, "correction", _("Correction"), line.amount, is_total=True)]
    if it.moved is None:
        return [_sum(it, "amount", _times(it, it.earned.amount), line.amount, is_total=True)]
    return _moved_steps(it, it.moved)


def _moved_steps(it: Explained, moved: Moved) -> list[Figure]:
    whole = commission(moved.amount, it.line.rate)
    steps = [_sum(it, "amount", _times(it, moved.amount), whole)]
    if moved.refunded:
        share = _("Refunded so far: %(commission)s × %(refunded)s ÷ %(amount)s") % {
            "commission": formats.money(whole, it.line.currency),
            "refunded": formats.money(moved.refunded, it.line.currency),
            "amount": formats.money(moved.amount, it.line.currency),
        }
        steps.append(_sum(it, "refunded", share, -returned(whole, moved.refunded, moved.amount)))
    return [
        *steps,
        _sum(it, "owed", _("The deal comes to"), moved.before + it.line.amount, is_total=True),
        _sum(it, "before", _("Its lines before came to"), moved.before),
        _sum(it, "difference", _("This line: the difference"), it.line.amount, is_total=True),
    ]


def _sum(it: Explained, kind: str, label: str, amount: int, *, is_total: bool = False) -> Figure:
    return Figure(kind, label, formats.money(amount, it.line.currency), amount, is_total)


def _times(it: Explained, amount: int) -> str:
    return _("%(amount)s × %(rate)s") % {
        "amount": formats.money(amount, it.line.currency),
        "rate": formats.percent(it.line.rate),
    }


def _rounding() -> str:
    """How amounts and rates are rounded, everywhere."""
    return _("The rate is rounded once, half up to %(step)s; that rate is multiplied, and the amount rounded once.") % {
        "step": formats.percent(1)
    }


def _plan_dates(it: Explained) -> str:
    """By which version of the plan, and from when until when that held."""
    start = formats.day(it.plan_from)
    if it.plan_until is None:
        return _("Plan %(plan)s, in force since %(start)s") % {"plan": it.plan.reference, "start": start}
    return _("Plan %(plan)s, in force from %(start)s until %(end)s") % {
        "plan": it.plan.reference,
        "start": start,
        "end": formats.day(it.plan_until),
    }


def why_not_todays_rate(it: Explained, partner: str = "") -> list[str]:
    """Why a line is not at the rate of today, in sentences, the first of them in one; only that, where it is."""
    said = [_won(it, partner), *_late(it)]
    today, now = it.today, it.rate_today
    if today is None or now is None:
        return [" ".join(said)]
    if now.basis_points == it.rate.basis_points:
        return [" ".join([*said, _("Today's rate is the same, %(rate)s.") % {"rate": _rate(it)}])]
    said += _since_then(it, today)
    moved = [change for change in it.changes if change.kind == "rate.changed"]
    # The journal tells the rate of the plan's default product; another product's moved for the same reasons.
    is_default = it.earned.product == today.plan.default_product
    causes = [sentences.change(one, today.plan) if is_default else sentences.cause(one) for one in moved]
    return [" ".join([*said, _today_is(it, now)]), *causes]


def _today_is(it: Explained, now: Rate) -> str:
    """What the deal's product is paid today; where its source calls it by a number, that it is a product is said."""
    said = {"product": product_name(it.earned.product), "rate": formats.percent(now.basis_points)}
    if any(letter.isalpha() for letter in it.earned.product):
        return _("%(product)s is paid %(rate)s today, for deals won from now on.") % said
    return _("Product %(product)s is paid %(rate)s today, for deals won from now on.") % said


def _since_then(it: Explained, today: Stands) -> list[str]:
    """What became of the tier: what the deal itself brought counts after it, like all that came later."""
    if it.earned.tier == today.held.tier:
        return [_("The rate was %(rate)s then. What changed it counts from then on.") % {"rate": _rate(it)}]
    said = []
    lifted, fallen = it.lifted_to, it.fell_to
    if lifted is not None:
        words = {"tier": sentences.tier_name(today.plan, lifted)}
        alone = _("This deal itself brought %(tier)s, which counts for deals won after it.")
        together = _("The deals of that moment together brought %(tier)s, which counts for deals won after them.")
        said.append((together if it.has_company else alone) % words)
    if fallen is not None:
        left = _("That day the sales still counted no longer kept %(before)s; %(tier)s counts for deals won after it.")
        before = sentences.tier_name(it.plan, it.earned.tier)
        said.append(left % {"before": before, "tier": sentences.tier_name(today.plan, fallen)})
    if today.held.tier not in (lifted, fallen):
        since = {"tier": sentences.tier_name(today.plan, today.held.tier), "day": formats.day(today.tier_since)}
        said.append(_("%(tier)s began %(day)s and counts for deals won since.") % since)
    return said


def _won(it: Explained, partner: str) -> str:
    said = {"day": formats.day(it.won_at), "tier": sentences.tier_name(it.plan, it.earned.tier), "partner": partner}
    if it.late is not None and is_late(it.late):
        said |= {"won": formats.day(it.happened_at), "told": formats.day(it.late.told_at)}
        if partner:
            return _("Won %(won)s, told %(told)s; counts from %(day)s, when %(partner)s was %(tier)s.") % said
        return _("Won %(won)s, told %(told)s; counts from %(day)s, when you were %(tier)s.") % said
    if partner:
        return _("Won %(day)s, when %(partner)s was %(tier)s.") % said
    return _("Won %(day)s, when you were %(tier)s.") % said


def _late(it: Explained) -> list[str]:
    """Why the rate is that of the day it was won, where the deal was worth nothing until later."""
    first = it.first
    if not it.came_later(first):
        return []
    words = _("Its value of %(amount)s came on %(day)s, and is paid at the rate of the day it was won.")
    return [
        words % {"amount": formats.money(it.earned.amount, it.line.currency), "day": formats.day(first.effective_at)}
    ]


def _rate(it: Explained) -> str:
    return formats.percent(it.rate.basis_points)


def _decided(it: Explained) -> str:
    if it.correction is None:
        return ""
    said = {"name": name_of(it.correction.proposed_by), "reason": it.correction.reason}
    return _("%(name)s corrected this: %(reason)s") % said


def _confirmed(it: Explained) -> str:
    found = it.correction
    if found is None or found.confirmed_by_id is None or found.confirmed_by_id == found.proposed_by_id:
        return ""
    return _("Confirmed by %(name)s.") % {"name": name_of(found.confirmed_by)}
