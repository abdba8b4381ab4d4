"""A quiz: one question a screen, checked at the end; and how it went, with the passages to read again."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markupsafe import Markup

from academy.core.errors import NotFound
from academy.journal.queries import head
from academy.learning.outlines.queries import LessonLine, Outline
from academy.learning.progress.rules import DONE
from academy.learning.quizzes import queries, rules
from academy.learning.quizzes.actions import Opened, open_attempt, submit_attempt
from academy.learning.quizzes.models import Attempt
from academy.learning.quizzes.rules import Passage, Question
from academy.learning.sittings.queries import texts_of
from academy.learning.sittings.rules import passage_minutes
from academy.web import formats
from academy.web.middleware import signed_in
from academy.web.partner.lesson.frame import frame, outline_or_404
from academy.web.partner.training import words
from academy.web.requests import PersonRequest
from academy.web.templates import page, render, url

PREFIX = "q-"  # of the fields that carry answers


@signed_in
def quiz(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """The open attempt, or a new one. One that was passed is shown as it went; `?again=1` opens another."""
    found = outline_or_404(request, lesson_id)
    line = _line(found, lesson_id)
    if line.kind != "quiz":
        return HttpResponseRedirect(url("lesson", lesson_id))
    if found.locked_by is not None:
        return HttpResponseRedirect(url("course", found.slug))
    if request.method == "POST":
        return _check(request, lesson_id)
    last = queries.last_attempt(request.actor.person_id, lesson_id)
    if last is not None and _is_over(request, line, last):
        return HttpResponseRedirect(url("quiz-result", lesson_id))
    opened = open_attempt(request.actor, lesson_id, now=request.now)
    return render(request, "partner/quiz/page.html", **frame(found, lesson_id, live=False), **_asking(opened, line))


def _line(found: Outline, lesson: UUID) -> LessonLine:
    return next(one for one in found.lessons if one.id == lesson)


def _is_over(request: PersonRequest, line: LessonLine, last: Attempt) -> bool:
    """Whether there is nothing to answer: passed and not asked for again, or no attempt left today."""
    standing = queries.attempts(request.actor.person_id, line.id, last.revision_id, request.now)
    if standing.open_attempt is not None:
        return False
    left = rules.attempts_left(rules.parse_quiz(standing.quiz), standing.submitted_today)
    return left == 0 or (line.state in DONE and "again" not in request.GET)


def _asking(opened: Opened, line: LessonLine) -> dict[str, Any]:
    count = len(opened.questions)
    return {
        "attempt": opened.attempt,
        "title": line.title,
        "lesson_id": line.id,
        "rules_line": _("%(needed)d of %(count)d pass · %(left)s")
        % {"needed": opened.quiz.needed(), "count": count, "left": _left(opened.attempts_left)},
        "questions": [_question(question) for question in opened.questions],
    }


def _left(attempts: int) -> str:
    return ngettext("%(count)d attempt left today", "%(count)d attempts left today", attempts) % {"count": attempts}


def _question(question: Question) -> dict[str, Any]:
    return {
        "name": f"{PREFIX}{question.id}",
        "multiple": question.multiple,
        "text": _html(question.html, question.text),
        "choices": [{"id": choice.id, "label": _html(choice.html, choice.text)} for choice in question.choices],
    }


def _html(html: str, text: str) -> Markup:
    """The safe HTML that publishing made; where there is none, the text escaped."""
    return Markup(html or escape(text))  # noqa: S704 - cleaned when it was published, or escaped here


def _check(request: PersonRequest, lesson: UUID) -> HttpResponse:
    """Hand the attempt in. Passed leads to what it brought, failed to what to read again."""
    try:
        attempt = UUID(request.POST.get("attempt", ""))
    except ValueError:
        raise NotFound from None
    asked = queries.asked(request.actor.person_id, lesson, attempt)
    if asked is not None and asked.submitted:  # sent twice, or from a page that was left open
        return HttpResponseRedirect(url("quiz-result", lesson))
    answers = {
        name.removeprefix(PREFIX): request.POST.getlist(name) for name in request.POST if name.startswith(PREFIX)
    }
    after = head()
    answered = submit_attempt(request.actor, lesson, attempt, answers, now=request.now)
    if answered.scored.passed:
        return HttpResponseRedirect(f"{url('lesson-done', lesson)}?after={after}")
    return HttpResponseRedirect(url("quiz-result", lesson))


@signed_in
def result(request: PersonRequest, lesson_id: UUID) -> HttpResponse:
    """How the last attempt went. Right answers are told only when the rules allow it."""
    found = outline_or_404(request, lesson_id)
    last = queries.last_attempt(request.actor.person_id, lesson_id)
    if last is None:
        return HttpResponseRedirect(url("quiz", lesson_id))

    def context() -> dict[str, Any]:
        return {**frame(found, lesson_id), **_result(request, found, _line(found, lesson_id), last)}

    parts = {"course-progress": "outline_progress", "outline-list": "outline"}
    return page(request, "partner/quiz/result.html", context, parts=parts)


def _result(request: PersonRequest, found: Outline, line: LessonLine, last: Attempt) -> dict[str, Any]:
    taken = rules.parse_quiz(last.revision.quiz or {})
    scored = rules.score(taken, last.questions, last.answers or {})
    today = queries.submitted_today(request.actor.person_id, line.id, request.now)
    left = rules.attempts_left(taken, today)
    shows = rules.shows_explanations(passed=scored.passed, left=left)
    told = scored.right.items() if shows else ()
    wrong = [taken.question(question) for question, right in scored.right.items() if not right]
    upcoming = found.upcoming(line.id)
    return {
        "title": line.title,
        "lesson_id": line.id,
        "passed": scored.passed,
        "passed_before": not scored.passed and line.state in DONE,
        "right": sum(scored.right.values()),
        "asked": len(scored.right),
        "needed": -(-taken.pass_percent * len(scored.right) // 100),
        "left": left,
        "left_line": _left(left),
        "again_from": _tomorrow(request),
        "passages": _passages(request, wrong),
        "explained": [_explained(last, taken.question(one), right) for one, right in told],
        "next": upcoming and {"title": upcoming.title, "href": words.lesson_address(upcoming.id, upcoming.kind)},
    }


def _tomorrow(request: PersonRequest) -> str:
    """When the next day of attempts begins: midnight UTC, told in the reader's zone."""
    day = request.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return formats.moment(day)


