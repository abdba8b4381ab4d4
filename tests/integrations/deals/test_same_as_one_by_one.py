"""Whatever is imported many at a time stands there as if it had been told deal by deal."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from academy.core import clock
from academy.integrations.deals import entering, staging
from academy.integrations.deals.mapping import find_mapping
from academy.integrations.deals.reading import Table
from academy.people.partners.opening.actions import create_partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.deals.actions import Sum
from academy.programme.deals.hearing.actions import Report, report_deal
from academy.programme.deals.rules import Stage, Voice
from academy.programme.plans.models import Programme
from academy.programme.standing.actions import enrol_partner, follow_source
from academy.programme.standing.models import Standing
from academy.programme.verification.queries import verify

from .tables import NOW, Told, a_table, decided, facts_of_partners, imported, observed, rows_written, standing_rows

pytestmark = pytest.mark.django_db

SUPPLIERS = ("Acme", "Bolt", "Cove")
few = settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])

# Around the thresholds of the shipped plan, nothing and credits included.
amounts = st.one_of(
    st.sampled_from(["0.00", "0.004", "80000", "100000", "-20000.005", "500000", "1000000", "-0.005"]),
    st.integers(-3_000_000, 60_000_000).map(
        lambda pence: f"{pence // 100}.{pence % 100:02d}" if pence >= 0 else "-1.25"
    ),
)
days = st.integers(0, 900).map(lambda number: date(2012, 1, 31) + timedelta(days=number))
months = st.integers(0, 30).map(lambda number: date(2012 + number // 12, number % 12 + 1, 1))
lots, customers = st.sampled_from(["1", "3"]), st.sampled_from(["Ministry", "Council", "Police"])


def histories(when: st.SearchStrategy[date]) -> st.SearchStrategy[list[Told]]:
    one = st.tuples(st.sampled_from(SUPPLIERS), when, amounts, lots, customers)
    return st.lists(one, min_size=1, max_size=25).map(
        lambda lines: [
            Told(str(number), supplier, day.isoformat(), spend, lot, customer)
            for number, (supplier, day, spend, lot, customer) in enumerate(lines, 1)
        ]
    )


def one_a_day(rows: list[Told]) -> list[Told]:
    """No two deals of a supplier at one instant."""
    return list({(row.supplier, row.day): row for row in rows}.values())


def told_one_by_one(rows: Sequence[Told]) -> None:
    """The same by the ordinary actions, oldest first; then everybody is brought to the last instant told."""
    mapping = find_mapping("gcloud")
    programme = entering.found(mapping, now=NOW)
    with TemporaryDirectory() as folder:
        read = list(Table(a_table(Path(folder) / "rows.csv", rows), mapping, NOW, lambda problem: None))
    partners: dict[str, UUID] = {}
    for row in sorted(read, key=lambda row: (row.occurred_at, row.line)):
        if row.partner not in partners:
            partners[row.partner] = create_partner(row.partner, by=THE_HOUSE, now=NOW, timezone="UTC").pk
            enrol_partner(partners[row.partner], programme, at=row.occurred_at, now=NOW)
        report = Report(
            source="gcloud",
            external_id=row.external_id,
            partner=partners[row.partner],
            client=row.client,
            product=row.product,
            sum=Sum(row.amount, row.currency),
            stage=Stage.WON,
            occurred_at=row.occurred_at,
            industry=row.industry,
            voice=Voice.LINE,
        )
        report_deal(THE_HOUSE, report, now=NOW)
    for partner in partners.values():
        follow_source(partner, max(row.occurred_at for row in read), now=NOW)


SILVER_THAT_LEAVES = [
    Told("1", "Acme", "2012-02-01", "150000", "1", "Ministry"),
    Told("2", "Bolt", "2013-02-01", "5.00", "1", "Council"),
]
"""The tier of the first falls when its sale leaves the window: at the very instant of which the other's deal tells."""


class _Away(Exception):
    """Leaves nothing behind."""


@few
@given(histories(days).map(one_a_day))
@example(SILVER_THAT_LEAVES)
def test_deals_of_instants_of_their_own(rows: list[Told]) -> None:
    """Every row of every table, and the journal of every partner in its order."""
    found = []
    for way in (told_one_by_one, _import_at_once):
        try:
            with transaction.atomic():
                way(rows)
                found.append((rows_written(), standing_rows(versions=True), facts_of_partners()))
                raise _Away
        except _Away:
            pass
    assert found[0] == found[1]


