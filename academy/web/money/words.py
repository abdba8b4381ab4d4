"""Money in words: where a line is, when it is paid, how it was worked out, why it is not today's rate.

The only place that says these things: page, CSV, API, mail and command line say them in the same words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from academy.core.money import commission
from academy.programme.balance.accounts.rules import Account, Group, NextPayment, Run
from academy.programme.balance.rules import LineStands
from academy.programme.commissions.explaining.queries import Explained
from academy.programme.commissions.rules import LineKind, LineState, Moved, returned
from academy.web import formats, payments, sentences
from academy.web.deal_words import product_name


def kind(line: LineKind, *, is_correction: bool = False) -> str:
    """Why a line is there, in a word or two."""
    if is_correction:
        return _("Correction")
    return {
        LineKind.EARNED: _("Commission"),
        LineKind.REVERSED: _("Refund"),
        LineKind.ADJUSTED: _("Changed amount"),
    }[line]


def state_name(state: LineState) -> str:
    """The heading of all lines in a state."""
    return {
        LineState.ON_HOLD: _("On hold"),
        LineState.READY: _("Ready"),
        LineState.ON_ITS_WAY: _("On its way"),
        LineState.PAID: _("Paid"),
    }[state]


def state_of_line(stands: LineStands, amount: int) -> str:
    """Where a line's money is, in one of the five words; what takes back is told as that."""
    return _("Taken back") if amount < 0 else payments.line_state(stands)


def whereabouts(stands: LineStands, run: Run | None, amount: int) -> str:
    """What goes with the state: why it is there, and what comes next."""
    named = stands.statement
    if named is not None:
        return _named(stands, amount)
    if run is None:
        return _("No payment planned: it waits, it does not expire")
    payment = formats.day(run.pays_on)
    if amount < 0:
        return _("Off the payment of %(day)s") % {"day": payment}
    if stands.state is LineState.ON_HOLD:
        return _("The client may still cancel. Then paid on %(day)s") % {"day": payment}
    return _("%(month)s statement, paid on %(day)s") % {"month": payments.month(run.month, year=False), "day": payment}


def together(stands: LineStands, run: Run | None) -> str:
    """What lines that are paid together have in common beside the day: their statement, their run."""
    named = stands.statement
    if named is None:
        if stands.state is LineState.ON_HOLD:
            return _("clients may still cancel")
        return (
            _("%(month)s statement") % {"month": payments.month(run.month, year=False)}
            if run
            else _("it does not expire")
        )
    if named.paid_on is None and named.came_back_on is not None:
        return _("sent back by the bank on %(day)s, paid again") % {"day": formats.day(named.came_back_on)}
    if named.paid_on is None:
        return _("run of %(day)s") % {"day": formats.day(named.runs_on)}
    return _("%(month)s statement") % {"month": payments.month(named.month, year=False)}


def _named(stands: LineStands, amount: int) -> str:
    named = stands.statement
    assert named is not None
    month = {"month": payments.month(named.month, year=False)}
    if amount < 0 and named.paid_on is not None:
        return _("Off the payment of %(day)s, %(month)s statement") % {**month, "day": formats.day(named.paid_on)}
    if named.paid_on is not None:
        return _("%(month)s statement") % month
    if named.came_back_on is not None:
        return _("The bank sent it back on %(day)s. It is paid again") % {"day": formats.day(named.came_back_on)}
    if amount < 0:
        return _("Off the payment of %(day)s, %(month)s statement") % {**month, "day": formats.day(named.pays_on)}
    return _("Run of %(run)s, paid on %(day)s") % {
        "run": formats.day(named.runs_on),
        "day": formats.day(named.pays_on),
    }


def payment(pays_on: date | None, state: LineState) -> str:
    """The heading of lines that are paid together."""
    if pays_on is None:
        return _("No payment planned")
    day = formats.day(pays_on, form="long")
    return _("Paid on %(day)s") % {"day": day} if state is LineState.PAID else _("Payment of %(day)s") % {"day": day}


def why_waiting(found: NextPayment) -> str:
    """Why no payment is planned, or why the planned one may not come; empty where nothing stands in its way."""
    return payments.next_payment(found) if found.date is None or found.waits is not None else ""


def next_payment(found: NextPayment, *, form: str = "long") -> str:
    """When the next payment comes, before what it is."""
    if found.date is None:
        return _("Next payment")
    return _("Next payment, %(day)s") % {"day": formats.day(found.date, form=form)}


