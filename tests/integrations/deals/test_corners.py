"""Imports into programmes of one's own, late news, and partners that have people."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml
from django.db import connection

from academy.integrations.deals import import_deals, staging
from academy.integrations.deals.actions import Report
from academy.integrations.deals.mapping import SHIPPED
from academy.journal.models import Fact
from academy.people.memberships.actions import add_member
from academy.people.partners.models import Partner
from academy.people.partners.queries import slug_of
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.reports.actions import take_report
from academy.programme.deals.reports.rules import Told as ToldReport
from academy.programme.imports.jobs import follow_source
from academy.programme.plans.actions import publish_plan
from academy.programme.plans.models import PlanVersion, Programme
from academy.programme.standing.models import Standing
from academy.programme.verification.queries import verify

from ...factories import a_person
from ...together import together
from ...worlds import a_partner_in, a_world, win, written_plan
from .tables import NOW, Told, imported, reasons

pytestmark = pytest.mark.django_db

MAPPING = """
source: shop
stage: won
columns: {Id: external_id, Partner: partner, Customer: client, What: product, When: occurred_at, Sum: amount,
          Money: currency}
partners: {create: true}
programme: plan.yaml
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deals.yaml").write_text(MAPPING)
    return tmp_path


def write_programme(folder: Path, **changes: Any) -> None:
    """The shipped example's programme, with another plan."""
    written = yaml.safe_load((SHIPPED / "gcloud-plan.yaml").read_text())
    written["programme"]["slug"] = "shop"
    written["plan"] |= changes
    (folder / "plan.yaml").write_text(yaml.safe_dump(written))


def told(folder: Path, rows: Sequence[str], **how: Any) -> Report:
    """What importing these lines came to."""
    file = folder / "deals.csv"
    file.write_text("\n".join(("Id,Partner,Customer,What,When,Sum,Money", *rows)) + "\n")
    return import_deals(file, now=NOW, **how)


def test_a_new_partner_is_paid_in_one_currency_that_its_programme_pays(folder: Path) -> None:
    one_tier = [{"slug": "bronze", "name": "Bronze", "multiplier": 1}]
    write_programme(folder, minimum={"GBP": 5000, "EUR": 5000}, tiers=one_tier)
    report = told(
        folder,
        [
            "1,Acme,Shop,Bots,2025-02-01,10,EUR",
            "2,Acme,Shop,Bots,2025-01-01,10,GBP",
            "3,Bolt,Shop,Bots,2025-01-01,10,EUR",
            "4,Cove,Shop,Bots,2025-01-01,10,USD",
        ],
    )
    assert reasons(report) == [
        (2, "This partner is paid in the currency of its first deal, which is not EUR."),
        (5, "The programme pays in EUR, GBP, not in USD."),
    ]
    assert report.as_json()["counts"] == {"deals": 2, "amount": {"EUR": "10.00", "GBP": "10.00"}}
    assert sorted(Partner.objects.values_list("name", "currency")) == [("Acme", "GBP"), ("Bolt", "EUR")]


def test_a_new_partner_sells_what_its_programme_pays_for(folder: Path) -> None:
    write_programme(folder, base={"Bots": 10}, default_product="Bots")
    report = told(folder, ["1,Acme,Shop,Bots,2025-01-01,10,GBP", "2,Acme,Shop,Balloons,2025-01-01,10,GBP"])
    assert reasons(report) == [(3, "“Balloons” is not among the products of the partner's programme.")]
    assert list(CommissionLine.objects.values_list("deal__external_id", "amount")) == [("1", 100)]


def test_news_that_comes_too_late_for_the_plan_is_told_when_it_is_entered(tmp_path: Path) -> None:
    """A partner's time never goes back: what is told late counts now, and now nobody pays for websites."""
    world = a_world(NOW - timedelta(days=400))
    newer = written_plan(world.course.modules, [world.credential], base={"automation": 10})
    then = NOW - timedelta(days=100)
    publish_plan(
        None, world.programme, newer, reason="No websites.", effective_from=then, now=then - timedelta(days=31)
    )
    (tmp_path / "deals.yaml").write_text(
        "source: shop\ncurrency: GBP\n"
        "columns: {Id: external_id, Partner: partner, Customer: client, What: product, When: occurred_at, Sum: amount,"
        " State: stage}\n"
    )
    file, who = tmp_path / "deals.csv", Partner.objects.get(pk=world.partner).slug
    before, header = (NOW - timedelta(days=300)).date(), "Id,Partner,Customer,What,When,Sum,State"
    file.write_text(f"{header}\n1,{who},Shop,website,{before},10,registered\n")
    assert import_deals(file, now=NOW).added == 1

    win(world.partner, 10_000, at=NOW - timedelta(days=50))
    later = (NOW - timedelta(days=200)).date()
    file.write_text(
        f"{header}\n1,{who},Shop,website,{later},10,won\n2,{who},Shop,website,{later},20,won\n"
        f"3,{who},Shop,automation,{later},40,won\n"
    )
    dry, report = import_deals(file, now=NOW, dry_run=True), import_deals(file, now=NOW)
    assert dry.as_json() == report.as_json()
    said = "“website” is not among the products of this programme."
    assert report.as_json() == {
        "added": 1,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [
            {"file": "deals.csv", "line": 2, "reason": said},
            {"file": "deals.csv", "line": 3, "reason": said},
        ],
        "counts": {"deals": 1, "amount": "40.00"},
    }
    deals = Deal.objects.filter(source="shop").order_by("external_id")
    assert list(deals.values_list("external_id", "stage")) == [("1", "registered"), ("3", "won")]


