"""Hearing what a trusted source tells of a deal: entering it, moving it on, and remembering what was told by whom."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from academy.core import reads
from academy.core.errors import Conflict
from academy.core.ids import uuid7
from academy.core.writes import insert, save
from academy.journal.actions import action
from academy.people.partners.actions import lock_partner_trusting
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.clients.actions import client_named
from academy.programme.clients.rules import shown
from academy.programme.deals import rules
from academy.programme.deals.actions import (
    Sum,
    accept,
    change,
    check_product,
    check_sum,
    check_time,
    close,
    explain,
    kind_of,
    record_registered,
    sum_of,
    win,
    zone_of,
)
from academy.programme.deals.claims.actions import claim_if_taken, end_case, free_who_waits, is_undecided, lock_client
from academy.programme.deals.models import Deal
from academy.programme.deals.rules import Move, Outcome, Said, Stage, Telling, Voice
from academy.programme.deals.telling.actions import tell_of_registration


@dataclass(frozen=True, slots=True)
class Report:
    """What a trusted source tells of a deal: how it stands with it at `occurred_at`. Names are resolved already.

    `reason` is kept with a deal that this refuses or loses, or that is refused or lost without one.
    """

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
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """A deal once its source was heard, whether anything of it has changed, and whether it was not here before."""

    deal: Deal
    has_changed: bool
    is_new: bool = False


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
    check_sum(report.partner, report.sum)
    known = reads.row(_KNOWN, [report.source, report.external_id])
    if known is None:
        return Heard(_enter(report, client, at, now), has_changed=True, is_new=True)
    deal = Deal.objects.get(pk=known[0])
    if deal.partner_id != report.partner:
        raise Conflict(_("This deal is another partner's. Give a new deal an id of its own."))
    return Heard(deal, _move_on(deal, report, client, at, now))


# Asked apart from reading the deal: most of what is reported is new.
_KNOWN = "select id from programme_deal where source = %s and external_id = %s"


def _enter(report: Report, client: UUID, at: datetime, now: datetime) -> Deal:
    """A deal that is new, at the stage that its source tells. One whose client is taken waits for a person, unless it
    is won already.
    """
    zone = check_product(report.partner, report.product, at).plan.zone
    deal = Deal(
        id=report.deal_id,
        source=report.source,
        external_id=report.external_id,
        partner_id=report.partner,
        client_id=client,
        client_name=shown(report.client),
        product=report.product,
        industry=report.industry,
        kind=kind_of(report.sum),
        amount=report.sum.amount,
        currency=report.sum.currency,
        original_amount=report.sum.original_amount,
        original_currency=report.sum.original_currency,
        stage=Stage.REGISTERED,
        registered_at=at,
    )
    if not insert(deal, unless_there=True):
        # Somebody told of the same deal for another partner at the same moment: their lock is not ours.
        raise Conflict(_("This deal is being entered right now. Try again in a second."))
    comes_to_its_client = report.stage in rules.OPEN or report.stage is Stage.WON
    claim = claim_if_taken(deal, at, zone) if comes_to_its_client else None
    if report.stage in rules.OPEN:
        deal.answer_by = rules.answer_by(at, zone)
        save(deal, "answer_by")
        record_registered(deal, at, now)
        if claim is not None or report.stage is Stage.REGISTERED:
            tell_of_registration(deal, claim, now=now)
    _move_on(deal, report, client, at, now)
    return deal


def _move_on(deal: Deal, report: Report, client: UUID, at: datetime, now: datetime) -> bool:
    """Let a deal follow what is new in a report, and remember what was told. Says whether anything has changed."""
    said = Said(Telling.from_json(deal.last_report), Telling.from_json(deal.last_line))
    told = Telling(report.stage, report.sum.amount, report.occurred_at)
    is_another = not said.is_late(told) and _take_what_is_sold(deal, report, client, at, now)
    has_moved = not said.is_again(told, report.voice) and _follow(deal, report, said, told, at, now)
    is_explained = not said.is_late(told) and _take_reason(deal, report, at, now)
    if told.stage is Stage.ACCEPTED and deal.stage == Stage.REGISTERED:
        told = replace(told, stage=Stage.REGISTERED)  # it waits: said again once nothing is to be decided, it is news
    heard = said.with_last(told, report.voice)
    if heard != said:
        deal.last_report, deal.last_line = (one and one.as_json() for one in (heard.report, heard.line))
        save(deal, "last_report", "last_line")
    return is_another or has_moved or is_explained


def _take_reason(deal: Deal, report: Report, at: datetime, now: datetime) -> bool:
    """Why a deal came to nothing, where nobody had said that so far; says whether it is said now."""
    is_closed = deal.stage in (Stage.LOST, Stage.REFUSED) and deal.stage == report.stage
    if not is_closed or deal.reason or not report.reason:
        return False
    explain(deal, report.reason, at=at, now=now)
    return True


def _take_what_is_sold(deal: Deal, report: Report, client: UUID, at: datetime, now: datetime) -> bool:
    """Another product or client than so far, which a deal may have until it is won; says whether there is one.

    A client is come to again: where another partner's deal holds it, the deal waits for a person, accepted or not.
    Raises Conflict with the fields once the deal is won, Refused for a product that is not paid for.
    """
    others = {"product": deal.product != report.product, "client": deal.client_id != client}
    if not any(others.values()):
        return _spell(deal, report.client)
    if deal.stage == Stage.WON:
        fields = {name: _STAYS[name]() for name, is_other in others.items() if is_other}
        raise Conflict(_("A won deal keeps its product and client. Refund it, and report a new one."), fields=fields)
    if others["product"]:
        check_product(deal.partner_id, report.product, at)
        deal.product = report.product
        save(deal, "product")
    _spell(deal, report.client)
    if others["client"]:
        _come_to(deal, client, at, now, is_decided=report.stage is Stage.WON)
    return True


def _spell(deal: Deal, client: str) -> bool:
    """A client's name is spelled as its source does by now; says whether that is another way than so far."""
    name = shown(client)
    if deal.client_name == name:
        return False
    deal.client_name = name
    save(deal, "client_name")
    return True


