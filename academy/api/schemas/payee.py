"""Payee profiles: under which name and address a partner is paid. Where the money goes is never kept here."""

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.values import NO_NUL, Given, Time, Whole

Told = Annotated[str, StringConstraints(pattern=NO_NUL, max_length=1000)]
Number = Annotated[int, Field(ge=1, description="Counts the versions of a partner.", examples=[2])]


class PayeeGiven(Given):
    """A payee profile. Numbers of accounts and cards are refused: the payment provider alone has them."""

    legal_name: Told = Field(examples=["Northlight Studio Ltd"])
    address: Told = Field(description="May have several lines.", examples=["1 Quay Street, Bristol"])
    country: Told = Field(description="ISO 3166, two letters.", examples=["GB"])
    tax_number: Told = Field(default="", examples=["GB123456789"])
    invoice_email: Told = Field(description="Remittance advice goes there.", examples=["accounts@example.com"])
    provider_reference: Told = Field(description="What the payment provider calls the payee.", examples=["acct_11"])


class PayeeProfile(Schema):
    """What a version says."""

    legal_name: str = Field(examples=["Northlight Studio Ltd"])
    address: str = Field(examples=["1 Quay Street, Bristol"])
    country: str = Field(examples=["GB"])
    tax_number: str = Field(examples=["GB123456789"])
    invoice_email: str = Field(examples=["accounts@example.com"])
    provider_reference: str = Field(examples=["acct_11"])


class PayeeChange(Schema):
    """That a version was written, and what it changed."""

    number: Number
    changed_at: Time
    changed_by: str | None = Field(examples=["Ada Partner"])
    checked_at: Time | None = Field(description="Null until finance has checked it: nothing is paid by it before.")
    changes: list[str] = Field(description="The fields that differ from the version before.", examples=[["address"]])


class PayeeVersion(PayeeChange):
    """A version with what it says."""

    profile: PayeeProfile


class Payee(Schema):
    """By what a partner is paid."""

    current: PayeeVersion | None = Field(description="The latest version; null before there is one.")
    earlier: list[PayeeChange] = Field(description="The versions before it, newest first.")


class PayeeToCheck(Schema):
    """A partner's latest profile, which nobody has checked, beside the one before it."""

    partner: UUID
    slug: str = Field(examples=["northlight-studio"])
    name: str = Field(examples=["Northlight Studio"])
    current: PayeeVersion
    before: PayeeProfile | None = Field(description="Null where it is the first.")


class PayeesToCheck(Schema):
    """Profiles that wait for finance, longest first."""

    items: list[PayeeToCheck]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class PayeeCheck(Given):
    """The version that was looked at."""

    number: Annotated[Whole, Field(ge=1, le=2_147_483_647)] = Field(
        description="`current.number` of what was looked at.", examples=[2]
    )


class PayeeChecked(Schema):
    """That a version is right."""

    partner: UUID
    number: Number
    checked_at: Time
