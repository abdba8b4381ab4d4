"""Reports as they arrive: entered, or kept until a person has said what their words mean, and entered then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from academy.core import reads
from academy.core.errors import Conflict, NotFound, Refused
from academy.core.locks import wait_for
from academy.core.money import is_currency, parse_amount, parse_field
from academy.journal.actions import action
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.actions import Sum, check_amount, check_time, refund_deal
from academy.programme.deals.hearing.actions import Report, hear, report_deal
from academy.programme.deals.models import Deal, KeptRefund, KeptReport
from academy.programme.deals.reports.rules import Told, ToldRefund
from academy.programme.deals.rules import OURS, Stage
from academy.programme.deals.words.queries import partner_meant, product_meant
from academy.programme.standing.actions import let_others_follow
from academy.programme.standing.queries import stands


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report: a deal, and whether it was not here before; or a report that waits to be matched."""

    deal: Deal | None
    kept: KeptReport | None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class TakenRefund:
    """What became of a refund: a deal from which it is taken, and whether just now; or a refund that waits, with the
    report that it waits for.
    """

    deal: Deal | None
    is_new: bool
    kept: KeptRefund | None = None
    waits_for: KeptReport | None = None


@action
def take_report(by: Actor, told: Told, *, now: datetime) -> Taken:
    """Enter what a source tells of a deal, or keep it where its partner or product is not known.

    Repeated it changes nothing. Raises what `report_deal` raises.
    """
    allow(by, "deal.report")
    if told.source == OURS and not Deal.objects.filter(source=OURS, external_id=told.external_id).exists():
        raise NotFound(_("Partners register these deals themselves. Report under a source of your own."))
    partner = partner_meant(told.partner, told.source)
    standing = stands(partner) if partner else None
    product = product_meant(told, standing)
    if partner is None or product is None:
        return Taken(None, _keep(told, partner=partner, product=product, now=now))
    heard = hear(by, _report(told, partner, product), now=now)
    if heard.has_changed:
        let_others_follow(standing)
    if heard.has_changed and heard.deal.won_at is not None:
        for (kept,) in reads.rows(_REFUNDS, [told.source, told.external_id]):
            _enter_refund(by, kept, now=now)
    return Taken(heard.deal, None, is_new=heard.is_new)


@action
def take_refund(by: Actor, told: ToldRefund, *, now: datetime) -> TakenRefund:
    """Take so much from a won deal, or keep it as long as the reports that make its deal a won one are kept.

    Repeated it changes nothing. Raises what `refund_deal` raises; NotFound where nothing is known of the deal.
    """
    allow(by, "deal.report")
    deal = Deal.objects.filter(source=told.source, external_id=told.external_id).first()
    waits_for = None
    if deal is None or deal.won_at is None:
        waits_for = _waiting(told.source).filter(external_id=told.external_id).order_by("-received_at", "-id").first()
    if waits_for is not None:
        return TakenRefund(None, is_new=False, kept=_keep_refund(told, waits_for, now), waits_for=waits_for)
    if deal is None:
        raise NotFound
    taken = Sum(parse_field(told.amount, deal.currency, field="amount"), deal.currency)
    refunded, is_new = refund_deal(by, deal.pk, told.refund, taken, refunded_at=told.occurred_at, now=now)
    if is_new:
        let_others_follow(stands(deal.partner_id))
    return TakenRefund(refunded, is_new=is_new)


def _keep_refund(told: ToldRefund, waits_for: KeptReport, now: datetime) -> KeptRefund:
    """The refund as a row that waits; the same one where it was told before."""
    check_time(told.occurred_at, now)
    _one_at_a_time(told.source, told.external_id)
    report = Told.from_json(waits_for.told)
    if parse_field(told.amount, report.settled_currency or report.currency, field="amount") <= 0:
        sentence = _("A refund is more than nothing and at most what is left of the deal.")
        raise Refused(sentence, fields={"amount": sentence})
    kept = _refunds(told.source, told.external_id).filter(refund=told.refund).first()
    if kept is not None and kept.amount != told.amount:
        raise Conflict(_("This refund was reported with another amount. Give each refund an id of its own."))
    return kept or KeptRefund.objects.create(
        source=told.source,
        external_id=told.external_id,
        refund=told.refund,
        amount=told.amount,
        occurred_at=told.occurred_at,
        received_at=now,
    )


