"""Registering a client, two claims on one, what a person answers; reports whose partner or product is not known."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from academy.core.errors import Conflict, Forbidden, NotFound, Refused
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.people.permissions.rules import Actor
from academy.programme.clients.rules import key_of
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Claim, Deal, KeptRefund, KeptReport, KnownName
from academy.programme.deals.queries import Group, Wanted, deals_of, groups, own_clients
from academy.programme.deals.registrations.actions import (
    AlreadyRegistered,
    accept_deal,
    decide_claim,
    lose_deal,
    refuse_deal,
    register_deal,
    win_deal,
)
from academy.programme.deals.reports.actions import drop_report, enter_matched, take_refund, take_report
from academy.programme.deals.reports.queries import kept_reports
from academy.programme.deals.reports.rules import Told, ToldRefund
from academy.programme.deals.rules import Stage, answer_by, protected_until
from academy.programme.deals.words.actions import match_partner, match_product

from ...factories import a_person
from ...together import one_waits_for_another, together
from ...worlds import World, a_colleague, a_partner_in, a_report, a_world, days
from ..plans import PLAN

pytestmark = pytest.mark.django_db
MANAGER = Actor(uuid7(), frozenset({"manager"}))


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def manager() -> Actor:
    return Actor(a_person(roles=("manager",)).pk, frozenset({"manager"}))


@pytest.fixture
def finance() -> Actor:
    return Actor(a_person(roles=("finance",)).pk, frozenset({"finance"}))


def registered(by: Actor, *, now: datetime, client: str = "Oakline Retail", **given: Any) -> Deal:
    told: dict[str, Any] = {"product": "automation", "amount": "1840.00", "expected_on": date(2026, 4, 20)} | given
    return register_deal(by, client=client, now=now, **told)


def rival(world: World, now: datetime) -> Actor:
    """The owner of another partner in the same programme."""
    return a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Oakline Retail Ltd.", "OAKLINE RETAIL", True),
        ("The Fern & Field Company", "Fern and Field", True),
        ("Café Zoë GmbH", "cafe zoe", True),
        ("Oakline", "Oakline Retail", False),
        ("Limited", "Ltd", False),
        ("The Who", "Who", True),
    ],
)
def test_when_two_names_are_one_client(one: str, other: str, same: bool) -> None:
    assert (key_of(one) == key_of(other)) is same


@pytest.mark.parametrize("name", ["", "  ", "!!!", "x" * 161, "a\x00b"])
def test_a_client_has_a_name(world: World, now: datetime, name: str) -> None:
    with pytest.raises(Refused) as refused:
        registered(world.owner, now=now, client=name)
    assert set(refused.value.fields) == {"client"}


def test_a_partner_reads_its_own_spelling_and_nobody_elses(world: World, now: datetime) -> None:
    """One client all the same: the later of two is a case."""
    other = rival(world, now)
    lose_deal(other, registered(other, now=now, client="OAKLINE  RETAIL PLC").pk, reason="", now=now)
    registered(other, now=now, client="OAKLINE RETAIL PLC (late payers!)")
    first, second = (
        registered(world.owner, now=now + days(day), client=name)
        for day, name in ((1, "Oakline Retail"), (2, "Oakline retail ltd"))
    )
    assert first.client_id == second.client_id
    assert [one.client for one in deals_of(world.owner, world.partner).items] == [
        "Oakline retail ltd",
        "Oakline Retail",
    ]
    assert own_clients(world.owner, world.partner) == ["Oakline retail ltd"]
    assert deals_of(world.owner, world.partner, wanted=Wanted(q="late payers")).items == []
    assert [one.client for one in deals_of(other, other.partner_id).items] == [
        "OAKLINE RETAIL PLC (late payers!)",
        "OAKLINE RETAIL PLC",
    ]


def test_a_registered_deal_says_when_it_is_answered(world: World, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    (seen,) = deals_of(world.owner, world.partner).items
    assert (seen.id, seen.client, seen.stage, seen.amount, seen.expected_on) == (
        deal.pk,
        "Oakline Retail",
        "registered",
        184_000,
        date(2026, 4, 1),
    )
    assert (seen.answer_by, seen.claim) == (datetime(2026, 3, 5, 23, 59, tzinfo=UTC), None)
    assert Fact.objects.get(kind="deal.registered").person == world.owner.person_id


@pytest.mark.parametrize(
    ("day", "by"),
    [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 5, 23, 59, tzinfo=UTC)),  # Monday to Thursday
        (datetime(2026, 3, 6, 9, tzinfo=UTC), datetime(2026, 3, 11, 23, 59, tzinfo=UTC)),  # Friday to Wednesday
        (datetime(2026, 3, 7, 9, tzinfo=UTC), datetime(2026, 3, 11, 23, 59, tzinfo=UTC)),  # Saturday to Wednesday
    ],
)
def test_the_third_working_day(day: datetime, by: datetime) -> None:
    assert answer_by(day, PLAN.zone) == by


def test_protection_ends_with_a_day_of_the_programme(now: datetime) -> None:
    assert protected_until(now, PLAN.zone) == datetime(2026, 5, 31, 23, 0, tzinfo=UTC)  # midnight in British summer


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "12.345"}, "amount"),
        ({"amount": "lots"}, "amount"),
        ({"product": "balloons"}, "product"),
        ({"expected_on": date(2026, 2, 1)}, "month"),
        ({"expected_on": date(2031, 1, 1)}, "month"),
    ],
)
def test_what_cannot_be_registered_says_which_field(
    world: World, now: datetime, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        registered(world.owner, now=now, **given)
    assert (set(refused.value.fields), Deal.objects.count()) == ({field}, 0)


def test_a_second_deal_of_ones_own_with_a_client_is_made_by_whoever_knows_of_the_first(
    world: World, now: datetime, manager: Actor
) -> None:
    registered(rival(world, now), now=now)
    first = registered(world.owner, now=now, beside=[])  # another partner's deal is none of theirs
    for known in ([], [uuid7()]):
        with pytest.raises(AlreadyRegistered) as refused:
            registered(world.owner, now=now + days(1), client="OAKLINE RETAIL Ltd.", beside=known)
        assert (refused.value.deal, set(refused.value.fields)) == (first.pk, {"client"})
    assert Deal.objects.filter(partner=world.partner).count() == 1

    second = registered(world.owner, now=now + days(1), client="OAKLINE RETAIL Ltd.", beside=[first.pk])
    assert second.client_id == first.client_id
    with pytest.raises(AlreadyRegistered) as refused:
        registered(world.owner, now=now + days(2), beside=[first.pk])  # sent again: there is one more by now
    assert refused.value.deal == second.pk
    assert registered(world.owner, now=now + days(2)).stage == "registered"  # who asks for no such knowledge


@pytest.mark.parametrize("ended", ["lost", "refused", "won"])
def test_a_deal_that_is_over_is_nothing_to_know_of(world: World, now: datetime, manager: Actor, ended: str) -> None:
    first = registered(world.owner, now=now)
    match ended:
        case "lost":
            lose_deal(world.owner, first.pk, reason="", now=now)
        case "refused":
            refuse_deal(manager, first.pk, reason="Ours.", now=now)
        case _:
            win_deal(manager, first.pk, amount="10", now=now)
    assert registered(world.owner, now=now + days(1), beside=[]).stage == "registered"


def test_an_accepted_deal_is_one_to_know_of(world: World, now: datetime, manager: Actor) -> None:
    first = accept_deal(manager, registered(world.owner, now=now).pk, now=now)
    with pytest.raises(AlreadyRegistered) as refused:
        registered(world.owner, now=now + days(200), beside=[])  # its protection is over, it can still be won
    assert refused.value.deal == first.pk


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_at_once_one_is_told_of_the_other(now: datetime) -> None:
    world = a_world(now)

    def register() -> Deal:
        return registered(world.owner, now=now, beside=[])

    first, second = one_waits_for_another(register, register)
    assert isinstance(first, Deal)
    assert isinstance(second, AlreadyRegistered)
    assert (second.deal, Deal.objects.count()) == (first.pk, 1)


def test_who_has_no_partner_registers_nothing(now: datetime) -> None:
    with pytest.raises(NotFound, match="not a member"):
        registered(MANAGER, now=now)


def test_a_second_claim_on_a_client_waits_for_a_person(world: World, now: datetime, manager: Actor) -> None:
    first = registered(world.owner, now=now)
    other = rival(world, now)
    second = registered(other, now=now + days(1), client="OAKLINE RETAIL LTD")

    (seen,) = deals_of(other, other.partner_id).items
    assert (seen.claimed_at, seen.decide_by) == (now, datetime(2026, 3, 6, 23, 59, tzinfo=UTC))
    assert deals_of(world.owner, world.partner).items[0].claim is None
    with pytest.raises(Conflict, match="Decide the case"):
        accept_deal(manager, second.pk, now=now + days(1))

    claim = Claim.objects.get()
    assert claim.against_id == first.pk
    with pytest.raises(Refused):
        decide_claim(manager, claim.pk, granted=False, reason=" ", now=now + days(2))
    decide_claim(manager, claim.pk, granted=False, reason="They have worked with them since May.", now=now + days(2))
    second.refresh_from_db()
    assert (second.stage, second.reason) == ("refused", "They have worked with them since May.")
    with pytest.raises(Conflict, match="decided this case"):
        decide_claim(manager, claim.pk, granted=True, reason="", now=now + days(2))


def test_a_claim_may_be_granted(world: World, now: datetime, manager: Actor) -> None:
    registered(world.owner, now=now)
    second = registered(rival(world, now), now=now)
    decide_claim(manager, Claim.objects.get().pk, granted=True, reason="", now=now)
    second.refresh_from_db()
    assert (second.stage, Claim.objects.get().outcome) == ("accepted", "granted")


def test_a_refused_claim_is_decided(world: World, now: datetime, manager: Actor) -> None:
    registered(world.owner, now=now)
    second = registered(rival(world, now), now=now)
    refuse_deal(manager, second.pk, reason="Not a client of ours.", now=now)
    claim = Claim.objects.get()
    assert (claim.outcome, claim.decided_by_id, claim.reason) == ("refused", manager.person_id, "Not a client of ours.")


def test_a_client_is_free_again_when_protection_ends(world: World, now: datetime, manager: Actor) -> None:
    first = registered(world.owner, now=now)
    accept_deal(manager, first.pk, now=now)
    registered(rival(world, now), now=now + days(200), expected_on=None)
    assert Claim.objects.count() == 0


def test_other_systems_claim_too(world: World, now: datetime) -> None:
    registered(world.owner, now=now)
    other = a_partner_in(world.programme, now=now)
    told = a_report(other, 5_000, at=now, stage=Stage.REGISTERED, client="Oakline Retail")
    report_deal(MANAGER, told, now=now)
    assert Claim.objects.get().deal.partner_id == other


def test_a_deal_is_accepted_won_and_paid_for(world: World, now: datetime, manager: Actor) -> None:
    deal = registered(world.owner, now=now)
    accept_deal(manager, deal.pk, now=now + days(1))
    with pytest.raises(Conflict, match="already accepted"):
        accept_deal(manager, deal.pk, now=now + days(1))
    with pytest.raises(Conflict, match="already accepted"):
        refuse_deal(manager, deal.pk, reason="Late.", now=now + days(1))
    win_deal(manager, deal.pk, amount="2000", now=now + days(2))
    assert CommissionLine.objects.get(deal=deal).amount == 20_000
    for late in (lose_deal, win_deal):
        with pytest.raises(Conflict, match="Only an open deal"):
            late(manager, deal.pk, now=now, **({"reason": ""} if late is lose_deal else {"amount": "1"}))
    with pytest.raises(Conflict, match="closed"):
        accept_deal(manager, deal.pk, now=now + days(3))


def test_a_partner_gives_its_own_deal_up(world: World, now: datetime) -> None:
    deal = registered(world.owner, now=now)
    with pytest.raises(NotFound):
        lose_deal(rival(world, now), deal.pk, reason="", now=now)
    lose_deal(world.owner, deal.pk, reason="They chose nobody.", now=now)
    deal.refresh_from_db()
    assert (deal.stage, deal.reason) == ("lost", "They chose nobody.")


def test_who_answers_is_of_the_house(world: World, now: datetime, finance: Actor) -> None:
    deal = registered(world.owner, now=now)
    with pytest.raises(Forbidden):
        accept_deal(world.owner, deal.pk, now=now)
    with pytest.raises(Forbidden):
        accept_deal(finance, deal.pk, now=now)
    with pytest.raises(NotFound):
        accept_deal(MANAGER, uuid7(), now=now)
    with pytest.raises(NotFound):
        decide_claim(MANAGER, uuid7(), granted=True, reason="", now=now)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_register_one_client_at_once_one_claims(now: datetime) -> None:
    world = a_world(now)
    owners = [world.owner, rival(world, now), rival(world, now)]
    together(len(owners), lambda number: registered(owners[number], now=now))
    assert (Deal.objects.count(), Claim.objects.count()) == (3, 2)


def told(world: World, now: datetime, **given: str) -> Told:
    known: dict[str, Any] = {
        "source": "crm",
        "external_id": "d/1",
        "partner": str(world.partner),
        "product": "automation",
    }
    known |= {"client": "Oak", "amount": "100.00", "currency": "GBP", "stage": "won", "occurred_at": now.isoformat()}
    return Told(**(known | given))


def test_a_report_of_an_unknown_partner_is_kept_and_entered_once_matched(
    world: World, now: datetime, finance: Actor
) -> None:
    for stage, at in (("registered", now), ("registered", now), ("won", now + days(1))):
        taken = take_report(finance, told(world, at, partner="Northwind", stage=stage), now=now + days(1))
        assert taken.deal is None
    assert list(KeptReport.objects.order_by("received_at").values_list("partner_name", "product_name")) == [
        ("Northwind", ""),
        ("Northwind", ""),
    ]
    assert enter_matched(finance, "crm", now=now + days(1)) == 0

    match_partner(finance, "crm", "Northwind", world.partner, now=now + days(2))
    match_partner(finance, "crm", "Northwind", world.partner, now=now + days(3))
    assert KnownName.objects.get().matched_at == now + days(2)  # the same again changes nothing
    with pytest.raises(Conflict, match="matched this name"):
        match_partner(finance, "crm", "Northwind", a_partner_in(world.programme, now=now), now=now + days(3))
    assert enter_matched(finance, "crm", now=now + days(2)) == 2
    assert enter_matched(finance, "crm", now=now + days(2)) == 0

    assert (Deal.objects.get().stage, CommissionLine.objects.get().amount) == ("won", 1_000)
    known = take_report(finance, told(world, now, partner="Northwind", external_id="d/2"), now=now + days(2))
    assert known.deal is not None
    assert known.deal.partner_id == world.partner


def test_an_unknown_product_is_matched_too(world: World, now: datetime, finance: Actor) -> None:
    take_report(finance, told(world, now, product="SKU-9"), now=now)
    kept = KeptReport.objects.get()
    assert (kept.partner_name, kept.product_name) == ("", "SKU-9")
    match_product(finance, "crm", "SKU-9", "website", now=now)
    assert enter_matched(finance, "crm", now=now) == 1
    assert Deal.objects.get().product == "website"


def test_what_is_matched_but_refused_says_why_and_waits(world: World, now: datetime, finance: Actor) -> None:
    take_report(finance, told(world, now, partner="Northwind", currency="EUR"), now=now)
    match_partner(finance, "crm", "Northwind", world.partner, now=now)
    assert enter_matched(finance, "crm", now=now) == 0
    assert "paid in GBP" in KeptReport.objects.get().problem
    drop_report(finance, KeptReport.objects.get().pk, now=now)
    with pytest.raises(NotFound):
        drop_report(finance, KeptReport.objects.get().pk, now=now)


def refunded(now: datetime, refund: str, amount: str) -> ToldRefund:
    return ToldRefund("crm", "d/1", refund, amount, now)


def test_a_refund_waits_with_its_deal_and_is_entered_with_it(world: World, now: datetime, finance: Actor) -> None:
    """Also where it came between what made the deal and what made it won."""
    with pytest.raises(NotFound):
        take_refund(finance, refunded(now, "r/0", "1.00"), now=now)
    take_report(finance, told(world, now, partner="Northwind", stage="accepted"), now=now)
    first = take_refund(finance, refunded(now + days(2), "r/1", "30.00"), now=now + days(2))
    again = take_refund(finance, refunded(now + days(2), "r/1", "30.00"), now=now + days(2))
    assert (first.deal, first.kept, again.kept) == (None, KeptRefund.objects.get(), first.kept)
    with pytest.raises(Conflict, match="another amount"):
        take_refund(finance, refunded(now + days(2), "r/1", "31.00"), now=now + days(2))
    for absurd in ("0.00", "1.234"):
        with pytest.raises(Refused):
            take_refund(finance, refunded(now, "r/2", absurd), now=now + days(2))
    take_report(finance, told(world, now + days(1), partner="Northwind"), now=now + days(3))
    take_refund(finance, refunded(now + days(3), "r/2", "71.00"), now=now + days(3))

    match_partner(finance, "crm", "Northwind", world.partner, now=now + days(4))
    assert enter_matched(finance, "crm", now=now + days(4)) == 3
    deal = Deal.objects.get()
    assert (deal.stage, deal.amount, deal.refunded) == ("won", 10_000, 3_000)
    assert sum(CommissionLine.objects.values_list("amount", flat=True)) == 700
    (troubled,) = kept_reports(finance)
    assert (troubled.stage, troubled.client, troubled.amount, troubled.unknown_partner) == ("", "Oak", "71.00", "")
    assert "at most what is left" in troubled.problem
    drop_report(finance, troubled.id, now=now + days(5))
    assert (kept_reports(finance), enter_matched(finance, "crm", now=now + days(5))) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_what_is_matched_at_once_enter_it_once(now: datetime, finance: Actor) -> None:
    """Whoever comes second finds each report and each refund entered, and counts none of them."""
    world = a_world(now)
    take_report(finance, told(world, now, partner="Northwind"), now=now)
    for refund, amount in (("r/1", "50.00"), ("r/2", "60.00"), ("r/3", "70.00")):
        take_refund(finance, refunded(now, refund, amount), now=now)
    # Its refunds wait with a report that is not matched.
    assert enter_matched(finance, "crm", now=now) == 0
    match_partner(finance, "crm", "Northwind", world.partner, now=now)

    def enter() -> int:
        return enter_matched(finance, "crm", now=now + days(1))

    assert one_waits_for_another(enter, enter) == [2, 0]
    assert (Deal.objects.get().refunded, CommissionLine.objects.count()) == (5_000, 2)
    assert len(kept_reports(finance)) == 2  # more than what is left

    worth = a_report(world.partner, 18_000, at=now + days(1), client="Oak")
    report_deal(finance, replace(worth, external_id="d/1"), now=now + days(1))
    assert one_waits_for_another(enter, enter) == [2, 0]
    assert (Deal.objects.get().refunded, kept_reports(finance)) == (18_000, [])


def test_a_refund_follows_a_deal_that_is_understood_by_another_report(
    world: World, now: datetime, finance: Actor
) -> None:
    take_report(finance, told(world, now, partner="Northwnd"), now=now)
    take_refund(finance, refunded(now, "r/1", "30.00"), now=now)
    take_report(finance, told(world, now), now=now)
    assert Deal.objects.get().refunded == 3_000
    assert take_refund(finance, refunded(now, "r/1", "30.00"), now=now).is_new is False


def test_with_the_last_report_of_a_deal_go_its_refunds(world: World, now: datetime, finance: Actor) -> None:
    for stage in ("accepted", "won"):
        take_report(finance, told(world, now, partner="Northwind", stage=stage), now=now)
    take_refund(finance, refunded(now, "r/1", "30.00"), now=now)
    for still in (True, False):
        drop_report(finance, KeptReport.objects.filter(dropped_at=None)[0].pk, now=now)
        assert KeptRefund.objects.filter(dropped_at=None).exists() is still


def test_half_of_a_match_goes_on_waiting(world: World, now: datetime, finance: Actor) -> None:
    take_report(finance, told(world, now, partner="Northwind", product="SKU-9"), now=now)
    match_partner(finance, "crm", "Northwind", world.partner, now=now)
    assert enter_matched(finance, "crm", now=now) == 0
    kept = KeptReport.objects.get()
    assert (kept.partner_name, kept.product_name) == ("", "SKU-9")


def test_a_name_cannot_mean_a_partner_that_is_not_there(now: datetime, finance: Actor) -> None:
    with pytest.raises(NotFound):
        match_partner(finance, "crm", "Northwind", uuid7(), now=now)
    assert KnownName.objects.count() == 0


def test_another_currency_brings_what_it_was_settled_at(world: World, now: datetime, finance: Actor) -> None:
    settled = {"currency": "EUR", "settled_amount": "87.50", "settled_currency": "GBP"}
    taken = take_report(finance, told(world, now, **settled), now=now)
    assert taken.deal is not None
    assert (taken.deal.amount, taken.deal.currency, taken.deal.original_amount, taken.deal.original_currency) == (
        8_750,
        "GBP",
        10_000,
        "EUR",
    )


@pytest.mark.parametrize(
    "given",
    [
        {"settled_amount": "5.00", "settled_currency": "GBP"},  # of 100.00 in the very same currency
        {"amount": "0", "currency": "EUR", "settled_amount": "5.00", "settled_currency": "GBP"},
    ],
)
def test_nothing_is_settled_at_another_amount_than_it_was(
    world: World, now: datetime, finance: Actor, given: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="the same amount in another currency") as refused:
        take_report(finance, told(world, now, **given), now=now)
    assert list(refused.value.fields) == ["settled"]
    assert not Deal.objects.filter(source="crm").exists()


@pytest.mark.parametrize(("amount", "says"), [("-1", "nothing or more"), ("1.234", "digits"), ("9" * 30, "too large")])
def test_absurd_amounts_are_refused_at_once(
    world: World, now: datetime, amount: str, says: str, finance: Actor
) -> None:
    for partner in (str(world.partner), "Northwind"):
        with pytest.raises(Refused, match=says):
            take_report(finance, told(world, now, partner=partner, amount=amount), now=now)


def test_an_absurd_value_is_neither_registered_nor_won(world: World, now: datetime) -> None:
    """Ten billion in one deal is a slip of the finger: said beside the field, by a partner's form and by hand alike."""
    says = "That amount is too large to be one deal. Check the figures."
    with pytest.raises(Refused) as registering:
        registered(world.owner, now=now, amount="10000000000.01")
    deal = registered(world.owner, now=now)
    accept_deal(MANAGER, deal.pk, now=now)
    with pytest.raises(Refused) as winning:
        win_deal(MANAGER, deal.pk, amount="10000000000.01", now=now)
    assert [refused.value.fields for refused in (registering, winning)] == [{"amount": says}] * 2
    assert CommissionLine.objects.count() == 0


def test_lists_are_cut_by_cursors(world: World, now: datetime) -> None:
    for day in range(5):
        registered(world.owner, now=now + days(day), client=f"Client {day}")
    first = deals_of(world.owner, world.partner, limit=3)
    rest = deals_of(MANAGER, cursor=first.next, limit=3)
    assert [one.client for one in [*first.items, *rest.items]] == [f"Client {day}" for day in (4, 3, 2, 1, 0)]
    assert (rest.next, deals_of(MANAGER, wanted=Wanted(frozenset({Stage.WON}))).items) == (None, [])
    assert groups(MANAGER) == [Group("registered", "GBP", 5, 5 * 184_000)]
    assert groups(world.owner, world.partner, wanted=Wanted(q="ient 4")) == [Group("registered", "GBP", 1, 184_000)]
    assert [one.client for one in deals_of(MANAGER, wanted=Wanted(q="100%")).items] == []
    assert [one.client for one in deals_of(MANAGER, wanted=Wanted(source="crm")).items] == []
    assert own_clients(world.owner, world.partner) == [f"Client {day}" for day in range(5)]
    with pytest.raises(Forbidden):
        deals_of(world.owner)
