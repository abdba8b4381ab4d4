"""How one wants to be told: by kind of notice, and in which hours no mail goes out."""

from enum import StrEnum
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.values import Given

Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Cadence(StrEnum):
    """How often one is mailed about a kind."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    OFF = "off"


class QuietHours(Given):
    """From when until when no mail goes out, on one's own clock. They may run over midnight."""

    begins: Clock = Field(examples=["21:00"])
    ends: Clock = Field(examples=["07:00"])


class Preference(Schema):
    """How one is mailed about a kind of notice. The inbox has all of them, whatever is mailed."""

    kind: str = Field(examples=["tier.changed"])
    topic: str = Field(examples=["tier"])
    label: str = Field(examples=["Your tier changed"])
    mail: Cadence
    always: bool = Field(description="Whether it is mailed at once whatever one chooses.")
    why: str = Field(description="Why nobody can switch it off; empty where one can.")


class Preferences(Schema):
    """All that one chooses about being told."""

    mail: list[Preference] = Field(description="The kinds that can reach one.")
    quiet: QuietHours | None = Field(description="Null without quiet hours.")


class Choosing(Given):
    """How one wants to be told from now on."""

    mail: dict[str, Cadence] = Field(
        default_factory=dict,
        max_length=100,
        description="By kind. What is left out stays as it was chosen before.",
        examples=[{"tier.changed": "daily"}],
    )
    quiet: QuietHours | None = Field(description="Null for none.")
