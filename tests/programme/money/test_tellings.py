"""What a source told of a deal and when by its own clock: reports late, twice, in any order, and lines of files."""

from dataclasses import replace
from datetime import datetime
from importlib import import_module
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from academy.core.errors import Conflict, Refused
from academy.core.ids import uuid7
from academy.integrations.deals import import_deals
from academy.people.partners.models import Partner
from academy.people.permissions.rules import THE_HOUSE
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.hearing.actions import hear, report_deal
from academy.programme.deals.models import Deal, KeptReport
from academy.programme.deals.registrations.actions import lose_deal, refuse_deal, register_deal, win_deal
from academy.programme.deals.reports.actions import enter_matched, take_report
from academy.programme.deals.reports.rules import Told
from academy.programme.deals.rules import Move, Said, Stage, Telling, Voice, move
from academy.programme.deals.words.actions import match_partner
from academy.programme.verification.queries import verify

from ...worlds import World, a_report, a_world, days, win

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(now: datetime) -> World:
    return a_world(now)


def sums(deal: UUID) -> list[tuple[str, int]]:
    found = CommissionLine.objects.filter(deal=deal).order_by("effective_at", "id")
    return [(line.kind, line.amount) for line in found]


def told(world: World, deal: UUID, amount: int, at: datetime, *, now: datetime, **given: Any) -> int:
    """What a deal is worth after a report."""
    report = a_report(world.partner, amount, at=at, deal=deal, client="Oak", **given)
    return report_deal(THE_HOUSE, report, now=now).amount


# -- the rules


@pytest.mark.parametrize(
    ("now", "reported", "is_late", "follows"),
    [
        (Stage.REGISTERED, Stage.REGISTERED, False, Move.NOTHING),
        (Stage.REGISTERED, Stage.ACCEPTED, True, Move.ONWARD),
        (Stage.ACCEPTED, Stage.WON, True, Move.ONWARD),
        (Stage.ACCEPTED, Stage.REGISTERED, True, Move.NOTHING),
        (Stage.ACCEPTED, Stage.REGISTERED, False, Move.REFUSED),
        (Stage.LOST, Stage.WON, False, Move.ONWARD),
        (Stage.LOST, Stage.WON, True, Move.NOTHING),
        (Stage.WON, Stage.LOST, True, Move.NOTHING),
        (Stage.WON, Stage.LOST, False, Move.REFUSED),
        (Stage.REFUSED, Stage.WON, False, Move.REFUSED),
    ],
)
def test_where_a_report_leads(now: Stage, reported: Stage, is_late: bool, follows: Move) -> None:
    assert move(now, reported, is_late=is_late) is follows


@pytest.mark.parametrize(
    ("said", "voice", "amount", "day", "brings"),
    [
        # (the last report, the last line), each as (amount, day), and a new telling
        ((None, None), Voice.REPORT, 100, 0, True),
        (((100, 0), None), Voice.REPORT, 100, 0, False),
        (((100, 0), None), Voice.REPORT, 300, 0, True),
        (((100, 5), None), Voice.REPORT, 300, 2, False),
        ((None, (100, 5)), Voice.REPORT, 300, 2, False),
        (((500, 9), (150, 0)), Voice.REPORT, 500, 9, False),
        (((500, 9), (150, 0)), Voice.REPORT, 500, 10, True),
        (((500, 9), (100, 0)), Voice.LINE, 100, 0, False),
        (((500, 9), (100, 0)), Voice.LINE, 150, 0, True),
        (((500, 9), None), Voice.LINE, 100, 0, False),
        (((100, 0), None), Voice.LINE, 150, 0, True),
        ((None, (100, 5)), Voice.LINE, 150, 4, True),
        ((None, (100, 5)), Voice.LINE, 100, 9, False),
    ],
)
def test_whether_a_deal_has_heard_of_an_amount(
    now: datetime, said: Any, voice: Voice, amount: int, day: int, brings: bool
) -> None:
    last = [one and Telling(Stage.WON, one[0], now + days(one[1])) for one in said]
    assert Said(*last).brings_amount(Telling(Stage.WON, amount, now + days(day)), voice) is brings


