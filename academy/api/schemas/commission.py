"""Commission lines: what a deal earns or takes back, where its money is, and everything that explains it."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.question import LineQuestion
from academy.api.schemas.standing import Step
from academy.api.schemas.values import Money, Percent, Time

EXAMPLE = "agencies-2026-11-0017"


class LineState(StrEnum):
    """Where the money of a line is."""

    ON_HOLD = "on_hold"
    READY = "ready"
    ON_ITS_WAY = "on_its_way"
    PAID = "paid"


class LineKind(StrEnum):
    """Why a line is there."""

    EARNED = "earned"
    REVERSED = "reversed"
    ADJUSTED = "adjusted"


class Payout(Schema):
    """A payment that was made."""

    on: date
    reference: str = Field(description="The payment provider's.", examples=["88213"])


class DealOfLine(Schema):
    """The deal that a line is of."""

    id: UUID
    source: str = Field(examples=["crm"])
    external_id: str = Field(examples=["d-4711"])
    client: str = Field(examples=["Oakline Retail"])
    product: str = Field(examples=["automation"])
    won_at: Time = Field(description="When it happened, by its source.")
    counts_from: Time = Field(
        description="From when it counts for tier and rate, and its hold runs: later than `won_at` where it was told "
        "after what happened to the partner since."
    )


class Placed(Schema):
    """Where a line is. `text` says it as the pages do."""

    id: UUID
    kind: LineKind
    amount: Money = Field(description="Negative where it takes back.")
    rate: Percent = Field(description="As it held when the deal was won.")
    effective_at: Time
    state: LineState
    text: str = Field(examples=["On hold until 12 Dec"])
    payable_on: date = Field(description="On hold until then. Never in a month that was closed when it was told.")
    pays_on: date | None = Field(description="When it was or is to be paid; null while no payment is planned.")
    statement: str | None = Field(description="The number of the statement that names it.", examples=[EXAMPLE])
    paid: Payout | None
    corrects: bool = Field(description="A person decided it; the reason stands in its explanation.")


class Line(Placed):
    """A line with its deal."""

    deal: DealOfLine
    what: str = Field(description="What it is for, in words.", examples=["Refund of £1,000.00 on 9 Nov"])
    question_open: bool


class Lines(Schema):
    """Lines, those that are paid last first."""

    items: list[Line]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Changed(Schema):
    """A deal after a refund or a changed amount."""

    amount: Money = Field(description="What the deal is worth now.")
    refunded: Money = Field(description="What came back of it so far.")
    before: Money = Field(description="The sum of its lines before this one, corrections apart.")


class Inputs(Schema):
    """What a line was worked out from: what its partner held when the deal was won."""

    product: str = Field(examples=["automation"])
    amount: Money = Field(description="What the deal was worth when it was won.")
    tier: str = Field(examples=["silver"])
    core_training: bool
    advanced_certificates: int = Field(ge=0, description="How many counted.")
    changed: Changed | None = Field(description="Null for the line that the deal earned, and for a correction.")
    reason: str | None = Field(description="Why a person corrected the line.")


class Sum(Schema):
    """A line of the amount's arithmetic, in words, and what it comes to."""

    kind: str = Field(description="The last one is the amount of the line.", examples=["amount"])
    label: str = Field(examples=["£18,400.00 × 12.08%"])
    amount: Money


class Result(Schema):
    """What it comes to."""

    rate: Percent
    amount: Money


class PlanDates(Schema):
    """From when until when the plan version was in force."""

    since: Time
    until: Time | None = Field(description="Null while it still is.")


class Explanation(Placed):
    """Why a line has its amount, when it is paid, and why it is not at today's rate."""

    deal: DealOfLine
    what: str = Field(description="What it is for, in words.", examples=["Automation"])
    inputs: Inputs
    plan_version: str = Field(examples=["agencies-1"])
    plan: PlanDates
    steps: list[Step] = Field(description="How the rate was made.")
    sums: list[Sum] = Field(description="How the amount follows from it.")
    rounding: str = Field(
        examples=["The rate is rounded once, half up to 0.01%; that rate is multiplied, and the amount rounded once."]
    )
    result: Result
    why_not_todays_rate: list[str] = Field(
        examples=[["Won 12 Nov, when you were Silver. Gold began 24 Nov and counts for deals won since."]]
    )
    history: list[Placed] = Field(description="All lines of the deal, oldest first.")
    questions: list[LineQuestion]
