"""Deals, lines and people in and out by the command line: exact texts, and what is printed for programs."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from academy.cli import app
from academy.core import clock
from academy.integrations.tables import escaped, unescaped
from academy.journal.models import Fact
from academy.notifications.models import Mail
from academy.people.accounts.models import Person
from academy.people.partners.models import Invitation, Membership
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.deals.actions import Sum, refund_deal
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Deal

from ..factories import a_member, a_partner, a_person, a_staff_member
from ..integrations.deals.tables import Told, a_table
from ..worlds import a_report, a_world, days, win

pytestmark = pytest.mark.django_db

SALES = (
    Told("1", "Acme, “Ltd”", "2012-04-01", "100000.005", customer="=SUM(A1:A2)"),
    Told("2/b", "Acme, “Ltd”", "2012-05-01", "10.10", customer='Council "West"', lot="-4"),
    Told("3", "@Bolt", "2012-05-02", "0"),
    Told("4", "@Bolt", "2012-06-01", "-5.25", customer=""),
)
BACK = "−\N{NARROW NO-BREAK SPACE}£2,500.00"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return a_table(tmp_path / "sales.csv", SALES)


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], prog_name="academy")
    return done.exit_code, done.stdout, done.stderr


def counts() -> tuple[int, int, int, int]:
    return Person.objects.count(), Membership.objects.count(), Invitation.objects.count(), Fact.objects.count()


# -- deals and lines


def take_back() -> None:
    """A quarter of the first deal, two months later."""
    deal = Deal.objects.get(external_id="1")
    at = datetime(2012, 6, 1, tzinfo=UTC)
    refund_deal(THE_HOUSE, deal.pk, "r", Sum(2_500_001, "GBP"), refunded_at=at, now=clock.now())


def test_deals_are_imported_and_the_same_again(sales: Path) -> None:
    with sales.open("a", encoding="utf-8") as file:
        file.write(",".join(Told("5", day="2012-06-31").cells()) + "\n")
    report = {
        "added": 4,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [
            {"file": "sales.csv", "line": 6, "reason": "“2012-06-31” is not a date. Write it like 2026-05-31."}
        ],
        "counts": {"deals": 4, "amount": "100004.86"},
    }
    code, out, _ = run("import", "deals", sales, "--dry-run", "--json")
    assert (code, json.loads(out), Deal.objects.count()) == (1, report, 0)
    code, out, _ = run("import", "deals", sales, "--map", "gcloud", "--json")
    assert (code, json.loads(out), Deal.objects.count()) == (1, report, 4)
    code, out, _ = run("import", "deals", sales, "--json")
    assert (code, json.loads(out)) == (1, {**report, "added": 0, "unchanged": 4})
    code, out, err = run("import", "deals", sales)
    assert (code, out) == (1, "0 added, 0 changed, 0 archived, 4 unchanged.\n4 deals, 100004.86 amount\n")
    assert err.endswith("sales.csv:6: “2012-06-31” is not a date. Write it like 2026-05-31.\n")
    assert run("import", "deals", sales, "--map", "none") == (
        1,
        "",
        "Importing sales.csv ...\nThere is no mapping “none”: name a file, or one of those that are here: gcloud.\n",
    )


def test_deals_and_lines_are_exported_exactly(sales: Path, tmp_path: Path) -> None:
    assert run("import", "deals", sales)[0] == 0
    take_back()

    code, out, err = run("export", "deals")
    assert (code, out, err) == (
        0,
        (
            "source,external_id,partner,client,product,industry,kind,amount,currency,refunded,stage,registered_at,won_at\n"
            'gcloud,1,"Acme, “Ltd”",=SUM(A1:A2),3,Health,sale,100000.01,GBP,25000.01,won,'
            "2012-04-01T00:00:00Z,2012-04-01T00:00:00Z\n"
            'gcloud,2/b,"Acme, “Ltd”","Council ""West""",-4,Health,sale,10.10,GBP,0.00,won,'
            "2012-05-01T00:00:00Z,2012-05-01T00:00:00Z\n"
            "gcloud,3,@Bolt,Ministry,3,Health,sale,0.00,GBP,0.00,won,2012-05-02T00:00:00Z,2012-05-02T00:00:00Z\n"
            "gcloud,4,@Bolt,Unnamed customer,3,Health,credit,-5.25,GBP,0.00,won,"
            "2012-06-01T00:00:00Z,2012-06-01T00:00:00Z\n"
        ),
        "",
    )

    file = tmp_path / "lines.csv"
    code, out, err = run("export", "lines", "--csv", file)
    assert (code, out, err) == (0, "", f"4 lines written to {file}.\n")
    assert file.read_text(encoding="utf-8") == (
        "source,external_id,partner,effective_at,amount,currency,rate,commission,kind,tier,plan_version\n"
        'gcloud,1,"Acme, “Ltd”",2012-04-01T00:00:00Z,100000.01,GBP,10.00,10000.00,earned,Bronze,gcloud-1\n'
        'gcloud,2/b,"Acme, “Ltd”",2012-05-01T00:00:00Z,10.10,GBP,11.50,1.16,earned,Silver,gcloud-1\n'
        "gcloud,4,@Bolt,2012-06-01T00:00:00Z,-5.25,GBP,10.00,-0.53,earned,Bronze,gcloud-1\n"
        'gcloud,1,"Acme, “Ltd”",2012-06-01T00:00:00Z,100000.01,GBP,10.00,-2500.00,reversed,Bronze,gcloud-1\n'
    )
    assert run("export", "lines", "--csv", file) == (1, "", f"{file} is there already. Choose a new name.\n")
    code, _, err = run("export", "deals", "--csv", tmp_path / "none" / "deals.csv")
    assert (code, err.endswith("cannot be written: No such file or directory.\n")) == (1, True)


