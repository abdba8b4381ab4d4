"""Where a person and its partner stand, what that pays, and what would change it."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.person import PartnerShort
from academy.api.schemas.values import Cursor, Money, Percent, Time


class Training(Schema):
    """A person's own training. Modules are those of the courses begun, and every core module."""

    modules_completed: int = Field(ge=0, examples=[14])
    modules_total: int = Field(ge=0, examples=[22])
    core_completed: int = Field(
        ge=0, description="Core modules passed: only these count for the partner.", examples=[9]
    )
    core_total: int = Field(ge=0, examples=[12])
    seconds: int = Field(ge=0, description="Time spent in lessons.", examples=[66600])
    certificates: int = Field(ge=0, description="Certificates in force.", examples=[3])
    percent: int = Field(ge=0, le=100, description="Of the modules, rounded down.", examples=[63])


class NextTier(Schema):
    """The tier above and what is missing for it."""

    name: str = Field(examples=["Gold"])
    met: bool
    progress: float = Field(ge=0, le=1, examples=[0.875])
    verdict: dict[str, Any] = Field(
        description=(
            "A tree of requirements: `met`, `progress`, `have`, `need`, `gap`; a leaf names its `metric` and `window`, "
            "a group has `parts`. Figures are in the metric's unit, sums in minor units; sums are null for those who "
            "may not see amounts, and progress towards them is in whole tenths."
        ),
        examples=[
            {
                "met": False,
                "progress": 0.75,
                "have": 9,
                "need": 12,
                "gap": 3,
                "metric": "core_modules",
                "window": "lifetime",
            }
        ],
    )


class Leaving(Schema):
    """Sales that leave a window by an instant and take the tier with them, unless something is won until then."""

    metric: str = Field(description="`won` or `active_clients`.", examples=["won"])
    window: str = Field(examples=["trailing:12m"])
    by: Time = Field(description="From when the tier rests on too little; its grace begins then.")
    have: int | None = Field(
        description="What counts today: minor units or clients. Sums are null for those who may not see amounts.",
        examples=[4131000],
    )
    leaves: int | None = Field(description="How much of it is gone then.", examples=[950000])
    stays: int | None = Field(description="How much is left.", examples=[3181000])
    needs: int | None = Field(description="What the tier keeps at.", examples=[3200000])
    text: str = Field(
        description="The same as a sentence in the caller's language.",
        examples=["£9,500 of your £41,310 in 12 months leaves on 3 Jan; £31,810 stays, Gold keeps at £32,000"],
    )


class Awaiting(Schema):
    """A tier that is met and waits for SISO's word."""

    name: str = Field(examples=["Gold"])
    since: Time | None = Field(description="Since when it is met; null for a wait from before that was kept.")
    confirmed_by: date | None = Field(
        description="The day by which SISO confirms: within 3 working days of the day it was met. The tier counts for "
        "deals won after that word, however late it comes."
    )


class Tier(Schema):
    """The partner's tier."""

    current: str = Field(examples=["Silver"])
    since: Time
    safe_until: Time | None = Field(description="Until when it holds if nothing more happens; null: nothing ends it.")
    next: NextTier | None = Field(description="Null at the top.")
    awaiting: Awaiting | None = Field(description="A higher tier that is met and waits for SISO's word.")
    at_risk: bool = Field(description="A warning is open.")
    leaving: Leaving | None = Field(
        description="What time alone takes from the tier within 90 days; null when nothing does, or it is warned of."
    )


class Step(Schema):
    """A line of the rate's arithmetic."""

    kind: str = Field(description="`base`, `tier`, `bonus`, `uplift` or `cap`.", examples=["tier"])
    label: str = Field(examples=["× 1.15 Silver"])
    value: str = Field(description="A factor for tier and bonus, percent otherwise.", examples=["1.15"])
    result: str = Field(description="The rate so far, in percent.", examples=["11.50"])


class Payment(Money):
    """A planned payment."""

    date: date
    about: bool = Field(description="What will be paid as things stand: no statement says all of it yet.")


class Commission(Schema):
    """What the partner is paid on deals won from now on."""

    rate: Percent = Field(description="The result of the last step, rounded once; what is shown is what is paid.")
    product: str = Field(
        description="The product that this rate is for; `any product` where the plan pays one rate for all.",
        examples=["website"],
    )
    steps: list[Step]
    next_payment: Payment | None = Field(
        description="The payment that comes next, as things stand: all that comes on that day. Null where none is "
        "planned, where somebody has to do something before it comes, and for those who may not see amounts."
    )
    next_payment_text: str | None = Field(
        description="The same as every page says it; where none is planned, why, and what waits.",
        examples=["5 Dec: about £967.34", "No payment planned: nothing is ready or on hold."],
    )
    on_hold: Money | None = Field(
        description="Earned, and not payable yet: the client may still cancel. Null for those who may not see amounts."
    )


class Effect(Schema):
    """What something would change for the partner."""

    tier: str | None = Field(description="The tier it leads to; null when that stays.", examples=["Gold"])
    rate: str = Field(
        pattern=r"^-?\d+\.\d{2}$", description="Points of percent by which the rate rises.", examples=["2.57"]
    )
    rate_after: Percent = Field(description="The rate then.", examples=["14.65"])
    monthly: Money | None = Field(
        description="About so much a month, by the sales of the last 90 days; null for those who may not see amounts."
    )


class Keeps(Schema):
    """What the partner holds but does not deserve any more, or soon will not, and would lose without the step."""

    parts: list[Literal["tier", "bonus", "uplift"]] = Field(description="The first to fall first.", min_length=1)
    until: Time = Field(description="When the first of them falls.")
    rate_without: Percent = Field(
        description="The rate once all of them had fallen, and what falls by then in any case.", examples=["12.08"]
    )
    monthly: Money | None = Field(
        description="About so much a month would be lost; null for those who may not see amounts."
    )


class NextStep(Schema):
    """The one thing to do next: what keeps what is at risk, else the shortest way to a better tier or rate by learning
    alone, else what must be won when only sales are missing, else what time alone will soon take.
    """

    title: str = Field(examples=["AI readiness audit", "Keep Gold: renew by 14 Mar"])
    url: str = Field(description="Where it begins, on this site.", examples=["/courses/discovery/"])
    minutes: int = Field(ge=0, examples=[18])
    modules: list[UUID] = Field(
        description="What to pass; ask the preview with them. Empty when only sales are missing."
    )
    certificates: list[UUID] = Field(description="The credentials that come with it.")
    sales: Money | None = Field(
        description="What must be won; null when learning is enough, and for those who may not see amounts."
    )
    keeps: Keeps | None = Field(description="Null when the step raises something.")
    awaits: str | None = Field(
        description="The tier that SISO must still confirm after it, within 3 working days of the day it is met; the "
        "effect is that after this word. Null when nobody need confirm anything.",
        examples=["Gold"],
    )
    effect: Effect


class Standing(Schema):
    """Training is the person's, tier and commission are the partner's."""

    as_of: Time
    cursor: Cursor
    training: Training
    tier: Tier
    commission: Commission
    next_step: NextStep | None = Field(description="Null when nothing can be raised and nothing need be kept.")


class Preview(Standing):
    """The same after what was asked about, and the difference. Nothing is changed by asking."""

    difference: Effect


class PartnerStanding(Schema):
    """A partner as it stood at an instant, by the facts that counted up to it."""

    as_of: Time
    cursor: Cursor
    partner: PartnerShort
    tier: Tier
    commission: Commission
