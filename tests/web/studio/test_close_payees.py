"""Whom a month pays: a payee that changes before approval, between approval and hand-over, or afterwards is paid only
once it is checked; and what is paid, or on its way back, is in the payment file as often as it must be.
"""

import csv
import io
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from academy.core.errors import Conflict
from academy.journal.models import Fact
from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import approve, hand_over
from academy.programme.closes.checking.actions import see
from academy.programme.closes.models import Close
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payees.models import Payee
from academy.programme.payouts.actions import came_back
from academy.programme.payouts.models import Payout
from academy.programme.statements.models import Statement
from academy.programme.statements.rules import Flag
from academy.programme.verification.queries import verify

from ...factories import a_staff_member, signed_in
from ...programme.closing.months import (
    APRIL,
    JUNE,
    MAY,
    a_house,
    after,
    another,
    close_month,
    collect,
    payment_file,
    profile,
    sign,
    told,
)
from ...worlds import World, days, win
from ..reading import main

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_person")]
RUN = "/studio/close/agencies/2026-04/"
MOVED = profile(legal_name="Anchor Holding Ltd", provider_reference="acct_holding")


@pytest.fixture
def world(now: datetime) -> World:
    """Anchor has 200.00 ready at the end of April, and Birch 300.00."""
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    birch = another(world, now=now)
    Partner.objects.filter(pk=birch).update(name="Birch", slug="birch")
    win(world.partner, 200_000, at=now)
    win(birch, 300_000, at=now)
    return world


@pytest.fixture
def finance(db: None) -> Client:
    return signed_in(a_staff_member("finance", name="Ruben"))


@pytest.fixture(autouse=True)
def _in_may(world: World) -> Any:
    with time_machine.travel(after(APRIL, 4, 12), tick=False):
        yield


def change(world: World, *, at: datetime | None = None) -> None:
    """Anchor's owner writes another name and reference, which nobody has checked."""
    change_payee(world.owner, world.partner, MOVED, now=at or after(APRIL, 4, 10))


def check(finance: Client, world: World) -> str:
    """Finance checks the latest payee details of Anchor."""
    number = Payee.objects.filter(partner=world.partner).count()
    return main(finance.post("/studio/payees/check/", {"partner": world.partner, "number": number}, follow=True))


def file(finance: Client) -> list[tuple[str, ...]]:
    """Reference, legal name, amount and attempt of every row of the payment file, with its day."""
    answer = finance.get(RUN + "payments.csv")
    rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    return sorted((row["payee_reference"], row["amount"], row["pay_on"], row["attempt"]) for row in rows)


def look(finance: Client) -> None:
    """Look at every exception there is."""
    for one in Statement.objects.exclude(flags=[]).filter(seen_at=None):
        finance.post(RUN + "seen/", {"statement": one.pk})


ANCHOR = ("acct_anchor", "200.00", "2026-05-05", "1")
BIRCH = ("acct_anchor", "300.00", "2026-05-05", "1")
HOLDING = ("acct_holding", "200.00", "2026-05-05", "1")


def number_of(world: World, month: date = APRIL) -> str:
    return Statement.objects.get(partner=world.partner, close__month=month).number


def test_changed_before_approval_it_is_an_exception_again_and_is_not_paid(world: World, finance: Client) -> None:
    collect(world, APRIL)
    look(finance)
    change(world)
    page = main(finance.get(RUN))
    assert "The payee details of 1 statement changed or were checked after it was looked at" in page
    assert "Not paid before the new payee details are checked." in main(
        finance.get(f"/studio/statements/{number_of(world)}/")
    )

    refused = finance.post(RUN + "approve/")
    page = main(refused)
    assert (refused.status_code, Close.objects.get().stage) == (409, "checking")
    assert "Payee details changed or were checked after statements were looked at. Look at those once more." in page
    assert "1 statement needs a look" in page
    anchor = Statement.objects.get(partner=world.partner)
    assert (anchor.outcome, anchor.flags, anchor.seen_at) == ("payee", ["payee_changed", "payee"], None)
    assert finance.post(RUN + "approve/").status_code == 409

    look(finance)
    finance.post(RUN + "approve/")
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH]
    assert sorted(one[1:] for one in told(Close.objects.get())) == [(20_000, "payee", 0), (30_000, "pay", 1)]