def test_each_line_is_exported_with_the_amount_that_it_was_worked_out_from(now: datetime) -> None:
    """A deal that turned out to be worth more, and what a person decided about it: that has the deal's of now."""
    world = a_world(now)
    deal = win(world.partner, 200_000, at=now)
    report_deal(THE_HOUSE, a_report(world.partner, 300_000, at=now + days(1), deal=deal), now=now + days(1))
    correct_line(THE_HOUSE, CommissionLine.objects.get(kind="earned").pk, 100, reason="So agreed.", now=now + days(2))
    rows = csv.DictReader(run("export", "lines")[1].splitlines())
    assert [(row["kind"], row["amount"], row["rate"], row["commission"]) for row in rows] == [
        ("earned", "2000.00", "10.00", "200.00"),
        ("adjusted", "3000.00", "10.00", "100.00"),
        ("adjusted", "3000.00", "10.00", "1.00"),
    ]


def test_partners_that_differ_by_spaces_are_exported_as_they_are_written(tmp_path: Path) -> None:
    names = ("BOLT  LTD", "BOLT LTD", " BOLT LTD", "BOLT\N{NO-BREAK SPACE}LTD")
    a_table(tmp_path / "sales.csv", [Told(str(number), name) for number, name in enumerate(names)])
    assert run("import", "deals", tmp_path)[0] == 0
    assert Deal.objects.values("partner").distinct().count() == 4
    for what in ("deals", "lines"):
        code, out, _ = run("export", what)
        told = {row["external_id"]: row["partner"] for row in csv.DictReader(out.splitlines())}
        assert (code, told) == (0, {str(number): name for number, name in enumerate(names)})


def test_a_deal_that_is_not_won_has_no_day_of_it(sales: Path, tmp_path: Path) -> None:
    run("import", "deals", sales)
    open_one = tmp_path / "open.csv"
    open_one.write_text("Id,Who,Client,What,When,Sum\n9,@Bolt,Shop,3,2012-07-01,7\n")
    open_one.with_suffix(".yaml").write_text(
        "source: crm\nstage: registered\ncurrency: GBP\n"
        "columns: {Id: external_id, Who: partner, Client: client, What: product, When: occurred_at, Sum: amount}\n"
    )
    assert run("import", "deals", open_one)[:2] == (
        0,
        "1 added, 0 changed, 0 archived, 0 unchanged.\n1 deals, 7.00 amount\n",
    )
    assert run("export", "deals")[1].splitlines()[-1] == (
        "crm,9,@Bolt,Shop,3,,sale,7.00,GBP,0.00,registered,2012-07-01T00:00:00Z,"
    )


