"""Two partners and one client: a case by every door, what waits for it, and every way in which it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine

from academy.core.errors import Conflict
from academy.integrations.deals import import_deals
from academy.notifications.notices.models import Notice
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.claims import jobs
from academy.programme.deals.claims.actions import free_what_ran_out
from academy.programme.deals.claims.queries import Holder, who_has_the_client
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Claim, Deal
from academy.programme.deals.queries import deal_line
from academy.programme.deals.registrations.actions import (
    accept_deal,
    decide_claim,
    lose_deal,
    refuse_deal,
    register_deal,
    win_deal,
)
from academy.programme.deals.rules import Outcome, Stage

from ...factories import a_person
from ...together import one_waits_for_another, together
from ...worlds import World, a_colleague, a_partner_in, a_report, a_world, days

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


@pytest.fixture
def manager() -> Actor:
    return Actor(a_person(roles=("manager",)).pk, frozenset({"manager"}))


def registered(by: Actor, *, now: datetime, client: str = "Oak") -> Deal:
    return register_deal(by, client=client, product="automation", amount="100", expected_on=None, now=now)


def rival(world: World, now: datetime) -> Actor:
    return a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")


def told(partner: UUID | None, stage: Stage, *, at: datetime, deal: UUID | None = None, **given: Any) -> Deal:
    assert partner is not None
    report = a_report(partner, 10_000, at=at, stage=stage, deal=deal, client=given.pop("client", "Oak"), **given)
    return report_deal(THE_HOUSE, report, now=at)


def ends() -> list[tuple[str, datetime | None]]:
    return list(Claim.objects.order_by("opened_at", "id").values_list("outcome", "decided_at"))


def stage_of(deal: Deal) -> str:
    return str(Deal.objects.values_list("stage", flat=True).get(pk=deal.pk))


def notices(kind: str) -> list[UUID]:
    return list(Notice.objects.filter(kind=kind).values_list("person_id", flat=True))


# -- every door


@pytest.mark.parametrize("stage", [Stage.REGISTERED, Stage.ACCEPTED])
def test_whatever_an_open_deal_is_reported_as_a_taken_client_makes_a_case(
    world: World, now: datetime, manager: Actor, stage: Stage
) -> None:
    first = registered(world.owner, now=now)
    other = rival(world, now)
    second = told(other.partner_id, stage, at=now + days(1))
    assert told(other.partner_id, stage, at=now + days(1), deal=second.pk).stage == "registered"
    claim = Claim.objects.get()
    assert (claim.deal_id, claim.against_id, stage_of(second)) == (second.pk, first.pk, "registered")
    assert (notices("claim.to_decide"), notices("deal.claimed")) == ([manager.person_id], [other.person_id])

    assert told(other.partner_id, Stage.ACCEPTED, at=now + days(2), deal=second.pk).stage == "registered"
    decide_claim(manager, claim.pk, granted=True, reason="Another branch.", now=now + days(3))
    assert (stage_of(second), ends()) == ("accepted", [("granted", now + days(3))])
    told(other.partner_id, Stage.ACCEPTED, at=now + days(4), deal=second.pk)


def test_what_its_source_accepted_is_accepted_once_nobody_is_in_its_way(world: World, now: datetime) -> None:
    """The very same report, sent once more: it waited, and was not heard in vain."""
    first = registered(world.owner, now=now)
    other = rival(world, now).partner_id
    second = told(other, Stage.ACCEPTED, at=now + days(1))
    lose_deal(THE_HOUSE, first.pk, reason="", now=now + days(2))
    assert (stage_of(second), ends()) == ("registered", [("freed", now + days(2))])
    assert told(other, Stage.ACCEPTED, at=now + days(1), deal=second.pk).stage == "accepted"


def test_nobody_accepts_or_wins_by_hand_what_is_undecided(world: World, now: datetime, manager: Actor) -> None:
    registered(world.owner, now=now)
    second = registered(rival(world, now), now=now)
    with pytest.raises(Conflict, match="Decide the case instead"):
        accept_deal(manager, second.pk, now=now)
    with pytest.raises(Conflict, match="Decide the case instead"):
        win_deal(THE_HOUSE, second.pk, amount="1", now=now)
    assert (stage_of(second), ends()) == ("registered", [("", None)])


def test_an_import_makes_a_case_too(world: World, now: datetime, tmp_path: Path) -> None:
    registered(world.owner, now=now)
    partner = Partner.objects.get(pk=a_partner_in(world.programme, now=now))
    columns = "Id: external_id, Partner: partner, Customer: client, What: product, When: occurred_at, Sum: amount"
    (tmp_path / "deals.yaml").write_text(f"source: shop\ncurrency: GBP\ncolumns: {{{columns}, State: stage}}\n")
    file = tmp_path / "deals.csv"

    def imported(stage: str) -> tuple[int, int, list[str]]:
        row = f"1,{partner.slug},OAK Ltd,automation,2026-03-03,100,{stage}"
        file.write_text(f"Id,Partner,Customer,What,When,Sum,State\n{row}\n")
        report = import_deals(file, now=now + days(1))
        return report.added, report.changed, [one.reason for one in report.refused]

    assert imported("registered") == (1, 0, [])
    assert (imported("accepted"), ends()) == ((0, 0, []), [("", None)])
    assert (imported("won"), ends()) == ((0, 1, []), [("won", datetime(2026, 3, 3, tzinfo=UTC))])


def test_a_client_that_is_put_right_is_come_to_anew(world: World, now: datetime, manager: Actor) -> None:
    """The old client is free for who waited for it; the new one is another partner's, so that a person decides."""
    first = registered(world.owner, now=now, client="Oak")
    other = a_partner_in(world.programme, now=now)
    waiting = registered(rival(world, now), now=now, client="Elm")
    deal = told(other, Stage.ACCEPTED, at=now, client="Ash")
    waited = told(rival(world, now).partner_id, Stage.REGISTERED, at=now, client="Ash")
    assert (deal.stage, Claim.objects.get(deal=waited).outcome) == ("accepted", "")

    told(other, Stage.ACCEPTED, at=now + days(1), deal=deal.pk, client="Oak")
    assert Claim.objects.get(deal=waited).outcome == "freed"
    claim = Claim.objects.get(deal=deal)
    assert (stage_of(deal), claim.against_id, claim.outcome) == ("registered", first.pk, "")
    assert deal_line(deal.pk).protected_until is None

    told(other, Stage.REGISTERED, at=now + days(2), deal=deal.pk, client="Elm")
    assert sorted(Claim.objects.filter(deal=deal).values_list("against_id", "outcome")) == sorted(
        [(first.pk, "freed"), (waiting.pk, "")]
    )
    told(other, Stage.REGISTERED, at=now + days(3), deal=deal.pk, client="Fir")
    accept_deal(manager, deal.pk, now=now + days(4))
    assert len(notices("claim.to_decide")) == 3


