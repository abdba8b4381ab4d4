"""Statements: what a month's ready lines came to, and what became of it."""

from datetime import date
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.commission import EXAMPLE, LineKind, Payout
from academy.api.schemas.values import Money, Percent, Time


class Statement(Schema):
    """What a partner was owed at a month's end. It is no invoice."""

    number: str = Field(examples=[EXAMPLE])
    month: date = Field(description="Its first day.", examples=["2026-11-01"])
    amount: Money
    lines: int = Field(ge=0)
    outcome: str = Field(description="`pay`, or why it does not.", examples=["pay"])
    made_at: Time | None = Field(description="Null for a draft, which only the house sees.")
    text: str = Field(
        description="What becomes of its money, or why nothing is paid, in the words of the pages.",
        examples=["Paid 5 Jan, ref. PAY-000123"],
    )
    hands_over_on: date | None = Field(description="Null where it pays nothing, as `pays_on` is.")
    pays_on: date | None
    paid: Payout | None
    returned_on: date | None = Field(description="When the bank sent the last payment back.")


class Statements(Schema):
    """Statements, the newest first."""

    items: list[Statement]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class StatementLine(Schema):
    """A line that a statement looked at."""

    id: UUID
    kind: LineKind
    amount: Money
    rate: Percent
    client: str = Field(examples=["Oakline Retail"])
    product: str = Field(examples=["automation"])
    payable_on: date


class Cause(Schema):
    """Why a statement differs from what the month before paid."""

    cause: str = Field(examples=["new"])
    amount: Money


class OneStatement(Statement):
    """A statement with its lines, and the bridge from the month before: its causes add up exactly."""

    items: list[StatementLine]
    paid_before: Money | None = Field(description="What the month before paid; null in the first month.")
    bridge: list[Cause]
