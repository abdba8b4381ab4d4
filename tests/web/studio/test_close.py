"""The studio's month close through HTTP: months, a run from collecting to done, one statement, payees, terms."""

import re
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes import actions
from academy.programme.closes.checking.actions import see
from academy.programme.closes.models import Close
from academy.programme.commissions.models import CommissionLine
from academy.programme.payees.actions import change_payee
from academy.programme.payees.models import Payee
from academy.programme.plans.actions import found_programme
from academy.programme.statements.models import Statement
from academy.programme.terms.models import Terms

from ...factories import a_member, a_staff_member, signed_in
from ...programme.closing.months import (
    APRIL,
    MAY,
    a_house,
    after,
    another,
    close_month,
    collect,
    long_closed,
    make_payable,
    payment_file,
    profile,
    sign,
)
from ...worlds import World, refund, win
from ..reading import heading, main, plain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person", "in_2026")]
RUN = "/studio/close/agencies/2026-04/"


@pytest.fixture
def world(now: datetime) -> World:
    """Anchor has 200.00 ready at the end of April."""
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 200_000, at=now, client="Quayside")
    return world


@pytest.fixture
def finance(db: None) -> Client:
    return signed_in(a_staff_member("finance", name="Ruben"))


def rows(page: str) -> list[list[str]]:
    body = re.search(r'<tbody id="rows">.*?</tbody>', page, re.DOTALL)
    found = re.findall(r"<tr>.*?</tr>", body[0], re.DOTALL) if body else []
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in found]


def wrong_line(close: Close) -> bytes:
    """The last line of a payment file about another amount."""
    return payment_file(close, amount="1.00").splitlines()[-1].encode()


def ticked(page: str) -> list[str]:
    """The stages that are over."""
    stages = re.search(r'<ol class="stages".*?</ol>', page, re.DOTALL)
    assert stages
    return re.findall(r'<li class="done".*?<b>(.*?)</b>', stages[0], re.DOTALL)


def _april(world: World) -> dict[str, str]:
    return {"programme": str(world.programme), "month": "2026-04"}


def test_a_month_from_collecting_to_done(world: World, finance: Client) -> None:
    with time_machine.travel(after(APRIL), tick=False):
        page = main(finance.get("/studio/close/"))
        assert "Next month to close" in page
        assert "April 2026" in page
        answer = finance.post("/studio/close/start/", _april(world), follow=True)
        assert answer.redirect_chain == [(RUN, 302)]
        assert heading(answer) == "April 2026"
        page = answer.content.decode()
        assert ticked(page) == ["Collecting"]
        assert "1 statement needs a look" in page
        assert rows(page) == [["Anchor", "agencies-2026-04-0001", "To be paid", "First payment", "1", "£200.00"]]

        refused = finance.post(RUN + "approve/")
        assert refused.status_code == 409
        assert "Some statements need a look first" in refused.content.decode()
        finance.post(RUN + "seen/", {"statement": str(Statement.objects.get().pk)})
        answer = finance.post(RUN + "approve/", follow=True)
        assert "Hand it over on 4 May." in main(answer)
        assert ticked(answer.content.decode()) == ["Collecting", "Checking", "Approved"]
        assert finance.get(RUN + "payments.csv").status_code == 409
        answer = finance.post(RUN + "hand-over/", follow=True)
        assert "Handed over. Fetch the file" in main(answer)
        assert ticked(answer.content.decode()) == ["Collecting", "Checking", "Approved", "Handed over"]
        file = finance.get(RUN + "payments.csv")
        assert file.content.decode() == (
            "\ufeffnumber,payee_reference,payee,amount,currency,pay_on,attempt\r\n"
            "agencies-2026-04-0001,acct_anchor,Anchor Ltd,200.00,GBP,2026-05-05,1\r\n"
        )
    with time_machine.travel(after(APRIL, 5, 17), tick=False):
        close = Close.objects.get()
        wrong = SimpleUploadedFile("p.csv", payment_file(close, amount="1.00").encode())
        answer = finance.post(RUN + "payments/", {"file": wrong})
        assert "These lines were not entered, and no other was. Line 2: agencies-2026-04-0001 is about another" in main(
            answer
        )
        right = payment_file(close).encode()
        for said in ("1 payment entered.", "0 payments entered. 1 was known already."):
            upload = SimpleUploadedFile("p.csv", right)
            assert said in main(finance.post(RUN + "payments/", {"file": upload}, follow=True))
        both = SimpleUploadedFile("p.csv", right + wrong_line(close))
        assert "These lines were not entered; the others were. Line 3:" in main(
            finance.post(RUN + "payments/", {"file": both})
        )
        page = finance.get(RUN).content.decode()
        assert rows(page)[0][2] == "Paid 5 May, ref. R-agencies-2026-04-0001"
        assert "Done" in main(finance.get("/studio/close/"))