def test_a_deal_that_is_won_with_another_client_ends_the_case_that_this_makes(
    world: World, now: datetime, manager: Actor
) -> None:
    registered(world.owner, now=now)
    deal = told(rival(world, now).partner_id, Stage.ACCEPTED, at=now, client="Elm")
    told(deal.partner_id, Stage.WON, at=now + days(1), deal=deal.pk)
    assert (stage_of(deal), ends()) == ("won", [("won", now + days(1))])
    assert (notices("claim.won"), notices("claim.to_decide")) == ([manager.person_id], [])


# -- every end


def test_what_its_source_says_is_won_is_won_and_the_case_ends_with_it(
    world: World, now: datetime, manager: Actor
) -> None:
    registered(world.owner, now=now)
    second = registered(rival(world, now), now=now)
    report = a_report(second.partner_id, 10_000, at=now + days(1), client="Oak")
    report_deal(THE_HOUSE, replace(report, source="academy", external_id=second.external_id), now=now + days(1))
    assert (stage_of(second), ends()) == ("won", [("won", now + days(1))])
    assert (CommissionLine.objects.get().deal_id, notices("claim.won")) == (second.pk, [manager.person_id])
    with pytest.raises(Conflict, match="nothing left to decide"):
        decide_claim(manager, Claim.objects.get().pk, granted=True, reason="", now=now + days(2))