def test_a_line_about_an_earlier_stage_on_an_earlier_day_is_an_older_file(now: datetime) -> None:
    said = Said(line=Telling(Stage.WON, 100, now))
    older = Telling(Stage.REGISTERED, 90, now - days(5))
    assert (said.brings_amount(older, Voice.LINE), said.with_last(older, Voice.LINE)) == (False, said)


def test_a_telling_is_kept_as_plain_data(now: datetime) -> None:
    one = Telling(Stage.WON, 100, now)
    assert (Telling.from_json(one.as_json()), Telling.from_json(None)) == (one, None)


# -- reports


def test_a_change_counts_from_when_its_source_says_it_whenever_the_deal_counts(world: World, now: datetime) -> None:
    """Won on the first day by its source, the deal counts from the partner's last fact; the source's clock goes on."""
    win(world.partner, 10_000, at=now + days(10))
    deal = win(world.partner, 20_000, at=now + days(1), now=now + days(10), client="Oak")
    assert Deal.objects.get(pk=deal).won_at == now + days(10)
    at_its_instant = told(world, deal, 30_000, now + days(1), now=now + days(11))
    later = told(world, deal, 90_000, now + days(5), now=now + days(11))
    late = told(world, deal, 40_000, now + days(2), now=now + days(12))
    assert (at_its_instant, later, late) == (30_000, 90_000, 90_000)
    assert sums(deal) == [("earned", 2_000), ("adjusted", 1_000), ("adjusted", 6_000)]


def test_in_whichever_order_amounts_arrive_the_last_one_told_stays(world: World, now: datetime) -> None:
    for order in permutations(((100, 0), (300, 5), (200, 2))):
        deal = uuid7()
        for amount, day in order:
            told(world, deal, amount, now + days(day), now=now + days(6))
        assert (order, Deal.objects.get(pk=deal).amount) == (order, 300)
        assert sum(amount for _, amount in sums(deal)) == 30


def test_what_is_said_again_changes_nothing(world: World, now: datetime) -> None:
    deal = uuid7()
    report = a_report(world.partner, 100, at=now, deal=deal)
    changed = [
        hear(THE_HOUSE, one, now=now + days(1)).has_changed
        for one in (report, report, replace(report, occurred_at=now + days(1)), replace(report, industry="Health"))
    ]
    assert changed == [True, False, False, False]
    assert Deal.objects.get().last_report == {"stage": "won", "amount": 100, "at": (now + days(1)).isoformat()}


def test_a_later_word_that_changed_nothing_still_makes_an_earlier_one_late(world: World, now: datetime) -> None:
    deal = uuid7()
    for amount, day in ((100, 0), (100, 5), (200, 3)):
        told(world, deal, amount, now + days(day), now=now + days(6))
    assert sums(deal) == [("earned", 10)]


def test_an_open_deal_changes_its_amount_with_its_stage(world: World, now: datetime) -> None:
    deal = uuid7()
    for day, (stage, amount) in enumerate(((Stage.REGISTERED, 100), (Stage.ACCEPTED, 200), (Stage.WON, 300))):
        assert told(world, deal, amount, now + days(day), now=now + days(9), stage=stage) == amount


def test_a_win_that_arrives_late_is_for_what_was_told_since(world: World, now: datetime) -> None:
    deal = uuid7()
    told(world, deal, 500, now + days(4), now=now + days(9), stage=Stage.ACCEPTED)
    assert told(world, deal, 100, now + days(3), now=now + days(9)) == 500


def test_a_loss_is_refused_by_the_sources_clock(world: World, now: datetime) -> None:
    """Won on the first day and counting from the tenth, the deal is not lost on the fifth."""
    win(world.partner, 10_000, at=now + days(10))
    deal = win(world.partner, 20_000, at=now + days(1), now=now + days(10), client="Oak")
    told(world, deal, 20_000, now, now=now + days(11), stage=Stage.LOST)
    with pytest.raises(Conflict, match="Report a refund"):
        told(world, deal, 20_000, now + days(5), now=now + days(11), stage=Stage.LOST)


