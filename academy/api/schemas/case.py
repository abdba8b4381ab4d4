"""Cases: two partners' deals with one client, for the house that decides."""

from enum import StrEnum
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.deal import Deal, Reason
from academy.api.schemas.values import Given, Time, YesNo


class CaseOutcome(StrEnum):
    """How a case ended: by a person's word, or because nothing was left to decide."""

    GRANTED = "granted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    WON = "won"
    FREED = "freed"


class ClientCase(Schema):
    """Two partners' deals with one client. Names two partners, so it is for the house alone."""

    id: UUID
    deal: Deal = Field(description="The later one, which waits.")
    against: Deal = Field(description="The earlier one.")
    opened_at: Time
    decide_by: Time
    decided_at: Time | None = Field(description="Null while it is open.")
    decided_by: str | None = Field(description="Null where it ended by itself.", examples=["Mara Manager"])
    outcome: CaseOutcome | None = Field(
        description="`granted` or `refused` by a person; `given_up` or `won`: so ended the later deal; `freed`: the "
        "earlier one is no longer in the way."
    )
    reason: str = Field(examples=["They met the client in June."])


class ClientCases(Schema):
    """Cases, the oldest first."""

    items: list[ClientCase]
    next: str | None = Field(description="Ask with it as `cursor` for those after these; null at the end.")


class CaseDecision(Given):
    """A person's word about a case."""

    granted: YesNo = Field(
        description="True accepts the later deal beside the earlier one; false refuses it.", examples=[False]
    )
    reason: Reason = Field(default="", description="Needed to refuse it: the later deal's partner reads it.")
