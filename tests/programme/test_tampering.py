"""Rows changed by hand, past every action: `academy verify --deep` names each one."""

from collections.abc import Iterable
from datetime import datetime

import pytest
from django.db import connection, transaction

from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.models import Standing
from academy.programme.verification.queries import verify
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate

from ..worlds import World, a_colleague, a_world, days, pass_modules, refund, take_quiz, win, written_plan

pytestmark = [pytest.mark.django_db, pytest.mark.tampers]


@pytest.fixture
def at(now: datetime) -> datetime:
    """When the story below has come to its end."""
    return now + days(760)


@pytest.fixture
def world(now: datetime, at: datetime) -> World:
    """Gold, whose certificate was renewed in time by one and ended for another, and whose notice is open."""
    made = a_world(now)
    win(made.partner, 150_000, at=now)
    pass_modules(made.owner, made.course, now=now + days(1))
    other = a_colleague(made.partner, now=now + days(2))
    pass_modules(other, made.course, now=now + days(2))
    third = a_colleague(made.partner, now=now + days(3))
    pass_modules(third, made.course, now=now + days(3))
    revoke(THE_HOUSE, Certificate.objects.get(person_id=third.person_id).serial, reason="Wrong.", now=now + days(4))
    win(made.partner, 90_000, at=now + days(340))
    for quiz in made.course.quizzes.values():
        take_quiz(made.owner, quiz, now=now + days(700))
    deal = win(made.partner, 90_000, at=now + days(700))
    refund(deal, 30_000, at=now + days(745))
    bring_up_to_date(made.partner, now=at)
    standing = Standing.objects.get(pk=made.partner)
    assert (standing.tier, standing.at_risk, verify(now=at, deep=True).differences) == ("gold", True, [])
    return made


def unnamed(statements: Iterable[str], at: datetime) -> list[str]:
    """Those of these that verify does not notice, each tried past the journal's own guard and taken back."""
    missed = []
    with connection.cursor() as cursor:
        cursor.execute("alter table journal_fact disable trigger journal_fact_append_only")
        for statement in statements:
            with transaction.atomic():
                cursor.execute(statement)
                assert cursor.rowcount > 0, statement
                if not verify(now=at, deep=True).differences:
                    missed.append(statement)
                transaction.set_rollback(True)
    return missed


STANDING = [
    "tier = 'silver'",
    "tier_since = tier_since - interval '1 day'",
    "rate = 2500",
    "levels = '{}'",
    "levels = levels || '{\"core_modules@lifetime\": 9}'",
    "judged_at = judged_at - interval '400 days'",
    "next_change_at = null",
    "next_change_at = next_change_at + interval '1 day'",
    "safe_until = safe_until + interval '1 day'",
    "safe_until = null",
    "at_risk = not at_risk",
    "held = jsonb_set(held, '{tier}', '\"silver\"')",
    "held = jsonb_set(held, '{bonus}', 'false')",
    "held = jsonb_set(held, '{uplifts}', '3')",
    "held = jsonb_set(held, '{warnings}', '[]')",
    "held = jsonb_set(held, '{warnings,0,falls_at}', '\"2029-01-01T00:00:00+00:00\"')",
    "held = jsonb_set(held, '{warnings,0,sent_at}', '\"2020-01-01T00:00:00+00:00\"')",
    "held = jsonb_set(held, '{awaiting}', '\"gold\"')",
    "held = jsonb_set(held, '{approved}', '\"gold\"')",
    "before = jsonb_set(before, '{held,tier}', '\"silver\"')",
    "before = jsonb_set(before, '{held,bonus}', 'false')",
    "before = jsonb_set(before, '{held,uplifts}', '3')",
]


def test_a_standing(world: World, at: datetime) -> None:
    statements = [f"update programme_standing set {change}" for change in STANDING]
    assert unnamed([*statements, "delete from programme_standing"], at) == []


