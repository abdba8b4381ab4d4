"""A commission line in words: what its page says, from top to bottom, as plain text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils import timezone

from academy.web import formats
from academy.web.money.line import Opened, context
from academy.web.money.working import Figure


def in_words(found: Opened) -> list[str]:
    """The lines of a text that a person reads from top to bottom, with the days of the line's programme."""
    with timezone.override(found.zone):
        return list(_told(found))


def _told(found: Opened) -> Iterator[str]:
    told, line = context(found), found.it.line
    working = told["working"]
    yield f"{told['amount']} for {line.partner.name}: {_name(told)}"
    deal = f"{line.deal.source}/{line.deal.external_id}"
    yield f"Deal {deal} with {told['client']}, product {found.it.earned.product}."
    yield ". ".join(part for part in (told["state"], told["where"]) if part) + "."
    yield ""
    yield f"Why this amount. {working.plan}:"
    yield from _decided(working.decided, working.confirmed)
    yield from _figures(working.rate)
    yield from _figures(working.amount)
    yield working.rounding
    yield ""
    yield f"{working.question}:"
    yield from working.why
    yield ""
    yield f"When, in {told['place']} time:"
    for event in told["events"]:
        ahead = " (to come)" if event["is_ahead"] else ""
        yield f"  {formats.day(event['day'])}: {event['what']}{ahead}"
    if len(told["deal_lines"]) > 1:
        yield ""
        yield "All lines of this deal:"
        for one in told["deal_lines"]:
            mark = " (this one)" if one["is_this"] else ""
            yield f"  {formats.day(one['at'])}: {_name(one)}: {one['amount']}{mark}"
        yield f"  The deal comes to {told['deal_sum']}"


def _name(told: Mapping[str, Any]) -> str:
    """What a line is: what happened to the deal, or that it was won."""
    return str(told["what"] if told["happened"] else told["kind"])


def _decided(decided: str, confirmed: str) -> Iterator[str]:
    if decided:
        yield " ".join(part for part in (decided, confirmed) if part)


def _figures(figures: Sequence[Figure]) -> Iterator[str]:
    """A sum: what it is, and what it comes to; a total closes it."""
    for one in figures:
        yield f"  {'= ' if one.is_total else ''}{one.label}: {one.value}"
