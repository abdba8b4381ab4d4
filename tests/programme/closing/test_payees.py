"""Payee profiles: no bank numbers, every change told, checked before money goes out."""

from datetime import datetime

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.payees.actions import change_payee, check_payee, forget_person
from academy.programme.payees.models import Payee
from academy.programme.payees.queries import payees_of, versions, waiting
from academy.programme.payees.rules import Profile, is_bank_number, wrong_with

from ...factories import a_member, a_partner, a_staff_member, acting
from ...worlds import a_colleague, a_world
from .months import profile


@pytest.mark.parametrize(
    "text",
    [
        "GB82 WEST 1234 5698 7654 32",
        "gb82west12345698765432",
        "pay to DE89370400440532013000 please",
        "DE89 3704 0044 0532 0130 00 at the bank",
        "MA64 0115 1900 0001 2050 0053 4921",
        "IR58 0540 1051 8002 1273 1130 07 at the bank",
        "2 Quay Street SE12 8AB GB82 WEST 1234 5698 7654 32",
        "XX1234567890123456",
        "4111 1111 1111 1111",
        "5500-0055-5555-5559",
        "12-34-56 12345678",
        "sort code 12-34-56",
        "12345678",
        "account 0012345678 here",
    ],
)
def test_what_looks_like_a_bank_number(text: str) -> None:
    assert is_bank_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Anchor Ltd",
        "1 Quay Street, Bristol BS1 4DJ",
        "acct_12345678",
        "PAY-000123",
        "SW12 9AB London Great",
        "SE10 1TT London United Kingdom",
        "MA64 0115 1900 0001 2050 0053 4922",
        "ff75-7e0b-8e5f-94056ef090d6",
        "1234567",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not is_bank_number(text)


@pytest.mark.parametrize("text", ["GB123456789", "1234567890", "ATU12345678", "FR12345678901", "12-3456789"])
def test_tax_numbers_are_none(text: str) -> None:
    assert not is_bank_number(text, plain_digits=False)
    assert wrong_with(profile(tax_number=text)) == {}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({}, {}),
        ({"tax_number": ""}, {}),
        ({"legal_name": " "}, {"legal_name": "missing"}),
        ({"legal_name": "x" * 161}, {"legal_name": "long"}),
        ({"country": "gb"}, {}),
        ({"country": "XX"}, {"country": "country"}),
        ({"invoice_email": "nowhere"}, {"invoice_email": "e_mail"}),
        ({"tax_number": "4111 1111 1111 1111"}, {"tax_number": "bank"}),
        (
            {"provider_reference": "GB82 WEST 1234 5698 7654 32", "address": ""},
            {"provider_reference": "bank", "address": "missing"},
        ),
    ],
)
def test_a_profile(changes: dict[str, str], wrong: dict[str, str]) -> None:
    assert wrong_with(profile(**changes)) == wrong


def test_changes() -> None:
    assert profile().changes(profile(address="2 Quay Street", country="IE")) == ["address", "country"]
    assert Profile.cleaned({"legal_name": " A  B\0 "}).legal_name == "A B"


def test_a_browser_that_ends_lines_in_its_own_way_has_changed_nothing() -> None:
    """A form sends CR LF for what was LF when it was shown."""
    typed = Profile.cleaned({"address": "1 Quay Street \r\nBristol\r\n"})
    assert typed == Profile.cleaned({"address": "1 Quay Street\nBristol"})
    assert typed.address == "1 Quay Street\nBristol"


@pytest.mark.django_db
def test_each_change_is_a_version_and_is_checked_once(now: datetime) -> None:
    world = a_world(now)
    finance = acting(a_staff_member("finance"))
    first = change_payee(world.owner, world.partner, profile(), now=now)
    assert change_payee(world.owner, world.partner, profile(), now=now).pk == first.pk
    Payee.objects.update(address=f"{first.address}\r\n")  # as it was kept before its lines ended in one way
    assert change_payee(world.owner, world.partner, profile(), now=now).pk == first.pk
    assert [one.now.number for one in waiting(finance)] == [1]
    check_payee(finance, world.partner, 1, now=now)
    check_payee(finance, world.partner, 1, now=now)
    assert waiting(finance) == []

    change_payee(world.owner, world.partner, profile(address="2 Quay Street"), now=now)
    with pytest.raises(Conflict, match="changed again"):
        check_payee(finance, world.partner, 1, now=now)
    (waits,) = waiting(finance)
    assert waits.before is not None
    assert (waits.now.number, waits.before.number, waits.now.profile.changes(waits.before.profile)) == (
        2,
        1,
        ["address"],
    )
    found = versions(world.owner, world.partner)
    assert [(one.number, one.checked_at is not None, one.changed_by) for one in found] == [
        (2, False, world.owner.person_id),
        (1, True, world.owner.person_id),
    ]
    kinds = Fact.objects.filter(kind__startswith="payee.").order_by("pos").values_list("kind", "numbers")
    assert list(kinds) == [
        ("payee.changed", {"number": 1}),
        ("payee.checked", {"number": 1}),
        ("payee.changed", {"number": 2}),
    ]


@pytest.mark.django_db
def test_what_is_refused(now: datetime) -> None:
    world = a_world(now)
    member = a_colleague(world.partner, now=now)
    with pytest.raises(Refused, match="never keep those") as refused:
        change_payee(world.owner, world.partner, profile(provider_reference="12345678"), now=now)
    assert list(refused.value.fields) == ["provider_reference"]
    for changes in ({"legal_name": ""}, {"address": "x" * 401}, {"country": "ZZ"}, {"invoice_email": "x"}):
        with pytest.raises(Refused):
            change_payee(world.owner, world.partner, profile(**changes), now=now)
    with pytest.raises(Forbidden):
        change_payee(member, world.partner, profile(), now=now)
    with pytest.raises(NotFound):
        change_payee(world.owner, a_partner().pk, profile(), now=now)
    with pytest.raises(Forbidden):
        check_payee(world.owner, world.partner, 1, now=now)
    with pytest.raises(Forbidden):
        versions(member, world.partner)
    with pytest.raises(NotFound):
        check_payee(THE_HOUSE, world.partner, 1, now=now)
    with pytest.raises(NotFound):
        check_payee(THE_HOUSE, uuid7(), 1, now=now)
    assert Payee.objects.count() == 0


@pytest.mark.django_db
def test_a_freelancer_who_is_erased_is_forgotten_here(now: datetime) -> None:
    alone = a_member(partner=a_partner(kind="freelancer"), role="owner")
    firm = a_member(role="owner")
    for member, email in ((alone, "alone@x.example"), (firm, "firm@x.example")):
        change_payee(acting(member), member.partner_id, profile(invoice_email=email), now=now)
        check_payee(THE_HOUSE, member.partner_id, 1, now=now)
    assert [one["legal_name"] for one in payees_of(alone.person_id)] == ["Anchor Ltd"]

    forget_person(alone.person_id, [alone.person.email])
    forget_person(firm.person_id, ["firm@x.example"])

    mine, theirs = Payee.objects.get(partner=alone.partner_id), Payee.objects.get(partner=firm.partner_id)
    assert (mine.legal_name, mine.address, mine.tax_number, mine.provider_reference) == ("-", "-", "", "-")
    assert mine.checked_at is not None
    assert (theirs.legal_name, theirs.invoice_email) == ("Anchor Ltd", "")
