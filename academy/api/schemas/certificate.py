"""Certificates, as their holders and as strangers see them."""

from typing import Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from academy.api.schemas.values import Time

Status = Literal["valid", "expired", "revoked"]


class Credential(Schema):
    """What the certificate certifies."""

    id: UUID
    slug: str = Field(examples=["discovery-lead"])
    title: str = Field(examples=["Discovery lead"])
    advanced: bool = Field(description="Raises the commission rate while it is held.")


class Certificate(Schema):
    """A certificate of one's own."""

    serial: str = Field(pattern="^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$", examples=["7K2M-Q4ZD-0VXB"])
    title: str = Field(examples=["Discovery lead"])
    status: Status
    issued_at: Time
    expires_at: Time | None
    revoked_at: Time | None
    revoked_reason: str | None
    credential: Credential
    url: str = Field(description="Its public page.", examples=["/certificates/7K2M-Q4ZD-0VXB"])


class Certificates(Schema):
    """One's certificates, newest first; those renewed stay."""

    items: list[Certificate]
    next: str | None


class Proof(Schema):
    """What was proved."""

    summary: str
    advanced: bool
    version: int = Field(description="Of the rule by which it was issued.")
    modules: list[str] = Field(description="The modules that were passed, by title.")


class Verified(Schema):
    """What anybody may know of a certificate."""

    valid: bool
    status: Status
    serial: str
    title: str
    issued_at: Time
    expires_at: Time | None
    facts: Proof
    person: str | None = Field(default=None, description="The holder's name, only with the holder's consent.")
