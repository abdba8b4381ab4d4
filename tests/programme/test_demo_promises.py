"""The demo's year: every partner's deals explain its tier, three sign-ins are where they are said to be, for everybody
the next step played in a copy brings exactly what it promised, and each sum of money is that of the lines it opens.

One academy for the whole file, made by the same function as the demo's and never committed; each partner is played in
a savepoint of its own.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from academy.demo.content import read
from academy.demo.create import create
from academy.demo.stories import AUDIT
from academy.journal.models import Fact
from academy.learning.modules.queries import module_cards
from academy.learning.progress.queries import passed_modules
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.notifications.notices.models import Notice
from academy.people.accounts.models import Person
from academy.people.partners.models import Membership, Partner
from academy.people.permissions.rules import FINANCE, THE_HOUSE, Actor
from academy.programme.closes.actions import go_on, start_close
from academy.programme.closes.queries import rows
from academy.programme.closes.rules import month_before, month_of
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.deals.models import Deal
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.pins.rules import Pin
from academy.programme.plans.models import Programme
from academy.programme.recommendations.queries import first_module
from academy.programme.recommendations.rules import Answers
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import Stands, stands
from academy.programme.standing.rules import Held, Part, Warning
from academy.programme.statements.rules import Flag
from academy.programme.steps.rules import NextStep
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.rules import status
from academy.web import formats
from academy.web.deal_words import product_name
from academy.web.money.working import working

from ..factories import a_staff_member, signed_in
from ..web.reading import plain
from ..worlds import course_of, days, read_lesson, win
from .counted import PLAN, TIERS, Counted

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
PARTNERS = [partner["name"] for partner in read("cast.yaml")["partners"]]
NEWCOMER, AT_RISK, PINNED = "Nell Ashworth", "Harbour & Pine", "Kestrel Data Rooms"


@pytest.fixture(scope="module")
def _demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The whole year, inside one transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        create(now=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _copy(_demo: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def learners(partner: str) -> list[Actor]:
    """Every active member of a partner."""
    found = Membership.objects.filter(partner__name=partner, left_at=None).order_by("joined_at", "person_id")
    return [Actor(one.person_id, partner_id=one.partner_id, member_role=one.role) for one in found]


def ahead(actor: Actor) -> Prospects:
    assert actor.partner_id is not None
    bring_up_to_date(actor.partner_id, now=NOW)
    found = stands(actor.partner_id)
    assert found is not None
    return prospects(found, actor.person_id, NOW)


@pytest.mark.usefixtures("_copy")
@pytest.mark.parametrize("partner", PARTNERS)
def test_a_step_of_the_demo_brings_exactly_what_it_promised(partner: str) -> None:
    people = learners(partner)
    assert people
    for actor in people:
        step = ahead(actor).next_step()
        if step is None:
            continue
        with transaction.atomic():
            promised = (step.outlook.held, dict(step.outlook.levels), step.outlook.basis_points, step.minutes)
            assert played(actor, step) == promised
            transaction.set_rollback(True)


def played(actor: Actor, step: NextStep) -> tuple[Held, dict[str, int], int, int]:
    """Do just what the step says, in its order: what is held then, what is measured, the rate, and the minutes."""
    assert actor.partner_id is not None
    minutes = sum(finish(actor, UUID(module)) for module in step.modules)
    if step.sales:
        win(actor.partner_id, step.sales, at=NOW, client=a_client_of(actor.partner_id))
    found = stands(actor.partner_id)
    assert found is not None
    return found.held, dict(found.levels), found.rate().basis_points, minutes


def finish(actor: Actor, module: UUID) -> int:
    """What is left of a module, or its quiz again; the minutes that it takes."""
    left = ahead(actor).modules[str(module)]
    assert left.requires == frozenset(), "a step begins with what is open"
    course = course_of(left.course_slug)
    if module not in passed_modules([actor.person_id]).get(actor.person_id, frozenset()):
        for lesson in course.lessons[module]:
            read_lesson(actor, lesson, now=NOW)
    answer_rightly(actor, course.quizzes[module])
    return left.minutes


def answer_rightly(actor: Actor, quiz: UUID) -> None:
    """Unlike those of the small academies, these questions have right answers of their own."""
    opened = open_attempt(actor, quiz, now=NOW)
    answers = {question.id: sorted(question.right()) for question in opened.questions}
    submit_attempt(actor, quiz, opened.attempt, answers, now=NOW)


def a_client_of(partner: UUID) -> str:
    """Somebody to whom this partner has sold before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select client_name from programme_deal where partner_id = %s and stage = 'won'"
            " order by won_at desc limit 1",
            [partner],
        )
        return str(cursor.fetchone()[0])


