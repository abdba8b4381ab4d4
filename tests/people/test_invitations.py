"""Inviting, by one address or by a list, and accepting."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.journal.models import Fact
from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.invitations import actions, queries, rules
from academy.people.invitations.rules import Invitee, Wrong
from academy.people.partners.models import Invitation, Membership
from academy.people.permissions.rules import ANYONE, THE_HOUSE

from ..factories import PASSWORD, a_member, a_partner, a_person, a_staff_member, acting
from ..together import together

DAY = timedelta(days=1)


def secret_of(invited: actions.Invited) -> str:
    start = f"{settings.ORIGIN}/invitations/"
    assert invited.url.startswith(start)
    return invited.url.removeprefix(start).rstrip("/")


def invite(owner: Membership, email: str, now: datetime, role: str = "member") -> str:
    made = actions.invite_member(owner.partner_id, email, role=role, by=acting(owner), now=now)
    return secret_of(made)


# -- the list, pure


@pytest.mark.parametrize(
    ("text", "invitees"),
    [
        ("a@b.cc\n", [Invitee(1, "a@b.cc", "member")]),
        (
            "\ufeffEmail,Role\r\nA@b.cc , OWNER\r\n\r\n c@b.cc,\r\n",
            [Invitee(2, "a@b.cc", "owner"), Invitee(4, "c@b.cc", "member")],
        ),
        ("email;role\na@b.cc;owner", [Invitee(2, "a@b.cc", "owner")]),
        ('email\n"a@b.cc"', [Invitee(2, "a@b.cc", "member")]),
    ],
)
def test_lists_that_can_be_read(text: str, invitees: list[Invitee]) -> None:
    assert rules.read_invite_list(text, members=()) == rules.InviteList(tuple(invitees), {})


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", {1: Wrong("empty")}),
        ("email,role\n", {1: Wrong("empty")}),
        ("nobody\n", {1: Wrong("address", "nobody")}),
        ("a@b.cc,king", {1: Wrong("role", "king")}),
        ("a@b.cc,member,3", {1: Wrong("columns")}),
        ("here@b.cc", {1: Wrong("member", "here@b.cc")}),
        ("a@b.cc\nx\nA@B.cc", {2: Wrong("address", "x"), 3: Wrong("twice", 1)}),
        ('a@b.cc\n"c@b.cc', {2: Wrong("quotes")}),
    ],
)
def test_lists_with_something_wrong(text: str, wrong: dict[int, Wrong]) -> None:
    assert rules.read_invite_list(text, members={"here@b.cc"}).wrong == wrong


def test_a_list_that_is_too_long() -> None:
    text = "\n".join(f"p{number}@b.cc" for number in range(rules.LINES_AT_MOST + 2))
    assert rules.read_invite_list(text, members=()).wrong == {501: Wrong("too_many", 500)}


# -- inviting

pytestmark = pytest.mark.django_db


def test_an_owner_invites_by_mail(now: datetime) -> None:
    owner = a_member(partner=a_partner(name="Brightside"), person=a_person(name="Ada"), role="owner")
    made = actions.invite_member(owner.partner_id, " New@Example.com ", role="member", by=acting(owner), now=now)
    assert (made.email, made.expires_at) == ("new@example.com", now + 14 * DAY)
    [mail] = latest_mail(to="new@example.com")
    assert (mail.subject, mail.created_at, mail.person) == ("Ada invites you to Brightside", now, None)
    assert made.url in mail.text
    assert "It holds until 16 March 2026 and works once." in mail.text
    shown = queries.by_secret(secret_of(made), now=now)
    assert shown == queries.InvitationShown(
        id=made.id,
        email="new@example.com",
        role="member",
        partner="Brightside",
        invited_by="Ada",
        created_at=now,
        expires_at=now + 14 * DAY,
        state="open",
    )
    assert queries.open_invitations(acting(owner), owner.partner_id, now=now) == [shown]
    assert secret_of(made) not in str(Invitation.objects.values())


def test_inviting_again_replaces_the_link(now: datetime) -> None:
    owner = a_member(role="owner")
    first = invite(owner, "new@example.com", now)
    second = invite(owner, "new@example.com", now + DAY)
    assert [queries.by_secret(secret, now=now).state for secret in (first, second)] == ["withdrawn", "open"]


def test_who_cannot_invite_and_who_cannot_be(now: datetime) -> None:
    owner = a_member(role="owner")
    member = a_member(partner=owner.partner)
    partner = owner.partner_id
    for by, email, role, refusal in (
        (acting(member), "x@example.com", "member", Forbidden),
        (acting(a_member(role="owner")), "x@example.com", "member", NotFound),
        (THE_HOUSE, "x@example.com", "member", Forbidden),
        (acting(owner), "nobody", "member", Refused),
        (acting(owner), "x@example.com", "king", Refused),
        (acting(owner), member.person.email, "member", Conflict),
    ):
        with pytest.raises(refusal):
            actions.invite_member(partner, email, role=role, by=by, now=now)
    assert (Invitation.objects.count(), latest_mail()) == (0, [])


def test_a_list_invites_everybody_or_nobody(now: datetime) -> None:
    owner = a_member(role="owner")
    by, partner = acting(owner), owner.partner_id
    with pytest.raises(Refused) as refused:
        actions.invite_list(
            partner, f"a@b.cc\nx\n{owner.person.email}\na@b.cc\nc@b.cc,king\nd@b.cc,member,7", by=by, now=now
        )
    assert refused.value.sentence == "Nobody was invited yet. Mend these lines and send the list again."
    assert refused.value.fields == {
        "line 2": "“x” is not an e-mail address.",
        "line 3": f"{owner.person.email} is a member already.",
        "line 4": "This address stands in line 1 already.",
        "line 5": "“king” is not a role. Write owner or member.",
        "line 6": "There are more than two columns. Write the address, then owner or member.",
    }
    assert (Invitation.objects.count(), latest_mail()) == (0, [])
    made = actions.invite_list(partner, "a@b.cc\nb@b.cc,owner", by=by, now=now)
    assert [one.email for one in made] == ["a@b.cc", "b@b.cc"]
    assert sorted(Invitation.objects.values_list("email", "role")) == [
        ("a@b.cc", "member"),
        ("b@b.cc", "owner"),
    ]
    assert sorted(mail.to for mail in latest_mail()) == ["a@b.cc", "b@b.cc"]


def test_an_invitation_is_taken_back(now: datetime) -> None:
    owner = a_member(role="owner")
    secret = invite(owner, "new@example.com", now)
    found = Invitation.objects.get()
    with pytest.raises(NotFound):
        actions.withdraw_invitation(found.id, by=acting(a_member(role="owner")), now=now)
    with pytest.raises(NotFound):
        actions.withdraw_invitation(uuid4(), by=acting(owner), now=now)
    actions.withdraw_invitation(found.id, by=acting(owner), now=now)
    actions.withdraw_invitation(found.id, by=acting(owner), now=now + DAY)
    found.refresh_from_db()
    assert (found.withdrawn_at, queries.open_invitations(acting(owner), owner.partner_id, now=now)) == (
        now,
        [],
    )
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=ANYONE, now=now, name="New")
    assert refused.value.code == "invitation_withdrawn"


# -- accepting


def test_somebody_new_accepts(now: datetime) -> None:
    owner = a_member(role="owner")
    secret = invite(owner, "new@example.com", now)
    made = actions.accept_invitation(secret, by=ANYONE, now=now + DAY, name=" New  One", password=PASSWORD)
    person = Person.objects.get(email="new@example.com")
    assert (person.name, person.joined_at, person.check_password(PASSWORD)) == ("New One", now + DAY, True)
    assert (made.person_id, made.partner_id, made.role, made.joined_at) == (
        person.id,
        owner.partner_id,
        "member",
        now + DAY,
    )
    facts = Fact.objects.filter(person=person.id)
    assert list(facts.values_list("kind", "partner", "person", "thing", "numbers", "key")) == [
        (
            "member.joined",
            owner.partner_id,
            person.id,
            made.id,
            {"role": "member"},
            f"member.joined:{made.id}",
        )
    ]
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=ANYONE, now=now + DAY, name="Eve")
    assert refused.value.code == "invitation_used"
    again = actions.accept_invitation(secret, by=acting(person), now=now + DAY)
    assert again == made
    assert queries.by_secret(secret, now=now).state == "used"
    with pytest.raises(Conflict):
        actions.accept_invitation(secret, by=acting(a_person()), now=now + DAY)
    with pytest.raises(Conflict) as refused:
        actions.withdraw_invitation(Invitation.objects.get().id, by=acting(owner), now=now)
    assert refused.value.sentence == "This invitation was accepted already. Remove the member instead."


def test_somebody_known_accepts_when_signed_in(now: datetime) -> None:
    person = a_person(email="known@example.com")
    secret = invite(a_member(role="owner"), "Known@example.com", now, role="owner")
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=ANYONE, now=now, name="Eve", password=PASSWORD)
    assert (refused.value.sentence, refused.value.code) == (
        "known@example.com has an account. Sign in with it, then open the invitation again.",
        "sign_in_first",
    )
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=acting(a_person()), now=now)
    assert refused.value.code == "other_address"
    made = actions.accept_invitation(secret, by=acting(person), now=now)
    assert (made.person_id, made.role) == (person.id, "owner")


def test_one_partner_at_a_time(now: datetime) -> None:
    busy = a_member()
    secret = invite(a_member(role="owner"), busy.person.email, now)
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=acting(busy), now=now)
    assert (refused.value.sentence, refused.value.code) == (
        "One is a member of one partner at a time. Leave the other one first, in your profile.",
        "member_elsewhere",
    )
    assert (Invitation.objects.get().accepted_at, Fact.objects.filter(recorded_at=now).count()) == (None, 0)


@pytest.mark.parametrize(
    ("given", "refusal", "field"),
    [({}, Refused, "name"), ({"name": "New", "password": "short"}, Refused, "password")],
)
def test_what_is_missing_leaves_nothing_behind(
    now: datetime, given: dict[str, Any], refusal: type[Refused], field: str
) -> None:
    secret = invite(a_member(role="owner"), "new@example.com", now)
    with pytest.raises(refusal) as refused:
        actions.accept_invitation(secret, by=ANYONE, now=now, **given)
    assert list(refused.value.fields) == [field]
    assert not Person.objects.filter(email="new@example.com").exists()
    assert queries.by_secret(secret, now=now).state == "open"


def test_links_that_are_unknown_or_too_old(now: datetime) -> None:
    secret = invite(a_member(role="owner"), "new@example.com", now)
    with pytest.raises(NotFound):
        actions.accept_invitation("unknown", by=ANYONE, now=now, name="New")
    with pytest.raises(NotFound):
        queries.by_secret("unknown", now=now)
    with pytest.raises(Conflict) as refused:
        actions.accept_invitation(secret, by=ANYONE, now=now + 14 * DAY, name="New")
    assert (refused.value.code, queries.by_secret(secret, now=now + 14 * DAY).state) == (
        "invitation_expired",
        "expired",
    )


@pytest.mark.django_db(transaction=True)
def test_fifty_who_accept_the_same_invitation_at_once_make_one_member(now: datetime) -> None:
    owner = a_member(role="owner")
    secret = invite(owner, "new@example.com", now)
    answers = together(50, lambda _: actions.accept_invitation(secret, by=ANYONE, now=now, name="New"))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict"] * 49 + ["Membership"]
    assert Membership.objects.filter(partner=owner.partner).count() == 2
    assert Fact.objects.filter(kind="member.joined", recorded_at=now).count() == 1
    assert Person.objects.filter(email="new@example.com").count() == 1


@pytest.mark.django_db(transaction=True)
def test_thirty_who_join_one_partner_at_once_all_do(now: datetime) -> None:
    owner = a_member(role="owner")
    by = acting(owner)
    text = "\n".join(f"p{number}@example.com" for number in range(30))
    secrets = [secret_of(made) for made in actions.invite_list(owner.partner_id, text, by=by, now=now)]
    answers = together(30, lambda i: actions.accept_invitation(secrets[i], by=ANYONE, now=now, name="New").role)
    assert answers == ["member"] * 30


def test_open_invitations_are_not_everybodys(now: datetime) -> None:
    owner = a_member(role="owner")
    with pytest.raises(Forbidden):
        queries.open_invitations(acting(a_member(partner=owner.partner)), owner.partner_id, now=now)
    assert queries.open_invitations(acting(a_staff_member("manager")), owner.partner_id, now=now) == []
