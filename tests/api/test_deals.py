"""Deals by the API: reported by other systems, registered by partners, refunded; tried without doing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.models import Deal, KeptRefund, KeptReport
from academy.programme.deals.reports.actions import enter_matched
from academy.programme.deals.words.actions import match_partner

from ..factories import a_staff_member, acting
from ..together import together
from ..worlds import World, a_colleague, a_partner_in, a_world, days
from .calls import Program

pytestmark = pytest.mark.django_db
ADDRESS = "/deals/crm/d-1"


@pytest.fixture
def crm(world: World, now: datetime) -> Program:
    """A system of the house with a token that may do no more than deals."""
    return Program(acting(a_staff_member("finance")), now=now, scopes=("deals", "read"))


def told(world: World, now: datetime, **given: Any) -> dict[str, Any]:
    body = {"partner": str(world.partner), "product": "automation", "client": "Oakline", "amount": "1840.00"}
    body |= {"currency": "GBP", "stage": "won", "occurred_at": now.isoformat()}
    return body | given


def test_a_deal_is_created_moved_and_read(world: World, crm: Program, now: datetime) -> None:
    status, deal = crm.told("PUT", ADDRESS, told(world, now, stage="accepted"))
    assert (status, deal["stage"], deal["lines"], deal["commission"]) == (201, "accepted", [], None)

    status, deal = crm.told("PUT", ADDRESS, told(world, now))
    line = {"kind": "earned", "amount": {"amount": "184.00", "currency": "GBP"}, "rate": "10.00"}
    line["payable_on"] = (now + days(30)).date().isoformat()
    assert (status, deal["stage"], deal["lines"]) == (200, "won", [line])
    assert crm.get(ADDRESS) == deal
    assert crm.told("PUT", ADDRESS, told(world, now)) == (200, deal)
    assert "d-1" in {one["external_id"] for one in crm.get("/deals?stage=won")["items"]}


def test_an_id_may_have_slashes_and_end_like_an_address(world: World, crm: Program, now: datetime) -> None:
    for address, external_id in (("/deals/crm/2026/03/7", "2026/03/7"), ("/deals/crm/a%2Fb", "a/b")):
        status, deal = crm.told("PUT", address, told(world, now))
        assert (status, deal["external_id"]) == (201, external_id)
    status, _ = crm.told("POST", "/deals/crm/2026/03/7/refunds", refund(now, "40.00"))
    assert status == 201
    status, deal = crm.told("PUT", "/deals/crm/x/refunds", told(world, now))
    assert (status, deal["external_id"]) == (201, "x/refunds")
    assert crm.get("/deals/crm/x/refunds") == deal


def test_an_id_that_is_no_text_is_refused(world: World, crm: Program, now: datetime) -> None:
    """The server reads every byte that is no text as the same replacement character: two deals would be one."""
    said = "1 to 200 characters of Unicode, none of them NUL."
    for external_id in ("%EF%BF%BD", "a" * 201):
        status, problem = crm.told("PUT", f"/deals/crm/{external_id}", told(world, now))
        assert (status, problem["errors"]) == (422, {"external_id": said})
        assert crm.told("GET", f"/deals/crm/{external_id}")[0] == 404
    status, problem = crm.told("PUT", "/deals/CRM/d-1", told(world, now))
    assert (status, list(problem["errors"])) == (422, ["source"])
    assert crm.told("PUT", f"/lessons/{'a' * 300}/progress", {})[0] == 404
    assert not Deal.objects.filter(external_id="\ufffd").exists()


def refund(now: datetime, amount: str, **given: Any) -> dict[str, Any]:
    return {"external_id": "r/1", "amount": amount, "occurred_at": now.isoformat()} | given


def test_a_refund_is_told_once(world: World, crm: Program, now: datetime) -> None:
    crm.told("PUT", ADDRESS, told(world, now))
    answers = [crm.told("POST", f"{ADDRESS}/refunds", refund(now, "920.00")) for _ in range(2)]
    assert [status for status, _ in answers] == [201, 200]
    assert answers[0][1]["commission"] == {"amount": "92.00", "currency": "GBP"}
    assert crm.told("POST", f"{ADDRESS}/refunds", refund(now, "1.00"))[0] == 409
    assert crm.told("POST", f"{ADDRESS}/refunds", refund(now, "920.01", external_id="r/2"))[0] == 422
    assert crm.told("POST", "/deals/crm/none/refunds", refund(now, "1.00"))[0] == 404


def test_a_dry_run_says_the_line_and_changes_nothing(world: World, crm: Program, now: datetime) -> None:
    before = Fact.objects.count()
    status, tried = crm.told("PUT", f"{ADDRESS}?dry_run=true", told(world, now))
    line = {
        "kind": "earned",
        "amount": {"amount": "184.00", "currency": "GBP"},
        "rate": "10.00",
        "payable_on": (now + days(30)).date().isoformat(),
    }
    assert (status, tried["stage"], tried["line"], tried["lines"]) == (200, "won", line, [line])
    assert (Fact.objects.count(), Deal.objects.filter(source="crm", external_id="d-1").count()) == (before, 0)
    _, lost = crm.told("PUT", f"{ADDRESS}?dry_run=true", told(world, now, stage="lost"))
    assert (lost["stage"], lost["line"]) == ("lost", None)
    kept = {"id": None, "unknown": ["partner"], "url": "/studio/deals/matching/"}
    assert crm.told("PUT", f"{ADDRESS}?dry_run=true", told(world, now, partner="Nobody")) == (202, kept)
    assert KeptReport.objects.count() == 0


def test_what_is_not_known_is_kept(world: World, crm: Program, now: datetime) -> None:
    status, kept = crm.told("PUT", ADDRESS, told(world, now, partner="Northwind Ltd", product="SKU-9"))
    assert (status, kept["unknown"], kept["url"]) == (202, ["partner"], "/studio/deals/matching/")
    assert KeptReport.objects.get().told["partner"] == "Northwind Ltd"
    assert crm.told("PUT", ADDRESS, told(world, now, product="SKU-9"))[1]["unknown"] == ["product"]


def test_a_refund_of_what_is_kept_is_kept_with_it(world: World, crm: Program, now: datetime) -> None:
    crm.told("PUT", ADDRESS, told(world, now, partner="Northwind Ltd"))
    status, kept = crm.told("POST", f"{ADDRESS}/refunds", refund(now, "40.00"))
    assert (status, kept["unknown"], kept["url"]) == (202, ["partner"], "/studio/deals/matching/")
    assert crm.told("POST", f"{ADDRESS}/refunds", refund(now, "40.00")) == (202, kept)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "-5.00"}, "amount"),
        ({"amount": "1e9"}, "amount"),
        ({"amount": "1.234"}, "amount"),
        ({"amount": "9999999999999.99"}, "amount"),
        ({"currency": "EUR"}, "currency"),
        ({"currency": "pounds"}, "currency"),
        ({"stage": "half"}, "stage"),
        ({"occurred_at": "2326-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "2026-03-02"}, "occurred_at"),
        ({"occurred_at": "20260131"}, "occurred_at"),
        ({"occurred_at": "1764000000"}, "occurred_at"),
        ({"partner": " "}, "partner"),
        ({"product": "\t"}, "product"),
        ({"client": " "}, "client"),
        ({"currency": "ZZZ"}, "currency"),
        ({"occurred_at": "9999-12-31T23:00:00-20:23"}, "occurred_at"),
        ({"client": ""}, "client"),
        ({"client": "!!!"}, "client"),
        ({"colour": "red"}, "colour"),
        ({"stage": "refused", "reason": "a" * 501}, "reason"),
        ({"stage": "refused", "reason": "a\0b"}, "reason"),
    ],
)
def test_a_wrong_field_is_named(world: World, crm: Program, now: datetime, given: dict[str, Any], field: str) -> None:
    status, said = crm.told("PUT", ADDRESS, told(world, now, **given))
    assert (status, list(said["errors"])) == (422, [field])
    assert not Deal.objects.filter(source="crm", external_id="d-1").exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"amount": "-5.00"}, {"amount": "An amount is nothing or more. What a client takes back is a refund."}),
        *(
            ({"amount": amount}, {"amount": "Write an amount as digits with a point, such as 1200.50."})
            for amount in ("1,000.00", "10.00001", "£5", "", "5\n")
        ),
        ({"amount": 5}, {"amount": "A text is needed."}),
        ({"currency": "gbp"}, {"currency": "Write the three capital letters of a currency, such as GBP."}),
        (
            {"currency": "XQX", "partner": "Nobody"},
            {"currency": "“XQX” is no currency. Write its three letters, such as GBP."},
        ),
        ({"occurred_at": "5"}, {"occurred_at": "A time is needed, such as 2026-01-31T09:30:00Z."}),
        ({"partner": " "}, {"partner": "This is needed."}),
    ],
)
def test_what_is_wrong_with_a_field_is_told_so_that_one_can_act(
    world: World, crm: Program, now: datetime, given: dict[str, Any], says: dict[str, str]
) -> None:
    status, said = crm.told("PUT", ADDRESS, told(world, now, **given))
    assert (status, said["errors"]) == (422, says)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "1901-01-01T00:00:00Z"}, "occurred_at"),
        ({"amount": "9999999999999"}, "amount"),
        ({"currency": "ZZZ"}, "currency"),
    ],
)
@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_what_can_never_be_entered_is_not_kept_to_be_matched(
    world: World, crm: Program, now: datetime, given: dict[str, Any], field: str, query: str
) -> None:
    status, said = crm.told("PUT", ADDRESS + query, told(world, now, partner="Nobody") | given)
    assert (status, list(said["errors"])) == (422, [field])
    assert not KeptReport.objects.exists()


def test_an_amount_that_its_currency_does_not_have_is_told_alike(world: World, crm: Program, now: datetime) -> None:
    owner = Program(world.owner, now=now)
    registered = {"client": "Fern", "product": "automation", "amount": "1.234"}
    for field, (status, said) in (
        ("amount", crm.told("PUT", ADDRESS, told(world, now, amount="1.234"))),
        ("amount", owner.told("POST", "/me/deals", registered)),
        ("sales", owner.told("GET", "/me/standing/preview?sales=1.234")),
    ):
        sentence = "GBP has 2 digits after the point; “1.234” has more."
        assert (status, said["code"], said["errors"]) == (422, "invalid", {field: sentence})


def test_a_deal_that_brings_its_settled_amount(world: World, crm: Program, now: datetime) -> None:
    settled = {"amount": "1600.00", "currency": "GBP"}
    status, deal = crm.told("PUT", ADDRESS, told(world, now, currency="EUR", settled=settled))
    assert (status, deal["amount"], deal["original"]) == (201, settled, {"amount": "1840.00", "currency": "EUR"})


def test_a_partner_registers_and_follows_its_own(world: World, now: datetime) -> None:
    owner = Program(world.owner, now=now)
    body = {"client": "Oakline", "product": "automation", "amount": "1840", "month": "2026-04"}
    status, deal = owner.told("POST", "/me/deals", body, Idempotency_Key="once")
    assert owner.told("POST", "/me/deals", body, Idempotency_Key="once") == (201, deal)
    assert (status, deal["source"], deal["stage"], deal["answer_by"], deal["case"]) == (
        201,
        "academy",
        "registered",
        "2026-03-05T23:59:00Z",
        None,
    )
    assert deal["id"] in {one["id"] for one in owner.get("/deals")["items"]}
    assert owner.get(f"/deals/academy/{deal['external_id']}") == deal


def test_a_partner_says_that_its_own_came_to_nothing(world: World, now: datetime) -> None:
    owner = Program(world.owner, now=now)
    _, deal = owner.told("POST", "/me/deals", {"client": "Oakline", "product": "automation", "amount": "1840"})
    address, body = f"/me/deals/{deal['id']}/loss", {"reason": " They build it themselves. "}
    stranger = Program(a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner"), now=now)
    reader = Program(world.owner, now=now, scopes=("read",))
    assert [one.told("POST", address, body)[0] for one in (Program(None, now=now), stranger, reader)] == [401, 404, 403]
    lost = {"stage": "lost", "reason": "They build it themselves.", "closed_at": "2026-03-02T09:00:00Z"}
    for _ in range(2):
        assert owner.told("POST", address, body, Idempotency_Key="k") == (200, deal | lost | {"answer_by": None})
    status, said = owner.told("POST", address, body)
    assert (status, said["detail"]) == (409, "Only an open deal can be lost.")
    assert owner.told("POST", f"/me/deals/{uuid7()}/loss", {})[0] == 404
    assert owner.told("POST", address, {"reason": "a" * 501})[1]["errors"].keys() == {"reason"}


def test_a_month_that_no_calendar_has_is_named(world: World, now: datetime) -> None:
    body = {"client": "Oakline", "product": "automation", "amount": "1840", "month": "0000-01"}
    status, said = Program(world.owner, now=now).told("POST", "/me/deals", body)
    assert (status, said["errors"]) == (422, {"month": "A month is needed, such as 2026-04."})


@pytest.mark.parametrize("month", ["2020-01", "2029-01"])
def test_a_month_out_of_range_is_named_as_this_api_calls_it(world: World, now: datetime, month: str) -> None:
    body = {"client": "Oakline", "product": "automation", "amount": "1840", "month": month}
    status, said = Program(world.owner, now=now).told("POST", "/me/deals", body)
    assert (status, said["errors"]) == (422, {"month": "Choose this month or one of the next two years."})


def test_what_else_is_wrong_with_a_registration_keeps_its_name(world: World, now: datetime) -> None:
    body = {"client": "!!!", "product": "automation", "amount": "1840", "month": "2026-04"}
    status, said = Program(world.owner, now=now).told("POST", "/me/deals", body)
    assert (status, list(said["errors"])) == (422, ["client"])


@pytest.mark.parametrize("stage", ["refused", "lost"])
def test_a_reason_is_kept_with_the_deal_that_it_closes(world: World, crm: Program, now: datetime, stage: str) -> None:
    given = told(world, now, stage="registered", reason="Not yet.")
    assert crm.told("PUT", ADDRESS, given)[1]["reason"] == ""
    given = told(world, now + timedelta(minutes=1), stage=stage, reason="  They build it themselves. ")
    status, deal = crm.told("PUT", ADDRESS, given)
    assert (status, deal["stage"], deal["reason"]) == (200, stage, "They build it themselves.")
    assert crm.told("PUT", "/deals/crm/d-2", told(world, now, stage=stage))[1]["reason"] == ""


def test_a_reason_waits_with_what_is_kept(world: World, crm: Program, now: datetime) -> None:
    for _ in range(2):
        crm.told("PUT", ADDRESS, told(world, now, partner="Northwind Ltd", stage="lost", reason="Too dear."))
    assert KeptReport.objects.get().told["reason"] == "Too dear."
    match_partner(THE_HOUSE, "crm", "Northwind Ltd", world.partner, now=now)
    assert enter_matched(THE_HOUSE, "crm", now=now) == 1
    assert Deal.objects.get(external_id="d-1").reason == "Too dear."


def test_a_time_is_an_instant_whatever_its_offset(world: World, crm: Program, now: datetime) -> None:
    _, deal = crm.told("PUT", ADDRESS, told(world, now, occurred_at="2026-03-01T12:37:00-20:23"))
    assert deal["won_at"] == "2026-03-02T09:00:00Z"


def test_another_partner_hears_of_the_claim_and_of_no_name(world: World, now: datetime) -> None:
    body = {"client": "Oakline", "product": "automation", "amount": "1840"}
    Program(world.owner, now=now).told("POST", "/me/deals", body)
    rival = Program(a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner"), now=now)
    status, deal = rival.told("POST", "/me/deals", body | {"client": "OAKLINE Ltd"})
    assert (status, deal["case"]) == (201, {"claimed_at": "2026-03-02T09:00:00Z", "decide_by": "2026-03-05T23:59:00Z"})
    assert [one["id"] for one in rival.get("/deals")["items"]] == [deal["id"]]


def test_a_report_of_a_taken_client_waits_for_a_person_until_the_deal_is_closed(
    world: World, crm: Program, now: datetime
) -> None:
    Program(world.owner, now=now).told(
        "POST", "/me/deals", {"client": "Oakline", "product": "automation", "amount": "10"}
    )
    other = told(world, now, partner=str(a_partner_in(world.programme, now=now)), stage="accepted")
    case = {"claimed_at": "2026-03-02T09:00:00Z", "decide_by": "2026-03-05T23:59:00Z"}
    tried, dry = crm.told("PUT", f"{ADDRESS}?dry_run=true", other)
    assert (tried, dry["stage"], dry["case"], Deal.objects.filter(external_id="d-1").count()) == (
        200,
        "registered",
        case,
        0,
    )
    for status in (201, 200):
        answer, deal = crm.told("PUT", ADDRESS, other)
        assert (answer, deal["stage"], deal["case"]) == (status, "registered", case)
    later = other | {"occurred_at": (now + timedelta(minutes=1)).isoformat()}
    for address in (f"{ADDRESS}?dry_run=true", ADDRESS):
        assert crm.told("PUT", address, later) == (200, deal)
    status, deal = crm.told("PUT", ADDRESS, later | {"stage": "lost"})
    assert (status, deal["stage"], deal["case"], deal["answer_by"]) == (200, "lost", None, None)


def test_another_product_or_client_is_taken_before_the_deal_is_won_and_refused_afterwards(
    world: World, crm: Program, now: datetime
) -> None:
    crm.told("PUT", ADDRESS, told(world, now, stage="accepted"))
    other = told(world, now, product="website", client="Elm")
    status, deal = crm.told("PUT", ADDRESS, other)
    assert (status, deal["product"], deal["client"], deal["line"]["rate"]) == (200, "website", "Elm", "8.00")
    status, said = crm.told("PUT", ADDRESS, other | {"product": "automation", "client": "Oakline"})
    assert (status, said["errors"]) == (
        409,
        {"product": "It was won with another product.", "client": "It was won with another client."},
    )


def test_a_members_sums_are_those_it_typed(world: World, crm: Program, now: datetime) -> None:
    crm.told("PUT", ADDRESS, told(world, now))
    member = Program(a_colleague(world.partner, now=now), now=now)
    seen = member.get(ADDRESS)
    assert (seen["client"], seen["amount"], seen["commission"], seen["lines"]) == ("Oakline", None, None, [])
    _, own = member.told("POST", "/me/deals", {"client": "Fern", "product": "website", "amount": "10"})
    assert own["amount"] == {"amount": "10.00", "currency": "GBP"}


def test_nobody_sees_or_moves_what_is_not_theirs(world: World, crm: Program, now: datetime) -> None:
    crm.told("PUT", ADDRESS, told(world, now))
    stranger = Program(a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner"), now=now)
    assert stranger.told("GET", ADDRESS)[0] == 404
    assert stranger.told("PUT", ADDRESS, told(world, now))[0] == 403
    owner = Program(world.owner, now=now)
    assert owner.told("PUT", ADDRESS, told(world, now))[0] == 403
    assert owner.told("POST", f"{ADDRESS}/refunds", refund(now, "1.00"))[0] == 403
    narrow = Program(acting(a_staff_member("finance")), now=now, scopes=("read",))
    assert narrow.told("PUT", ADDRESS, told(world, now))[0] == 403
    curator = Program(Actor(a_staff_member("curator").pk, frozenset({"curator"})), now=now)
    assert curator.told("GET", "/deals")[0] == 403


def test_nobody_reports_under_our_own_source(world: World, crm: Program, now: datetime) -> None:
    assert crm.told("PUT", f"/deals/academy/{uuid7()}", told(world, now))[0] == 404


def test_nobody_sends_a_credit(world: World, crm: Program, now: datetime) -> None:
    """Only an import by a mapping of ours knows credits: whatever else a report says, less than nothing is refused."""
    for given in ({}, {"is_credit": True}, {"kind": "credit"}, {"partner": "Nobody & Sons", "is_credit": True}):
        status, said = crm.told("PUT", ADDRESS, told(world, now, amount="-5.00", **given))
        assert (given, status) == (given, 422), said
    assert (Deal.objects.filter(external_id="d-1").count(), KeptReport.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_eight_reports_of_a_new_deal_at_once_one_makes_it(now: datetime) -> None:
    world = a_world(now)
    crm = Program(acting(a_staff_member("finance")), now=now, scopes=("deals", "read"))
    body = told(world, now)
    answers = together(8, lambda _: crm.told("PUT", ADDRESS, body))
    assert sorted(one[0] for one in answers if not isinstance(one, Exception)) == [*[200] * 7, 201]
    assert Deal.objects.get(source="crm", external_id="d-1").stage == "won"


@pytest.mark.django_db(transaction=True)
def test_of_eight_reports_of_an_unknown_partner_at_once_one_is_kept(now: datetime) -> None:
    """And one of eight refunds of that deal: what waits is told once to whoever matches it."""
    world = a_world(now)
    crm = Program(acting(a_staff_member("finance")), now=now, scopes=("deals", "read"))
    body = told(world, now, partner="Nobody")
    answers = together(8, lambda _: crm.told("PUT", ADDRESS, body))
    assert [one[0] for one in answers if not isinstance(one, Exception)] == [202] * 8
    refunds = together(8, lambda _: crm.told("POST", f"{ADDRESS}/refunds", refund(now, "40.00")))
    assert [one[0] for one in refunds if not isinstance(one, Exception)] == [202] * 8
    assert (KeptReport.objects.count(), KeptRefund.objects.count()) == (1, 1)