@pytest.mark.usefixtures("_copy")
def test_the_demo_has_those_who_learn_and_those_who_keep() -> None:
    assert Partner.objects.count() == len(PARTNERS)
    people = [actor for partner in PARTNERS for actor in learners(partner)]
    assert {kind(ahead(actor).next_step()) for actor in people} >= {"keeps", "learns"}


@pytest.mark.usefixtures("_copy")
def test_every_line_of_the_demo_says_why_it_is_not_at_todays_rate() -> None:
    told = [explained(THE_HOUSE, line) for line in CommissionLine.objects.values_list("pk", flat=True)]
    assert len(told) > 300
    for it in told:
        assert it.rate_today is not None
        first, *causes = working(it).why
        rate = formats.percent(it.rate_today.basis_points)
        if it.rate_today.basis_points == it.rate.basis_points:
            assert (first.endswith(f"Today's rate is the same, {rate}."), causes) == (True, [])
            continue
        product = product_name(it.earned.product)
        assert first.endswith(f"{product} is paid {rate} today, for deals won from now on.")
        # Figures among the causes are the default product's: the last of them is then what is paid today.
        shown = [cause.partition(",")[0] for cause in causes if "%" in cause]
        assert shown[:1] == ([rate] if causes and it.earned.product == "automation" else [])
        if it.lifted_to is not None:
            assert "This deal itself brought" in first
    assert {it.lifted_to for it in told} > {None}
    assert {it.earned.product for it in told if it.rate_today != it.rate} > {"automation"}


_LINES, _KEY = r'href="(?P<lines>[^"]+)"', r'data-figure="(?P<key>{})"'
_BESIDE = rf'>(?P<sum>[^<]*)</(?:p|b|span)>(?:</p>)?\s*<a class="more" {_LINES}'
SUMS = {
    "/": (
        rf'<a {_LINES}><span class="num" {_KEY.format("next-payment")}[^>]*>(?P<sum>.*?)</span></a>',
        rf"{_KEY.format('on-hold')}[^>]*><a {_LINES}>(?P<sum>.*?)</a>",
    ),
    "/statements/": (_KEY.format(r"next-payment|sum-\w+") + r"[^>]*" + _BESIDE,),
    "/earnings/": (_KEY.format(r"next-payment|sum-\w+") + r"[^>]*" + _BESIDE,),
    "studio": (
        rf"<a {_LINES} {_KEY.format('next-payment|on-hold')}>(?P<sum>.*?)</a>",
        _KEY.format(r"sum-\w+") + r"[^>]*" + _BESIDE,
    ),
}
"""Where the sums of money stand on a page, each with the address of its lines."""
AMOUNT = re.compile(r"−?\s*[A-Z]*[£€$][\d,]+(?:\.\d\d)?")


@pytest.mark.usefixtures("_copy")
@pytest.mark.parametrize("partner", PARTNERS)
def test_every_sum_of_money_of_the_demo_is_that_of_the_lines_it_opens(partner: str) -> None:
    """On Home, Statements and Earnings, and for the house on the partner's page."""
    found = Membership.objects.select_related("person", "partner").filter(partner__name=partner, left_at=None)
    owner = found.filter(role="owner")[0]
    has_lines = CommissionLine.objects.filter(partner=owner.partner).exists()
    with time_machine.travel(NOW, tick=False):
        eyes = {"studio": signed_in(a_staff_member("finance"))}
        for room, forms in SUMS.items():
            browser = eyes.get(room) or signed_in(owner.person)
            address = f"/studio/partners/{owner.partner.slug}/" if room == "studio" else room
            shown = sums_of(browser, address, forms)
            assert bool(shown) == has_lines, room
            for key, (told, lines) in shown.items():
                assert told == sum(amounts_of(browser, lines)), (room, key)


def sums_of(browser: Client, address: str, forms: Sequence[str]) -> dict[str, tuple[int, str]]:
    """The sums of a page in minor units, each with the address of its lines, by what they are called there."""
    text = browser.get(address).content.decode()
    found = [one for form in forms for one in re.finditer(form, text, re.DOTALL)]
    return {one["key"]: (signed(plain(one["sum"])), one["lines"].replace("&amp;", "&")) for one in found}


def signed(told: str) -> int:
    """The first amount of a sentence; what is owed is less than nothing."""
    amount = minor(AMOUNT.findall(told)[0])
    return -amount if "is owed" in told else amount


def minor(amount: str) -> int:
    """An amount of money in minor units."""
    digits = int(re.sub(r"\D", "", amount if "." in amount else f"{amount}00"))
    return -digits if amount.startswith("−") else digits


