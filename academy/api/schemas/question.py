"""What is asked about commission lines, what is answered beside them, and how a line is corrected by another."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.values import NO_NUL, Given, Money, Time, YesNo
from academy.programme.commissions.questions.actions import LONGEST

Said = Annotated[str, StringConstraints(pattern=NO_NUL, strip_whitespace=True, min_length=1, max_length=LONGEST)]
Signed = Annotated[str, StringConstraints(pattern=r"^-?\d{1,13}(\.\d{1,4})?$"), Field(examples=["15.00"])]


class Asking(Given):
    """What looks wrong about a line."""

    text: Said = Field(description="In a sentence or two.", examples=["Silver had begun the day before."])


class Answering(Given):
    """An answer, and a correction where the line was wrong."""

    answer: Said = Field(
        description="The partner reads it beside the line.", examples=["You are right. The difference is added."]
    )
    amount: Signed | None = Field(
        default=None,
        description="What is added to the line, in its currency, with a minus where it takes back; left out or null, "
        "the line stays as it is.",
    )


class Correcting(Given):
    """What is added to a line though nobody asked."""

    amount: Signed = Field(description="In the line's currency, with a minus where it takes back.")
    reason: Said = Field(description="The partner reads it.", examples=["A bonus was promised by mail."])


class Deciding(Given):
    """The word of a second person about a correction."""

    confirmed: YesNo = Field(description="True writes its line; false drops it.", examples=[True])


class Mended(Schema):
    """The line by which another one was corrected."""

    line: UUID
    amount: Money


class LineQuestion(Schema):
    """What was asked about a line, and what was answered beside it."""

    id: UUID
    asked_at: Time
    asked_by: str = Field(examples=["Ada Partner"])
    text: str = Field(examples=["Silver had begun the day before."])
    answered_at: Time | None = Field(description="Null while it is open.")
    answered_by: str | None = Field(examples=["Ines Finance"])
    answer: str = Field(examples=["You are right. The difference is added."])
    correction: Mended | None = Field(description="Null where the line stays as it is, or its correction waits.")


class LineQuestions(Schema):
    """What was asked about a line, oldest first."""

    items: list[LineQuestion]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class LineShort(Schema):
    """A line by its partner and client."""

    id: UUID
    partner: str = Field(description="The partner's slug.", examples=["northlight-studio"])
    partner_name: str = Field(examples=["Northlight Studio"])
    client: str = Field(examples=["Oakline Retail"])


class OpenQuestion(Schema):
    """A question that waits for an answer, with the line that it is about."""

    id: UUID
    line: LineShort
    amount: Money = Field(description="Of the line.")
    asked_at: Time
    asked_by: str = Field(examples=["Ada Partner"])
    text: str = Field(examples=["Silver had begun the day before."])


class OpenQuestions(Schema):
    """What waits for an answer, longest first."""

    items: list[OpenQuestion]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class CorrectionState(StrEnum):
    """What became of a correction."""

    WAITING = "waiting"
    WRITTEN = "written"
    DROPPED = "dropped"


class Correction(Schema):
    """What somebody adds to a line, or takes from it. A large one waits for a second person."""

    id: UUID
    line: LineShort
    amount: Money = Field(description="Negative where it takes back.")
    reason: str = Field(examples=["A bonus was promised by mail."])
    state: CorrectionState
    proposed_at: Time
    proposed_by: str = Field(description="Empty for the house itself.", examples=["Ines Finance"])


class Corrections(Schema):
    """What waits for a second person, longest first."""

    items: list[Correction]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Answered(LineQuestion):
    """An answered question, and what was proposed with it."""

    proposed: Correction | None = Field(description="Null without a correction. It may wait for a second person.")
