"""Quizzes: what is drawn, how often one may try, what is told afterwards. A pass is the proof that all pay rests on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from academy.core.errors import Conflict, NotFound, Refused, SignInNeeded
from academy.core.ids import uuid7
from academy.journal.models import Fact
from academy.learning.catalog.rules import QuizDraft
from academy.learning.progress.actions import Report, enrol, save_progress, take_newer_edition
from academy.learning.progress.models import Enrolment, LessonProgress
from academy.learning.progress.rules import State
from academy.learning.quizzes.actions import Answered, Opened, open_attempt, submit_attempt
from academy.learning.quizzes.models import Attempt
from academy.learning.quizzes.queries import last_attempt
from academy.people.permissions.rules import ANYONE, Actor

from ...factories import a_person
from ...together import together
from ...worlds import Course, a_course_draft, a_quiz, publish, read_lesson, take_quiz

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def publish_quiz(quiz: QuizDraft, now: datetime) -> Course:
    """A course of one module: an article and this quiz."""
    draft = a_course_draft(modules=1)
    article, check = draft.modules[0].lessons
    module = replace(draft.modules[0], lessons=(article, replace(check, quiz=quiz)))
    return publish(replace(draft, modules=(module,)), now=now)[0]


@pytest.fixture
def course(now: datetime) -> Course:
    """Its quiz asks two questions out of four, and one may try three times a day."""
    return publish_quiz(a_quiz(4), now)


@pytest.fixture
def quiz(course: Course) -> UUID:
    return course.quizzes[course.modules[0]]


@pytest.fixture
def learner(db: None) -> Actor:
    return Actor(a_person().pk)


def answer(actor: Actor, quiz: UUID, right: int, *, now: datetime) -> Answered:
    """Open an attempt and hand it in with so many right answers."""
    opened = open_attempt(actor, quiz, now=now)
    answers = {one.id: ["a" if number < right else "b"] for number, one in enumerate(opened.questions)}
    return submit_attempt(actor, quiz, opened.attempt, answers, now=now)


def passes(actor: Actor) -> list[int]:
    facts = Fact.objects.filter(person=actor.person_id, kind="quiz.passed").order_by("pos")
    return [fact.numbers["score"] for fact in facts]


def progress(actor: Actor, quiz: UUID) -> LessonProgress:
    return LessonProgress.objects.get(person_id=actor.person_id, lesson_id=quiz)


# -- opening


def test_opening_draws_and_enrols(learner: Actor, course: Course, quiz: UUID, now: datetime) -> None:
    opened = open_attempt(learner, quiz, now=now)
    assert (len(opened.questions), opened.quiz.ask, opened.attempts_left) == (2, 2, 3)
    assert Enrolment.objects.get().course_id == course.id
    kept = Attempt.objects.get()
    assert (kept.pk, kept.person_id, kept.lesson_id, kept.questions, kept.opened_at, kept.submitted_at) == (
        opened.attempt,
        learner.person_id,
        quiz,
        [question.id for question in opened.questions],
        now,
        None,
    )
    assert progress(learner, quiz).opened_at == now


def test_an_attempt_stays_open_until_it_is_handed_in(learner: Actor, quiz: UUID, now: datetime) -> None:
    first = open_attempt(learner, quiz, now=now)
    assert open_attempt(learner, quiz, now=now + timedelta(days=3)) == first
    assert Attempt.objects.count() == 1


def test_an_open_attempt_keeps_its_questions_in_a_newer_edition(
    learner: Actor, course: Course, quiz: UUID, now: datetime
) -> None:
    opened = open_attempt(learner, quiz, now=now)
    publish_quiz(a_quiz(2), now + MINUTE)
    take_newer_edition(learner, course.id, now=now + MINUTE)

    again = open_attempt(learner, quiz, now=now + MINUTE)
    assert (again.questions, again.quiz.ask) == (opened.questions, 2)
    answers = {question.id: ["a"] for question in opened.questions}
    assert submit_attempt(learner, quiz, opened.attempt, answers, now=now + MINUTE).scored.passed
    assert len(open_attempt(learner, quiz, now=now + 2 * MINUTE).questions) == 1


def test_what_was_not_asked_before_comes_first(learner: Actor, quiz: UUID, now: datetime) -> None:
    first = open_attempt(learner, quiz, now=now)
    submit_attempt(learner, quiz, first.attempt, {}, now=now)
    second = open_attempt(learner, quiz, now=now + MINUTE)
    assert {one.id for one in first.questions} & {one.id for one in second.questions} == set()


def test_three_attempts_a_day_and_a_new_day_is_midnight_in_utc(learner: Actor, quiz: UUID) -> None:
    late = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    left = [answer(learner, quiz, 0, now=late + number * timedelta(seconds=1)).attempts_left for number in range(3)]
    assert left == [2, 1, 0]
    with pytest.raises(Conflict) as refused:
        open_attempt(learner, quiz, now=late + timedelta(seconds=59))
    assert refused.value.code == "no_attempts"
    assert open_attempt(learner, quiz, now=late + MINUTE).attempts_left == 3


def test_the_clock_stepping_back_gives_no_further_attempts(learner: Actor, quiz: UUID, now: datetime) -> None:
    for _ in range(3):
        answer(learner, quiz, 0, now=now)
    with pytest.raises(Conflict):
        open_attempt(learner, quiz, now=now - timedelta(days=1))


def test_only_quizzes_that_are_there_can_be_taken(learner: Actor, course: Course, quiz: UUID, now: datetime) -> None:
    for lesson in (course.lessons[course.modules[0]][0], uuid7()):
        with pytest.raises(NotFound):
            open_attempt(learner, lesson, now=now)
    with pytest.raises(SignInNeeded):
        open_attempt(ANYONE, quiz, now=now)
    assert not Attempt.objects.exists()


def test_whoever_is_enrolled_already_is_not_again(learner: Actor, course: Course, quiz: UUID, now: datetime) -> None:
    enrol(learner, course.id, now=now - MINUTE)
    open_attempt(learner, quiz, now=now)
    assert Enrolment.objects.get().enrolled_at == now - MINUTE


# -- handing in


def test_a_pass_is_a_fact(learner: Actor, course: Course, quiz: UUID, now: datetime) -> None:
    earlier = now - timedelta(hours=2)
    opened = open_attempt(learner, quiz, now=now)
    answers = {question.id: ["a"] for question in opened.questions}
    answered = submit_attempt(learner, quiz, opened.attempt, answers, now=now, occurred_at=earlier)
    assert (answered.scored.percent, answered.scored.passed, answered.saved.lesson) == (100, True, State.PASSED)
    fact = Fact.objects.get()
    assert (fact.kind, fact.thing, fact.numbers, fact.occurred_at, fact.effective_at, fact.key) == (
        "quiz.passed",
        quiz,
        {"module": str(course.modules[0]), "course": str(course.id), "score": 100},
        earlier,
        now,
        f"quiz.passed:{opened.attempt}",
    )
    kept = last_attempt(learner.person_id, quiz)
    assert kept is not None
    assert (kept.pk, kept.answers, kept.submitted_at, kept.score, kept.passed) == (
        opened.attempt,
        answers,
        now,
        100,
        True,
    )


@pytest.mark.parametrize("late", [timedelta(minutes=-6), timedelta(days=31)])
def test_a_pass_cannot_be_claimed_for_any_time(learner: Actor, quiz: UUID, now: datetime, late: timedelta) -> None:
    opened = open_attempt(learner, quiz, now=now)
    with pytest.raises(Refused) as refused:
        submit_attempt(learner, quiz, opened.attempt, {}, now=now, occurred_at=now - late)
    assert list(refused.value.fields) == ["occurred_at"]
    assert Attempt.objects.get().submitted_at is None


def test_handing_in_twice_is_refused_and_counts_once(learner: Actor, quiz: UUID, now: datetime) -> None:
    opened = open_attempt(learner, quiz, now=now)
    answers = {question.id: ["a"] for question in opened.questions}
    submit_attempt(learner, quiz, opened.attempt, {}, now=now)
    with pytest.raises(Conflict) as refused:
        submit_attempt(learner, quiz, opened.attempt, answers, now=now)
    assert (refused.value.code, passes(learner), Attempt.objects.get().score) == ("submitted", [], 0)


def test_nobody_hands_in_what_is_anothers_or_of_another_quiz(learner: Actor, now: datetime) -> None:
    (course,) = publish(a_course_draft(modules=2), now=now)
    one, other = course.quizzes.values()
    opened = open_attempt(learner, one, now=now)
    answers = {question.id: ["a"] for question in opened.questions}
    for who, quiz, attempt in (
        (Actor(a_person().pk), one, opened.attempt),
        (learner, other, opened.attempt),
        (learner, one, uuid7()),
    ):
        with pytest.raises(NotFound):
            submit_attempt(who, quiz, attempt, answers, now=now)
    assert (Attempt.objects.get().submitted_at, Fact.objects.count()) == (None, 0)


def test_only_what_was_asked_can_be_answered(learner: Actor, quiz: UUID, now: datetime) -> None:
    opened = open_attempt(learner, quiz, now=now)
    asked = [question.id for question in opened.questions]
    (foreign, *_) = {question.id for question in opened.quiz.questions} - set(asked)
    wrong: list[dict[str, list[str]]] = [{foreign: ["a"]}, {"q99": []}, {asked[0]: ["z"]}, {asked[0]: ["a", "z"]}]
    for answers in wrong:
        with pytest.raises(Refused) as refused:
            submit_attempt(learner, quiz, opened.attempt, answers, now=now)
        assert refused.value.fields == {"answers": "Not asked here."}
    assert Attempt.objects.get().submitted_at is None


def test_a_failure_shows_until_a_pass_and_a_pass_for_good(learner: Actor, quiz: UUID, now: datetime) -> None:
    failed = answer(learner, quiz, 1, now=now)
    assert (failed.scored.percent, failed.scored.passed, failed.saved.lesson) == (50, False, State.FAILED)
    assert (failed.saved.module, progress(learner, quiz).completed_at) == (State.FAILED, None)

    passed = answer(learner, quiz, 2, now=now + MINUTE)
    assert (passed.saved.lesson, progress(learner, quiz).failed_at) == (State.PASSED, None)

    again = answer(learner, quiz, 0, now=now + 2 * MINUTE)
    row = progress(learner, quiz)
    assert (again.saved.lesson, row.completed_at, row.passed_at, row.failed_at) == (
        State.PASSED,
        now + MINUTE,
        now + MINUTE,
        None,
    )
    assert passes(learner) == [100]


def test_each_pass_is_told_and_completes_its_module_once(
    learner: Actor, course: Course, quiz: UUID, now: datetime
) -> None:
    read_lesson(learner, course.lessons[course.modules[0]][0], now=now)
    for number in range(3):
        take_quiz(learner, quiz, now=now + number * MINUTE)
    kinds = list(Fact.objects.order_by("pos").values_list("kind", flat=True))
    assert kinds == ["lesson.completed", "quiz.passed", "module.completed", "course.completed", *["quiz.passed"] * 2]


def test_explanations_wait_for_a_pass_or_the_days_last_attempt(learner: Actor, quiz: UUID, now: datetime) -> None:
    shown = [answer(learner, quiz, 0, now=now + number * MINUTE).shows_explanations for number in range(3)]
    assert shown == [False, False, True]
    tomorrow = now + timedelta(days=1)
    assert [answer(learner, quiz, right, now=tomorrow).shows_explanations for right in (0, 2)] == [False, True]


def test_a_report_about_a_quiz_keeps_only_its_time(learner: Actor, quiz: UUID, now: datetime) -> None:
    report = Report(position=0.3, anchor="p-1", play=uuid7(), seconds=40)
    save_progress(learner, quiz, report, now=now)
    answer(learner, quiz, 2, now=now)
    save_progress(learner, quiz, report, now=now + MINUTE)
    row = progress(learner, quiz)
    assert (row.position, row.anchor, row.seconds, row.opened_at) == (1, "", 40, now)


# -- many at once


@pytest.mark.django_db(transaction=True)
def test_twenty_who_open_at_once_have_one_attempt_and_hand_it_in_once(now: datetime) -> None:
    course = publish_quiz(a_quiz(4), now)
    learner, quiz = Actor(a_person().pk), course.quizzes[course.modules[0]]
    opened = together(20, lambda _: open_attempt(learner, quiz, now=now))
    (one,) = {answer.attempt for answer in opened if isinstance(answer, Opened)}
    assert len([answer for answer in opened if isinstance(answer, Opened)]) == 20

    answers = {question: ["a"] for question in Attempt.objects.get().questions}
    handed = together(20, lambda _: submit_attempt(learner, quiz, one, answers, now=now))
    assert sorted(type(answer).__name__ for answer in handed) == ["Answered"] + ["Conflict"] * 19
    assert passes(learner) == [100]