def test_changed_and_checked_before_approval_it_is_looked_at_again_and_paid_by_what_was_seen(
    world: World, finance: Client
) -> None:
    collect(world, APRIL)
    look(finance)
    change(world)
    check(finance, world)
    answer = finance.post(RUN + "continue/", follow=True)
    assert "1 statement needs a look" in main(answer)
    anchor = Statement.objects.get(partner=world.partner)
    assert (anchor.outcome, anchor.inputs["payee"], anchor.seen_at) == ("pay", 2, None)
    assert set(anchor.flags) == {"payee_changed", "first"}
    look(finance)
    finance.post(RUN + "approve/")
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH, HOLDING]


def test_changed_twice_it_is_looked_at_twice(world: World, now: datetime) -> None:
    """It stands out by the same marks both times: that somebody has seen the first says nothing of the second."""
    win(world.partner, 250_000, at=now + days(31))
    close_month(world, APRIL)
    change(world, at=after(APRIL, 20))
    check_payee(THE_HOUSE, world.partner, 2, now=after(APRIL, 20))
    close = collect(world, MAY)
    assert see(THE_HOUSE, close.pk, (), flag=Flag.PAYEE_CHANGED, now=after(MAY)) == 1
    change_payee(world.owner, world.partner, profile(provider_reference="acct_third"), now=after(MAY))
    check_payee(THE_HOUSE, world.partner, 3, now=after(MAY))
    with pytest.raises(Conflict, match="Look at those once more"):
        approve(THE_HOUSE, close.pk, now=after(MAY))
    anchor = Statement.objects.get(partner=world.partner, close=close)
    assert (anchor.outcome, anchor.flags, anchor.inputs["payee"], anchor.seen_at) == ("pay", ["payee_changed"], 3, None)


def test_one_draft_is_looked_at_again_on_its_own_page(world: World, finance: Client) -> None:
    collect(world, APRIL)
    address = f"/studio/statements/{number_of(world)}/"
    assert "Look again" not in main(finance.get(address))
    change(world)
    assert "Look again" in main(finance.get(address))
    finance.post(address + "again/")
    assert Statement.objects.get(partner=world.partner).outcome == "payee"


def test_changed_between_approval_and_hand_over_it_is_left_out_by_name(world: World, finance: Client) -> None:
    sign(collect(world, APRIL))
    change(world)
    left_out = f"Left out of the payment file until their payee details are checked Anchor {number_of(world)} £200.00"
    assert left_out in main(finance.get(RUN))
    page = main(finance.post(RUN + "hand-over/", follow=True))
    assert "Left out until their payee details are checked: Anchor." in page
    assert left_out in page
    assert "The payment file holds 1 payment: what is not paid yet." in page
    assert file(finance) == [BIRCH]

    refused = finance.post(f"/studio/statements/{number_of(world)}/paid/", {"date": "2026-05-04", "reference": "R1"})
    assert refused.status_code == 422
    assert "was left out of the payment file, as its payee details are not checked" in main(refused)
    assert Payout.objects.count() == 0

    assert "a month that is approved already can hand it over" in check(finance, world)
    page = main(finance.get(RUN))
    assert "The rest of the file 1 more may be paid now: its payee details are checked. Hand over the rest" in page
    assert file(finance) == [BIRCH]
    assert "The rest was handed over on 4 May by Ruben." in main(finance.post(RUN + "hand-over/", follow=True))
    assert file(finance) == [BIRCH, HOLDING]


def test_changed_after_hand_over_it_leaves_the_file_until_it_is_checked(world: World, finance: Client) -> None:
    close = hand_over(THE_HOUSE, sign(collect(world, APRIL)).pk, now=after(APRIL))
    assert file(finance) == [ANCHOR, BIRCH]
    change(world)
    page = main(finance.get(RUN))
    assert "It was handed over before they changed: ask the payment provider to stop it." in page
    assert file(finance) == [BIRCH]
    check(finance, world)
    assert "1 of them was handed over with earlier details: let the payment provider drop" in main(finance.get(RUN))
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH, HOLDING]
    before = list(Close.objects.values())
    assert "Handed over" in main(finance.post(RUN + "hand-over/", follow=True))
    assert (list(Close.objects.values()), file(finance)) == (before, [BIRCH, HOLDING])

    with time_machine.travel(after(APRIL, 5, 17), tick=False):
        upload = SimpleUploadedFile("p.csv", payment_file(close).encode())
        assert "2 payments entered." in main(finance.post(RUN + "payments/", {"file": upload}, follow=True))
        assert file(finance) == []
    paid = dict(Payout.objects.values_list("statement__partner", "payee"))
    assert sorted(paid.values()) == [1, 2]
    assert paid[world.partner] == 2
    assert verify(now=after(APRIL, 5, 18), deep=True).differences == []


