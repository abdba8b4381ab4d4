"""What an owner sees of the month's end: statements as page, paper and CSV, payee details, terms."""

import csv
import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.payees.actions import change_payee
from academy.programme.payees.models import Payee
from academy.programme.terms.actions import publish_terms
from academy.programme.terms.models import Acceptance

from ...factories import a_member, signed_in
from ...programme.closing.months import APRIL, JUNE, MAY, a_house, after, another, close_month, collect, profile
from ...recognition.paper_reading import lines
from ...worlds import World, a_colleague, a_world, days, pass_modules, refund, win
from ..parts import assert_parts_stand_alone
from ..reading import heading, main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person", "in_2026")]
NUMBER = "agencies-2026-04-0001"


@pytest.fixture
def world(now: datetime) -> World:
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 200_000, at=now, client="=Quayside")
    return world


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


def test_before_and_after_a_payment(world: World, browser: Client, now: datetime) -> None:
    with time_machine.travel(now + days(1), tick=False):
        page = main(browser.get("/statements/"))
        assert "Next payment 5 May: about £200.00 1 line, on hold until 1 Apr On hold £200.00 1 line ·" in page
        assert "No statement yet" in page
    close_month(world, APRIL, pay=False)
    with time_machine.travel(after(APRIL, 4, 12), tick=False):
        page = main(browser.get("/statements/"))
        states = "On hold nothing now Ready nothing now On its way £200.00 1 line"
        assert f"Next payment 5 May: £200.00 1 line, on its way {states}" in page
        assert f"April 2026 On its way (run of 4 May) {NUMBER} £200.00" in page
        assert assert_parts_stand_alone(browser, "/statements/") == ["coming", "list"]
        assert assert_parts_stand_alone(browser, f"/statements/{NUMBER}/") == ["money"]


def test_one_statement_says_how_each_line_came_about(world: World, browser: Client) -> None:
    close_month(world, APRIL)
    answer = browser.get(f"/statements/{NUMBER}/")
    page = main(answer)
    assert heading(answer) == "April 2026"
    assert f"Paid 5 May, ref. R-{NUMBER}" in page
    assert "=Quayside Commission 2 Mar 1 Apr £2,000.00 × 10.00% £200.00" in page
    assert "This is no invoice." in page
    refused = [signed_in(a_member(role="owner").person), signed_in(Person.objects.get(pk=_member(world)))]
    assert [one.get(f"/statements/{NUMBER}/").status_code for one in refused] == [404, 403]
    assert [one.get(f"/statements/{NUMBER}/csv/").status_code for one in refused] == [404, 403]
    assert [one.get(f"/statements/{NUMBER}/pdf/").status_code for one in refused] == [404, 403]
    assert refused[1].get("/statements/").status_code == 403


def _member(world: World) -> UUID:
    return a_colleague(world.partner, now=after(APRIL, 10)).person_id


def test_as_csv_no_cell_is_a_formula(world: World, browser: Client) -> None:
    close_month(world, APRIL)
    answer = browser.get(f"/statements/{NUMBER}/csv/")
    assert answer["Content-Disposition"] == f'attachment; filename="{NUMBER}.csv"'
    assert answer.content.decode() == (
        "\ufeffstatement,month,part,client,product,kind,won_or_changed_on,payable_on,deal_amount,rate_percent,amount,"
        "currency,state,earned_on,carried_over\r\n"
        f"{NUMBER},2026-04,line,'=Quayside,automation,Commission,2026-03-02,2026-04-01,2000.00,10.00,200.00,GBP,"
        f'"Paid 5 May, ref. R-{NUMBER}",,no\r\n'
    )


def test_lines_and_bridge_of_a_csv_add_up_to_the_statement(world: World, browser: Client, now: datetime) -> None:
    deal = win(world.partner, 100_000, at=now, client="Second")
    win(world.partner, 300_000, at=now + days(31), client="Third")
    close_month(world, APRIL)
    refund(deal, 50_000, at=after(APRIL, 20))
    close_month(world, MAY)
    answer = browser.get("/statements/agencies-2026-05-0001/csv/")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    told = [(row["part"], row["client"], row["kind"], row["amount"]) for row in rows]
    assert told == [
        ("line", "Third", "Commission", "300.00"),
        ("line", "Second", "Refund", "-50.00"),
        ("bridge", "", f"April 2026, paid by {NUMBER}", "300.00"),
        ("bridge", "", "Paid last month", "-300.00"),
        ("bridge", "", "New deals", "300.00"),
        ("bridge", "", "Taken back", "-50.00"),
    ]
    assert {row["statement"] for row in rows} == {"agencies-2026-05-0001"}
    assert [(row["earned_on"], row["carried_over"]) for row in rows[:3]] == [("", "no"), (NUMBER, "no"), ("", "")]
    paper = "".join(lines(browser.get("/statements/agencies-2026-05-0001/pdf/").content))
    assert f"earned on {NUMBER}" in paper


