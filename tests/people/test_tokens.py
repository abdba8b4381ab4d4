"""Tokens: made once, kept as a hash, narrow, ended."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection

from academy.core.errors import Forbidden, NotFound, Refused
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE, Actor, may
from academy.people.tokens import actions, queries, rules
from academy.people.tokens.models import ApiToken

from ..factories import a_member, a_person, a_staff_member, acting

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("asked", "held", "wider"),
    [
        ([], [], False),
        (["read"], [], False),
        ([], ["read"], True),
        (["read"], ["read", "learn"], False),
        (["read", "deals"], ["read"], True),
    ],
)
def test_what_a_token_may_hand_on(asked: list[str], held: list[str], wider: bool) -> None:
    assert rules.widens(asked, held) == wider


def test_a_token_acts_for_its_person(now: datetime) -> None:
    membership = a_member(role="owner")
    made = actions.create_token(
        membership.person_id, by=acting(membership), now=now, label=" Laptop ", scopes=["read", "learn", "read"]
    )
    assert rules.SECRET.fullmatch(made.secret)
    asker = actions.person_of_token(made.secret, now=now)
    assert asker is not None
    scopes = frozenset({"read", "learn"})
    assert asker.actor == Actor(membership.person_id, frozenset(), membership.partner_id, "owner", scopes)
    assert asker.token_id == made.id
    assert not may(asker.actor, "member.invite", partner_id=membership.partner_id)
    assert queries.tokens_of(acting(membership), membership.person_id) == [
        queries.TokenLine(
            id=made.id,
            label="Laptop",
            scopes=("learn", "read"),
            created_at=now,
            expires_at=None,
            last_used_at=now,
            revoked_at=None,
        )
    ]
    assert made.secret not in str(ApiToken.objects.values())


def test_reading_a_token_is_one_query_and_once_a_minute_two(now: datetime, django_assert_num_queries: Any) -> None:
    person = a_person()
    secret = actions.create_token(person.id, by=acting(person), now=now).secret
    actions.person_of_token(secret, now=now)
    with django_assert_num_queries(1):
        actions.person_of_token(secret, now=now + 59 * SECOND)
    assert ApiToken.objects.get().last_used_at == now
    actions.person_of_token(secret, now=now + 60 * SECOND)
    assert ApiToken.objects.get().last_used_at == now + 60 * SECOND


def test_tokens_that_are_nobodys(now: datetime) -> None:
    person = a_person()
    by = acting(person)
    expiring = actions.create_token(person.id, by=by, now=now, expires_at=now + SECOND).secret
    revoked = actions.create_token(person.id, by=by, now=now)
    actions.revoke_token(revoked.id, by=by, now=now)
    actions.revoke_token(revoked.id, by=by, now=now + SECOND)
    assert ApiToken.objects.get(id=revoked.id).revoked_at == now
    assert actions.person_of_token(expiring, now=now) is not None
    for secret, at in (
        (expiring, now + SECOND),
        (revoked.secret, now),
        ("siso_" + "x" * 40, now),
        ("siso_short", now),
        ("", now),
    ):
        assert actions.person_of_token(secret, now=at) is None
    Person.objects.update(is_active=False)
    assert actions.person_of_token(expiring, now=now) is None


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"scopes": ["read", "everything"]}, {"scopes": "Choose from the list."}),
        ({"expires_at": datetime(2026, 3, 3, 9, tzinfo=UTC)}, {"expires_at": "Choose a later day."}),
    ],
)
def test_tokens_that_cannot_be(now: datetime, given: dict[str, Any], fields: dict[str, str]) -> None:
    person = a_person()
    with pytest.raises(Refused) as refused:
        actions.create_token(person.id, by=acting(person), now=now + timedelta(days=1), **given)
    assert refused.value.fields == fields


def test_nobody_makes_or_ends_another_persons_token(now: datetime) -> None:
    person = a_person()
    made = actions.create_token(person.id, by=THE_HOUSE, now=now)
    administrator = acting(a_staff_member("administrator"))
    with pytest.raises(Forbidden):
        actions.create_token(person.id, by=administrator, now=now)
    for do in (
        lambda by: actions.create_token(person.id, by=by, now=now),
        lambda by: actions.revoke_token(made.id, by=by, now=now),
        lambda by: queries.tokens_of(by, person.id),
    ):
        with pytest.raises(NotFound):
            do(acting(a_person()))
    with pytest.raises(NotFound):
        actions.revoke_token(uuid4(), by=administrator, now=now)
    actions.revoke_token(made.id, by=administrator, now=now)


def test_a_token_makes_no_wider_one(now: datetime) -> None:
    person = a_person()
    narrow = Actor(person.id, scopes=frozenset({"admin", "read"}))
    with pytest.raises(Forbidden) as refused:
        actions.create_token(person.id, by=narrow, now=now)
    assert refused.value.sentence == "A token cannot make one that may do more than itself."
    actions.create_token(person.id, by=narrow, now=now, scopes=["read"])


@pytest.mark.django_db(transaction=True)
def test_what_a_revoked_token_holds_open_is_told_to_close(now: datetime) -> None:
    person = a_person()
    made = actions.create_token(person.id, by=acting(person), now=now)
    with psycopg.connect(str(connection.connection.info.dsn), autocommit=True) as ear:
        ear.execute("listen live_ended")
        actions.revoke_token(made.id, by=acting(person), now=now)
        heard = [notice.payload for notice in ear.notifies(timeout=5, stop_after=1)]
    assert heard == [f"token:{made.id}"]
