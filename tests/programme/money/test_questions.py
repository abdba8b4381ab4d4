"""“This looks wrong”: asked, answered beside the line, corrected by a line of its own; and a line opened."""

from datetime import datetime

import pytest
from pytest_django import Settings

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import (
    answer_question,
    ask_about_line,
    confirm_correction,
    correct_line,
    drop_correction,
)
from academy.programme.commissions.questions.models import Correction, LineQuestion
from academy.programme.commissions.questions.rules import is_large
from academy.programme.commissions.rules import Moved
from academy.programme.deals.hearing.actions import report_deal

from ...factories import a_person
from ...worlds import World, a_colleague, a_partner_in, a_report, a_world, days, pass_modules, refund, win

pytestmark = pytest.mark.django_db
LARGE = 50_000
"""£500.00: from there on a second person confirms."""


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def line(world: World, now: datetime) -> CommissionLine:
    return CommissionLine.objects.get(deal=win(world.partner, 100_000, at=now))


def finance() -> Actor:
    return Actor(a_person(roles=("finance",)).pk, frozenset({"finance"}))


def test_a_question_is_marked_answered_and_mended(world: World, line: CommissionLine, now: datetime) -> None:
    question = ask_about_line(world.owner, line.pk, " It should be 11.5 %. ", now=now + days(1))
    with pytest.raises(Conflict, match="open already"):
        ask_about_line(world.owner, line.pk, "Again.", now=now + days(1))
    by = finance()
    answer_question(by, question.pk, "You are right: Silver had begun.", amount=1_500, now=now + days(2))
    question.refresh_from_db()
    assert question.correction is not None
    assert (question.text, question.answered_by_id, question.correction.amount, question.correction.corrects_id) == (
        "It should be 11.5 %.",
        by.person_id,
        1_500,
        line.pk,
    )
    assert list(Fact.objects.filter(thing=line.pk).order_by("pos").values_list("kind", flat=True)) == [
        "commission.added",
        "line.questioned",
        "line.answered",
        "correction.made",
    ]
    with pytest.raises(Conflict, match="answered this question"):
        answer_question(by, question.pk, "Again.", now=now + days(2))
    assert ask_about_line(world.owner, line.pk, "Another one.", now=now + days(3)).pk != question.pk


def test_an_answer_may_leave_the_line_as_it_is(world: World, line: CommissionLine, now: datetime) -> None:
    question = ask_about_line(world.owner, line.pk, "Why?", now=now)
    _, correction = answer_question(finance(), question.pk, "Silver began a day later.", now=now)
    assert (correction, CommissionLine.objects.count()) == (None, 1)


@pytest.mark.parametrize("text", ["", "   ", "x" * 1001, "a\x00b"])
def test_a_question_is_asked_in_words(world: World, line: CommissionLine, now: datetime, text: str) -> None:
    with pytest.raises(Refused) as refused:
        ask_about_line(world.owner, line.pk, text, now=now)
    assert set(refused.value.fields) == {"text"}


def test_whose_line_it_is(world: World, line: CommissionLine, now: datetime) -> None:
    stranger = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    member = a_colleague(world.partner, now=now)
    with pytest.raises(NotFound):
        ask_about_line(stranger, line.pk, "Why?", now=now)
    with pytest.raises(Forbidden):
        ask_about_line(member, line.pk, "Why?", now=now)
    with pytest.raises(NotFound):
        ask_about_line(world.owner, uuid7(), "Why?", now=now)
    with pytest.raises(NotFound):
        explained(stranger, line.pk)
    with pytest.raises(Forbidden):
        correct_line(world.owner, line.pk, 1, reason="I want it.", now=now)
    with pytest.raises(NotFound):
        answer_question(finance(), uuid7(), "No.", now=now)
    with pytest.raises(NotFound):
        confirm_correction(finance(), uuid7(), now=now)


def test_a_large_correction_waits_for_a_second_person(
    world: World, line: CommissionLine, now: datetime, settings: Settings
) -> None:
    settings.FOUR_EYES = True
    one, other = finance(), finance()
    correction = correct_line(one, line.pk, -LARGE, reason="Paid twice elsewhere.", now=now)
    assert CommissionLine.objects.count() == 1
    with pytest.raises(Conflict, match="Somebody else confirms"):
        confirm_correction(one, correction.pk, now=now)
    confirm_correction(other, correction.pk, now=now + days(1))
    with pytest.raises(Conflict, match="decided about this correction"):
        drop_correction(other, correction.pk, now=now + days(1))
    assert CommissionLine.objects.get(corrects=line).amount == -LARGE


