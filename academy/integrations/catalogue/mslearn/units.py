"""A unit of Microsoft Learn as lessons: its text, and its quiz after it."""

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from academy.integrations.catalogue.files import Files, UnreadableError
from academy.integrations.catalogue.located import Fields
from academy.integrations.catalogue.mslearn.markdown import convert, expand
from academy.learning.catalog.markdown.rules import active_in
from academy.learning.catalog.rules import (
    ARTICLE,
    MULTIPLE,
    QUIZ,
    SINGLE,
    VIDEO,
    ChoiceDraft,
    LessonDraft,
    Problem,
    QuestionDraft,
    QuizDraft,
)

PASS, ATTEMPTS = 80, 3
CODE_FILE = re.compile(r"\[!code-?\w*\s*\[[^\]]*\]\s*\(([^)?]*)", re.I)


@dataclass(slots=True)
class Texts:
    """The Markdown files of a set, read and looked through once."""

    files: Files
    problems: list[Problem]
    notes: list[Problem]
    kept: dict[str, str] = field(default_factory=dict)

    def include(self, unit: Fields, file: str, address: str) -> tuple[str, str] | None:
        """What an include brings in, as (file, text). What is not there is a problem of the unit."""
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), address.partition("?")[0]))
        if address.startswith("~/"):
            path = posixpath.normpath(address[2:])
        if path.startswith(("/", "..")):
            unit.wrong(f"The include “{address}” leads out of the folder.", "content")
            return None
        found = self.files.whatever_case(path)
        if found is None:
            self.problems.append(Problem(file, unit.line("content") if file == unit.file else 1, _gone(address)))
            return None
        if found != path:
            self.notes.append(Problem(unit.file, unit.line("content"), f"“{address}” was found as “{found}”."))
        return found, self._text(found)

    def _text(self, file: str) -> str:
        if file not in self.kept:
            try:
                self.kept[file] = self.files.text(file)
            except UnreadableError as refusal:
                self.problems.append(refusal.problem)
                self.kept[file] = ""
            for line, what in active_in(self.kept[file]):
                reason = f"The text contains {what}, which could run in a reader's browser. Take it out."
                self.problems.append(Problem(file, line, reason))
            self._note_code(file)
        return self.kept[file]

    def _note_code(self, file: str) -> None:
        for match in CODE_FILE.finditer(self.kept[file]):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file), match[1]))
            if path not in self.files:
                line = self.kept[file].count("\n", 0, match.start()) + 1
                self.notes.append(
                    Problem(file, line, f"The code file “{match[1]}” is not in the set; its name is shown.")
                )


def _gone(address: str) -> str:
    return f"The included file “{address}” is not there."


def lessons_of(unit: Fields, texts: Texts, *, language: str, zones: Mapping[str, str]) -> list[LessonDraft]:
    """A unit's lesson, its quiz lesson, or both; their minutes together are the unit's.

    A quiz after a text is given a minute a question, but at most half of the unit's time.
    """
    uid, title, minutes = unit.text("uid", None), unit.text("title", None), unit.number("durationInMinutes")
    content = unit.text("content")
    written = expand(content, lambda file, address: texts.include(unit, file, address), unit.file)
    for _, what in active_in(content):
        unit.wrong(f"The text contains {what}, which could run in a reader's browser. Take it out.", "content")
    text = convert(written, language=language, zones=zones)
    quiz = unit.within("quiz")
    questions = tuple(_questions(quiz)) if quiz else ()
    of_quiz = minutes if not content else min(len(questions), minutes // 2)
    lessons = []
    if content or not quiz:
        lessons.append(
            LessonDraft(
                uid=uid,
                kind=VIDEO if text.video else ARTICLE,
                title=title,
                minutes=minutes - (of_quiz if quiz else 0),
                text=text.markdown,
                url=text.video,
                place=unit.place(text=unit.line("content")),
            )
        )
    if quiz:
        lessons.append(
            LessonDraft(
                uid=f"{uid}#quiz" if content else uid,
                kind=QUIZ,
                title=(quiz.text("title") or title) if content else title,
                minutes=of_quiz,
                quiz=QuizDraft(len(questions), PASS, ATTEMPTS, questions),
                place=unit.place(questions=quiz.line("questions")),
            )
        )
    return lessons


def _questions(quiz: Fields) -> list[QuestionDraft]:
    questions: list[QuestionDraft] = []
    seen: dict[str, int] = {}
    for fields in quiz.each("questions"):
        question = _question(fields)
        times = seen[question.id] = seen.get(question.id, 0) + 1
        identity = question.id if times == 1 else f"{question.id}-{times}"
        questions.append(
            QuestionDraft(
                identity, question.kind, question.text, question.choices, question.explanation, None, question.place
            )
        )
    return questions


def _question(fields: Fields) -> QuestionDraft:
    text = fields.text("content", None)
    choices = tuple(_choice(index, choice) for index, choice in enumerate(fields.each("choices")))
    right = sum(choice.correct for choice in choices)
    return QuestionDraft(
        id="q" + hashlib.sha256(text.encode()).hexdigest()[:12],
        kind=MULTIPLE if right > 1 else SINGLE,
        text=text,
        choices=choices,
        explanation="\n".join(dict.fromkeys(choice.why for choice in choices if choice.why)),
        place=fields.place(),
    )


def _choice(index: int, fields: Fields) -> ChoiceDraft:
    correct = fields.flag("isCorrect")
    why = fields.text("correctExplanation" if correct else "incorrectExplanation") or fields.text("explanation")
    letter = chr(ord("a") + index) if index < 26 else f"c{index}"
    return ChoiceDraft(letter, fields.text("content", None), correct, why)
