"""Carrying out what happened to deals, through the same actions as everybody's: partners register them, the manager
answers, finance corrects, and the agency's own system tells of the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from academy.core.money import commission
from academy.demo.history import (
    Accepted,
    Asked,
    Changed,
    DealEvent,
    Declined,
    Lost,
    Refunded,
    Registered,
    Replied,
    Sold,
    Unmatched,
)
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import answer_question, ask_about_line
from academy.programme.commissions.questions.models import LineQuestion
from academy.programme.commissions.rules import LineKind
from academy.programme.deals.actions import Sum, refund_deal
from academy.programme.deals.hearing.actions import Report, report_deal
from academy.programme.deals.models import Deal
from academy.programme.deals.registrations.actions import accept_deal, lose_deal, refuse_deal, register_deal, win_deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told
from academy.programme.deals.rules import Stage

SOURCE = "crm"
"""Where the deals are from that nobody registered: the agency's own system."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who: actors by address, partners and currencies by name; and the deals so far, by partner and number."""

    actors: Mapping[str, Actor]
    partners: Mapping[str, UUID]
    currencies: Mapping[str, str]
    programme: UUID
    manager: Actor
    finance: Actor
    administrator: Actor
    deals: dict[tuple[str, int], UUID] = field(default_factory=dict)

    def sum(self, partner: str, amount: int) -> Sum:
        """So many major units of a partner's currency."""
        return Sum(amount * 100, self.currencies[partner])


def deal(event: DealEvent, cast: Cast) -> None:
    """Do what the event says, at its time."""
    known = cast.deals.get((event.partner, event.number))
    match event:
        case Registered():
            _register(event, cast)
        case Unmatched():
            take_report(THE_HOUSE, _told(event), now=event.at)
        case Sold() if known is None:
            _report(event, cast)
        case _:
            assert known is not None, "nothing happens to a deal before it is there"
            _go_on(event, known, cast)


def _go_on(event: DealEvent, known: UUID, cast: Cast) -> None:
    match event:
        case Accepted():
            accept_deal(cast.manager, known, now=event.at)
        case Declined():
            refuse_deal(cast.manager, known, reason=event.reason, now=event.at)
        case Lost():
            lose_deal(cast.actors[event.person], known, reason=event.reason, now=event.at)
        case Sold():
            win_deal(cast.manager, known, amount=str(event.amount), now=event.at)
        case Changed():
            _change(event, known, cast)
        case Refunded():
            taken = cast.sum(event.partner, event.amount)
            refund_deal(THE_HOUSE, known, f"{event.at:%Y%m%d}", taken, refunded_at=event.at, now=event.at)
        case Asked():
            ask_about_line(cast.actors[event.person], _line(known).pk, event.text, now=event.at)
        case Replied():
            _reply(event, known, cast)


def _register(event: Registered, cast: Cast) -> None:
    made = register_deal(
        cast.actors[event.person],
        client=event.client,
        product=event.product,
        amount=str(event.amount),
        expected_on=event.expected,
        now=event.at,
    )
    cast.deals[event.partner, event.number] = made.pk


def _report(event: Sold, cast: Cast) -> None:
    report = Report(
        source=SOURCE,
        external_id=f"{event.partner}/{event.number}",
        partner=cast.partners[event.partner],
        client=event.client,
        product=event.product,
        sum=cast.sum(event.partner, event.amount),
        stage=Stage.WON,
        occurred_at=event.at,
    )
    cast.deals[event.partner, event.number] = report_deal(THE_HOUSE, report, now=event.at).pk


def _change(event: Changed, known: UUID, cast: Cast) -> None:
    """Told again by its own source, for another amount."""
    deal = Deal.objects.get(pk=known)
    report = Report(
        source=deal.source,
        external_id=deal.external_id,
        partner=deal.partner_id,
        client=deal.client_name,
        product=deal.product,
        sum=cast.sum(event.partner, event.amount),
        stage=Stage.WON,
        occurred_at=event.at,
    )
    report_deal(cast.manager, report, now=event.at)


def _told(event: Unmatched) -> Told:
    return Told(
        source=SOURCE,
        external_id=f"unmatched/{event.number}",
        partner=event.partner,
        product=event.product,
        client=event.client,
        amount=str(event.amount),
        currency="GBP",
        stage=Stage.WON,
        occurred_at=event.at.isoformat(),
    )


def _line(known: UUID) -> CommissionLine:
    return CommissionLine.objects.get(deal_id=known, kind=LineKind.EARNED)


def _reply(event: Replied, known: UUID, cast: Cast) -> None:
    """What was left out earns at the rate of the line itself."""
    line = _line(known)
    question = LineQuestion.objects.get(line=line, answered_at=None)
    more = commission(event.left_out * 100, line.rate)
    answer_question(cast.finance, question.pk, event.text, amount=more, now=event.at)