def test_a_year_of_months_is_listed_and_older_ones_on_request(world: World, finance: Client, now: datetime) -> None:
    months = [f"{month:%Y-%m}" for month in long_closed(world, 27, now=now)]

    def listed(address: str) -> tuple[list[str], list[str]]:
        page = finance.get(address).content.decode()
        assert ("Next month to close" in page) == ("before" not in address)
        shown = re.findall(r'<th scope="row"><a href="/studio/close/agencies/([0-9-]+)/"', page)
        return shown, re.findall(r'href="/studio/close/(\?before=[0-9-]+)"', page)

    assert listed("/studio/close/") == ([*months[:12], months[-1]], [f"?before={months[11]}"])
    assert listed(f"/studio/close/?before={months[11]}") == (months[12:24], [f"?before={months[23]}"])
    assert listed(f"/studio/close/?before={months[23]}") == (months[24:], [])
    assert listed(f"/studio/close/?before={months[26]}") == ([], [])
    assert finance.get("/studio/close/?before=yesterday").status_code == 404


def test_no_month_of_any_programme_is_left_out_of_the_pages(world: World, finance: Client, now: datetime) -> None:
    second = found_programme("second", name="Second", timezone="UTC")
    months = {"agencies": long_closed(world, 40, now=now), "second": long_closed(world, 15, now=now, programme=second)}
    Close.objects.filter(programme=second, month__gte=date(2025, 3, 1)).delete()  # it ended long ago

    address, pages = "/studio/close/", 0
    seen: set[tuple[str, str]] = set()
    while address:
        page = finance.get(address).content.decode()
        seen |= set(re.findall(r'<th scope="row"><a href="/studio/close/([a-z]+)/([0-9-]+)/"', page))
        older = re.findall(r'href="(/studio/close/\?before=[0-9-]+)"', page)
        address, pages = older[0] if older else "", pages + 1
    left = {"agencies": months["agencies"], "second": months["second"][10:]}
    assert (seen, pages) == ({(name, f"{month:%Y-%m}") for name, some in left.items() for month in some}, 4)


