"""Facts as their readers see them, in the shape of a live frame."""

from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import Cursor, Time


class Subject(Schema):
    """What a fact is about."""

    kind: str = Field(examples=["lesson"])
    id: UUID


class Fact(Schema):
    """Something that happened, or that a rule concluded. The same shape as a frame of `/live/`."""

    cursor: Cursor
    kind: str = Field(examples=["module.completed"])
    occurred_at: Time
    subject: Subject | None
    data: dict[str, Any] = Field(
        description="What the kind lets leave: sums as money with a currency, rates as percent, the rest as it is. "
        "Of a deal only the partner's owners are told its figures, and the member who registered it what it is worth, "
        "not its commission.",
        examples=[
            {"passed": True},
            {"amount": {"amount": "146.50", "currency": "GBP"}, "rate": "14.65", "payable_on": "2026-12-12"},
        ],
    )


class Facts(Schema):
    """Facts in order, oldest first."""

    items: list[Fact]
    next: str | None = Field(description="Give it as `after`, or as `cursor`, for those that follow; null at the end.")