# -- a line in words


ROUNDED = "The rate is rounded once, half up to 0.01%; that rate is multiplied, and the amount rounded once.\n"


def test_a_line_is_explained_in_words(sales: Path) -> None:
    run("import", "deals", sales)
    line = CommissionLine.objects.get(deal__external_id="2/b")
    code, out, err = run("explain", str(line.pk))
    assert (code, out, err) == (
        0,
        (
            "£1.16 for Acme, “Ltd”: Commission\n"
            'Deal gcloud/2/b with Council "West", product -4.\n'
            "Ready. Imported history: it was owed then, and is not paid here.\n"
            "\n"
            "Why this amount. Plan gcloud-1, in force since 1 Jan 2010:\n"
            "  Base: 10.00%\n"
            "  ×\N{NO-BREAK SPACE}1.15 Silver: 11.50%\n"
            "  = Rate, rounded once to 0.01%: 11.50%\n"
            "  = £10.10 × 11.50%: £1.16\n"
            f"{ROUNDED}"
            "\n"
            "Today's rate:\n"
            "Won 1 May 2012, when Acme, “Ltd” was Silver. Today's rate is the same, 11.50%.\n"
            "\n"
            "When, in UTC time:\n"
            "  1 May 2012: Won\n"
            "  31 May 2012: Free to be paid\n"
        ),
        "",
    )
    for unknown in ("nonsense", str(UUID(int=7))):
        assert run("explain", unknown) == (1, "", f"There is no commission line {unknown}.\n")


def test_a_refund_is_explained_beside_the_line_that_it_follows(sales: Path) -> None:
    run("import", "deals", sales)
    take_back()
    line = CommissionLine.objects.get(kind="reversed")
    code, out, _ = run("explain", str(line.pk))
    assert (code, out) == (
        0,
        (
            f"{BACK} for Acme, “Ltd”: Refund of £25,000.01 on 1 Jun 2012\n"
            "Deal gcloud/1 with =SUM(A1:A2), product 3.\n"
            "Taken back. Imported history: it was owed then, and is not paid here.\n"
            "\n"
            "Why this amount. Plan gcloud-1, in force since 1 Jan 2010:\n"
            "  Base: 10.00%\n"
            "  = Rate, rounded once to 0.01%: 10.00%\n"
            "  £100,000.01 × 10.00%: £10,000.00\n"
            f"  Refunded so far: £10,000.00 × £25,000.01 ÷ £100,000.01: {BACK}\n"
            "  = The deal comes to: £7,500.00\n"
            "  Its lines before came to: £10,000.00\n"
            f"  = This line: the difference: {BACK}\n"
            f"{ROUNDED}"
            "\n"
            "Today's rate:\n"
            "Won 1 Apr 2012, when Acme, “Ltd” was Bronze. Today's rate is the same, 10.00%.\n"
            "\n"
            "When, in UTC time:\n"
            "  1 Apr 2012: Won\n"
            "  1 Jun 2012: Refund of £25,000.01 on 1 Jun 2012\n"
            "  1 Jun 2012: Taken back from here on\n"
            "\n"
            "All lines of this deal:\n"
            "  1 Apr 2012: Commission: £10,000.00\n"
            f"  1 Jun 2012: Refund of £25,000.01 on 1 Jun 2012: {BACK} (this one)\n"
            "  The deal comes to £7,500.00\n"
        ),
    )


# -- people


def people(*lines: str, header: str = "email,name,partner,role,language,timezone") -> str:
    return "\n".join((header, *lines)) + "\n"


