"""Terms: what a programme and its partners agree on, by version."""

from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import Given, Time


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


class Accepting(Given):
    """The version that was read."""

    version: UUID = Field(description="`current.id` of what was read.")


class TermsAccepted(Schema):
    """That a version is accepted."""

    version: UUID
    number: int = Field(ge=1, examples=[2])
    accepted_at: Time
