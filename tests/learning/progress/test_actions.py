"""Learning a course: enrolling, editions, reports of devices in any order, and what completes when."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from academy.core.errors import Conflict, NotFound, Refused, SignInNeeded
from academy.core.ids import uuid7
from academy.journal.actions import Decision, Thing, action, record
from academy.journal.models import Fact
from academy.learning.catalog.models import Item
from academy.learning.catalog.rules import CourseDraft, LessonDraft
from academy.learning.progress.actions import Report, Saved, enrol, plan_modules, save_progress, take_newer_edition
from academy.learning.progress.models import (
    CourseProgress,
    Enrolment,
    LessonProgress,
    ModuleProgress,
    PlannedModule,
    Play,
)
from academy.learning.progress.queries import course_states
from academy.learning.progress.rules import State
from academy.people.memberships.actions import add_member
from academy.people.permissions.rules import ANYONE, THE_HOUSE, Actor

from ...factories import a_partner, a_person
from ...together import together
from ...worlds import Course, a_course_draft, a_quiz, course_of, pass_modules, publish, read_lesson, take_quiz

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def learner(db: None) -> Actor:
    """Somebody who belongs to no partner."""
    return Actor(a_person().pk)


@pytest.fixture
def course(now: datetime) -> Course:
    """Two modules of one article and a quiz each."""
    return publish(a_course_draft(), now=now)[0]


def lesson_of(course: Course, number: int = 0) -> UUID:
    return course.lessons[course.modules[number]][0]


def progress(actor: Actor, lesson: UUID) -> tuple[float, str, int, bool]:
    row = LessonProgress.objects.get(person_id=actor.person_id, lesson_id=lesson)
    return row.position, row.anchor, row.seconds, row.completed_at is not None


def kinds(actor: Actor) -> list[str]:
    return list(Fact.objects.filter(person=actor.person_id).order_by("pos").values_list("kind", flat=True))


def with_lessons(draft: CourseDraft, module: int, *lessons: LessonDraft) -> CourseDraft:
    """The draft with other lessons in one of its modules."""
    modules = list(draft.modules)
    modules[module] = replace(modules[module], lessons=lessons)
    return replace(draft, modules=tuple(modules))


# -- enrolling


def test_enrolling_twice_is_enrolling_once(learner: Actor, course: Course, now: datetime) -> None:
    assert [enrol(learner, course.id, now=now), enrol(learner, course.id, now=now + SECOND)] == [True, False]
    taken = Enrolment.objects.get()
    assert (taken.person_id, taken.course_id, taken.edition_id, taken.enrolled_at, taken.last_lesson_id) == (
        learner.person_id,
        course.id,
        Item.objects.get(pk=course.id).edition_id,
        now,
        None,
    )


def test_one_enrols_in_courses_that_are_offered(learner: Actor, course: Course, now: datetime) -> None:
    taken = Actor(a_person().pk)
    enrol(taken, course.id, now=now)
    Item.objects.filter(pk=course.id).update(archived_at=now)
    for unknown in (uuid7(), course.id):
        with pytest.raises(NotFound):
            enrol(learner, unknown, now=now)
    assert enrol(taken, course.id, now=now) is False
    with pytest.raises(SignInNeeded):
        enrol(ANYONE, course.id, now=now)


def test_reporting_enrols(learner: Actor, course: Course, now: datetime) -> None:
    save_progress(learner, lesson_of(course), Report(position=0.25), now=now)
    taken = Enrolment.objects.get(person_id=learner.person_id)
    assert (taken.course_id, taken.last_lesson_id, taken.last_opened_at) == (course.id, lesson_of(course), now)


def test_planning_modules_enrols_and_replaces_the_plan(learner: Actor, course: Course, now: datetime) -> None:
    plan_modules(learner, list(course.modules), now=now)
    plan_modules(learner, [course.modules[1]], now=now + SECOND)
    planned = PlannedModule.objects.values_list("person_id", "module_id", "planned_at")
    assert list(planned) == [(learner.person_id, course.modules[1], now + SECOND)]
    assert Enrolment.objects.filter(person_id=learner.person_id).count() == 1
    with pytest.raises(Refused, match="not known any more"):
        plan_modules(learner, [course.modules[1], uuid7()], now=now)
    assert PlannedModule.objects.count() == 1


# -- what a device reports


def test_positions_are_those_that_were_true_last(learner: Actor, course: Course, now: datetime) -> None:
    lesson = lesson_of(course)
    for minutes, position, anchor in ((2, 0.5, "p-5"), (1, 0.9, "p-9"), (2, 0.5, "p-4"), (0, 0.1, "p-1")):
        at = now + timedelta(minutes=minutes)
        report = Report(position=position, anchor=anchor, occurred_at=at)
        save_progress(learner, lesson, report, now=now + timedelta(hours=1))
    assert progress(learner, lesson) == (0.5, "p-5", 0, False)


def test_a_report_without_a_position_hides_none_that_comes_later(learner: Actor, course: Course, now: datetime) -> None:
    lesson = lesson_of(course)
    save_progress(learner, lesson, Report(play=uuid7(), seconds=5, anchor="p-9"), now=now)
    assert progress(learner, lesson) == (0, "", 5, False)
    save_progress(learner, lesson, Report(position=0.5, anchor="p-5", occurred_at=now - SECOND), now=now)
    save_progress(learner, lesson, Report(anchor="p-7"), now=now + SECOND)
    assert progress(learner, lesson) == (0.5, "p-5", 5, False)


def test_where_to_go_on_is_the_lesson_that_was_open_last(learner: Actor, course: Course, now: datetime) -> None:
    first, second = lesson_of(course), lesson_of(course, 1)
    save_progress(learner, second, Report(position=0.5), now=now)
    save_progress(learner, first, Report(position=0.5, occurred_at=now - SECOND), now=now + SECOND)
    taken = Enrolment.objects.get()
    assert (taken.last_lesson_id, taken.last_opened_at) == (second, now)


def test_plays_add_up_and_each_keeps_its_highest_total(learner: Actor, course: Course, now: datetime) -> None:
    lesson, one, other = lesson_of(course), uuid7(), uuid7()
    for play, seconds, after in ((one, 30, 30), (one, 60, 60), (one, 45, 45), (other, 10, 80), (one, 60, 60)):
        report = Report(play=play, seconds=seconds, occurred_at=now + after * SECOND)
        save_progress(learner, lesson, report, now=now + 90 * SECOND)
    assert progress(learner, lesson) == (0, "", 70, False)


def test_what_old_plays_added_stays_when_they_are_tidied_away(learner: Actor, course: Course, now: datetime) -> None:
    lesson = lesson_of(course)
    save_progress(learner, lesson, Report(play=uuid7(), seconds=60), now=now)
    Play.objects.all().delete()
    save_progress(learner, lesson, Report(play=uuid7(), seconds=5), now=now + timedelta(days=400))
    assert progress(learner, lesson) == (0, "", 65, False)


def test_a_play_grows_no_faster_than_the_clock(learner: Actor, course: Course, now: datetime) -> None:
    lesson, play = lesson_of(course), uuid7()
    for after, claimed, kept in ((0, 10, 10), (60, 9_999, 71), (61, 0, 71), (120, 9_999, 131)):
        save_progress(learner, lesson, Report(play=play, seconds=claimed), now=now + after * SECOND)
        assert progress(learner, lesson)[2] == kept  # a second more than passed: totals are whole seconds


def test_plays_of_a_person_take_no_more_time_than_passed(learner: Actor, course: Course, now: datetime) -> None:
    """Whoever makes up plays gets no more from three than from one, nor twice by saying the same again."""
    first, second = lesson_of(course), lesson_of(course, 1)
    made_up = [Report(play=uuid7(), seconds=12 * 3600) for _ in range(3)]
    for report in made_up + made_up:
        save_progress(learner, first, report, now=now)
    assert progress(learner, first)[2] == 12 * 3600

    later = now + 90 * SECOND
    save_progress(learner, second, Report(play=uuid7(), seconds=12 * 3600), now=later)
    save_progress(learner, first, made_up[1], now=later)
    assert (progress(learner, first)[2], progress(learner, second)[2]) == (12 * 3600, 90)


def test_two_devices_at_once_both_count_while_time_allows(learner: Actor, course: Course, now: datetime) -> None:
    first, second, one, other = lesson_of(course), lesson_of(course, 1), uuid7(), uuid7()
    for seconds in (15, 30, 45):
        for lesson, play in ((first, one), (second, other)):
            save_progress(learner, lesson, Report(play=play, seconds=seconds), now=now + seconds * SECOND)
    assert (progress(learner, first)[2], progress(learner, second)[2]) == (45, 45)


def test_nobody_learned_before_there_was_anything_to_learn_from(course: Course, now: datetime) -> None:
    """A first play reaches back to when the course was chosen, or to when one joined."""
    for joined, chosen, believed in (
        (now - timedelta(days=300), now - 40 * SECOND, 40),
        (now - 50 * SECOND, None, 50),
        (now - 50 * SECOND, now - 40 * SECOND, 40),
        (now - timedelta(days=300), None, 12 * 3600),
    ):
        learner = Actor(a_person(joined_at=joined).pk)
        if chosen:
            enrol(learner, course.id, now=chosen)
        save_progress(learner, lesson_of(course), Report(play=uuid7(), seconds=10**9), now=now)
        assert progress(learner, lesson_of(course))[2] == believed


@pytest.mark.parametrize("ahead", [-240, 0, 240])
def test_a_device_whose_clock_is_wrong_loses_no_second(
    learner: Actor, course: Course, now: datetime, ahead: int
) -> None:
    """A report kept back, and two sent at once."""
    lesson, play = lesson_of(course), uuid7()
    for arrives, happened, seconds in ((300, 10.9, 10), (301, 301.05, 300), (331, 331, 330)):
        at = now + (happened + ahead) * SECOND
        save_progress(learner, lesson, Report(play=play, seconds=seconds, occurred_at=at), now=now + arrives * SECOND)
    assert progress(learner, lesson)[2] == 330


def test_a_play_belongs_to_one_person_and_lesson(learner: Actor, course: Course, now: datetime) -> None:
    play = uuid7()
    save_progress(learner, lesson_of(course), Report(play=play, seconds=5), now=now)
    for who, lesson in ((learner, lesson_of(course, 1)), (Actor(a_person().pk), lesson_of(course))):
        with pytest.raises(Refused) as refused:
            save_progress(who, lesson, Report(play=play, seconds=50), now=now + 60 * SECOND)
        assert refused.value.fields == {"play": "In use."}
    assert list(Play.objects.values_list("person_id", "lesson_id", "seconds")) == [
        (learner.person_id, lesson_of(course), 5)
    ]


@pytest.mark.parametrize(
    ("report", "field"),
    [
        (Report(position=1.01), "position"),
        (Report(position=-0.01), "position"),
        (Report(position=float("nan")), "position"),
        (Report(seconds=-1), "seconds"),
    ],
)
def test_what_cannot_be_is_refused(learner: Actor, course: Course, now: datetime, report: Report, field: str) -> None:
    with pytest.raises(Refused) as refused:
        save_progress(learner, lesson_of(course), report, now=now)
    assert list(refused.value.fields) == [field]
    assert not LessonProgress.objects.exists()


@pytest.mark.parametrize("late", [timedelta(minutes=-5, seconds=-1), timedelta(days=30, seconds=1)])
def test_times_that_cannot_be_are_refused(learner: Actor, course: Course, now: datetime, late: timedelta) -> None:
    with pytest.raises(Refused) as refused:
        save_progress(learner, lesson_of(course), Report(completed=True, occurred_at=now - late), now=now)
    assert list(refused.value.fields) == ["occurred_at"]


def test_a_lesson_that_is_not_there_or_not_in_the_edition_taken(learner: Actor, course: Course, now: datetime) -> None:
    with pytest.raises(NotFound):
        save_progress(learner, uuid7(), Report(), now=now)
    enrol(learner, course.id, now=now)
    publish(a_course_draft(lessons=2), now=now + SECOND)
    added = course_of("course").lessons[course.modules[0]][1]
    with pytest.raises(NotFound, match="in the edition you take"):
        save_progress(learner, added, Report(completed=True), now=now + SECOND)
    assert kinds(learner) == []


# -- completing


def test_completing_again_changes_nothing(learner: Actor, course: Course, now: datetime) -> None:
    lesson = lesson_of(course)
    first = save_progress(learner, lesson, Report(position=1, completed=True), now=now)
    again = save_progress(learner, lesson, Report(position=1, completed=True), now=now + SECOND)
    assert first == again == Saved(State.COMPLETED, State.IN_PROGRESS, State.IN_PROGRESS, first.cursor)
    fact = Fact.objects.get(person=learner.person_id)
    assert (fact.kind, fact.partner, fact.thing_kind, fact.thing, fact.numbers, fact.effective_at) == (
        "lesson.completed",
        None,
        "lesson",
        lesson,
        {"module": str(course.modules[0]), "course": str(course.id)},
        now,
    )


def test_reading_back_takes_no_completion_away(learner: Actor, course: Course, now: datetime) -> None:
    lesson = lesson_of(course)
    save_progress(learner, lesson, Report(position=1, completed=True), now=now)
    saved = save_progress(learner, lesson, Report(position=0.1), now=now + SECOND)
    assert (saved.lesson, progress(learner, lesson)) == (State.COMPLETED, (0.1, "", 0, True))


def test_lessons_make_modules_and_modules_a_course(learner: Actor, course: Course, now: datetime) -> None:
    pass_modules(learner, course, now=now)
    done = ["lesson.completed", "quiz.passed", "module.completed"]
    assert kinds(learner) == [*done, *done, "course.completed"]
    rows = list(ModuleProgress.objects.order_by("id").values_list("module_id", "completed_at", "passed"))
    assert rows == [(module, now, True) for module in course.modules]
    assert list(CourseProgress.objects.values_list("course_id", "completed_at")) == [(course.id, now)]
    states = course_states(learner.person_id, course.id)
    assert (set(states.lessons.values()), set(states.modules.values())) == (
        {State.COMPLETED, State.PASSED},
        {State.PASSED},
    )
    assert (states.completed, states.done, states.required) == (True, 4, 4)


def test_without_a_quiz_a_module_is_completed_but_not_passed(learner: Actor, now: datetime) -> None:
    (course,) = publish(a_course_draft(modules=1, quiz=False), now=now)
    saved = save_progress(learner, lesson_of(course), Report(completed=True), now=now)
    assert (saved.lesson, saved.module, saved.course) == (State.COMPLETED,) * 3
    assert ModuleProgress.objects.get().passed is False


def test_optional_lessons_are_in_no_denominator(learner: Actor, now: datetime) -> None:
    draft = a_course_draft(modules=1, lessons=2, quiz=False)
    must, may = draft.modules[0].lessons
    (course,) = publish(with_lessons(draft, 0, must, replace(may, optional=True)), now=now)
    first, optional = course.lessons[course.modules[0]]

    only_optional = save_progress(learner, optional, Report(completed=True), now=now)
    assert (only_optional.lesson, only_optional.module) == (State.COMPLETED, State.IN_PROGRESS)
    saved = save_progress(learner, first, Report(completed=True), now=now)

    assert (saved.module, saved.course) == (State.COMPLETED, State.COMPLETED)
    assert course_states(learner.person_id, course.id).required == 1


def test_a_report_never_completes_a_quiz(learner: Actor, course: Course, now: datetime) -> None:
    quiz = course.quizzes[course.modules[0]]
    saved = save_progress(learner, quiz, Report(position=1, anchor="p-1", completed=True), now=now)
    assert (saved.lesson, progress(learner, quiz), kinds(learner)) == (State.IN_PROGRESS, (0, "", 0, False), [])


@pytest.mark.tampers
def test_nothing_follows_from_what_nobody_did(course: Course, now: datetime) -> None:
    numbers = {"module": str(course.modules[0]), "course": str(course.id), "passed": True}

    @action
    def told() -> None:
        record("quiz.passed", thing=Thing("lesson", uuid7()), at=now, now=now, numbers=numbers)
        decided = Decision("learning-1", {"required": 1, "done": 1})
        record("module.completed", at=now, now=now, numbers=numbers, decision=decided)

    told()
    assert list(Fact.objects.order_by("pos").values_list("kind", flat=True)) == ["quiz.passed", "module.completed"]


# -- prerequisites


def test_a_course_waits_for_those_it_builds_on(learner: Actor, course: Course, now: datetime) -> None:
    (second,) = publish(a_course_draft("second", prerequisites=["course"]), now=now)
    for attempt in (
        lambda: save_progress(learner, lesson_of(second), Report(completed=True), now=now),
        lambda: take_quiz(learner, second.quizzes[second.modules[0]], now=now),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert (refused.value.code, refused.value.sentence) == (
            "locked",
            "Finish “Course” first: this course builds on it.",
        )
    assert not LessonProgress.objects.exists()

    pass_modules(learner, course, now=now)
    assert save_progress(learner, lesson_of(second), Report(completed=True), now=now).lesson == State.COMPLETED


# -- editions


def test_a_newer_edition_shows_just_what_is_not_done(learner: Actor, course: Course, now: datetime) -> None:
    pass_modules(learner, course, course.modules[0], now=now)
    publish(a_course_draft(lessons=2), now=now + SECOND)
    newer = course_of("course")
    states = course_states(learner.person_id, course.id)
    assert (states.done, states.required) == (2, 4)  # one stays on one's own

    take_newer_edition(learner, course.id, now=now + SECOND)

    states = course_states(learner.person_id, course.id)
    assert (states.done, states.required) == (2, 6)
    assert states.modules[course.modules[0]] == State.PASSED  # no edition takes a completion back
    assert states.lessons[newer.lessons[course.modules[0]][1]] == State.NOT_STARTED


def test_an_edition_that_asks_less_completes_what_is_complete_by_it(learner: Actor, now: datetime) -> None:
    (course,) = publish(a_course_draft(modules=2, lessons=2), now=now)
    for module in course.modules:
        read_lesson(learner, course.lessons[module][0], now=now)
        take_quiz(learner, course.quizzes[module], now=now)
    assert "module.completed" not in kinds(learner)
    publish(a_course_draft(modules=2, lessons=1), now=now + SECOND)

    take_newer_edition(learner, course.id, now=now + 2 * SECOND)

    assert kinds(learner)[-3:] == ["module.completed", "module.completed", "course.completed"]
    take_newer_edition(learner, course.id, now=now + 3 * SECOND)
    assert len(kinds(learner)) == 7


def test_an_edition_without_the_missing_module_completes_the_course(
    learner: Actor, course: Course, now: datetime
) -> None:
    pass_modules(learner, course, course.modules[0], now=now)
    publish(a_course_draft(modules=1), now=now + SECOND)

    take_newer_edition(learner, course.id, now=now + SECOND)

    assert kinds(learner)[-2:] == ["module.completed", "course.completed"]
    assert CourseProgress.objects.get().completed_at == now + SECOND


def test_a_module_that_is_gone_is_finished_in_the_edition_one_stays_on(
    learner: Actor, course: Course, now: datetime
) -> None:
    enrol(learner, course.id, now=now)
    publish(a_course_draft(modules=1), now=now + SECOND)
    pass_modules(learner, course, now=now + SECOND)
    assert kinds(learner)[-1] == "course.completed"


def test_a_lesson_that_becomes_a_quiz_must_be_passed(learner: Actor, now: datetime) -> None:
    draft = a_course_draft(modules=1, lessons=2, quiz=False)
    (course,) = publish(draft, now=now)
    first, second = course.lessons[course.modules[0]]
    read_lesson(learner, first, now=now)
    quiz = LessonDraft("l0", "quiz", "Check", 3, quiz=a_quiz())
    publish(with_lessons(draft, 0, quiz, draft.modules[0].lessons[1]), now=now + SECOND)
    take_newer_edition(learner, course.id, now=now + SECOND)

    read_lesson(learner, second, now=now + 2 * SECOND)
    assert not ModuleProgress.objects.exists()

    take_quiz(learner, first, now=now + 3 * SECOND)
    assert ModuleProgress.objects.get().passed is True


def test_only_what_one_takes_has_a_newer_edition(learner: Actor, course: Course, now: datetime) -> None:
    with pytest.raises(NotFound, match="not enrolled"):
        take_newer_edition(learner, course.id, now=now)


# -- many at once


@pytest.mark.django_db(transaction=True)
def test_fifty_completions_of_one_lesson_are_one_fact(now: datetime) -> None:
    (course,) = publish(a_course_draft(), now=now)
    partner = a_partner().pk
    person = a_person().pk
    add_member(partner, person, role="owner", by=THE_HOUSE, now=now)
    learner = Actor(person, partner_id=partner, member_role="owner")

    answers = together(50, lambda _: save_progress(learner, lesson_of(course), Report(completed=True), now=now))

    assert [answer for answer in answers if not isinstance(answer, Saved)] == []
    assert {answer.lesson for answer in answers if isinstance(answer, Saved)} == {State.COMPLETED}
    assert kinds(learner) == ["member.joined", "lesson.completed"]


@pytest.mark.django_db(transaction=True)
def test_twenty_reports_of_one_person_at_once_lose_nothing(now: datetime) -> None:
    (course,) = publish(a_course_draft(), now=now)
    learner, lesson = Actor(a_person().pk), lesson_of(course)

    def report(number: int) -> Saved:
        at = now + number * SECOND
        told = Report(number / 20, f"p-{number}", uuid7(), 10, completed=number == 7, occurred_at=at)
        return save_progress(learner, lesson, told, now=now + timedelta(minutes=1))

    answers = together(20, report)

    assert [answer for answer in answers if not isinstance(answer, Saved)] == []
    assert progress(learner, lesson) == (19 / 20, "p-19", 200, True)
