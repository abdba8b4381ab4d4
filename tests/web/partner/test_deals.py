"""Deals as a partner's people see them: the list, registering, one deal's story, giving it up."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.notifications.models import Mail
from academy.notifications.notices.models import Notice
from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import answer_question, ask_about_line
from academy.programme.deals.hearing.actions import hear, report_deal
from academy.programme.deals.models import Deal
from academy.programme.deals.registrations.actions import (
    accept_deal,
    decide_claim,
    lose_deal,
    refuse_deal,
    register_deal,
    win_deal,
)
from academy.programme.deals.rules import Stage
from academy.programme.verification.queries import verify

from ...factories import a_partner, a_person, a_staff_member, acting, signed_in
from ...worlds import World, a_colleague, a_partner_in, a_report, a_world, days, refund, win
from ..parts import assert_parts_stand_alone
from ..reading import heading, main, notes, plain, wrong

pytestmark = pytest.mark.django_db
ROOM = "/deals/"
NEW = "/deals/new/"
GOOD = {"client": "Oakline Retail Ltd", "product": "automation", "amount": "£1,840.00", "month": "2026-04"}


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture(autouse=True)
def _today(now: datetime) -> Any:
    with time_machine.travel(now + days(1), tick=False):
        yield


@pytest.fixture
def browser(world: World) -> Client:
    return signed_in(Person.objects.get(pk=world.owner.person_id))


@pytest.fixture
def member(world: World, now: datetime) -> Actor:
    return a_colleague(world.partner, now=now)


def browser_of(actor: Actor) -> Client:
    return signed_in(Person.objects.get(pk=actor.person_id))


def a_rival(world: World, now: datetime) -> Actor:
    """The owner of another partner of the programme, called Zebra."""
    partner = a_partner_in(world.programme, now=now)
    Partner.objects.filter(pk=partner).update(name="Zebra Zoo")
    return a_colleague(partner, now=now, role="owner")


def registered(by: Actor, *, now: datetime, client: str = "Oakline Retail", amount: str = "1840.00") -> Deal:
    return register_deal(by, client=client, product="automation", amount=amount, expected_on=None, now=now)


def rows(answer: Any) -> list[list[str]]:
    found = re.findall(r'<tr id="deal-.*?</tr>', answer.content.decode(), re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in found]


def test_without_deals_the_room_says_what_will_be_here(browser: Client) -> None:
    answer = browser.get(ROOM)
    assert heading(answer) == "Deals"
    assert "No deal yet Register a client before you pitch" in main(answer)
    assert rows(answer) == []


def test_registering_says_at_once_when_it_is_answered_and_what_it_brings(world: World, browser: Client) -> None:
    form = browser.get(NEW)
    assert "Automation, 10.00% now" in main(form)
    assert "Website, 8.00% now" in main(form)
    answer = browser.post(NEW, GOOD, follow=True)
    deal = Deal.objects.get()
    assert answer.redirect_chain == [(f"/deals/{deal.pk}/", 302)]
    assert (heading(answer), deal.amount, str(deal.expected_on)) == ("Oakline Retail Ltd", 184_000, "2026-04-01")
    said = main(answer)
    assert "Oakline Retail Ltd is registered." in said
    assert "You hear by Fri 6 Mar." in said
    assert "Won at today's rate of 10.00%, £1,840.00 brings £184.00, on hold 30 days." in said
    assert "Expected April 2026" in said


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"client": " "}, {"client": "Name the client, in at most 160 characters."}),
        (
            {"client": " ", "amount": "lots"},
            {
                "client": "Name the client, in at most 160 characters.",
                "amount": "“lots” is not an amount. Write it like 1200.50.",
            },
        ),
        (
            {"client": "", "product": "bricks", "amount": "abc", "month": "2026-01"},
            {
                "client": "Name the client, in at most 160 characters.",
                "product": "“bricks” is not among the products of this programme.",
                "amount": "“abc” is not an amount. Write it like 1200.50.",
                "month": "Choose this month or one of the next two years.",
            },
        ),
        ({"product": "bricks"}, {"product": "“bricks” is not among the products of this programme."}),
        ({"amount": "lots"}, {"amount": "“lots” is not an amount. Write it like 1200.50."}),
        ({"amount": "1,84"}, {"amount": "“1,84” is not an amount. Write it like 1200.50."}),
        (
            {"client": "", "amount": "$500", "month": "2026-01"},
            {
                "client": "Name the client, in at most 160 characters.",
                "amount": "Write it in GBP, like 1200.50.",
                "month": "Choose this month or one of the next two years.",
            },
        ),
        *(({"amount": typed}, {"amount": "Write it in GBP, like 1200.50."}) for typed in ("$500", "€1,840", "1840 ¥")),
        ({"amount": "1.840"}, {"amount": "GBP has 2 digits after the point; “1.840” has more."}),
        ({"amount": "0"}, {"amount": "Say what the deal is worth to the client, as more than nothing."}),
        ({"month": "soon"}, {"month": "Choose this month or one of the next two years."}),
        ({"month": "2031-01"}, {"month": "Choose this month or one of the next two years."}),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browser: Client, changed: dict[str, str], says: dict[str, str]) -> None:
    answer = browser.post(NEW, GOOD | changed)
    assert answer.status_code == 422
    assert {name: said for name, said in wrong(answer).items() if said} == says
    if "client" not in changed:
        assert 'value="Oakline Retail Ltd"' in answer.content.decode()
    if "month" not in changed:
        assert '<option value="2026-04" selected>' in answer.content.decode()
    if "amount" in changed:
        assert f'name="amount" type="text" value="{changed["amount"]}"' in answer.content.decode()
    assert not Deal.objects.exists()


@pytest.mark.parametrize("typed", ["1840", "1,840", "1840.00", " £1,840.00 ", "£ 1 840"])
def test_amounts_are_read_as_people_write_them(browser: Client, typed: str) -> None:
    assert browser.post(NEW, GOOD | {"amount": typed}).status_code == 302
    assert Deal.objects.get().amount == 184_000


def ticks(answer: Any) -> list[tuple[str, bool]]:
    """The ticks of a form that name a deal: which one, and whether it is set."""
    found = re.findall(r'<input type="checkbox" name="beside" value="([^"]+)"( checked)?>', answer.content.decode())
    return [(deal, bool(is_set)) for deal, is_set in found]


def test_the_same_client_again_is_asked_about_and_may_be_meant(world: World, browser: Client, now: datetime) -> None:
    first = registered(world.owner, now=now, client="Oakline <Retail>")
    asked = browser.post(NEW, GOOD)
    assert asked.status_code == 422
    assert wrong(asked) == {
        "client": "You registered this client on 2 Mar as “Oakline <Retail>” (to be answered). Open that deal"
    }
    assert f'<a href="/deals/{first.pk}/">Open that deal</a>' in asked.content.decode()
    assert ticks(asked) == [(str(first.pk), False)]
    assert 'value="Oakline Retail Ltd"' in asked.content.decode()
    assert 'value="£1,840.00"' in asked.content.decode()
    assert '<option value="2026-04" selected>' in asked.content.decode()
    assert ticks(browser.get(NEW)) == []

    # What else is wrong is told with it, and leaves the tick as it was set.
    assert set(wrong(browser.post(NEW, GOOD | {"amount": "abc", "month": "2026-01"}))) == {"client", "amount", "month"}
    meant = GOOD | {"beside": str(first.pk)}
    assert ticks(browser.post(NEW, meant | {"amount": "0"})) == [(str(first.pk), True)]
    assert browser.post(NEW, meant).status_code == 302
    assert Deal.objects.filter(client=first.client_id).count() == 2

    # The same form once more, by way of Back: there is another one by now.
    second = Deal.objects.exclude(pk=first.pk).get()
    assert ticks(browser.post(NEW, meant)) == [(str(second.pk), False)]
    assert Deal.objects.count() == 2


def test_a_colleagues_deal_is_named_as_its_page_names_it(world: World, member: Actor, now: datetime) -> None:
    deal = registered(world.owner, now=now, amount="7777.77")
    accept_deal(acting(a_staff_member("manager")), deal.pk, now=now)
    Person.objects.filter(pk=world.owner.person_id).update(name="Olga Owner")
    asked = browser_of(member).post(NEW, GOOD)
    said = "Olga Owner registered this client on 2 Mar as “Oakline Retail” (accepted). Open that deal"
    assert wrong(asked) == {"client": said}
    assert "7,777" not in asked.content.decode()
    Deal.objects.update(registered_by=None)
    said = "Your company has a deal with this client since 2 Mar, as “Oakline Retail” (accepted). Open that deal"
    assert wrong(browser_of(member).post(NEW, GOOD)) == {"client": said}


def test_a_second_claim_is_told_without_names(world: World, browser: Client, now: datetime) -> None:
    first = registered(a_rival(world, now), now=now, client="Oakline Retail")
    answer = browser.post(NEW, GOOD, follow=True)
    said = "Another partner registered this client on 2 Mar. A person decides by Fri 6 Mar."
    assert said in main(answer)
    assert said in main(browser.get(ROOM))
    for page in (answer, browser.get(ROOM), browser.get("/notices/"), browser.get("/activity/")):
        assert "Zebra" not in page.content.decode()
        assert str(first.pk) not in page.content.decode()
        assert str(first.partner_id) not in page.content.decode()
    told = Notice.objects.filter(person_id=world.owner.person_id, kind="deal.claimed")
    assert [one.url for one in told] == [f"/deals/{Deal.objects.get(partner=world.partner).pk}/"]
    # What is the other one's is not there.
    assert browser.get(f"/deals/{first.pk}/").status_code == 404
    assert browser.post(f"/deals/{first.pk}/lose/").status_code == 404


def test_the_list_tells_each_stage(world: World, browser: Client, now: datetime) -> None:
    manager = acting(a_staff_member("manager"))
    refuse_deal(
        manager, registered(world.owner, now=now, client="Refused Ltd").pk, reason="A public buyer.", now=now
    )  # fmt: skip
    accept_deal(manager, registered(world.owner, now=now, client="Accepted Ltd").pk, now=now)
    later = now + timedelta(minutes=5)
    registered(world.owner, now=later, client="Waiting Ltd")
    won = win(world.partner, 100_000, at=later, client="Won Ltd")
    refund(won, 25_000, at=later)
    answer = browser.get(ROOM)
    assert rows(answer) == [
        ["Waiting Ltd Automation", "To be answered You hear by Thu 5 Mar.", "£1,840.00", ""],
        [
            "Accepted Ltd Automation",
            "Accepted Protected until 31 May: nobody else is accepted for this client without a person's word.",
            "£1,840.00",
            "",
        ],
        ["Won Ltd Automation", "Won 2 Mar", "£1,000.00 £250.00 taken back", "£75.00"],
        ["Refused Ltd Automation", "Refused 2 Mar Reason: A public buyer.", "£1,840.00", ""],
    ]
    assert "All 4 Open 2 Won 1 Refused 1" in main(answer)
    assert "Open, together worth £3,680.00 Won, refunds taken off £750.00" in main(answer)
    assert [row[0] for row in rows(browser.get(f"{ROOM}?stage=won"))] == ["Won Ltd Automation"]
    assert "None of your deals is at this stage." in main(browser.get(f"{ROOM}?stage=lost"))
    assert browser.get(f"{ROOM}?stage=half").status_code == 422
    assert browser.get(f"{ROOM}?cursor=half").status_code == 422
    assert_parts_stand_alone(browser, ROOM)
    assert_parts_stand_alone(browser, f"/deals/{won}/")


def test_a_long_list_goes_on(world: World, browser: Client, now: datetime) -> None:
    for number in range(60):
        win(world.partner, 100, at=now, client=f"Client {number}")
    first = browser.get(ROOM)
    more = re.search(r'href="(/deals/\?cursor=[^"]+)"', first.content.decode())
    assert more
    assert (len(rows(first)), len(rows(browser.get(more[1])))) == (50, 10)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_as_often_however_many_deals(
    world: World, browser: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        registered(world.owner, now=now, client=f"Client {number}")
        win(world.partner, 100, at=now)
    browser.get(ROOM)
    with django_assert_num_queries(6):  # who is asking, the cursor, the standing, counts, open, decided
        assert len(rows(browser.get(ROOM))) == 2 * count


def test_days_are_the_programmes_whoever_reads(world: World, browser: Client) -> None:
    """As on Earnings: one deal has one day."""
    sold = win(world.partner, 20_000, at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    Person.objects.update(timezone="Asia/Tokyo")
    answer = browser.get(ROOM)
    assert "All dates are in London time." in main(answer)
    assert rows(answer)[0][1] == "Won 2 Mar"
    house = signed_in(a_staff_member("manager"))
    Person.objects.update(timezone="Asia/Tokyo")
    for reader, path in ((browser, f"/deals/{sold}/"), (house, f"/studio/deals/{sold}/")):
        assert "2 Mar" in main(reader.get(path))
        assert "3 Mar" not in main(reader.get(path))


def test_a_member_sees_amounts_of_its_own_deals_only(world: World, member: Actor, now: datetime) -> None:
    other = registered(world.owner, now=now, client="Owners Ltd", amount="7777.77")
    own = registered(member, now=now, client="Members Ltd", amount="333.33")
    won = win(world.partner, 555_555, at=now, client="Won Ltd")
    browser = browser_of(member)
    for path in (ROOM, f"/deals/{other.pk}/", f"/deals/{won}/", f"/deals/{own.pk}/"):
        page = browser.get(path).content.decode()
        assert "7,777.77" not in page
        assert "5,555.55" not in page
    assert "£333.33" in main(browser.get(ROOM))
    assert "brings £33.33" in main(browser.get(f"/deals/{own.pk}/"))
    assert "Amounts are visible to the owner." in main(browser.get(f"/deals/{other.pk}/"))
    assert "Deal won 2 Mar, 09:00" in main(browser.get(f"/deals/{won}/"))


def test_one_deal_tells_its_story_and_its_lines(world: World, browser: Client, now: datetime) -> None:
    won = win(world.partner, 100_000, at=now, client="Won Ltd")
    refund(won, 25_000, at=now)
    line = CommissionLine.objects.get(deal=won, kind="earned")
    asked = ask_about_line(world.owner, line.pk, "Is this right?", now=now)
    answer_question(acting(a_staff_member("finance")), asked.pk, "No: 5.00 more.", amount=500, now=now)
    answer = browser.get(f"/deals/{won}/")
    story = re.search(r'<ol class="list plain-list">(.*?)</ol>', answer.content.decode(), re.DOTALL)
    assert story
    assert [plain(one).rpartition(" 2 Mar")[0] for one in re.findall(r"<li>(.*?)</li>", story[1], re.DOTALL)] == [
        "Deal won: £1,000.00",
        "Commission: £100.00 at 10.00%",
        "Taken back by a client: £250.00",
        "Commission taken back: − £25.00 at 10.00%",
        "A question about a line",
        "The question about a line is answered",
        "Commission corrected: £5.00 at 10.00%",
    ]
    assert "Earned £80.00 at 10.00%" in main(answer)
    assert "Together £80.00" in main(answer)
    (told,) = Notice.objects.filter(person_id=world.owner.person_id, kind="line.answered")
    assert told.url == f"/earnings/lines/{line.pk}/"


def test_a_deal_is_given_up_once(world: World, browser: Client, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    before = main(browser.get(f"/deals/{deal.pk}/"))
    answer = browser.post(f"/deals/{deal.pk}/lose/", {"reason": "They build it themselves."}, follow=True)
    assert "This deal then keeps nobody else from the client." in before
    assert "Oakline Retail is given up. The client is free again." in main(answer)
    assert "Lost 3 Mar Reason: They build it themselves." in main(answer)
    assert "Give this deal up" not in main(answer)
    again = browser.post(f"/deals/{deal.pk}/lose/", {"reason": "Again."})
    assert (again.status_code, notes(again)) == (409, ["Only an open deal can be lost."])


def test_giving_up_says_who_else_has_the_client(world: World, browser: Client, now: datetime) -> None:
    one, two = (registered(world.owner, now=now) for _number in range(2))
    theirs = registered(a_rival(world, now), now=now)
    first, second = (browser.post(f"/deals/{deal.pk}/lose/", follow=True) for deal in (one, two))
    assert "Oakline Retail is given up. Another deal of yours with this client is still open." in main(first)
    assert "Oakline Retail is given up." in main(second)
    assert "Another" not in main(second)
    assert "Zebra" not in second.content.decode()
    assert str(theirs.pk) not in second.content.decode()


@pytest.mark.parametrize(
    ("reason", "shown", "sentence"),
    [
        ("Ours already.", "Reason: Ours already.", "SISO refused Elm. The reason stands beside the deal."),
        ("", "No reason was given.", "SISO refused Elm and gave no reason. Ask your partner manager why."),
    ],
)
def test_page_and_notice_say_whether_a_source_gave_a_reason(
    world: World, browser: Client, now: datetime, reason: str, shown: str, sentence: str
) -> None:
    told = a_report(world.partner, 100_000, at=now, client="Elm", stage=Stage.REFUSED)
    deal = report_deal(THE_HOUSE, replace(told, reason=reason), now=now)
    assert f"Refused 2 Mar {shown}" in main(browser.get(f"/deals/{deal.pk}/"))
    house = signed_in(a_staff_member("manager"))
    assert shown in main(house.get(f"/studio/deals/{deal.pk}/"))
    assert sentence in main(browser.get("/notices/"))
    Notice.objects.filter(kind="deal.refused").update(params={"thing": str(deal.pk)})
    assert "SISO refused Elm. 09:00" in main(browser.get("/notices/"))


def test_whoever_follows_a_deal_hears_that_it_is_lost_but_for_whoever_said_so(
    world: World, member: Actor, now: datetime
) -> None:
    a_colleague(world.partner, now=now)
    manager = acting(a_staff_member("manager"))
    by_whom: list[Actor | None] = [manager, member, world.owner, None]
    for number, by in enumerate(by_whom):
        deal = registered(member, now=now, client=f"Client {number}")
        if by is None:
            told = a_report(world.partner, 184_000, at=now, deal=deal.pk, client="Client 3", stage=Stage.LOST)
            report_deal(THE_HOUSE, replace(told, source="academy"), now=now)
        else:
            lose_deal(by, deal.pk, reason="Too dear." if by is manager else "", now=now)
    where = {f"/deals/{deal.pk}/": deal.client_name for deal in Deal.objects.all()}
    both = {world.owner.person_id, member.person_id}
    heard: dict[str, set[UUID]] = {}
    for one in Notice.objects.filter(kind="deal.lost"):
        heard.setdefault(where[one.url], set()).add(one.person_id)
    assert heard == {
        "Client 0": both,
        "Client 1": {world.owner.person_id},
        "Client 2": {member.person_id},
        "Client 3": both,
    }
    name = Person.objects.get(pk=member.person_id).name
    of_owner, of_member = (main(browser_of(one).get("/notices/")) for one in (world.owner, member))
    assert "Lost: Client 0 SISO marked the deal with Client 0 as lost. The reason stands beside it." in of_owner
    assert f"Lost: Client 1 {name} marked the deal with Client 1 as lost. No reason was given." in of_owner
    assert "Lost: Client 3 The deal with Client 3 is marked as lost. No reason was given." in of_owner
    name = Person.objects.get(pk=world.owner.person_id).name
    assert f"Lost: Client 2 {name or 'Somebody'} marked the deal with Client 2 as lost. No reason was given." in (
        of_member
    )


def test_a_member_hears_that_its_deal_is_won_and_no_amount_of_it(world: World, member: Actor, now: datetime) -> None:
    """Won by its source or by hand, on page and in mail. Owners hear what it brings instead; others nothing of it."""
    a_colleague(world.partner, now=now)
    manager = acting(a_staff_member("manager"))
    by = (member, member, world.owner)
    mine, too, owners = (registered(one, now=now, client=f"Client {number}") for number, one in enumerate(by))
    for deal in (mine, owners):
        told = a_report(world.partner, 184_000, at=now, deal=deal.pk, client=deal.client_name)
        report_deal(THE_HOUSE, replace(told, source="academy"), now=now)
    win_deal(manager, too.pk, amount="1840.00", now=now)
    heard = Notice.objects.filter(kind__in=["deal.won", "commission.added"])
    assert sorted(heard.values_list("kind", "person_id", "url")) == sorted(
        [
            *(("deal.won", member.person_id, f"/deals/{one.pk}/") for one in (mine, too)),
            *(
                ("commission.added", world.owner.person_id, f"/earnings/lines/{line.pk}/")
                for line in CommissionLine.objects.all()
            ),
        ]
    )
    sentence = "The deal with Client 0 that you registered is won. What it brings is visible to the owner."
    page = main(browser_of(member).get("/notices/"))
    assert f"Won: Client 0 {sentence}" in page
    assert ("£" in page, "%" in page) == (False, False)
    mail = Mail.objects.get(subject="Won: Client 0")
    notice = heard.get(kind="deal.won", url=f"/deals/{mine.pk}/")
    before, after = mail.text.split("-- \n")
    hello = Person.objects.get(pk=member.person_id).name
    assert before == f"Hello {hello},\n\n{sentence}\n\nhttp://localhost:8000/notices/{notice.pk}/\n\n"
    assert "£" not in after
    report_deal(THE_HOUSE, replace(told, source="academy"), now=now)
    assert heard.filter(kind="deal.won").count() == 2


def test_who_registered_a_deal_and_left_hears_no_more_of_it(world: World, member: Actor, now: datetime) -> None:
    deal = registered(member, now=now)
    remove_member(world.partner, member.person_id, by=THE_HOUSE, now=now)
    win_deal(THE_HOUSE, deal.pk, amount="1840.00", now=now)
    assert not Notice.objects.filter(kind="deal.won").exists()


@pytest.mark.parametrize("stage", [Stage.LOST, Stage.REFUSED])
def test_a_reason_that_comes_later_is_taken_up_once(
    world: World, browser: Client, member: Actor, now: datetime, stage: Stage
) -> None:
    """Told with the same report again it is a fact, a notice, a line of the story; told late it changes nothing."""
    deal = registered(member, now=now, client="Elm", amount="1000.00")
    told = replace(a_report(world.partner, 100_000, at=now, deal=deal.pk, client="Elm", stage=stage), source="academy")

    def heard(reason: str, at: datetime) -> tuple[str, bool]:
        it = hear(THE_HOUSE, replace(told, reason=reason, occurred_at=at), now=now + days(1))
        return it.deal.reason, it.has_changed

    assert heard("", now + days(1)) == ("", True)
    assert heard("Too early.", now) == ("", False)
    assert heard("Too dear.", now + days(1)) == ("Too dear.", True)
    assert heard("Too dear.", now + days(1)) == ("Too dear.", False)
    assert heard("Silent.", now + days(1)) == ("Too dear.", False)
    page = main(browser.get(f"/deals/{deal.pk}/"))
    assert "Reason: Too dear." in page
    assert page.count("Reason given") == 1
    assert sorted(Notice.objects.filter(kind="deal.explained").values_list("person_id", flat=True)) == sorted(
        [world.owner.person_id, member.person_id]
    )
    assert "The reason: Elm Why the deal with Elm came to nothing stands beside it now." in main(
        browser.get("/notices/")
    )
    assert verify(now=now + days(1), deep=True).differences == []


def test_an_open_deal_lacks_no_reason(world: World, browser: Client, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    assert "No reason" not in main(browser.get(f"/deals/{deal.pk}/"))


def test_who_hears_of_an_answer(world: World, member: Actor, now: datetime) -> None:
    a_staff_member("curator")
    manager = a_staff_member("manager")
    accept_deal(acting(manager), registered(member, now=now, client="Members Ltd").pk, now=now)
    rival = registered(a_rival(world, now), now=now, client="Oak")
    claimed = registered(world.owner, now=now, client="Oak")
    decide_claim(acting(manager), claimed.claims.get().pk, granted=False, reason="They were first.", now=now)
    heard = Notice.objects.exclude(kind="member.joined").values_list("kind", "person_id")
    assert sorted(heard) == sorted(
        [
            ("deal.to_answer", manager.pk),
            ("deal.accepted", world.owner.person_id),
            ("deal.accepted", member.person_id),
            ("deal.to_answer", manager.pk),
            ("claim.to_decide", manager.pk),
            ("deal.claimed", world.owner.person_id),
            ("deal.refused", world.owner.person_id),
        ]
    )
    assert Deal.objects.get(pk=rival.pk).stage == "registered"


def test_outside_of_a_partner_or_programme(browser: Client, now: datetime) -> None:
    stranger = signed_in(a_person())
    assert [stranger.get(path).status_code for path in (ROOM, NEW)] == [404, 404]
    house = signed_in(a_staff_member("manager"))
    assert house.get(ROOM).status_code == 404
    assert Client().get(ROOM).status_code == 302
    lonely = browser_of(a_colleague(a_partner().pk, now=now, role="owner"))
    assert "Your company is not in a programme yet" in main(lonely.get(NEW))
    assert "No deal yet" in main(lonely.get(ROOM))


def test_the_house_is_told_of_a_question(world: World, now: datetime) -> None:
    finance = a_staff_member("finance")
    line = CommissionLine.objects.get(deal=win(world.partner, 100_000, at=now))
    ask_about_line(world.owner, line.pk, "Is this right?", now=now)
    (told,) = Notice.objects.filter(kind="line.to_answer")
    assert (told.person_id, told.url) == (finance.pk, f"/studio/lines/{line.pk}/")
