"""Reports that wait: what sources tell of partners and products that are not known here."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.deal import DealStage
from academy.api.schemas.values import NO_NUL, Given, Time


class WordKind(StrEnum):
    """What a source's word may stand for."""

    PARTNER = "partner"
    PRODUCT = "product"


class UnknownWord(Schema):
    """A source's word that nobody has explained yet."""

    source: str = Field(examples=["crm"])
    kind: WordKind
    name: str = Field(examples=["Northwind Ltd"])
    reports: int = Field(ge=0, description="How many reports say it.", examples=[3])
    deals: int = Field(ge=0, description="Of how many deals.", examples=[2])
    ready: int = Field(ge=0, description="How many of those wait for nothing else.", examples=[2])
    since: Time


class UnknownWords(Schema):
    """Words that reports wait for, longest first."""

    items: list[UnknownWord]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Match(Given):
    """What a source's word means here."""

    source: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")] = Field(examples=["crm"])
    kind: WordKind
    name: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200)] = Field(
        examples=["Northwind Ltd"]
    )
    means: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200)] = Field(
        description="A partner's id or slug, or the slug of a product.", examples=["northlight-studio"]
    )


class Matched(Schema):
    """That a word is remembered, and how much was entered by it."""

    source: str = Field(examples=["crm"])
    kind: WordKind
    name: str = Field(examples=["Northwind Ltd"])
    entered: int = Field(ge=0, description="Reports and refunds that waited and are entered now.", examples=[3])


class ReportKind(StrEnum):
    """What waits."""

    REPORT = "report"
    REFUND = "refund"


class WaitingReport(Schema):
    """What a source told, in its own words."""

    id: UUID
    kind: ReportKind
    source: str = Field(examples=["crm"])
    external_id: str = Field(description="Of the deal.", examples=["d-4711"])
    partner: str = Field(examples=["Northwind Ltd"])
    product: str = Field(examples=["automation"])
    client: str = Field(examples=["Oakline Retail"])
    amount: str = Field(description="As it was told.", examples=["4820.00"])
    currency: str = Field(examples=["GBP"])
    stage: DealStage | None = Field(description="Null for a refund.")
    occurred_at: Time
    received_at: Time
    unknown: list[WordKind] = Field(description="What nobody has explained yet.", examples=[["partner"]])
    problem: str = Field(description="Why it could not be entered though its words are known; else empty.")


class WaitingReports(Schema):
    """Reports and refunds that wait, longest first."""

    items: list[WaitingReport]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Dropped(Schema):
    """That a report is none of ours."""

    id: UUID