def test_days_are_the_programmes_wherever_the_reader_is(world: World, browser: Client) -> None:
    """Won at 23:30 UTC on 30 April, which is 1 May in London, and 1 May in the afternoon in Auckland."""
    win(world.partner, 300_000, at=datetime(2026, 4, 30, 23, 30, tzinfo=UTC), client="Midnight")
    close_month(world, APRIL)
    close_month(world, MAY)
    number = "agencies-2026-05-0001"
    for zone in ("America/Los_Angeles", "Pacific/Auckland"):
        Person.objects.filter(pk=world.owner.person_id).update(timezone=zone)
        assert "Midnight Commission 1 May 31 May" in main(browser.get(f"/statements/{number}/"))
        assert (
            "Midnight,automation,Commission,2026-05-01,2026-05-31"
            in browser.get(f"/statements/{number}/csv/").content.decode()
        )
        assert "1 May 2026" in "\n".join(lines(browser.get(f"/statements/{number}/pdf/").content))


def test_the_paper_of_an_old_statement_keeps_its_payee(world: World, browser: Client) -> None:
    close_month(world, APRIL)
    change_payee(world.owner, world.partner, profile(legal_name="Thief Ltd"), now=after(APRIL, 6))
    text = "\n".join(lines(browser.get(f"/statements/{NUMBER}/pdf/").content))
    assert ("Anchor Ltd" in text, "Thief Ltd" in text) == (True, False)


def test_the_paper_of_a_statement_whose_payee_nobody_checked(now: datetime) -> None:
    world = a_world(now)
    change_payee(world.owner, world.partner, profile(), now=now)
    win(world.partner, 200_000, at=now)
    close_month(world, APRIL)
    reader = signed_in(Person.objects.get(pk=world.owner.person_id))
    text = "\n".join(lines(reader.get(f"/statements/{NUMBER}/pdf/").content))
    assert ("Payee not checked" in text, "Anchor Ltd" in text) == (True, False)


def test_as_paper(world: World, browser: Client, now: datetime) -> None:
    win(world.partner, 100_000, at=now + days(30), client="Second")
    close_month(world, APRIL)
    close_month(world, MAY)
    answer = browser.get("/statements/agencies-2026-05-0001/pdf/")
    text = "\n".join(lines(answer.content))
    for said in ("Statement May 2026", "agencies-2026-05-0001", "Anchor Ltd", "This is no invoice.", "£100.00"):
        assert said in text
    assert "Paid last month" in text


def test_why_nothing_is_paid(world: World, browser: Client, now: datetime) -> None:
    other = another(world, now=now)
    deal = win(other, 18_400, at=now)
    theirs = signed_in(Person.objects.get(pk=a_colleague(other, now=now + days(1), role="owner").person_id))
    close_month(world, APRIL)
    with time_machine.travel(after(APRIL, 10), tick=False):
        sentence = "No payment planned: £18.40 is below the minimum of £50.00. It waits, it does not expire."
        assert main(theirs.get("/statements/")).count(sentence) == 2
    refund(deal, 18_400, at=after(APRIL, 11))
    win(other, -10_000, at=after(APRIL, 11))
    close_month(world, MAY)
    close_month(world, MAY.replace(month=6))
    with time_machine.travel(after(MAY.replace(month=6), 10), tick=False):
        assert "more was taken back than earned. £10.00 is owed" in main(theirs.get("/statements/"))


def test_a_draft_is_not_shown(world: World, browser: Client) -> None:
    collect(world, APRIL)
    assert browser.get(f"/statements/{NUMBER}/").status_code == 404
    with time_machine.travel(after(APRIL), tick=False):
        page = main(browser.get("/statements/"))
    assert ("No statement yet" in page, "Ready £200.00" in page) == (True, True)


