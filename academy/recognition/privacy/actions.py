"""Forgetting what was written about somebody's certificates, while the certificates stay."""

from uuid import UUID

from academy.recognition.certificates.models import Certificate

FORGOTTEN = "-"
"""In the place of a reason; the row must show that there was one."""


def forget_person(person_id: UUID, addresses: list[str]) -> None:
    """Take away why a certificate was revoked. Its number, times and credential stay: they rest on facts."""
    Certificate.objects.filter(person_id=person_id).exclude(revoked_reason="").update(revoked_reason=FORGOTTEN)
