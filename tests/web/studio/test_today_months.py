"""The months that wait on Today: who is shown what, at every step from a month that is over to one that is paid."""

from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes import actions
from academy.programme.closes.checking.actions import look_at_payees_again, see
from academy.programme.closes.models import Close
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payouts.actions import enter_file
from academy.programme.plans.actions import found_programme
from academy.programme.statements.rules import Flag

from ...factories import a_staff_member, acting, signed_in
from ...programme.closing.months import APRIL, MAY, a_house, after, another, close_month, payment_file, profile
from ...worlds import World, a_world, days, win
from .test_today import rows

pytestmark = pytest.mark.django_db
TODAY = "/studio/today/"
RUN = "/studio/close/agencies/2026-04/"


@pytest.fixture
def world(now: datetime) -> World:
    """Anchor has 200.00 ready at the end of April, and a second partner 100.00."""
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 200_000, at=now)
    win(another(world, now=now), 100_000, at=now)
    return world


@pytest.fixture
def ruben(db: None) -> Person:
    return a_staff_member("finance", name="Ruben")


@pytest.fixture
def ines(db: None) -> Person:
    return a_staff_member("finance", name="Ines")


def waits(person: Person, at: datetime) -> list[list[str]]:
    """What stands on somebody's Today about months: what, why, amount, until, what may be done."""
    with time_machine.travel(at, tick=False):
        found = rows(signed_in(person).get(TODAY))
    return [[row[0], row[1], row[2], row[4], row[5]] for row in found if "2026 Agencies" in row[0]]


def test_a_month_waits_from_its_end_until_it_is_paid(
    world: World, ruben: Person, ines: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "A_CHUNK", 1)
    early, on_fourth, late = after(APRIL, 1, 1), after(APRIL), after(APRIL, 7)
    april, due = "April 2026 Agencies", "Mon 4 May"
    assert waits(ruben, datetime.fromisoformat("2026-04-30T12:00:00+00:00")) == []
    assert waits(ruben, early) == [[april, "It is over and can be closed", "", "", "Collect"]]

    close = actions.start_close(acting(ruben), world.programme, APRIL, now=on_fourth)
    actions.go_on(close.pk, now=on_fourth)
    ((_title, why, _amount, until, does),) = waits(ines, on_fourth)
    assert (why, until, does) == ("1 of 2 partners looked at", due, "Continue")
    while actions.go_on(close.pk, now=on_fourth):
        pass
    assert waits(ines, on_fourth) == [[april, "2 statements need a look", "£300.00", due, "Look"]]

    for flag in Flag:
        see(acting(ruben), close.pk, (), flag=flag, now=on_fourth)
    mine = [april, "You began it, so somebody else approves it", "£300.00", due, ""]
    theirs = [april, "Everything was looked at: it waits for approval", "£300.00", due, "Approve"]
    assert (waits(ruben, on_fourth), waits(ines, on_fourth)) == ([mine], [theirs])

    change_payee(world.owner, world.partner, profile(address="2 Quay Street"), now=on_fourth)
    changed = "The payee details of 1 statement changed or were checked after it was looked at"
    assert waits(ines, on_fourth) == [[april, changed, "£300.00", due, "Look"]]
    check_payee(THE_HOUSE, world.partner, 2, now=on_fourth)
    look_at_payees_again(close.pk)
    see(acting(ruben), close.pk, (), flag=Flag.PAYEE_CHANGED, now=on_fourth)

    actions.approve(acting(ines), close.pk, now=on_fourth)
    actions.go_on(close.pk, now=on_fourth)
    assert waits(ines, on_fourth) == [[april, "1 of 2 statements are written down.", "£300.00", due, "Continue"]]
    while actions.go_on(close.pk, now=on_fourth):
        pass
    assert waits(ruben, on_fourth) == [[april, "Approved, and not handed over yet", "£300.00", due, "Hand over"]]
    assert waits(ruben, late)[0][3] == "Mon 4 May Late"

    actions.hand_over(acting(ruben), close.pk, now=on_fourth)
    mine = [april, "You handed it over, so somebody else reads the payments back", "£300.00", "Tue 5 May", ""]
    theirs = [april, "0 of 2 payments are read back", "£300.00", "Tue 5 May", "Read payments"]
    assert (waits(ruben, on_fourth), waits(ines, on_fourth)) == ([mine], [theirs])
    one_line = "".join(payment_file(close).splitlines(keepends=True)[:2])
    enter_file(acting(ines), close.pk, one_line, now=after(APRIL, 5, 17))
    assert waits(ines, late) == [[april, "1 of 2 payments are read back", "£300.00", "Tue 5 May Late", "Read payments"]]
    enter_file(acting(ines), close.pk, payment_file(close), now=after(APRIL, 5, 17))
    assert waits(ines, late) == []
    assert Close.objects.get().stage == "done"


