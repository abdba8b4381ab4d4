"""/certificates: what anybody may check of a certificate, and the shapes of one's own."""

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router

from academy.api.callers import anyone, caller_of, now_of
from academy.api.operations import says
from academy.api.schemas.certificate import (
    Certificate,
    Certificates,
    Credential,
    Proof,
    Status,
    Verified,
)
from academy.core.errors import NotFound
from academy.core.pagination import page_of_all
from academy.learning.catalog.queries import module_titles
from academy.people.permissions.access import allow
from academy.recognition.certificates import queries
from academy.recognition.certificates.models import Certificate as Row
from academy.recognition.credentials.rules import status

router = Router(tags=["Certificates"], auth=anyone)

Serial = Annotated[str, Path(pattern="^[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}$", examples=["7K2M-Q4ZD-0VXB"])]


@router.get(
    "/certificates/{serial}",
    response=Verified,
    exclude_unset=True,
    operation_id="verify_certificate",
    summary="Check a certificate",
    openapi_extra=says("certificate.verify", 404),
)
def verify(request: HttpRequest, serial: Serial) -> Verified:
    """Whether a certificate is valid and what it proves. Needs no sign-in; the name only with the holder's consent."""
    allow(caller_of(request).actor, "certificate.verify")
    found = queries.by_serial(serial)
    if found is None:
        raise NotFound("There is no certificate with this number. Compare it with the paper once more.")
    state = status(expires_at=found.expires_at, revoked_at=found.revoked_at, at=now_of(request))
    told = Verified(
        valid=state == "valid",
        status=cast(Status, state),
        serial=found.serial,
        title=found.credential.title,
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        facts=Proof(
            summary=found.credential.summary,
            advanced=found.credential.advanced,
            version=found.version.number,
            modules=_titles(queries.proved(found.pk)),
        ),
    )
    if found.person.shows_name and found.person.is_active and found.person.name:
        told.person = found.person.name
    return told


def _titles(modules: list[UUID]) -> list[str]:
    """What the modules are called today, in a steady order."""
    return sorted(one.title for one in module_titles(modules))


def of_person(person: UUID, *, cursor: str | None, limit: int, now: datetime) -> Certificates:
    """A person's own certificates, newest first."""
    cut = page_of_all(list(queries.of_person(person)), cursor, limit, lambda one: one.serial)
    return Certificates(items=[_own(one, now) for one in cut.items], next=cut.next)


def _own(one: Row, now: datetime) -> Certificate:
    return Certificate(
        serial=one.serial,
        title=one.credential.title,
        status=cast(Status, status(expires_at=one.expires_at, revoked_at=one.revoked_at, at=now)),
        issued_at=one.issued_at,
        expires_at=one.expires_at,
        revoked_at=one.revoked_at,
        revoked_reason=one.revoked_reason or None,
        credential=Credential(
            id=one.credential_id,
            slug=one.credential.slug,
            title=one.credential.title,
            advanced=one.credential.advanced,
        ),
        url=f"/certificates/{one.serial}/",
    )
