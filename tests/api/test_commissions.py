"""A partner's money by the API: lines with where they are, one explained, statements with their bridge."""

from datetime import date, datetime
from typing import Any

import pytest

from academy.core.ids import uuid7
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.statements.models import Statement

from ..factories import a_member, a_partner, a_staff_member, acting, signed_in
from ..programme.closing.months import APRIL, after, close_month, make_payable
from ..worlds import World, a_colleague, days, pass_modules, refund, win
from .calls import Program, problem

pytestmark = pytest.mark.django_db


def gbp(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def the_line(world: World) -> CommissionLine:
    return CommissionLine.objects.get(partner=world.partner, kind="earned")


def test_a_line_says_where_its_money_is(world: World, program: Program, now: datetime) -> None:
    line = the_line(world)
    hold = (now + days(30)).date()
    told = program.get("/me/commissions")
    assert (len(told["items"]), told["next"]) == (1, None)
    (shown,) = told["items"]
    deal = shown.pop("deal")
    assert (deal["id"], deal["product"], deal["source"]) == (str(line.deal_id), "automation", "crm")
    assert shown == {
        "id": str(line.pk),
        "kind": "earned",
        "amount": gbp("150.00"),
        "rate": "10.00",
        "effective_at": now.isoformat().replace("+00:00", "Z"),
        "state": "on_hold",
        "text": f"On hold until {hold.day} {hold:%b}",
        "payable_on": hold.isoformat(),
        "pays_on": "2026-05-05",
        "statement": None,
        "paid": None,
        "corrects": False,
        "what": "Automation",
        "question_open": False,
    }
    assert program.get("/me/commissions?state=on_hold") == program.get("/me/commissions")
    assert program.get("/me/commissions?state=paid") == {"items": [], "next": None}
    assert program.told("GET", "/me/commissions?state=lost")[0] == 422


def test_a_paid_line_names_its_statement(world: World, program: Program, now: datetime) -> None:
    make_payable(world.partner, now=now)
    close_month(world, APRIL)
    number = Statement.objects.get(partner=world.partner).number
    (shown,) = program.get("/me/commissions?state=paid")["items"]
    assert (shown["text"], shown["statement"], shown["pays_on"], shown["paid"]) == (
        f"Paid 5 May, ref. R-{number}",
        number,
        "2026-05-05",
        {"on": "2026-05-05", "reference": f"R-{number}"},
    )
    (paper,) = program.get("/me/statements")["items"]
    assert (paper["number"], paper["month"], paper["amount"], paper["lines"], paper["outcome"]) == (
        number,
        "2026-04-01",
        gbp("150.00"),
        1,
        "pay",
    )
    one = program.get(f"/me/statements/{number}")
    assert {name: one[name] for name in paper} == paper
    assert [(it["id"], it["amount"]) for it in one["items"]] == [(shown["id"], gbp("150.00"))]
    assert (one["paid_before"], one["bridge"]) == (None, [{"cause": "new", "amount": gbp("150.00")}])
    stranger = Program(acting(a_member(partner=a_partner(), role="owner")), now=now)
    for address in (f"/me/statements/{number}", f"/me/statements/{number}/pdf"):
        assert stranger.send("GET", address).status_code == 404


def test_a_statement_on_paper_is_what_its_owner_prints(world: World, program: Program, now: datetime) -> None:
    make_payable(world.partner, now=now)
    close_month(world, APRIL)
    number = Statement.objects.get(partner=world.partner).number
    page = signed_in(Person.objects.get(pk=world.owner.person_id)).get(f"/statements/{number}/pdf/")
    house = Program(acting(a_staff_member("finance")), now=now)
    for caller in (program, house):
        paper = caller.send("GET", f"/me/statements/{number}/pdf")
        assert (paper.status_code, paper.headers["Content-Type"]) == (200, "application/pdf")
        assert (paper.content[:5], paper.content) == (b"%PDF-", page.content)


def test_pages_are_cut_by_cursors(world: World, program: Program, now: datetime) -> None:
    for number in range(4):
        win(world.partner, 10_000 + number, at=now + days(number % 2))
    whole = program.get("/me/commissions")["items"]
    found: list[Any] = []
    cursor = ""
    while True:
        page = program.get(f"/me/commissions?limit=2{cursor}")
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole
    assert [one["payable_on"] for one in whole] == sorted((one["payable_on"] for one in whole), reverse=True)
    assert program.told("GET", "/me/commissions?cursor=zzz")[0] == 422


def test_an_earned_line_is_explained_step_by_step(world: World, program: Program, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now + days(1))
    line = CommissionLine.objects.get(deal=win(world.partner, 1_840_000, at=now + days(2)))
    ask_about_line(world.owner, line.pk, "Is this right?", now=now + days(3))
    told = program.get(f"/commissions/{line.pk}/explanation")
    assert [(step["kind"], step["value"], step["result"]) for step in told["steps"]] == [
        ("base", "10.00", "10.00"),
        ("tier", "1.30", "13.00"),
        ("bonus", "1.05", "13.65"),
        ("uplift", "1.00", "14.65"),
    ]
    assert told["sums"] == [{"kind": "amount", "label": "£18,400.00 × 14.65%", "amount": gbp("2695.60")}]
    assert told["result"] == {"rate": "14.65", "amount": gbp("2695.60")}
    assert told["plan_version"] == "agencies-1"
    assert told["inputs"] == {
        "product": "automation",
        "amount": gbp("18400.00"),
        "tier": "gold",
        "core_training": True,
        "advanced_certificates": 1,
        "changed": None,
        "reason": None,
    }
    assert [one["id"] for one in told["history"]] == [str(line.pk)]
    assert [(one["text"], one["answer"]) for one in told["questions"]] == [("Is this right?", "")]
    assert told["why_not_todays_rate"] == [
        f"Won {(now + days(2)).day} {now + days(2):%b}, when you were Gold. Today's rate is the same, 14.65%."
    ]


def test_why_not_todays_rate(world: World, program: Program, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now + days(1))
    told = program.get(f"/commissions/{the_line(world).pk}/explanation")
    won, since = f"{now.day} {now:%b}", f"{(now + days(1)).day} {now + days(1):%b}"
    assert told["why_not_todays_rate"][0] == (
        f"Won {won}, when you were Bronze. Gold began {since} and counts for deals won since. "
        "Automation is paid 14.65% today, for deals won from now on."
    )
    assert told["why_not_todays_rate"][1].endswith(f"counts for deals won since {since}")


def test_a_refund_and_a_correction_are_explained(world: World, program: Program, now: datetime) -> None:
    line = the_line(world)
    refund(line.deal_id, 50_001, at=now + days(5))
    correct_line(THE_HOUSE, line.pk, 125, reason="It was promised by mail.", now=now + days(6))
    lines = {one.kind: one for one in CommissionLine.objects.filter(deal=line.deal_id)}
    back = program.get(f"/commissions/{lines['reversed'].pk}/explanation")
    assert back["text"] == "Taken back"
    assert back["inputs"]["changed"] == {
        "amount": gbp("1500.00"),
        "refunded": gbp("500.01"),
        "before": gbp("150.00"),
    }
    assert [(one["kind"], one["amount"]["amount"]) for one in back["sums"]] == [
        ("amount", "150.00"),
        ("refunded", "-50.00"),
        ("owed", "100.00"),
        ("before", "150.00"),
        ("difference", "-50.00"),
    ]
    assert [one["kind"] for one in back["history"]] == ["earned", "reversed", "adjusted"]
    mended = program.get(f"/commissions/{lines['adjusted'].pk}/explanation")
    assert (mended["corrects"], mended["inputs"]["reason"]) == (True, "It was promised by mail.")
    assert mended["sums"] == [{"kind": "correction", "label": "Correction", "amount": gbp("1.25")}]


def test_whose_line_it_is(world: World, now: datetime) -> None:
    address = f"/commissions/{the_line(world).pk}/explanation"
    elsewhere = acting(a_member(partner=a_partner(), role="owner"))
    seen = {
        "owner": Program(world.owner, now=now).send("GET", address).status_code,
        "member": Program(a_colleague(world.partner, now=now), now=now).send("GET", address).status_code,
        "elsewhere": Program(elsewhere, now=now).send("GET", address).status_code,
        "manager": Program(acting(a_staff_member("manager")), now=now).send("GET", address).status_code,
        "finance": Program(acting(a_staff_member("finance")), now=now).send("GET", address).status_code,
        "curator": Program(acting(a_staff_member("curator")), now=now).send("GET", address).status_code,
    }
    assert seen == {"owner": 200, "member": 403, "elsewhere": 404, "manager": 200, "finance": 200, "curator": 403}
    nobody = Program(world.owner, now=now).send("GET", f"/commissions/{uuid7()}/explanation")
    assert problem(nobody)["status"] == 404


def test_outside_of_a_partner_or_programme_there_is_nothing(world: World, now: datetime) -> None:
    alone = acting(a_member(partner=a_partner(kind="freelancer"), role="owner"))
    assert Program(alone, now=now).get("/me/commissions") == {"items": [], "next": None}
    house = Program(acting(a_staff_member("finance")), now=now)
    assert [house.send("GET", path).status_code for path in ("/me/commissions", "/me/statements")] == [404, 404]


def test_many_statements_are_cut_by_months(world: World, program: Program, now: datetime) -> None:
    make_payable(world.partner, now=now)
    months = [date(2026, month, 1) for month in (4, 5, 6)]
    for month in months:
        close_month(world, month)
        win(world.partner, 200_000, at=after(month))
    first = program.get("/me/statements?limit=1")
    rest = program.get(f"/me/statements?limit=1&cursor={first['next']}")
    assert rest["next"] is None
    found = [one["month"] for one in first["items"] + rest["items"]]
    assert found == ["2026-06-01", "2026-04-01"]  # in May nothing was payable
    assert program.told("GET", "/me/statements?cursor=WyJ4Il0")[0] == 422