WAITING = [
    "update programme_standing set held = jsonb_set(held, '{awaiting_since}', '\"2026-01-01T00:00:00+00:00\"')",
    "update programme_standing set held = jsonb_set(held, '{awaiting_since}', 'null')",
    "update programme_standing set held = jsonb_set(held, '{awaiting}', 'null')",
    *(
        f"update journal_fact set {change} where kind = 'promotion.awaited'"
        for change in (
            'numbers = \'{"tier": "gold"}\'',
            "effective_at = effective_at - interval '1 second'",
            "inputs = jsonb_set(inputs, '{levels,core_modules@lifetime}', '0')",
            "inputs = jsonb_set(inputs, '{levels,core_modules@lifetime}', '2')",
            "inputs = jsonb_set(inputs, '{held,tier}', '\"gold\"')",
            "partner = uuidv7()",
        )
    ),
    "delete from journal_fact where kind = 'promotion.awaited'",
]


def test_a_promotion_that_waits(now: datetime) -> None:
    tiers = written_plan([])["tiers"]
    made = a_world(now, tiers=[tiers[0], tiers[1] | {"promotion": "approve"}])
    win(made.partner, 150_000, at=now)
    pass_modules(made.owner, made.course, made.course.modules[0], now=now + days(1))
    assert verify(now=now, deep=True).differences == []
    assert unnamed(WAITING, now) == []


PROJECTIONS = [
    "update learning_lessonprogress set completed_at = null",
    "update learning_lessonprogress set completed_at = completed_at - interval '1 day'",
    "delete from learning_lessonprogress",
    "update learning_moduleprogress set passed = false",
    "update learning_moduleprogress set completed_at = completed_at - interval '1 day'",
    "delete from learning_moduleprogress",
    "update learning_courseprogress set completed_at = completed_at - interval '1 day'",
    "delete from learning_courseprogress",
    "update recognition_certificate set serial = 'X' || serial",
    "update recognition_certificate set issued_at = issued_at - interval '1 day'",
    "update recognition_certificate set expires_at = expires_at + interval '1 day'",
    "update recognition_certificate set expired = not expired",
    "update recognition_certificate set renews_id = null where renews_id is not null",
    """update recognition_certificate set renews_id = (select id from recognition_certificate where renews_id is null
       and id not in (select renews_id from recognition_certificate where renews_id is not null) limit 1)
       where renews_id is not null""",
    "update recognition_credentialversion set valid_months = 99",
    "update recognition_credentialversion set criterion = jsonb_set(criterion, '{value}', '1')",
    "update recognition_credentialversion set number = 7",
    "update programme_planversion set written = jsonb_set(written, '{cap}', '99')",
    "update programme_planversion set written = jsonb_set(written, '{tiers,1,multiplier}', '1.16')",
    "update programme_planversion set effective_from = effective_from - interval '1 day'",
    "update programme_planversion set number = 7",
    "delete from journal_fact where kind = 'plan.published'",
    "update recognition_certificate set revoked_at = null, revoked_reason = '' where revoked_at is not null",
    "update recognition_certificate set revoked_at = issued_at, revoked_reason = 'x' where revoked_at is null",
    "update people_membership set joined_at = joined_at - interval '1 day'",
    "update people_membership set left_at = now()",
    "update programme_sale set amount = amount + 1",
    "update programme_sale set won_at = won_at - interval '1 day'",
    "update programme_sale set counts_from = counts_from + interval '1 day'",
    "update programme_sale set client = uuidv7()",
    "update programme_sale set product = 'website'",
    "update programme_deal set amount = amount + 1",
    "delete from programme_sale",
]


def test_every_other_projection(world: World, at: datetime) -> None:
    assert unnamed(PROJECTIONS, at) == []


