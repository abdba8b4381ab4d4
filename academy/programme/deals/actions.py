"""What happens to deals: reported by staff and other systems, won, changed, refunded. Each is one fact, under the lock
of the partner; money and tier follow from the facts (reactions.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.actions import Thing, action, record
from academy.people.partners.actions import lock_partner_trusting
from academy.people.partners.queries import currency_of
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.clients.actions import client_named
from academy.programme.clients.rules import shown
from academy.programme.deals import rules
from academy.programme.deals.claims.actions import (
    claim_if_taken,
    end_case,
    free_who_waits,
    lock_client,
    refuse_while_undecided,
)
from academy.programme.deals.models import Claim, Deal, Refund
from academy.programme.deals.rules import DealKind, Move, Outcome, Said, Stage, Telling, Voice
from academy.programme.deals.telling.actions import tell_of_registration, tell_of_win
from academy.programme.plans.queries import plan_version
from academy.programme.standing.queries import stands


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of so many minor units, in the partner's currency, and what it was before it was settled in that."""

    amount: int
    currency: str
    original_amount: int | None = None
    original_currency: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a trusted source tells of a deal: how it stands with it at `occurred_at`. Names are resolved already."""

    source: str
    external_id: str
    partner: UUID
    client: str
    product: str
    sum: Sum
    stage: Stage
    occurred_at: datetime
    industry: str = ""
    deal_id: UUID = field(default_factory=uuid7)
    voice: Voice = Voice.REPORT


@dataclass(frozen=True, slots=True)
class Heard:
    """A deal once its source was heard, and whether anything of it has changed."""

    deal: Deal
    has_changed: bool


def report_deal(by: Actor, report: Report, *, now: datetime) -> Deal:
    """The deal as it stands once its source was heard; see `hear`."""
    return hear(by, report, now=now).deal


@action
def hear(by: Actor, report: Report, *, now: datetime) -> Heard:
    """Create a deal or move it to where its source says it is. What it said before, or says late, changes nothing.

    Raises Refused for a time in the future, a currency that is not the partner's, or a product that is not paid for;
    Conflict where a deal cannot go there from where it is; Forbidden.
    """
    allow(by, "deal.report")
    check_time(report.occurred_at, now)
    client = client_named(report.client)
    if report.stage in rules.OPEN:
        lock_client(client)
    at = lock_partner_trusting(report.partner, report.occurred_at, now)
    _check_sum(report.partner, report.sum)
    deal = Deal.objects.filter(source=report.source, external_id=report.external_id).first()
    if deal is None:
        return Heard(_enter(report, client, at, now), has_changed=True)
    if deal.partner_id != report.partner:
        raise Conflict(_("This deal is another partner's. Give a new deal an id of its own."))
    return Heard(deal, _move_on(deal, report, client, at, now))


def _enter(report: Report, client: UUID, at: datetime, now: datetime) -> Deal:
    """A deal that is new, at the stage that its source tells. One whose client is taken waits for a person, unless it
    is won already.
    """
    check_product(report.partner, report.product, at)
    deal = Deal(
        id=report.deal_id,
        source=report.source,
        external_id=report.external_id,
        partner_id=report.partner,
        client_id=client,
        client_name=shown(report.client),
        product=report.product,
        industry=report.industry,
        kind=_kind(report.sum),
        amount=report.sum.amount,
        currency=report.sum.currency,
        original_amount=report.sum.original_amount,
        original_currency=report.sum.original_currency,
        stage=Stage.REGISTERED,
        registered_at=at,
    )
    Deal.objects.bulk_create([deal], ignore_conflicts=True)
    if not Deal.objects.filter(pk=deal.pk).exists():
        # Somebody told of the same deal for another partner at the same moment: their lock is not ours.
        raise Conflict(_("This deal is being entered right now. Try again in a second."))
    zone = zone_of(report.partner)
    comes_to_its_client = report.stage in rules.OPEN or report.stage is Stage.WON
    claim = claim_if_taken(deal, at, zone) if comes_to_its_client else None
    if report.stage in rules.OPEN:
        deal.answer_by = rules.answer_by(at, zone)
        deal.save(update_fields=["answer_by"])
        record_registered(deal, at, now)
        if claim is not None or report.stage is Stage.REGISTERED:
            tell_of_registration(deal, claim, now=now)
    _move_on(deal, report, client, at, now, waits=claim is not None)
    return deal


def _move_on(deal: Deal, report: Report, client: UUID, at: datetime, now: datetime, *, waits: bool = False) -> bool:
    """Let a deal follow what is new in a report, and remember what was told. Says whether anything has changed.

    One that `waits` has just come to a client that is taken, and is not accepted before that is decided.
    """
    said = Said(Telling.from_json(deal.last_report), Telling.from_json(deal.last_line))
    told = Telling(report.stage, report.sum.amount, report.occurred_at)
    is_another = False
    if not said.is_late(told):
        is_another, claim = _take_what_is_sold(deal, report, client, at, now)
        waits = waits or claim is not None
    has_moved = not said.is_again(told, report.voice) and _follow(deal, report, said, told, at, now, waits=waits)
    heard = said.with_last(told, report.voice)
    if heard != said:
        deal.last_report, deal.last_line = (one and one.as_json() for one in (heard.report, heard.line))
        deal.save(update_fields=["last_report", "last_line"])
    return is_another or has_moved


def _take_what_is_sold(
    deal: Deal, report: Report, client: UUID, at: datetime, now: datetime
) -> tuple[bool, Claim | None]:
    """Another product or client than so far, which a deal may have until it is won; says whether there is one, and the
    case that it makes.

    A client is come to again: where another partner's deal holds it, the deal waits for a person, accepted or not.
    Raises Conflict with the fields once the deal is won, Refused for a product that is not paid for.
    """
    others = {"product": deal.product != report.product, "client": deal.client_id != client}
    if not any(others.values()):
        return _spell(deal, report.client), None
    if deal.stage == Stage.WON:
        fields = {name: _STAYS[name]() for name, is_other in others.items() if is_other}
        raise Conflict(_("A won deal keeps its product and client. Refund it, and report a new one."), fields=fields)
    if others["product"]:
        check_product(deal.partner_id, report.product, at)
        deal.product = report.product
        deal.save(update_fields=["product"])
    is_decided = report.stage is Stage.WON
    _spell(deal, report.client)
    return True, _come_to(deal, client, at, now, is_decided=is_decided) if others["client"] else None


def _spell(deal: Deal, client: str) -> bool:
    """A client's name is spelled as its source does by now; says whether that is another way than so far."""
    name = shown(client)
    if deal.client_name == name:
        return False
    deal.client_name = name
    deal.save(update_fields=["client_name"])
    return True