def test_a_client_that_came_back_before_it_was_lost_did_not(world: World, now: datetime) -> None:
    deal = uuid7()
    told(world, deal, 100, now + days(5), now=now + days(6), stage=Stage.LOST)
    told(world, deal, 100, now + days(3), now=now + days(6))
    assert Deal.objects.get().stage == "lost"
    told(world, deal, 100, now + days(7), now=now + days(7))
    assert Deal.objects.get().stage == "won"


def test_what_people_of_the_house_do_is_no_word_of_the_source(world: World, now: datetime) -> None:
    """Answered here, the same report again is no news; what is new to the answer is refused with a sentence."""
    deal = uuid7()
    told(world, deal, 100, now, now=now, stage=Stage.REGISTERED)
    refuse_deal(THE_HOUSE, deal, reason="Ours.", now=now + days(2))
    told(world, deal, 100, now, now=now + days(3), stage=Stage.REGISTERED)
    with pytest.raises(Conflict, match="refused"):
        told(world, deal, 100, now + days(1), now=now + days(3), stage=Stage.ACCEPTED)


def test_the_source_has_the_last_word_on_what_was_won_by_hand(world: World, now: datetime) -> None:
    made = register_deal(world.owner, client="Oak", product="automation", amount="100", expected_on=None, now=now)
    win_deal(THE_HOUSE, made.pk, amount="200", now=now + days(2))
    report = a_report(world.partner, 30_000, at=now + days(1), client="Oak")
    report = replace(report, source="academy", external_id=str(made.pk))
    assert report_deal(THE_HOUSE, report, now=now + days(3)).amount == 30_000


# Some systems call their partners by ids that look like ours.
@pytest.mark.parametrize("word", ["Northwind", "01982f0a-6c1f-7b52-9d0c-5f1e0a3b7c11"])
def test_kept_reports_are_entered_with_the_last_amount_told(world: World, now: datetime, word: str) -> None:
    for amount, day, received in (("100.00", 0, 0), ("900.00", 2, 2), ("400.00", 1, 3)):
        kept = Told(
            source="crm",
            external_id="d",
            partner=word,
            product="automation",
            client="Oak",
            amount=amount,
            currency="GBP",
            stage="won",
            occurred_at=(now + days(day)).isoformat(),
        )
        take_report(THE_HOUSE, kept, now=now + days(received))
    win(world.partner, 5_000, at=now + days(5))
    match_partner(THE_HOUSE, "crm", word, world.partner, now=now + days(6))
    assert enter_matched(THE_HOUSE, "crm", now=now + days(6)) == 3
    deal = Deal.objects.get(external_id="d")
    assert (deal.amount, KeptReport.objects.filter(entered_at=None).count()) == (90_000, 0)
    assert sums(deal.pk) == [("earned", 1_000), ("adjusted", 8_000)]


# -- what is sold, and to whom


def sold(deal: UUID) -> tuple[str, str]:
    found = Deal.objects.get(pk=deal)
    return found.product, found.client_name


def test_another_product_and_client_are_taken_until_the_deal_is_won(world: World, now: datetime) -> None:
    deal = uuid7()
    told(world, deal, 10_000, now, now=now, stage=Stage.REGISTERED)
    told(world, deal, 10_000, now + days(1), now=now + days(1), stage=Stage.ACCEPTED, product="website")
    assert sold(deal) == ("website", "Oak")
    with pytest.raises(Refused, match="among the products"):
        told(world, deal, 10_000, now + days(2), now=now + days(2), stage=Stage.ACCEPTED, product="balloons")
    report = a_report(world.partner, 10_000, at=now + days(2), deal=deal, client="Elm")
    report_deal(THE_HOUSE, report, now=now + days(2))
    assert (sold(deal), sums(deal)) == (("automation", "Elm"), [("earned", 1_000)])
    told(world, deal, 10_000, now + days(1), now=now + days(3), stage=Stage.ACCEPTED, product="website")  # late
    assert sold(deal) == ("automation", "Elm")


