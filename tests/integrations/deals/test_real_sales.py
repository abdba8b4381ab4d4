"""Two years of real sales, recomputed here by other code straight from the file: every line, every tier of every day.

Nothing of the academy's rules is used to say what should be; only to ask what is.
"""

import csv
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import UUID

import pytest

from academy.core import clock
from academy.integrations.deals import import_deals
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal, KnownName
from academy.programme.history.queries import stood
from academy.programme.imports.queries import latest_told
from academy.programme.plans.models import Programme
from academy.programme.standing.models import Standing
from academy.web import formats
from academy.web.money.working import working

pytestmark = [pytest.mark.django_db, pytest.mark.shared]

PENNY = Decimal("0.01")
TIERS = (  # name, multiplier, enter and stay in pence
    ("bronze", Decimal("1.00"), 0, 0),
    ("silver", Decimal("1.15"), 10_000_000, 8_000_000),
    ("gold", Decimal("1.30"), 50_000_000, 40_000_000),
    ("platinum", Decimal("1.50"), 100_000_000, 80_000_000),
)
RATES = {name: Decimal(10) * multiplier for name, multiplier, _, _ in TIERS}


@pytest.fixture
def sales(shared: Path) -> Path:
    return shared / "data" / "gcloud-sales-2012-04_2014-03.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pence(text: str) -> int:
    return int(Decimal(text).quantize(PENNY, ROUND_HALF_UP) * 100)


def judged(held: int, won: int) -> int:
    for rank in (3, 2, 1):
        if rank > held and won >= TIERS[rank][2]:
            return rank
    return max((rank for rank in range(held + 1) if won >= TIERS[rank][3] or rank == 0), default=0)


class Supplier:
    """The ladder of one supplier, day by day."""

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self.by_day: dict[date, list[tuple[str, int]]] = defaultdict(list)
        for row in rows:
            self.by_day[date.fromisoformat(row["ReturnMonth"])].append((row["ID"], pence(row["EvidencedSpend"])))
        self.sums = {day: sum(amount for _, amount in sold) for day, sold in self.by_day.items()}
        self.lines: dict[str, tuple[int, Decimal, str]] = {}
        self.tier_on: dict[date, str] = {}

    def recompute(self, first: date, last: date) -> None:
        held, day = 0, first
        while day <= last:
            name = TIERS[held][0]
            for number, amount in self.by_day.get(day, ()):
                if amount:
                    due = (Decimal(amount) * RATES[name] / 100).quantize(Decimal(1), ROUND_HALF_UP)
                    self.lines[number] = (int(due), RATES[name], name)
            year_ago = day.replace(year=day.year - 1) if (day.month, day.day) != (2, 29) else date(day.year - 1, 2, 28)
            won = sum(amount for when, amount in self.sums.items() if year_ago < when <= day)
            held = judged(held, won)
            self.tier_on[day] = TIERS[held][0]
            day += timedelta(days=1)


def recomputed(rows: Sequence[dict[str, str]]) -> dict[str, Supplier]:
    first = date.fromisoformat(min(row["ReturnMonth"] for row in rows))
    last = date.fromisoformat(max(row["ReturnMonth"] for row in rows))
    by_supplier = defaultdict(list)
    for row in rows:
        by_supplier[row["SupplierName"]].append(row)
    suppliers = {name: Supplier(its) for name, its in by_supplier.items()}
    for supplier in suppliers.values():
        supplier.recompute(first, last)
    return suppliers


def lines() -> dict[str, tuple[int, Decimal, str]]:
    found = CommissionLine.objects.values_list("deal__external_id", "amount", "rate", "inputs")
    return {external_id: (amount, Decimal(rate) / 100, inputs["tier"]) for external_id, amount, rate, inputs in found}


def lines_of(suppliers: dict[str, Supplier]) -> dict[str, tuple[int, Decimal, str]]:
    return {external_id: line for supplier in suppliers.values() for external_id, line in supplier.lines.items()}


