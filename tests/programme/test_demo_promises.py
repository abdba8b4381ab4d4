"""The demo's year: for everybody in it, the next step played in a copy brings exactly what it promised, and each sum of
money is that of the lines which it opens.

One academy for the whole file, made by the same function as the demo's and never committed; each partner is played in
a savepoint of its own.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from academy.demo.content import read
from academy.demo.create import create
from academy.journal.models import Fact
from academy.learning.progress.queries import passed_modules
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.people.partners.models import Membership, Partner
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.commissions.explaining.queries import explained
from academy.programme.commissions.models import CommissionLine
from academy.programme.outlook.queries import Prospects, prospects
from academy.programme.standing.actions import bring_up_to_date
from academy.programme.standing.queries import stands
from academy.programme.standing.rules import Held
from academy.programme.steps.rules import NextStep
from academy.recognition.certificates.models import Certificate
from academy.recognition.credentials.rules import status
from academy.web import formats
from academy.web.deal_words import product_name
from academy.web.money.working import working

from ..factories import a_staff_member, signed_in
from ..web.reading import plain
from ..worlds import course_of, read_lesson, win

NOW = datetime(2026, 11, 26, 15, 0, tzinfo=UTC)
PARTNERS = [partner["name"] for partner in read("cast.yaml")["partners"]]


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
    more = re.search(r'href="([^"]*(?:cursor|lines)=[^"]+)"[^>]*>Show ', text)
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
    kinds = Fact.objects.filter(kind__in=("certificate.expired", "certificate.revoked")).order_by("kind")
    assert list(kinds.values_list("kind", flat=True)) == ["certificate.expired", "certificate.revoked"]


def kind(step: NextStep | None) -> str:
    """What sort of step it is, in a word."""
    if step is None:
        return "rest"
    return "keeps" if step.keeps else "learns" if step.modules else "sells"