_STAYS = {
    "product": lambda: _("It was won with another product."),
    "client": lambda: _("It was won with another client."),
}


def _come_to(deal: Deal, client: UUID, at: datetime, now: datetime, *, is_decided: bool) -> None:
    end_case(deal, Outcome.FREED, at=at)
    deal.client_id = client
    save(deal, "client_id")
    free_who_waits(deal, at, now=now)
    claim = claim_if_taken(deal, at, zone_of(deal.partner_id)) if deal.stage in rules.OPEN else None
    if claim is None:
        return
    if deal.stage == Stage.ACCEPTED:
        deal.stage, deal.protected_until, deal.answer_by = Stage.REGISTERED, None, claim.decide_by
        save(deal, "stage", "protected_until", "answer_by")
        record_registered(deal, at, now)
    if not is_decided:
        tell_of_registration(deal, claim, now=now)


def _follow(deal: Deal, report: Report, said: Said, told: Telling, at: datetime, now: datetime) -> bool:
    """Go where a report leads. A deal whose case is undecided is accepted by a person alone: until then it waits."""
    stage = Stage(deal.stage)
    follows = rules.move(stage, told.stage, is_late=said.is_late(told))
    if follows is Move.REFUSED:
        raise Conflict(_CANNOT[stage]())
    new = report.sum if said.brings_amount(told, report.voice) else sum_of(deal)
    if follows is Move.ONWARD and told.stage is Stage.WON:
        win(deal, new, at=at, now=now, occurred_at=told.at)
        return True
    has_changed = change(deal, new, at=at, now=now, occurred_at=told.at)
    if follows is Move.NOTHING or (told.stage is Stage.ACCEPTED and is_undecided(deal)):
        return has_changed
    if told.stage is Stage.ACCEPTED:
        accept(deal, at=at, now=now)
    else:
        close(deal, told.stage, at=at, now=now, reason=report.reason)
    return True


_CANNOT = {
    Stage.WON: lambda: _("This deal is won. Report a refund to take it back, or its new amount to change it."),
    Stage.ACCEPTED: lambda: _("This deal is accepted. It can be won or lost now."),
    Stage.LOST: lambda: _("This deal is lost. Report it as won if the client came back, or register it anew."),
    Stage.REFUSED: lambda: _("This deal was refused. Register it anew."),
    Stage.REGISTERED: lambda: _("This deal is registered already."),
}
