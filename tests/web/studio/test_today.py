"""What waits for the house: the list, its rows, and the rooms in which a person decides."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from academy.journal.models import Fact
from academy.people.accounts.models import Person
from academy.people.memberships.actions import remove_member
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.deals.models import Claim, Deal, KeptRefund, KeptReport
from academy.programme.deals.registrations.actions import register_deal
from academy.programme.deals.reports.actions import take_refund, take_report
from academy.programme.deals.reports.rules import Told, ToldRefund
from academy.programme.deals.words.actions import match_partner
from academy.programme.payees.actions import change_payee
from academy.programme.plans.actions import publish_plan

from ...factories import a_staff_member, acting, signed_in
from ...programme.closing.months import profile
from ...worlds import World, a_colleague, a_partner_in, a_world, days, pass_modules, refund, win, written_plan
from ..parts import assert_parts_stand_alone
from ..reading import heading, main, notes, plain, wrong

pytestmark = pytest.mark.django_db
TODAY, DEALS, MATCHING = "/studio/today/", "/studio/deals/", "/studio/deals/matching/"
Rows = list[list[str]]


@pytest.fixture
def world(now: datetime) -> World:
    world = a_world(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    return world


@pytest.fixture(autouse=True)
def _today(now: datetime) -> Any:
    with time_machine.travel(now + days(1), tick=False):
        yield


@pytest.fixture
def finance(db: None) -> Client:
    return signed_in(a_staff_member("finance", name="Ruben"))


@pytest.fixture
def rival(world: World, now: datetime) -> Actor:
    partner = a_partner_in(world.programme, now=now)
    Partner.objects.filter(pk=partner).update(name="Zebra", slug="zebra")
    return a_colleague(partner, now=now, role="owner")


def registered(by: Actor, *, now: datetime, client: str = "Oakline") -> Deal:
    return register_deal(by, client=client, product="automation", amount="1840.00", expected_on=None, now=now)


def told(now: datetime, number: int = 1, **changed: str) -> Told:
    said: dict[str, Any] = {
        "partner": "Anker",
        "product": "automation",
        "client": "Oakline",
        "amount": "100.00",
        "currency": "GBP",
    }
    said |= {"stage": "won", "occurred_at": now.isoformat(), "external_id": f"d-{number}", "source": "crm"} | changed
    return Told(**said)


def rows(answer: Any) -> Rows:
    """Every row of the list: what, why, amount, since, until, what may be done."""
    found = re.findall(r'<tr id="row-.*?</tr>', answer.content.decode(), re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in found]


def line_of(world: World, now: datetime) -> CommissionLine:
    return CommissionLine.objects.get(deal=win(world.partner, 100_000, at=now, client="Fern"))


def test_an_empty_day_says_what_comes_next(world: World, manager: Client, now: datetime) -> None:
    answer = manager.get(TODAY)
    assert heading(answer) == "Today"
    assert "Nothing waits. Deals to answer, questions about money" in main(answer)
    assert manager.get("/studio/today/first/").headers["Location"] == TODAY
    win(world.partner, 150_000, at=now)
    pass_modules(world.owner, world.course, now=now)
    assert "Nothing waits. Next: The next tier that could fall is safe until 1 Apr 2027." in main(manager.get(TODAY))
    with time_machine.travel(now + days(700), tick=False):
        assert "1 certificate expires on 2 Mar" in main(signed_in(a_staff_member("manager")).get(TODAY))


def test_everything_that_waits_stands_in_one_list(
    world: World, rival: Actor, administrator: Client, finance: Client, manager: Client, now: datetime
) -> None:
    registered(rival, now=now)
    registered(world.owner, now=now)
    line = line_of(world, now)
    ask_about_line(world.owner, line.pk, "Is this right?", now=now)
    proposer = acting(a_staff_member("finance", name="Ada"))
    correct_line(proposer, line.pk, 60_000, reason="Typed wrongly.", now=now)
    take_report(acting(a_staff_member("manager")), told(now), now=now)
    name = Person.objects.get(pk=world.owner.person_id).name
    answers = [
        ["Oakline Zebra", "Waits for your answer.", "£1,840.00", "24 hours ago", "Thu 5 Mar", "Accept Refuse"],
        ["Oakline Anchor", "Two partners registered this client.", "£1,840.00", "24 hours ago", "Thu 5 Mar", "Decide"],
    ]
    money = [["Fern Anchor", f"“Is this right?”, asks {name}", "£100.00", "24 hours ago", "", "Answer"]]
    second = [["Fern Anchor", "Ada: Typed wrongly.", "+ £600.00", "24 hours ago", "", "Confirm Drop"]]
    match = [["crm", "1 report waits until somebody says who or what is meant", "", "24 hours ago", "", "Match"]]

    def sorted_by_due(answer: Any) -> Rows:
        return [*sorted(rows(answer)[:2], reverse=True), *rows(answer)[2:]]

    assert sorted_by_due(administrator.get(TODAY)) == [*answers, *money, *second, *match]
    assert sorted_by_due(manager.get(TODAY)) == [*answers, *money, *match]
    assert rows(finance.get(TODAY)) == [*money, *second, *match]
    assert "5 things wait" in main(administrator.get(TODAY))
    first = Deal.objects.get(partner=rival.partner_id)
    assert administrator.get("/studio/today/first/").headers["Location"] in {
        f"/studio/deals/{one}/" for one in (first.pk, Deal.objects.get(partner=world.partner, stage="registered").pk)
    }
    assert_parts_stand_alone(finance, TODAY)


def test_promotions_and_risk_stand_in_it_too(manager: Client, now: datetime) -> None:
    world = a_world(now)
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    win(world.partner, 150_000, at=now)
    other = a_colleague(world.partner, now=now)
    pass_modules(other, world.course, now=now)
    remove_member(world.partner, other.person_id, by=THE_HOUSE, now=now)
    answer = manager.get(TODAY)
    assert rows(answer) == [
        [
            "Anchor",
            "The core training bonus ends on 1 Apr, and 2 more notices",
            "",
            "",
            "Wed 1 Apr",
            "See what keeps it",
        ]
    ]
    assert_parts_stand_alone(manager, TODAY)


def test_a_promotion_waits_and_is_told_as_done(world: World, manager: Client, finance: Client, now: datetime) -> None:
    plan = written_plan(world.course.modules, [world.credential])
    plan["tiers"][1] |= {"promotion": "approve"}
    publish_plan(None, world.programme, plan, reason="By hand.", effective_from=now + days(0.3), now=now + days(0.3))
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(0.4))
    win(world.partner, 50_000, at=now + days(0.5))
    why = "Meets Silver and waits for a person's word"
    assert rows(manager.get(TODAY)) == [["Anchor", why, "", "12 hours ago", "Thu 5 Mar", "Decide"]]
    assert rows(finance.get(TODAY)) == [["Anchor", why, "", "12 hours ago", "Thu 5 Mar", "See why"]]
    assert manager.post("/studio/partners/anchor/approve/", {"tier": "silver"}).status_code == 302
    row = manager.get(TODAY, headers={"X-Parts": "row-partner-anchor"})
    assert rows(row) == [["Anchor", "Nothing waits any more", "", "", "", ""]]


@pytest.mark.parametrize("count", [1, 3])
def test_it_asks_as_often_however_much_waits(
    world: World,
    administrator: Client,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    manager = acting(a_staff_member("manager"))
    for number in range(count):
        registered(world.owner, now=now, client=f"Client {number}")
        ask_about_line(world.owner, line_of(world, now).pk, "Why?", now=now)
        take_report(manager, told(now, number, source=f"crm{number}"), now=now)
    administrator.get(TODAY)
    # Who is asking, the cursor, one a sort: deals, questions, corrections, payees, reports, partners, quiet ones; three
    # for months; two for the next.
    with django_assert_num_queries(14):
        assert len(rows(administrator.get(TODAY))) == 3 * count


def test_a_row_says_what_became_of_it_where_it_stands(world: World, manager: Client, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    answer = manager.post(f"{DEALS}{deal.pk}/accept/", headers={"HX-Request": "true"})
    until = "Protected until 1 Jun: nobody else is accepted for this client without a person's word."
    assert rows(answer) == [["Oakline Anchor", f"Accepted {until}", "£1,840.00", "24 hours ago", "", ""]]
    assert rows(manager.get(TODAY, headers={"X-Parts": f"row-deal-{deal.pk}"})) == rows(answer)
    again = manager.post(f"{DEALS}{deal.pk}/accept/", headers={"HX-Request": "true"})
    assert (again.status_code, plain(again.content.decode())) == (409, "This deal is already accepted.")
    assert manager.get(TODAY, headers={"X-Parts": "row-deal-nonsense"}).status_code == 404
    assert manager.get(TODAY, headers={"X-Parts": "row-partner-nobody"}).status_code == 404


def test_what_came_meanwhile_is_told_and_not_pushed_in_between(world: World, manager: Client, now: datetime) -> None:
    page = manager.get(TODAY).content.decode()
    found = re.search(r'data-from="([^"]+)"', page.split('id="news"')[1])
    assert found
    news = found[1].replace("&amp;", "&")
    assert plain(manager.get(news, headers={"X-Parts": "news"}).content.decode()) == ""
    registered(world.owner, now=now + days(2))
    assert plain(manager.get(news, headers={"X-Parts": "news"}).content.decode()) == "1 new thing waits. Show"
    assert manager.get("/studio/today/news/?after=x").status_code == 422
    assert heading(manager.get(news)) == "Today"


def test_who_may_enter(curator: Client, owner: Client, finance: Client) -> None:
    for path in (TODAY, DEALS):
        assert [visitor.get(path).status_code for visitor in (finance, curator, owner, Client())] == [
            200, 403, 404, 302,
        ]  # fmt: skip
    assert [visitor.get(MATCHING).status_code for visitor in (finance, curator, owner)] == [200, 403, 404]


# -- one deal


def test_a_deal_is_accepted_on_its_page(world: World, manager: Client, finance: Client, now: datetime) -> None:
    page = f"{DEALS}{registered(world.owner, now=now).pk}/"
    assert "Your answer" in main(manager.get(page))
    assert "Your answer" not in main(finance.get(page))
    assert finance.post(f"{page}accept/").status_code == 403
    answer = manager.post(f"{page}accept/", follow=True)
    assert "Oakline is accepted, and protected until 1 Jun." in main(answer)
    assert "Deal accepted, protected until 1 Jun" in main(answer)
    again = manager.post(f"{page}accept/")
    assert (again.status_code, notes(again)) == (409, ["This deal is already accepted."])
    assert_parts_stand_alone(manager, page)


def test_a_deal_is_refused_with_a_reason(world: World, manager: Client, now: datetime) -> None:
    page = f"{DEALS}{registered(world.owner, now=now).pk}/"
    answer = manager.post(f"{page}refuse/", {"reason": " "})
    sentence = "Give a reason in a sentence or two: the partner reads it."
    assert (answer.status_code, wrong(answer)) == (422, {"refuse": sentence})
    answer = manager.post(f"{page}refuse/", {"reason": "A public buyer."}, follow=True)
    assert "Oakline is refused. The partner reads why." in main(answer)
    assert "Reason: A public buyer." in main(answer)
    assert manager.post(f"{page}refuse/", {"reason": "Again."}).status_code == 409


def test_two_deals_side_by_side(world: World, rival: Actor, manager: Client, now: datetime) -> None:
    first = registered(rival, now=now)
    claim = Claim.objects.get(deal=registered(world.owner, now=now))
    page = f"{DEALS}{claim.deal_id}/"
    shown = main(manager.get(page))
    assert "This deal registered second" in shown
    assert "The earlier deal Open it" in shown
    assert "Anchor" in shown
    assert "Zebra" in shown
    assert "Anchor registered the same client on 2 Mar." in main(manager.get(f"{DEALS}{first.pk}/"))
    alone = manager.post(f"{page}accept/")
    assert notes(alone)[0] == "Another partner registered this client first. Decide the case instead."
    answer = manager.post(f"{page}claims/{claim.pk}/refuse/", {"reason": ""})
    sentence = "Give a reason in a sentence or two: the partner reads it."
    assert (answer.status_code, wrong(answer)) == (422, {"deny": sentence})
    answer = manager.post(f"{page}claims/{claim.pk}/grant/", {"reason": "Another branch."}, follow=True)
    assert "Accepted beside the earlier deal." in main(answer)
    assert "accepted beside the earlier deal." in notes(answer)[1]
    for word in ("grant", "refuse"):
        again = manager.post(f"{page}claims/{claim.pk}/{word}/", {"reason": "Once more."})
        assert (again.status_code, notes(again)[0]) == (409, "Somebody has decided this case already.")
    assert Deal.objects.get(pk=claim.deal_id).stage == "accepted"


def test_a_claim_is_refused(world: World, rival: Actor, manager: Client, now: datetime) -> None:
    registered(rival, now=now)
    claim = Claim.objects.get(deal=registered(world.owner, now=now))
    answer = manager.post(
        f"{DEALS}{claim.deal_id}/claims/{claim.pk}/refuse/", {"reason": "They were first."}, follow=True
    )  # fmt: skip
    assert "Refused. The partner reads why." in main(answer)
    assert "Reason: They were first." in main(answer)


def test_won_and_lost_are_entered(world: World, rival: Actor, manager: Client, finance: Client, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    page = f"{DEALS}{deal.pk}/"
    answer = finance.post(f"{page}win/", {"amount": "much"})
    assert (answer.status_code, wrong(answer)) == (422, {"amount": "“much” is not an amount. Write it like 1200.50."})
    assert 'value="much"' in answer.content.decode()
    answer = finance.post(f"{page}win/", {"amount": "2,000"}, follow=True)
    assert "Won. What it earns stands below." in main(answer)
    assert "Commission 3 Mar 2 Apr 10.00% £200.00" in main(answer)
    assert "It is won" not in main(answer)
    assert manager.post(f"{page}lose/").status_code == 409
    other = registered(world.owner, now=now, client="Fern")
    answer = manager.post(f"{DEALS}{other.pk}/lose/", {"reason": "Silent."}, follow=True)
    assert "Lost. The client is free again." in main(answer)
    one, two = (registered(world.owner, now=now, client="Elm") for _number in range(2))
    registered(rival, now=now, client="Elm")
    answers = [main(manager.post(f"{DEALS}{deal.pk}/lose/", follow=True)) for deal in (one, two)]
    assert "Lost. Another deal of this partner with the client is still open." in answers[0]
    assert "Lost. Another partner has a deal with this client." in answers[1]
    assert manager.get(f"{DEALS}{world.partner}/").status_code == 404


# -- every deal


def test_every_deal_narrowed_and_added_up(world: World, rival: Actor, manager: Client, now: datetime) -> None:
    registered(rival, now=now, client="Oakline")
    refund(win(world.partner, 100_000, at=now + days(1), client="Fern"), 25_000, at=now + days(1))
    answer = manager.get(DEALS)
    table = re.findall(r'<tr id="deal-.*?</tr>', answer.content.decode(), re.DOTALL)
    assert [plain(one) for one in table] == [
        "Fern Anchor Automation Won 3 Mar crm £1,000.00 £250.00 taken back 10.00% £75.00",
        "Oakline Zebra Automation To be answered academy £1,840.00",
    ]
    assert "2 deals · Won: £750.00" in main(answer)
    assert "To be answered 1" in main(answer)
    for query, count in (("stage=won", 1), ("q=zeb", 1), ("q=fern", 1), ("source=crm", 1), ("q=nobody", 0)):
        assert manager.get(f"{DEALS}?{query}").content.decode().count('<tr id="deal-') == count
    assert "No deal fits" in main(manager.get(f"{DEALS}?q=nobody"))
    assert manager.get(f"{DEALS}?stage=half").status_code == 422
    assert_parts_stand_alone(manager, DEALS)


@pytest.mark.parametrize("count", [1, 3])
def test_every_deal_asks_as_often(
    world: World, manager: Client, now: datetime, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        win(world.partner, 100 + number, at=now)
    with django_assert_num_queries(5):  # who is asking, the cursor, deals, sums, reports that wait
        assert manager.get(DEALS).content.decode().count('<tr id="deal-') == count


# -- matching


def test_a_word_is_matched_once_and_what_waited_is_entered(
    world: World, rival: Actor, manager: Client, now: datetime
) -> None:
    by = acting(a_staff_member("manager"))
    take_report(by, told(now), now=now)
    take_report(by, told(now, 2), now=now)
    take_report(by, told(now, 3, product="robots"), now=now)
    page = main(manager.get(MATCHING))
    assert "“Anker” partner, in the words of crm" in page
    assert "3 reports. 2 deals can be entered then, 1 waits for another word too." in page
    sent = {"source": "crm", "kind": "partner", "name": "Anker", "means": "Nobody"}
    answer = manager.post(MATCHING, sent)
    assert answer.status_code == 422
    assert list(wrong(answer).values()) == [
        "No partner is called so. Choose one of the list, or write its whole name."
    ]  # fmt: skip
    assert 'value="Nobody"' in answer.content.decode()
    match_partner(by, "crm", "Anker", world.partner, now=now)  # stopped before anything was entered
    answer = manager.post(MATCHING, sent | {"means": "anchor"}, follow=True)
    assert "“Anker” is remembered. 2 reports are entered." in main(answer)
    again = manager.post(MATCHING, sent | {"means": "Zebra"})
    assert (again.status_code, notes(again)) == (409, ["Somebody has matched this name already."])
    product = {"source": "crm", "kind": "product", "name": "robots"}
    assert "“robots” product, in the words of crm" in main(answer)
    assert list(wrong(manager.post(MATCHING, product | {"means": "bricks"})).values()) == ["Choose a product."]
    answer = manager.post(MATCHING, product | {"means": "automation"}, follow=True)
    assert "Every report is understood" in main(answer)
    assert Deal.objects.filter(partner=world.partner, stage="won").count() == 3


def test_two_partners_of_one_name_are_told_apart(world: World, rival: Actor, manager: Client, now: datetime) -> None:
    Partner.objects.filter(slug="zebra").update(name="ANCHOR")
    take_report(acting(a_staff_member("manager")), told(now), now=now)
    sent = {"source": "crm", "kind": "partner", "name": "Anker", "means": "Anchor"}
    assert list(wrong(manager.post(MATCHING, sent)).values()) == [
        "Several partners are called so. Write the one's address, as in its page's link."
    ]
    assert manager.post(MATCHING, sent | {"means": "zebra"}).status_code == 302
    assert Deal.objects.get().partner_id == rival.partner_id


def test_a_refund_that_waits_stands_beside_its_report(world: World, manager: Client, now: datetime) -> None:
    by = acting(a_staff_member("manager"))
    abroad = told(now, 2, amount="2000", currency="JPY", settled_amount="9.5", settled_currency="GBP")
    for day, report in enumerate((told(now, amount="1850"), abroad)):
        take_report(by, report, now=now + days(day))
    for number, amount in ((1, "1000.00"), (2, "9.50")):
        take_refund(by, ToldRefund("crm", f"d-{number}", "r", amount, now), now=now + days(number + 1))
    listed = re.findall(r'<tr id="report-.*?</tr>', manager.get(MATCHING).content.decode(), re.DOTALL)
    cells = [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in listed]
    assert [row[:5] for row in cells] == [
        ["Oakline crm d-1", "Anker", "automation", "Won 2 Mar", "£1,850.00"],
        ["Oakline crm d-2", "Anker", "automation", "Won 2 Mar", "JP¥2,000"],
        ["Oakline crm d-1", "Anker", "automation", "Refund 2 Mar", "£1,000.00"],
        ["Oakline crm d-2", "Anker", "automation", "Refund 2 Mar", "£9.50"],
    ]
    refund = KeptRefund.objects.get(external_id="d-1")
    assert "The report is dropped." in main(manager.post(f"{MATCHING}{refund.pk}/drop/", follow=True))
    refund.refresh_from_db()
    assert refund.dropped_at is not None


def test_a_report_is_dropped(world: World, manager: Client, finance: Client, now: datetime) -> None:
    take_report(acting(a_staff_member("manager")), told(now), now=now)
    report = KeptReport.objects.get()
    answer = finance.post(f"{MATCHING}{report.pk}/drop/", follow=True)
    assert "The report is dropped." in main(answer)
    assert manager.post(f"{MATCHING}{report.pk}/drop/").status_code == 404


def test_what_is_understood_and_still_wrong_says_why(world: World, manager: Client, now: datetime) -> None:
    take_report(acting(a_staff_member("manager")), told(now, currency="EUR"), now=now)
    sent = {"source": "crm", "kind": "partner", "name": "Anker", "means": "Anchor"}
    answer = manager.post(MATCHING, sent, follow=True)
    assert "“Anker” is remembered. 0 reports are entered." in main(answer)
    assert "Understood, but not entered" in main(answer)
    assert "This partner is paid in GBP; a deal in EUR needs its settled amount." in main(answer)


# -- one line


@pytest.fixture
def question(world: World, now: datetime) -> LineQuestion:
    return ask_about_line(world.owner, line_of(world, now).pk, "Is this right?", now=now)


def test_a_question_is_answered_and_the_line_mended(question: LineQuestion, finance: Client) -> None:
    page = f"/studio/lines/{question.line_id}/"
    answer = finance.get(page)
    assert heading(answer) == "Fern"
    assert "£1,000.00 × 10.00% £100.00" in main(answer)
    assert "Is this right?" in main(answer)
    send = f"{page}questions/{question.pk}/answer/"
    for sent, said in (
        ({"answer": "", "amount": ""}, {"answer": "Write the answer: it is read beside the line."}),
        ({"answer": "No.", "amount": "x"}, {"amount": "“x” is not an amount. Write it like 1200.50."}),
    ):
        refused = finance.post(send, sent)
        assert (refused.status_code, wrong(refused)) == (422, said)
    answer = finance.post(send, {"answer": "No, it was more.", "amount": "5.00"}, follow=True)
    assert "Answered. The partner is told." in main(answer)
    assert "No, it was more. Corrected by + £5.00." in main(answer)
    assert "The deal comes to £105.00" in main(answer)
    assert finance.post(send, {"answer": "Again."}).status_code == 409
    assert_parts_stand_alone(finance, page)


def test_a_manager_answers_and_leaves_amounts_to_finance(question: LineQuestion, manager: Client) -> None:
    page = f"/studio/lines/{question.line_id}/"
    assert "If the line is wrong, finance corrects it." in main(manager.get(page))
    send = f"{page}questions/{question.pk}/answer/"
    assert manager.post(send, {"answer": "Yes.", "amount": "5.00"}).status_code == 403
    assert manager.post(f"{page}correct/", {"amount": "5", "reason": "x"}).status_code == 403
    assert manager.post(send, {"answer": "Yes, it is."}).status_code == 302
    assert not Correction.objects.exists()


def test_a_large_correction_waits_for_a_second_person(
    question: LineQuestion, finance: Client, settings: LazySettings
) -> None:
    settings.FOUR_EYES = True
    page = f"/studio/lines/{question.line_id}/"
    answer = finance.post(f"{page}questions/{question.pk}/answer/", {"answer": "No.", "amount": "-600"}, follow=True)
    assert "The correction waits for a second person." in main(answer)
    correction = Correction.objects.get()
    mine = finance.post(f"/studio/corrections/{correction.pk}/confirm/")
    assert (mine.status_code, "You proposed this correction." in main(mine)) == (409, True)
    second = signed_in(a_staff_member("finance", name="Ida"))
    row = second.post(f"/studio/corrections/{correction.pk}/confirm/", headers={"HX-Request": "true"})
    assert rows(row)[0][1].startswith("Confirmed Ruben: No.")
    assert second.post(f"/studio/corrections/{correction.pk}/drop/").status_code == 409


def test_a_line_is_corrected_though_nobody_asked(world: World, finance: Client, now: datetime) -> None:
    page = f"/studio/lines/{line_of(world, now).pk}/"
    refused = finance.post(f"{page}correct/", {"amount": "0", "reason": "Why not"})
    assert list(wrong(refused)) == ["amount"]
    answer = finance.post(f"{page}correct/", {"amount": "-5.00", "reason": "Typed wrongly."}, follow=True)
    assert "The correction is kept, with its reason." in main(answer)
    corrected = CommissionLine.objects.get(kind="adjusted")
    assert "Ruben corrected this: Typed wrongly." in main(finance.get(f"/studio/lines/{corrected.pk}/"))


def test_why_not_todays_rate(world: World, manager: Client, now: datetime) -> None:
    line = line_of(world, now)
    taken = win(world.partner, 150_000, at=now + days(0.1))
    pass_modules(world.owner, world.course, now=now + days(0.2))
    refund(line.deal_id, 10_000, at=now + days(0.3))
    shown = main(manager.get(f"/studio/lines/{line.pk}/"))
    assert "Won 2 Mar, when Anchor was Bronze. Gold began 2 Mar and counts for deals won since." in shown
    back = CommissionLine.objects.get(deal=line.deal_id, kind="reversed")
    assert (
        "£1,000.00 × 10.00% £100.00 Refunded so far: £100.00 × £100.00 ÷ £1,000.00 − £10.00 The deal comes to £90.00"
        " Its lines before came to £100.00 This line: the difference − £10.00"
    ) in main(manager.get(f"/studio/lines/{back.pk}/"))
    assert manager.get(f"/studio/lines/{taken}/").status_code == 404


def test_two_managers_decide_at_once(world: World, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    first, second = (signed_in(a_staff_member("manager")) for _ in range(2))
    answers: dict[str, Callable[[], Any]] = {
        "accept": lambda: first.post(f"{DEALS}{deal.pk}/accept/"),
        "refuse": lambda: second.post(f"{DEALS}{deal.pk}/refuse/", {"reason": "Ours."}),
    }
    assert [send().status_code for send in answers.values()] == [302, 409]
    assert list(Fact.objects.filter(thing=deal.pk).order_by("pos").values_list("kind", flat=True)) == [
        "deal.registered", "deal.accepted",
    ]  # fmt: skip


def test_payee_details_wait_for_finance(world: World, finance: Client, manager: Client, now: datetime) -> None:
    change_payee(THE_HOUSE, world.partner, profile(), now=now)
    why = "New payee details wait for a check; payments are held until then"
    assert rows(finance.get(TODAY)) == [["Anchor", why, "", "24 hours ago", "", "Check"]]
    change_payee(THE_HOUSE, world.partner, profile(address="2 Quay Street"), now=now + days(0.5))
    why = "Changed payee details wait for a check; payments are held until then"
    assert rows(finance.get(TODAY)) == [["Anchor", why, "", "12 hours ago", "", "Check"]]
    assert rows(manager.get(TODAY)) == []