@few
@given(histories(months), st.data())
def test_deals_of_shared_instants_in_several_files_and_small_chunks(rows: list[Told], data: st.DataObject) -> None:
    """Only the steps within an instant are not there: nobody could have seen them."""
    cut = data.draw(months).isoformat()
    order = data.draw(st.permutations(rows))
    found = []
    try:
        with transaction.atomic():
            told_one_by_one(rows)
            found.append(_without_steps())
            raise _Away
    except _Away:
        pass
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "A_CHUNK", data.draw(st.integers(1, 4)))
        patch.setattr(staging, "AN_INSTANT", data.draw(st.integers(0, 4)))
        try:
            with transaction.atomic():
                _import_at_once([row for row in order if row.day < cut])
                _import_at_once([row for row in order if row.day >= cut])
                found.append(_without_steps())
                assert verify(now=clock.now(), deep=True).differences == []
                raise _Away
        except _Away:
            pass
    assert found[0] == found[1]


def _without_steps() -> object:
    told = facts_of_partners()
    by_deal = {partner: sorted(map(str, facts)) for partner, facts in observed(told).items()}
    return rows_written(), standing_rows(versions=False), decided(told), by_deal


def _import_at_once(rows: Sequence[Told]) -> None:
    if rows:
        with TemporaryDirectory() as folder:
            assert imported(Path(folder) / "rows.csv", rows).refused == []


def a_year() -> list[Told]:
    """Three suppliers who rise and fall, with several deals at each instant."""
    return [
        Told(f"{month}/{number}", supplier, f"2012-{month:02d}-01", str(60_000 * (number + 1)))
        for month in range(1, 13)
        for supplier in SUPPLIERS
        for number in range(2)
        if month % (SUPPLIERS.index(supplier) + 1) == 0
    ]


def test_an_import_killed_at_any_statement_goes_on_where_it_stopped(tmp_path: Path) -> None:
    rows = [Told(f"{row.supplier}-{row.id}", row.supplier, row.day, row.spend) for row in a_year()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "A_CHUNK", 7)
        whole, statements = _killed_at(None, rows, tmp_path)
        for number in range(1, statements, max(statements // 14, 1)):
            assert (number, _killed_at(number, rows, tmp_path)[0]) == (number, whole)


def _killed_at(statement: int | None, rows: Sequence[Told], folder: Path) -> tuple[object, int]:
    """What stands after an import that stopped at a statement and was run again; and how many statements it took."""
    killer, found = _Killer(statement), None
    try:
        with transaction.atomic():
            try:
                with connection.execute_wrapper(killer):
                    imported(folder / "rows.csv", rows)
            except _Killed:
                assert verify(now=clock.now(), deep=True).differences == []
                imported(folder / "rows.csv", rows)
            found = (rows_written(), standing_rows(versions=False), decided(facts_of_partners()))
            raise _Away
    except _Away:
        pass
    return found, killer.count


class _Killed(Exception):
    """The process is gone."""


class _Killer:
    """Stops at one statement, once."""

    def __init__(self, at: int | None) -> None:
        self.at, self.count = at, 0

    def __call__(self, execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        self.count += 1
        if self.count == self.at:
            raise _Killed
        return execute(sql, params, many, context)


def test_nothing_is_judged_beyond_the_last_instant_told(tmp_path: Path) -> None:
    """Acme's year runs out at the very instant of Bolt's last deal, and Cove's one day later."""
    rows = [
        Told("1", "Acme", "2012-01-01", "600000"),
        Told("2", "Cove", "2012-01-02", "600000"),
        Told("3", "Bolt", "2013-01-01", "1"),
    ]
    imported(tmp_path / "rows.csv", rows)
    found = dict(Standing.objects.values_list("partner__name", "tier"))
    assert found == {"Acme": "bronze", "Bolt": "bronze", "Cove": "gold"}
    until = datetime(2013, 1, 1, tzinfo=UTC)
    assert Standing.objects.get(partner__name="Acme").judged_at == until
    assert Programme.objects.get().clock == "source"
    imported(tmp_path / "rows.csv", [*rows, Told("4", "Bolt", "2013-01-02", "1")])
    assert Standing.objects.get(partner__name="Cove").tier == "bronze"