_STAYS = {
    "product": lambda: _("It was won with another product."),
    "client": lambda: _("It was won with another client."),
}


def _come_to(deal: Deal, client: UUID, at: datetime, now: datetime, *, is_decided: bool) -> Claim | None:
    end_case(deal, Outcome.FREED, at=at)
    deal.client_id = client
    deal.save(update_fields=["client"])
    free_who_waits(deal, at)
    claim = claim_if_taken(deal, at, zone_of(deal.partner_id)) if deal.stage in rules.OPEN else None
    if claim is None:
        return None
    if deal.stage == Stage.ACCEPTED:
        deal.stage, deal.protected_until, deal.answer_by = Stage.REGISTERED, None, claim.decide_by
        deal.save(update_fields=["stage", "protected_until", "answer_by"])
        record_registered(deal, at, now)
    if not is_decided:
        tell_of_registration(deal, claim, now=now)
    return claim


def _follow(deal: Deal, report: Report, said: Said, told: Telling, at: datetime, now: datetime, *, waits: bool) -> bool:
    stage = Stage(deal.stage)
    follows = rules.move(stage, told.stage, is_late=said.is_late(told))
    if follows is Move.REFUSED:
        raise Conflict(_CANNOT[stage]())
    new = report.sum if said.brings_amount(told, report.voice) else _sum_of(deal)
    if follows is Move.ONWARD and told.stage is Stage.WON:
        win(deal, new, at=at, now=now, occurred_at=told.at)
        return True
    has_changed = change(deal, new, at=at, now=now, occurred_at=told.at)
    if follows is Move.NOTHING or (waits and told.stage is Stage.ACCEPTED):
        return has_changed
    if told.stage is Stage.ACCEPTED:
        accept(deal, at=at, now=now)
    else:
        close(deal, told.stage, at=at, now=now)
    return True


def _sum_of(deal: Deal) -> Sum:
    return Sum(deal.amount, deal.currency, deal.original_amount, deal.original_currency)


_CANNOT = {
    Stage.WON: lambda: _("This deal is won. Report a refund to take it back, or its new amount to change it."),
    Stage.ACCEPTED: lambda: _("This deal is accepted. It can be won or lost now."),
    Stage.LOST: lambda: _("This deal is lost. Report it as won if the client came back, or register it anew."),
    Stage.REFUSED: lambda: _("This deal was refused. Register it anew."),
    Stage.REGISTERED: lambda: _("This deal is registered already."),
}


def record_registered(deal: Deal, at: datetime, now: datetime, *, person: UUID | None = None) -> None:
    """A deal was registered, by a person of its partner where one is named."""
    _record(deal, "deal.registered", at, now, person=person, numbers=_figures(deal))


def accept(deal: Deal, *, at: datetime, now: datetime) -> None:
    """Accept a registered deal and protect its client, under the lock. Raises Conflict while a case is undecided."""
    refuse_while_undecided(deal)
    deal.stage, deal.protected_until = Stage.ACCEPTED, rules.protected_until(at, zone_of(deal.partner_id))
    deal.save(update_fields=["stage", "protected_until"])
    _record(deal, "deal.accepted", at, now, numbers={"protected_until": deal.protected_until.isoformat()})


