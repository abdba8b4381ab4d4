"""Who is asking, and partners as others see them."""

from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import Time


class PartnerShort(Schema):
    """The company or freelancer that a person works with."""

    id: UUID
    name: str = Field(examples=["Northlight Studio"])
    slug: str = Field(examples=["northlight-studio"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["GBP"])
    timezone: str = Field(examples=["Europe/London"])


class Me(Schema):
    """The person behind a session or token."""

    id: UUID
    email: str = Field(examples=["partner@demo.academy"])
    name: str = Field(examples=["Ada Partner"])
    roles: list[str] = Field(
        description="`owner` or `member` of the partner, and what a person of the house does there.",
        examples=[["owner"]],
    )
    partner: PartnerShort | None


class PartnerLine(PartnerShort):
    """A partner in the list of partners."""

    kind: str = Field(description="`company` or `freelancer`.", examples=["company"])
    people: int = Field(description="Active members.", examples=[4])
    tier: str | None = Field(description="Null outside every programme.", examples=["Silver"])
    rate: str | None = Field(
        pattern=r"^\d+\.\d{2}$", description="Percent, of the default product.", examples=["12.08"]
    )
    at_risk: bool
    safe_until: Time | None


class Partners(Schema):
    """A page of partners, by name."""

    items: list[PartnerLine]
    next: str | None = Field(description="The cursor of the next page; null on the last.")