def _one_at_a_time(source: str, external_id: str) -> None:
    """Of several who keep something of one deal at once, each looks only when the one before has kept it."""
    wait_for(f"kept {source}/{external_id}")


def _waiting(source: str) -> QuerySet[KeptReport]:
    return KeptReport.objects.filter(source=source, entered_at=None, dropped_at=None)


# Asked whenever a deal is won.
_REFUNDS = """
    select id from programme_keptrefund
     where source = %s and external_id = %s and entered_at is null and dropped_at is null
     order by received_at, id
"""


def _refunds(source: str, external_id: str) -> QuerySet[KeptRefund]:
    return KeptRefund.objects.filter(source=source, external_id=external_id, entered_at=None, dropped_at=None)


def _report(told: Told, partner: UUID, product: str) -> Report:
    return Report(
        source=told.source,
        external_id=told.external_id,
        partner=partner,
        client=told.client,
        product=product,
        sum=_sum(told),
        stage=Stage(told.stage),
        occurred_at=datetime.fromisoformat(told.occurred_at),
        industry=told.industry,
        reason=told.reason,
    )


def _sum(told: Told) -> Sum:
    """The amount in the partner's currency, and what it was settled from. Raises Refused with its field."""
    amount = _amount(told.amount, told.currency, "amount", is_credit=told.is_credit)
    if not told.settled_currency:
        return Sum(amount, told.currency)
    settled = _amount(told.settled_amount, told.settled_currency, "settled")
    if told.settled_currency == told.currency or (settled and not amount):
        sentence = _(
            "What a deal was settled at is the same amount in another currency. Leave it out where there is none."
        )
        raise Refused(sentence, fields={"settled": sentence})
    return Sum(settled, told.settled_currency, amount, told.currency)


def _amount(text: str, currency: str, field: str, *, is_credit: bool = False) -> int:
    amount = parse_field(text, currency, field=field)
    if amount < 0 and not is_credit:
        sentence = _("A deal is worth nothing or more. What a client takes back is a refund.")
        raise Refused(sentence, fields={field: sentence})
    return amount


def _keep(told: Told, *, partner: UUID | None, product: str | None, now: datetime) -> KeptReport:
    """The report as a row that waits; the same one where it was told before.

    What could not be entered whatever its words mean is refused at once.
    """
    check_time(datetime.fromisoformat(told.occurred_at), now)
    worth = _sum(told)
    if not is_currency(worth.currency):
        sentence = _("“%(text)s” is no currency. Write its three letters, such as GBP.") % {"text": worth.currency}
        raise Refused(sentence, fields={"settled" if told.settled_currency else "currency": sentence})
    check_amount(worth.amount, worth.currency)
    _one_at_a_time(told.source, told.external_id)
    waiting = KeptReport.objects.filter(
        source=told.source, external_id=told.external_id, entered_at=None, dropped_at=None, told=told.as_json()
    ).first()
    return waiting or KeptReport.objects.create(
        source=told.source,
        external_id=told.external_id,
        told=told.as_json(),
        partner_name="" if partner else told.partner,
        product_name="" if product else told.product,
        received_at=now,
    )


