"""What the house says about deals and what became of them: the same words on pages, in notices and in the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from academy.core.money import commission
from academy.core.periods import TICK
from academy.journal.queries import Line
from academy.programme.deals.late.rules import Late
from academy.programme.deals.queries import DealLine
from academy.programme.deals.rules import Outcome, Stage
from academy.programme.plans.rules import ANY_PRODUCT
from academy.programme.standing.queries import Stands
from academy.web import formats

TONES = {Stage.REGISTERED: "why", Stage.ACCEPTED: "good", Stage.WON: "good", Stage.LOST: "", Stage.REFUSED: "bad"}


def product_name(slug: str) -> str:
    """What people call a product: “AI assistant”."""
    name = product_within(slug)
    return name[:1].upper() + name[1:]


def product_within(slug: str) -> str:
    """The same within a sentence: “AI assistant”, “website”; “any product” where a plan pays one rate for all."""
    if slug == ANY_PRODUCT:
        return _("any product")
    return " ".join("AI" if word == "ai" else word for word in slug.split("-"))


def stage_name(stage: str) -> str:
    """How far a deal is, in a word or two."""
    return {
        Stage.REGISTERED: _("To be answered"),
        Stage.ACCEPTED: _("Accepted"),
        Stage.WON: _("Won"),
        Stage.LOST: _("Lost"),
        Stage.REFUSED: _("Refused"),
    }[Stage(stage)]


def state(deal: DealLine) -> str:
    """The same with the day, once it is decided: “Won 20 Nov”."""
    day = deal.happened_at or deal.closed_at
    if day is None:
        return stage_name(deal.stage)
    return _("%(stage)s %(day)s") % {"stage": stage_name(deal.stage), "day": formats.day(day)}


def tone(deal: DealLine) -> str:
    """The colour of its chip."""
    return TONES[Stage(deal.stage)]


def whereabouts(deal: DealLine, now: datetime) -> str:
    """What comes next for an open deal, in a sentence, the same for its partner and the house; once decided, only
    that it was told late.
    """
    match Stage(deal.stage):
        case Stage.REGISTERED if deal.claimed_at is not None and deal.decide_by is not None:
            return claimed(deal.claimed_at, deal.decide_by)
        case Stage.REGISTERED:
            return _answered_by(deal.answer_by, now)
        case Stage.ACCEPTED:
            return _protected(deal.protected_until, now)
        case _:
            return counts_from(deal.late)


def counts_from(late: Late | None) -> str:
    """From when a deal counts that was told late; empty where it was in time, to the day."""
    if late is None or not is_late(late):
        return ""
    days = {"told": formats.day(late.told_at), "day": formats.day(late.counts_from)}
    return _("Told %(told)s; counts from %(day)s.") % days


def is_late(late: Late) -> bool:
    """Whether its days differ where the reader counts them."""
    return late.is_by_days(timezone.get_current_timezone())


def day_of(at: datetime, late: Late | None) -> str:
    """When something happened: its day, with that of its telling where that came late."""
    if late is None or not is_late(late):
        return formats.day(at)
    days = {"day": formats.day(late.happened_at), "told": formats.day(late.told_at)}
    return _("%(day)s, told %(told)s") % days


def since(fact: Line, text: str) -> str:
    """What the journal tells, with the day it happened where it counts from a later one."""
    if not is_late(Late(fact.occurred_at, fact.recorded_at, fact.effective_at, fact.kind, fact.pos)):
        return text
    return _("%(what)s. It happened on %(day)s") % {"what": text, "day": formats.day(fact.occurred_at)}


def lacks_reason(deal: DealLine) -> bool:
    """Whether it was refused or lost and nobody said why."""
    return deal.stage in (Stage.LOST, Stage.REFUSED) and not deal.reason


def for_house(deal: DealLine, now: datetime) -> str:
    """The same for those who answer: what is asked of them."""
    if deal.stage != Stage.REGISTERED:
        return whereabouts(deal, now)
    if deal.decide_by is not None:
        return _("Two partners registered this client.")
    if deal.answer_by is not None and deal.answer_by < now:
        return _("The answer is late.")
    return _("Waits for your answer.")


def claimed(claimed_at: datetime, decide_by: datetime) -> str:
    """That another partner was first, without saying who."""
    return _("Another partner registered this client on %(day)s. A person decides by %(by)s.") % {
        "day": formats.day(claimed_at),
        "by": formats.day(decide_by, form="weekday"),
    }


def registered_already(deal: DealLine, by: str, *, is_own: bool) -> str:
    """That one's own partner has an open deal with a client: since when, by whom, in which words, how far it is.

    `by` is what a colleague is called who registered it, empty where nobody of the partner did.
    """
    said = {
        "name": by,
        "day": formats.day(deal.registered_at),
        "client": deal.client,
        "stage": {Stage.REGISTERED: _("to be answered"), Stage.ACCEPTED: _("accepted")}[Stage(deal.stage)],
    }
    if is_own:
        return _("You registered this client on %(day)s as “%(client)s” (%(stage)s).") % said
    if by:
        return _("%(name)s registered this client on %(day)s as “%(client)s” (%(stage)s).") % said
    return _("Your company has a deal with this client since %(day)s, as “%(client)s” (%(stage)s).") % said


def case_ended(outcome: str, day: datetime, by: str) -> str:
    """How a case between two partners ended, for the house."""
    sentence = {
        Outcome.GRANTED: _("Decided by %(name)s on %(day)s: accepted beside the earlier deal."),
        Outcome.REFUSED: _("Decided by %(name)s on %(day)s: refused."),
        Outcome.GIVEN_UP: _("Ended on %(day)s without a decision: this deal was given up."),
        Outcome.WON: _("Ended on %(day)s without a decision: this deal was reported as won."),
        Outcome.FREED: _("Ended on %(day)s without a decision: the earlier deal is no longer in the way."),
    }[Outcome(outcome)]
    return sentence % {"name": by or _("the house"), "day": formats.day(day)}


def _answered_by(by: datetime | None, now: datetime) -> str:
    if by is None:
        return _("Waits for an answer.")
    day = {"day": formats.day(by, form="weekday")}
    return (_("You hear by %(day)s.") if by >= now else _("The answer is late: it was due on %(day)s.")) % day


def _protected(until: datetime | None, now: datetime) -> str:
    if until is None:
        return _("Accepted.")
    day = {"day": last_day(until)}
    return (
        _("Protected until %(day)s: nobody else is accepted for this client without a person's word.")
        if until > now
        else _("The protection ended on %(day)s. The deal can still be won.")
    ) % day


def last_day(until: datetime) -> str:
    """The last day of a protection, which runs until that day is over."""
    return formats.day(until - TICK)


def promise(deal: DealLine, stands: Stands) -> str:
    """What an open deal would bring if it were won now, by the rate that would be paid; empty where nothing says so."""
    if not deal.is_open or not stands.plan.pays_for(deal.product) or not deal.amount:
        return ""
    rate = stands.rate(deal.product).basis_points
    return _("Won at today's rate of %(rate)s, %(amount)s brings %(brings)s, on hold %(days)d days.") % {
        "rate": formats.percent(rate),
        "amount": formats.money(deal.amount, deal.currency),
        "brings": formats.money(commission(deal.amount, rate), deal.currency),
        "days": stands.plan.hold_days,
    }


def told(kind: str, numbers: Mapping[str, Any]) -> str:
    """A fact about a deal, a line of one, or what a person said about a line; without the client's name."""
    if kind.startswith("commission."):
        return _line(kind, numbers)
    if kind == "deal.changed":
        return _("Deal changed: %(old)s → %(new)s") % {
            "old": formats.money(numbers["from"], numbers["currency"]),
            "new": formats.money(numbers["to"], numbers["currency"]),
        }
    if kind == "deal.accepted":
        until = datetime.fromisoformat(numbers["protected_until"])
        return _("Deal accepted, protected until %(day)s") % {"day": last_day(until)}
    amount = formats.money(numbers["amount"], numbers["currency"]) if "amount" in numbers else ""
    words = {
        "deal.registered": _("Deal registered: %(amount)s"),
        "deal.refused": _("Deal refused"),
        "deal.lost": _("Deal given up"),
        "deal.explained": _("Reason given"),
        "deal.won": _("Deal won: %(amount)s"),
        "deal.refunded": _("Taken back by a client: %(amount)s"),
        "line.questioned": _("A question about a line"),
        "line.answered": _("The question about a line is answered"),
        "correction.made": _("Correction of a line: %(amount)s"),
    }
    return words[kind] % {"amount": amount}


def without_amounts(kind: str) -> str:
    """The same for somebody who may not see what the deal is worth; empty for what is about money alone."""
    return {
        "deal.registered": _("Deal registered"),
        "deal.accepted": _("Deal accepted"),
        "deal.refused": _("Deal refused"),
        "deal.lost": _("Deal given up"),
        "deal.explained": _("Reason given"),
        "deal.won": _("Deal won"),
        "deal.refunded": _("The client took something back"),
        "deal.changed": _("The value changed"),
    }.get(kind, "")


def _line(kind: str, numbers: Mapping[str, Any]) -> str:
    words = {
        "commission.added": _("Commission: %(amount)s at %(rate)s"),
        "commission.reversed": _("Commission taken back: %(amount)s at %(rate)s"),
        "commission.adjusted": _("Commission corrected: %(amount)s at %(rate)s"),
    }
    return words[kind] % {
        "amount": formats.money(numbers["amount"], numbers["currency"]),
        "rate": formats.percent(numbers["rate"]),
    }
