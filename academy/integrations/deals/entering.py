"""Entering what an import has checked: partners that are new, deals, and what waits to be matched."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from academy.core.money import Money
from academy.integrations.deals.mapping import Mapping
from academy.integrations.deals.staging import Staged
from academy.journal.actions import action
from academy.people.partners.opening.actions import create_partners
from academy.people.permissions.rules import Actor
from academy.programme.deals.actions import Sum
from academy.programme.deals.hearing.actions import Report, hear
from academy.programme.deals.models import KeptReport, KnownName
from academy.programme.deals.reports.rules import Told
from academy.programme.deals.rules import NameKind, Stage, Voice
from academy.programme.imports.actions import WonDeal, enter_won
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.actions import enrol_partner
from academy.programme.standing.models import Standing


@action
def found(mapping: Mapping, *, now: datetime) -> UUID:
    """The programme of a mapping's file, with the first version of its plan."""
    file = mapping.programme
    assert file is not None
    programme = found_programme(file.slug, name=file.name, timezone=file.timezone, clock=file.clock)
    publish_plan(None, programme, file.written, reason=file.reason, effective_from=file.begins, now=now)
    return programme


@action
def enter_many(by: Actor, mapping: Mapping, rows: Sequence[Staged], programme: UUID, *, now: datetime) -> None:
    """A chunk of new won deals; partners that are new are made with it."""
    partners = _partners(by, mapping, rows, now)
    deals = [
        WonDeal(
            source=mapping.source,
            external_id=row.external_id,
            partner=row.partner or partners[row.partner_name],
            client=row.client,
            product=row.product,
            industry=row.industry,
            amount=row.amount,
            currency=row.currency,
            occurred_at=row.occurred_at,
        )
        for row in rows
    ]
    enter_won(by, deals, programme=programme, now=now)


@action
def enter_alone(by: Actor, mapping: Mapping, row: Staged, programme: UUID | None, *, now: datetime) -> bool:
    """One deal, entered or moved as if its source had told of it just now. Says whether that has changed anything."""
    partner = row.partner or _partners(by, mapping, [row], now)[row.partner_name]
    if programme is not None and not Standing.objects.filter(pk=partner).exists():
        enrol_partner(partner, programme, at=row.occurred_at, now=now)
    report = Report(
        source=mapping.source,
        external_id=row.external_id,
        partner=partner,
        client=row.client,
        product=row.product,
        sum=Sum(row.amount, row.currency),
        stage=Stage(row.stage),
        occurred_at=row.occurred_at,
        industry=row.industry,
        voice=Voice.LINE,
    )
    return hear(by, report, now=now).has_changed


def _partners(by: Actor, mapping: Mapping, rows: Sequence[Staged], now: datetime) -> dict[str, UUID]:
    """The partners of names that were not known when the import began; who is not made by now is made."""
    currencies: dict[str, str] = {}
    for row in rows:
        if row.partner is None:
            currencies.setdefault(row.partner_name, row.currency)
    known = KnownName.objects.filter(source=mapping.source, kind=NameKind.PARTNER, name__in=list(currencies))
    partners: dict[str, UUID] = {name: partner for name, partner in known.values_list("name", "partner_id") if partner}
    made = create_partners(
        {name: currency for name, currency in currencies.items() if name not in partners},
        by=by,
        now=now,
        kind=mapping.partner_kind,
        timezone=mapping.partner_timezone,
    )
    KnownName.objects.bulk_create(
        KnownName(source=mapping.source, kind=NameKind.PARTNER, name=name, partner_id=partner, matched_at=now)
        for name, partner in made.items()
    )
    return partners | made


def keep(source: str, rows: Sequence[Staged], *, now: datetime) -> None:
    """Keep what is not understood until a person matches it; what waits already is not kept twice."""
    for start in range(0, len(rows), 500):
        _keep(source, rows[start : start + 500], now=now)


@action
def _keep(source: str, rows: Sequence[Staged], *, now: datetime) -> None:
    waiting = KeptReport.objects.filter(source=source, entered_at=None, dropped_at=None)
    known = waiting.filter(external_id__in=[row.external_id for row in rows]).values_list("external_id", "told")
    told_before = [(external_id, told) for external_id, told in known]
    KeptReport.objects.bulk_create(
        KeptReport(
            source=source,
            external_id=row.external_id,
            told=told,
            partner_name="" if row.partner else row.partner_name,
            product_name=row.product if row.partner else "",
            received_at=now,
        )
        for row in rows
        if (row.external_id, told := _told(source, row)) not in told_before
    )


def _told(source: str, row: Staged) -> dict[str, Any]:
    """As a report from another system would be kept."""
    return Told(
        source=source,
        external_id=row.external_id,
        partner=row.partner_name,
        product=row.product,
        client=row.client,
        amount=f"{Money(row.amount, row.currency).decimal():f}",
        currency=row.currency,
        stage=row.stage,
        occurred_at=row.occurred_at.isoformat(),
        industry=row.industry,
        # Reading lets a negative amount through only where the mapping calls it a credit.
        is_credit=row.amount < 0,
    ).as_json()