def enter_matched(by: Actor, source: str, *, now: datetime) -> int:
    """Enter every report of a source that is understood by now, oldest first, then the refunds of what is won by then.

    Each in a transaction of its own. Returns how many. What cannot be entered says why and goes on waiting;
    repeating it goes on where it stopped.
    """
    allow(by, "deal.match")
    reports = _waiting(source).order_by("received_at", "id").values_list("pk", flat=True)
    entered = sum(_enter(by, kept, now=now) for kept in list(reports))
    # What is taken back is taken from a deal as all its reports leave it: one may be here before the deal was won.
    refunds = KeptRefund.objects.filter(source=source, entered_at=None, dropped_at=None).order_by("received_at", "id")
    return entered + sum(_enter_refund(by, kept, now=now) for kept in list(refunds.values_list("pk", flat=True)))


def _enter(by: Actor, kept_id: UUID, *, now: datetime) -> bool:
    try:
        return _enter_kept(by, kept_id, now=now)
    except Refused as refused:
        # Its words were understood: what is wrong is something else.
        said = {"problem": refused.sentence[:500], "partner_name": "", "product_name": ""}
        KeptReport.objects.filter(pk=kept_id).update(**said)
        return False


def _enter_refund(by: Actor, kept_id: UUID, *, now: datetime) -> bool:
    """Take what waited from its deal, once that is won. What is wrong with it is written down, and it waits on."""
    kept = KeptRefund.objects.filter(pk=kept_id, entered_at=None, dropped_at=None).first()
    if kept is None:
        return False
    deal = Deal.objects.filter(source=kept.source, external_id=kept.external_id).first()
    if deal is None or deal.won_at is None:
        return False
    try:
        return _enter_kept_refund(by, kept, deal, now=now)
    except Refused as refused:
        KeptRefund.objects.filter(pk=kept_id).update(problem=refused.sentence[:500])
        return False


@action
def _enter_kept_refund(by: Actor, kept: KeptRefund, deal: Deal, *, now: datetime) -> bool:
    """Whether it was still waiting once its deal's partner was locked: somebody else may have entered it meanwhile."""
    taken = Sum(parse_amount(kept.amount, deal.currency), deal.currency)
    refund_deal(by, deal.pk, kept.refund, taken, refunded_at=kept.occurred_at, now=now)
    return KeptRefund.objects.filter(pk=kept.pk, entered_at=None).update(entered_at=now, problem="") == 1


@action
def _enter_kept(by: Actor, kept_id: UUID, *, now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select told::text from programme_keptreport"
            " where id = %s and entered_at is null and dropped_at is null for no key update",
            [kept_id],
        )
        row = cursor.fetchone()
    kept = KeptReport.objects.filter(pk=kept_id).first()
    if row is None or kept is None:
        return False
    told = Told.from_json(kept.told)
    partner = partner_meant(told.partner, told.source)
    standing = stands(partner) if partner else None
    product = product_meant(told, standing)
    if partner is None or product is None:
        kept.partner_name, kept.product_name = "" if partner else told.partner, "" if product else told.product
        kept.save(update_fields=["partner_name", "product_name"])
        return False
    report_deal(by, _report(told, partner, product), now=now)
    let_others_follow(standing)
    kept.entered_at, kept.problem = now, ""
    kept.save(update_fields=["entered_at", "problem"])
    return True


@action
def drop_report(by: Actor, kept_id: UUID, *, now: datetime) -> None:
    """Say that a kept report or refund is none of ours; with the last report of a deal go its refunds.

    Raises NotFound, Forbidden.
    """
    allow(by, "deal.match")
    if KeptRefund.objects.filter(pk=kept_id, entered_at=None, dropped_at=None).update(dropped_at=now):
        return
    kept = KeptReport.objects.filter(pk=kept_id, entered_at=None, dropped_at=None).first()
    if kept is None:
        raise NotFound
    kept.dropped_at = now
    kept.save(update_fields=["dropped_at"])
    is_here = Deal.objects.filter(source=kept.source, external_id=kept.external_id).exists()
    if not is_here and not _waiting(kept.source).filter(external_id=kept.external_id).exists():
        _refunds(kept.source, kept.external_id).update(dropped_at=now)