def on_hold_until(account: Account, today: date) -> str:
    """Until when lines are on hold: one day, or the first and the last."""
    held = [day.payable_on for day in account.days if day.payable_on > today]
    if len(held) < 2:
        return _("until %(day)s, the client may still cancel") % {"day": formats.day(held[0])} if held else ""
    return _("until %(first)s to %(last)s, clients may still cancel") % {
        "first": formats.day(held[0]),
        "last": formats.day(held[-1]),
    }


def ready_for(groups: Sequence[Group]) -> str:
    """For which statement lines are ready: that of the payment that comes first, where several are planned."""
    months = [one.run.month for one in groups if one.state is LineState.READY and one.run]
    return _("%(month)s statement") % {"month": payments.month(months[0], year=False)} if months else ""


def on_its_way_by(groups: Sequence[Group]) -> str:
    """By which run lines are on their way: the first, where there are several."""
    waiting = [one.statement.named.runs_on for one in groups if one.statement and not one.is_paid]
    return _("run of %(day)s") % {"day": formats.day(min(waiting))} if waiting else ""


def rate_change(numbers: Mapping[str, Any]) -> str:
    """What a rate was and is: “11.50% → 12.08% for deals won since”."""
    return _("%(old)s → %(new)s for deals won since") % {
        "old": formats.percent(numbers["from"]),
        "new": formats.percent(numbers["to"]),
    }


# What a line is for


def what(
    line: LineKind,
    *,
    is_correction: bool,
    product: str,
    at: datetime,
    currency: str,
    moved: Moved | None,
    before: Moved | None,
) -> str:
    """What a line is for, beside its client: the product, or what happened to the deal and when."""
    day = formats.day(at)
    if is_correction:
        return _("Corrected by SISO on %(day)s") % {"day": day}
    if moved is None or before is None:
        return product_name(product)
    if line is LineKind.REVERSED:
        amount = formats.money(moved.refunded - before.refunded, currency)
        return _("Refund of %(amount)s on %(day)s") % {"amount": amount, "day": day}
    return _("Changed from %(old)s to %(new)s on %(day)s") % {
        "old": formats.money(before.amount, currency),
        "new": formats.money(moved.amount, currency),
        "day": day,
    }


# How a line was worked out


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


def rate_steps(it: Explained) -> list[Figure]:
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


def rounding() -> str:
    """How amounts and rates are rounded, everywhere."""
    return _("The rate is rounded once, half up to %(step)s; that rate is multiplied, and the amount rounded once.") % {
        "step": formats.percent(1)
    }


def plan_dates(it: Explained) -> str:
    """By which version of the plan, and from when until when that held."""
    start = formats.day(it.plan_from)
    if it.plan_until is None:
        return _("Plan %(plan)s, in force since %(start)s") % {"plan": it.plan.reference, "start": start}
    return _("Plan %(plan)s, in force from %(start)s until %(end)s") % {
        "plan": it.plan.reference,
        "start": start,
        "end": formats.day(it.plan_until),
    }


def why_not_todays_rate(it: Explained) -> list[str]:
    """Why a line is not at the rate of today, in sentences; one, where it is."""
    today, won = it.today, formats.day(it.won_at)
    then = sentences.tier_name(it.plan, it.earned.tier)
    if today is None or it.rate_today is None:
        return [_("Won %(day)s, when you were %(tier)s.") % {"day": won, "tier": then}]
    now = sentences.tier_name(today.plan, today.held.tier)
    if it.rate_today.basis_points == it.rate.basis_points:
        return [
            _("Won %(day)s, when you were %(tier)s. Today's rate is the same, %(rate)s.")
            % {"day": won, "tier": then, "rate": formats.percent(it.rate.basis_points)}
        ]
    said = [_won_before(it, then, now, won)]
    said += [sentences.change(change, today.plan) for change in it.changes if change.kind == "rate.changed"]
    return said


def _won_before(it: Explained, then: str, now: str, won: str) -> str:
    today = it.today
    assert today is not None
    if then == now:
        return _(
            "Won %(day)s, when you were %(tier)s and your rate was %(rate)s. What changed it counts from then on."
        ) % {
            "day": won,
            "tier": then,
            "rate": formats.percent(it.rate.basis_points),
        }
    return _("Won %(day)s, when you were %(then)s. %(now)s began %(since)s and counts for deals won since.") % {
        "day": won,
        "then": then,
        "now": now,
        "since": formats.day(today.tier_since),
    }
