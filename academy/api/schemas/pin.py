"""A tier by a person's word: pinned until a day, or a rise that waits to be confirmed."""

from datetime import date
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.person import PartnerShort
from academy.api.schemas.values import NO_NUL, SLUG, Given, GivenDay, Time

TierSlug = Annotated[str, StringConstraints(pattern=SLUG, max_length=60), Field(examples=["gold"])]


class TierPin(Schema):
    """At least this tier is held, whatever is measured."""

    tier: str = Field(examples=["gold"])
    name: str = Field(description="As the plan of today calls it.", examples=["Gold"])
    until: date = Field(description="The last day on which it is held, in the programme's zone.")
    reason: str = Field(examples=["Their founder is on leave."])
    pinned_at: Time
    pinned_by: str | None = Field(description="Null for the house itself.", examples=["Mara Manager"])
    is_over: bool = Field(description="Whether its last day is past.")


class PartnerPin(Schema):
    """The pin of a partner."""

    pin: TierPin | None = Field(description="Null where none was made, or it was taken back.")


class Pinning(Given):
    """A pin to make. It replaces the one before it."""

    tier: TierSlug
    until: GivenDay = Field(le=date(9000, 1, 1), description="The last day on which it is held, within two years.")
    reason: Annotated[str, StringConstraints(pattern=NO_NUL, strip_whitespace=True, min_length=1, max_length=500)] = (
        Field(description="For the next of the house who asks.", examples=["Their founder is on leave."])
    )


class Promotion(Schema):
    """A rise that waits for a person's word."""

    partner: PartnerShort
    tier: str = Field(examples=["gold"])
    name: str = Field(examples=["Gold"])
    since: Time | None = Field(description="When it was met; null where that was not kept yet.")
    confirm_by: date | None = Field(description="By when the partner was promised an answer.")


class Promotions(Schema):
    """What waits, longest first."""

    items: list[Promotion]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class Confirming(Given):
    """The rise that is confirmed."""

    tier: TierSlug = Field(description="The tier that waits.")


class Confirmed(Schema):
    """That a partner has risen."""

    partner: PartnerShort
    tier: str = Field(examples=["gold"])
    name: str = Field(examples=["Gold"])
    since: Time = Field(description="It counts for deals won from then on.")
