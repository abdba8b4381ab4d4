"""What happens to deals: accepted, lost, won, changed, refunded. Each is one fact, under the lock of the partner; money
and tier follow from the facts (reactions.py). What a source tells comes here by `hearing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.writes import save
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner_trusting
from academy.people.partners.queries import currency_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals import rules
from academy.programme.deals.claims.actions import (
    end_case,
    free_who_waits,
    refuse_while_undecided,
)
from academy.programme.deals.models import Deal, Refund
from academy.programme.deals.rules import DealKind, Outcome, Stage
from academy.programme.deals.telling.actions import registrant, tell_of_loss, tell_of_win
from academy.programme.plans.queries import plan_version
from academy.programme.standing.queries import Stands, stands


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of so many minor units, in the partner's currency, and what it was before it was settled in that."""

    amount: int
    currency: str
    original_amount: int | None = None
    original_currency: str = ""


def sum_of(deal: Deal) -> Sum:
    """What a deal is worth as it stands."""
    return Sum(deal.amount, deal.currency, deal.original_amount, deal.original_currency)


def record_registered(deal: Deal, at: datetime, now: datetime) -> None:
    """A deal was registered. Whoever of its partner did that, and is still there, stands beside every fact of it that
    has a figure, and so is told what its page shows them.
    """
    _record(deal, "deal.registered", at, now, person=registrant(deal), numbers=_figures(deal))


def accept(deal: Deal, *, at: datetime, now: datetime) -> None:
    """Accept a registered deal and protect its client, under the lock. Raises Conflict while a case is undecided."""
    refuse_while_undecided(deal)
    deal.stage, deal.protected_until = Stage.ACCEPTED, rules.protected_until(at, zone_of(deal.partner_id))
    save(deal, "stage", "protected_until")
    numbers = {"protected_until": deal.protected_until.isoformat()}
    _record(deal, "deal.accepted", at, now, person=registrant(deal), numbers=numbers)


def close(deal: Deal, stage: Stage, *, at: datetime, now: datetime, reason: str = "", by: UUID | None = None) -> None:
    """Lose or refuse a deal, under the lock: by a person, or by what its source says. Its case ends with it."""
    deal.stage, deal.closed_at, deal.reason = stage, at, reason
    save(deal, "stage", "closed_at", "reason")
    end_case(deal, _ENDS[stage], at=at, by=by, reason=reason)
    free_who_waits(deal, at, now=now)
    _record(deal, f"deal.{stage}", at, now)
    if stage is Stage.LOST:
        tell_of_loss(deal, now=now, by=by)


def explain(deal: Deal, reason: str, *, at: datetime, now: datetime) -> None:
    """Why a deal was lost or refused is told after it was, under the lock. The journal keeps that, not the words."""
    deal.reason = reason
    save(deal, "reason")
    _record(deal, "deal.explained", at, now)


_ENDS = {Stage.LOST: Outcome.GIVEN_UP, Stage.REFUSED: Outcome.REFUSED}


def win(deal: Deal, won: Sum, *, at: datetime, now: datetime, occurred_at: datetime, is_by_hand: bool = False) -> None:
    """A deal is won, for what its source says now, or a person of the house by hand, under the lock."""
    check_product(deal.partner_id, deal.product, at)
    deal.stage, deal.won_at, deal.closed_at, deal.reason = Stage.WON, at, None, ""
    deal.amount, deal.original_amount, deal.original_currency = won.amount, won.original_amount, won.original_currency
    deal.kind = kind_of(won)
    save(deal, "stage", "won_at", "closed_at", "reason", *_SUM, "kind")
    tell_of_win(deal, end_case(deal, Outcome.WON, at=at), now=now)
    free_who_waits(deal, at, now=now)
    numbers = {"client": str(deal.client_id), **_figures(deal), **({"by_hand": True} if is_by_hand else {})}
    key, person = f"deal.won:{deal.pk}", registrant(deal)
    _record(deal, "deal.won", at, now, occurred_at=occurred_at, key=key, person=person, numbers=numbers)


_SUM = ("amount", "original_amount", "original_currency")


def change(deal: Deal, told: Sum, *, at: datetime, now: datetime, occurred_at: datetime) -> bool:
    """What a deal is worth is told again, under the lock; says whether that is another sum than before.

    Raises Refused where less is left than was taken back, and for credits.
    """
    if told == sum_of(deal):
        return False
    if deal.kind == DealKind.CREDIT or told.amount < 0:
        raise Refused(_("A credit stays what it is. Report another one."))
    if told.amount < deal.refunded:
        sentence = _("More than that was refunded already. Report the amount before refunds.")
        raise Refused(sentence, fields={"amount": sentence})
    old, deal.amount = deal.amount, told.amount
    deal.original_amount, deal.original_currency = told.original_amount, told.original_currency
    save(deal, *_SUM)
    if deal.stage == Stage.WON and deal.amount != old:
        numbers = {**_of_win(deal), "from": old, "to": deal.amount}
        _record(deal, "deal.changed", at, now, occurred_at=occurred_at, person=registrant(deal), numbers=numbers)
    return True


