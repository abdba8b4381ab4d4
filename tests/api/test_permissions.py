"""Every operation as every role, held against the permission table. A new operation has to be entered here."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from academy.api.openapi import document
from academy.core.ids import uuid7
from academy.people.permissions.rules import ANYONE, RULES, SCOPES, STAFF_ROLES, THE_HOUSE, Actor, may
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import ask_about_line, correct_line
from academy.programme.deals.models import Deal
from academy.programme.statements.models import Statement
from academy.programme.terms.actions import publish_terms

from ..factories import a_staff_member, acting
from ..programme.closing.months import APRIL, collect, make_payable, profile, sign
from ..worlds import World, a_colleague, a_partner_in, pass_modules, two_claims
from .calls import Program

pytestmark = pytest.mark.django_db

# Without a partner there is no standing, and nobody to register a deal for.
SOMEBODY_OF_THE_HOUSE_HAS_NONE = {
    "my_standing",
    "preview_standing",
    "register_deal",
    "my_commissions",
    "my_statements",
    "my_terms",
    "accept_terms",
    "my_payee",
    "change_payee",
}


# Whoever may is told so where it is done already, or not possible as things stand.
NOT_AS_THINGS_STAND = {
    "question_commission",
    "answer_question",
    "decide_correction",
    "decide_case",
    "match_word",
    "start_close",
    "see_statements",
    "approve_close",
    "hold_statement",
    "look_at_statement_again",
    "return_payment",
    "enter_payments",
    "lose_deal",
    "answer_registration",
    "confirm_promotion",
    "unpin_tier",
    "accept_terms",  # a newer version is published meanwhile
}
# Whoever may is told that there is none such.
NOT_THERE = {"submit_attempt", "drop_report"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def requests_of(world: World, serial: str) -> dict[str, tuple[str, Any, bool, UUID | None]]:
    """By operation: the address filled in, the body, whether it is about the caller, and about which partner."""
    module = world.course.modules[0]
    lesson, quiz = world.course.lessons[module][0], world.course.quizzes[module]
    won = Deal.objects.get(partner=world.partner, source="crm", stage="won")
    reported = {"partner": str(world.partner), "product": won.product, "client": won.client_name, "amount": "1500.00"}
    reported |= {"currency": "GBP", "stage": "won", "occurred_at": won.registered_at.isoformat()}
    refunded = {"external_id": "r", "amount": "1.00", "occurred_at": won.registered_at.isoformat()}
    deal = won.external_id
    line = CommissionLine.objects.get(deal=won).pk
    statement = Statement.objects.get(partner=world.partner).number
    at = won.registered_at
    question = ask_about_line(world.owner, line, "Why?", now=at).pk
    correction = correct_line(THE_HOUSE, line, 100, reason="So.", now=at).pk
    terms = publish_terms(THE_HOUSE, world.programme, "# We agree", reason="First.", effective_from=at, now=at).pk
    case = two_claims(world, now=at)
    april = "/closes/agencies/2026-04"
    make_payable(world.partner, now=at)
    return {
        "me": ("/me", None, True, None),
        "my_standing": ("/me/standing", None, True, world.partner),
        "preview_standing": (f"/me/standing/preview?module={module}", None, True, world.partner),
        "my_training": ("/me/training", None, True, None),
        "my_certificates": ("/me/certificates", None, True, None),
        "my_certificate_paper": (f"/me/certificates/{serial}/pdf", None, True, None),
        "my_activity": ("/me/activity", None, True, None),
        "my_notices": ("/me/notices", None, True, None),
        "read_notices": ("/me/notices/read", {}, True, None),
        "report_return": ("/mail/returns", {"address": "a@example.com"}, False, None),
        "list_items": ("/catalog/items", None, False, None),
        "course": ("/courses/course", None, False, None),
        "enrol": ("/courses/course/enrolment", None, True, None),
        "save_progress": (f"/lessons/{lesson}/progress", {"position": 0.5}, True, None),
        "open_attempt": (f"/quizzes/{quiz}", None, True, None),
        "submit_attempt": (f"/quizzes/{quiz}/attempts", {"attempt": str(uuid7()), "answers": {}}, True, None),
        "verify_certificate": (f"/certificates/{serial}", None, False, None),
        "list_deals": ("/deals", None, True, None),
        "register_deal": ("/me/deals", {"client": "Oak", "product": "automation", "amount": "10"}, True, world.partner),
        "lose_deal": (f"/me/deals/{won.pk}/loss", {}, False, world.partner),
        "deal": (f"/deals/crm/{deal}", None, False, world.partner),
        "report_deal": (f"/deals/crm/{deal}", reported, False, None),
        "refund_deal": (f"/deals/crm/{deal}/refunds", refunded, False, None),
        "list_closes": ("/closes", None, False, None),
        "start_close": ("/closes", {"programme": "agencies", "month": "2026-04"}, False, None),
        "close": (april, None, False, None),
        "continue_close": (f"{april}/continue", None, False, None),
        "close_statements": (f"{april}/statements", None, False, None),
        "see_statements": (f"{april}/seen", {"flag": "first"}, False, None),
        "approve_close": (f"{april}/approve", None, False, None),
        "hand_over_close": (f"{april}/hand-over", None, False, None),
        "payment_file": (f"{april}/payments", None, False, None),
        "enter_payments": (f"{april}/payments", {"payments": []}, False, None),
        "hold_statement": (f"/statements/{statement}/hold", {"reason": "So."}, False, None),
        "look_at_statement_again": (f"/statements/{statement}/again", None, False, None),
        "return_payment": (
            f"/statements/{statement}/return",
            {"returned_on": "2026-05-05", "reason": "So."},
            False,
            None,
        ),
        "partner_statements": (f"/partners/{world.partner}/statements", None, False, world.partner),
        "unknown_words": ("/waiting/words", None, False, None),
        "match_word": (
            "/waiting/matches",
            {"source": "crm", "kind": "partner", "name": "Anchor", "means": str(world.partner)},
            False,
            None,
        ),
        "waiting_reports": ("/waiting/reports", None, False, None),
        "drop_report": (f"/waiting/reports/{uuid7()}/drop", None, False, None),
        "my_payee": ("/me/payee", None, True, world.partner),
        "change_payee": ("/me/payee", asdict(profile()), True, world.partner),
        "payees_to_check": ("/payees", None, False, None),
        "partner_payee": (f"/partners/{world.partner}/payee", None, False, world.partner),
        "check_payee": (f"/partners/{world.partner}/payee/check", {"number": 1}, False, None),
        "pin": (f"/partners/{world.partner}/pin", None, False, world.partner),
        "pin_tier": (
            f"/partners/{world.partner}/pin",
            {"tier": "gold", "until": (at + timedelta(days=200)).date().isoformat(), "reason": "So."},
            False,
            world.partner,
        ),
        "unpin_tier": (f"/partners/{world.partner}/pin", None, False, world.partner),
        "promotions": ("/promotions", None, False, None),
        "confirm_promotion": (f"/partners/{world.partner}/promotion", {"tier": "gold"}, False, world.partner),
        "registrations": ("/registrations", None, False, None),
        "answer_registration": (f"/registrations/{won.pk}/answer", {"accepted": True}, False, world.partner),
        "list_terms": ("/terms", None, False, None),
        "publish_terms": ("/terms", {"programme": "agencies", "text": "# We", "reason": "So."}, False, None),
        "list_cases": ("/cases", None, False, None),
        "case": (f"/cases/{case}", None, False, None),
        "decide_case": (f"/cases/{case}/decision", {"granted": True}, False, None),
        "my_terms": ("/me/terms", None, True, None),
        "accept_terms": ("/me/terms/acceptance", {"version": str(terms)}, True, world.partner),
        "my_preferences": ("/me/preferences", None, True, None),
        "choose_preferences": ("/me/preferences", {"quiet": None}, True, None),
        "my_commissions": ("/me/commissions", None, True, world.partner),
        "explain_commission": (f"/commissions/{line}/explanation", None, False, world.partner),
        "questions_about_commission": (f"/commissions/{line}/questions", None, False, world.partner),
        "question_commission": (f"/commissions/{line}/questions", {"text": "Why?"}, False, world.partner),
        "open_questions": ("/questions", None, False, None),
        "answer_question": (f"/questions/{question}/answer", {"answer": "So."}, False, None),
        "waiting_corrections": ("/corrections", None, False, None),
        "correct_commission": (
            f"/commissions/{line}/corrections",
            {"amount": "1", "reason": "So."},
            False,
            world.partner,
        ),
        "decide_correction": (f"/corrections/{correction}/decision", {"confirmed": True}, False, None),
        "my_statements": ("/me/statements", None, True, world.partner),
        "my_statement": (f"/me/statements/{statement}", None, False, world.partner),
        "my_statement_paper": (f"/me/statements/{statement}/pdf", None, False, world.partner),
        "list_partners": ("/partners", None, False, None),
        "partner_standing": (f"/partners/{world.partner}/standing", None, False, world.partner),
    }


def test_every_operation_says_which_line_of_the_table_guards_it() -> None:
    for _, _, operation in operations():
        assert operation["x-scope"] == RULES[operation["x-verb"]].scope
        assert (operation["security"] == [{}]) == RULES[operation["x-verb"]].anyone


def callers(world: World, now: datetime) -> dict[str, tuple[Actor | None, tuple[str, ...]]]:
    """Everybody who may ask, with the scopes of a narrow token."""
    elsewhere = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    people: dict[str, tuple[Actor | None, tuple[str, ...]]] = {
        "stranger": (None, ()),
        "owner": (world.owner, ()),
        "member": (a_colleague(world.partner, now=now), ()),
        "owner elsewhere": (elsewhere, ()),
    }
    people |= {role: (acting(a_staff_member(role)), ()) for role in STAFF_ROLES}
    people |= {f"owner, only {scope}": (world.owner, (scope,)) for scope in SCOPES}
    people |= {f"manager, only {scope}": (people["manager"][0], (scope,)) for scope in SCOPES}
    return people


def test_every_operation_as_every_role(world: World, now: datetime) -> None:
    pass_modules(world.owner, world.course, now=now)
    serial = Program(world.owner, now=now).get("/me/certificates")["items"][0]["serial"]
    sign(collect(world, APRIL))
    asked = requests_of(world, serial)
    wrong = []
    for who, (actor, scopes) in callers(world, now).items():
        program = Program(actor, now=now, scopes=scopes)
        for method, path, operation in operations():
            address, body, is_own, partner = asked[operation["operationId"]]
            status = program.send(method, address, body).status_code
            expected = _expected(actor, scopes, operation, is_own=is_own, partner=partner)
            if expected == {200, 201} and "{serial}/pdf" in path and actor != world.owner:
                expected = {404}  # a certificate of somebody else
            if status not in expected:
                wrong.append(f"{who}: {method} {path} answered {status}, not {expected}")
    assert wrong == []


def _expected(
    actor: Actor | None, scopes: tuple[str, ...], operation: dict[str, Any], *, is_own: bool, partner: UUID | None
) -> set[int]:
    verb = operation["x-verb"]
    if actor is None:
        return {200} if may(ANYONE, verb) else {401}
    asks = Actor(actor.person_id, actor.roles, actor.partner_id, actor.member_role, frozenset(scopes))
    about = asks.partner_id if is_own else partner
    if is_own and operation["operationId"] in SOMEBODY_OF_THE_HOUSE_HAS_NONE and asks.partner_id is None:
        return {404}
    if operation["operationId"] in NOT_THERE and may(asks, verb, person_id=asks.person_id):
        return {404}
    if operation["operationId"] == "change_payee":
        return {403}  # a token never shows who is there now
    if may(asks, verb, person_id=asks.person_id if is_own else None, partner_id=about):
        return {200, 201} | ({409, 422} if operation["operationId"] in NOT_AS_THINGS_STAND else set())
    foreign = not asks.is_staff and partner is not None and not is_own and partner != asks.partner_id
    return {404} if foreign else {403}
