"""Staff roles: who gives and takes them, what needs a reason and a second person, and what is kept of it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.notifications.queries import latest_mail
from academy.people.accounts.models import Person
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.people.privacy.actions import erase_person
from academy.people.privacy.queries import export_person
from academy.people.roles import rules
from academy.people.roles.actions import confirm_role, decline_role, enter_staff, set_roles
from academy.people.roles.models import RoleChange
from academy.people.roles.queries import latest_changes, staff_member, staff_of_the_house, waiting_changes

from ..factories import a_member, a_person, a_staff_member, acting
from ..together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Person:
    return a_staff_member("administrator", name="Ada", email="ada@example.com")


@pytest.fixture
def four_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = True


@pytest.fixture(autouse=True)
def _two_eyes(settings: LazySettings) -> None:
    settings.FOUR_EYES = False


def roles_of(person: Person) -> list[str]:
    person.refresh_from_db()
    return list(person.roles)


def kept() -> list[tuple[str, bool, str, bool, bool]]:
    found = RoleChange.objects.order_by("asked_at", "id")
    return [(one.role, one.granted, one.reason, one.decided_at is not None, one.declined) for one in found]


def test_what_to_give_and_to_take() -> None:
    assert rules.difference(["manager", "expert"], ["administrator", "curator", "expert"]) == (
        ["curator", "administrator"],
        ["manager"],
    )
    assert rules.unknown(["king", "expert"]) == ["king"]
    assert [
        role for role in ("expert", "curator", "manager", "finance", "administrator") if rules.needs_reason(role)
    ] == [
        "finance",
        "administrator",
    ]
    assert (rules.needs_second("finance", four_eyes=True), rules.needs_second("finance", four_eyes=False)) == (
        True,
        False,
    )
    assert not rules.needs_second("manager", four_eyes=True)


def test_an_administrator_gives_and_takes_roles_and_the_person_is_told(ada: Person, now: datetime) -> None:
    eva = a_staff_member("manager", name="Eva", email="eva@example.com")
    set_roles(eva.id, ["curator", "expert"], reason=" Writes  courses ", by=acting(ada), now=now)
    assert roles_of(eva) == ["curator", "expert"]
    assert kept() == [
        ("expert", True, "Writes courses", True, False),
        ("curator", True, "Writes courses", True, False),
        ("manager", False, "Writes courses", True, False),
    ]
    (mail,) = latest_mail()
    assert (mail.to, mail.subject) == ("eva@example.com", "Your role at SISO Academy has changed")
    assert mail.text == (
        "Hello,\n\nYou are now: Expert.\nYou are now: Curator.\nYou are no longer: Partner manager.\n\n"
        "Why: Writes courses\n\nYour rooms are at http://localhost:8000.\n"
    )


def test_nothing_to_change_changes_nothing(ada: Person, now: datetime) -> None:
    assert set_roles(ada.id, ["administrator"], reason="", by=acting(ada), now=now) == []
    assert (kept(), latest_mail()) == ([], [])


@pytest.mark.parametrize("roles", [("manager",), ("finance",), ("curator",), ("expert",), ()])
def test_nobody_else_gives_roles(roles: tuple[str, ...], ada: Person, now: datetime) -> None:
    by = acting(a_staff_member(*roles))
    for forbidden in (
        lambda: set_roles(ada.id, ["expert"], reason="", by=by, now=now),
        lambda: enter_staff("x@example.com", name="X", roles=["expert"], reason="", by=by, now=now),
        lambda: staff_of_the_house(by),
        lambda: staff_member(by, ada.id),
        lambda: waiting_changes(by),
        lambda: latest_changes(by),
        lambda: confirm_role(uuid4(), by=by, now=now),
        lambda: decline_role(uuid4(), by=by, now=now),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert roles_of(ada) == ["administrator"]


def test_what_is_refused(ada: Person, now: datetime) -> None:
    by, eva = acting(ada), a_person(name="Eva")
    with pytest.raises(Refused) as wrong:
        set_roles(eva.id, ["king"], reason="", by=by, now=now)
    assert (wrong.value.sentence, wrong.value.fields) == (
        "“king” is not a staff role.",
        {"roles": "Choose from the list."},
    )
    with pytest.raises(Refused) as wrong:
        set_roles(eva.id, ["finance"], reason=" ", by=by, now=now)
    assert wrong.value.fields == {"reason": "Write why this person needs it. It is kept with the change."}
    with pytest.raises(Refused) as wrong:
        set_roles(eva.id, ["expert"], reason="x" * 501, by=by, now=now)
    assert wrong.value.fields == {"reason": "Write at most 500 characters."}
    with pytest.raises(Refused) as wrong:
        enter_staff("new@example.com", name="New", roles=[], reason="", by=by, now=now)
    assert wrong.value.fields == {"roles": "Choose at least one role."}
    with pytest.raises(NotFound):
        set_roles(uuid4(), ["expert"], reason="", by=by, now=now)
    with pytest.raises(Conflict, match="is a member of a partner"):
        set_roles(a_member().person_id, ["expert"], reason="", by=by, now=now)
    with pytest.raises(Conflict, match="The last administrator stays one"):
        set_roles(ada.id, [], reason="", by=by, now=now)
    assert kept() == []
    assert not Person.objects.filter(email="new@example.com").exists()


def test_somebody_new_is_entered_with_a_role(ada: Person, now: datetime) -> None:
    person, changes = enter_staff("Eva@example.com", name="Eva", roles=["manager"], reason="", by=acting(ada), now=now)
    assert (person.email, roles_of(person), [change.role for change in changes]) == (
        "eva@example.com",
        ["manager"],
        ["manager"],
    )


@pytest.mark.usefixtures("four_eyes")
def test_a_weighty_role_waits_for_a_second_person(ada: Person, now: datetime) -> None:
    ben, eva = a_staff_member("administrator", name="Ben"), a_staff_member("manager", name="Eva")
    later = now + timedelta(hours=1)
    (change,) = set_roles(eva.id, ["manager", "finance"], reason="Checks statements", by=acting(ada), now=now)
    assert (roles_of(eva), change.decided_at, latest_mail()) == (["manager"], None, [])
    assert [(line.person, line.role, line.asked_by) for line in waiting_changes(acting(ben))] == [
        ("Eva", "finance", "Ada")
    ]
    with pytest.raises(Conflict, match="waits to be confirmed already"):
        set_roles(eva.id, ["manager", "finance"], reason="Again", by=acting(ben), now=later)
    with pytest.raises(Forbidden, match="A second person has to confirm this"):
        confirm_role(change.id, by=acting(ada), now=later)

    confirm_role(change.id, by=acting(ben), now=later)
    assert (roles_of(eva), waiting_changes(acting(ben))) == (["finance", "manager"], [])
    assert [(line.asked_by, line.decided_by, line.decided_at) for line in latest_changes(acting(ada))] == [
        ("Ada", "Ben", later)
    ]
    assert "You are now: Finance." in latest_mail()[0].text
    for again in (confirm_role, decline_role):
        with pytest.raises(Conflict, match="decided already"):
            again(change.id, by=acting(ben), now=later)
    with pytest.raises(NotFound):
        confirm_role(uuid4(), by=acting(ben), now=later)


@pytest.mark.usefixtures("four_eyes")
def test_nobody_confirms_a_role_of_their_own(ada: Person, now: datetime) -> None:
    ben = a_staff_member("administrator", name="Ben")
    (change,) = set_roles(ben.id, ["administrator", "finance"], reason="Why not", by=acting(ada), now=now)
    with pytest.raises(Forbidden):
        confirm_role(change.id, by=acting(ben), now=now)
    decline_role(change.id, by=acting(ben), now=now)
    assert (roles_of(ben), kept()) == (["administrator"], [("finance", True, "Why not", True, True)])


@pytest.mark.usefixtures("four_eyes")
def test_whoever_joined_a_partner_meanwhile_gets_no_role(ada: Person, now: datetime) -> None:
    ben, eva = a_staff_member("administrator"), a_person()
    (change,) = set_roles(eva.id, ["finance"], reason="Checks", by=acting(ada), now=now)
    a_member(person=eva)
    with pytest.raises(Conflict, match="is a member of a partner"):
        confirm_role(change.id, by=acting(ben), now=now)
    assert roles_of(eva) == []


@pytest.mark.usefixtures("four_eyes")
def test_the_house_itself_needs_no_second_person(now: datetime) -> None:
    eva = a_person()
    set_roles(eva.id, ["administrator"], reason="The first one", by=THE_HOUSE, now=now)
    assert (roles_of(eva), RoleChange.objects.get().asked_by) == (["administrator"], None)
    assert [line.decided_by for line in latest_changes(THE_HOUSE)] == [""]


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_withdraw_each_other_at_once(now: datetime) -> None:
    people = [a_staff_member("administrator"), a_staff_member("administrator")]
    actors: list[Actor] = [acting(one) for one in people]
    ids: list[UUID] = [one.id for one in people]

    def withdraw(number: int) -> str:
        try:
            set_roles(ids[1 - number], [], reason="", by=actors[number], now=now)
        except Conflict as refused:
            return str(refused.code)
        return "done"

    assert sorted(map(str, together(2, withdraw))) == ["done", "last_administrator"]
    assert Person.objects.filter(roles=["administrator"]).count() == 1


def test_lists_name_everybody_of_the_house_and_nobody_else(ada: Person, now: datetime) -> None:
    a_member()
    eva = a_staff_member("expert", "manager", name="Eva", email="eva@example.com")
    set_roles(eva.id, ["expert"], reason="", by=acting(ada), now=now)
    lines = staff_of_the_house(acting(ada))
    assert [(line.name, line.roles, line.changed_at) for line in lines] == [
        ("Ada", ["administrator"], None),
        ("Eva", ["expert"], now),
    ]
    assert staff_member(acting(ada), eva.id) == lines[1]
    assert [line.role for line in latest_changes(acting(ada), person_id=eva.id)] == ["manager"]
    assert latest_changes(acting(ada), person_id=ada.id) == []
    with pytest.raises(NotFound):
        staff_member(acting(ada), uuid4())


@pytest.mark.usefixtures("four_eyes")
def test_changes_are_handed_out_and_reasons_forgotten(ada: Person, now: datetime) -> None:
    eva = a_staff_member("manager", name="Eva")
    set_roles(eva.id, ["expert", "finance"], reason="Eva asked", by=acting(ada), now=now)
    held = export_person(acting(eva), eva.id)["role_changes"]
    assert sorted((one["role"], one["granted"], one["reason"]) for one in held) == [
        ("expert", True, "Eva asked"),
        ("finance", True, "Eva asked"),
        ("manager", False, "Eva asked"),
    ]
    erase_person(eva.id, by=acting(eva), now=now)
    assert [(role, why, decided, no) for role, _, why, decided, no in sorted(kept())] == [
        ("expert", "", True, False),
        ("finance", "", True, True),
        ("manager", "", True, False),
    ]