@pytest.mark.parametrize("months", [1, 3])
def test_the_list_asks_as_often_however_many(
    world: World, browser: Client, months: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for month in range(months):
        close_month(world, APRIL.replace(month=4 + month))
    browser.get("/statements/")
    with django_assert_num_queries(5):
        browser.get("/statements/")


def test_older_ones(world: World, browser: Client) -> None:
    close_month(world, APRIL)
    assert "Nothing older" in main(browser.get("/statements/?before=2026-04"))
    assert NUMBER in main(browser.get("/statements/?before=2026-05"))
    assert browser.get("/statements/?before=soon").status_code == 422


def test_payee_details_are_changed_and_every_owner_told(world: World, browser: Client, now: datetime) -> None:
    second = a_colleague(world.partner, now=now, role="owner")
    page = main(browser.get("/payee/"))
    assert "Legal name Anchor Ltd" in page
    with time_machine.travel(now + days(1), tick=False):
        proof = browser.get("/payee/change/")
        assert (proof.status_code, proof["Location"].partition("?")[0]) == (302, "/accounts/reauthenticate/")
    _prove(browser)
    answer = browser.post("/payee/change/", {**_given(), "provider_reference": "GB82 WEST 1234 5698 7654 32"})
    page = main(answer)
    assert (answer.status_code, "We never keep those" in page, "7654" in page) == (422, True, False)
    half = browser.post("/payee/change/", {**_given(), "invoice_email": "accounts@anchor"})
    assert (half.status_code, "Write an address such as" in main(half)) == (422, True)
    assert 'value="accounts@anchor"' in half.content.decode()
    assert Payee.objects.count() == 1
    saved = browser.post("/payee/change/", {**_given(), "address": "2 Quay Street"}, follow=True)
    page = main(saved)
    assert "Every owner is told, and finance checks it before the next payment." in page
    assert "not checked yet" in page
    told = {mail.to for mail in latest_mail() if "Payee details changed" in mail.subject}
    assert told == {Person.objects.get(pk=person).email for person in (world.owner.person_id, second.person_id)}


def _given() -> dict[str, str]:
    shown = profile()
    return {name: getattr(shown, name) for name in shown.__slots__}


def _prove(browser: Client) -> None:
    from ...factories import PASSWORD  # noqa: PLC0415

    browser.get("/payee/change/")
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/payee/change/"})


def test_terms_are_read_and_accepted(world: World, browser: Client, now: datetime) -> None:
    assert "Nothing to accept" in main(browser.get("/terms/"))
    terms = publish_terms(THE_HOUSE, world.programme, "# We agree", reason="First.", effective_from=now, now=now)
    member = signed_in(Person.objects.get(pk=a_colleague(world.partner, now=now).person_id))
    with time_machine.travel(now + days(1), tick=False):
        assert "Accept version 1" in main(browser.get("/terms/"))
        assert "An owner of your company accepts these." in main(member.get("/terms/"))
        unread = browser.post("/terms/", {"version": str(terms.pk)})
        assert (unread.status_code, "Tick that you have read them" in main(unread)) == (422, True)
        assert browser.post("/terms/", {"version": "x", "read": "yes"}).status_code == 404
        accepted = browser.post("/terms/", {"version": str(terms.pk), "read": "yes"}, follow=True)
        assert "Accepted on 3 Mar by" in main(accepted)
        assert member.post("/terms/", {"version": str(terms.pk), "read": "yes"}).status_code == 403
    assert Acceptance.objects.count() == 1


def test_outside_every_programme_and_every_partner(owner: Client, manager: Client) -> None:
    assert "in no programme yet" in main(owner.get("/statements/"))
    assert "Not entered yet" in main(owner.get("/payee/"))
    assert "Nothing to accept" in main(owner.get("/terms/"))
    assert [manager.get(address).status_code for address in ("/statements/", "/payee/", "/terms/")] == [404, 404, 404]


def told_by_bridge(browser: Client, number: str) -> list[tuple[str, str]]:
    answer = browser.get(f"/statements/{number}/csv/")
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return [(row["kind"], row["amount"]) for row in rows if row["part"] == "bridge"]


def test_a_change_of_rate_is_one_since_the_deals_of_last_month(world: World, browser: Client, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now + days(1))
    win(world.partner, 100_000, at=now + days(31), client="Second")
    close_month(world, APRIL)
    close_month(world, MAY)
    assert told_by_bridge(browser, "agencies-2026-05-0001") == [
        (f"April 2026, paid by {NUMBER}", "200.00"),
        ("Paid last month", "-200.00"),
        ("New deals, at last month's rate where there was one", "100.00"),
        ("Change of rate since last month's deals", "46.50"),
    ]


def test_what_was_not_sold_last_month_knows_no_change_of_rate(world: World, browser: Client, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now + days(1))
    win(world.partner, 100_000, at=now + days(61), client="Second")
    for month in (APRIL, MAY, JUNE):
        close_month(world, month)
    assert told_by_bridge(browser, "agencies-2026-06-0001") == [
        ("May 2026, nothing paid", "0.00"),
        ("New deals", "146.50"),
    ]