def test_a_deal_that_is_won_when_it_is_first_heard_of_ends_its_case_at_once(
    world: World, now: datetime, manager: Actor
) -> None:
    first = registered(world.owner, now=now)
    second = told(rival(world, now).partner_id, Stage.WON, at=now + days(1))
    claim = Claim.objects.get()
    assert (claim.deal_id, claim.against_id, claim.outcome) == (second.pk, first.pk, "won")
    assert (notices("claim.won"), notices("claim.to_decide")) == ([manager.person_id], [])


@pytest.mark.parametrize("door", ["by its partner", "by its source"])
def test_a_deal_that_comes_to_nothing_takes_its_case_along(world: World, now: datetime, door: str) -> None:
    registered(world.owner, now=now)
    other = rival(world, now)
    second = told(other.partner_id, Stage.REGISTERED, at=now)
    if door == "by its partner":
        lose_deal(other, second.pk, reason="", now=now + days(1))
    else:
        told(other.partner_id, Stage.LOST, at=now + days(1), deal=second.pk)
    assert ends() == [("given_up", now + days(1))]
    assert (deal_line(second.pk).claim, deal_line(second.pk).decide_by) == (None, None)


@pytest.mark.parametrize("end", ["lost", "refused", "won"])
def test_once_the_earlier_deal_is_out_of_the_way_the_later_is_answered_like_any_other(
    world: World, now: datetime, manager: Actor, end: str
) -> None:
    first = registered(world.owner, now=now)
    second = registered(rival(world, now), now=now)
    if end == "lost":
        lose_deal(world.owner, first.pk, reason="", now=now + days(1))
    elif end == "refused":
        refuse_deal(manager, first.pk, reason="Too small.", now=now + days(1))
    else:
        win_deal(THE_HOUSE, first.pk, amount="100", now=now + days(1))
    assert ends() == [(Outcome.FREED, now + days(1))]
    accept_deal(manager, second.pk, now=now + days(2))
    assert stage_of(second) == "accepted"


def test_a_protection_that_runs_out_frees_who_waits_for_a_word(world: World, now: datetime, manager: Actor) -> None:
    """Found by the job within minutes, told once to whoever waits and to the house, then answered like any."""
    first = accept_deal(manager, registered(world.owner, now=now).pk, now=now)
    other = rival(world, now + days(1))
    second = registered(other, now=now + days(1))
    Notice.objects.all().delete()
    assert first.protected_until is not None
    with time_machine.travel(first.protected_until - timedelta(minutes=1), tick=False):
        jobs.free_what_ran_out(timestamp=0)
    assert (ends(), notices("deal.freed")) == ([("", None)], [])

    over = first.protected_until
    for _again in range(2):
        with time_machine.travel(over, tick=False):
            jobs.free_what_ran_out(timestamp=0)
    assert ends() == [("freed", over)]
    assert (notices("deal.freed"), notices("deal.to_answer")) == ([other.person_id], [manager.person_id])
    assert (stage_of(first), deal_line(second.pk).decide_by) == ("accepted", None)
    with pytest.raises(Conflict, match="nothing left to decide"):
        decide_claim(manager, Claim.objects.get().pk, granted=True, reason="", now=over)
    assert accept_deal(manager, second.pk, now=over).stage == "accepted"


def test_of_two_who_wait_for_one_that_runs_out_the_later_waits_for_the_earlier(
    world: World, now: datetime, manager: Actor
) -> None:
    first = accept_deal(manager, registered(world.owner, now=now).pk, now=now)
    second, third = (registered(rival(world, now), now=now + days(day)) for day in (1, 2))
    assert first.protected_until is not None
    assert (free_what_ran_out(now=first.protected_until), free_what_ran_out(now=first.protected_until)) == (1, 0)
    claims = Claim.objects.order_by("opened_at").values_list("deal", "against", "outcome")
    assert list(claims) == [(second.pk, first.pk, "freed"), (third.pk, second.pk, "")]


