"""Terms: what a programme and its partners agree on, by version."""

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.values import NO_NUL, Given, GivenTime, ProgrammeSlug, Time
from academy.programme.terms.actions import LONGEST


class TermsVersion(Schema):
    """One version. It is never changed."""

    id: UUID
    number: int = Field(ge=1, examples=[2])
    text: str = Field(description="Markdown.", examples=["# We agree"])
    reason: str = Field(description="What is new in it.", examples=["Payments are made on the 5th."])
    effective_from: Time


class EarlierTerms(Schema):
    """An earlier version that was accepted."""

    number: int = Field(ge=1, examples=[1])
    accepted_at: Time


class MyTerms(Schema):
    """Where a partner stands with the terms of its programme."""

    current: TermsVersion | None = Field(description="The version in force; null while there is none.")
    accepted_at: Time | None = Field(description="Null until an owner accepts it: nothing is paid before that.")
    accepted_by: str | None = Field(examples=["Ada Partner"])
    coming: TermsVersion | None = Field(description="The version that begins next.")
    earlier: list[EarlierTerms] = Field(description="Versions accepted before, the newest first.")


class PublishedTerms(TermsVersion):
    """A version of a programme, with how many partners accepted it."""

    programme: str = Field(examples=["agencies"])
    published_at: Time
    accepted: int = Field(ge=0, description="How many partners accepted it.", examples=[12])
    is_replaced: bool = Field(description="A newer version begins no later: this one holds no more, or never did.")


class AllTerms(Schema):
    """Versions by programme, the newest first."""

    items: list[PublishedTerms]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Publishing(Given):
    """The next version of a programme's terms."""

    programme: ProgrammeSlug
    text: Annotated[str, StringConstraints(pattern=NO_NUL, max_length=LONGEST)] = Field(
        description="Markdown.", examples=["# We agree"]
    )
    reason: Annotated[str, StringConstraints(pattern=NO_NUL, max_length=500)] = Field(
        description="What is new, in a sentence.", examples=["Payments are made on the 5th."]
    )
    effective_from: GivenTime | None = Field(
        default=None,
        description="Not in the past and within a year. Without it, now.",
        examples=["2027-01-01T00:00:00Z"],
    )


class Accepting(Given):
    """The version that was read."""

    version: UUID = Field(description="`current.id` of what was read.")


class TermsAccepted(Schema):
    """That a version is accepted."""

    version: UUID
    number: int = Field(ge=1, examples=[2])
    accepted_at: Time