@action
def refund_deal(
    by: Actor, deal_id: UUID, refund: str, taken: Sum, *, refunded_at: datetime, now: datetime
) -> tuple[Deal, bool]:
    """So much of a won deal was taken back, under its source's id of the refund: the deal, and whether that was new.

    Repeated for the same refund it changes nothing. Raises Refused, Conflict, NotFound, Forbidden.
    """
    allow(by, "deal.report")
    check_time(refunded_at, now)
    partner = Deal.objects.filter(pk=deal_id).values_list("partner_id", flat=True).first()
    if partner is None:
        raise NotFound()
    at = lock_partner_trusting(partner, refunded_at, now)
    deal = Deal.objects.get(pk=deal_id)
    check_sum(partner, taken)
    known = Refund.objects.filter(deal=deal, external_id=refund).first()
    if known is not None:
        if known.amount != taken.amount:
            raise Conflict(_("This refund was reported with another amount. Give each refund an id of its own."))
        return deal, False
    if deal.won_at is None:
        raise Conflict(_("Only a won deal can be refunded."))
    if not 0 < taken.amount <= deal.amount - deal.refunded:
        sentence = _("A refund is more than nothing and at most what is left of the deal.")
        raise Refused(sentence, fields={"amount": sentence})
    entered = Refund.objects.create(deal=deal, external_id=refund, amount=taken.amount, effective_at=at)
    deal.refunded += taken.amount
    save(deal, "refunded")
    _record(
        deal,
        "deal.refunded",
        at,
        now,
        occurred_at=refunded_at,
        key=f"deal.refunded:{entered.pk}",
        person=registrant(deal),
        numbers={**_of_win(deal), "amount": taken.amount},
    )
    return deal, True


def kind_of(told: Sum) -> DealKind:
    """A credit takes back; anything else is a sale."""
    return DealKind.CREDIT if told.amount < 0 else DealKind.SALE


def _figures(deal: Deal) -> dict[str, Any]:
    return {"product": deal.product, "amount": deal.amount, "currency": deal.currency}


def _of_win(deal: Deal) -> dict[str, Any]:
    """What happens to a won deal counts where the deal counts."""
    assert deal.won_at is not None
    won = {"product": deal.product, "currency": deal.currency, "won_at": deal.won_at.isoformat()}
    return {"client": str(deal.client_id), **won}


def _record(
    deal: Deal,
    kind: str,
    at: datetime,
    now: datetime,
    *,
    occurred_at: datetime | None = None,
    key: str | None = None,
    person: UUID | None = None,
    numbers: Mapping[str, Any] | None = None,
) -> None:
    record(
        kind,
        partner=deal.partner_id,
        person=person,
        thing=Thing("deal", deal.pk),
        at=at,
        now=now,
        occurred_at=occurred_at,
        numbers=numbers,
        key=key,
    )


def zone_of(partner: UUID) -> ZoneInfo:
    """Where the programme of a partner that has deals cuts its days."""
    standing = stands(partner)
    assert standing is not None  # nobody outside every programme has deals: see check_product
    return standing.plan.zone


def check_product(partner: UUID, product: str, at: datetime) -> Stands:
    """Refuse a product that the partner's plan of that instant does not pay for, and a partner in no programme; say
    where that stands.
    """
    standing = stands(partner)
    if standing is None:
        raise Refused(_("This partner is in no programme yet, so nothing says what its deals earn."))
    if not plan_version(standing.for_deals_at(at).plan).pays_for(product):
        sentence = _("“%(product)s” is not among the products of this programme.") % {"product": product[:60]}
        raise Refused(sentence, fields={"product": sentence})
    return standing


def check_time(occurred_at: datetime, now: datetime) -> None:
    """Refuse what cannot be when something happened. A partner's time follows its sales and never goes back: one in the
    future would hold up everything after it.
    """
    if occurred_at < rules.EARLIEST:
        raise Refused(_("That is too long ago. Check the year."), fields={"occurred_at": _("1970 or later.")})
    if occurred_at > now + rules.AHEAD:
        raise Refused(_("This lies in the future. Check the date."), fields={"occurred_at": _("Not in the future.")})


def check_amount(amount: int, currency: str) -> None:
    """Refuse an amount that is too large to be one deal, up or down."""
    if abs(amount) > rules.most(currency):
        sentence = _("That amount is too large to be one deal. Check the figures.")
        raise Refused(sentence, fields={"amount": sentence})


def check_sum(partner: UUID, told: Sum) -> None:
    """Refuse an amount that is too large to be one deal, and one in another currency than the partner's."""
    check_amount(told.amount, told.currency)
    ours = currency_of(partner)
    if ours != told.currency:
        sentence = _("This partner is paid in %(ours)s; a deal in %(theirs)s needs its settled amount.")
        sentence %= {"ours": ours, "theirs": told.currency}
        raise Refused(sentence, fields={"currency": sentence})