def test_a_client_is_spelled_as_its_source_does_by_now(world: World, now: datetime) -> None:
    deal = win(world.partner, 10_000, at=now, client="OAK")
    report = a_report(world.partner, 10_000, at=now + days(1), deal=deal, client=" Oak  Ltd ")
    changed = [hear(THE_HOUSE, report, now=now + days(1)).has_changed for _ in range(2)]
    late = replace(report, client="Oak", occurred_at=now)
    assert (changed, hear(THE_HOUSE, late, now=now + days(1)).deal.client_name) == ([True, False], "Oak Ltd")


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"product": "website"}, {"product"}),
        ({"client": "Elm"}, {"client"}),
        ({"product": "website", "client": "Elm"}, {"product", "client"}),
    ],
)
@pytest.mark.parametrize("day", [0, 1])
def test_a_won_deal_keeps_them(world: World, now: datetime, given: dict[str, Any], fields: set[str], day: int) -> None:
    deal = win(world.partner, 10_000, at=now, client="Oak")
    report = a_report(world.partner, 90_000, at=now + days(day), deal=deal, client="OAK Ltd")
    with pytest.raises(Conflict, match="keeps its product and client") as refused:
        report_deal(THE_HOUSE, replace(report, **given), now=now + days(1))
    assert (set(refused.value.fields), sold(deal)) == (fields, ("automation", "Oak"))
    assert Deal.objects.get(pk=deal).amount == 10_000


# -- files beside reports


class Shop:
    """A source that is heard by its files and by its reports."""

    def __init__(self, world: World, folder: Path, now: datetime) -> None:
        self.world, self.file, self.now = world, folder / "deals.csv", now
        columns = "Id: external_id, Partner: partner, Customer: client, What: product, When: occurred_at, Sum: amount"
        (folder / "deals.yaml").write_text(f"source: shop\ncurrency: GBP\ncolumns: {{{columns}, State: stage}}\n")
        self.slug = Partner.objects.get(pk=world.partner).slug

    def files(
        self,
        amount: int,
        *,
        day: str = "2026-03-03",
        stage: str = "won",
        product: str = "automation",
        client: str = "Shop",
    ) -> tuple[int, int, int]:
        """What importing one line came to: added, changed, unchanged."""
        row = f"1,{self.slug},{client},{product},{day},{amount},{stage}"
        self.file.write_text(f"Id,Partner,Customer,What,When,Sum,State\n{row}\n")
        dry = import_deals(self.file, now=self.now + days(40), dry_run=True)
        report = import_deals(self.file, now=self.now + days(40))
        assert (report.refused, dry.as_json()) == ([], report.as_json())
        return report.added, report.changed, report.unchanged

    def reports(self, amount: int, day: int, *, stage: Stage = Stage.WON) -> None:
        report = a_report(self.world.partner, amount * 100, at=self.now + days(day), client="Shop", stage=stage)
        report_deal(THE_HOUSE, replace(report, source="shop", external_id="1"), now=self.now + days(40))

    @property
    def deal(self) -> tuple[str, int]:
        found = Deal.objects.get(source="shop")
        return found.stage, found.amount // 100


@pytest.fixture
def shop(world: World, tmp_path: Path, now: datetime) -> Shop:
    return Shop(world, tmp_path, now)


ADDED, CHANGED, UNCHANGED = (1, 0, 0), (0, 1, 0), (0, 0, 1)


def test_the_same_file_again_leaves_what_a_report_has_changed(shop: Shop) -> None:
    assert shop.files(100) == ADDED
    shop.reports(500, 10)
    assert (shop.files(100), shop.files(100), shop.deal) == (UNCHANGED, UNCHANGED, ("won", 500))
    assert (shop.files(150), shop.deal) == (CHANGED, ("won", 150))
    shop.reports(500, 10)
    assert (shop.deal, shop.files(150)) == (("won", 150), UNCHANGED)
    shop.reports(600, 12)
    assert (shop.deal, shop.files(150), shop.deal) == (("won", 600), UNCHANGED, ("won", 600))


