"""Entering people, profiles, the first day, sessions, links."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.people.accounts import access, actions, queries, rules
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE, Actor

from ..factories import LONG_AGO, PASSWORD, a_member, a_partner, a_person, a_session, a_staff_member, acting
from ..together import together

pytestmark = pytest.mark.django_db


def refusal(refused: pytest.ExceptionInfo[Refused]) -> tuple[str, dict[str, str]]:
    return refused.value.sentence, refused.value.fields


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("ada@example.com", True),
        ("ada.b+c@mail.example.co.uk", True),
        ("köln@exämple.de", True),
        ("ada@example", False),
        ("ada example.com", False),
        ("ada@exa mple.com", False),
        ("a@b.c\x00", False),
        ("<a@b.c>", False),
        ("a" * 250 + "@b.cc", False),
        ("", False),
    ],
)
def test_what_is_an_address(text: str, is_one: bool) -> None:
    assert rules.is_address(text) == is_one


@pytest.mark.parametrize(
    ("text", "kept"),
    [("  Ada\tB \n C ", "Ada B C"), ("a\x00b", "a b"), ("\u2028", ""), ("Ngọc Ánh", "Ngọc Ánh")],
)
def test_names_are_one_visible_line(text: str, kept: str) -> None:
    assert rules.clean_name(text) == kept


def test_an_administrator_enters_staff(now: datetime) -> None:
    administrator = acting(a_staff_member("administrator"))
    made = actions.create_person(
        " Eva@Example.COM ",
        by=administrator,
        now=now,
        name="Eva  Expert",
        roles=["manager", "expert", "expert"],
        password=PASSWORD,
        timezone="Europe/Berlin",
        verified=True,
    )
    made.refresh_from_db()
    assert (made.email, made.name, made.roles, made.timezone, made.joined_at) == (
        "eva@example.com",
        "Eva Expert",
        ["expert", "manager"],
        "Europe/Berlin",
        now,
    )
    assert made.check_password(PASSWORD)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary").filter(user=made)) == [
        ("eva@example.com", True, True)
    ]


def test_a_password_that_was_hashed_before_is_taken_as_it_is(now: datetime) -> None:
    before = make_password(PASSWORD)
    made = actions.create_person("eva@example.com", by=THE_HOUSE, now=now, hashed=before)
    made.refresh_from_db()
    assert (made.password, made.check_password(PASSWORD)) == (before, True)


def test_without_a_password_one_has_none(now: datetime) -> None:
    assert not actions.create_person("x@example.com", by=THE_HOUSE, now=now).has_usable_password()


def test_a_manager_enters_people_but_no_staff(now: datetime) -> None:
    manager = acting(a_staff_member("manager"))
    assert actions.create_person("x@example.com", by=manager, now=now).roles == []
    with pytest.raises(Forbidden):
        actions.create_person("y@example.com", by=manager, now=now, roles=["expert"])
    assert not Person.objects.filter(email="y@example.com").exists()


@pytest.mark.parametrize(
    ("given", "sentence", "fields"),
    [
        ({"email": "nobody"}, "This is not an e-mail address.", {"email": "Write it like name@company.com."}),
        ({"roles": ["king"]}, "“king” is not a staff role.", {"roles": "Choose from the list."}),
        (
            {"name": "x" * 121},
            "Write a name of at most 120 characters.",
            {"name": "Write a name of at most 120 characters."},
        ),
        ({"language": "xx"}, "This language is not offered.", {"language": "Choose one from the list."}),
        (
            {"timezone": "Mars/North"},
            "This time zone is not known.",
            {"timezone": "Choose one such as Europe/London."},
        ),
        (
            {"password": "1234567"},
            "This password is too short. It must contain at least 10 characters. This password is too common.",
            {
                "password": "This password is too short. It must contain at least 10 characters. "
                "This password is too common."
            },
        ),
    ],
)
def test_what_is_wrong_is_said_by_field(
    now: datetime, given: dict[str, Any], sentence: str, fields: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        actions.create_person(**{"email": "x@example.com", "by": THE_HOUSE, "now": now, **given})
    assert refusal(refused) == (sentence, fields)
    assert Person.objects.count() == 0


def test_an_address_belongs_to_one_person_whatever_its_case(now: datetime) -> None:
    a_person(email="ada@example.com")
    with pytest.raises(Conflict) as refused:
        actions.create_person("ADA@example.com", by=THE_HOUSE, now=now)
    assert (refused.value.sentence, refused.value.code) == (
        "Somebody with this address is here already.",
        "address_taken",
    )


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_enter_the_same_address_at_once_one_does(now: datetime) -> None:
    answers = together(10, lambda _: actions.create_person("ada@example.com", by=THE_HOUSE, now=now).email)
    assert sorted(map(str, answers)) == ["Somebody with this address is here already."] * 9 + ["ada@example.com"]


def test_a_profile_changes_where_something_is_given(now: datetime) -> None:
    person = a_person(name="Ada")
    me = acting(person)
    actions.change_profile(person.id, by=me, now=now)
    actions.change_profile(person.id, by=me, now=now, theme="dark", shows_name=True, name=" Ada  L ")
    actions.change_profile(person.id, by=me, now=now, timezone="Asia/Tokyo", language="en", theme="")
    assert queries.profile(person.id) == queries.Profile(
        id=person.id,
        email=person.email,
        name="Ada L",
        language="en",
        timezone="Asia/Tokyo",
        theme="",
        shows_name=True,
        sells="",
        sells_to="",
        minutes_a_week=None,
        joined_at=person.joined_at,
        welcomed_at=person.joined_at,
    )


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("name", "  ", "Write a name of at most 120 characters."),
        ("theme", "pink", "Choose light, dark, or as the device."),
        ("language", "xx", "Choose one from the list."),
        ("timezone", "", "Choose one such as Europe/London."),
    ],
)
def test_a_profile_refuses_what_does_not_exist(now: datetime, field: str, value: str, advice: str) -> None:
    person = a_person()
    with pytest.raises(Refused) as refused:
        actions.change_profile(person.id, by=acting(person), now=now, **{field: value})  # type: ignore[arg-type]
    assert refused.value.fields == {field: advice}


def test_nobody_changes_another_profile(now: datetime) -> None:
    person = a_person()
    with pytest.raises(NotFound):
        actions.change_profile(person.id, by=acting(a_person()), now=now, name="Eve")
    with pytest.raises(Forbidden):
        actions.change_profile(person.id, by=acting(a_staff_member("administrator")), now=now, name="Eve")
    with pytest.raises(NotFound):
        queries.profile(a_person(is_active=False).id)


def test_the_first_day_is_answered_once_and_corrected_later(now: datetime) -> None:
    person = a_person()
    Person.objects.update(welcomed_at=None)
    me = acting(person)
    assert queries.asker_of(person.id).welcomed_at is None
    actions.answer_welcome(person.id, by=me, now=now)
    actions.answer_welcome(
        person.id, by=me, now=now + timedelta(days=1), sells="ai", sells_to="small", minutes_a_week=30
    )
    shown = queries.profile(person.id)
    assert (shown.sells, shown.sells_to, shown.minutes_a_week, shown.welcomed_at) == ("ai", "small", 30, now)


@pytest.mark.parametrize(("field", "value"), [("sells", "x"), ("sells_to", "x"), ("minutes_a_week", 7)])
def test_answers_of_the_first_day_come_from_the_lists(now: datetime, field: str, value: Any) -> None:
    person = a_person()
    with pytest.raises(Refused) as refused:
        actions.answer_welcome(person.id, by=acting(person), now=now, **{field: value})
    assert refused.value.fields == {field: "Choose or skip."}


def test_who_is_asking_in_one_query(django_assert_num_queries: Any) -> None:
    membership = a_member(partner=a_partner(name="Brightside", slug="brightside"), role="owner")
    person = membership.person
    with django_assert_num_queries(1):
        asker = queries.asker_of(person.id)
    assert asker == queries.Asker(
        actor=Actor(person.id, frozenset(), membership.partner_id, "owner"),
        email=person.email,
        name=person.name,
        language="en",
        timezone="Europe/London",
        theme="",
        welcomed_at=LONG_AGO,
        partner=queries.PartnerOf(
            membership.partner_id, "brightside", "Brightside", "company", "GBP", "Europe/London", membership.id
        ),
    )
    assert queries.actor_of(person.id) == asker.actor


def test_an_ended_membership_and_a_gone_person_are_nothing(now: datetime) -> None:
    left = a_member(left_at=now)
    assert queries.actor_of(left.person_id) == Actor(left.person_id)
    with pytest.raises(NotFound):
        queries.actor_of(a_person(is_active=False).id)


def test_a_session_says_who_is_asking_in_one_query(now: datetime, django_assert_num_queries: Any) -> None:
    person = a_staff_member("manager")
    key = a_session(person)
    with django_assert_num_queries(1):
        asker = queries.asker_by_session(key, now=now)
    assert asker is not None
    assert (asker.actor, asker.session_key) == (Actor(person.id, frozenset({"manager"})), key)


def test_a_session_ends_with_its_time_its_password_and_its_person(now: datetime) -> None:
    person = a_person()
    key = a_session(person)
    much_later = datetime.now(UTC) + timedelta(days=60)
    assert queries.asker_by_session(key, now=much_later) is None
    assert queries.asker_by_session("unknown", now=now) is None
    person.set_password("another-long-sentence")
    person.save()
    assert queries.asker_by_session(key, now=now) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("_auth_user_id", "7"), ("_auth_user_backend", "some.Backend"), ("_auth_user_hash", "")],
)
def test_a_session_that_says_something_else_is_nobody(now: datetime, name: str, value: str) -> None:
    key = a_session(a_person())
    session = Session.objects.get(session_key=key)
    said = session.get_decoded() | {name: value}
    session.session_data = SessionStore().encode(said)
    session.save()
    assert queries.asker_by_session(key, now=now) is None


def test_sessions_can_be_seen_and_ended(now: datetime) -> None:
    person = a_person()
    mine, other = a_session(person), a_session(person)
    shown = queries.sessions_of(person.id, current=mine, now=now)
    assert [(line.user_agent, line.ip, line.is_current) for line in shown] == [
        ("A browser", "127.0.0.1", False),
        ("A browser", "127.0.0.1", True),
    ]
    actions.end_session(shown[0].id, by=acting(person), now=now)
    assert queries.asker_by_session(other, now=now) is None
    assert [line.is_current for line in queries.sessions_of(person.id, current=mine, now=now)] == [True]
    a_session(person)
    assert actions.end_other_sessions(person.id, keep=mine, by=acting(person), now=now) == 1
    assert queries.asker_by_session(mine, now=now) is not None


def test_somebody_elses_session_is_not_there(now: datetime) -> None:
    a_session(a_person())
    session = UserSession.objects.get()
    stranger = acting(a_person())
    with pytest.raises(NotFound):
        actions.end_session(session.pk, by=stranger, now=now)
    with pytest.raises(NotFound):
        actions.end_session(session.pk + 1, by=stranger, now=now)
    assert UserSession.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_session_holds_open_is_told_to_close_at_commit(now: datetime) -> None:
    person = a_person()
    key = a_session(person)
    with psycopg.connect(str(connection.connection.info.dsn), autocommit=True) as ear:
        ear.execute("listen live_ended")
        actions.end_other_sessions(person.id, keep=None, by=acting(person), now=now)
        heard = [notice.payload for notice in ear.notifies(timeout=5, stop_after=1)]
    assert heard == [f"session:{key}"]


def test_signing_out_and_the_night_clear_up(now: datetime) -> None:
    person = a_person()
    out, expired, alive = a_session(person), a_session(person), a_session(person)
    actions.forget_session(out, now=now)
    Session.objects.filter(session_key=expired).update(expire_date=now)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into people_cache values ('old', '', %s), ('new', '', %s)", [now, now + timedelta(days=1)]
        )
        actions.forget_expired(now=now)
        cursor.execute("select cache_key from people_cache")
        assert cursor.fetchall() == [("new",)]
    assert list(UserSession.objects.values_list("session_key", flat=True)) == [alive]
    assert list(Session.objects.values_list("session_key", flat=True)) == [alive]


def test_a_link_signs_in_for_fifteen_minutes_and_once(now: datetime) -> None:
    person = a_person()
    secret = access.link_secret(person, now=now)
    assert access.person_by_link(secret, now=now + timedelta(minutes=15)) == person
    with pytest.raises(Conflict) as refused:
        access.person_by_link(secret, now=now + timedelta(minutes=15, seconds=1))
    assert refused.value.code == "link_expired"
    person.last_login = now
    person.save()
    with pytest.raises(Conflict) as refused:
        access.person_by_link(secret, now=now)
    assert refused.value.code == "link_used"
    assert access.person_by_link(access.link_secret(person, now=now), now=now) == person


def test_a_link_that_is_not_ours_or_of_somebody_gone(now: datetime) -> None:
    person = a_person()
    secret = access.link_secret(person, now=now)
    with pytest.raises(NotFound):
        access.person_by_link(secret[:-1], now=now)
    Person.objects.update(is_active=False)
    with pytest.raises(NotFound):
        access.person_by_link(secret, now=now)


def test_a_person_is_found_by_address_whatever_its_case() -> None:
    person = a_person(email="ada@example.com")
    assert queries.person_by_address(" ADA@example.com ") == person
    assert queries.person_by_address("eve@example.com") is None


def test_people_of_the_house_by_role() -> None:
    ben, ann = a_person(name="Ben", roles=("expert", "manager")), a_person(name="Ann", roles=("manager",))
    a_person(name="Gone", roles=("manager",), is_active=False)
    assert queries.people_with_role("manager") == [ann, ben]