def close(deal: Deal, stage: Stage, *, at: datetime, now: datetime, reason: str = "", by: UUID | None = None) -> None:
    """Lose or refuse a deal, under the lock: by a person of the house, or without one. Its case ends with it."""
    deal.stage, deal.closed_at, deal.reason = stage, at, reason
    deal.save(update_fields=["stage", "closed_at", "reason"])
    end_case(deal, _ENDS[stage], at=at, by=by, reason=reason)
    free_who_waits(deal, at)
    _record(deal, f"deal.{stage}", at, now)


_ENDS = {Stage.LOST: Outcome.GIVEN_UP, Stage.REFUSED: Outcome.REFUSED}


def win(deal: Deal, won: Sum, *, at: datetime, now: datetime, occurred_at: datetime, is_by_hand: bool = False) -> None:
    """A deal is won, for what its source says now, or a person of the house by hand, under the lock."""
    check_product(deal.partner_id, deal.product, at)
    deal.stage, deal.won_at, deal.closed_at, deal.reason = Stage.WON, at, None, ""
    deal.amount, deal.original_amount, deal.original_currency = won.amount, won.original_amount, won.original_currency
    deal.kind = _kind(won)
    deal.save(update_fields=["stage", "won_at", "closed_at", "reason", *_SUM, "kind"])
    if claim := end_case(deal, Outcome.WON, at=at):
        tell_of_win(deal, claim, now=now)
    free_who_waits(deal, at)
    numbers = {"client": str(deal.client_id), **_figures(deal), **({"by_hand": True} if is_by_hand else {})}
    _record(deal, "deal.won", at, now, occurred_at=occurred_at, key=f"deal.won:{deal.pk}", numbers=numbers)


_SUM = ("amount", "original_amount", "original_currency")


def change(deal: Deal, told: Sum, *, at: datetime, now: datetime, occurred_at: datetime) -> bool:
    """What a deal is worth is told again, under the lock; says whether that is another sum than before.

    Raises Refused where less is left than was taken back, and for credits.
    """
    if told == _sum_of(deal):
        return False
    if deal.kind == DealKind.CREDIT or told.amount < 0:
        raise Refused(_("A credit stays what it is. Report another one."))
    if told.amount < deal.refunded:
        sentence = _("More than that was refunded already. Report the amount before refunds.")
        raise Refused(sentence, fields={"amount": sentence})
    old, deal.amount = deal.amount, told.amount
    deal.original_amount, deal.original_currency = told.original_amount, told.original_currency
    deal.save(update_fields=_SUM)
    if deal.stage == Stage.WON and deal.amount != old:
        numbers = {**_of_win(deal), "from": old, "to": deal.amount}
        _record(deal, "deal.changed", at, now, occurred_at=occurred_at, numbers=numbers)
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
    _check_sum(partner, taken)
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
    deal.save(update_fields=["refunded"])
    _record(
        deal,
        "deal.refunded",
        at,
        now,
        occurred_at=refunded_at,
        key=f"deal.refunded:{entered.pk}",
        numbers={**_of_win(deal), "amount": taken.amount},
    )
    return deal, True


def _kind(told: Sum) -> DealKind:
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


def check_product(partner: UUID, product: str, at: datetime) -> None:
    """Refuse a product that the partner's plan of that instant does not pay for, and a partner in no programme."""
    standing = stands(partner)
    if standing is None:
        raise Refused(_("This partner is in no programme yet, so nothing says what its deals earn."))
    if not plan_version(standing.for_deals_at(at).plan).pays_for(product):
        sentence = _("“%(product)s” is not among the products of this programme.") % {"product": product[:60]}
        raise Refused(sentence, fields={"product": sentence})


def check_time(occurred_at: datetime, now: datetime) -> None:
    """Refuse what cannot be when something happened. A partner's time follows its sales and never goes back: one in the
    future would hold up everything after it.
    """
    if occurred_at < rules.EARLIEST:
        raise Refused(_("That is too long ago. Check the year."), fields={"occurred_at": _("1970 or later.")})
    if occurred_at > now + rules.AHEAD:
        raise Refused(_("This lies in the future. Check the date."), fields={"occurred_at": _("Not in the future.")})


def _check_sum(partner: UUID, told: Sum) -> None:
    ours = currency_of(partner)
    if abs(told.amount) > rules.most(told.currency):
        sentence = _("That amount is too large to be one deal. Check the figures.")
        raise Refused(sentence, fields={"amount": sentence})
    if ours != told.currency:
        sentence = _("This partner is paid in %(ours)s; a deal in %(theirs)s needs its settled amount.")
        sentence %= {"ours": ours, "theirs": told.currency}
        raise Refused(sentence, fields={"currency": sentence})