def _passages(request: PersonRequest, wrong: Sequence[Question]) -> dict[str, Any]:
    """Where the answers that were missed stand, each once, and how long they take together."""
    wanted: dict[tuple[str, str], Passage] = {}
    for question in wrong:
        if question.passage is not None:
            wanted.setdefault((question.passage.lesson, question.passage.anchor), question.passage)
    texts = texts_of(request.actor.person_id, [UUID(lesson) for lesson, _anchor in wanted]) if wanted else {}
    shown = [
        {
            "title": one.title,
            "lesson": text.title,
            "href": f"{url('lesson', one.lesson)}{'#' + one.anchor if one.anchor else ''}",
            "minutes": passage_minutes(text.html, one.anchor),
        }
        for one in wanted.values()
        if (text := texts.get(UUID(one.lesson))) is not None
    ]
    return {"items": shown, "minutes": sum(one["minutes"] for one in shown)}


def _explained(last: Attempt, question: Question, right: bool) -> dict[str, Any]:
    chosen = set((last.answers or {}).get(question.id, ()))
    written = next(one for one in (last.revision.quiz or {})["questions"] if one["id"] == question.id)
    passage = question.passage
    return {
        "text": _html(question.html, question.text),
        "right": right,
        "type": "checkbox" if question.multiple else "radio",
        "name": f"{PREFIX}{question.id}",
        "choices": [
            {
                "id": choice.id,
                "label": _html(choice.html, choice.text),
                "state": _state(choice.correct, choice.id in chosen),
                "chosen": choice.id in chosen,
                "why": choice.why,
            }
            for choice in question.choices
        ],
        "explanation": _html(written.get("explanation_html", ""), question.explanation),
        "passage": {
            "title": passage.title,
            "href": f"{url('lesson', passage.lesson)}{'#' + passage.anchor if passage.anchor else ''}",
        }
        if passage
        else None,
    }


def _state(correct: bool, chosen: bool) -> str:
    if chosen:
        return "right" if correct else "wrong"
    return "missed" if correct else ""


urlpatterns = [
    path("quizzes/<uuid:lesson_id>/", quiz, name="quiz"),
    path("quizzes/<uuid:lesson_id>/result/", result, name="quiz-result"),
]