def test_late_news_of_a_partner_without_people_is_told_when_it_is_entered(folder: Path) -> None:
    """Many at a time or by itself, a deal is worth what is paid for at the instant from which it counts."""
    write_programme(folder, base={"Bots": 10, "Sites": 8}, default_product="Bots")
    told(folder, ["1,Acme,Shop,Bots,2025-06-01,10,GBP"])
    programme = Programme.objects.get(slug="shop")
    newer = PlanVersion.objects.get().written | {"base": {"Bots": 10}}
    then = datetime(2025, 6, 2, tzinfo=UTC)
    publish_plan(None, programme.pk, newer, reason="No sites.", effective_from=then, now=then)
    told(folder, ["4,Acme,Shop,Bots,2025-07-01,30,GBP"])

    rows = ["2,Acme,Shop,Sites,2025-04-01,10,GBP", "3,Acme,Shop,Bots,2025-04-01,20,GBP"]
    dry, report = told(folder, rows, dry_run=True), told(folder, rows)
    assert dry.as_json() == report.as_json()
    assert reasons(report) == [(2, "“Sites” is not among the products of this programme.")]
    assert list(Deal.objects.order_by("external_id").values_list("external_id", "amount")) == [
        ("1", 1_000),
        ("3", 2_000),
        ("4", 3_000),
    ]


def test_a_dry_run_leaves_nothing_of_lines_that_are_told_alone(folder: Path) -> None:
    """New partners, their programme, an open deal, and one that is refused after something was written for it."""
    write_programme(folder, base={"Bots": 10}, default_product="Bots")
    (folder / "deals.yaml").write_text(
        MAPPING.replace("stage: won", "").replace("Money: currency", "Money: currency, State: stage")
    )
    file = folder / "deals.csv"
    file.write_text(
        "Id,Partner,Customer,What,When,Sum,Money,State\n"
        "1,Acme,Shop,Bots,2025-06-01,10,GBP,registered\n2,Acme,Mill,Bots,2025-06-02,10,GBP,won\n"
    )
    dry = import_deals(file, now=NOW, dry_run=True)
    assert (Deal.objects.count(), Partner.objects.count(), Programme.objects.count(), Fact.objects.count()) == (0,) * 4
    assert (dry.as_json(), dry.added) == (import_deals(file, now=NOW).as_json(), 2)


def test_partners_with_people_fall_when_their_source_tells_of_later_months(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    imported(file, [Told("1", spend="120000")])
    partner = Partner.objects.get()
    add_member(partner.pk, a_person().pk, role="owner", by=THE_HOUSE, now=datetime(2012, 5, 1, tzinfo=UTC))
    assert Standing.objects.get().tier == "silver"
    imported(file, [Told("3", supplier="Cove", day="2013-06-01")])
    assert sorted(Standing.objects.values_list("partner__name", "tier", "tier_since")) == [
        ("ACME LTD", "bronze", datetime(2013, 4, 1, tzinfo=UTC)),
        ("Cove", "bronze", datetime(2010, 1, 1, tzinfo=UTC)),
    ]


def report_later(partner: UUID) -> None:
    """The source reports a sale of this partner alone, of a later month."""
    later = ToldReport(
        source="gcloud",
        external_id="later",
        partner=str(partner),
        product="3",
        client="Ministry",
        amount="100",
        currency="GBP",
        stage="won",
        occurred_at="2013-06-01T00:00:00+00:00",
    )
    take_report(THE_HOUSE, later, now=NOW)


def follow_jobs() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select args->>'programme_id' from procrastinate_jobs where task_name = 'programme.follow_source'"
        )
        return [programme for (programme,) in cursor.fetchall()]


def test_others_fall_when_their_source_reports_a_later_deal_of_one_alone(tmp_path: Path) -> None:
    """As an import of that deal would leave them; and nobody is judged beyond it, however late it is today."""
    imported(tmp_path / "sales.csv", [Told("1", spend="120000"), Told("2", supplier="Cove")])
    assert follow_jobs() == []
    report_later(Partner.objects.get(name="Cove").pk)
    assert Standing.objects.get(partner__name="ACME LTD").tier == "silver"
    (programme,) = follow_jobs()
    for _again in range(2):
        follow_source(programme)
    assert sorted(Standing.objects.values_list("partner__name", "tier", "tier_since", "judged_at")) == [
        ("ACME LTD", "bronze", (fell := datetime(2013, 4, 1, tzinfo=UTC)), fell),
        ("Cove", "bronze", datetime(2010, 1, 1, tzinfo=UTC), datetime(2013, 6, 1, tzinfo=UTC)),
    ]


