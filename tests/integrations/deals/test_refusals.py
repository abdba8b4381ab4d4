"""What cannot be entered: told with file and line, nothing half-written, the other lines entered."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from academy.core.errors import Conflict, Refused
from academy.integrations.catalogue.files import UnreadableError
from academy.integrations.deals import import_deals
from academy.integrations.deals.mapping import find_mapping, read_mapping, shipped
from academy.journal.models import Fact
from academy.people.memberships.actions import add_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal, KeptReport, KnownName
from academy.programme.deals.reports.actions import enter_matched
from academy.programme.deals.words.actions import match_partner, match_product
from academy.programme.standing.models import Standing

from ...factories import a_partner, a_person
from ...worlds import a_world
from .tables import NOW, Told, a_table, imported, reasons

pytestmark = pytest.mark.django_db

GOOD = Told("1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sales.csv"


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"day": "2012-04-31"}, "“2012-04-31” is not a date. Write it like 2026-05-31."),
        ({"day": ""}, "“” is not a date. Write it like 2026-05-31."),
        ({"day": "9999-12-31"}, "9999-12-31 lies in the future. Check the date."),
        ({"day": "2026-03-03"}, "2026-03-03 lies in the future. Check the date."),
        ({"day": "0001-01-01"}, "0001-01-01 is too long ago. Check the date."),
        ({"day": "2009-12-31"}, "The programme begins on 2010-01-01; this was before it."),
        ({"spend": "1.23456"}, "“1.23456” has more than 4 digits after the point."),
        ({"spend": "£100"}, "“£100” is not an amount. Write it like 1200.50."),
        ({"spend": "1e9"}, "“1e9” is not an amount. Write it like 1200.50."),
        ({"spend": ""}, "“” is not an amount. Write it like 1200.50."),
        ({"spend": "-"}, "“-” is not an amount. Write it like 1200.50."),
        ({"spend": "10000000000.00"}, "“10000000000.00” is too large to be one sale."),
        ({"supplier": " "}, "The partner's name is missing."),
        ({"supplier": "A" * 121}, "The partner's name is longer than 120 characters."),
        ({"lot": "A" * 61}, "The product is longer than 60 characters."),
        ({"customer": "A" * 161}, "The client's name is missing, or longer than 160 characters."),
        ({"id": ""}, "The deal's id is missing."),
    ],
)
def test_a_line_is_refused_and_the_others_entered(file: Path, told: dict[str, Any], reason: str) -> None:
    report = imported(file, [GOOD, Told(**{"id": "2", **told}), Told("3", spend="0.125")])
    assert report.as_json() == {
        "added": 2,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [{"file": "sales.csv", "line": 3, "reason": reason}],
        "counts": {"deals": 2, "amount": "100.13"},
    }
    assert set(Deal.objects.values_list("external_id", "amount")) == {("1", 10_000), ("3", 13)}


UNREADABLE = [
    (b"", 1, "The column “ID” is missing."),
    (b"ID,Colour\r\n", 1, "The column “Colour” is not known to the mapping “G-Cloud sales”."),
    (b"HEADER,ID\r\n", 1, "There are two columns “ID”."),
    (b"ID,SupplierName\r\n", 1, "The column “LotDescription” is missing."),
    ("ID".encode("utf-16"), 1, "The file is written in UTF-16. Save it as UTF-8."),
    (b"HEADER\r\nFIRST\r\n2,\x80", 3, "The byte 0x80 is not UTF-8, perhaps it is Windows-1252."),
    (b"HEADER\r\nFIRST\r\n2,\0", 3, "There is a zero byte in this line, as UTF-16 and programs have."),
    (b'HEADER\r\nFIRST\r\n2,"open,4\r\n5,6\r\n', 3, "A quotation mark is opened here and not closed."),
    (b'HEADER\r\nFIRST\r\n2,"op"en,4\r\n', 3, "This is not CSV: "),
]


@pytest.mark.parametrize(("content", "line", "reason"), UNREADABLE)
def test_a_file_that_cannot_be_read_on_leaves_nothing(file: Path, content: bytes, line: int, reason: str) -> None:
    header, first, *_ = a_table(file, [GOOD]).read_bytes().split(b"\r\n")
    file.write_bytes(content.replace(b"HEADER", header).replace(b"FIRST", first))
    report = import_deals(file, mapping="gcloud", now=NOW)
    assert [(one.file, one.line, one.reason[: len(reason)]) for one in report.refused] == [("sales.csv", line, reason)]
    assert (Deal.objects.count(), Partner.objects.count(), Fact.objects.count()) == (0, 0, 0)


def test_lines_of_the_wrong_width(file: Path) -> None:
    a_table(file, [GOOD])
    file.write_bytes(file.read_bytes() + b"2,3,4\r\n\r\n")
    report = import_deals(file, now=NOW)
    assert reasons(report) == [(3, "There are 3 cells in this line, and 10 in the first.")]
    assert report.added == 1


def test_an_id_with_two_meanings_is_refused_wherever_it_stands(file: Path) -> None:
    rows = [GOOD, Told("2"), Told("1", spend="101"), Told("2"), Told("3/a b?"), Told("4", spend="100.00")]
    report = imported(file, rows)
    assert reasons(report) == [
        (2, "“1” stands in line 4 too, with other figures. None was taken."),
        (4, "“1” stands in line 2 too, with other figures. None was taken."),
    ]
    assert sorted(Deal.objects.values_list("external_id", flat=True)) == ["2", "3/a b?", "4"]


def test_the_wrong_mapping_is_noticed(file: Path) -> None:
    report = imported(file, [GOOD, *(Told(str(number), day="April") for number in range(2, 1_100))])
    assert (len(report.refused), Deal.objects.count()) == (1_001, 0)
    assert report.refused[-1].reason.endswith("so nothing was taken. Is this the right mapping?")


def test_a_changed_amount_makes_a_difference_line_and_nothing_else_moves(file: Path) -> None:
    imported(
        file, [GOOD, Told("2", supplier="Bolt"), Told("9", day="2012-06-01", spend="600000"), Told("c", spend="-5")]
    )
    later = [
        Told("1", spend="150.00"),
        Told("2", supplier="Bolt", spend="40"),
        Told("9", day="2012-06-01", spend="600000"),
        Told("c", spend="-6"),
        Told("5", supplier="Bolt", day="2012-07-01"),
    ]
    report = imported(file, later)
    assert reasons(report) == [(5, "A credit stays what it is. Report another one.")]
    assert (report.added, report.changed, report.unchanged) == (1, 2, 1)
    lines = CommissionLine.objects.order_by("deal__external_id", "effective_at", "id")
    assert list(lines.values_list("deal__external_id", "kind", "amount", "rate")) == [
        ("1", "earned", 1_000, 1000),
        ("1", "adjusted", 500, 1000),
        ("2", "earned", 1_000, 1000),
        ("2", "adjusted", -600, 1000),
        ("5", "earned", 1_000, 1000),
        ("9", "earned", 6_000_000, 1000),
        ("c", "earned", -50, 1000),
    ]
    again = imported(file, [row for row in later if row.id != "c"])
    assert (again.added, again.changed, again.unchanged, again.refused) == (0, 0, 4, [])


def test_a_won_deal_keeps_its_partner_product_and_client(file: Path) -> None:
    imported(file, [GOOD, Told("2"), Told("3")])
    report = imported(file, [Told("1", supplier="Bolt"), Told("2", lot="4"), Told("3", customer="Council")])
    won = "A won deal keeps its product and client. Refund it, and report a new one."
    assert reasons(report) == [
        (2, "The deal “1” is another partner's here. Give a new deal an id of its own."),
        (3, won),
        (4, won),
    ]
    assert Partner.objects.count() == 1


def test_two_spellings_are_two_partners(file: Path) -> None:
    imported(file, [GOOD, Told("2", supplier="Acme Ltd"), Told("3", supplier="ACME LTD ")])
    assert sorted(Partner.objects.values_list("name", flat=True)) == ["ACME LTD", "ACME LTD", "Acme Ltd"]
    assert sorted(KnownName.objects.values_list("name", flat=True)) == ["ACME LTD", "ACME LTD ", "Acme Ltd"]


def test_a_dry_run_says_the_same_and_writes_nothing(file: Path) -> None:
    rows = [GOOD, Told("2", day="x"), Told("3", supplier="Bolt", spend="-3.005")]
    dry = imported(file, rows, dry_run=True)
    assert (Deal.objects.count(), Partner.objects.count(), Fact.objects.count()) == (0, 0, 0)
    assert imported(file, rows).as_json() == dry.as_json()
    assert imported(file, rows, dry_run=True).as_json() == imported(file, rows).as_json()


def test_an_import_waits_for_no_other(file: Path) -> None:
    a_table(file, [GOOD])
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("select pg_try_advisory_lock(7237016, hashtext('gcloud'))")
        with pytest.raises(Conflict, match="Another import of gcloud is running"):
            import_deals(file, now=NOW)
    finally:
        other.close()
    assert import_deals(file, now=NOW).added == 1


OWN = """
name: Our CRM
source: crm
columns: {Id: external_id, Partner: partner, Customer: client, What: product, When: occurred_at, Sum: amount,
          Money: currency, State: stage}
