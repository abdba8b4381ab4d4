"""Asking for a topic that is not there."""

from datetime import datetime, timedelta

import pytest

from academy.core.errors import Refused, SignInNeeded
from academy.learning.wishes import actions, queries, rules
from academy.learning.wishes.models import Wish
from academy.notifications.models import Mail
from academy.people.permissions.rules import ANYONE

from ..factories import a_member, a_person, a_staff_member, acting


@pytest.mark.parametrize(
    ("written", "tidy"), [("  a  b\n c ", "a b c"), ("a\x00b\u200b", "a b"), ("", ""), ("Prix à Paris", "Prix à Paris")]
)
def test_tidy(written: str, tidy: str) -> None:
    assert rules.tidy(written) == tidy


@pytest.mark.parametrize(
    ("topic", "asked_today", "reason"),
    [
        ("abc", 0, None),
        ("a" * 200, 9, None),
        ("ab", 0, "Write at least three letters, so that a curator knows what you mean."),
        ("a" * 201, 0, "Write it in at most 200 letters."),
        ("abc", 10, "That makes more than 10 topics today. Come back tomorrow."),
    ],
)
def test_why_not(topic: str, asked_today: int, reason: str | None) -> None:
    assert rules.why_not(topic, asked_today) == reason


@pytest.mark.django_db
def test_without_a_curator_administrators_are_told(now: datetime) -> None:
    a_staff_member("administrator", email="ada@example.com")
    a_staff_member("manager", email="priya@example.com")

    assert actions.ask_for_topic(acting(a_member()), "Schools", now=now) is True

    assert list(Mail.objects.values_list("to", "subject")) == [("ada@example.com", "Asked for: Schools")]


@pytest.mark.django_db
def test_ten_topics_a_day_are_enough(now: datetime) -> None:
    actor = acting(a_member())
    for number in range(10):
        actions.ask_for_topic(actor, f"Topic {number}", now=now)

    with pytest.raises(Refused, match="more than 10 topics today"):
        actions.ask_for_topic(actor, "One more", now=now)

    assert actions.ask_for_topic(actor, "Tomorrow's", now=now + timedelta(days=1, seconds=1)) is True
    assert Wish.objects.count() == 11


@pytest.mark.django_db
def test_strangers_cannot_ask(now: datetime) -> None:
    with pytest.raises(SignInNeeded):
        actions.ask_for_topic(ANYONE, "Schools", now=now)

    assert not Wish.objects.exists()


@pytest.mark.django_db
def test_wishes_are_told_to_their_person_and_can_be_forgotten(now: datetime) -> None:
    person = a_person()
    actions.ask_for_topic(acting(person), "Schools", now=now)
    actions.ask_for_topic(acting(a_person()), "Schools", now=now)

    assert queries.wishes_of(person.id) == [{"topic": "Schools", "asked_at": now}]

    actions.forget_person(person.id, [person.email])

    assert queries.wishes_of(person.id) == []
    assert Wish.objects.count() == 1
