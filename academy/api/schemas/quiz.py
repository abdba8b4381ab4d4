"""Attempts at quizzes."""

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import Cursor, Given, State, Words


class Choice(Schema):
    """One answer that can be ticked."""

    id: str
    text: str
    html: str = Field(description="The text as it is shown; safe to insert.")


class Question(Schema):
    """A question as it is asked: without its answer."""

    id: str
    multiple: bool = Field(description="Whether more than one choice may be ticked.")
    text: str
    html: str
    choices: list[Choice]


class Attempt(Schema):
    """An open attempt. Asking again gives the same one until it is handed in."""

    attempt: UUID
    attempts_left: int = Field(ge=0, description="Today, this one included.")
    needed: int = Field(ge=0, description="How many right answers pass.", examples=[7])
    questions: list[Question]


class Answers(Given):
    """What was ticked: choice ids by question id. A question left out is a wrong one."""

    attempt: UUID
    answers: dict[Words, Annotated[list[Words], Field(max_length=100)]] = Field(
        max_length=500, examples=[{"q1": ["a"], "q2": ["b", "d"]}]
    )


class Passage(Schema):
    """Where in a lesson the answer stands."""

    lesson: str
    title: str
    anchor: str


class Explained(Schema):
    """What is told of a question afterwards."""

    id: str
    correct: bool
    explanation: str
    right: list[str] = Field(description="The choices that had to be ticked.")
    passage: Passage | None


class Scored(Schema):
    """How an attempt went."""

    score: int = Field(ge=0, le=100, description="Percent.", examples=[87])
    passed: bool
    attempts_left: int = Field(ge=0, description="Today.")
    lesson: State
    module: State
    course: State
    cursor: Cursor
    questions: list[Explained] | None = Field(
        default=None, description="Only after passing, or after the day's last attempt."
    )