def tiers() -> Iterator[tuple[str, list[tuple[date, str]]]]:
    """By supplier, from which day on which tier is held, as the journal tells it."""
    facts = Fact.objects.filter(kind__in=["partner.enrolled", "tier.changed"]).order_by("pos")
    told = defaultdict(list)
    for kind, partner, numbers, at in facts.values_list("kind", "partner", "numbers", "effective_at"):
        told[partner].append((at.date(), numbers["tier" if kind == "partner.enrolled" else "to"]))
    for partner, name in KnownName.objects.values_list("partner_id", "name"):
        yield name, told[partner]


def test_every_line_and_every_tier_of_every_day(sales: Path) -> None:
    rows = rows_of(sales)
    assert sum(Decimal(row["EvidencedSpend"]) for row in rows) == Decimal("156618803.6774")
    expected = recomputed(rows)

    report = import_deals(sales, now=clock.now()).as_json()

    assert report == {
        "added": 9504,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [],
        "counts": {"deals": 9504, "amount": "156618803.78"},
    }
    assert lines() == lines_of(expected)
    assert (len(lines()), Deal.objects.filter(amount__lt=0).count(), len(expected)) == (9342, 150, 306)
    assert set(Deal.objects.filter(amount__lt=0).values_list("kind", flat=True)) == {"credit"}
    for name, told in tiers():
        on = {day: [tier for since, tier in told if since <= day][-1] for day in expected[name].tier_on}
        assert (name, on) == (name, expected[name].tier_on)

    # Asked for any day, with its windows measured anew; beyond the last instant told there is nothing to ask.
    programme = Programme.objects.get(slug="gcloud")
    chance = random.Random(9504)
    partners = dict(KnownName.objects.values_list("name", "partner_id"))
    for name in chance.sample(sorted(partners), 40):
        day = chance.choice(sorted(expected[name].tier_on))
        at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
        found = stood(partners[name], programme.pk, "GBP", at)
        assert found is not None
        assert (name, day, found.held.tier) == (name, day, expected[name].tier_on[day])
    told_until = datetime(2014, 3, 1, tzinfo=UTC)
    assert latest_told(programme.pk) == told_until
    later = stood(partners["SYMANTEC LTD"], programme.pk, "GBP", datetime(2026, 1, 1, tzinfo=UTC))
    assert (later is not None and later.at, Standing.objects.filter(judged_at__gt=told_until).count()) == (
        told_until,
        0,
    )

    assert_explained(list(CommissionLine.objects.order_by("pk").values_list("pk", flat=True))[:: len(lines()) // 600])

    before = facts()
    again = import_deals(sales, now=clock.now(), mapping="gcloud").as_json()
    assert (again["unchanged"], again["added"], again["counts"], facts()) == (9504, 0, report["counts"], before)


def assert_explained(chosen: Sequence[UUID]) -> None:
    """Each says how it comes to its amount, and why it is not at today's rate."""
    assert len(chosen) > 600
    for line in chosen:
        it = explained(THE_HOUSE, line)
        told = working(it)
        assert it.rate_today is not None
        assert formats.percent(it.rate_today.basis_points) in told.why[0]
        assert (told.amount[-1].amount, it.rate.basis_points) == (it.line.amount, it.line.rate)


def facts() -> int:
    return Fact.objects.count()


def test_month_after_month_in_any_order_of_lines(sales: Path, tmp_path: Path) -> None:
    """Two files, one after the other, each shuffled, make the same lines as one."""
    rows = rows_of(sales)
    chance = random.Random(2014)
    chance.shuffle(rows)
    for number, (since, until) in enumerate((("2012", "2013-02-15"), ("2013-02-15", "2015"))):
        part = tmp_path / f"part-{number}.csv"
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(reversed(rows[0])))
            writer.writeheader()
            writer.writerows(row for row in rows if since <= row["ReturnMonth"] < until)
        assert import_deals(part, now=clock.now()).as_json()["refused"] == []
    assert lines() == lines_of(recomputed(rows))
