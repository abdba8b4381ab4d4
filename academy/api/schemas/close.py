"""The month's end: closes, their statements, what is handed over to be paid, and what the bank did."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.commission import EXAMPLE, Payout
from academy.api.schemas.values import NO_NUL, Currency, Decimal, Given, GivenDay, Money, Month, ProgrammeSlug, Time
from academy.programme.closes.checking.actions import LONGEST_REASON
from academy.programme.payouts.rules import LONGEST_REFERENCE

Why = Annotated[str, StringConstraints(pattern=NO_NUL, strip_whitespace=True, min_length=1, max_length=LONGEST_REASON)]


class CloseStage(StrEnum):
    """How far a close is."""

    COLLECTING = "collecting"
    CHECKING = "checking"
    APPROVED = "approved"
    HANDED_OVER = "handed_over"
    DONE = "done"


class StatementOutcome(StrEnum):
    """Whether a statement pays, or why not."""

    PAY = "pay"
    BELOW_MINIMUM = "below_minimum"
    NEGATIVE = "negative"
    TERMS = "terms"
    PAYEE = "payee"
    HELD = "held"


class StatementFlag(StrEnum):
    """What a person should have looked at before a statement is paid."""

    NEGATIVE = "negative"
    PAYEE_CHANGED = "payee_changed"
    MUCH_MORE = "much_more"
    QUESTION = "question"
    HELD = "held"
    FIRST = "first"
    TERMS = "terms"
    PAYEE = "payee"
    BELOW_MINIMUM = "below_minimum"


class CloseTotal(Schema):
    """Statements of one outcome and currency, and how much of them is paid."""

    currency: str = Field(pattern="^[A-Z]{3}$", examples=["GBP"])
    outcome: StatementOutcome
    statements: int = Field(ge=0, examples=[4])
    amount: Money
    paid_statements: int = Field(ge=0, examples=[3])
    paid: Money


class CloseShort(Schema):
    """A month that is closed, or being closed."""

    programme: str = Field(examples=["agencies"])
    month: Month
    stage: CloseStage
    partners: int = Field(ge=0, description="How many there are to look at.")
    looked: int = Field(ge=0, description="How many of them were.")
    hands_over_on: date
    pays_on: date
    totals: list[CloseTotal]


class ProgrammeMonths(Schema):
    """A programme with the months that may be closed now, oldest first, and those that were, newest first."""

    programme: str = Field(examples=["agencies"])
    name: str = Field(examples=["Agencies"])
    is_paid: bool = Field(description="False for imported history: nobody is paid by it, and none of it is closed.")
    closable: list[Month] = Field(description="Empty too while a month is being closed.")
    closes: list[CloseShort] = Field(description="The latest 24, and earlier ones that are not done.")


class Closes(Schema):
    """Programmes by name."""

    items: list[ProgrammeMonths]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class WaitingStatement(Schema):
    """A statement that is not in the payment file yet, and the payee details that its partner has now."""

    number: str = Field(examples=[EXAMPLE])
    partner: str = Field(examples=["northlight-studio"])
    partner_name: str = Field(examples=["Northlight Studio"])
    amount: Money
    payee: str = Field(description="The legal name.", examples=["Northlight Studio Ltd"])
    payee_reference: str = Field(description="What the payment provider calls it.", examples=["acct_11"])


class PaymentFile(Schema):
    """What the payment file holds and what it does not."""

    in_file: int = Field(ge=0, description="Handed over and not paid, or paid and come back.")
    ready: int = Field(ge=0, description="To be handed over: its payee details are checked.")
    elsewhere: int = Field(
        ge=0,
        description="How many of those were handed over with earlier details: let the provider drop these first.",
    )
    left_out: int = Field(ge=0, description="Not before its payee details are checked.")
    first_left_out: list[WaitingStatement] = Field(description="The first 50 of those.")
    newer: int = Field(
        ge=0,
        description="How many of those that are ready go to details that are newer than the approval: somebody else "
        "than whoever checked them hands these over.",
    )
    first_newer: list[WaitingStatement] = Field(description="The first 50 of those.")


class Close(CloseShort):
    """A close with who did what, and what stands in the way of its next step."""

    cut_at: Time = Field(description="What was told later belongs to a later month.")
    statements: int = Field(ge=0)
    to_look_at: int = Field(ge=0, description="Exceptions that nobody has looked at.")
    payees_changed: int = Field(ge=0, description="Drafts whose payee details changed after they were looked at.")
    to_write: int = Field(ge=0, description="Statements that are not written down yet.")
    started_by: str | None = Field(examples=["Ines Finance"])
    approved_by: str | None = Field(examples=["Ruben Finance"])
    approved_at: Time | None
    handed_over_by: str | None = Field(examples=["Ruben Finance"])
    handed_over_at: Time | None
    done_at: Time | None
    why_not_approve: str | None = Field(
        description="Why the caller cannot approve what is being checked; null where it can, and at other stages.",
        examples=["This takes a second person: somebody else than whoever did the step before."],
    )
    why_not_enter_payments: str | None = Field(description="The same of entering payments.")
    payments: PaymentFile | None = Field(description="Null before it is approved, and once it is done.")


class Starting(Given):
    """The month to close."""

    programme: ProgrammeSlug
    month: Month


class CloseStatement(Schema):
    """A statement as whoever closes its month sees it. Its lines are at `/me/statements/{number}`."""

    id: UUID
    number: str = Field(examples=[EXAMPLE])
    partner_id: UUID
    partner: str = Field(examples=["northlight-studio"])
    partner_name: str = Field(examples=["Northlight Studio"])
    amount: Money
    lines: int = Field(ge=0)
    outcome: StatementOutcome
    flags: list[StatementFlag] = Field(description="The most pressing first.", examples=[["first"]])
    seen_at: Time | None = Field(description="When somebody looked at its flags.")
    held_reason: str = Field(examples=["The client disputes the deal."])
    paid: Payout | None
    returned_on: date | None = Field(description="When the bank sent the last payment back.")
    is_own: bool = Field(
        description="New payee details that the caller has checked: somebody else looks at this statement."
    )


class CloseStatements(Schema):
    """Statements of a close, by their numbers."""

    items: list[CloseStatement]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Seeing(Given):
    """Which statements were looked at."""

    ids: Annotated[list[UUID], Field(max_length=1000)] = Field(
        default_factory=list, description="`id` of statements of this close."
    )
    flag: StatementFlag | None = Field(default=None, description="Instead of `ids`: all that have this flag.")


class SeenStatements(Schema):
    """How many statements newly were looked at."""

    seen: int = Field(ge=0, examples=[3])


class Holding(Given):
    """Why a statement is not paid this month."""

    reason: Why = Field(description="For the next who looks, and the partner who asks.", examples=["It is disputed."])


class Returning(Given):
    """A payment that came back."""

    returned_on: GivenDay = Field(examples=["2026-12-08"])
    reason: Why = Field(description="What the bank said.", examples=["Account closed"])


class PaymentMade(Given):
    """What the bank paid by a statement."""

    number: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=60)] = Field(examples=[EXAMPLE])
    date: GivenDay = Field(examples=["2026-12-05"])
    reference: Annotated[
        str, StringConstraints(pattern=NO_NUL, strip_whitespace=True, min_length=1, max_length=LONGEST_REFERENCE)
    ] = Field(description="The payment provider's.", examples=["88213"])
    amount: Decimal
    currency: Currency


class PaymentsMade(Given):
    """Payments to read back: as a list, or as the text of the provider's own CSV file. One of the two."""

    payments: Annotated[list[PaymentMade], Field(max_length=5000)] | None = None
    file: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1)] | None = Field(
        default=None,
        description="CSV that names the columns number, date, reference, amount and currency.",
        examples=[None],
    )


class PaymentRefused(Schema):
    """A payment that was not entered."""

    line: int = Field(ge=1, description="Its place in the list from 1 on, or the line of the file.", examples=[1])
    number: str = Field(examples=[EXAMPLE])
    fault: str = Field(description="A stable word.", examples=["other_amount"])
    text: str = Field(examples=[f"Line 1: {EXAMPLE} is about another amount. Ask the bank what was paid."])


class PaymentsEntered(Schema):
    """What became of payments: right ones are entered once, wrong ones change nothing."""

    entered: int = Field(ge=0, examples=[3])
    known: int = Field(ge=0, description="Entered before.")
    refused: list[PaymentRefused]