def test_who_else_was_earlier_takes_the_place_of_the_first(world: World, now: datetime, manager: Actor) -> None:
    first = registered(world.owner, now=now)
    second = registered(rival(world, now), now=now + days(1))
    third = registered(rival(world, now), now=now + days(2))
    assert set(Claim.objects.values_list("against_id", flat=True)) == {first.pk}
    lose_deal(world.owner, first.pk, reason="", now=now + days(3))
    assert Claim.objects.get(deal=second).outcome == "freed"
    claim = Claim.objects.get(deal=third)
    assert (claim.outcome, claim.against_id) == ("", second.pk)
    decide_claim(manager, claim.pk, granted=False, reason="They were first.", now=now + days(4))
    assert (stage_of(third), Claim.objects.get(deal=third).outcome) == ("refused", "refused")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["registered", "lost"])
def test_a_client_that_is_registered_and_given_up_at_once_leaves_no_case_open(now: datetime, first: str) -> None:
    world = a_world(now)
    earlier, other = registered(world.owner, now=now), rival(world, now)

    def register() -> Deal:
        return registered(other, now=now + days(1))

    def lose() -> Deal:
        return lose_deal(world.owner, earlier.pk, reason="", now=now + days(1))

    done = one_waits_for_another(*((register, lose) if first == "registered" else (lose, register)))
    assert {one.stage for one in done if isinstance(one, Deal)} == {"registered", "lost"}
    assert ends() == ([("freed", now + days(1))] if first == "registered" else [])


def test_a_case_against_what_is_over_already_is_freed_by_the_job(world: World, now: datetime) -> None:
    earlier = registered(world.owner, now=now)
    registered(rival(world, now), now=now + days(1))
    Deal.objects.filter(pk=earlier.pk).update(stage="lost")
    assert (free_what_ran_out(now=now + days(2)), free_what_ran_out(now=now + days(2))) == (1, 0)
    assert ends() == [("freed", now + days(2))]


@pytest.mark.django_db(transaction=True)
def test_a_case_that_is_freed_and_decided_at_once_ends_once(now: datetime) -> None:
    world = a_world(now)
    manager = Actor(a_person(roles=("manager",)).pk, frozenset({"manager"}))
    first = registered(world.owner, now=now)
    registered(rival(world, now), now=now)
    claim = Claim.objects.get()

    def one(which: int) -> object:
        if which == 0:
            return lose_deal(world.owner, first.pk, reason="", now=now + days(1)).stage
        return decide_claim(manager, claim.pk, granted=True, reason="", now=now + days(1)).outcome

    answers = together(2, one)
    found = Claim.objects.get()
    assert (found.outcome, found.deal.stage) in (("granted", "accepted"), ("freed", "registered"))
    assert ("granted" in answers) is (found.outcome == "granted")


def test_who_has_the_client_of_a_deal_that_is_over(world: World, now: datetime, manager: Actor) -> None:
    other = rival(world, now)
    one, two = registered(world.owner, now=now), registered(world.owner, now=now)
    theirs = registered(other, now=now)
    registered(other, now=now, client="Elm")

    def has(lost: Deal, *, day: int = 0) -> Holder:
        return who_has_the_client(lost, now + days(day))

    assert has(lose_deal(world.owner, one.pk, reason="", now=now)) is Holder.ITSELF
    assert has(lose_deal(world.owner, two.pk, reason="", now=now)) is Holder.ANOTHER
    accept_deal(manager, theirs.pk, now=now)
    assert (has(one, day=90), has(one, day=91)) == (Holder.ANOTHER, Holder.NOBODY)  # its protection ends
    win_deal(manager, theirs.pk, amount="100", now=now)
    assert has(one) is Holder.NOBODY
