"""Deals: what a partner registers, what other systems report, and what it earns."""

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.person import PartnerShort
from academy.api.schemas.values import (
    NO_NUL,
    NOT_BLANK,
    Currency,
    Decimal,
    Given,
    GivenTime,
    Money,
    Percent,
    Time,
    YesNo,
)
from academy.programme.deals.rules import LONGEST_REASON

Name = Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=160), NOT_BLANK]
Reason = Annotated[
    str,
    StringConstraints(pattern=NO_NUL, strip_whitespace=True, max_length=LONGEST_REASON),
    Field(examples=["The client was ours before."]),
]
Product = Annotated[
    str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=60), NOT_BLANK, Field(examples=["automation"])
]


class DealStage(StrEnum):
    """How far a deal is."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    WON = "won"
    LOST = "lost"
    REFUSED = "refused"


class Settled(Given):
    """What a deal is worth in the partner's currency, where its own is another."""

    amount: Decimal
    currency: Currency


class DealReport(Given):
    """How a deal stands with another system. `partner` is an id, a slug, or that system's own word."""

    partner: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200), NOT_BLANK] = Field(
        examples=["northlight-studio"]
    )
    product: Product
    client: Name = Field(examples=["Oakline Retail"])
    amount: Decimal
    currency: Currency
    stage: DealStage
    occurred_at: GivenTime = Field(description="At most 5 minutes ahead.", examples=["2026-01-31T09:30:00Z"])
    settled: Settled | None = None
    reason: Reason = Field(
        default="", description="Why, where this report refuses or loses it; the partner reads it. Else it is not kept."
    )


class RefundReport(Given):
    """A part of a won deal that was taken back, in the partner's currency, under that system's own id of it."""

    external_id: Annotated[str, StringConstraints(pattern=NO_NUL, min_length=1, max_length=200)] = Field(
        examples=["refund-7"]
    )
    amount: Decimal
    occurred_at: GivenTime = Field(examples=["2026-02-10T09:30:00Z"])


class Registration(Given):
    """A client whom one is about to win."""

    client: Name = Field(examples=["Oakline Retail"])
    product: Product
    amount: Decimal = Field(description="In the partner's currency.")
    month: Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] | None = Field(
        default=None, description="When it is expected to be won.", examples=["2026-04"]
    )


class Loss(Given):
    """That a deal came to nothing."""

    reason: Reason = Field(default="", description="Why, if one likes to say so; it stands beside the deal.")


class DealAnswer(Given):
    """The house's word about a registered deal."""

    accepted: YesNo = Field(description="True protects its client for a while; false refuses it.", examples=[True])
    reason: Reason = Field(default="", description="Needed to refuse it: its partner reads it.")


class Case(Schema):
    """Another partner registered this client earlier; who it is, nobody is told. A person decides."""

    claimed_at: Time = Field(description="When the other one was registered.")
    decide_by: Time


class Earning(Schema):
    """What a deal earns by one line, or would earn."""

    kind: str = Field(description="`earned`, `reversed` or `adjusted`.", examples=["earned"])
    amount: Money
    rate: Percent
    payable_on: date


class Deal(Schema):
    """One deal. Sums are null for those who may not see amounts."""

    id: UUID
    source: str = Field(examples=["crm"])
    external_id: str = Field(examples=["d-4711"])
    partner: PartnerShort
    client: str = Field(examples=["Oakline Retail"])
    product: str = Field(examples=["automation"])
    kind: str = Field(description="`sale`, or `credit` for one that only takes back.", examples=["sale"])
    amount: Money | None
    original: Money | None = Field(description="What it was settled from, where that was another currency.")
    refunded: Money | None
    stage: DealStage
    expected_on: date | None
    registered_at: Time
    answer_by: Time | None = Field(description="When it is answered at the latest.")
    protected_until: Time | None = Field(description="Until then nobody else may have this client.")
    won_at: Time | None = Field(description="When it happened, by its source.")
    counts_from: Time | None = Field(
        description="From when it counts for tier and rate, and its hold runs: later than `won_at` where it was told "
        "after what happened to the partner since."
    )
    closed_at: Time | None = Field(description="When it was lost or refused.")
    reason: str = Field(description="Why it was lost or refused.")
    case: Case | None
    commission: Money | None = Field(description="The sum of its lines; null before there is one.")
    line: Earning | None = Field(description="What it earned when it was won; null before, and for a deal of zero.")
    lines: list[Earning] = Field(description="That and everything that followed, oldest first.")


class Deals(Schema):
    """Deals, the latest move first."""

    items: list[Deal]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Kept(Schema):
    """A report that is kept: the deal's partner or product is not known here. A person matches it, once."""

    id: UUID | None = Field(description="Null in a dry run, which keeps nothing.")
    unknown: list[str] = Field(description="`partner`, `product` or both.", examples=[["partner"]])
    url: str = Field(description="Where a person of the house matches it.", examples=["/studio/deals/matching/"])