def test_the_first_file_of_a_deal_that_was_reported_is_one_report_more(shop: Shop) -> None:
    shop.reports(100, 0)
    assert (shop.files(100, day="2026-03-01"), shop.deal) == (UNCHANGED, ("won", 100))
    shop.reports(500, 10)
    assert (shop.files(100, day="2026-03-01"), shop.deal) == (UNCHANGED, ("won", 500))
    assert (shop.files(150, day="2026-03-01"), shop.deal) == (CHANGED, ("won", 150))


def test_an_older_first_file_brings_nothing_and_is_remembered(shop: Shop) -> None:
    shop.reports(500, 10)
    assert (shop.files(100), shop.deal) == (UNCHANGED, ("won", 500))
    assert (shop.files(150), shop.deal) == (CHANGED, ("won", 150))


def test_a_file_moves_a_deal_on_that_counts_from_later(shop: Shop) -> None:
    """Told late, the registration counts from the partner's last fact; that its win was before is no matter."""
    win(shop.world.partner, 1_000, at=shop.now + days(30))
    assert shop.files(100, stage="registered") == ADDED
    assert (shop.files(100, day="2026-03-05"), shop.deal) == (CHANGED, ("won", 100))
    assert (shop.files(90, stage="registered"), shop.deal) == (UNCHANGED, ("won", 100))


def test_a_file_puts_right_what_is_sold_until_it_is_won(shop: Shop) -> None:
    assert shop.files(100, stage="registered") == ADDED
    for given in ({"product": "website"}, {"product": "website", "client": "Mill"}):
        assert shop.files(100, stage="registered", **given) == CHANGED
        assert shop.files(100, stage="registered", **given) == UNCHANGED
    assert sold(Deal.objects.get(source="shop").pk) == ("website", "Mill")


def test_the_same_file_again_after_the_house_has_answered(shop: Shop) -> None:
    shop.files(100, stage="registered")
    lose_deal(THE_HOUSE, Deal.objects.get(source="shop").pk, reason="", now=shop.now + days(3))
    assert (shop.files(100, stage="registered"), shop.deal) == (UNCHANGED, ("lost", 100))


@pytest.mark.tampers
def test_verify_finds_a_deal_that_has_forgotten_what_it_was_told(world: World, now: datetime) -> None:
    win(world.partner, 10_000, at=now)
    assert verify(now=now).differences == []
    with connection.cursor() as cursor:
        cursor.execute("update programme_deal set last_report = null")
    (found,) = verify(now=now).differences
    assert f"its source told of it at {now.isoformat()}, which it has forgotten" in found


def test_what_a_source_said_of_lost_deals_is_remembered_from_the_journal(world: World, now: datetime) -> None:
    """Of those that were lost before it was written down: what is late wins none of them, what is news does."""
    first, second, open_one, ours = (uuid7() for _ in range(4))
    for deal in (first, second, open_one, ours):
        told(world, deal, 10_000, now, now=now, stage=Stage.REGISTERED)
    for deal in (first, second):
        told(world, deal, 10_000, now + days(5), now=now + days(5), stage=Stage.LOST)
    lose_deal(THE_HOUSE, ours, reason="They went elsewhere.", now=now + days(5))
    Deal.objects.update(last_report=None, last_line=None)
    with connection.cursor() as cursor:
        cursor.execute(import_module("academy.programme.migrations.0014_what_a_source_said_of_lost_deals").REMEMBERED)

    said = Telling(Stage.LOST, 10_000, now + days(5)).as_json()
    found = {deal.pk: (deal.last_report, deal.last_line) for deal in Deal.objects.all()}
    assert found == {first: (said, said), second: (said, said), open_one: (None, None), ours: (None, None)}
    told(world, first, 20_000, now + days(3), now=now + days(9))
    told(world, second, 20_000, now + days(8), now=now + days(9))
    assert (Deal.objects.get(pk=first).stage, Deal.objects.get(pk=second).stage) == ("lost", "won")
    assert sums(second) == [("earned", 2_000)]
