"""Quizzes: which questions are drawn, how answers are scored, what may be shown. Randomness is handed in."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be ticked."""

    id: str
    text: str
    html: str
    correct: bool
    why: str


@dataclass(frozen=True, slots=True)
class Passage:
    """Where in a lesson the answer stands."""

    lesson: str
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, its choices, and what is said about it afterwards."""

    id: str
    multiple: bool
    text: str
    html: str
    choices: tuple[Choice, ...]
    explanation: str
    passage: Passage | None

    def right(self) -> frozenset[str]:
        """The choices that must be ticked, all of them and no other."""
        return frozenset(choice.id for choice in self.choices if choice.correct)


@dataclass(frozen=True, slots=True)
class Quiz:
    """A pool of questions, how many are asked, the percentage that passes, and how often a day one may try."""

    ask: int
    pass_percent: int
    attempts_a_day: int
    questions: tuple[Question, ...]

    def question(self, question_id: str) -> Question:
        """The question of that id. Raises KeyError."""
        for question in self.questions:
            if question.id == question_id:
                return question
        raise KeyError(question_id)

    def needed(self) -> int:
        """How many right answers pass."""
        return -(-min(self.ask, len(self.questions)) * self.pass_percent // 100)


def parse_quiz(written: Mapping[str, Any]) -> Quiz:
    """A quiz from `Revision.quiz`, which publishing has checked."""
    return Quiz(
        written["ask"],
        written["pass"],
        written["attempts_a_day"],
        tuple(_question(question) for question in written["questions"]),
    )


def _question(written: Mapping[str, Any]) -> Question:
    passage = written.get("passage")
    return Question(
        id=written["id"],
        multiple=written["kind"] == "multiple",
        text=written["text"],
        html=written.get("html", ""),
        choices=tuple(
            Choice(
                choice["id"],
                choice["text"],
                choice.get("html", ""),
                bool(choice.get("correct")),
                choice.get("why", ""),
            )
            for choice in written["choices"]
        ),
        explanation=written.get("explanation", ""),
        passage=Passage(passage["lesson"], passage.get("title", ""), passage["anchor"]) if passage else None,
    )


def draw(quiz: Quiz, *, seed: str, seen_before: Sequence[str] = ()) -> list[str]:
    """The questions of an attempt: those not seen in the attempt before come first, otherwise by chance of `seed`."""
    chance = random.Random(seed)  # noqa: S311 - drawing questions is no secret
    ids = [question.id for question in quiz.questions]
    chance.shuffle(ids)
    ids.sort(key=lambda question_id: question_id in seen_before)
    return ids[: quiz.ask]


@dataclass(frozen=True, slots=True)
class Scored:
    """Which answers were right, and what that makes."""

    right: Mapping[str, bool]
    percent: int
    passed: bool


def score(quiz: Quiz, drawn: Sequence[str], answers: Mapping[str, Sequence[str]]) -> Scored:
    """A question is right when exactly its right choices are ticked. Questions not drawn are not looked at."""
    right = {
        question_id: frozenset(answers.get(question_id, ())) == quiz.question(question_id).right()
        for question_id in drawn
    }
    correct = sum(right.values())
    percent = correct * 100 // len(right) if right else 0
    return Scored(right, percent, correct * 100 >= quiz.pass_percent * len(right) and bool(right))


def attempts_left(quiz: Quiz, submitted_today: int) -> int:
    """How often one may still try today."""
    return max(quiz.attempts_a_day - submitted_today, 0)


def shows_explanations(*, passed: bool, left: int) -> bool:
    """Explanations give the answers away, so they wait for a pass or for the day's last attempt."""
    return passed or left == 0


def unknown_answers(quiz: Quiz, drawn: Sequence[str], answers: Mapping[str, Sequence[str]]) -> str | None:
    """The first question or choice that was not asked; None when all were."""
    for question_id, chosen in answers.items():
        if question_id not in drawn:
            return question_id
        known = {choice.id for choice in quiz.question(question_id).choices}
        for choice in chosen:
            if choice not in known:
                return choice
    return None
