"""Any history, by the same actions as in the house: the journal and what stands on it agree after every step.

Each step is an action at a later (or, when a clock steps back, an earlier) instant. After each: `verify --deep` finds
nothing, no partner's time has gone back, nothing fell that was not announced a grace before, and the journal read
again says what the standing says.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from academy.core.errors import Conflict, Refused
from academy.core.money import half_away
from academy.journal.models import Fact
from academy.people.memberships.actions import add_member, remove_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.closes.models import Close
from academy.programme.closes.rules import next_month
from academy.programme.commissions.models import CommissionLine
from academy.programme.commissions.questions.actions import correct_line
from academy.programme.commissions.rules import owed, payable_on
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Deal
from academy.programme.history.queries import held_before, stood
from academy.programme.pins.actions import pin_tier, unpin_tier
from academy.programme.plans.actions import publish_plan
from academy.programme.plans.models import PlanVersion
from academy.programme.plans.queries import plan_by_reference, plan_version
from academy.programme.standing.actions import approve_promotion, bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.programme.verification.queries import replay_until, verify
from academy.recognition.certificates.actions import revoke
from academy.recognition.certificates.models import Certificate

from ..chance import CURRENCIES, PRODUCTS, seeds
from ..factories import a_person
from ..worlds import (
    World,
    a_colleague,
    a_partner_in,
    a_report,
    a_world,
    pass_modules,
    read_lesson,
    refund,
    take_quiz,
    win,
    written_plan,
)

pytestmark = pytest.mark.django_db
GRACE = timedelta(days=30)
PEOPLE = 5


@contextmanager
def unless(says: str) -> Iterator[None]:
    """Let an action refuse for this reason, by its code or its words, and for no other."""
    try:
        yield
    except (Conflict, Refused) as refused:
        if says != refused.code and says not in refused.sentence:
            raise


class History:
    """Two partners, some people who come and go between them, and a clock."""

    def __init__(self, seed: int, now: datetime) -> None:
        self.dice = random.Random(seed)
        self.now = now
        other = self.dice.choice(CURRENCIES[1:])
        self.currencies = ("GBP", other)
        self.world: World = a_world(now, modules=3, currencies=self.currencies)
        self.partners = [self.world.partner, a_partner_in(self.world.programme, now=now, currency=other)]
        self.currency = dict(zip(self.partners, self.currencies, strict=True))
        a_colleague(self.partners[1], now=now, role="owner")
        self.people = [Actor(a_person().pk) for _ in range(PEOPLE)]
        self.deals: list[tuple[UUID, UUID]] = []
        self.told: dict[UUID, tuple[datetime, int]] = {}
        self.products: dict[UUID, str] = {}
        self.attempts = 0

    def step(self) -> None:
        """Let some time pass and do one thing."""
        days = self.dice.choice([0, 0, 0, 0.1, 1, 3, 20, 35, 100, 300, -0.5, -2])
        self.now += timedelta(days=days)
        self.dice.choices(*zip(*self.ways(), strict=True))[0]()

    def ways(self) -> list[tuple[Callable[[], object], int]]:
        """What can happen, and how often it does."""
        return [
            (self.learn, 8),
            (self.pass_all, 3),
            (self.join, 4),
            (self.leave, 3),
            (self.sell, 6),
            (self.refund, 3),
            (self.change_amount, 5),
            (self.correct, 1),
            (self.pin, 1),
            (self.unpin, 1),
            (self.change_plan, 1),
            (self.revoke, 1),
            (self.approve, 2),
            (self.wait, 3),
        ]

    def somebody(self) -> int:
        return self.dice.randrange(PEOPLE)

    def learn(self) -> None:
        """Read a lesson, or try a quiz."""
        actor, module = self.people[self.somebody()], self.dice.choice(self.world.course.modules)
        if self.dice.random() < 0.4:
            read_lesson(actor, self.world.course.lessons[module][0], now=self.now)
            return
        with unless("no_attempts"):
            take_quiz(actor, self.world.course.quizzes[module], now=self.now, right=self.dice.random() < 0.8)

    def pass_all(self) -> None:
        with unless("no_attempts"):
            pass_modules(self.people[self.somebody()], self.world.course, now=self.now)

    def join(self) -> None:
        which, partner = self.somebody(), self.dice.choice(self.partners)
        person = self.people[which]
        if person.partner_id is None:
            add_member(partner, person.person_id, role="member", by=THE_HOUSE, now=self.now)
            self.people[which] = Actor(person.person_id, partner_id=partner, member_role="member")

    def leave(self) -> None:
        which = self.somebody()
        person = self.people[which]
        if person.partner_id is not None:
            remove_member(person.partner_id, person.person_id, by=THE_HOUSE, now=self.now)
            self.people[which] = Actor(person.person_id)

    def sell(self) -> None:
        partner, amount = self.dice.choice(self.partners), self.dice.choice([0, 1_000, 9_000, 20_000, 120_000])
        self.win(partner, amount, self.now - timedelta(days=self.dice.choice([0, 0, 2])))

    def win(self, partner: UUID, amount: int, at: datetime) -> None:
        """A deal is won, which may be taken back and change from then on."""
        product = self.dice.choice(PRODUCTS)
        deal = win(partner, amount, at=at, now=self.now, product=product, currency=self.currency[partner])
        self.deals.append((partner, deal))
        self.told[deal], self.products[deal] = (at, amount), product

    def refund(self) -> None:
        if not self.deals:
            return
        partner, deal = self.dice.choice(self.deals)
        left = self.told[deal][1]
        part = self.dice.choice([left, left // 2, self.dice.randint(1, 20_000)]) or 500
        with unless("what is left"):
            refund(deal, part, at=self.now, currency=self.currency[partner])

    def change_amount(self) -> None:
        """The source tells another amount of a won deal, by its own clock, sometimes late."""
        if not self.deals:
            return
        partner, deal = self.dice.choice(self.deals)
        amount = self.dice.choice([0, 1_001, 8_999, 33_333])
        at = self.now - timedelta(days=self.dice.choice([0, 0, 1, 200]))
        product, currency = self.products[deal], self.currency[partner]
        report = a_report(partner, amount, at=at, deal=deal, product=product, currency=currency)
        with unless("refunded already"):
            report_deal(THE_HOUSE, report, now=self.now)
            if at >= self.told[deal][0]:
                self.told[deal] = at, amount

    def correct(self) -> None:
        lines = list(CommissionLine.objects.order_by("effective_at", "id"))
        if lines:
            amount = self.dice.choice([-150, 7, 2_000])
            correct_line(THE_HOUSE, self.dice.choice(lines).pk, amount, reason="So decided.", now=self.now)

    def pin(self) -> None:
        partner, tier = self.dice.choice(self.partners), self.dice.choice(["silver", "gold"])
        until = self.now + timedelta(days=self.dice.choice([2, 60, 400]))
        with unless("this partner has"), unless("two years"):
            pin_tier(THE_HOUSE, partner, tier, until=until, reason="A friend of the house.", now=self.now)

    def unpin(self) -> None:
        with unless("is pinned"):
            unpin_tier(THE_HOUSE, self.dice.choice(self.partners), now=self.now)

    def change_plan(self) -> None:
        """Other core modules and rates, an approval more or less, another grace and hold: what may change any time."""
        core = self.dice.sample(self.world.course.modules, self.dice.randint(1, 3))
        plan = written_plan(
            core,
            [self.world.credential],
            grace_days=self.dice.choice([30, 45]),
            hold_days=self.dice.choice([0, 14, 30]),
            base={"automation": self.dice.choice([10, 11, 13]), "website": self.dice.choice([8, 9])},
            currencies=self.currencies,
        )
        plan["tiers"][1]["promotion"] = self.dice.choice(["automatic", "approve"])
        plan["tiers"][1]["multiplier"] = self.dice.choice(["1.15", "1.20"])
        begins = self.now + timedelta(days=self.dice.choice([0, 5, 50]))
        # The clock may be back, and what lowers a figure is announced.
        with unless("after the version before it"), unless("days' notice"):
            publish_plan(None, self.world.programme, plan, reason="Other.", effective_from=begins, now=self.now)

    def revoke(self) -> None:
        valid = list(Certificate.objects.filter(revoked_at=None).order_by("id"))
        if valid:
            revoke(THE_HOUSE, self.dice.choice(valid).serial, reason="Copied.", now=self.now)

    def approve(self) -> None:
        partner = self.dice.choice(self.partners)
        found = stands(partner)
        assert found is not None
        waiting = found.held.awaiting
        if waiting is not None:
            with unless("not waiting"):  # what fell due before took its reason away
                approve_promotion(THE_HOUSE, partner, waiting, now=self.now)

    def wait(self) -> None:
        for partner in self.partners:
            bring_up_to_date(partner, now=self.now)


def ranks(found: Stands) -> tuple[int, int, int]:
    return found.plan.rank(found.held.tier), int(found.held.bonus), found.held.uplifts


def assert_true(history: History) -> None:
    """Everything that holds after each step."""
    assert verify(now=history.now, deep=True).differences == []
    for partner in history.partners:
        facts = list(Fact.objects.filter(partner=partner).order_by("pos"))
        assert [fact.effective_at for fact in facts] == sorted(fact.effective_at for fact in facts)
        found = stands(partner)
        assert found is not None
        assert_announced(facts)
        assert_replayed(partner, history.world.programme, found)
    amounts = dict(Deal.objects.filter(pk__in=history.told).values_list("pk", "amount"))
    assert amounts == {deal: amount for deal, (_, amount) in history.told.items()}
    assert_paid_exactly()
    assert_lines_replayed(history.world.programme)


def assert_paid_exactly() -> None:
    """Whatever happened to a deal, its lines sum to what it comes to now; what a person decided stands beside that."""
    for deal in Deal.objects.filter(won_at__isnull=False):
        lines = list(CommissionLine.objects.filter(deal=deal, corrects=None).order_by("effective_at", "id"))
        if not lines:
            assert deal.amount == 0
            continue
        assert [line.kind for line in lines].count("earned") == 1
        assert {line.rate for line in lines} == {lines[0].rate}
        assert sum(line.amount for line in lines) == owed(deal.amount, lines[0].rate, deal.refunded)
        if deal.refunded == deal.amount:
            assert sum(line.amount for line in lines) == 0


def assert_lines_replayed(programme: UUID) -> None:
    """The facts alone say at which rate each deal earned, until when that was on hold, and what was added later."""
    for line in CommissionLine.objects.filter(kind="earned").select_related("deal"):
        won_at = line.deal.won_at
        assert won_at is not None
        assert line.rate == rate_by_the_facts(line, programme, won_at)
        rule = payable_on(plan_version(line.plan_id), won_at, line.effective_at)
        # Later only where its month was closed when it was told.
        opens = {next_month(month) for month in Close.objects.values_list("month", flat=True)}
        assert line.payable_on in {rule, *(day for day in opens if day > rule)}
        told = Fact.objects.filter(thing=line.deal_id, kind__in=("deal.won", "deal.changed", "deal.refunded"))
        amount = refunded = paid = 0
        expected = []
        for fact in told.order_by("pos"):
            match fact.kind:
                case "deal.refunded":
                    refunded += fact.numbers["amount"]
                case _:
                    amount = fact.numbers.get("to", fact.numbers.get("amount"))
            then = owed(amount, line.rate, refunded)
            expected += [then - paid] if then != paid else []
            paid = then
        lines = CommissionLine.objects.filter(deal=line.deal_id, corrects=None).order_by("effective_at", "id")
        assert [one.amount for one in lines] == expected


def rate_by_the_facts(line: CommissionLine, programme: UUID, won_at: datetime) -> int | None:
    """What held before a deal was won: told as such for the plan's default product, worked out by hand for others."""
    if line.inputs["product"] == "automation":
        replay = replay_until(line.partner_id, line.currency, won_at)
        return replay.rate_before(won_at) or replay.enrolled_rate
    before = held_before(line.partner_id, programme, won_at)
    plan, held = plan_version(before.plan), before.held
    (tier,) = [tier for tier in plan.tiers if tier.slug == held.tier]
    exact = plan.base[line.inputs["product"]] * tier.multiplier * (1 + plan.bonus * held.bonus)
    return half_away(min(exact + plan.uplift * held.uplifts, plan.cap) * 10_000)