values: {stage: {closed: won, open: registered}, product: {Bots: automation}}
dates: {format: "%d/%m/%Y %H:%M", zone: Europe/London}
"""
LINES = """Id,Partner,Customer,What,When,Sum,Money,State
1,{slug},Shop,Bots,01/07/2025 12:30,150.00,GBP,closed
2,{slug},Shop,website,02/07/2025 12:30,150,GBP,open
3,Nobody & Sons,Shop,Bots,03/07/2025 09:00,10,GBP,closed
4,{slug},Shop,Balloons,03/07/2025 09:00,10,GBP,closed
5,{slug},Shop,Bots,03/07/2025 09:00,10,EUR,closed
6,{slug},Shop,Bots,03/07/2025 09:00,-10,GBP,closed
7,{slug},Shop,Bots,03/07/2025 09:00,10,GBP,lost
"""


@pytest.fixture
def own(file: Path) -> Path:
    world = a_world(NOW - timedelta(days=400))
    slug = Partner.objects.get(pk=world.partner).slug
    file.with_suffix(".yaml").write_text(OWN)
    file.write_text(LINES.format(slug=slug))
    return file


def test_a_mapping_beside_the_file_tells_deals_of_partners_that_are_here(own: Path) -> None:
    report = import_deals(own, now=NOW)
    assert reasons(report) == [
        (4, "“Nobody & Sons” is not a partner here. The line is kept for matching."),
        (5, "“Balloons” is not among the products of the partner's programme. The line is kept for matching."),
        (6, "This partner is paid in another currency than EUR."),
        (7, "A deal is worth nothing or more. What a client takes back is a refund."),
    ]
    assert report.as_json()["counts"] == {"deals": 3, "amount": "310.00"}
    deals = Deal.objects.order_by("external_id")
    assert list(deals.values_list("external_id", "stage", "product", "amount")) == [
        ("1", "won", "automation", 15_000),
        ("2", "registered", "website", 15_000),
        ("7", "lost", "automation", 1_000),
    ]
    assert CommissionLine.objects.get().amount == 1_500
    kept = KeptReport.objects.order_by("external_id")
    assert list(kept.values_list("partner_name", "product_name")) == [("Nobody & Sons", ""), ("", "Balloons")]

    again = import_deals(own, now=NOW)
    assert (again.added, again.changed, again.unchanged, KeptReport.objects.count()) == (0, 0, 3, 2)


def test_what_was_kept_is_matched_once_and_remembered(own: Path) -> None:
    import_deals(own, now=NOW)
    partner = Partner.objects.get()
    match_partner(THE_HOUSE, "crm", "Nobody & Sons", partner.pk, now=NOW)
    assert enter_matched(THE_HOUSE, "crm", now=NOW) == 1
    again = import_deals(own, now=NOW)
    assert (again.unchanged, [line for line, _ in reasons(again)]) == (4, [5, 6, 7])


def test_partners_with_people_are_told_deal_by_deal(file: Path) -> None:
    imported(file, [GOOD])
    partner = Partner.objects.get()
    add_member(partner.pk, a_person().pk, role="owner", by=THE_HOUSE, now=NOW)
    report = imported(file, [GOOD, Told("2", day="2012-05-01", spend="120000"), Told("3", day="2012-06-01")])
    assert (report.added, report.unchanged, report.refused) == (2, 1, [])
    assert Standing.objects.get().tier == "silver"
    assert CommissionLine.objects.get(deal__external_id="3").rate == 1150


def test_a_partner_in_no_programme_earns_nothing_yet(own: Path) -> None:
    other = a_partner(name="Left out")
    own.write_text(LINES.splitlines()[0] + f"\n1,{other.slug},Shop,Bots,01/07/2025 12:30,1,GBP,closed\n")
    assert [reason for _, reason in reasons(import_deals(own, now=NOW))] == [
        "This partner is in no programme yet, so nothing says what its deals earn."
    ]


WRONG_MAPPINGS = [
    ("source: crm", "source: academy", "which is ours"),
    ("Sum: amount", "Sum: colour", "“colour” is no field of a deal"),
    ("Sum: amount", 'Sum: ""', "Exactly one column must fill “amount”."),
    ("State: stage", "State: stage, Again: stage", "Two columns fill “stage”."),
    ("Europe/London", "Europe/Londn", "is not a time zone"),
    ("dates:", "programme: none.yaml\ndates:", "There is no file none.yaml"),
    ("dates:", "programme: own.yaml\ndates:", "own.yaml is no programme"),
    ("dates:", "stage: done\ndates:", "is not a stage"),
    ("State: stage", 'State: ""', "Name the stage of every deal"),
    ("dates:", "currency: pounds\ndates:", "is not a currency"),
    ("Money: currency", 'Money: ""', "Name the currency"),
    ("dates:", "amounts: {decimals: 9}\ndates:", "“decimals” is from 0 to 8."),
    ("dates:", "amounts: {negative: maybe}\ndates:", "“negative” is refused or credit"),
    ("dates:", "partners: {create: true}\ndates:", "New partners need a programme"),
    ("stage: {closed", "colour: {closed", "“colour” is not known here"),
    ("{closed: won, open: registered}", "{closed: [won]}", "“closed” is a single text"),
    ("dates:", "date:", "“date” is not known here"),
    ("values:", "values: [", "This is not YAML"),
]


@pytest.mark.parametrize(("old", "new", "reason"), WRONG_MAPPINGS)
def test_a_mapping_that_is_wrong_says_where(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(OWN.replace(old, new))
    with pytest.raises(UnreadableError) as wrong:
        read_mapping(path)
    assert (wrong.value.problem.file, reason in wrong.value.problem.reason) == ("own.yaml", True)


def test_mappings_are_found_by_name_file_or_header(tmp_path: Path, file: Path) -> None:
    assert shipped() == ["gcloud"]
    assert find_mapping("gcloud").source == "gcloud"
    with pytest.raises(Refused, match="There is no mapping “sales”"):
        find_mapping("sales")
    with pytest.raises(Refused, match="There is nothing at"):
        import_deals(tmp_path / "none.csv", now=NOW)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Refused, match="Nothing says how to read other"):
        import_deals(tmp_path / "other.csv", now=NOW)
    a_table(file, [GOOD])
    assert import_deals(tmp_path, now=NOW).added == 1


def test_a_credit_that_was_kept_is_entered_once_it_is_matched(own: Path) -> None:
    own.with_suffix(".yaml").write_text(OWN + "amounts: {negative: credit}\n")
    header, slug = LINES.splitlines()[0], Partner.objects.get().slug
    own.write_text(
        f"{header}\n1,Nobody & Sons,Shop,Bots,03/07/2025 09:00,-10.50,GBP,closed\n"
        f"2,{slug},Shop,Balloons,04/07/2025 09:00,-3,GBP,closed\n"
    )
    assert [line for line, _ in reasons(import_deals(own, now=NOW))] == [2, 3]
    assert sorted(KeptReport.objects.values_list("told__amount", "told__is_credit")) == [
        ("-10.50", True),
        ("-3.00", True),
    ]
    import_deals(own, now=NOW)
    assert KeptReport.objects.count() == 2

    match_partner(THE_HOUSE, "crm", "Nobody & Sons", Partner.objects.get().pk, now=NOW)
    match_product(THE_HOUSE, "crm", "Balloons", "website", now=NOW)
    assert enter_matched(THE_HOUSE, "crm", now=NOW) == 2
    lines = CommissionLine.objects.order_by("deal__external_id")
    assert list(lines.values_list("deal__external_id", "deal__kind", "deal__amount", "amount", "rate", "kind")) == [
        ("1", "credit", -1_050, -105, 1000, "earned"),
        ("2", "credit", -300, -24, 800, "earned"),
    ]
    again = import_deals(own, now=NOW)
    assert (again.unchanged, again.changed, again.added, again.refused) == (2, 0, 0, [])


def test_a_report_that_is_no_credit_is_kept_as_it_always_was(own: Path) -> None:
    """What waited before there were credits is the same report when its source tells of it again."""
    import_deals(own, now=NOW)
    assert KeptReport.objects.get(external_id="3").told == {
        "source": "crm",
        "external_id": "3",
        "partner": "Nobody & Sons",
        "product": "automation",
        "client": "Shop",
        "amount": "10.00",
        "currency": "GBP",
        "stage": "won",
        "occurred_at": "2025-07-03T08:00:00+00:00",
        "settled_amount": "",
        "settled_currency": "",
        "industry": "",
    }


def test_a_mapping_that_cannot_be_read_is_told_with_its_line(file: Path) -> None:
    a_table(file, [GOOD])
    (file.parent / "deals.yaml").write_text("source: shop\ncolumns: {Id: [\n")
    report = import_deals(file, now=NOW)
    assert [(one.file, one.line, one.reason) for one in report.refused] == [
        ("deals.yaml", 3, "This is not YAML: did not find expected node content.")
    ]
    assert Deal.objects.count() == 0