TEAM = people(
    "Ada@Example.com,Ada,anchor,owner,en,Europe/Prague",
    ",,,,,",
    "ben@example.com,'=Ben,Anchor Ltd,,,",
)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    a_partner(name="Anchor Ltd", slug="anchor")
    file = tmp_path / "team.csv"
    file.write_text(TEAM, encoding="utf-8")
    return file


def test_people_come_in_and_go_out_and_come_in_again(team: Path, tmp_path: Path) -> None:
    report = {
        "added": 2,
        "changed": 0,
        "archived": 0,
        "unchanged": 0,
        "refused": [],
        "counts": {"people": 2},
    }
    before = counts()
    code, out, _ = run("import", "people", team, "--dry-run", "--json")
    assert (code, json.loads(out), counts()) == (0, report, before)
    code, out, _ = run("import", "people", team, "--json")
    assert (code, json.loads(out), Mail.objects.count()) == (0, report, 0)

    a_staff_member("manager", email="zoe@example.com", name="Zoe")
    file = tmp_path / "people.csv"
    assert run("export", "people", "--csv", file) == (0, "", f"3 lines written to {file}.\n")
    assert file.read_text(encoding="utf-8") == (
        "email,name,partner,role,language,timezone\n"
        "ada@example.com,Ada,anchor,owner,en,Europe/Prague\n"
        "ben@example.com,'=Ben,anchor,member,en,Europe/London\n"
        "zoe@example.com,Zoe,,,en,Europe/London\n"
    )
    after = counts()
    code, out, _ = run("import", "people", file)
    assert (code, out, counts()) == (0, "0 added, 0 changed, 0 archived, 3 unchanged.\n3 people\n", after)
    assert run("export", "people")[1] == file.read_text(encoding="utf-8")


def test_roles_change_and_who_is_here_joins(team: Path) -> None:
    run("import", "people", team)
    a_person(email="cid@example.com")
    team.write_text(
        people("ben@example.com,anchor,owner", "cid@example.com,anchor,", header="email,partner,role"),
        encoding="utf-8",
    )
    code, out, _ = run("import", "people", team)
    assert (code, out) == (0, "0 added, 2 changed, 0 archived, 0 unchanged.\n2 people\n")
    assert sorted(Membership.objects.values_list("person__email", "role")) == [
        ("ada@example.com", "owner"),
        ("ben@example.com", "owner"),
        ("cid@example.com", "member"),
    ]
    # A table without roles, or with none in a line, says nothing about the role of who is here.
    for told in (people("ben@example.com,anchor", header="email,partner"), people("ben@example.com,,anchor,,,")):
        team.write_text(told, encoding="utf-8")
        assert run("import", "people", team)[1].startswith("0 added, 0 changed, 0 archived, 1 unchanged.")