@pytest.mark.django_db(transaction=True)
def test_nobody_follows_half_an_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first partners it has told all, of the others nothing: they would be judged beyond their own sales."""
    monkeypatch.setattr(staging, "A_CHUNK", 1)
    rows = [Told("1", day="2013-04-01"), Told("2", supplier="Cove", spend="120000")]
    rows += [Told(str(number), supplier="Cove", day=f"2012-{number:02d}-01") for number in range(6, 9)]
    jobs: list[Any] = []

    def follow(done: int, total: int) -> None:
        programme = Programme.objects.filter(slug="gcloud").first()
        if programme is not None:
            jobs.extend(together(1, lambda number: follow_source(str(programme.pk))))

    imported(tmp_path / "sales.csv", rows, progress=follow)
    assert (len(jobs) > 2, set(jobs)) == (True, {None})
    lines = CommissionLine.objects.filter(partner__name="Cove").order_by("effective_at")
    months = [datetime(2012, month, 1, tzinfo=UTC) for month in (4, 6, 7, 8)]
    assert list(lines.values_list("effective_at", flat=True)) == months
    changed = Fact.objects.filter(kind="tier.changed", partner=Partner.objects.get(name="Cove").pk).order_by("pos")
    assert list(changed.values_list("numbers__to", "effective_at")) == [
        ("silver", months[0]),
        ("bronze", datetime(2013, 4, 1, tzinfo=UTC)),
    ]


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_a_dry_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two of its lines a deal of the very partner is won, by a connection that waits for no lock."""
    monkeypatch.setattr(staging, "A_CHUNK", 1)
    world = a_world(NOW - timedelta(days=100))
    file = open_deals(tmp_path, [f"{number},{slug_of(world.partner)},Shop,10,won" for number in range(3)])
    wins: list[object] = []

    def win_another(done: int, total: int) -> None:
        if (done, total) == (2, 3):

            def work(number: int) -> UUID:
                with connection.cursor() as cursor:
                    cursor.execute("set lock_timeout = '1s'")
                return win(world.partner, 10_000, at=NOW)

            wins.extend(together(1, work))

    dry = import_deals(file, now=NOW, dry_run=True, progress=win_another)
    assert (dry.added, wins) == (3, list(Deal.objects.values_list("pk", flat=True)))


def test_a_dry_run_knows_that_a_line_makes_way_for_another(tmp_path: Path) -> None:
    """Two deals want a client: where a line says that the first is lost, the other one's next line is taken."""
    world = a_world(NOW - timedelta(days=100))
    first, second = slug_of(world.partner), slug_of(a_partner_in(world.programme, now=NOW - timedelta(days=90)))
    import_deals(open_deals(tmp_path, [f"1,{first},Oak,10,registered", f"2,{second},Oak,10,registered"]), now=NOW)
    assert Claim.objects.get().outcome == ""
    file = open_deals(tmp_path, [f"1,{first},Oak,10,lost", f"2,{second},Oak,10,accepted", f"3,{second},Elm,10,won"])
    dry, report = import_deals(file, now=NOW, dry_run=True), import_deals(file, now=NOW)
    assert (dry.as_json(), dry.changed, dry.added) == (report.as_json(), 2, 1)
    assert list(Deal.objects.order_by("external_id").values_list("stage", flat=True)) == ["lost", "accepted", "won"]


def open_deals(folder: Path, rows: list[str]) -> Path:
    """A file of deals at any stage, with a mapping beside it: id, partner, client, amount, stage."""
    columns = "Id: external_id, Partner: partner, Customer: client, When: occurred_at, What: product, Sum: amount"
    (folder / "deals.yaml").write_text(f"source: shop\ncurrency: GBP\ncolumns: {{{columns}, State: stage}}\n")
    file, day = folder / "open.csv", (NOW - timedelta(days=10)).date()
    lines = [",".join([*row.split(",")[:3], str(day), "automation", *row.split(",")[3:]]) for row in rows]
    file.write_text("\n".join(["Id,Partner,Customer,When,What,Sum,State", *lines]) + "\n")
    return file


@pytest.mark.parametrize("spends", [("310000", "-60000"), ("-60000", "310000"), ("310000", "-60000", "900000", "-1")])
def test_an_instant_in_several_files_moves_the_tier_each_time(tmp_path: Path, spends: tuple[str, ...]) -> None:
    """Each time from where the file before it left it; `verify` reads the same causes from the journal."""
    imported(tmp_path / "first.csv", [Told("1", day="2012-09-01", spend="200000")])
    for number, spend in enumerate(spends, 2):
        imported(tmp_path / f"{number}.csv", [Told(str(number), day="2013-03-01", spend=spend)])
    causes = Fact.objects.filter(kind="tier.changed").order_by("pos").values_list("numbers__cause", flat=True)
    assert set(causes) == {"won"}
    assert verify(now=NOW, deep=True).differences == []