def test_paid_before_the_change_was_checked_it_was_paid_to_whom_was_handed_over(world: World, finance: Client) -> None:
    close = hand_over(THE_HOUSE, sign(collect(world, APRIL)).pk, now=after(APRIL))
    change(world)
    with time_machine.travel(after(APRIL, 5, 17), tick=False):
        upload = SimpleUploadedFile("p.csv", payment_file(close).encode())
        assert "2 payments entered." in main(finance.post(RUN + "payments/", {"file": upload}, follow=True))
    assert set(Payout.objects.values_list("payee", flat=True)) == {1}
    assert Close.objects.get().stage == "done"
    assert verify(now=after(APRIL, 5, 18), deep=True).differences == []


def test_what_came_back_is_alone_in_the_file_and_goes_to_the_payee_that_is_checked(
    world: World, finance: Client
) -> None:
    close_month(world, APRIL)
    anchor = Statement.objects.get(partner=world.partner)
    with time_machine.travel(after(APRIL, 9, 8), tick=False):
        address = f"/studio/statements/{anchor.number}/"
        given = {"returned_on": "2026-05-08", "reason": "Closed."}
        page = main(finance.post(address + "returned/", given, follow=True))
        assert "The payment came back on 8 May. The next attempt is planned for 5 Jun." in page
        page = main(finance.get(RUN))
        assert "The payment file holds 1 payment: what is not paid yet." in page
        assert "1 of them was paid before and came back." in page
        assert file(finance) == [("acct_anchor", "200.00", "2026-06-05", "2")]

        change(world, at=after(APRIL, 9, 8))
        assert "The payment file holds nothing now." in main(finance.get(RUN))
        assert "The payment came back on 8 May. Not paid before the new" in main(finance.get(address))
        check(finance, world)
        page = main(finance.get(RUN))
        assert ("Hand over the rest" in page, "drop that payment first" in page) == (True, False)
        finance.post(RUN + "hand-over/")
        assert file(finance) == [("acct_holding", "200.00", "2026-06-05", "2")]
    with time_machine.travel(after(APRIL, 20), tick=False):
        done = finance.post(address + "paid/", {"date": "2026-05-20", "reference": "R2"}, follow=True)
        assert "Paid 20 May, ref. R2" in main(done)
        assert file(finance) == []
    paid = Payout.objects.filter(statement=anchor).order_by("attempt").values_list("attempt", "payee")
    assert list(paid) == [(1, 1), (2, 2)]
    assert verify(now=after(APRIL, 21), deep=True).differences == []


def test_a_day_that_is_over_is_not_asked_for(world: World, finance: Client) -> None:
    hand_over(THE_HOUSE, sign(collect(world, APRIL)).pk, now=after(APRIL))
    with time_machine.travel(after(APRIL, 11, 23), tick=False):  # the 12th in London, one hour ahead
        assert {row[2] for row in file(finance)} == {"2026-05-12"}


def test_of_what_two_handed_over_each_enters_what_the_other_did(world: World, finance: Client, settings: Any) -> None:
    settings.FOUR_EYES = True
    sign(collect(world, APRIL))
    birch = Statement.objects.exclude(partner=world.partner).get().number
    change(world)
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH]
    page = main(finance.get(RUN))
    assert ("This takes a second person" in page, "Hand over the rest" in page) == (True, False)
    check_payee(THE_HOUSE, world.partner, 2, now=after(APRIL))
    ines = signed_in(a_staff_member("finance", name="Ines"))
    assert "The rest was handed over on 4 May by Ines." in main(ines.post(RUN + "hand-over/", follow=True))

    with time_machine.travel(after(APRIL, 5, 17), tick=False):
        paid = payment_file(Close.objects.get())
        upload = SimpleUploadedFile("p.csv", paid.encode())
        assert "This takes a second person" not in main(finance.get(RUN))
        page = main(finance.post(RUN + "payments/", {"file": upload}))
        assert f"{birch}: you handed it over, so somebody else enters its payment." in page
        assert ("1 payment entered." in page, page.count("you handed it over")) == (True, 1)
        upload = SimpleUploadedFile("p.csv", paid.encode())
        assert "1 payment entered. 1 was known already." in main(
            ines.post(RUN + "payments/", {"file": upload}, follow=True)
        )
    assert dict(Payout.objects.values_list("statement__number", "recorded_by__name")) == {
        number_of(world): "Ruben",
        birch: "Ines",
    }
    assert Close.objects.get().stage == "done"


