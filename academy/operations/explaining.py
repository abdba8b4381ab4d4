"""A commission line in words: what was sold, at which rate and why, when it is paid, and what else happened to it."""

from collections.abc import Iterator

from academy.core.money import percent
from academy.programme.commissions.explaining.queries import Explained
from academy.programme.commissions.rules import LineKind
from academy.web import formats, sentences


def in_words(it: Explained) -> Iterator[str]:
    """The lines of a text that a person reads from top to bottom."""
    line, plan = it.line, it.plan
    money = formats.money(line.amount, line.currency)
    yield f"{money} for {line.partner.name}, {_kind(it)}, plan {plan.reference}"
    yield f"Deal {line.deal.source}/{line.deal.external_id} with {line.deal.client.name}, product {it.earned.product}."
    yield ""
    yield f"Rate on {formats.day(line.deal.won_at or line.effective_at)}, by what was held just before:"
    for step in it.rate.steps:
        label = sentences.step_label(step, plan, it.earned.tier)
        yield f"  {label}: {percent(sentences.step_result(step))} %"
    yield f"  rounded once to {percent(it.rate.basis_points)} %"
    yield ""
    yield from _arithmetic(it)
    yield f"It may be paid from {formats.day(line.payable_on)}."
    if len(it.history) > 1:
        yield ""
        yield "All lines of this deal:"
        for one in it.history:
            mark = " (this one)" if one.id == line.pk else ""
            yield f"  {formats.day(one.effective_at)} {one.kind} {formats.money(one.amount, line.currency)}{mark}"
    if it.rate_today is not None and it.rate_today.basis_points != it.rate.basis_points:
        yield ""
        yield f"Today's rate is {percent(it.rate_today.basis_points)} %: it holds for deals won from now on."


def _kind(it: Explained) -> str:
    if it.line.corrects_id is not None:
        return "a correction"
    return {
        LineKind.EARNED: "earned",
        LineKind.REVERSED: "taken back for a refund",
        LineKind.ADJUSTED: "for a changed amount",
    }[LineKind(it.line.kind)]


def _arithmetic(it: Explained) -> Iterator[str]:
    line = it.line
    if it.moved is not None:
        worth, back = (formats.money(sum_, line.currency) for sum_ in (it.moved.amount, it.moved.refunded))
        before, now = it.moved.before, it.moved.before + line.amount
        yield f"The deal is worth {worth} now, of which {back} was taken back: it comes to {_money(now, it)} in all."
        yield f"It came to {_money(before, it)} before, so this line is {_money(line.amount, it)}."
    elif it.correction is not None:
        yield f"A person decided this, with the reason: {it.correction.reason}"
    else:
        yield (
            f"{_money(it.earned.amount, it)} x {percent(line.rate)} % = {_money(line.amount, it)}, "
            "rounded half away from zero."
        )


def _money(amount: int, it: Explained) -> str:
    return formats.money(amount, it.line.currency)
