"""Notices, and mail that comes back."""

from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from academy.api.schemas.values import NO_NUL, Given, Time, Words


class Notice(Schema):
    """What somebody was told: the same words as on the page and in the mail."""

    id: UUID
    kind: str = Field(examples=["tier.changed"])
    title: str = Field(examples=["You are now Gold"])
    sentence: str = Field(examples=["Gold, was Silver · an advanced certificate · since 24 Nov."])
    url: str = Field(description="Where one sees more: a path of this server.", examples=["/certificates/"])
    partner: UUID | None = Field(description="The partner that it is about, if it is about one.")
    created_at: Time
    read_at: Time | None = Field(description="Null while it is unread.")


class Notices(Schema):
    """A page of notices, newest first."""

    items: list[Notice]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class Reading(Given):
    """Which of one's notices are read."""

    ids: Annotated[list[UUID], Field(max_length=100)] | None = Field(
        None, description="Of your own notices; others are left alone. Null or left out: all of them."
    )


class Unread(Schema):
    """What is left to read."""

    unread: int = Field(ge=0, examples=[3])


class ReturnGiven(Given):
    """A mail provider's word that mail to an address came back for good."""

    address: Annotated[str, StringConstraints(pattern=NO_NUL, max_length=254)] = Field(examples=["anna@example.com"])
    reason: Words = Field("", description="What was said of it; the person reads it.", examples=["550 no such box"])


class ReturnKept(Schema):
    """The address as it is kept."""

    address: str = Field(examples=["anna@example.com"])