def test_who_handed_over_first_and_last_enters_what_another_did_between(
    world: World, finance: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    sign(collect(world, APRIL))
    change(world)
    finance.post(RUN + "hand-over/")
    ines = signed_in(a_staff_member("finance", name="Ines"))
    for version, who in ((2, ines), (3, finance)):
        check_payee(THE_HOUSE, world.partner, version, now=after(APRIL))
        who.post(RUN + "hand-over/")
        if version == 2:
            moved = profile(legal_name="Anchor Two Ltd", provider_reference="acct_two")
            change_payee(world.owner, world.partner, moved, now=after(APRIL, 4, 11))
    assert "This takes a second person" not in main(finance.get(RUN))
    with time_machine.travel(after(APRIL, 5, 17), tick=False):
        upload = SimpleUploadedFile("p.csv", payment_file(Close.objects.get()).encode())
        page = main(finance.post(RUN + "payments/", {"file": upload}))
        assert page.count("you handed it over") == 2  # both, as they stand by now
        upload = SimpleUploadedFile("p.csv", payment_file(Close.objects.get()).encode())
        assert "2 payments entered." in main(ines.post(RUN + "payments/", {"file": upload}, follow=True))


def test_what_an_approved_month_has_not_handed_over_is_told_where_the_payee_is_checked(
    world: World, finance: Client
) -> None:
    sign(collect(world, APRIL))
    change(world)
    said = check(finance, world)
    assert "a month that is approved already can hand it over" in said
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH, HOLDING]
    assert "by the next month that is approved" in check(finance, world)


def test_a_payee_that_is_checked_while_a_month_is_checked_is_paid_by_it(
    world: World, finance: Client, settings: Any
) -> None:
    """Whoever saw that nothing is paid has not seen to whom it is: it is looked at once more, by somebody else."""
    settings.FOUR_EYES = True
    change(world)
    collect(world, APRIL)
    anchor = Statement.objects.get(partner=world.partner)
    assert (anchor.outcome, anchor.flags) == ("payee", ["payee"])
    for flag in ("payee", "first"):
        finance.post(RUN + "seen/", {"all": flag})
    assert "Checked. The partner is paid again, by the next month that is approved." in check(finance, world)
    assert "The payee details of 1 statement changed or were checked after it was looked at" in main(finance.get(RUN))
    assert finance.post(RUN + "approve/").status_code == 409
    anchor.refresh_from_db()
    assert (anchor.outcome, anchor.seen_at) == ("pay", None)
    for flag in anchor.flags:
        assert finance.post(RUN + "seen/", {"all": flag}).status_code == 409
    ines = signed_in(a_staff_member("finance", name="Ines"))
    ines.post(RUN + "seen/", {"all": anchor.flags[0]})
    finance.post(RUN + "approve/")
    ines.post(RUN + "hand-over/")
    assert file(ines) == [BIRCH, HOLDING]


def test_looking_again_at_what_begins_to_pay_is_no_look_at_whom(
    world: World, finance: Client, settings: Any, now: datetime
) -> None:
    settings.FOUR_EYES = True
    win(world.partner, 200_000, at=now + days(31))
    close_month(world, APRIL)
    close = collect(world, MAY)
    change(world, at=after(MAY))
    with time_machine.travel(after(MAY), tick=False):
        finance = signed_in(Person.objects.get(name="Ruben"))
        run, address = "/studio/close/agencies/2026-05/", f"/studio/statements/{number_of(world, MAY)}/"
        finance.post(run + "continue/")
        finance.post(run + "seen/", {"all": "payee_changed"})
        check(finance, world)
        finance.post(address + "again/")
        anchor = Statement.objects.get(partner=world.partner, close=close)
        assert (anchor.outcome, anchor.flags, anchor.seen_at) == ("pay", ["payee_changed"], None)
        assert OWN in main(finance.post(address + "seen/"))


OWN = "You checked these payee details. Somebody else of finance looks at them before they pay."