def amounts_of(browser: Client, address: str) -> list[int]:
    """The amounts of all lines that an address shows, page by page."""
    text = browser.get(address.partition("#")[0]).content.decode().partition('id="lines"')[2]
    rows = re.findall(r'<tr id="line-.*?<td class="n key">(.*?)</td>', text, re.DOTALL)
    more = re.search(r'<a id="more-lines" class="[^"]*" href="([^"]+)"', text)
    return [minor(plain(one)) for one in rows] + (amounts_of(browser, more[1].replace("&amp;", "&")) if more else [])


@pytest.mark.usefixtures("_copy")
def test_the_demo_has_certificates_that_ran_out_were_renewed_and_were_taken_back() -> None:
    found = Certificate.objects.filter(credential__slug="proposal-practitioner").select_related("person", "renews")
    told: dict[str, list[tuple[str, bool]]] = {}
    for one in found.order_by("issued_at"):
        state = status(expires_at=one.expires_at, revoked_at=one.revoked_at, at=NOW)
        told.setdefault(one.person.name, []).append((state, one.renews_id is not None))
        assert bool(one.revoked_reason) == (state == "revoked")
    assert told["Mina Petrova"] == [("expired", False)]
    assert told["Rowan Tate"] == [("expired", False), ("valid", True)]
    assert told["Tilda Grayson"] == [("revoked", False)]
    names = {person.pk: person.name for person in Person.objects.all()}
    ends = Fact.objects.filter(kind__in=("certificate.expired", "certificate.revoked")).order_by("kind", "effective_at")
    assert [(fact.kind, names[fact.person]) for fact in ends if fact.person] == [
        ("certificate.expired", "Mina Petrova"),
        ("certificate.expired", "Rowan Tate"),
        ("certificate.revoked", "Tilda Grayson"),
    ]
    assert not Notice.objects.filter(kind="certificate.expired", person__name="Rowan Tate").exists()


def partner_named(name: str) -> Stands:
    """Where a partner of the demo stands now."""
    partner = Partner.objects.get(name=name)
    bring_up_to_date(partner.pk, now=NOW)
    found = stands(partner.pk)
    assert found is not None
    return found


def facts_of(found: Stands, kind: str) -> list[Fact]:
    return list(Fact.objects.filter(partner=found.partner, kind=kind).order_by("pos"))


@pytest.mark.usefixtures("_copy")
@pytest.mark.parametrize("partner", [name for name in PARTNERS if name != NEWCOMER])
def test_a_partner_of_the_demo_has_sold_through_its_year(partner: str) -> None:
    """Since soon after it joined, and never long without: four months at most, of thirteen."""
    found = partner_named(partner)
    (enrolled,) = facts_of(found, "partner.enrolled")
    won = [fact.effective_at for fact in facts_of(found, "deal.won")]
    assert enrolled.effective_at < NOW - days(390)
    moments = [enrolled.effective_at, *won, NOW]
    assert max(later - earlier for earlier, later in pairwise(moments)) < days(125)
    lines = CommissionLine.objects.filter(partner=found.partner, kind="earned")
    assert list(lines.order_by("deal__won_at").values_list("deal__won_at", flat=True)) == won


@pytest.mark.usefixtures("_copy")
@pytest.mark.parametrize("partner", PARTNERS)
def test_the_tier_of_a_partner_of_the_demo_is_explained_by_its_deals_and_its_training(partner: str) -> None:
    """It deserved the tier when that came, it does today, and does not deserve the next: counted by other code."""
    found = partner_named(partner)
    now = Counted(found.partner, found.currency, NOW)
    changes = facts_of(found, "tier.changed")
    tier = found.held.tier
    ladder = list(TIERS)
    if partner == PINNED:
        (pinned,) = facts_of(found, "tier.pinned")
        assert (pinned.numbers["tier"], changes[-1].numbers["cause"], found.held.pin) == (
            tier,
            "pinned",
            Pin(tier, datetime.fromisoformat(pinned.numbers["until"])),
        )
        changes, tier = changes[:-1], changes[-1].numbers["from"]
    if changes:
        then = Counted(found.partner, found.currency, changes[-1].effective_at)
        assert (changes[-1].numbers["to"], then.deserves(TIERS[tier]["enter"])) == (tier, True)
    else:
        assert tier == ladder[0]
    assert now.deserves(TIERS[tier].get("stay")) == (partner != AT_RISK)
    above = ladder[ladder.index(tier) + 1 :]
    assert [higher for higher in above if now.deserves(TIERS[higher]["enter"])] == []