def test_the_next_month_says_when_it_is_due_and_how_many_follow(
    world: World, ruben: Person, settings: Any, now: datetime
) -> None:
    settings.FOUR_EYES = False
    close_month(world, APRIL, pay=False)
    paying = ["April 2026 Agencies", "0 of 2 payments are read back", "£300.00", "Tue 5 May Late", "Read payments"]
    may = ["May 2026 Agencies", "It is over and can be closed", "", "Thu 4 Jun", "Collect"]
    assert waits(ruben, after(MAY, 2)) == [paying, may]
    july = datetime.fromisoformat("2026-07-02T09:00:00+00:00")
    may[1:4] = ["It is over and can be closed, and 1 more month", "", "Thu 4 Jun Late"]
    assert waits(ruben, july) == [paying, may]
    with time_machine.travel(july, tick=False):
        assert signed_in(ruben).get(TODAY + "first/").headers["Location"] == RUN


def test_only_who_closes_months_is_asked_to(world: World, manager: Client, curator: Client) -> None:
    with time_machine.travel(after(APRIL), tick=False):
        staff = signed_in(a_staff_member("manager"))
        assert [row for row in rows(staff.get(TODAY)) if "2026" in row[0]] == []


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_as_often_for_any_number_of_months(
    world: World,
    administrator: Client,
    now: datetime,
    settings: Any,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    settings.FOUR_EYES = False
    for number in range(count - 1):
        found_programme(f"other-{number}", name=f"Other {number}", timezone="UTC")
    close_month(world, APRIL, pay=False)
    with time_machine.travel(after(APRIL, 9), tick=False):
        client = signed_in(a_staff_member("administrator"))
        client.get(TODAY)
        # Who is asking, the cursor, deals, questions, corrections, payees, closes, programmes, first days where nothing
        # was closed, situations, totals, reports, partners, quiet ones, the two for what comes next.
        with django_assert_num_queries(15 + (count > 1)):
            assert len([row for row in rows(client.get(TODAY)) if "April 2026" in row[0]]) == 1


def test_partners_gone_quiet(now: datetime, manager: Client) -> None:
    world = a_house(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 20_000, at=now + days(2))

    def quiet(role: str, at: datetime) -> list[list[str]]:
        with time_machine.travel(at, tick=False):
            found = rows(signed_in(a_staff_member(role)).get(TODAY))
        return [row for row in found if "Nobody there" in row[1]]

    said = ["Anchor", "Nobody there has done anything here since", "", "4 weeks ago", "", "Look"]
    assert quiet("manager", now + days(31)) == []
    assert quiet("manager", now + days(33)) == [said]
    assert quiet("finance", now + days(33)) == []
    win(world.partner, 20_000, at=now + days(32))
    assert quiet("manager", now + days(33)) == []


def test_a_partner_of_whom_nobody_ever_began(now: datetime) -> None:
    """Whoever has nobody yet, and imported history, have not stalled."""
    world = a_world(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor", created_at=now)
    another(world, now=now)
    with time_machine.travel(now + days(40), tick=False):
        found = rows(signed_in(a_staff_member("manager")).get(TODAY))
    assert [row[0] for row in found if "Nobody there" in row[1]] == ["Anchor"]