def test_new_details_that_one_has_checked_are_looked_at_by_somebody_else(
    world: World, finance: Client, settings: Any
) -> None:
    """Also after a hold, and whether one by one or all at once: nobody's word alone pays a payee for the first time."""
    settings.FOUR_EYES = True
    change(world)
    check(finance, world)
    close, address = collect(world, APRIL), f"/studio/statements/{number_of(world)}/"
    assert "You checked its payee details: somebody else looks at it." in main(finance.get(RUN))
    page = main(finance.get(address))
    assert "You checked its payee details: somebody else looks at it." in page
    assert "Legal name Anchor Holding Ltd New" in page
    assert "Reference at the payment provider acct_holding New" in page
    assert "Version 2 of 4 May · checked on 4 May by Ruben" in page
    anchor = Statement.objects.get(partner=world.partner)

    assert OWN in main(finance.post(address + "seen/"))
    assert "1 statement looked at." in main(finance.post(RUN + "seen/", {"all": "first"}, follow=True))
    finance.post(address + "hold/", {"reason": "Wait."})
    finance.post(address + "again/")
    anchor.refresh_from_db()
    assert (anchor.outcome, anchor.seen_at) == ("pay", None)
    again = finance.post(RUN + "seen/", {"all": "first"})
    assert (again.status_code, OWN in main(again), "April 2026" in main(again)) == (409, True, True)
    assert "All of these are looked at" not in main(finance.get(RUN))
    assert finance.post(RUN + "approve/").status_code == 409

    ines = signed_in(a_staff_member("finance", name="Ines"))
    assert "Looked at." in main(ines.post(address + "seen/", follow=True))
    finance.post(RUN + "approve/")
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH, HOLDING]
    close.refresh_from_db()
    assert verify(now=after(APRIL), deep=True).differences == []


def test_details_newer_than_the_approval_are_handed_over_by_somebody_else_than_who_checked_them(
    world: World, finance: Client, settings: Any
) -> None:
    settings.FOUR_EYES = True
    sign(collect(world, APRIL))
    change(world)
    check(finance, world)
    newer = (
        "Checked after the approval: handing over pays these by their new details"
        f" Anchor {number_of(world)} £200.00 Anchor Holding Ltd, acct_holding"
    )
    assert newer in main(finance.get(RUN))
    finance.post(RUN + "hand-over/")
    assert file(finance) == [BIRCH]
    assert OWN in main(finance.post(RUN + "hand-over/"))
    assert file(finance) == [BIRCH]

    ines = signed_in(a_staff_member("finance", name="Ines"))
    assert newer in main(ines.get(RUN))
    ines.post(RUN + "hand-over/")
    assert file(ines) == [BIRCH, HOLDING]
    assert newer not in main(ines.get(RUN))


def test_details_that_are_checked_late_stand_out_until_they_are_paid_by(world: World, now: datetime) -> None:
    """They changed before the month that did not pay them: in the month that does they are as new."""
    for month in (31, 62):
        win(world.partner, 250_000, at=now + days(month))
    close_month(world, APRIL)
    change(world, at=after(APRIL, 20))
    close_month(world, MAY)
    check_payee(THE_HOUSE, world.partner, 2, now=after(MAY, 20))
    june = collect(world, JUNE)
    anchor = Statement.objects.get(partner=world.partner, close=june)
    assert (anchor.outcome, anchor.inputs["payee"], anchor.flags) == ("pay", 2, ["payee_changed"])


@pytest.mark.tampers
def test_a_payment_to_a_payee_whom_nobody_checked_is_told(world: World) -> None:
    close_month(world, APRIL)
    change(world, at=after(APRIL, 6))
    anchor = Statement.objects.get(partner=world.partner)
    payout = Payout.objects.get(statement=anchor)
    came_back(THE_HOUSE, anchor.pk, returned_on=date(2026, 5, 8), reason="Closed.", now=after(APRIL, 9))
    at = after(APRIL, 10)
    again = Payout.objects.create(
        statement=anchor, attempt=2, payee=2, paid_on=at.date(), reference="R2", recorded_at=at
    )
    first = Fact.objects.get(kind="statement.paid", thing=anchor.pk)
    Fact.objects.create(
        kind="statement.paid",
        partner=world.partner,
        thing_kind="statement",
        thing=anchor.pk,
        numbers=first.numbers | {"payout": str(again.pk), "attempt": 2, "paid_on": "2026-05-10", "payee": 2},
        occurred_at=at,
        effective_at=at,
        recorded_at=at,
    )
    assert payout.payee == 1
    (said,) = verify(now=at, deep=True).differences
    assert said.endswith("it was paid to payee 2, whom nobody had checked")
    check_payee(THE_HOUSE, world.partner, 2, now=after(APRIL, 11))
    assert len(verify(now=after(APRIL, 11), deep=True).differences) == 1