def test_people_that_cannot_be_entered_are_told_and_the_others_entered(team: Path) -> None:
    a_partner(name="Twin")
    a_partner(name="Twin")
    a_member(person=a_person(email="elsewhere@example.com"), partner=a_partner(name="Cable"))
    team.write_text(
        people(
            "one@example.com,One,Nowhere & Sons,,,",
            "two@example.com,Two,Twin,,,",
            "three@example.com,Three,anchor,boss,,",
            "four@,Four,anchor,,,",
            "five@example.com,Five,,,,",
            "six@example.com,Six,anchor,,xx,",
            "seven@example.com,Seven,anchor,,,Mars/Base",
            "elsewhere@example.com,,anchor,,,",
            "good@example.com,Good,anchor,,,",
        ),
        encoding="utf-8",
    )
    code, out, _ = run("import", "people", team, "--json")
    told = json.loads(out)
    assert (code, told["added"], Person.objects.filter(email="good@example.com").count()) == (1, 1, 1)
    assert Person.objects.filter(memberships=None).count() == 0
    assert [(one["file"], one["line"], one["reason"]) for one in told["refused"]] == [
        ("team.csv", 2, "“Nowhere & Sons” is not a partner here."),
        ("team.csv", 3, "“Twin” is the name of several partners."),
        ("team.csv", 4, "A member is an owner or a member."),
        ("team.csv", 5, "This is not an e-mail address."),
        ("team.csv", 6, "Name the partner. Staff are entered by academy person create."),
        ("team.csv", 7, "This language is not offered."),
        ("team.csv", 8, "This time zone is not known."),
        ("team.csv", 9, "This person is at Cable. Nobody belongs to two: leaving comes first."),
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("", 1, "The column “email” is missing."),
        ("email,name\n", 1, "The column “partner” is missing."),
        (
            "email,partner,shoe\n",
            1,
            "The column “shoe” is not known. Known are email, name, partner, role, language, timezone.",
        ),
        (
            "email,partner\na@example.com,anchor\nb@example.com\n",
            3,
            "There are 1 cells in this line, and 2 in the first.",
        ),
        ('email,partner\n"a@example.com,anchor\n', 2, "A quotation mark is opened here and not closed."),
    ],
)
def test_a_table_of_people_that_cannot_be_read_enters_nobody(team: Path, content: str, line: int, reason: str) -> None:
    team.write_text(content, encoding="utf-8")
    before = counts()
    code, out, err = run("import", "people", team)
    assert (code, out, counts()) == (1, "", before)
    assert err.endswith(f"team.csv:{line}: {reason}\nNothing was written.\n")


def test_a_table_of_people_that_is_not_there(tmp_path: Path) -> None:
    code, out, err = run("import", "people", tmp_path / "none.csv")
    assert (code, out, err.endswith(f"There is no file {tmp_path / 'none.csv'}.\n")) == (1, "", True)


def test_who_is_not_here_is_invited_in_somebodys_name(team: Path) -> None:
    assert run("import", "people", team, "--invite-as", "nobody@example.com") == (
        1,
        "",
        "Nobody here has the address nobody@example.com.\n",
    )
    a_staff_member("manager", email="zoe@example.com", name="Zoe")
    a_person(email="ben@example.com")
    before = counts()
    assert run("import", "people", team, "--invite-as", "zoe@example.com", "--dry-run")[1] == (
        "Would be: 1 added, 1 changed, 0 archived, 0 unchanged.\n2 people\n"
    )
    assert (counts(), Mail.objects.count()) == (before, 0)
    assert run("import", "people", team, "--invite-as", "zoe@example.com")[1] == (
        "1 added, 1 changed, 0 archived, 0 unchanged.\n2 people\n"
    )
    assert list(Invitation.objects.values_list("email", "role", "partner__slug", "invited_by__email")) == [
        ("ada@example.com", "owner", "anchor", "zoe@example.com")
    ]
    assert [mail.to for mail in Mail.objects.all()] == ["ada@example.com"]
    assert run("import", "people", team, "--invite-as", "zoe@example.com")[1] == (
        "0 added, 0 changed, 0 archived, 2 unchanged.\n2 people\n"
    )
    # In another role it is another invitation, in the place of the first.
    team.write_text(TEAM.replace("owner", "member"), encoding="utf-8")
    assert run("import", "people", team, "--invite-as", "zoe@example.com")[1].startswith("1 added")
    assert list(Invitation.objects.filter(withdrawn_at=None).values_list("role", flat=True)) == ["member"]


def test_a_member_invites_nobody(team: Path) -> None:
    a_member(person=a_person(email="meg@example.com"))
    before = counts()
    code, out, _ = run("import", "people", team, "--invite-as", "meg@example.com", "--json")
    reasons = [one["reason"] for one in json.loads(out)["refused"]]
    assert (code, reasons, counts()) == (1, ["There is nothing here, or it is not yours to see."] * 2, before)


@pytest.mark.parametrize("text", ["", "Ada", "=1+1", "+44", "-Acme", "@home", "'quoted", "'=x", "''=x", "a=b", "\tx"])
def test_no_text_is_a_formula_and_each_comes_back(text: str) -> None:
    told = escaped(text)
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unescaped(told) == text