def test_a_large_correction_in_parts_is_no_smaller(
    world: World, line: CommissionLine, now: datetime, settings: Settings
) -> None:
    settings.FOUR_EYES = True
    one, other = finance(), finance()
    first = correct_line(one, line.pk, LARGE - 1, reason="A bonus.", now=now)
    second = correct_line(other, line.pk, 1, reason="A bonus.", now=now)
    assert (first.confirmed_at, second.confirmed_at, CommissionLine.objects.count()) == (now, None, 2)
    back = correct_line(one, line.pk, -100, reason="Too much.", now=now)
    assert correct_line(one, line.pk, 100, reason="Not so.", now=now).confirmed_at == back.confirmed_at == now
    confirm_correction(one, second.pk, now=now)
    # The line that a correction wrote belongs to the same deal.
    written = CommissionLine.objects.get(corrects=line, amount=LARGE - 1)
    assert correct_line(one, written.pk, 1, reason="A bonus.", now=now).confirmed_at is None
    # What a second person has confirmed is no part of what one did alone.
    assert correct_line(one, line.pk, -1, reason="A penny.", now=now).confirmed_at == now


@pytest.mark.parametrize(
    ("amount", "alone", "currency", "large"),
    [
        (49_999, 0, "GBP", False),
        (-50_000, 0, "GBP", True),
        (1, 49_999, "GBP", True),
        (-1, 49_999, "GBP", False),
        (49_999, 0, "JPY", False),
        (50_000, 0, "JPY", True),
        (499_999, 0, "KWD", False),
        (500_000, 0, "KWD", True),
    ],
)
def test_what_is_large_in_a_currency(amount: int, alone: int, currency: str, large: bool) -> None:
    assert is_large(amount, alone, currency) is large


def test_a_proposal_may_be_dropped(world: World, line: CommissionLine, now: datetime, settings: Settings) -> None:
    settings.FOUR_EYES = True
    correction = correct_line(THE_HOUSE, line.pk, LARGE, reason="A bonus.", now=now)
    drop_correction(finance(), correction.pk, now=now)
    with pytest.raises(Conflict):
        confirm_correction(finance(), correction.pk, now=now)
    assert CommissionLine.objects.count() == 1


def test_alone_where_the_house_wants_it_so(line: CommissionLine, now: datetime, settings: Settings) -> None:
    settings.FOUR_EYES = False
    assert correct_line(finance(), line.pk, LARGE, reason="A bonus.", now=now).confirmed_at == now


@pytest.mark.parametrize("amount", [0, 10**12])
def test_a_correction_is_some_amount(line: CommissionLine, now: datetime, amount: int) -> None:
    with pytest.raises(Refused) as refused:
        correct_line(finance(), line.pk, amount, reason="Why not.", now=now)
    assert (set(refused.value.fields), Correction.objects.count()) == ({"amount"}, 0)


def test_a_line_opens_to_all_that_explains_it(world: World, line: CommissionLine, now: datetime) -> None:
    pass_modules(world.owner, world.course, world.course.modules[0], now=now + days(1))
    win(world.partner, 50_000, at=now + days(2))
    found = explained(world.owner, line.pk)
    assert found.rate_today is not None
    assert (found.rate.basis_points, found.rate_today.basis_points, found.earned.tier, found.plan.reference) == (
        1000,
        1150,
        "bronze",
        "agencies-1",
    )
    assert (found.moved, found.correction, [one.kind for one in found.history]) == (None, None, ["earned"])


def test_what_followed_opens_to_what_it_followed_from(world: World, line: CommissionLine, now: datetime) -> None:
    deal = line.deal
    refund(deal.pk, 40_000, at=now + days(1))
    report = a_report(world.partner, 120_000, at=now + days(2), deal=deal.pk)
    report_deal(THE_HOUSE, report, now=now + days(2))
    correct_line(finance(), line.pk, 77, reason="Rounded against you.", now=now + days(3))
    reversed_, adjusted, corrected = CommissionLine.objects.exclude(pk=line.pk).order_by("effective_at")
    assert explained(world.owner, reversed_.pk).moved == Moved(100_000, 40_000, 10_000)
    assert explained(world.owner, adjusted.pk).moved == Moved(120_000, 40_000, 6_000)
    by_hand = explained(world.owner, corrected.pk)
    assert by_hand.correction is not None
    assert (by_hand.moved, by_hand.correction.reason) == (None, "Rounded against you.")
    assert [(one.kind, one.amount) for one in by_hand.history] == [
        ("earned", 10_000),
        ("reversed", -4_000),
        ("adjusted", 2_000),
        ("adjusted", 77),
    ]
    assert LineQuestion.objects.count() == 0
