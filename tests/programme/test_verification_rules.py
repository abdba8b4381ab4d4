"""The journal read again: what was known when, and whether decisions and notices follow from it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from academy.programme.evidence.rules import Evidence, Sale, Sales
from academy.programme.standing.rules import Held
from academy.programme.verification.rules import Certificate, FactRow, Replay, why_decision_differs, why_warning_differs

from .plans import AT, CORE, PLAN

DAY = timedelta(days=1)


def fact(kind: str, at: datetime = AT, **changes: Any) -> FactRow:
    """A fact about partner p and Ann, as the journal holds it."""
    usual: dict[str, Any] = {
        "pos": 1,
        "partner": "p",
        "person": "ann",
        "thing": None,
        "numbers": {},
        "rule": "",
        "inputs": None,
    }
    return FactRow(kind=kind, effective_at=at, **(usual | changes))


def replay(*facts: FactRow) -> Replay:
    found = Replay("p", "GBP")
    for one in facts:
        found.apply(one)
    return found


def passed(module: str, at: datetime = AT, *, person: str = "ann", proved: bool = True) -> FactRow:
    return fact("module.completed", at, person=person, partner="q", thing=module, numbers={"passed": proved})


def issued(
    certificate: str, credential: str, at: datetime = AT, *, ends: datetime | None = None, person: str = "ann"
) -> FactRow:
    numbers = {"credential": credential, "expires_at": ends.isoformat() if ends else None}
    return fact("certificate.issued", at, thing=certificate, numbers=numbers, person=person)


def won(deal: str, amount: int, at: datetime = AT, *, partner: str = "p") -> FactRow:
    return fact(
        "deal.won", at, thing=deal, partner=partner, numbers={"client": "oak", "product": "web", "amount": amount}
    )


def refunded(deal: str, amount: int, at: datetime = AT, *, partner: str = "p") -> FactRow:
    numbers = {"client": "oak", "product": "web", "amount": amount, "won_at": AT.isoformat()}
    return fact("deal.refunded", at, thing=deal, partner=partner, numbers=numbers)


JOINED = fact("member.joined")


def evidence_of(
    *,
    members: set[str] = frozenset({"ann"}),  # type: ignore[assignment]
    modules: frozenset[str] = frozenset(),
    held: dict[str, datetime | None] | None = None,
    sales: tuple[Sale, ...] = (),
) -> Evidence:
    return Evidence(
        "GBP",
        frozenset(members),
        {"ann": modules} if modules else {},
        {"ann": held} if held is not None else {},
        Sales.of(sales),
    )


@pytest.mark.parametrize(
    ("facts", "known"),
    [
        ([], evidence_of(members=set())),
        ([JOINED], evidence_of()),
        ([JOINED, fact("member.left")], evidence_of(members=set())),
        ([fact("member.joined", partner="q")], evidence_of(members=set())),
        ([JOINED, fact("member.left", partner="q")], evidence_of()),
        # What somebody learned elsewhere counts once they are a member, whichever comes first.
        ([passed("a"), JOINED], evidence_of(modules=frozenset("a"))),
        ([JOINED, passed("a"), passed("b")], evidence_of(modules=frozenset("ab"))),
        ([JOINED, passed("a", person="zoe"), issued("c", "pricing", person="zoe")], evidence_of()),
        # Completed is not passed, and what counts only later does not count yet.
        ([JOINED, passed("a", proved=False)], evidence_of()),
        ([JOINED, issued("c", "pricing")], evidence_of(held={"pricing": None})),
        ([JOINED, issued("c", "pricing", ends=AT + DAY)], evidence_of(held={"pricing": AT + DAY})),
        ([JOINED, issued("c", "pricing", AT + DAY)], evidence_of(held={})),
        (
            [JOINED, issued("c", "pricing", ends=AT + DAY), issued("d", "pricing", ends=AT)],
            evidence_of(held={"pricing": AT + DAY}),
        ),
        ([JOINED, issued("c", "pricing"), fact("certificate.revoked", thing="c")], evidence_of(held={})),
        ([JOINED, fact("certificate.revoked", thing="c")], evidence_of()),
        (
            [JOINED, issued("c", "pricing"), fact("certificate.revoked", AT + DAY, thing="c")],
            evidence_of(held={"pricing": None}),
        ),
        ([JOINED, won("d", 900)], evidence_of(sales=(Sale(AT, "oak", 900),))),
        ([JOINED, won("d", 900), refunded("d", 200)], evidence_of(sales=(Sale(AT, "oak", 700),))),
        ([JOINED, won("d", 900, partner="q"), refunded("d", 200, partner="q")], evidence_of()),
        ([JOINED, won("d", 900, AT + DAY)], evidence_of()),
        # A refund of nothing is a difference that verify shows, not an error in it.
        ([JOINED, refunded("d", 200)], evidence_of(sales=(Sale(AT, "oak", -200),))),
        ([JOINED, fact("lesson.completed", thing="x")], evidence_of()),
    ],
)
def test_what_the_facts_say(facts: list[FactRow], known: Evidence) -> None:
    assert replay(*facts).evidence(AT) == known


def test_a_module_passed_later_counts_later() -> None:
    found = replay(JOINED, passed("a", AT + DAY))
    assert found.evidence(AT).passed == {"ann": frozenset()}
    assert found.evidence(AT + DAY).passed == {"ann": {"a"}}


@pytest.mark.parametrize(("days", "counts"), [(-1, False), (0, True), (1, True), (2, False), (3, False)])
def test_a_certificate_is_there_from_issue_until_it_is_taken_back(days: int, counts: bool) -> None:
    assert Certificate("pricing", AT, AT + DAY, AT + 2 * DAY).counts(AT + days * DAY) is counts


@pytest.mark.parametrize(
    "without",
    [
        fact("member.joined", person=None),
        fact("member.left", person=None),
        fact("module.completed", person=None, numbers={"passed": True}),
        fact("certificate.issued", numbers={"credential": "pricing", "expires_at": None}),
        fact("certificate.revoked", person=None),
        fact("deal.won"),
        fact("deal.refunded"),
    ],
)
def test_a_fact_about_nobody_or_nothing_says_nothing(without: FactRow) -> None:
    assert replay(without) == Replay("p", "GBP")


def test_tier_and_rate_are_what_was_said_last() -> None:
    facts = [
        fact("partner.enrolled", numbers={"tier": "bronze"}),
        fact("tier.changed", numbers={"to": "silver"}),
        fact("rate.changed", numbers={"to": 1150}),
        fact("tier.changed", numbers={"to": "gold"}, partner="q"),
        fact("rate.changed", numbers={"to": 1300}, partner="q"),
    ]
    found = replay(*facts)
    assert (found.tier, found.basis_points) == ("silver", 1150)


def test_levels_are_measured_on_it() -> None:
    found = replay(JOINED, *(passed(module) for module in CORE[:6]), won("d", 1_000_000))
    assert found.levels(PLAN, AT) == {
        "core_modules@lifetime": 6,
        "won@trailing:12m": 1_000_000,
        "advanced_certificates@now": 0,
        "active_clients@trailing:6m": 1,
        "people(core_modules@lifetime>=12)": 0,
    }


INPUTS = {
    "at": AT.isoformat(),
    "currency": "GBP",
    "held": Held("bronze").as_json(),
    "levels": {"core_modules@lifetime": 6, "won@trailing:12m": 1_000_000},
}
TO_SILVER = fact("tier.changed", numbers={"from": "bronze", "to": "silver"}, inputs=INPUTS)
TO_1150 = fact("rate.changed", numbers={"from": 1000, "to": 1150}, inputs=INPUTS)


@pytest.mark.parametrize(
    ("decision", "why"),
    [
        (TO_SILVER, None),
        (TO_1150, None),
        (replace(TO_SILVER, numbers={"to": "gold"}), "its inputs conclude silver, not gold"),
        (replace(TO_1150, numbers={"to": 1300}), "its inputs conclude 1150, not 1300"),
        (replace(TO_1150, inputs=None), "it says nothing of what it followed from"),
        (
            replace(TO_1150, effective_at=AT + DAY),
            "it was made for 2026-03-02T09:00:00+00:00 but counts from 2026-03-03T09:00:00+00:00",
        ),
    ],
)
def test_a_decision_follows_from_its_inputs(decision: FactRow, why: str | None) -> None:
    assert why_decision_differs(PLAN, decision) == why


@pytest.mark.parametrize(
    ("sent", "falls", "enough"),
    [
        (AT, AT + 60 * DAY, True),
        (AT, AT + 60 * DAY - timedelta(microseconds=1), False),
        # Sent late, its grace runs from then; it cannot have been sent before it was due.
        (AT + DAY, AT + 61 * DAY, True),
        (AT + DAY, AT + 60 * DAY, False),
        (AT - DAY, AT + 59 * DAY, False),
    ],
)
def test_a_warning_gives_the_grace_that_the_plan_promises(sent: datetime, falls: datetime, enough: bool) -> None:
    notice = fact("tier.warned", numbers={"sent_at": sent.isoformat(), "falls_at": falls.isoformat()})
    expected = None if enough else "it gives less grace than the plan promises"
    assert why_warning_differs(PLAN, notice) == expected


@pytest.mark.parametrize(
    "told",
    [
        fact("tier.changed", partner="q", numbers={"from": "silver", "to": "gold"}),
        fact("rate.changed", partner="q", numbers={"from": 1000, "to": 1150}),
        fact("tier.pinned", partner="q", numbers={"tier": "gold", "until": AT.isoformat(), "reason": "So agreed."}),
        fact("promotion.awaited", partner="q", numbers={"tier": "gold"}),
        fact(
            "tier.warned", partner="q", numbers={"part": "tier", "sent_at": AT.isoformat(), "falls_at": AT.isoformat()}
        ),
    ],
    ids=lambda told: told.kind,
)
def test_what_happened_to_another_partner_of_its_people_is_not_its_own(told: FactRow) -> None:
    assert replay(told) == replay()
