"""Tables of deals to import, and what stands in the academy afterwards, by names instead of ids."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from academy.integrations.deals.actions import Report, import_deals
from academy.journal.models import Fact
from academy.people.partners.models import Partner
from academy.programme.clients.models import Client
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal
from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.sales.models import Sale
from academy.programme.standing.models import Standing

HEADER = (
    *("ID", "Framework", "LotDescription", "SupplierName", "CustomerName", "ReturnMonth", "ProjectNameAndDescription"),
    *("EvidencedSpend", "Sector", "SMEorLarge"),
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Told:
    """A line as the shipped mapping reads it."""

    id: str
    supplier: str = "ACME LTD"
    day: str = "2012-04-01"
    spend: str = "100.00"
    lot: str = "3"
    customer: str = "Ministry"
    sector: str = "Health"

    def cells(self) -> tuple[str, ...]:
        """In the order of the header."""
        return (
            self.id,
            "G-Cloud",
            self.lot,
            self.supplier,
            self.customer,
            self.day,
            "",
            self.spend,
            self.sector,
            "SME",
        )


def a_table(path: Path, rows: Iterable[Told]) -> Path:
    """A file as the Cabinet Office publishes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(row.cells() for row in rows)
    return path


def imported(path: Path, rows: Sequence[Told], **how: Any) -> Report:
    """What importing these lines came to."""
    return import_deals(a_table(path, rows), now=NOW, **how)


def reasons(report: Report) -> list[tuple[int, str]]:
    """What was refused: line and sentence."""
    return [(problem.line, problem.reason) for problem in report.refused]


def standing_rows(*, versions: bool) -> list[tuple[Any, ...]]:
    """Every standing, by its partner's name; how often it was judged only where that is asked for."""
    plans = dict(PlanVersion.objects.values_list("id", "number"))
    return [
        (
            *(one.partner.name, plans[one.plan_id], one.tier, one.tier_since, one.rate, one.held, one.levels),
            *(one.judged_at, one.before["held"], plans[UUID(one.before["plan"])], one.next_change_at, one.safe_until),
            *(one.at_risk, one.programme.slug, one.version if versions else None),
        )
        for one in Standing.objects.select_related("partner", "programme").order_by("partner__name")
    ]


def rows_written() -> dict[str, list[Any]]:
    """Deals, lines and sales, every column, with names for ids."""
    deals = {deal.pk: deal for deal in Deal.objects.select_related("partner")}
    plans = dict(PlanVersion.objects.values_list("id", "number"))
    clients, partners = dict(Client.objects.values_list("id", "key")), dict(Partner.objects.values_list("id", "name"))
    return {
        "deals": sorted(
            (
                *(deal.source, deal.external_id, deal.partner.name, deal.client_name, deal.product, deal.industry),
                *(deal.kind, deal.amount, deal.currency, str(deal.original_amount), deal.original_currency),
                *(deal.refunded, deal.stage, str(deal.expected_on), deal.registered_at, str(deal.registered_by)),
                *(str(deal.answer_by), str(deal.protected_until), str(deal.won_at), str(deal.closed_at), deal.reason),
                *(json.dumps(deal.last_report, sort_keys=True), json.dumps(deal.last_line, sort_keys=True)),
            )
            for deal in deals.values()
        ),
        "lines": sorted(
            (
                *(deals[line.deal_id].external_id, partners[line.partner_id], line.kind, line.amount, line.currency),
                *(line.rate, line.effective_at, line.payable_on, plans[line.plan_id], json.dumps(line.inputs)),
                str(line.corrects_id),
            )
            for line in CommissionLine.objects.all()
        ),
        "sales": sorted(
            (
                *(deals[sale.deal].external_id, partners[sale.partner_id], clients[sale.client], sale.product),
                *(sale.amount, sale.won_at, sale.counts_from),
            )
            for sale in Sale.objects.all()
        ),
    }


def facts_of_partners() -> dict[str, list[tuple[Any, ...]]]:
    """The journal of every partner in its order, with names for ids."""
    names: dict[str, str] = {str(pk): f"deal {name}" for pk, name in Deal.objects.values_list("id", "external_id")}
    names |= {str(pk): f"client {name}" for pk, name in Client.objects.values_list("id", "key")}
    names |= {str(pk): f"partner {name}" for pk, name in Partner.objects.values_list("id", "name")}
    names |= {str(pk): f"programme {name}" for pk, name in Programme.objects.values_list("id", "slug")}
    lines = CommissionLine.objects.values_list("id", "deal__external_id", "amount")
    names |= {str(pk): f"line of {deal}: {amount}" for pk, deal, amount in lines}
    told: dict[str, list[tuple[Any, ...]]] = {}
    for fact in Fact.objects.filter(partner__isnull=False).order_by("pos"):
        numbers = {key: names.get(str(value), value) for key, value in fact.numbers.items()}
        kind, _, thing = (fact.key or "").partition(":")
        told.setdefault(names[str(fact.partner)], []).append(
            (
                *(fact.kind, str(fact.person), fact.thing_kind, names[str(fact.thing)], numbers, fact.occurred_at),
                *(fact.effective_at, fact.recorded_at, fact.rule, fact.inputs, kind, names.get(thing, thing)),
            )
        )
    return told


def decided(told: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Of each partner, from what to what tier and rate went at each instant, without the steps within it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for partner, facts in told.items():
        moves: dict[tuple[str, datetime], tuple[Any, Any]] = {}
        for fact in facts:
            if fact[0] in ("tier.changed", "rate.changed"):
                since, _ = moves.get((fact[0], fact[6]), (fact[4]["from"], None))
                moves[fact[0], fact[6]] = (since, fact[4]["to"])
        found[partner] = sorted((*key, *move) for key, move in moves.items() if move[0] != move[1])
    return found


def observed(told: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Everything else that the journal holds of each partner, in its order."""
    return {
        partner: [fact for fact in facts if fact[0] not in ("tier.changed", "rate.changed")]
        for partner, facts in told.items()
    }
