"""“This looks wrong” by the API: asked by owners, answered by the house, corrected with a second person's word."""

from datetime import datetime
from typing import Any

import pytest
from pytest_django import Settings

from academy.core.ids import uuid7
from academy.people.partners.models import Partner
from academy.people.permissions.rules import Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import LONGEST, ask_about_line

from ..factories import a_staff_member, acting
from ..worlds import World, a_colleague, a_partner_in, win
from .calls import Program, problem

pytestmark = pytest.mark.django_db
ASKED = {"text": "  Silver had begun.  "}
NOW = "2026-03-02T09:00:00Z"


@pytest.fixture
def line(world: World) -> CommissionLine:
    return CommissionLine.objects.get(partner=world.partner)


@pytest.fixture
def finance(now: datetime) -> Program:
    return Program(acting(a_staff_member("finance", name="Ines")), now=now)


def about(line: CommissionLine, what: str = "questions") -> str:
    return f"/commissions/{line.pk}/{what}"


def gbp(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "GBP"}


def short(line: CommissionLine) -> dict[str, Any]:
    partner = Partner.objects.get(pk=line.partner_id)
    return {
        "id": str(line.pk),
        "partner": partner.slug,
        "partner_name": partner.name,
        "client": line.deal.client_name,
    }


def test_a_line_is_asked_about_and_paid_as_it_is(
    program: Program, finance: Program, line: CommissionLine, world: World
) -> None:
    name = program.get("/me")["name"]
    status, asked = program.told("POST", about(line), ASKED)
    assert (status, asked) == (
        201,
        {
            "id": asked["id"],
            "asked_at": NOW,
            "asked_by": name,
            "text": "Silver had begun.",
            "answered_at": None,
            "answered_by": None,
            "answer": "",
            "correction": None,
        },
    )
    assert program.get(about(line)) == {"items": [asked], "next": None}
    assert [one["question_open"] for one in program.get("/me/commissions")["items"]] == [True]
    assert finance.get("/questions") == {
        "items": [
            {
                "id": asked["id"],
                "line": short(line),
                "amount": gbp("150.00"),
                "asked_at": NOW,
                "asked_by": name,
                "text": "Silver had begun.",
            }
        ],
        "next": None,
    }
    status, answered = finance.told("POST", f"/questions/{asked['id']}/answer", {"answer": "It began a day later."})
    told = asked | {"answered_at": NOW, "answered_by": "Ines", "answer": "It began a day later."}
    assert (status, answered) == (200, told | {"proposed": None})
    assert program.get(about(line)) == finance.get(about(line)) == {"items": [told], "next": None}
    assert program.get(about(line, "explanation"))["questions"] == [told]
    assert finance.get("/questions")["items"] == []


def test_an_answer_corrects_the_line_by_another(program: Program, finance: Program, line: CommissionLine) -> None:
    _, asked = program.told("POST", about(line), ASKED)
    body = {"answer": "You are right.", "amount": "15.00"}
    address = f"/questions/{asked['id']}/answer"
    status, answered = finance.told("POST", address, body, Idempotency_Key="k")
    written = CommissionLine.objects.get(corrects=line)
    assert (status, answered["correction"]) == (200, {"line": str(written.pk), "amount": gbp("15.00")})
    assert {name: answered["proposed"][name] for name in ("line", "amount", "reason", "state", "proposed_by")} == {
        "line": short(line),
        "amount": gbp("15.00"),
        "reason": "You are right.",
        "state": "written",
        "proposed_by": "Ines",
    }
    assert finance.told("POST", address, body, Idempotency_Key="k") == (200, answered)
    assert problem(finance.send("POST", address, body)) == {
        "type": "urn:siso-academy:problem:conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "Somebody has answered this question already.",
        "code": "conflict",
        "errors": {},
    }
    assert CommissionLine.objects.filter(corrects=line).count() == 1


def test_a_large_correction_waits_for_a_second_person(
    finance: Program, line: CommissionLine, now: datetime, settings: Settings
) -> None:
    settings.FOUR_EYES = True
    other = Program(acting(a_staff_member("finance")), now=now)
    body = {"amount": "-500.00", "reason": "It was won by somebody else."}
    status, proposed = finance.told("POST", about(line, "corrections"), body, Idempotency_Key="k")
    assert (status, proposed["state"], proposed["amount"]) == (201, "waiting", gbp("-500.00"))
    assert finance.told("POST", about(line, "corrections"), body, Idempotency_Key="k") == (201, proposed)
    assert other.get("/corrections") == {"items": [proposed], "next": None}
    decision = f"/corrections/{proposed['id']}/decision"
    status, said = finance.told("POST", decision, {"confirmed": True})
    assert (status, said["detail"]) == (409, "You proposed this correction. Somebody else confirms it.")
    assert not CommissionLine.objects.filter(corrects=line).exists()
    assert other.told("POST", decision, {"confirmed": True}) == (200, proposed | {"state": "written"})
    assert CommissionLine.objects.get(corrects=line).amount == -50_000
    status, said = other.told("POST", decision, {"confirmed": False})
    assert (status, said["detail"]) == (409, "Somebody has decided about this correction already.")
    assert other.get("/corrections") == {"items": [], "next": None}