@pytest.mark.parametrize(("count", "older"), [(12, []), (13, []), (14, ["?before=2025-01"])])
def test_older_months_are_offered_only_where_there_are_any(
    world: World, finance: Client, now: datetime, count: int, older: list[str]
) -> None:
    long_closed(world, count, now=now)  # the oldest waits for payments, and stands on the first page
    page = finance.get("/studio/close/").content.decode()
    assert re.findall(r'href="/studio/close/(\?before=[0-9-]+)"', page) == older


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (None, "Choose the file"),
        (SimpleUploadedFile("p.csv", b"\xff\xfe\x00"), "not text in UTF-8"),
        (SimpleUploadedFile("p.csv", b"x" * 1_000_001), "larger than 1 MB"),
    ],
)
def test_files_that_are_none(
    world: World, finance: Client, upload: SimpleUploadedFile | None, sentence: str, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
    close = sign(collect(world, APRIL))
    actions.hand_over(THE_HOUSE, close.pk, now=after(APRIL))
    answer = finance.post(RUN + "payments/", {"file": upload} if upload else {})
    assert answer.status_code == 422
    assert sentence in main(answer)


def test_a_run_that_was_stopped_goes_on(
    world: World, finance: Client, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "A_CHUNK", 1)
    win(another(world, now=now), 100_000, at=now)
    close = actions.start_close(THE_HOUSE, world.programme, APRIL, now=after(APRIL))
    actions.go_on(close.pk, now=after(APRIL))
    with time_machine.travel(after(APRIL, 4, 10), tick=False):
        assert "Stopped after 1 of 2, nothing double." in main(finance.get(RUN))
        assert "1 of 2 partners looked at" in main(finance.get("/studio/close/"))
        assert "Gone on. Nothing was done twice." in main(finance.post(RUN + "continue/", follow=True))
        see(THE_HOUSE, close.pk, (), flag="first", now=after(APRIL))
        actions.approve(THE_HOUSE, close.pk, now=after(APRIL, 4, 10))
        assert "0 of 2 statements are written down." in main(finance.get(RUN))
    assert len(rows(finance.get(RUN).content.decode())) == 2


def test_a_statement_opens_its_lines(world: World, finance: Client) -> None:
    """Two taps from a sum to why it is so: its statement, and the line on it."""
    collect(world, APRIL)
    page = finance.get(f"/studio/statements/{Statement.objects.get().number}/").content.decode()
    (address,) = re.findall(r'<tr><th scope="row"><a href="([^"]*)">Quayside</a>', page)
    assert address == f"/studio/lines/{CommissionLine.objects.get().pk}/"
    answer = finance.get(address)
    assert (answer.status_code, "£2,000.00" in main(answer)) == (200, True)


def test_one_statement_is_held_and_released(world: World, finance: Client) -> None:
    collect(world, APRIL)
    address = "/studio/statements/agencies-2026-04-0001/"
    page = main(finance.get(address))
    assert "Quayside Commission 2 Mar 1 Apr £2,000.00 × 10.00% £200.00" in page
    refused = finance.post(address + "hold/", {"reason": " "})
    assert refused.status_code == 422
    assert "Say why, for the next who looks" in main(refused)
    held = main(finance.post(address + "hold/", {"reason": "A question is open"}, follow=True))
    assert "Held by SISO this month: A question is open. £200.00 waits, it does not expire." in held
    assert "Looked at again." in main(finance.post(address + "again/", follow=True))
    assert Statement.objects.get().outcome == "pay"
    assert "Looked at." in main(finance.post(address + "seen/", follow=True))


def test_a_payment_by_hand_and_its_return(world: World, finance: Client, now: datetime) -> None:
    close_month(world, APRIL, pay=False)
    address = "/studio/statements/agencies-2026-04-0001/"
    with time_machine.travel(after(APRIL, 6), tick=False):
        early = finance.post(address + "paid/", {"date": "2026-05-01", "reference": "R1"})
        assert (early.status_code, "lies before the file was handed over" in main(early)) == (422, True)
        nothing = finance.post(address + "paid/", {"date": "2026-05-05", "reference": ""})
        assert "The reference is missing" in main(nothing)
        done = finance.post(address + "paid/", {"date": "2026-05-05", "reference": "R1"}, follow=True)
        assert "Paid 5 May, ref. R1" in main(done)
        bad = finance.post(address + "returned/", {"returned_on": "soon", "reason": "x"})
        assert "Write a day such as" in main(bad)
        back = finance.post(address + "returned/", {"returned_on": "2026-05-06", "reason": "Closed."}, follow=True)
        assert "The payment came back on 6 May." in main(back)
        again = finance.post(address + "paid/", {"date": "2026-05-06", "reference": "R2"}, follow=True)
        assert "Paid 6 May, ref. R2" in main(again)


def test_the_bridge_stands_beside_the_lines(world: World, finance: Client, now: datetime) -> None:
    deal = win(world.partner, 100_000, at=now, client="Second")
    win(world.partner, 300_000, at=after(APRIL).replace(month=4, day=2), client="Third")
    close_month(world, APRIL)
    refund(deal, 100_000, at=after(APRIL, 20))
    collect(world, MAY)
    page = main(finance.get("/studio/statements/agencies-2026-05-0001/"))
    assert (
        "April 2026, paid by agencies-2026-04-0001 £300.00 Paid last month − £300.00 "
        "New deals + £300.00 Taken back − £100.00 May 2026 £200.00"
    ) in page.replace("\u202f", " ")
    assert "Refund earned on agencies-2026-04-0001" in page


@pytest.mark.parametrize("count", [1, 3, 300])
def test_the_run_asks_as_often_for_any_number_of_statements(
    count: int, world: World, finance: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    close = collect(world, APRIL)
    template = Statement.objects.get()
    for number in range(count - 1):
        partner = Partner.objects.create(name=f"P {number:03d}", slug=f"p-{number:03d}", created_at=now)
        inputs = {**template.inputs, "lines": 0, "amount": 0}
        Statement.objects.create(
            close=close,
            partner=partner,
            currency="GBP",
            since=template.since,
            until=template.until,
            number=f"agencies-2026-04-{number + 2:04d}",
            amount=0,
            lines=0,
            outcome="below_minimum",
            inputs=inputs,
            flags=["below_minimum"],
        )
    finance.get(RUN)
    with django_assert_num_queries(7):
        page = finance.get(RUN).content.decode()
    assert len(rows(page)) == min(count, 50)


def test_showing_some_of_them(world: World, finance: Client, now: datetime) -> None:
    win(another(world, now=now), 20_000, at=now)
    collect(world, APRIL)

    def states(query: str) -> list[str]:
        return sorted(row[2] for row in rows(finance.get(RUN + query).content.decode()))

    assert states("") == ["Below the minimum", "To be paid"]
    assert states("?show=pay") == ["To be paid"]
    assert states("?show=below_minimum") == ["Below the minimum"]
    assert states("?show=flag-first") == ["To be paid"]
    assert states("?show=unpaid") == ["To be paid"]
    assert states("?show=nonsense") == ["Below the minimum", "To be paid"]
    assert states("?show=held") == []
    assert "No statement is like that" in main(finance.get(RUN + "?show=held"))


def test_who_sees_and_who_does(world: World, manager: Client, curator: Client, owner: Client, finance: Client) -> None:
    collect(world, APRIL)
    addresses = (RUN, "/studio/close/", "/studio/statements/agencies-2026-04-0001/")
    assert [manager.get(address).status_code for address in addresses] == [200, 200, 200]
    assert "Approve as expected" in main(manager.get(RUN))
    assert "Hold this month" not in main(manager.get(addresses[2]))
    assert [curator.get(address).status_code for address in addresses] == [403, 403, 403]
    assert [owner.get(address).status_code for address in addresses] == [404, 404, 404]
    posts = ("approve/", "hand-over/", "continue/", "seen/", "payments/")
    assert [manager.post(RUN + name).status_code for name in posts] == [403, 403, 403, 403, 403]
    assert manager.get(RUN + "payments.csv").status_code == 403
    nowhere = ("/studio/close/agencies/2026-13/", "/studio/close/agencies/2025-01/", "/studio/close/other/2026-04/")
    assert [finance.get(address).status_code for address in nowhere] == [404, 404, 404]
    wrong = [{"programme": "x", "month": "2026-04"}, {"programme": str(world.programme), "month": "x"}]
    assert [finance.post("/studio/close/start/", given).status_code for given in wrong] == [404, 404]
    assert finance.post(RUN + "seen/", {"statement": "x"}).status_code == 404
    assert finance.post(RUN + "seen/", {"all": "x"}).status_code == 404
    assert finance.get("/studio/statements/nothing/").status_code == 404


def test_imported_history_and_what_is_not_over(world: World, finance: Client) -> None:
    found_programme("history", name="History", timezone="UTC", clock="source")
    with time_machine.travel(after(APRIL), tick=False):
        page = main(finance.get("/studio/close/"))
        assert "Imported history: its lines show what was owed then." in page
        again = finance.post("/studio/close/start/", {"programme": str(world.programme), "month": "2026-05"})
        assert (again.status_code, "This month cannot be closed" in main(again)) == (422, True)


def test_payees_are_checked(world: World, finance: Client, manager: Client, now: datetime) -> None:
    assert "Nothing waits" in main(finance.get("/studio/payees/"))
    change_payee(THE_HOUSE, world.partner, profile(address="2 Quay Street"), now=now)
    page = main(finance.get("/studio/payees/"))
    assert "Address 2 Quay Street New 1 Quay Street, Bristol" in page
    assert "Country United Kingdom the same" in page
    assert manager.get("/studio/payees/").status_code == 403
    given = {"partner": str(world.partner), "number": "2"}
    assert "Checked. The partner is paid again" in main(finance.post("/studio/payees/check/", given, follow=True))
    assert Payee.objects.filter(checked_at=None).count() == 0
    assert finance.post("/studio/payees/check/", {"partner": "x", "number": "2"}).status_code == 404
    assert finance.post("/studio/payees/check/", {"partner": str(world.partner), "number": "1"}).status_code == 409


def test_terms_are_published(world: World, manager: Client, finance: Client, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        assert "No terms yet" in main(manager.get("/studio/terms/"))
        given = {"programme": str(world.programme), "text": "# We agree", "reason": "The first.", "effective_from": "x"}
        bad = manager.post("/studio/terms/", given)
        assert (bad.status_code, "Write a day such as" in main(bad), "# We agree" in main(bad)) == (422, True, True)
        published = manager.post("/studio/terms/", given | {"effective_from": "2026-03-02"}, follow=True)
        assert "Agencies, version 1" in main(published)
        later = manager.post("/studio/terms/", given | {"effective_from": "2026-04-01"}, follow=True)
        assert "Coming" in main(later)
        assert manager.post("/studio/terms/", given | {"programme": "x"}).status_code == 404
        assert finance.get("/studio/terms/").status_code == 403
    assert [one.effective_from.isoformat() for one in Terms.objects.order_by("number")] == [
        now.isoformat(),
        "2026-03-31T23:00:00+00:00",
    ]


def test_an_empty_house(finance: Client) -> None:
    assert "No programme yet" in main(finance.get("/studio/close/"))
    found_programme("new", name="New", timezone="UTC")
    assert "Nothing is payable yet" in main(finance.get("/studio/close/"))
    make_payable(a_member().partner_id, now=after(APRIL))