def all_lines() -> dict[UUID, dict[str, Any]]:
    return {line["id"]: dict(line) for line in CommissionLine.objects.values()}


def assert_announced(facts: list[Fact]) -> None:
    """Each fall of a tier is one that was told at least a grace before, and not further than was told; each fall of a
    rate as well, or it is the first thing that a plan with lower figures did, which was published as long before.
    """
    by_plan: set[str] = set()
    told: list[tuple[datetime, str]] = []
    for fact in facts:
        if fact.kind == "tier.warned" and fact.numbers["part"] == "tier":
            sent, falls = (datetime.fromisoformat(fact.numbers[key]) for key in ("sent_at", "falls_at"))
            assert falls >= sent + GRACE
            assert sent >= fact.effective_at
            told.append((falls, fact.numbers["to"]))
        if fact.kind == "tier.changed":
            plan = plan_by_reference(fact.rule)
            before, after = plan.rank(fact.numbers["from"]), plan.rank(fact.numbers["to"])
            if after < before:
                assert [to for falls, to in told if falls <= fact.effective_at and plan.rank(to) <= after]
        if fact.kind == "rate.changed" and fact.rule not in by_plan:
            by_plan.add(fact.rule)
            if fact.numbers["to"] < fact.numbers["from"] and was_announced(fact.rule):
                continue
        if fact.kind == "rate.changed" and fact.numbers["to"] < fact.numbers["from"]:
            warned = [one for one in facts if one.kind == "tier.warned" and one.pos < fact.pos]  # type: ignore[operator]
            due = [datetime.fromisoformat(one.numbers["falls_at"]) for one in warned]
            assert [falls for falls in due if falls <= fact.effective_at]


def was_announced(rule: str) -> bool:
    """Whether a plan was published a grace before it began."""
    plan = PlanVersion.objects.get(number=int(rule.rpartition("-")[2]))
    return plan.effective_from - plan.published_at >= GRACE


def assert_replayed(partner: UUID, programme: UUID, found: Stands) -> None:
    """The journal alone says the same, as far as the partner was judged."""
    replay = replay_until(partner, found.currency, found.judged_at)
    assert (replay.tier, replay.basis_points or 1000) == (found.held.tier, found.rate().basis_points)
    if found.next_change_at is not None and found.next_change_at <= found.judged_at:
        return  # a plan was published for this very instant; nobody has judged by it yet
    again = stood(partner, programme, found.currency, found.judged_at)
    assert again is not None
    assert (again.held, again.levels) == (found.held, found.levels)


@pytest.mark.parametrize("seed", seeds(6))
def test_whatever_happens_the_journal_and_the_standing_agree(seed: int, now: datetime) -> None:
    history = History(seed, now)
    for _ in range(30):
        before = all_lines()
        history.step()
        assert_true(history)
        after = all_lines()
        assert {line: after[line] for line in before} == before
