"""Partners: opening them, their lock and time, who belongs to them."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.journal.actions import Opening, Reactions, action, reactions, record
from academy.journal.models import Fact
from academy.people.accounts.models import Person
from academy.people.memberships import actions as memberships
from academy.people.partners import access, actions, queries, rules
from academy.people.partners.models import Membership, Partner
from academy.people.partners.opening import actions as opening
from academy.people.permissions.rules import ANYONE, THE_HOUSE, Actor

from ..factories import LONG_AGO, a_member, a_partner, a_person, a_staff_member, acting
from ..together import together

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def facts() -> list[tuple[Any, ...]]:
    """What the journal holds, in order, without ids of its own and without what the factories recorded."""
    columns = ("kind", "partner", "person", "numbers", "effective_at", "recorded_at")
    return list(Fact.objects.filter(effective_at__gt=LONG_AGO).order_by("pos", "id").values_list(*columns))


def members(partner: Partner) -> list[tuple[UUID, str]]:
    return list(
        Membership.objects.filter(partner=partner, left_at=None)
        .order_by("joined_at", "id")
        .values_list("person_id", "role")
    )


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Köln & Söhne Ltd", "koln-sohne-ltd"), ("  A  ", "a"), ("東京", "partner"), ("x" * 200, "x" * 60)],
)
def test_a_name_in_an_address(name: str, slug: str) -> None:
    assert rules.slug_of(name) == slug


def test_addresses_to_try() -> None:
    tries = list(rules.slugs("Acme"))
    assert (tries[:3], len(tries)) == (["acme", "acme-2", "acme-3"], 999)


# -- opening


def test_a_manager_opens_a_partner_with_its_owner(now: datetime) -> None:
    manager, owner = acting(a_staff_member("manager")), a_person()
    made = opening.create_partner(
        " Brightside  Ltd ", by=manager, now=now, currency="EUR", timezone="Europe/Paris", owner_id=owner.id
    )
    made.refresh_from_db()
    assert (made.slug, made.name, made.kind, made.currency, made.timezone, made.created_at) == (
        "brightside-ltd",
        "Brightside Ltd",
        "company",
        "EUR",
        "Europe/Paris",
        now,
    )
    assert members(made) == [(owner.id, "owner")]
    assert facts() == [("member.joined", made.id, owner.id, {"role": "owner"}, now, now)]


def test_without_an_owner_a_partners_time_does_not_start(now: datetime) -> None:
    wanted = uuid4()
    made = opening.create_partner("G", by=THE_HOUSE, now=now, kind="freelancer", partner_id=wanted)
    assert (made.id, made.kind, facts()) == (wanted, "freelancer", [])
    with pytest.raises(Conflict) as refused:
        opening.create_partner("H", by=THE_HOUSE, now=now, partner_id=wanted)
    assert refused.value.sentence == "This partner is here already."


@pytest.mark.django_db(transaction=True)
def test_partners_of_one_name_opened_at_once_get_addresses_of_their_own(now: datetime) -> None:
    made = together(6, lambda _: opening.create_partner("Acme", by=THE_HOUSE, now=now).slug)
    assert sorted(map(str, made)) == ["acme", "acme-2", "acme-3", "acme-4", "acme-5", "acme-6"]


def test_many_partners_are_opened_as_one_after_another_would_be(now: datetime) -> None:
    how: Any = {"by": THE_HOUSE, "now": now, "kind": "company", "timezone": "UTC"}
    opening.create_partner("Birch", by=THE_HOUSE, now=now)
    made = opening.create_partners({"Acme Ltd": "GBP", " Acme, Ltd ": "EUR", "Birch": "GBP", "Cove": "GBP"}, **how)
    found = {one.pk: one for one in Partner.objects.all()}
    assert {name: (found[key].name, found[key].slug, found[key].currency) for name, key in made.items()} == {
        "Acme Ltd": ("Acme Ltd", "acme-ltd", "GBP"),
        " Acme, Ltd ": ("Acme, Ltd", "acme-ltd-2", "EUR"),
        "Birch": ("Birch", "birch-2", "GBP"),
        "Cove": ("Cove", "cove", "GBP"),
    }
    assert {(one.kind, one.timezone, one.created_at) for one in found.values() if one.pk in made.values()} == {
        ("company", "UTC", now)
    }
    assert opening.create_partners({}, **how) == {}
    with pytest.raises(Refused, match="currency"):
        opening.create_partners({"Dale": "GBP", "Elm": "gbp"}, **how)
    assert not Partner.objects.filter(name="Dale").exists()


def test_a_name_that_too_many_bear(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "slugs", lambda name: iter(["acme"]))
    opening.create_partner("Acme", by=THE_HOUSE, now=now)
    with pytest.raises(Conflict) as refused:
        opening.create_partner("Acme", by=THE_HOUSE, now=now)
    assert refused.value.sentence == "Too many partners bear this name. Add a word that tells them apart."


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("name", " ", "Write a name of at most 120 characters."),
        ("kind", "club", "Choose one of the two."),
        ("currency", "gbp", "Write a code such as GBP."),
        ("currency", "ZZZ", "Write a code such as GBP."),
        ("currency", "EURO", "Write a code such as GBP."),
        ("timezone", "Nowhere", "Choose one such as Europe/London."),
    ],
)
def test_a_partner_with_something_wrong(now: datetime, field: str, value: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        opening.create_partner(**{"name": "Acme", "by": THE_HOUSE, "now": now} | {field: value})  # type: ignore[arg-type]
    assert (refused.value.fields, Partner.objects.count()) == ({field: advice}, 0)


def test_an_owner_who_is_a_member_elsewhere_opens_nothing(now: datetime) -> None:
    busy = a_member().person
    with pytest.raises(Conflict) as refused:
        opening.create_partner("Acme", by=THE_HOUSE, now=now, owner_id=busy.id)
    assert (refused.value.code, Partner.objects.filter(name="Acme").count(), facts()) == (
        "member_elsewhere",
        0,
        [],
    )


def test_only_managers_open_partners(now: datetime) -> None:
    with pytest.raises(Forbidden):
        opening.create_partner("Acme", by=acting(a_member(role="owner")), now=now)


# -- the lock and the time


@action
def told(partner: UUID, at: datetime, now: datetime) -> datetime:
    """A fact as a trusted source tells it; answers with the effective time that it got."""
    effective = actions.lock_partner_trusting(partner, at, now)
    record("promotion.approved", partner=partner, at=effective, now=now)
    return effective


@action
def seen(partner: UUID, now: datetime) -> datetime:
    """A fact as a client sends it."""
    effective = actions.lock_partner(partner, now)
    record("promotion.approved", partner=partner, at=effective, now=now)
    return effective


def test_a_partners_time_only_moves_forward(now: datetime) -> None:
    partner = a_partner().id
    assert seen(partner, now) == now
    assert seen(partner, now - HOUR) == now  # the clock stepped back
    assert told(partner, now - HOUR, now + HOUR) == now  # it happened earlier than what counts already
    assert told(partner, now + HOUR, now + HOUR) == now + HOUR
    assert told(a_partner().id, now - HOUR, now) == now - HOUR


def test_the_time_also_counts_what_this_action_has_not_written_yet(now: datetime) -> None:
    partner = a_partner().id

    @action
    def twice() -> tuple[datetime, datetime]:
        return told(partner, now + HOUR, now), seen(partner, now)

    assert twice() == (now + HOUR, now + HOUR)


def test_nobody_locks_a_partner_that_is_not_there(now: datetime) -> None:
    with pytest.raises(NotFound):
        seen(uuid4(), now)


def test_what_was_due_is_applied_when_the_lock_is_taken(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    partner = a_partner().id
    applied: list[Opening] = []

    def before(opening: Opening) -> datetime:
        applied.append(opening)
        return opening.effective

    table = Reactions(before=before, at_once={}, afterwards=())
    monkeypatch.setattr("tests.quiet.REACTIONS", table)
    reactions.cache_clear()
    told(partner, now - HOUR, now)
    assert applied == [Opening(partner, now - HOUR, None, now, trusted=True)]


@pytest.mark.django_db(transaction=True)
def test_whoever_waited_for_the_lock_sees_what_it_waited_for(now: datetime) -> None:
    """The statement that waits must not read the journal as it was before it waited."""
    partner = a_partner().id
    holds, may_commit = threading.Event(), threading.Event()

    @action
    def first() -> datetime:
        at = told(partner, now + HOUR, now)
        holds.set()
        may_commit.wait(30)
        return at

    def second() -> datetime:
        holds.wait(30)
        threading.Timer(0.3, may_commit.set).start()
        return seen(partner, now)

    assert together(2, lambda number: (first, second)[number]()) == [now + HOUR, now + HOUR]


@pytest.mark.django_db(transaction=True)
def test_writing_what_points_to_a_partner_does_not_deadlock_with_its_lock(now: datetime) -> None:
    """FOR NO KEY UPDATE lets others insert rows that refer to the partner; FOR UPDATE would not."""
    partner = a_partner()

    @action
    def insert_then_lock(number: int) -> datetime:
        Membership.objects.create(partner=partner, person=people[number], joined_at=LONG_AGO, left_at=LONG_AGO)
        return actions.lock_partner(partner.id, now)

    people = [a_person() for _ in range(12)]
    assert together(12, insert_then_lock) == [now] * 12


@action
def learns(by: Actor, now: datetime) -> datetime:
    return actions.lock_learner(by, now)


def test_a_learner_locks_the_partner_or_where_there_is_none_the_person(now: datetime) -> None:
    membership = a_member()
    told(membership.partner_id, now + HOUR, now)
    assert learns(acting(membership), now) == now + HOUR
    assert learns(acting(a_person()), now) == now


def test_a_learner_who_left_or_joined_meanwhile_tries_again(now: datetime) -> None:
    membership = a_member()
    member, alone = acting(membership), Actor(membership.person_id)
    with pytest.raises(Conflict) as refused:
        learns(alone, now)
    assert refused.value.code == "membership_changed"
    memberships.remove_member(membership.partner_id, membership.person_id, by=THE_HOUSE, now=now)
    with pytest.raises(Conflict):
        learns(member, now)


@action
def lock_of(person: UUID, now: datetime) -> tuple[UUID | None, datetime]:
    return actions.lock_partner_of(person, now)


def test_whichever_partner_a_person_has_is_locked(now: datetime) -> None:
    membership = a_member()
    assert lock_of(membership.person_id, now) == (membership.partner_id, now)
    assert lock_of(a_person().id, now) == (None, now)


@pytest.mark.django_db(transaction=True)
def test_a_person_who_leaves_while_we_wait_has_none(now: datetime) -> None:
    membership = a_member()
    a_member(partner=membership.partner, role="owner")
    holds, may_commit = threading.Event(), threading.Event()

    @action
    def leaves() -> None:
        memberships.leave_partner(membership.person_id, by=acting(membership), now=now)
        holds.set()
        may_commit.wait(30)

    def asks() -> tuple[UUID | None, datetime]:
        holds.wait(30)
        threading.Timer(0.3, may_commit.set).start()
        return lock_of(membership.person_id, now)

    assert together(2, lambda number: (leaves, asks)[number]()) == [None, (None, now)]


# -- members


def test_staff_add_a_member_who_is_known(now: datetime) -> None:
    partner, person = a_partner(), a_person()
    memberships.add_member(partner.id, person.id, role="member", by=acting(a_staff_member("manager")), now=now)
    assert members(partner) == [(person.id, "member")]
    assert facts() == [("member.joined", partner.id, person.id, {"role": "member"}, now, now)]


def test_who_cannot_be_added(now: datetime) -> None:
    partner = a_partner()
    for person_id, role, refusal in (
        (a_person(is_active=False).id, "member", NotFound),
        (a_person().id, "king", Refused),
        (a_member().person_id, "member", Conflict),
    ):
        with pytest.raises(refusal):
            memberships.add_member(partner.id, person_id, role=role, by=THE_HOUSE, now=now)
    with pytest.raises(NotFound):
        memberships.add_member(uuid4(), a_person().id, role="member", by=THE_HOUSE, now=now)
    with pytest.raises(Forbidden):
        memberships.add_member(partner.id, a_person().id, role="member", by=acting(a_staff_member("expert")), now=now)
    assert (members(partner), facts()) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_one_partner_at_a_time_however_many_ask_at_once(now: datetime) -> None:
    person, partners = a_person(), [a_partner() for _ in range(10)]
    answers = together(
        10, lambda i: memberships.add_member(partners[i].id, person.id, role="member", by=THE_HOUSE, now=now)
    )
    assert [type(answer) for answer in answers].count(Conflict) == 9
    assert Membership.objects.filter(person=person, left_at=None).count() == len(facts()) == 1


def test_a_member_leaves(now: datetime) -> None:
    membership = a_member()
    owner = a_member(partner=membership.partner, role="owner")
    memberships.leave_partner(membership.person_id, by=acting(membership), now=now)
    assert members(membership.partner) == [(owner.person_id, "owner")]
    membership.refresh_from_db()
    assert membership.left_at == now
    assert facts() == [("member.left", membership.partner_id, membership.person_id, {}, now, now)]
    with pytest.raises(NotFound):
        memberships.leave_partner(membership.person_id, by=acting(membership), now=now)


def test_one_leaves_for_oneself_only(now: datetime) -> None:
    membership = a_member()
    with pytest.raises(NotFound):
        memberships.leave_partner(membership.person_id, by=acting(a_member()), now=now)


@pytest.mark.parametrize("kind", ["company", "freelancer"])
def test_the_last_owner_cannot_leave(now: datetime, kind: str) -> None:
    owner = a_member(partner=a_partner(kind=kind), role="owner")
    a_member(partner=owner.partner)
    with pytest.raises(Conflict) as refused:
        memberships.leave_partner(owner.person_id, by=acting(owner), now=now)
    assert (refused.value.sentence, refused.value.code) == (
        "The last owner cannot leave. Make somebody else an owner first.",
        "last_owner",
    )
    with pytest.raises(Conflict):
        memberships.remove_member(owner.partner_id, owner.person_id, by=THE_HOUSE, now=now)
    a_member(partner=owner.partner, role="owner")
    memberships.leave_partner(owner.person_id, by=acting(owner), now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_last_owners_who_leave_at_once_one_stays(now: datetime) -> None:
    first = a_member(role="owner")
    owners = [first, a_member(partner=first.partner, role="owner")]
    actors = [acting(one) for one in owners]
    answers = together(2, lambda i: memberships.leave_partner(owners[i].person_id, by=actors[i], now=now))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Membership"]
    assert len(members(first.partner)) == 1


def test_an_owner_removes_a_member(now: datetime) -> None:
    owner = a_member(role="owner")
    other = a_member(partner=owner.partner)
    memberships.remove_member(owner.partner_id, other.person_id, by=acting(owner), now=now)
    assert members(owner.partner) == [(owner.person_id, "owner")]


def test_who_cannot_remove(now: datetime) -> None:
    membership = a_member()
    partner, person = membership.partner_id, membership.person_id
    with pytest.raises(Forbidden):
        memberships.remove_member(partner, person, by=acting(a_member(partner=membership.partner)), now=now)
    with pytest.raises(NotFound):
        memberships.remove_member(partner, person, by=acting(a_member(role="owner")), now=now)
    with pytest.raises(NotFound) as refused:
        memberships.remove_member(partner, a_person().id, by=THE_HOUSE, now=now)
    assert refused.value.sentence == "This person is not a member, or no longer."
    assert facts() == []


@pytest.mark.django_db(transaction=True)
def test_a_member_removed_five_times_at_once_leaves_once(now: datetime) -> None:
    membership = a_member()
    partner, person = membership.partner_id, membership.person_id
    answers = together(5, lambda _: memberships.remove_member(partner, person, by=THE_HOUSE, now=now))
    assert sorted(type(answer).__name__ for answer in answers) == ["Membership"] + ["NotFound"] * 4
    assert [fact[0] for fact in facts()] == ["member.left"]


def test_roles_change_while_an_owner_remains(now: datetime) -> None:
    owner = a_member(role="owner")
    other = a_member(partner=owner.partner)
    by, partner = acting(owner), owner.partner_id
    with pytest.raises(Conflict) as refused:
        memberships.change_role(partner, owner.person_id, role="member", by=by, now=now)
    assert refused.value.sentence == "A partner keeps at least one owner. Make somebody else an owner first."
    assert memberships.change_role(partner, other.person_id, role="owner", by=by, now=now).role == "owner"
    assert memberships.change_role(partner, other.person_id, role="owner", by=by, now=now).role == "owner"
    assert memberships.change_role(partner, owner.person_id, role="member", by=by, now=now).role == "member"
    with pytest.raises(Refused):
        memberships.change_role(partner, other.person_id, role="king", by=acting(other), now=now)
    with pytest.raises(Forbidden):
        memberships.change_role(partner, other.person_id, role="member", by=acting(owner), now=now)


def test_the_database_itself_refuses_two_partners_at_a_time(now: datetime) -> None:
    membership = a_member()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(partner=a_partner(), person=membership.person, role="member", joined_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(partner=a_partner(), person=a_person(), joined_at=now, left_at=now - HOUR)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_partner(currency="gb")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_person(email=membership.person.email.upper())


# -- the ways in


def test_a_partner_is_there_for_its_members_and_staff() -> None:
    membership = a_member()
    for actor in (acting(membership), acting(a_staff_member("finance"))):
        assert access.partner(actor, "partner.see", membership.partner_id) == membership.partner
        assert queries.partner_by_slug(actor, membership.partner.slug) == membership.partner
    for stranger, refusal in ((acting(a_member()), NotFound), (ANYONE, Exception)):
        with pytest.raises(refusal):
            access.partner(stranger, "partner.see", membership.partner_id)
        with pytest.raises(refusal):
            queries.partner_by_slug(stranger, membership.partner.slug)
    with pytest.raises(NotFound):
        access.partner(THE_HOUSE, "partner.see", uuid4())
    with pytest.raises(NotFound):
        queries.partner_by_slug(THE_HOUSE, "nobody")


def test_a_colleague_is_oneself_ones_member_or_anybody_for_staff() -> None:
    owner = a_member(role="owner")
    member = a_member(partner=owner.partner)
    gone = a_member(partner=owner.partner, left_at=datetime(2025, 6, 1, tzinfo=UTC))
    for allowed, about in ((owner, owner), (owner, member), (member, member)):
        access.colleague(acting(allowed), "training.see", about.person_id)
    access.colleague(acting(a_staff_member("expert")), "training.see", member.person_id)
    for refused, about, how in (
        (member, owner, Forbidden),
        (owner, gone, NotFound),
        (owner, a_member(), NotFound),
        (a_person(), owner, NotFound),
    ):
        with pytest.raises(how):
            access.colleague(acting(refused), "training.see", about.person_id)


# -- reading


def test_members_are_listed_owners_first(django_assert_num_queries: Any) -> None:
    partner = a_partner()
    zoe = a_member(partner=partner, person=a_person(name="Zoe", email="z@example.com"), role="owner")
    ben = a_member(partner=partner, person=a_person(name="ben", email="b@example.com"))
    a_member(partner=partner, person=a_person(name="Ann", email="a@example.com"))
    a_member(partner=partner, left_at=datetime(2025, 6, 1, tzinfo=UTC))
    by = acting(ben)
    with django_assert_num_queries(1):
        lines = queries.members_of(by, partner.id)
    assert [(line.name, line.email, line.role) for line in lines] == [
        ("Zoe", "z@example.com", "owner"),
        ("Ann", "a@example.com", "member"),
        ("ben", "b@example.com", "member"),
    ]
    assert queries.owners_of(partner.id) == [zoe.person]
    assert set(queries.member_ids(partner.id)) == {line.person_id for line in lines}
    membership = queries.open_membership(ben.person)
    assert membership is not None
    assert membership.partner == partner
    assert queries.open_membership(a_person()) is None
    with pytest.raises(NotFound):
        queries.members_of(acting(a_member()), partner.id)


@pytest.mark.parametrize("count", [1, 3])
def test_the_studios_list_asks_once_however_many(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        a_member(partner=a_partner())
    manager = acting(a_staff_member("manager"))
    with django_assert_num_queries(1):
        assert [line.members for line in queries.partners(manager).items] == [1] * count


def test_the_studios_list_goes_on_where_it_stopped() -> None:
    for name in ("Delta", "alpha", "Beta", "Beta", "Alphabet"):
        a_partner(name=name)
    a_partner(name="Solo", kind="freelancer")
    manager, seen_names, cursor = acting(a_staff_member("manager")), [], None
    while True:
        page = queries.partners(manager, cursor=cursor, limit=2)
        seen_names += [line.name for line in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert sorted(seen_names) == ["Alphabet", "Beta", "Beta", "Delta", "Solo", "alpha"]
    assert [line.name for line in queries.partners(manager, q=" alpha ").items] == sorted(
        ["Alphabet", "alpha"], key=seen_names.index
    )
    assert [line.name for line in queries.partners(manager, kind="freelancer", limit=0).items] == ["Solo"]
    with pytest.raises(Refused):
        queries.partners(manager, cursor="nonsense")
    with pytest.raises(Forbidden):
        queries.partners(acting(a_staff_member("curator")))


def test_a_person_of_a_partner_is_kept_from_deletion() -> None:
    membership = a_member()
    take_away = "delete from people_person where id = %s; set constraints all immediate"
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(take_away, [membership.person_id])
    assert Person.objects.filter(id=membership.person_id).exists()