@pytest.mark.usefixtures("_copy")
def test_one_sign_in_of_the_demo_is_one_quiz_from_gold() -> None:
    found = partner_named("Northlight Studio")
    (maya,) = [actor for actor in learners("Northlight Studio") if actor.member_role == "owner"]
    known = ahead(maya)
    step = known.next_step()
    assert step is not None
    (module,) = step.modules
    left = known.modules[module]
    assert (found.held.tier, step.outlook.held.tier, step.sales) == ("silver", "gold", 0)
    assert (f"{left.course_slug}/{left.slug}", left.lessons, left.quizzes) == (AUDIT, 0, 1)


@pytest.mark.usefixtures("_copy")
def test_one_sign_in_of_the_demo_is_at_risk_and_was_told_with_date_and_figures() -> None:
    found = partner_named(AT_RISK)
    left = (NOW - days(21)).replace(hour=16, minute=30)
    falls = left + days(PLAN["grace_days"])
    told, uplift = facts_of(found, "tier.warned")
    assert (found.at_risk, found.held.tier, found.held.warnings) == (
        True,
        "gold",
        (Warning(Part.TIER, "silver", left, falls), Warning(Part.UPLIFT, 0, left, falls)),
    )
    assert [told.effective_at, uplift.effective_at] == [left, left]
    # A certificate is a point of the rate and what Gold rests on: 10 % x 1.30 or 1.15 x 1.05, and 1.00.
    sold = sum(
        fact.numbers["amount"] for fact in facts_of(found, "deal.won") if left - days(90) < fact.effective_at < left
    )
    asked = ("cause", "missing", "currency", "rate", "rate_then", "monthly", "rate_with_all", "monthly_with_all")
    both = {
        "cause": "advanced_certificates",
        "missing": [{"metric": "advanced_certificates", "window": "now", "have": 0, "need": 1}],
        "currency": "GBP",
        "rate": 1465,
        "rate_with_all": 1208,
        "monthly_with_all": a_month(sold, 1208),
    }
    assert [{key: one.numbers[key] for key in asked} for one in (told, uplift)] == [
        {**both, "rate_then": 1308, "monthly": a_month(sold, 1308)},
        {**both, "rate_then": 1365, "monthly": a_month(sold, 1365)},
    ]


@pytest.mark.usefixtures("_copy")
def test_one_sign_in_of_the_demo_is_new() -> None:
    """Whoever joined minutes ago has neither deals nor training, and begins with the first module there is."""
    found = partner_named(NEWCOMER)
    (nell,) = learners(NEWCOMER)
    person = Person.objects.get(pk=nell.person_id)
    kinds = Fact.objects.filter(partner=found.partner).order_by("pos").values_list("kind", flat=True)
    assert (list(kinds), person.email, person.welcomed_at) == (
        ["partner.enrolled", "member.joined"],
        "newcomer@demo.academy",
        None,
    )
    assert (found.held, set(found.levels.values())) == (Held("bronze"), {0})
    assert Deal.objects.filter(partner=found.partner).count() == 0
    cards = module_cards(nell.person_id, [UUID(module) for module in found.plan.core])
    first = first_module(cards, Answers())
    assert first is not None
    assert (f"{first.course_slug}/{first.slug}", kind(ahead(nell).next_step())) == (PLAN["core"][0], "learns")


@pytest.mark.usefixtures("_copy")
def test_the_month_that_is_due_has_its_exceptions() -> None:
    """However much they sold in the year: of what is due one is below nothing, one too little to be paid."""
    due = month_before(month_of(NOW.date()))
    ruben = Actor(Person.objects.get(email="finance@demo.academy").pk, frozenset({FINANCE}))
    begun = start_close(ruben, Programme.objects.get().pk, due, now=NOW)
    while go_on(begun.pk, now=NOW):
        pass
    found = {flag: [(row.name, row.amount) for row in rows(begun.pk, "flag", value=flag, limit=None)] for flag in Flag}
    assert found[Flag.BELOW_MINIMUM] == [("Rowan Tate", 2_800)]
    ((amara, balance),) = found[Flag.NEGATIVE]
    assert (amara, balance < 0, [name for name, _ in found[Flag.QUESTION]]) == ("Amara Osei", True, ["Brightside Labs"])


def a_month(sold: int, then: int) -> int:
    """What it costs a month that 14.65 % becomes another rate, by sales of 90 days."""
    return round(Fraction(sold, 3) * (then - 1465) / 10_000)


def kind(step: NextStep | None) -> str:
    """What sort of step it is, in a word."""
    if step is None:
        return "rest"
    return "keeps" if step.keeps else "learns" if step.modules else "sells"
