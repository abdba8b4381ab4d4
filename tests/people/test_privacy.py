"""What is held of a person, and forgetting who it was."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from academy.core.errors import Conflict, Forbidden, NotFound
from academy.journal.models import Fact
from academy.notifications.actions import forget_person, send_mail
from academy.notifications.models import Mail
from academy.notifications.queries import mail_to
from academy.people.accounts.models import Person
from academy.people.invitations.actions import invite_member
from academy.people.memberships.actions import add_member
from academy.people.partners.models import Invitation, Membership
from academy.people.permissions.rules import THE_HOUSE
from academy.people.privacy import actions, queries
from academy.people.privacy.rules import Holding
from academy.people.tokens.actions import create_token, person_of_token
from academy.people.tokens.models import ApiToken

from ..factories import a_member, a_partner, a_person, a_session, a_staff_member, acting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_held_elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Of the chapters above only one, so that this does not change whenever another holds something new."""
    monkeypatch.setattr("academy.personal.HOLDINGS", (Holding("mail", export=mail_to, erase=forget_person),))
    queries.holdings.cache_clear()
    yield
    queries.holdings.cache_clear()


def somebody_with_a_past(now: datetime) -> tuple[Person, Membership]:
    """A member with one of everything that is kept of people."""
    owner = a_member(role="owner")
    person = a_person(name="Ada Lovelace", email="ada@example.com", roles=("expert",))
    membership = add_member(owner.partner_id, person.id, role="member", by=THE_HOUSE, now=now)
    a_session(person)
    create_token(person.id, by=THE_HOUSE, now=now, label="Laptop")
    Authenticator.objects.create(user=person, type="totp", data={"secret": "hidden"})
    EmailAddress.objects.create(user=person, email="ada@home.example", verified=False, primary=False)
    invite_member(owner.partner_id, "ada@home.example", role="member", by=acting(owner), now=now)
    send_mail(person, subject="Hello", text="Dear Ada", now=now)
    return person, membership


def test_an_export_says_all_and_no_secret(now: datetime) -> None:
    person, membership = somebody_with_a_past(now)
    told = queries.export_person(acting(person), person.id)
    assert {name: len(rows) for name, rows in told.items() if name != "person"} == {
        "addresses": 2,
        "sign_in_methods": 1,
        "sessions": 1,
        "tokens": 1,
        "memberships": 1,
        "invitations": 0,
        "role_changes": 0,
        "facts": 1,
        "mail": 1,
    }
    assert told["person"]["name"] == "Ada Lovelace"
    assert told["facts"][0]["kind"] == "member.joined"
    assert told["mail"] == [
        {
            "to": "ada@example.com",
            "subject": "Hello",
            "text": "Dear Ada",
            "created_at": now,
            "sent_at": None,
        }
    ]
    assert told["memberships"] == [
        {
            "partner__name": membership.partner.name,
            "role": "member",
            "joined_at": now,
            "left_at": None,
        }
    ]
    for secret in ("hidden", person.password):
        assert secret not in str(told)


def test_an_export_is_for_oneself_and_administrators(now: datetime) -> None:
    person = a_person()
    assert queries.export_person(acting(a_staff_member("administrator")), person.id)["facts"] == []
    with pytest.raises(NotFound):
        queries.export_person(acting(a_person()), person.id)
    with pytest.raises(Forbidden):
        queries.export_person(acting(a_staff_member("manager")), person.id)


def test_who_it_was_is_forgotten_and_what_happened_stays(now: datetime) -> None:
    person, membership = somebody_with_a_past(now)
    later = now + timedelta(days=1)
    token = create_token(person.id, by=THE_HOUSE, now=now).secret
    actions.erase_person(person.id, by=acting(person), now=later)

    person.refresh_from_db()
    assert (person.email, person.name, person.roles, person.is_active, person.has_usable_password()) == (
        f"{person.id}@erased.invalid",
        "",
        [],
        False,
        False,
    )
    for table in (EmailAddress, Authenticator, UserSession, ApiToken):
        mine = {"person_id": person.id} if table is ApiToken else {"user_id": person.id}
        assert not table.objects.filter(**mine).exists()
    assert list(Mail.objects.values_list("to", flat=True)) == []
    assert list(Invitation.objects.values_list("email", "withdrawn_at")) == [(person.email, later)]
    assert person_of_token(token, now=later) is None
    membership.refresh_from_db()
    assert membership.left_at == later
    assert list(Fact.objects.filter(person=person.id).order_by("pos").values_list("kind", "person")) == [
        ("member.joined", person.id),
        ("member.left", person.id),
    ]
    with pytest.raises(NotFound):
        actions.erase_person(person.id, by=THE_HOUSE, now=later)


def test_the_address_is_free_again(now: datetime) -> None:
    actions.erase_person(a_person(email="ada@example.com").id, by=THE_HOUSE, now=now)
    a_person(email="ada@example.com")


def test_an_owner_on_whom_others_depend_finds_a_successor_first(now: datetime) -> None:
    owner = a_member(role="owner")
    other = a_member(partner=owner.partner)
    with pytest.raises(Conflict) as refused:
        actions.erase_person(owner.person_id, by=acting(owner), now=now)
    assert (refused.value.sentence, refused.value.code) == (
        "The other members need an owner. Make one of them an owner first.",
        "last_owner",
    )
    Membership.objects.filter(id=other.id).update(role="owner")
    actions.erase_person(owner.person_id, by=acting(owner), now=now)


@pytest.mark.parametrize("others", [0, 1])
def test_an_owner_alone_goes_and_an_administrator_need_not_ask(now: datetime, others: int) -> None:
    owner = a_member(partner=a_partner(kind="freelancer"), role="owner")
    for _ in range(others):
        a_member(partner=owner.partner)
    by = acting(a_staff_member("administrator")) if others else acting(owner)
    actions.erase_person(owner.person_id, by=by, now=now)
    assert Membership.objects.filter(partner=owner.partner, left_at=None).count() == others


def test_nobody_erases_another(now: datetime) -> None:
    person = a_person()
    with pytest.raises(NotFound):
        actions.erase_person(person.id, by=acting(a_person()), now=now)
    with pytest.raises(Forbidden):
        actions.erase_person(person.id, by=acting(a_staff_member("manager")), now=now)


def test_a_holding_that_only_tells(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("academy.personal.HOLDINGS", (Holding("shoes", export=lambda person: [str(person)]),))
    queries.holdings.cache_clear()
    person = a_person()
    assert queries.export_person(acting(person), person.id)["shoes"] == [str(person.id)]
    actions.erase_person(person.id, by=acting(person), now=now)
