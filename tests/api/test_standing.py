"""Where one stands, what would change it, and that what is promised is what comes."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.journal.queries import head
from academy.people.partners.models import Partner

from ..factories import a_person, a_staff_member, acting
from ..integrations.deals.tables import Told as Sold
from ..integrations.deals.tables import imported
from ..programme.closing.months import make_payable
from ..worlds import World, a_colleague, a_world, days, pass_modules, win
from .calls import Program, problem

pytestmark = pytest.mark.django_db

WON = {
    "met": True,
    "progress": 1.0,
    "have": 150_000,
    "need": 10_000,
    "gap": 0,
    "metric": "won",
    "window": "trailing:12m",
}
CORE = {"met": False, "progress": 0.0, "have": 0, "need": 1, "gap": 1, "metric": "core_modules", "window": "lifetime"}


def test_a_standing_is_whole(program: Program, world: World, now: datetime) -> None:
    first = world.course.modules[0]
    assert program.get("/me/standing")["commission"]["next_payment"] is None  # while nobody has checked where it goes
    make_payable(world.partner, now=now)

    assert program.get("/me/standing") == {
        "as_of": "2026-03-02T09:00:00Z",
        "cursor": head(),
        "training": {
            "modules_completed": 0,
            "modules_total": 2,
            "core_completed": 0,
            "core_total": 2,
            "seconds": 0,
            "certificates": 0,
            "percent": 0,
        },
        "tier": {
            "current": "Bronze",
            "since": "2026-03-02T09:00:00Z",
            "safe_until": None,
            "next": {
                "name": "Silver",
                "met": False,
                "progress": 0.5,
                "verdict": {
                    "met": False,
                    "progress": 0.5,
                    "have": 1,
                    "need": 2,
                    "gap": 1,
                    "parts": [CORE, WON],
                },
            },
            "awaiting": None,
            "at_risk": False,
            "leaving": None,
        },
        "commission": {
            "rate": "10.00",
            "product": "automation",
            "steps": [{"kind": "base", "label": "Base", "value": "10.00", "result": "10.00"}],
            "next_payment": {"amount": "150.00", "currency": "GBP", "date": "2026-05-05", "about": True},
            "next_payment_text": "5 May: about £150.00",
            "on_hold": {"amount": "150.00", "currency": "GBP"},
        },
        "next_step": {
            "title": "Module 0",
            "url": f"/training/lessons/{world.course.lessons[first][0]}/",
            "minutes": 8,
            "modules": [str(first)],
            "certificates": [],
            "sales": None,
            "keeps": None,
            "awaits": None,
            "effect": {
                "tier": "Silver",
                "rate": "1.50",
                "rate_after": "11.50",
                "monthly": {"amount": "7.50", "currency": "GBP"},
            },
        },
    }


def test_the_arithmetic_is_told_step_by_step(program: Program, world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)

    told = program.get("/me/standing")

    assert told["commission"]["steps"] == [
        {"kind": "base", "label": "Base", "value": "10.00", "result": "10.00"},
        {"kind": "tier", "label": "× 1.30 Gold", "value": "1.30", "result": "13.00"},
        {"kind": "bonus", "label": "× 1.05 core training", "value": "1.05", "result": "13.65"},
        {"kind": "uplift", "label": "+ 1.00 points, 1 advanced certificate", "value": "1.00", "result": "14.65"},
    ]
    assert (told["commission"]["rate"], told["tier"]["next"], told["next_step"]) == ("14.65", None, None)
    assert (told["training"]["certificates"], told["training"]["percent"]) == (1, 100)


def without(told: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name not in names}


@pytest.mark.parametrize("modules", [1, 2])
def test_what_the_preview_promises_is_what_comes(program: Program, world: World, now: datetime, modules: int) -> None:
    chosen = world.course.modules[:modules]
    before, facts = program.get("/me/standing"), Fact.objects.count()

    promised = program.get("/me/standing/preview?" + "&".join(f"module={module}" for module in chosen))

    assert Fact.objects.count() == facts
    assert program.get("/me/standing") == before
    difference = promised.pop("difference")
    pass_modules(world.owner, world.course, *chosen, now=now)
    came = program.get("/me/standing")
    assert without(promised, "cursor") == without(came, "cursor")
    rates = [Decimal(told["commission"]["rate"]) for told in (before, came)]
    assert (Decimal(difference["rate"]), difference["rate_after"]) == (rates[1] - rates[0], str(rates[1]))
    assert difference["tier"] == came["tier"]["current"]


def test_a_preview_of_the_next_step_has_its_effect(program: Program) -> None:
    step = program.get("/me/standing")["next_step"]

    promised = program.get("/me/standing/preview?" + "&".join(f"module={one}" for one in step["modules"]))

    assert promised["difference"] == step["effect"]


def test_a_credential_brings_its_modules_and_sales_their_tier(program: Program, world: World) -> None:
    told = program.get(f"/me/standing/preview?certificate={world.credential}&sales=500.00")

    assert (told["tier"]["current"], told["training"]["core_completed"], told["training"]["certificates"]) == (
        "Gold",
        2,
        1,
    )
    # 4.65 points of the 1,500.00 won in the last 90 days, a third of it a month
    assert told["difference"] == {
        "tier": "Gold",
        "rate": "4.65",
        "rate_after": "14.65",
        "monthly": {"amount": "23.25", "currency": "GBP"},
    }


def test_nothing_asked_changes_nothing(program: Program) -> None:
    told = program.get("/me/standing/preview")

    assert without(told, "difference") == program.get("/me/standing")
    assert told["difference"] == {
        "tier": None,
        "rate": "0.00",
        "rate_after": "10.00",
        "monthly": {"amount": "0.00", "currency": "GBP"},
    }


@pytest.mark.parametrize(("name", "says"), [("module", "Not in the catalogue."), ("certificate", "Not one of ours.")])
def test_a_preview_of_what_does_not_exist_is_refused(program: Program, name: str, says: str) -> None:
    refused = problem(program.send("GET", f"/me/standing/preview?{name}={uuid7()}"))

    assert (refused["status"], refused["errors"]) == (422, {name: says})


def test_a_preview_refuses_more_digits_than_the_currency_has(program: Program) -> None:
    refused = problem(program.send("GET", "/me/standing/preview?sales=1.005"))

    sentence = "GBP has 2 digits after the point; “1.005” has more."
    assert (refused["status"], refused["detail"], refused["errors"]) == (422, sentence, {"sales": sentence})


def test_a_member_sees_the_tier_and_no_sums(world: World, now: datetime) -> None:
    told = Program(a_colleague(world.partner, now=now), now=now).get("/me/standing")

    assert told["tier"]["next"]["verdict"]["parts"] == [CORE, WON | {"have": None, "need": None, "gap": None}]
    assert told["next_step"]["effect"] == {
        "tier": "Silver",
        "rate": "1.50",
        "rate_after": "11.50",
        "monthly": None,
    }


def test_a_members_progress_tells_no_sum(now: datetime) -> None:
    """Neither that of the sum nor that of the whole, from which it would follow."""
    world = a_world(now)
    win(world.partner, 6_573, at=now, client="Oakline")
    told = {
        who: Program(actor, now=now).get("/me/standing")["tier"]["next"]
        for who, actor in (("member", a_colleague(world.partner, now=now)), ("owner", world.owner))
    }
    found = {who: (it["progress"], [one["progress"] for one in it["verdict"]["parts"]]) for who, it in told.items()}
    assert found == {"member": (0.3, [0.0, 0.6]), "owner": (0.3286, [0.0, 0.6573])}


def test_who_may_not_see_amounts_previews_no_sales(world: World, now: datetime) -> None:
    """By halving what is asked, how much was won would follow to the penny. What the next step brings stays."""
    member = Program(a_colleague(world.partner, now=now), now=now)
    step = member.get("/me/standing")["next_step"]
    address = "/me/standing/preview?" + "&".join(f"module={one}" for one in step["modules"])

    for sales in ("0", "0.01", "500.00", "1.005"):
        refused = problem(member.send("GET", f"{address}&sales={sales}"))
        assert (refused["status"], refused["detail"]) == (
            403,
            "Only an owner may do this. Ask one of your company's owners.",
        )
    assert member.get(address)["difference"] == step["effect"]


def test_people_without_a_partner_or_programme_have_no_standing(now: datetime) -> None:
    refused = problem(Program(acting(a_person()), now=now).send("GET", "/me/standing"))

    assert (refused["status"], refused["detail"]) == (
        404,
        "You are not a member of a partner, so there is no standing.",
    )


def test_a_read_applies_what_has_fallen_due(program: Program, world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)

    with time_machine.travel(now + days(366), tick=False):
        warned = program.get("/me/standing")
    with time_machine.travel(now + days(366 + 31), tick=False):
        fallen = program.get("/me/standing")

    assert [(told["tier"]["current"], told["tier"]["at_risk"]) for told in (warned, fallen)] == [
        ("Gold", True),
        ("Bronze", False),
    ]
    assert warned["tier"]["safe_until"] == "2027-04-02T09:00:00Z"


def manager(now: datetime) -> Program:
    return Program(acting(a_staff_member("manager")), now=now)


def test_staff_see_a_partner_as_it_is_and_as_it_was(world: World, now: datetime) -> None:
    staff, path = manager(now - days(1)), f"/partners/{world.partner}/standing"
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(10))
    pass_modules(world.owner, world.course, world.course.modules[1], now=now + days(20))

    def at(when: datetime) -> Any:
        with time_machine.travel(now + days(30), tick=False):
            told = staff.get(f"{path}?as_of={when.strftime('%Y-%m-%dT%H:%M:%SZ')}")
            return (
                told["tier"]["current"],
                told["tier"]["since"],
                told["commission"]["rate"],
                [step["kind"] for step in told["commission"]["steps"]],
            )

    second = timedelta(seconds=1)
    assert [at(now), at(now + days(10) - second), at(now + days(10)), at(now + days(25))] == [
        ("Bronze", "2026-03-02T09:00:00Z", "10.00", ["base"]),
        ("Bronze", "2026-03-02T09:00:00Z", "10.00", ["base"]),
        ("Silver", "2026-03-12T09:00:00Z", "11.50", ["base", "tier"]),
        ("Gold", "2026-03-22T09:00:00Z", "14.65", ["base", "tier", "bonus", "uplift"]),
    ]
    with time_machine.travel(now + days(30), tick=False):
        today, then = staff.get(path), staff.get(f"{path}?as_of=2026-04-01T09:00:00Z")
        assert today == then
        assert today["partner"] == Program(world.owner, now=now).get("/me")["partner"]


def test_what_a_partner_was_is_what_its_owner_saw(program: Program, world: World, now: datetime) -> None:
    """Walk a year with a warning and a fall in it: each day's past is that day's present."""
    staff = manager(now)
    pass_modules(world.owner, world.course, now=now)
    seen = {}
    for day in (0, 99, 100, 200, 300, 366, 380, 397, 420):
        with time_machine.travel(now + days(day), tick=False):
            if day == 100:
                win(world.partner, 20_000, at=now + days(100))
            told = program.get("/me/standing")
            seen[told["as_of"]] = (without_words(told["tier"]), told["commission"])

    with time_machine.travel(now + days(500), tick=False):
        path = f"/partners/{world.partner}/standing?as_of="
        past = {when: staff.get(path + when) for when in seen}

    assert {when: (without_words(told["tier"]), told["commission"]) for when, told in past.items()} == seen
    held = [told["commission"]["on_hold"]["amount"] for told in past.values()]
    assert held == ["150.00", "0.00", "29.30", *["0.00"] * 6]


SUMS = ("next_payment", "next_payment_text", "on_hold")


def test_who_may_not_see_amounts_is_told_of_no_payment(world: World, now: datetime) -> None:
    told = Program(a_colleague(world.partner, now=now), now=now).get("/me/standing")["commission"]
    assert [told[name] for name in ("rate", *SUMS)] == ["10.00", None, None, None]


def without_words(tier: dict[str, Any]) -> dict[str, Any]:
    """Sentences write a day as one reads it now: without its year only in that year."""
    return tier | {"leaving": tier["leaving"] and without(tier["leaving"], "text")}


@pytest.mark.parametrize("sees", [True, False])
def test_what_leaves_its_window_is_told_with_its_figures(world: World, now: datetime, sees: bool) -> None:
    pass_modules(world.owner, world.course, world.course.modules[0], now=now)
    win(world.partner, 6_000, at=now + days(250))
    member = world.owner if sees else a_colleague(world.partner, now=now)
    with time_machine.travel(now + days(300), tick=False):
        told = Program(member, now=now + days(300)).get("/me/standing")["tier"]
    sums = {"have": 156_000, "leaves": 150_000, "stays": 6_000, "needs": 8_000}
    text = (
        "£1,500 of your £1,560 in 12 months leaves on 2 Mar 2027; £60 stays, Silver keeps at £80"
        if sees
        else "What you won in 12 months falls on 2 Mar 2027 to less than 80% of what keeps Silver"
    )
    assert told["leaving"] == {
        "metric": "won",
        "window": "trailing:12m",
        "by": "2027-03-02T09:00:00Z",
        **(sums if sees else dict.fromkeys(sums)),
        "text": text,
    }


def test_before_it_joined_a_partner_stood_nowhere(world: World, now: datetime) -> None:
    refused = manager(now).send("GET", f"/partners/{world.partner}/standing?as_of=2020-01-01T00:00:00Z")

    assert (refused.status_code, problem(refused)["detail"]) == (
        404,
        "This partner was in no programme at that time.",
    )


def test_nobody_knows_the_future(world: World, now: datetime) -> None:
    refused = manager(now).send("GET", f"/partners/{world.partner}/standing?as_of=2027-01-01T00:00:00Z")

    assert problem(refused)["errors"] == {"as_of": "In the past."}


def test_partners_are_listed_by_name(world: World, now: datetime) -> None:
    staff = manager(now)
    a_colleague(world.partner, now=now)

    page = staff.get("/partners")

    assert page == {
        "items": [
            Program(world.owner, now=now).get("/me")["partner"]
            | {
                "kind": "company",
                "people": 2,
                "tier": "Bronze",
                "rate": "10.00",
                "at_risk": False,
                "safe_until": None,
            }
        ],
        "next": None,
    }
    assert staff.get("/partners?q=nobody") == {"items": [], "next": None}


def test_on_its_sources_clock_nothing_is_asked_beyond_what_was_told(now: datetime, tmp_path: Path) -> None:
    imported(tmp_path / "sales.csv", [Sold("1", day="2012-04-01", spend="100000"), Sold("2", day="2012-06-01")])
    staff, path = manager(now), f"/partners/{Partner.objects.get().pk}/standing"

    def at(query: str) -> tuple[str, str, str, str]:
        told = staff.get(path + query)
        return told["as_of"], told["tier"]["current"], told["tier"]["since"], told["commission"]["rate"]

    told_until = ("2012-06-01T00:00:00Z", "Silver", "2012-04-01T00:00:00Z", "11.50")
    assert at("") == told_until
    assert at("?as_of=2012-06-01T00:00:00Z") == told_until
    # Two years later these sales would have left their window: but nobody has told of those two years.
    assert at("?as_of=2014-06-01T00:00:00Z") == told_until
    assert at("?as_of=2012-05-31T23:59:59Z") == ("2012-05-31T23:59:59Z", *told_until[1:])
    assert at("?as_of=2012-03-31T23:59:59Z") == ("2012-03-31T23:59:59Z", "Bronze", "2010-01-01T00:00:00Z", "10.00")
    refused = staff.send("GET", f"{path}?as_of=2009-12-31T00:00:00Z")
    assert (refused.status_code, problem(refused)["detail"]) == (404, "This partner was in no programme at that time.")
