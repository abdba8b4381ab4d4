"""A small academy to test with: one course, a plan that pays for it, and the people who learn and sell.

Everything is made by the same actions as in the house, so that facts and projections agree from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from academy.core.ids import uuid7
from academy.learning.catalog.actions import publish_catalogue
from academy.learning.catalog.models import EditionLesson, Item
from academy.learning.catalog.rules import (
    Catalogue,
    ChoiceDraft,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    QuestionDraft,
    QuizDraft,
)
from academy.learning.progress.actions import Report, save_progress
from academy.learning.quizzes.actions import open_attempt, submit_attempt
from academy.people.memberships.actions import add_member
from academy.people.permissions.rules import THE_HOUSE, Actor
from academy.programme.deals.actions import Sum, refund_deal
from academy.programme.deals.hearing.actions import Report as DealReport
from academy.programme.deals.hearing.actions import report_deal
from academy.programme.deals.models import Claim
from academy.programme.deals.registrations.actions import register_deal
from academy.programme.deals.rules import Stage
from academy.programme.plans.actions import found_programme, publish_plan
from academy.programme.standing.actions import enrol_partner
from academy.recognition.credentials.actions import publish_credential

from .factories import a_partner, a_person


def a_quiz(questions: int = 2) -> QuizDraft:
    """A quiz that asks half of its pool; the right choice of every question is `a`."""
    return QuizDraft(
        ask=max(questions // 2, 1),
        pass_percent=75,
        attempts_a_day=3,
        questions=tuple(
            QuestionDraft(
                f"q{number}",
                "single",
                f"Question {number}?",
                (ChoiceDraft("a", "Right.", correct=True), ChoiceDraft("b", "Wrong.")),
                explanation="Because.",
            )
            for number in range(questions)
        ),
    )


def a_course_draft(
    uid: str = "course",
    *,
    modules: int = 2,
    lessons: int = 1,
    quiz: bool = True,
    prerequisites: Sequence[str] = (),
) -> CourseDraft:
    """A course whose modules have so many articles and, unless told otherwise, a quiz."""
    return CourseDraft(
        uid=uid,
        slug=uid,
        title=uid.capitalize(),
        prerequisites=tuple(prerequisites),
        modules=tuple(
            ModuleDraft(
                uid=f"m{m}",
                slug=f"m{m}",
                title=f"Module {m}",
                lessons=(
                    *(
                        LessonDraft(
                            f"l{number}",
                            "article",
                            f"Lesson {m}.{number}",
                            5,
                            text="Say the price, then stop.",
                        )
                        for number in range(lessons)
                    ),
                    *((LessonDraft("quiz", "quiz", f"Check {m}", 3, quiz=a_quiz()),) if quiz else ()),
                ),
            )
            for m in range(modules)
        ),
    )


@dataclass(frozen=True, slots=True)
class Course:
    """A published course: module ids in order, and the lessons and the quiz of each."""

    id: UUID
    slug: str
    modules: tuple[UUID, ...]
    lessons: dict[UUID, tuple[UUID, ...]]
    quizzes: dict[UUID, UUID]


def publish(*drafts: CourseDraft, now: datetime, source: str = "test") -> list[Course]:
    """Publish drafts and say what they became."""
    report = publish_catalogue(Catalogue(courses=drafts), source=source, by=None, now=now)
    assert report.refused == ()
    return [course_of(draft.slug) for draft in drafts]


def course_of(slug: str) -> Course:
    """A course as its newest edition has it."""
    item = Item.objects.get(slug=slug)
    lines = EditionLesson.objects.filter(edition=item.edition).select_related("revision").order_by("position")
    modules = tuple(dict.fromkeys(line.module_id for line in lines))
    return Course(
        item.pk,
        slug,
        modules,
        {
            m: tuple(line.lesson_id for line in lines if line.module_id == m and line.revision.kind != "quiz")
            for m in modules
        },
        {line.module_id: line.lesson_id for line in lines if line.revision.kind == "quiz"},
    )


def written_plan(
    core: Sequence[UUID], advanced: Sequence[UUID] = (), *, currencies: Sequence[str] = ("GBP",), **changes: Any
) -> dict[str, Any]:
    """A plan of three tiers: Silver for half of the core and 100.00, Gold for all of it, 1,000.00 and a certificate.

    Sums are so many minor units, in whichever currency.
    """
    plan: dict[str, Any] = {
        "base": {"automation": 10, "website": 8},
        "default_product": "automation",
        "bonus": {
            "share": 5,
            "when": {"people": {"metric": "core_modules", "value": "all_core"}, "value": 1},
        },
        "uplift": {"each": 1, "most": 3},
        "cap": 25,
        "grace_days": 30,
        "hold_days": 30,
        "pay_day": 5,
        "minimum": dict.fromkeys(currencies, 5_000),
        "core": [str(module) for module in core],
        "advanced": [str(credential) for credential in advanced],
        "tiers": [
            {"slug": "bronze", "name": "Bronze", "multiplier": 1},
            {
                "slug": "silver",
                "name": "Silver",
                "multiplier": "1.15",
                "enter": {"all": [{"metric": "core_modules", "value": 1}, _won(10_000, currencies)]},
                "stay": {"all": [{"metric": "core_modules", "value": 1}, _won(8_000, currencies)]},
            },
            {
                "slug": "gold",
                "name": "Gold",
                "multiplier": "1.30",
                "enter": {
                    "all": [{"metric": "core_modules", "value": "all_core"}, _won(100_000, currencies), _certificate()]
                },
                "stay": {
                    "all": [{"metric": "core_modules", "value": "all_core"}, _won(80_000, currencies), _certificate()]
                },
            },
        ],
    }
    return plan | changes


def _won(amount: int, currencies: Sequence[str]) -> dict[str, Any]:
    return {"metric": "won", "window": "trailing:12m", "value": dict.fromkeys(currencies, amount)}


def _certificate() -> dict[str, Any]:
    return {"metric": "advanced_certificates", "window": "now", "value": 1}


@dataclass(frozen=True, slots=True)
class World:
    """A course, its credential, a programme, and one partner with an owner in it, paid in `currency`."""

    course: Course
    credential: UUID
    programme: UUID
    partner: UUID
    owner: Actor
    currency: str = "GBP"


def a_world(now: datetime, *, modules: int = 2, lessons: int = 1, currency: str = "GBP", **plan: Any) -> World:
    """The whole small academy, whose partner is paid in `currency`, as others of it may be in `plan`'s `currencies`.

    The advanced credential asks for every module of the course; all are core.
    """
    (course,) = publish(a_course_draft(modules=modules, lessons=lessons), now=now)
    credential = a_credential(course.modules, now=now)
    programme = found_programme("agencies", name="Agencies", timezone="Europe/London")
    written = written_plan(course.modules, [credential], **{"currencies": [currency], **plan})
    publish_plan(None, programme, written, reason="It opens.", effective_from=now, now=now)
    partner = a_partner_in(programme, now=now, currency=currency)
    return World(course, credential, programme, partner, a_colleague(partner, now=now, role="owner"), currency)


def a_credential(
    modules: Sequence[UUID], *, now: datetime, slug: str = "master", valid_months: int | None = 24
) -> UUID:
    """An advanced credential for all of these modules."""
    return publish_credential(
        slug,
        title=slug.capitalize(),
        summary="",
        family="pricing",
        advanced=True,
        criterion={"metric": "modules", "only": [str(module) for module in modules], "value": len(modules)},
        valid_months=valid_months,
        effective_from=now,
    )


def a_partner_in(programme: UUID, *, now: datetime, currency: str = "GBP") -> UUID:
    """A partner without people, in a programme."""
    partner = a_partner(currency=currency)
    enrol_partner(partner.pk, programme, at=now, now=now)
    return partner.pk


def a_colleague(partner: UUID, *, now: datetime, role: str = "member") -> Actor:
    """A new member of a partner, by the action that records it."""
    person = a_person()
    add_member(partner, person.pk, role=role, by=THE_HOUSE, now=now)
    return Actor(person.pk, partner_id=partner, member_role=role)


def read_lesson(actor: Actor, lesson: UUID, *, now: datetime) -> None:
    """Complete a lesson that is no quiz."""
    save_progress(actor, lesson, Report(position=1, completed=True), now=now)


def take_quiz(actor: Actor, lesson: UUID, *, now: datetime, right: bool = True) -> None:
    """Open an attempt and hand it in."""
    opened = open_attempt(actor, lesson, now=now)
    answers = {question.id: ["a" if right else "b"] for question in opened.questions}
    submit_attempt(actor, lesson, opened.attempt, answers, now=now)


def pass_modules(actor: Actor, course: Course, *modules: UUID, now: datetime) -> None:
    """Read every lesson of these modules (all without any) and pass their quizzes."""
    for module in modules or course.modules:
        for lesson in course.lessons[module]:
            read_lesson(actor, lesson, now=now)
        if module in course.quizzes:
            take_quiz(actor, course.quizzes[module], now=now)


def win(
    partner: UUID,
    amount: int,
    *,
    at: datetime,
    now: datetime | None = None,
    client: str | None = None,
    product: str = "automation",
    currency: str = "GBP",
) -> UUID:
    """A deal of so many minor units is won, from a client of its own where none is named."""
    deal = uuid7()
    told = a_report(partner, amount, at=at, deal=deal, client=client, product=product, currency=currency)
    report_deal(THE_HOUSE, told, now=now or at)
    return deal


def a_report(
    partner: UUID,
    amount: int,
    *,
    at: datetime,
    deal: UUID | None = None,
    client: str | None = None,
    stage: Stage = Stage.WON,
    currency: str = "GBP",
    product: str = "automation",
) -> DealReport:
    """What another system tells of a deal, under its id as the external one."""
    deal = deal or uuid7()
    return DealReport(
        source="crm",
        external_id=str(deal),
        partner=partner,
        client=client or f"Client {deal}",
        product=product,
        sum=Sum(amount, currency),
        stage=stage,
        occurred_at=at,
        deal_id=deal,
    )


def refund(
    deal: UUID,
    amount: int,
    *,
    at: datetime,
    now: datetime | None = None,
    number: str | None = None,
    currency: str = "GBP",
) -> None:
    """So many minor units of a deal are taken back, under an id of its own where none is named."""
    refund_deal(THE_HOUSE, deal, number or str(uuid7()), Sum(amount, currency), refunded_at=at, now=now or at)


def two_claims(world: World, *, now: datetime, client: str = "Oakline") -> UUID:
    """The open case of another partner's deal with a client that the world's own has registered before."""
    rival = a_colleague(a_partner_in(world.programme, now=now), now=now, role="owner")
    for owner in (world.owner, rival):
        made = register_deal(owner, client=client, product="automation", amount="1840", expected_on=None, now=now)
    return Claim.objects.get(deal=made).pk


def days(count: float) -> timedelta:
    """So many days."""
    return timedelta(days=count)
