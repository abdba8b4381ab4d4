"""The month's end by the API: two people of finance close a month, and everything that stands in their way."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from academy.people.accounts.models import Person
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.closes.actions import hand_over, start_close
from academy.programme.closes.models import Close
from academy.programme.payees.actions import change_payee, check_payee
from academy.programme.payouts.models import Payout
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms

from ..factories import PASSWORD, a_member, a_partner, a_staff_member, acting, signed_in
from ..programme.closing.months import (
    APRIL,
    MAY,
    a_house,
    after,
    another,
    close_month,
    collect,
    long_closed,
    make_payable,
    profile,
    sign,
)
from ..together import together
from ..worlds import World, a_colleague, win
from .calls import ROOT, Program, problem

pytestmark = pytest.mark.django_db
RUN = "/closes/agencies/2026-04"
NUMBER = "agencies-2026-04-0001"
FOURTH, FIFTH = after(APRIL), after(APRIL, 5, 17)
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("in_file", "ready", "elsewhere", "left_out", "newer"), 0),
    "first_left_out": [],
    "first_newer": [],
}


def gbp(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


@pytest.fixture
def ines(now: datetime) -> Program:
    return Program(acting(a_staff_member("finance", name="Ines")), now=now)


@pytest.fixture
def ruben(now: datetime) -> Program:
    return Program(acting(a_staff_member("finance", name="Ruben")), now=now)


@pytest.fixture
def payable(world: World, now: datetime) -> World:
    """The partner may be paid its 150.00, by details that were checked by nobody of these two."""
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    make_payable(world.partner, now=now)
    return world


def paid(**given: Any) -> dict[str, Any]:
    one = {"number": NUMBER, "date": "2026-05-05", "reference": "88213"} | gbp("150.00")
    return {"payments": [one | given]}


def row(world: World) -> dict[str, Any]:
    statement = Statement.objects.get(partner=world.partner)
    return {
        "id": str(statement.pk),
        "number": NUMBER,
        "partner_id": str(world.partner),
        "partner": "anchor",
        "partner_name": "Anchor",
        "amount": gbp("150.00"),
        "lines": 1,
        "outcome": "pay",
        "flags": ["first"],
        "seen_at": None,
        "held_reason": "",
        "paid": None,
        "returned_on": None,
        "is_own": False,
    }


def test_two_people_close_a_month_and_everything_goes_by_the_api(
    world: World, program: Program, ines: Program, ruben: Program, now: datetime
) -> None:
    Partner.objects.filter(pk=world.partner).update(name="Anchor", slug="anchor")
    terms = publish_terms(THE_HOUSE, world.programme, "# We agree", reason="First.", effective_from=now, now=now)
    assert program.told("POST", "/me/terms/acceptance", {"version": str(terms.pk)})[0] == 200
    browser = signed_in(Person.objects.get(pk=world.owner.person_id))
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert browser.put(f"{ROOT}/me/payee", asdict(profile()), content_type="application/json").status_code == 200
    assert ines.told("POST", f"/partners/{world.partner}/payee/check", {"number": 1})[0] == 200

    with time_machine.travel(FOURTH, tick=False):
        months = {"programme": "agencies", "name": "Agencies", "is_paid": True, "closable": ["2026-04"], "closes": []}
        assert ines.get("/closes") == {"items": [months], "next": None}
        status, close = ines.told("POST", "/closes", {"programme": "agencies", "month": "2026-04"})
        short = {
            "programme": "agencies",
            "month": "2026-04",
            "stage": "checking",
            "partners": 1,
            "looked": 1,
            "hands_over_on": "2026-05-04",
            "pays_on": "2026-05-05",
            "totals": [
                {
                    "currency": "GBP",
                    "outcome": "pay",
                    "statements": 1,
                    "amount": gbp("150.00"),
                    "paid_statements": 0,
                    "paid": gbp("0.00"),
                }
            ],
        }
        assert (status, close) == (
            201,
            short
            | {
                "cut_at": "2026-05-04T09:00:00Z",
                "statements": 1,
                "to_look_at": 1,
                "payees_changed": 0,
                "to_write": 1,
                "started_by": "Ines",
                "approved_by": None,
                "approved_at": None,
                "handed_over_by": None,
                "handed_over_at": None,
                "done_at": None,
                "why_not_approve": "Some statements need a look first: look at each, or hold it with a reason.",
                "why_not_enter_payments": None,
                "payments": None,
            },
        )
        assert ines.get("/closes")["items"] == [months | {"closable": [], "closes": [short]}]

        exceptions = f"{RUN}/statements?show=exceptions"
        assert ruben.get(exceptions) == {"items": [row(world)], "next": None}
        assert ines.get(exceptions)["items"] == [row(world) | {"is_own": True}]  # she checked the payee
        status, said = ines.told("POST", f"{RUN}/seen", {"flag": "first"})
        assert (status, said["detail"]) == (
            409,
            "You checked these payee details. Somebody else of finance looks at them before they pay.",
        )
        assert ruben.told("POST", f"{RUN}/seen", {"ids": [row(world)["id"]]}) == (200, {"seen": 1})
        assert ruben.get(exceptions) == {"items": [], "next": None}

        status, said = ines.told("POST", f"{RUN}/approve")
        assert (status, said["detail"]) == (409, ines.get(RUN)["why_not_approve"])
        assert said["detail"].startswith("This takes a second person")
        assert ruben.told("GET", f"{RUN}/payments")[0] == ruben.told("POST", f"{RUN}/hand-over")[0] == 409
        status, approved = ruben.told("POST", f"{RUN}/approve", Idempotency_Key="k")
        assert (status, approved["stage"], approved["approved_by"], approved["to_write"]) == (
            200,
            "approved",
            "Ruben",
            0,
        )
        assert ruben.told("POST", f"{RUN}/approve", Idempotency_Key="k") == (200, approved)
        assert ruben.told("POST", f"{RUN}/approve")[0] == 409

        status, handed = ines.told("POST", f"{RUN}/hand-over", Idempotency_Key="k")
        assert (status, handed["stage"], handed["handed_over_by"], handed["payments"]) == (
            200,
            "handed_over",
            "Ines",
            NOTHING | {"in_file": 1},
        )
        assert ines.told("POST", f"{RUN}/hand-over", Idempotency_Key="k") == (200, handed)
        manager = Program(acting(a_staff_member("manager")), now=now)
        assert manager.get(RUN)["why_not_enter_payments"] == "Finance enters payments."
        file = ines.send("GET", f"{RUN}/payments")
        heading = "number,payee_reference,payee,amount,currency,pay_on,attempt"
        assert (file.status_code, file.headers["Content-Type"], file.content.decode()) == (
            200,
            "text/csv; charset=utf-8",
            f"\ufeff{heading}\r\n{NUMBER},acct_anchor,Anchor Ltd,150.00,GBP,2026-05-05,1\r\n",
        )

    with time_machine.travel(FIFTH, tick=False):
        status, said = ines.told("POST", f"{RUN}/payments", paid())
        assert (status, said["detail"]) == (409, ines.get(RUN)["why_not_enter_payments"])
        wrong = ruben.told("POST", f"{RUN}/payments", paid(amount="1.00"))
        text = f"Line 1: {NUMBER} is about another amount. Ask the bank what was paid."
        fault = {"line": 1, "number": NUMBER, "fault": "other_amount", "text": text}
        assert wrong == (200, {"entered": 0, "known": 0, "refused": [fault]})
        entered = (200, {"entered": 1, "known": 0, "refused": []})
        assert ruben.told("POST", f"{RUN}/payments", paid(), Idempotency_Key="k") == entered
        assert ruben.told("POST", f"{RUN}/payments", paid(), Idempotency_Key="k") == entered
        assert ruben.told("POST", f"{RUN}/payments", paid()) == (200, {"entered": 0, "known": 1, "refused": []})
        assert Payout.objects.count() == 1
        done = ruben.get(RUN)
        assert (done["stage"], done["done_at"], done["payments"], done["totals"][0]["paid"]) == (
            "done",
            "2026-05-05T17:00:00Z",
            None,
            gbp("150.00"),
        )
        (shown,) = ruben.get(f"{RUN}/statements")["items"]
        seen_at = "2026-05-04T09:00:00Z"
        payout = {"on": "2026-05-05", "reference": "88213"}
        assert shown == row(world) | {"seen_at": seen_at, "paid": payout}
        (paper,) = program.get("/me/statements")["items"]
        assert (paper["number"], paper["text"], paper["paid"]) == (NUMBER, "Paid 5 May, ref. 88213", payout)
        assert ines.get(f"/partners/{world.partner}/statements") == program.get("/me/statements")


def test_a_month_is_begun_once_and_when_it_is_over(payable: World, ines: Program, ruben: Program) -> None:
    april = {"programme": "agencies", "month": "2026-04"}
    status, said = ines.told("POST", "/closes", april)
    assert (status, list(said["errors"])) == (422, ["month"])  # it is March
    with time_machine.travel(FOURTH, tick=False):
        first = ines.told("POST", "/closes", april, Idempotency_Key="k")
        assert (first[0], ines.told("POST", "/closes", april, Idempotency_Key="k")) == (201, first)
        status, said = ruben.told("POST", "/closes", april)
        assert (status, said["detail"]) == (409, "2026-04 is being closed. Finish it first.")
        assert ines.told("POST", "/closes", april | {"programme": "nothing"})[0] == 404
        assert ines.told("POST", "/closes", april | {"month": "2026-13"})[1]["errors"].keys() == {"month"}
        assert ines.told("POST", "/closes", april | {"month": "0000-01"})[1]["errors"].keys() == {"month"}
        for path in ("/closes/agencies/2026-05", "/closes/agencies/2026-13", "/closes/nothing/2026-04"):
            assert [ines.told("GET", path)[0], ines.told("POST", f"{path}/approve")[0]] == [404, 404]
    assert Close.objects.count() == 1


def test_a_run_that_was_stopped_goes_on(payable: World, ines: Program) -> None:
    start_close(THE_HOUSE, payable.programme, APRIL, now=FOURTH)
    with time_machine.travel(FOURTH, tick=False):
        assert (ines.get(RUN)["stage"], ines.get(RUN)["looked"]) == ("collecting", 0)
        status, gone_on = ines.told("POST", f"{RUN}/continue", Idempotency_Key="k")
        assert (status, gone_on["stage"], gone_on["looked"]) == (200, "checking", 1)
        assert ines.told("POST", f"{RUN}/continue", Idempotency_Key="k") == (200, gone_on)
        assert ines.told("POST", f"{RUN}/continue") == (200, gone_on)


def test_changed_payee_details_are_looked_at_again_though_the_approval_is_refused(
    payable: World, ines: Program, ruben: Program
) -> None:
    collect(payable, APRIL)
    with time_machine.travel(FOURTH, tick=False):
        ruben.told("POST", f"{RUN}/seen", {"flag": "first"})
        change_payee(THE_HOUSE, payable.partner, profile(address="2 Quay Street"), now=FOURTH)
        check_payee(THE_HOUSE, payable.partner, 2, now=FOURTH)
        for key in ("first", "second"):
            refused = problem(ines.send("POST", f"{RUN}/approve", Idempotency_Key=key))
            told = ines.get(RUN)
            assert (refused["status"], told["payees_changed"], told["to_look_at"]) == (409, 0, 1)
        assert refused["detail"] == told["why_not_approve"]
        (shown,) = ines.get(f"{RUN}/statements?flag=payee_changed")["items"]
        assert (shown["number"], shown["seen_at"]) == (NUMBER, None)


def test_a_statement_is_held_and_looked_at_again(payable: World, ines: Program) -> None:
    collect(payable, APRIL)
    with time_machine.travel(FOURTH, tick=False):
        at = "2026-05-04T09:00:00Z"
        held = row(payable) | {
            "outcome": "held",
            "flags": ["first", "held"],
            "seen_at": at,
            "held_reason": "It is disputed.",
        }
        for _ in range(2):
            told = ines.told(
                "POST", f"/statements/{NUMBER}/hold", {"reason": " It is  disputed. "}, Idempotency_Key="k"
            )
            assert told == (200, held)
        assert ines.get(f"{RUN}/statements?outcome=held")["items"] == [held]
        assert ines.told("POST", f"/statements/{NUMBER}/again") == (200, row(payable))
        assert ines.told("POST", f"/statements/{NUMBER}/hold", {"reason": " "})[0] == 422
        for path, body in (("hold", {"reason": "So."}), ("again", None)):
            assert ines.told("POST", f"/statements/agencies-2026-04-0009/{path}", body)[0] == 404
        sign(Close.objects.get())
        for path, body in (("hold", {"reason": "So."}), ("again", None)):
            status, said = ines.told("POST", f"/statements/{NUMBER}/{path}", body)
            assert (status, said["detail"]) == (409, "This month is approved: its statements stay as they are.")


def test_a_payment_comes_back_and_is_made_again(payable: World, ines: Program) -> None:
    close_month(payable, APRIL)
    back = {"returned_on": "2026-05-08", "reason": "Account closed"}
    with time_machine.travel(datetime.fromisoformat("2026-05-08T09:00:00Z"), tick=False):
        status, said = ines.told("POST", f"/statements/{NUMBER}/return", back | {"returned_on": "2026-05-01"})
        assert (status, list(said["errors"])) == (422, ["returned_on"])
        status, said = ines.told("POST", f"/statements/{NUMBER}/return", back | {"returned_on": "soon"})
        assert (status, said["errors"]) == (422, {"returned_on": "A day is needed, such as 2026-01-31."})
        for _ in range(2):
            status, told = ines.told("POST", f"/statements/{NUMBER}/return", back, Idempotency_Key="k")
            assert (status, told["paid"], told["returned_on"]) == (200, None, "2026-05-08")
        assert ines.told("POST", f"/statements/{NUMBER}/return", back)[0] == 409
        assert (ines.get(RUN)["stage"], ines.get(RUN)["payments"]["in_file"]) == ("handed_over", 1)
        assert [one["number"] for one in ines.get(f"{RUN}/statements?show=unpaid")["items"]] == [NUMBER]


def test_what_is_left_out_is_named_and_handed_over_later(payable: World, ines: Program, ruben: Program) -> None:
    sign(collect(payable, APRIL))
    change_payee(THE_HOUSE, payable.partner, profile(address="2 Quay Street"), now=FOURTH)
    with time_machine.travel(FOURTH, tick=False):
        _, handed = ines.told("POST", f"{RUN}/hand-over")
        left = {"number": NUMBER, "partner": "anchor", "partner_name": "Anchor", "amount": gbp("150.00")}
        left |= {"payee": "Anchor Ltd", "payee_reference": "acct_anchor"}
        assert handed["payments"] == NOTHING | {"left_out": 1, "first_left_out": [left]}
        ines.told("POST", f"/partners/{payable.partner}/payee/check", {"number": 2})
        assert ines.get(RUN)["payments"] == NOTHING | {"ready": 1, "newer": 1, "first_newer": [left]}
        status, said = ines.told("POST", f"{RUN}/hand-over")
        assert (status, said["detail"].startswith("You checked these payee details.")) == (409, True)
        assert ruben.told("POST", f"{RUN}/hand-over")[1]["payments"] == NOTHING | {"in_file": 1}


def test_payments_are_read_from_the_providers_own_file_too(payable: World, ines: Program) -> None:
    hand_over(THE_HOUSE, sign(collect(payable, APRIL)).pk, now=FOURTH)
    file = f"number;date;reference;amount;currency\n{NUMBER};2026-05-05;R-1;150.00;GBP\n{NUMBER}x;soon;R;1;GBP\n"
    with time_machine.travel(FIFTH, tick=False):
        status, told = ines.told("POST", f"{RUN}/payments", {"file": file})
        assert (status, told["entered"], [(one["line"], one["fault"]) for one in told["refused"]]) == (
            200,
            1,
            [(3, "date")],
        )
    assert Payout.objects.get().paid_on == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "payments"),
        ({"payments": [], "file": "x"}, "payments"),
        (paid(date="soon"), "payments.0.date"),
        (paid(date=20_260_505), "payments.0.date"),
        (paid(reference=" "), "payments.0.reference"),
        (paid(reference="r" * 61), "payments.0.reference"),
        (paid(amount="-150.00"), "payments.0.amount"),
        (paid(currency="pounds"), "payments.0.currency"),
        (paid(bank="x"), "payments.0.bank"),
    ],
)
def test_a_wrong_payment_is_named(payable: World, ines: Program, body: dict[str, Any], field: str) -> None:
    hand_over(THE_HOUSE, sign(collect(payable, APRIL)).pk, now=FOURTH)
    status, said = ines.told("POST", f"{RUN}/payments", body)
    assert (status, list(said["errors"])) == (422, [field])
    assert Payout.objects.count() == 0


def test_statements_are_narrowed_and_go_on_where_they_stopped(payable: World, ines: Program, now: datetime) -> None:
    for _ in range(2):
        win(another(payable, now=now), 200_000, at=now)
    collect(payable, APRIL)
    whole = ines.get(f"{RUN}/statements")["items"]
    found: list[Any] = []
    cursor = ""
    while True:
        page = ines.get(f"{RUN}/statements?limit=2{cursor}")
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert ([one["number"][-1] for one in whole], found) == (["1", "2", "3"], whole)
    for query in ("show=unpaid", "outcome=pay", "flag=first", "show=exceptions"):
        assert ines.get(f"{RUN}/statements?{query}")["items"] == whole
    assert ines.get(f"{RUN}/statements?flag=question")["items"] == []
    for query in ("show=unpaid&flag=first", "flag=blue", "cursor=x"):
        assert ines.told("GET", f"{RUN}/statements?{query}")[0] == 422


def test_months_stand_newest_first(payable: World, ines: Program, now: datetime) -> None:
    close_month(payable, APRIL)
    win(payable.partner, 200_000, at=after(APRIL, 10), now=after(APRIL, 10))
    close_month(payable, MAY)
    (agencies,) = ines.get("/closes")["items"]
    assert [(one["month"], one["stage"]) for one in agencies["closes"]] == [("2026-05", "done"), ("2026-04", "done")]


def test_old_months_are_listed_only_while_they_are_not_done(world: World, ines: Program, now: datetime) -> None:
    months = long_closed(world, 27, now=now)
    (agencies,) = ines.get("/closes")["items"]
    listed = [f"{month:%Y-%m}" for month in (*months[:24], months[-1])]
    assert [one["month"] for one in agencies["closes"]] == listed
    assert ines.get(f"/closes/agencies/{months[-2]:%Y-%m}")["stage"] == "done"


def test_who_may(payable: World, now: datetime) -> None:
    collect(payable, APRIL)
    member = acting(a_member(partner=a_partner(), role="owner"))
    callers = {
        "stranger": Program(None, now=now),
        "owner": Program(payable.owner, now=now),
        "colleague": Program(a_colleague(payable.partner, now=now), now=now),
        "owner elsewhere": Program(member, now=now),
        "curator": Program(acting(a_staff_member("curator")), now=now),
        "manager": Program(acting(a_staff_member("manager")), now=now),
        "finance, reading": Program(acting(a_staff_member("finance")), now=now, scopes=("read",)),
    }
    reads = ("/closes", RUN, f"{RUN}/statements")
    writes: list[tuple[str, Any]] = [
        ("/closes", {"programme": "agencies", "month": "2026-04"}),
        *((f"{RUN}/{what}", None) for what in ("continue", "approve", "hand-over")),
        (f"{RUN}/seen", {"flag": "first"}),
        (f"{RUN}/payments", {"payments": []}),
        (f"/statements/{NUMBER}/hold", {"reason": "So."}),
        (f"/statements/{NUMBER}/again", None),
        (f"/statements/{NUMBER}/return", {"returned_on": "2026-05-05", "reason": "So."}),
    ]
    for name, one in callers.items():
        reading = {one.send("GET", path).status_code for path in reads}
        writing = {one.send("POST", path, body).status_code for path, body in writes}
        writing.add(one.send("GET", f"{RUN}/payments").status_code)
        may_read = name in ("manager", "finance, reading")
        nothing = 401 if name == "stranger" else 403
        assert (name, reading, writing) == (name, {200 if may_read else nothing}, {nothing})
    statements = f"/partners/{payable.partner}/statements"
    assert [one.send("GET", statements).status_code for one in callers.values()] == [401, 200, 403, 404, 403, 200, 200]
    assert Close.objects.get().stage == "checking"


@pytest.mark.django_db(transaction=True)
def test_ten_who_begin_at_once_with_one_key_begin_once(now: datetime) -> None:
    house = a_house(now)
    win(house.partner, 200_000, at=now)
    with time_machine.travel(FOURTH, tick=False):
        finance = Program(acting(a_staff_member("finance")), now=now)
        body = {"programme": "agencies", "month": "2026-04"}
        answers = together(10, lambda _: finance.told("POST", "/closes", body, Idempotency_Key="k"))
    told = [one for one in answers if not isinstance(one, Exception)]
    begun = [close for status, close in told if status == 201]
    assert (len(told), begun) == (10, [begun[0]] * len(begun))
    assert {close["code"] for status, close in told if status != 201} <= {"still_running"}
    assert Close.objects.get().stage == "checking"


def test_a_token_for_closing_needs_no_more_than_its_scope(payable: World, now: datetime) -> None:
    collect(payable, APRIL)
    with time_machine.travel(FOURTH, tick=False):
        closing = Program(acting(a_staff_member("finance")), now=now, scopes=("admin",))
        assert closing.told("GET", RUN)[0] == 403
        assert closing.told("POST", f"/statements/{NUMBER}/hold", {"reason": "So."})[0] == 200
        assert closing.told("POST", f"/statements/{NUMBER}/again")[0] == 200
        assert closing.told("POST", f"{RUN}/seen", {"flag": "first"}) == (200, {"seen": 1})
        for step, stage in (("continue", "checking"), ("approve", "approved"), ("hand-over", "handed_over")):
            assert closing.told("POST", f"{RUN}/{step}")[1]["stage"] == stage


def test_a_session_closes_as_a_token_does(payable: World) -> None:
    with time_machine.travel(FOURTH, tick=False):
        browser: Client = signed_in(a_staff_member("finance"))
        body = {"programme": "agencies", "month": "2026-04"}
        assert browser.post(f"{ROOT}/closes", body, content_type="application/json").status_code == 201
