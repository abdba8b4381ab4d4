"""What must hold of a quiz: it can be passed, by those who know, and says where to read again."""

from collections.abc import Iterator

from academy.learning.catalog.markdown.rules import headings
from academy.learning.catalog.rules import (
    MULTIPLE,
    SINGLE,
    CourseDraft,
    LessonDraft,
    ModuleDraft,
    PassageDraft,
    Problem,
    QuestionDraft,
    QuizDraft,
)

MOST_ID = 80
MOST_ATTEMPTS = 100


def quiz_problems(course: CourseDraft, module: ModuleDraft, lesson: LessonDraft, quiz: QuizDraft) -> Iterator[Problem]:
    """Everything that is wrong with a quiz."""
    place, pool = lesson.place, len(quiz.questions)
    if not pool:
        yield place.problem("The quiz has no questions.", "questions")
    elif not 1 <= quiz.ask <= pool:
        yield place.problem(f"The quiz asks {quiz.ask} of {pool} questions.", "ask")
    if not 1 <= quiz.pass_percent <= 100:
        yield place.problem(f"{quiz.pass_percent} is not a percentage from 1 to 100.", "pass")
    if not 1 <= quiz.attempts_a_day <= MOST_ATTEMPTS:
        yield place.problem(
            f"{quiz.attempts_a_day} attempts a day are not from 1 to {MOST_ATTEMPTS}.", "attempts_a_day"
        )
    ids: set[str] = set()
    for question in quiz.questions:
        if question.id in ids:
            yield question.place.problem(f"The question “{question.id}” stands twice.", "id")
        ids.add(question.id)
        yield from _question(question)
        if question.passage and (reason := _points_nowhere(course, question.passage)):
            yield question.place.problem(reason, "passage")


def _question(question: QuestionDraft) -> Iterator[Problem]:
    place = question.place
    if not 0 < len(question.id) <= MOST_ID or not question.id.isprintable():
        yield place.problem(f"A question needs an id of at most {MOST_ID} printable characters.", "id")
    if not question.text:
        yield place.problem("The question has no text.", "text")
    right = sum(choice.correct for choice in question.choices)
    if len(question.choices) < 2:
        yield place.problem("The question has fewer than two choices.", "choices")
    elif not right:
        yield place.problem("No choice of the question is right.", "choices")
    elif question.kind == SINGLE and right > 1:
        yield place.problem(f"A question of kind single has {right} right choices.", "choices")
    if question.kind not in {SINGLE, MULTIPLE}:
        yield place.problem(f"The kind “{question.kind}” is neither single nor multiple.", "kind")
    yield from _choices(question)


def _choices(question: QuestionDraft) -> Iterator[Problem]:
    ids: set[str] = set()
    for index, choice in enumerate(question.choices):
        if not 0 < len(choice.id) <= MOST_ID or not choice.id.isprintable():
            yield question.place.problem("A choice needs an id.", f"choices.{index}")
        elif choice.id in ids:
            yield question.place.problem(f"The choice “{choice.id}” stands twice.", f"choices.{index}.id")
        if not choice.text:
            yield question.place.problem(f"The choice “{choice.id}” has no text.", f"choices.{index}.text")
        ids.add(choice.id)


def _points_nowhere(course: CourseDraft, passage: PassageDraft) -> str | None:
    for module, lesson in course.lessons():
        if (module.uid, lesson.uid) == (passage.module, passage.lesson):
            if passage.anchor and passage.anchor not in {heading.anchor for heading in headings(lesson.text)}:
                return f"The lesson “{passage.lesson}” has no heading “{passage.anchor}”."
            return None
    return f"The passage names a lesson “{passage.lesson}” that the course does not have."