def test_a_correction_is_dropped_by_whoever_proposed_it(
    finance: Program, line: CommissionLine, settings: Settings
) -> None:
    settings.FOUR_EYES = True
    _, proposed = finance.told("POST", about(line, "corrections"), {"amount": "600", "reason": "A bonus."})
    decision = f"/corrections/{proposed['id']}/decision"
    assert finance.told("POST", decision, {"confirmed": False}) == (200, proposed | {"state": "dropped"})
    assert not CommissionLine.objects.filter(corrects=line).exists()


def test_nobody_asks_twice_before_there_is_an_answer(program: Program, line: CommissionLine) -> None:
    first = program.told("POST", about(line), ASKED, Idempotency_Key="k")
    assert (first[0], program.told("POST", about(line), ASKED, Idempotency_Key="k")) == (201, first)
    status, said = program.told("POST", about(line), ASKED)
    assert (status, said["detail"]) == (
        409,
        "A question about this line is open already. Its answer will stand beside it.",
    )


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("questions", {"text": "   "}, "text"),
        ("questions", {"text": "a" * (LONGEST + 1)}, "text"),
        ("questions", {"text": "a\0b"}, "text"),
        ("questions", {}, "text"),
        ("corrections", {"amount": "0.00", "reason": "Why not."}, "amount"),
        ("corrections", {"amount": "1.234", "reason": "Why not."}, "amount"),
        ("corrections", {"amount": "9999999999999.99", "reason": "Why not."}, "amount"),
        ("corrections", {"amount": "ten", "reason": "Why not."}, "amount"),
        ("corrections", {"amount": "1.00", "reason": ""}, "reason"),
    ],
)
def test_a_wrong_field_is_named(
    program: Program, finance: Program, line: CommissionLine, what: str, body: dict[str, str], field: str
) -> None:
    caller = program if what == "questions" else finance
    status, said = caller.told("POST", about(line, what), body)
    assert (status, list(said["errors"])) == (422, [field])
    assert caller.get(about(line)) == {"items": [], "next": None}


def test_lists_go_on_where_they_stopped(program: Program, finance: Program, world: World, now: datetime) -> None:
    win(world.partner, 10_000, at=now)
    for one in CommissionLine.objects.filter(partner=world.partner):
        program.told("POST", about(one), ASKED)
    whole = finance.get("/questions")["items"]
    first = finance.get("/questions?limit=1")
    rest = finance.get(f"/questions?limit=1&cursor={first['next']}")
    assert (first["items"] + rest["items"], rest["next"]) == (whole, None)
    for address in ("/questions", "/corrections"):
        assert finance.told("GET", f"{address}?cursor=WyJ4IiwieSJd")[0] == 422


def test_who_may(world: World, line: CommissionLine, now: datetime) -> None:
    def staff(role: str) -> Actor:
        return acting(a_staff_member(role))

    stranger = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    question = ask_about_line(world.owner, line.pk, "Why?", now=now)
    asking = ("POST", about(line), ASKED)
    answering = ("POST", f"/questions/{question.pk}/answer", {"answer": "So."})
    mending = ("POST", f"/questions/{question.pk}/answer", {"answer": "So.", "amount": "1"})
    correcting = ("POST", about(line, "corrections"), {"amount": "1", "reason": "So."})
    cases: list[tuple[str, Actor | None, tuple[str, ...], tuple[str, str, Any], int]] = [
        ("nobody asks", None, (), asking, 401),
        ("member asks", a_colleague(world.partner, now=now), (), asking, 403),
        ("owner elsewhere asks", stranger, (), asking, 404),
        ("owner elsewhere reads", stranger, (), ("GET", about(line), None), 404),
        ("finance asks", staff("finance"), (), asking, 403),
        ("owner asks, reading", world.owner, ("read",), asking, 403),
        ("owner answers", world.owner, (), answering, 403),
        ("owner elsewhere answers", stranger, (), answering, 403),
        ("owner corrects", world.owner, (), correcting, 403),
        ("manager corrects", staff("manager"), (), correcting, 403),
        ("manager mends", staff("manager"), (), mending, 403),
        ("finance answers, reading", staff("finance"), ("read",), answering, 403),
        ("owner lists", world.owner, (), ("GET", "/questions", None), 403),
        ("manager lists corrections", staff("manager"), (), ("GET", "/corrections", None), 403),
        ("manager answers", staff("manager"), (), answering, 200),
    ]
    told = {name: Program(who, now=now, scopes=scopes).send(*what).status_code for name, who, scopes, what, _ in cases}
    assert told == {name: status for name, _, _, _, status in cases}


def test_what_is_not_there(program: Program, finance: Program) -> None:
    nothing = uuid7()
    told = [
        program.send("GET", f"/commissions/{nothing}/questions").status_code,
        program.send("POST", f"/commissions/{nothing}/questions", ASKED).status_code,
        finance.send("POST", f"/questions/{nothing}/answer", {"answer": "So."}).status_code,
        finance.send("POST", f"/commissions/{nothing}/corrections", {"amount": "1", "reason": "So."}).status_code,
        finance.send("POST", f"/corrections/{nothing}/decision", {"confirmed": True}).status_code,
    ]
    assert told == [404] * 5
