"""The small shapes that every answer is made of: times, rates, money, states."""

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import (
    AllowInfNan,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from academy.core import money

LARGEST_CURSOR = 2**63 - 1


def rfc3339(at: datetime) -> str:
    """An instant in UTC, such as 2026-01-31T09:30:00Z."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    AwareDatetime,
    PlainSerializer(rfc3339, return_type=str),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-01-31T09:30:00Z"]}, mode="serialization"
    ),
]


def _only(types: tuple[type, ...], code: str) -> BeforeValidator:
    """Only what JSON writes as such: a text “yes” is no true, and a bare number no time."""

    def check(given: object) -> object:
        if isinstance(given, types) and (bool in types or not isinstance(given, bool)):
            return given
        raise PydanticCustomError(code, code)  # told by problems.SENTENCES

    return BeforeValidator(check)


def _written(pattern: str, code: str) -> BeforeValidator:
    """Only a text that is written so; what is no text goes on to be told as that."""
    form = re.compile(pattern)

    def check(given: object) -> object:
        if not isinstance(given, str) or form.match(given):
            return given
        raise PydanticCustomError(code, code)  # told by problems.SENTENCES

    return BeforeValidator(check)


NOT_BLANK = _written(r"\s*\S", "missing")

# What a caller sends. A text of digits alone would be read as seconds since 1970: 20260131 is a day of August 1970.
YesNo = Annotated[bool, _only((bool,), "bool_type")]
Whole = Annotated[int, _only((int, float), "int_type")]
Number = Annotated[float, AllowInfNan(False), _only((int, float), "float_type")]
GivenTime = Annotated[
    AwareDatetime, _written(r"\d{4}-\d\d-\d\d[Tt ]\d", "datetime_type"), _only((str, datetime), "datetime_type")
]
GivenDay = Annotated[date, _written(r"\d{4}-\d\d-\d\d", "date_type"), _only((str, date), "date_type")]
Decimal = Annotated[
    str,
    StringConstraints(pattern=r"^\d{1,13}(\.\d{1,4})?$"),
    _written(r"\d{1,13}(\.\d{1,4})?\Z", "amount_form"),
    _written(r"(?!-)", "amount_below_zero"),  # the last is asked first
    Field(examples=["4820.00"]),
]
Currency = Annotated[
    str,
    StringConstraints(pattern="^[A-Z]{3}$"),
    _written(r"[A-Z]{3}\Z", "currency_form"),
    Field(examples=["GBP"]),
]

Percent = Annotated[
    str, Field(pattern=r"^\d+\.\d{2}$", description="Percent with two digits, as text.", examples=["12.08"])
]
Cursor = Annotated[
    int,
    Field(
        ge=0,
        le=LARGEST_CURSOR,
        description="A place in the journal. Ask `/me/activity` or `/live/` for what came after it.",
        examples=[48213],
    ),
]
# PostgreSQL cannot hold the character NUL, so no text that is looked up or kept may carry it.
NO_NUL = r"^[^\x00]*$"
SLUG = r"^[-a-zA-Z0-9_]+$"
ProgrammeSlug = Annotated[str, StringConstraints(pattern=SLUG, max_length=60), Field(examples=["agencies"])]
Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$"), Field(examples=["2026-11"])]
Words = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=200)]


class Given(Schema):
    """What a caller sends. A name we do not know is a mistake that the caller wants to hear of."""

    model_config = ConfigDict(extra="forbid")


class State(StrEnum):
    """Where a person is with something that can be learned."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"


class Money(Schema):
    """An amount in a currency, with exactly the digits that the currency has."""

    amount: str = Field(pattern=r"^-?\d+(\.\d+)?$", examples=["4820.00"])
    currency: str = Field(pattern="^[A-Z]{3}$", description="ISO 4217.", examples=["GBP"])

    @classmethod
    def of(cls, minor: int, currency: str) -> "Money":
        """The shape of so many minor units."""
        return cls(**money.Money(minor, currency).as_json())
