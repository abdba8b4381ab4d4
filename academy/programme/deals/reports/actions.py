"""Reports whose partner or product is not known: kept, matched once by a person, remembered, and entered then."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from academy.core.errors import Conflict, NotFound, Refused
from academy.core.money import parse_amount
from academy.journal.actions import action
from academy.people.partners.models import Partner
from academy.people.permissions.access import allow
from academy.people.permissions.rules import Actor
from academy.programme.deals.actions import Report, Sum, report_deal
from academy.programme.deals.models import Deal, KeptReport, KnownName
from academy.programme.deals.reports.rules import Told
from academy.programme.deals.rules import OURS, NameKind, Stage
from academy.programme.standing.queries import stands


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a report: a deal, or a report that waits to be matched."""

    deal: Deal | None
    kept: KeptReport | None


@action
def take_report(by: Actor, told: Told, *, now: datetime) -> Taken:
    """Enter what a source tells of a deal, or keep it where its partner or product is not known.

    Repeated it changes nothing. Raises what `report_deal` raises.
    """
    allow(by, "deal.report")
    if told.source == OURS and not Deal.objects.filter(source=OURS, external_id=told.external_id).exists():
        raise NotFound(_("Partners register these deals themselves. Report under a source of your own."))
    partner = _partner(told)
    product = _product(told, partner)
    if partner is None or product is None:
        return Taken(None, _keep(told, partner=partner, product=product, now=now))
    return Taken(report_deal(by, _report(told, partner, product), now=now), None)


def _report(told: Told, partner: Partner, product: str) -> Report:
    return Report(
        source=told.source,
        external_id=told.external_id,
        partner=partner.pk,
        client=told.client,
        product=product,
        sum=_sum(told),
        stage=Stage(told.stage),
        occurred_at=datetime.fromisoformat(told.occurred_at),
        industry=told.industry,
    )


def _sum(told: Told) -> Sum:
    """The amount in the partner's currency, and what it was settled from. Raises Refused with its field."""
    amount = _amount(told.amount, told.currency, "amount", is_credit=told.is_credit)
    if not told.settled_currency:
        return Sum(amount, told.currency)
    settled = _amount(told.settled_amount, told.settled_currency, "settled")
    return Sum(settled, told.settled_currency, amount, told.currency)


def _amount(text: str, currency: str, field: str, *, is_credit: bool = False) -> int:
    try:
        amount = parse_amount(text, currency)
    except Refused as refused:
        raise Refused(refused.sentence, fields={field: refused.sentence}) from None
    if amount < 0 and not is_credit:
        sentence = _("A deal is worth nothing or more. What a client takes back is a refund.")
        raise Refused(sentence, fields={field: sentence})
    return amount


def _partner(told: Told) -> Partner | None:
    """By id, by slug, or by what the source's word was matched with."""
    try:
        return Partner.objects.filter(pk=UUID(told.partner)).first()
    except ValueError:
        pass
    named = KnownName.objects.filter(source=told.source, kind=NameKind.PARTNER, name=told.partner)
    return (
        Partner.objects.filter(slug=told.partner).first()
        or Partner.objects.filter(pk__in=named.values("partner_id")).first()
    )


def _product(told: Told, partner: Partner | None) -> str | None:
    """As the partner's plan calls it, or as the source's word was matched. Unknown partners pay for anything yet."""
    standing = stands(partner.pk) if partner else None
    if standing is None or standing.plan.pays_for(told.product):
        return told.product
    known = KnownName.objects.filter(source=told.source, kind=NameKind.PRODUCT, name=told.product)
    return known.values_list("product", flat=True).first()


def _keep(told: Told, *, partner: Partner | None, product: str | None, now: datetime) -> KeptReport:
    """The report as a row that waits; the same one where it was told before."""
    _sum(told)
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


@action
def match_partner(by: Actor, source: str, name: str, partner: UUID, *, now: datetime) -> None:
    """Remember which partner a source's word means. Raises Conflict where it is matched, NotFound, Forbidden."""
    allow(by, "deal.match")
    if not Partner.objects.filter(pk=partner).exists():
        raise NotFound
    _remember(by, KnownName(source=source, kind=NameKind.PARTNER, name=name, partner_id=partner, matched_at=now))


@action
def match_product(by: Actor, source: str, name: str, product: str, *, now: datetime) -> None:
    """Remember which product a source's word means. Raises Conflict where it is matched, Forbidden."""
    allow(by, "deal.match")
    _remember(by, KnownName(source=source, kind=NameKind.PRODUCT, name=name, product=product, matched_at=now))


def _remember(by: Actor, made: KnownName) -> None:
    made.matched_by_id = by.person_id if by.person_id.int else None
    KnownName.objects.bulk_create([made], ignore_conflicts=True)
    if not KnownName.objects.filter(pk=made.pk).exists():
        raise Conflict(_("Somebody has matched this name already."))


def enter_matched(by: Actor, source: str, *, now: datetime) -> int:
    """Enter every report of a source that is understood by now, oldest first, each in a transaction of its own.

    Returns how many. What cannot be entered says why and goes on waiting. Repeating it goes on where it stopped.
    """
    allow(by, "deal.match")
    waiting = KeptReport.objects.filter(source=source, entered_at=None, dropped_at=None).order_by("received_at", "id")
    return sum(_enter(by, kept, now=now) for kept in list(waiting.values_list("pk", flat=True)))


def _enter(by: Actor, kept_id: UUID, *, now: datetime) -> bool:
    try:
        return _enter_kept(by, kept_id, now=now)
    except Refused as refused:
        # Its words were understood: what is wrong is something else.
        said = {"problem": refused.sentence[:500], "partner_name": "", "product_name": ""}
        KeptReport.objects.filter(pk=kept_id).update(**said)
        return False


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
    partner = _partner(told)
    product = _product(told, partner)
    if partner is None or product is None:
        kept.partner_name, kept.product_name = "" if partner else told.partner, "" if product else told.product
        kept.save(update_fields=["partner_name", "product_name"])
        return False
    report_deal(by, _report(told, partner, product), now=now)
    kept.entered_at, kept.problem = now, ""
    kept.save(update_fields=["entered_at", "problem"])
    return True


@action
def drop_report(by: Actor, kept_id: UUID, *, now: datetime) -> None:
    """Say that a kept report is none of ours. Raises NotFound, Forbidden."""
    allow(by, "deal.match")
    if not KeptReport.objects.filter(pk=kept_id, entered_at=None, dropped_at=None).update(dropped_at=now):
        raise NotFound