FACTS = [
    *(
        f"{change} where kind = '{kind}'"
        for kind in ("tier.changed", "rate.changed")
        for change in (
            'numbers = numbers || \'{"to": "silver"}\'',
            'numbers = numbers || \'{"from": "none"}\'',
            'numbers = numbers || \'{"cause": "plan"}\'',
            "effective_at = effective_at + interval '1 second'",
            "inputs = jsonb_set(inputs, '{levels,core_modules@lifetime}', '7')",
            "inputs = jsonb_set(inputs, '{held,tier}', '\"gold\"')",
            "inputs = jsonb_set(inputs, '{at}', '\"2020-01-01T00:00:00+00:00\"')",
            "inputs = jsonb_set(inputs, '{currency}', '\"USD\"')",
            "partner = uuidv7()",
        )
    ),
    *(
        f"numbers = numbers || '{change}' where kind = 'tier.warned'"
        for change in (
            '{"part": "bonus"}',
            '{"to": "bronze"}',
            '{"to_rank": 0}',
            '{"from": "bronze"}',
            '{"falls_at": "2029-01-01T00:00:00+00:00"}',
            '{"sent_at": "2020-01-01T00:00:00+00:00"}',
            '{"rate": 1}',
            '{"rate_then": 1}',
            '{"missing": []}',
            '{"cause": "core_modules"}',
            '{"before": {}}',
            '{"monthly": -1}',
            '{"rate_with_all": 1}',
            '{"monthly_with_all": -1}',
            '{"currency": "EUR"}',
            '{"plan": "agencies-9"}',
        )
    ),
    "inputs = inputs || '{\"done\": 1}' where kind = 'module.completed'",
    "inputs = inputs || '{\"required\": 1}' where kind = 'module.completed'",
    "numbers = numbers || '{\"passed\": false}' where kind = 'module.completed'",
    "inputs = inputs || '{\"done\": 1}' where kind = 'course.completed'",
    "inputs = inputs || '{\"passed\": {}}' where kind = 'certificate.issued'",
    "inputs = inputs || '{\"last\": null}' where kind = 'certificate.issued' and inputs->>'last' is not null",
    "numbers = numbers || '{\"serial\": \"X\"}' where kind = 'certificate.issued'",
    "numbers = numbers || '{\"expires_at\": null}' where kind = 'certificate.issued'",
    "inputs = inputs || '{\"expires_at\": \"2020-01-01T00:00:00+00:00\"}' where kind = 'certificate.expired'",
    "numbers = numbers || '{\"amount\": 1}' where kind = 'deal.won'",
    "numbers = numbers || '{\"rate\": 1}' where kind = 'commission.added'",
    "numbers = numbers || '{\"amount\": 1}' where kind = 'commission.added'",
    "inputs = inputs || '{\"tier\": \"platinum\"}' where kind = 'commission.added'",
    "inputs = inputs || '{\"refunded\": 1}' where kind = 'commission.reversed'",
]


def test_a_fact(world: World, at: datetime) -> None:
    assert unnamed((f"update journal_fact set {change}" for change in FACTS), at) == []


WITH_ALL = [
    f"update journal_fact set numbers = numbers || '{change}' where numbers->>'part' = '{part}'"
    for part in ("tier", "uplift")
    for change in ('{"rate_with_all": 1308}', '{"rate_with_all": 1365}', '{"monthly_with_all": -785}')
]
OF_BEFORE = (
    "update journal_fact set numbers = numbers - 'rate_with_all' - 'monthly_with_all' where kind = 'tier.warned'"
)


def test_what_falls_with_a_notice_is_measured_anew_where_it_is_told(now: datetime) -> None:
    """Tier and uplift rest on one certificate: both notices say what both come to; those of before say nothing."""
    made = a_world(now)
    win(made.partner, 150_000, at=now)
    pass_modules(made.owner, made.course, now=now + days(1))
    revoke(THE_HOUSE, Certificate.objects.get().serial, reason="Wrong.", now=now + days(2))
    told = list(Fact.objects.filter(kind="tier.warned").order_by("pos").values_list("numbers", flat=True))
    names = ("part", "rate", "rate_then", "rate_with_all", "monthly", "monthly_with_all")
    assert [tuple(numbers[name] for name in names) for numbers in told] == [
        ("tier", 1465, 1308, 1208, -785, -1285),
        ("uplift", 1465, 1365, 1208, -500, -1285),
    ]
    assert unnamed([*WITH_ALL, OF_BEFORE], now + days(2)) == [OF_BEFORE]


KINDS = [
    "lesson.completed",
    "quiz.passed",
    "module.completed",
    "course.completed",
    "certificate.issued",
    "certificate.expired",
    "certificate.revoked",
    "member.joined",
    "deal.won",
    "tier.changed",
    "rate.changed",
    "tier.warned",
    "partner.enrolled",
    "commission.added",
]


def test_a_fact_that_is_gone(world: World, at: datetime) -> None:
    assert unnamed((f"delete from journal_fact where kind = '{kind}'" for kind in KINDS), at) == []
